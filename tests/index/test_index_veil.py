"""A blind index answers as a plain one does, and holds no text."""

from __future__ import annotations

import re
import shutil
import sysconfig
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_debugger.index.chunk import chunk_file
from lsp_debugger.index.desk import Desk
from lsp_debugger.index.rows import FileChunks, Mark
from lsp_debugger.index.store import Store
from lsp_debugger.index.veil import Plain, Veil, fingerprint_of
from lsp_debugger.index.worker import embedded

KEY = bytes(range(32))
ODD = {
    "it's 漢.py": "class Café:\n    def größe(self):\n        return 'naïve ' + 'x' * 3\n",
    "long.py": f"{'very' * 40} = 1\nshort_one = 2\n",
    "notes.md": "# getUserName\n\nwindows of lines are for what no grammar reads\n" * 30,
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("project") / "root"
    (base / "lib").mkdir(parents=True)
    (base / "tests").mkdir()
    stdlib = Path(sysconfig.get_paths()["stdlib"])
    for name in "argparse ast bdb calendar cmd csv gzip heapq shlex tokenize".split():  # noqa: SIM905
        shutil.copy(stdlib / f"{name}.py", base / "lib")
    for path, text in ODD.items():
        (base / path).write_text(text)
    test = "import shlex\nfrom lib import csv\n\ndef test_split(): shlex.split('a')\n"
    (base / "tests" / "test_shlex.py").write_text(test)
    return base


def desk_of(root: Path, state: Path, key: bytes) -> Desk:
    """As the worker makes one, without its process."""
    opening: dict[str, Any] = {
        "root": str(root),
        "directory": str(state / "workspaces" / "root" / "index"),
        "never_index": [],
        "known_values": [],
        "watches": False,
        "because": "need",
        "memory_bytes": 2**30,
        "disk_bytes": 0,
        "background": False,
        "key": key.hex(),
        "embeddings": "off",
        "serving": {},
    }
    desk = Desk(opening, lambda _: None, partial(embedded, opening))
    desk.keeper.open()
    desk.keeper._holding.sync.scan()  # type: ignore[union-attr]
    return desk


@pytest.fixture(scope="module")
def desks(root: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Desk, Desk, Path]:
    base = tmp_path_factory.mktemp("state")
    return desk_of(root, base / "plain", b""), desk_of(root, base / "blind", KEY), base / "blind"


def asked(desk: Desk, text: str, **rest: object) -> list[dict[str, Any]]:
    query = {"text": text, "path": None, "identifiers": [], "frames": [], "exclude_tests": False, **rest}
    return desk.search({**query, "top_k": 10})["hits"]


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("split a shell line into words with quotes", {}),
        ("ValueError in parse_args of ArgumentParser: unrecognized arguments", {}),
        ("tests/test_shlex.py::test_split failed", {"path": "tests/test_shlex.py"}),
        ("getUserName größe cafe", {}),
        ("heappush month dialect", {"identifiers": ["heappush", "monthrange"], "exclude_tests": True}),
        ("_read_eof", {"frames": [["lib/gzip.py", 100], ["lib/csv.py", 60]]}),
        ("very" * 40, {}),
        ("", {}),
    ],
)
def test_the_hits_are_those_of_a_plain_index(
    desks: tuple[Desk, Desk, Path], text: str, rest: dict[str, object]
):
    plain, blind, _ = desks
    expected = asked(plain, text, **rest)
    found = asked(blind, text, **rest)
    for hits in (expected, found):
        for hit in hits:
            hit["score"] = round(hit["score"], 5)
    assert found == expected
    assert expected or not text.strip() or text.startswith("very")


def test_nothing_of_the_text_is_on_the_disk(desks: tuple[Desk, Desk, Path]):
    plain, blind, directory = desks
    stored = b"".join(path.read_bytes() for path in directory.rglob("*") if path.is_file())
    assert stored
    for word in ("heappush", "monthrange", "unrecognized", "größe", "Café", "dialect", "getusername"):
        assert asked(plain, word), word
        assert word.encode() not in stored
        assert word.lower().encode() not in stored
    assert blind.keeper.store.count_rows() == plain.keeper.store.count_rows()
    columns = ("text", "literals", "imports")
    rows = blind.keeper.store.rows_of(blind.keeper.numbered_paths()[1]).to_pylist()
    assert not any(row[name] for row in rows for name in columns)
    names = {part for row in rows for part in row["qualname"].split(".") if part}
    assert names
    assert all(re.fullmatch("[a-z2-7]{13}", name) for name in names)


def test_every_row_is_right(desks: tuple[Desk, Desk, Path]):
    for desk in desks[:2]:
        counts = desk.keeper.verify()
        assert counts["right"] > 10
        assert sum(counts.values()) == counts["right"]


def test_a_file_that_changed_is_not_shown_and_an_unsaved_text_is(root: Path, tmp_path: Path):
    shutil.copytree(root, tmp_path / "copy")
    blind = desk_of(tmp_path / "copy", tmp_path / "state", KEY)
    place = tmp_path / "copy" / "lib" / "heapq.py"
    assert asked(blind, "heappush")[0]["path"] == "lib/heapq.py"
    place.write_text("# moved\n" + place.read_text())
    assert not any(hit["path"] == "lib/heapq.py" for hit in asked(blind, "heappush"))
    blind.changed({"path": str(place), "text": "def heappush_unsaved(): return heappush\n"})
    (hit,) = [hit for hit in asked(blind, "heappush unsaved") if hit["path"] == "lib/heapq.py"]
    assert hit["text"].startswith("def heappush_unsaved")


def test_another_form_or_key_makes_the_table_anew(tmp_path: Path):
    def opened(key: bytes) -> Store:
        form = Veil(key) if key else Plain()
        return Store.open(tmp_path, fingerprint_of("rules", key), writable=True, form=form)

    for key in (b"", KEY, b"k" * 32, b""):
        store = opened(key)
        assert store.count_rows() == 0
        chunks = tuple(chunk_file("a.py", "def heappush(): pass\n", "1"))
        store.replace([FileChunks("a.py", Mark("1", 1, 1), chunks)])
        assert opened(key).count_rows() == 1
        on_disk = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
        assert (b"heappush" in on_disk) is (key == b"")


@given(st.text(), st.text())
def test_equal_words_alone_have_equal_hashes(one: str, other: str):
    veil = Veil(KEY)
    assert (veil.name(one) == veil.name(other)) is (one == other)
    assert veil.names([veil.name(one), "unknown"]) == (one,)
    assert Veil(b"k" * 32).name(one) != veil.name(one)


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch):
    from lsp_debugger.index import veil as veil_module

    monkeypatch.setattr(veil_module, "_MAX_REMEMBERED", 3)
    veil = Veil(KEY)
    hashes = [veil.name(str(number)) for number in range(5)]
    assert veil.names(hashes) == ("2", "3", "4")
