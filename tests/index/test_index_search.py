"""Ranking over a real table: words first, structure as small bonuses, lines always true."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_debugger.core.material import Hit
from lsp_debugger.core.ports import Query
from lsp_debugger.core.text import LineIndex, Span
from lsp_debugger.index.chunk import chunk_file
from lsp_debugger.index.library import Library, Modules
from lsp_debugger.index.overlay import Overlay
from lsp_debugger.index.passages import Passage, hits_of, merge_neighbours, passages_in
from lsp_debugger.index.rows import FileChunks, Mark, candidate_of
from lsp_debugger.index.search import relative_to, search
from lsp_debugger.index.store import Store

SHOP = {
    "shop/__init__.py": "",
    "shop/money.py": '''"""Amounts and rates."""

RATE = 2


def convert(amount, rate):
    """Convert an amount of money to another currency."""
    return amount * rate


def round_up(amount):
    """Round an amount of money up to the next cent."""
    return amount + 1
''',
    "shop/basket.py": '''from shop.money import convert
from . import taxes


class Basket:
    def total(self):
        """Sum of all prices in this basket."""
        return convert(sum(self.prices), 2)
''',
    "shop/taxes.py": "def tax_of(amount):\n    return amount // 5\n",
    "shop/report.py": "def write_report(lines):\n    # currency amount money rate cent\n    return lines\n",
    "tests/test_money.py": """from shop.money import convert


def test_convert_amount():
    assert convert(1, 2) == 2
""",
    "web/app.ts": "import { render } from './view/page'\nexport function start() { render() }\n",
    "web/view/page.ts": "export const render = () => 'page'\n",
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = Store.open(tmp_path_factory.mktemp("index"), "one", writable=True)
    store.replace(
        [
            FileChunks(path, Mark(path, 1, 1), tuple(chunk_file(path, text, path)))
            for path, text in SHOP.items()
        ]
    )
    store.optimize()
    return store


def library(store: Store, overlay: Overlay | None = None) -> Library:
    return Library(store, overlay or Overlay(), lambda: (1, list(SHOP)))


def found(hits: list[Hit]) -> list[str]:
    return [f"{hit.fragment.path}:{hit.fragment.start_line}-{hit.fragment.end_line}" for hit in hits]


def test_words_find_the_function(shop: Store):
    hits = search(Query("convert money to a currency"), 3, library(shop))
    assert found(hits)[0] == "shop/money.py:6-13"  # both functions: neighbours are one passage
    assert hits[0].fragment.text.startswith("def convert(amount, rate):")
    assert hits[0].score == pytest.approx(1.0 + 0.2, abs=0.2)
    assert "words in common" in hits[0].why


def test_camel_case_meets_snake_case(shop: Store):
    assert found(search(Query("roundUp"), 1, library(shop)))[0].startswith("shop/money.py")


def test_lines_are_true_and_literals_lie_in_the_text(shop: Store):
    for query in ("amount money rate", "basket prices total", "render page", "import"):
        for hit in search(Query(query), 10, library(shop)):
            fragment = hit.fragment
            assert fragment.path is not None
            lines = LineIndex(SHOP[fragment.path])
            span = Span(
                lines.span_of(fragment.start_line - 1).start, lines.span_of(fragment.end_line - 1).end
            )
            assert fragment.text == span.of(SHOP[fragment.path]).rstrip()
            for literal in fragment.literals:
                assert literal.of(fragment.text)


def test_the_module_under_test_rises(shop: Store):
    query = Query("lines of amount, rate, cent and currency", path="tests/test_money.py")
    plain = search(Query(query.text), 1, library(shop))
    assert found(plain)[0].startswith("shop/report.py")
    hits = search(query, 3, library(shop))
    assert found(hits)[0].startswith("shop/money.py")
    assert {"named like the test", "imported"} <= set(hits[0].why)


def test_a_path_in_the_text_names_the_test_too(shop: Store):
    hits = search(Query("FAILED tests/test_money.py::test_convert_amount"), 5, library(shop))
    assert any("named like the test" in hit.why for hit in hits)


def test_definitions_named_in_the_query_rise(shop: Store):
    hits = search(Query("undefined", identifiers=("tax_of",)), 3, library(shop))
    assert found(hits)[0] == "shop/taxes.py:1-2"
    assert "defines tax_of" in hits[0].why


def test_frames_rise_by_depth(shop: Store):
    query = Query("oops", frames=(("shop/report.py", 2), ("shop/basket.py", 8), ("shop/taxes.py", 2)))
    hits = search(query, 3, library(shop))
    assert [hit.fragment.path for hit in hits] == ["shop/taxes.py", "shop/basket.py", "shop/report.py"]
    assert all("on the stack" in hit.why for hit in hits)


def test_the_source_of_a_test_on_the_stack_joins_the_query(shop: Store):
    trace = Query("AssertionError: oops", frames=(("tests/test_money.py", 5),), exclude_tests=True)
    first = search(trace, 5, library(shop))[0]
    assert (first.fragment.path, first.fragment.symbol) == ("shop/money.py", "convert")
    assert {"words in common", "in the test's name", "convert is imported"} <= set(first.why)
    assert search(replace(trace, frames=()), 5, library(shop)) == []


def test_tests_can_be_left_out(shop: Store):
    hits = search(Query("test convert amount", exclude_tests=True), 10, library(shop))
    assert hits
    assert not any(path.startswith("tests/") for path in found(hits))


def test_an_empty_query_finds_nothing_and_top_k_is_kept(shop: Store):
    assert search(Query(""), 5, library(shop)) == []
    assert search(Query("?? !!"), 5, library(shop)) == []
    assert len(search(Query("amount"), 1, library(shop))) == 1
    assert search(Query("amount"), 0, library(shop)) == []
    assert len(search(Query("amount " * 100_000), 2, library(shop))) == 2


def test_what_changed_since_is_not_shown(shop: Store):
    hits = search(
        Query("amount money"), 5, library(shop), lambda each: each if each.path != "shop/money.py" else None
    )
    assert hits
    assert not any(path.startswith("shop/money.py") for path in found(hits))


def test_unsaved_text_hides_the_rows_and_scores_like_them(shop: Store):
    query = Query("convert money to a currency")
    expected = search(query, 5, library(shop))
    overlay = Overlay()
    text = "# a new first line\n" + SHOP["shop/money.py"]
    overlay.put("shop/money.py", "new", chunk_file("shop/money.py", text, "new"))
    hits = search(query, 5, library(shop, overlay))
    fragment = hits[0].fragment
    assert text.splitlines()[fragment.start_line - 1 : fragment.end_line] == fragment.text.splitlines()
    assert "def convert" in fragment.text
    assert [hit.fragment.path for hit in hits] == [hit.fragment.path for hit in expected]
    for hit, other in zip(hits, expected, strict=True):
        assert hit.score == pytest.approx(other.score, rel=0.2)


def test_an_emptied_buffer_hides_its_file(shop: Store):
    overlay = Overlay()
    overlay.put("shop/money.py", "empty", [])
    hits = search(Query("amount money"), 5, library(shop, overlay))
    assert not any(path.startswith("shop/money.py") for path in found(hits))


def test_the_overlay_is_bounded():
    overlay = Overlay(max_files=2)
    for number in range(4):
        overlay.put(f"{number}.py", "h", chunk_file(f"{number}.py", "x = 1\n", "h"))
    assert list(overlay.paths) == ["2.py", "3.py"]
    overlay.drop("2.py")
    overlay.drop("2.py")
    assert overlay.hash_of("3.py") == "h"
    assert overlay.hash_of("2.py") is None


@pytest.mark.parametrize(
    ("module", "importer", "expected"),
    [
        ("shop.money", None, {"shop/money.py"}),
        ("money", None, {"shop/money.py"}),
        ("shop", None, {"shop/__init__.py"}),
        (".taxes", "shop/basket.py", {"shop/taxes.py"}),
        (".", "shop/basket.py", {"shop/__init__.py"}),
        ("..money", "shop/deep/x.py", {"shop/money.py"}),
        ("./view/page", "web/app.ts", {"web/view/page.ts"}),
        ("../app", "web/view/page.ts", {"web/app.ts"}),
        ("../../../../etc/app", "web/app.ts", set[str]()),
        ("os.path", None, set[str]()),
        ("", None, set[str]()),
    ],
)
def test_modules_are_resolved_by_path(module: str, importer: str | None, expected: set[str]):
    modules = Modules(lambda: (1, list(SHOP)))
    assert modules.resolve([module], importer) == expected


def test_paths_outside_of_the_root_drop_out_of_a_query():
    query = Query("x", path="/elsewhere/a.py", frames=(("/w/a.py", 1), ("/usr/lib/b.py", 2)))
    inside = relative_to(query, lambda path: path.removeprefix("/w/") if path.startswith("/w/") else None)
    assert (inside.path, inside.frames) == (None, (("a.py", 1),))


def passage(first: int, last: int, path: str = "a.py", score: float = 1.0) -> Passage:
    text = "\n".join(f"line {line} 'x'" for line in range(first, last + 1))
    literals = [Span(end - 1, end) for end in range(len(text)) if text[end] == "'" and text[end - 1] == "x"]
    return Passage(
        path, "python", "function", f"f{first}", first, last, text, literals, score, (f"why {first}",)
    )


@given(st.lists(st.tuples(st.integers(1, 40), st.integers(0, 30)), min_size=1, max_size=6))
def test_merging_keeps_every_line_and_literal(places: list[tuple[int, int]]):
    merged = merge_neighbours([passage(first, first + more) for first, more in places])
    covered = {line for each in merged for line in range(each.first, each.last + 1)}
    assert covered == {line for first, more in places for line in range(first, first + more + 1)}
    for each in merged:
        assert each.text == passage(each.first, each.last).text
        assert [span.of(each.text) for span in each.literals] == ["x"] * (each.last - each.first + 1)


def test_merging_has_a_limit_and_keeps_files_apart():
    assert len(merge_neighbours([passage(1, 100), passage(101, 200)])) == 2
    assert len(merge_neighbours([passage(1, 5), passage(6, 9, "b.py")])) == 2
    (hit,) = hits_of(merge_neighbours([passage(6, 9, score=0.5), passage(1, 5, score=0.9)]))
    assert (hit.score, hit.fragment.start_line, hit.fragment.end_line) == (0.9, 1, 9)
    assert hit.why == ("why 6", "why 1")


def test_a_remainder_shows_the_lines_that_answer():
    text = (
        "import json\n\n\ndef f():\n    pass\n\n\nCURRENCY = 'EUR'\n\n\ndef g():\n    pass\n\n\nOTHER = 1\n"
    )
    module = chunk_file("a.py", text, "h")[0]
    assert len(module.runs) == 3
    (one,) = passages_in(candidate_of(module, 1.0), 1.0, (), {"currency", "eur"})
    assert (one.first, one.text.rstrip()) == (8, "CURRENCY = 'EUR'")
    assert [span.of(one.text) for span in one.literals] == ["EUR"]
    (framed,) = passages_in(candidate_of(module, 1.0), 1.0, (), {"currency"}, [("a.py", 15)])
    assert framed.first == 15
    several = candidate_of(module, 1.0)
    assert len(passages_in(several, 1.0, (), {"currency", "eur", "1"})) == 2
    (best,) = passages_in(several, 1.0, (), {"currency", "eur", "1"}, limit=1)
    assert best.first == 8
    (first,) = passages_in(candidate_of(module, 1.0), 1.0, (), {"nothing"})
    assert first.first == 1
