"""The in-memory map of names."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_debugger.core.ports import Symbols
from lsp_debugger.core.text import Snapshot
from lsp_debugger.syntax.likeness import likeliest, sketch_of, sketches
from lsp_debugger.syntax.symbols import SymbolMap

SHOP = '''import json
from shop.money import Money as Cash

TAX_RATE: float = 0.19

class Basket:
    """What a customer wants."""

    limit = 10

    @property
    def total_price(self) -> Cash:
        return sum(item.price for item in self.items)

def load_basket(file_name):
    with open(file_name) as handle:
        return json.load(handle)
'''


def map_of(**texts: str) -> SymbolMap:
    symbols = SymbolMap()
    for path, text in texts.items():
        symbols.update(Snapshot(f"file:///{path}", text, 1, f"/w/{path.replace('__', '/')}.py", "python"))
    return symbols


def found(symbols: Symbols, name: str, near: str | None = None) -> list[str]:
    return [
        f"{d.path}:{d.start_line}-{d.end_line} {d.kind} {d.qualname} | {d.signature}"
        for d in symbols.definitions(name, near)
    ]


def test_definitions_have_place_kind_and_signature():
    symbols = map_of(shop=SHOP)
    assert found(symbols, "total_price") == [
        "/w/shop.py:11-13 method Basket.total_price | @property def total_price(self) -> Cash:"
    ]
    assert found(symbols, "Basket.limit") == ["/w/shop.py:9-9 variable Basket.limit | limit = 10"]
    assert found(symbols, "TAX_RATE") == ["/w/shop.py:4-4 variable TAX_RATE | TAX_RATE: float = 0.19"]
    assert found(symbols, "Cash")[0].startswith("/w/shop.py:2-2 import Cash")
    assert found(symbols, "Other.limit") == []
    assert symbols.definitions("load_basket")[0].text.startswith("def load_basket(file_name):\n")


def test_the_nearest_comes_first_and_imports_last():
    symbols = map_of(a__x="def go(): pass\n", a__b__y="from a.x import go\n", c__z="def go(): pass\n")
    paths = [definition.path for definition in symbols.definitions("go", near="/w/a/b/y.py")]
    assert paths == ["/w/a/x.py", "/w/c/z.py", "/w/a/b/y.py"]
    assert found(symbols, "go", near="/w/c/q.py")[0].startswith("/w/c/z.py")


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("load_baskt", "load_basket"),
        ("loadBasket", "load_basket"),
        ("file_nmae", "file_name"),
        ("Baskett", "Basket"),
        ("pritn", "print"),
        ("jsno", "json"),
        ("TAX_RATES", "TAX_RATE"),
    ],
)
def test_similar_names(wrong: str, right: str):
    assert map_of(shop=SHOP).similar(wrong, near="/w/shop.py")[0] == right


def test_nothing_similar_is_an_empty_answer():
    symbols = map_of(shop=SHOP)
    assert list(symbols.similar("zzyzx", near="/w/shop.py")) == []
    assert list(symbols.similar("file_nmae")) == []  # a local name of a file that is not near
    assert list(symbols.similar("load_baskt", limit=0)) == []
    assert "Basket" not in symbols.similar("Basket", near="/w/shop.py")


def test_an_update_replaces_and_forget_removes():
    symbols = map_of(shop=SHOP)
    symbols.update(Snapshot("file:///shop", "def other(): pass\n", 2, "/w/shop.py", "python"))
    assert found(symbols, "load_basket") == []
    assert len(found(symbols, "other")) == 1
    symbols.forget("/w/shop.py")
    symbols.forget("/w/never-seen.py")
    assert found(symbols, "other") == []
    assert list(symbols.similar("othr")) == []


def test_memory_is_bounded_by_files_and_characters():
    symbols = SymbolMap(max_files=3, max_chars=1000)
    for number in range(10):
        symbols.update(Snapshot("u", f"def f{number}(): pass\n", 1, f"/w/{number}.py"))
    assert [len(found(symbols, f"f{number}")) for number in range(10)] == [0] * 7 + [1] * 3
    symbols.update(Snapshot("u", "def big(): pass\n" + "#" * 990, 1, "/w/big.py"))
    symbols.update(Snapshot("u", "def bigger(): pass\n" + "#" * 1000, 1, "/w/bigger.py"))
    assert len(found(symbols, "bigger")) == 0


def test_broken_text_and_unknown_languages_are_taken():
    symbols = SymbolMap()
    symbols.update(Snapshot("untitled:1", "def ok(): pass\ndef (((\n\ud800", 1, None, "python"))
    symbols.update(Snapshot("untitled:2", "MOVE A TO B", 1, None, "cobol"))
    assert found(symbols, "ok")[0].startswith("untitled:1:1-1 function ok")


def test_updates_and_look_ups_from_several_threads():
    symbols = SymbolMap(max_files=5)
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for turn in range(60):
                path = f"/w/{(number * 7 + turn) % 9}.py"
                symbols.update(Snapshot("u", f"def f{turn % 5}(): pass\n", turn, path))
                symbols.definitions("f1", near=path)
                symbols.similar("f2x", near=path)
                symbols.forget(path)
        except BaseException as exc:  # noqa: BLE001 - what happens in a thread is reported by the test
            failures.append(exc)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


NAMES = st.text(alphabet="abcxyz_AB", min_size=5, max_size=12).filter(lambda name: name.strip("_"))


@given(NAMES, st.lists(NAMES, max_size=20), st.data())
def test_one_slip_is_always_found(name: str, others: list[str], data: st.DataObject):
    cut = data.draw(st.integers(0, len(name) - 1))
    slipped = name[:cut] + "q" + name[cut + 1 :]
    if slipped == name or sum(letter != "_" for letter in slipped) < 3:
        return
    group = sketches([name, *others])
    assert name in likeliest(slipped, [group], limit=100)
    assert sketch_of(name) == group[name]
