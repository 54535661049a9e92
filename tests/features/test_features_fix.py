"""What a fix is asked with, and what its title says about it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_debugger.core.ask import Problem, Replacement
from lsp_debugger.core.text import Span
from lsp_debugger.features.fix import ask, change_words, changed_lines, combined, titled

OLD = """\
import os


def total(prices):
    return sum(prise)


class Till:
    def add(self, price):
        self.prices.append(price)
"""


def check(old: str, new: str, said: str, *, path: str = "app.py") -> None:
    assert change_words({path: old}, {path: new}) == said


def test_imports_are_called_imports() -> None:
    check(OLD, f"import sys\n{OLD}", "add missing import")
    check(OLD, OLD.replace("import os", "import sys"), "change an import")
    check(OLD, OLD.replace("import os\n", ""), "remove an import")
    check(
        'import a from "a";\na();\n',
        'import a from "a";\nimport b from "b";\na();\n',
        "add missing import",
        path="a.ts",
    )


def test_one_function_is_called_by_its_name() -> None:
    check(OLD, OLD.replace("prise", "prices"), "change total")
    check(OLD, OLD.replace("append(price)", "append(float(price))"), "change Till.add")
    check(
        OLD,
        OLD.replace("    return sum(prise)\n", "    found = prices\n    return sum(found)\n"),
        "change total",
    )


def test_a_function_that_comes_or_goes_is_added_or_removed() -> None:
    more = "import sys\n" + OLD + "\n\ndef mean(prices):\n    return 1\n"
    check(OLD, more, "add mean")
    check(more, OLD, "remove mean")
    check(OLD, OLD.replace("prise", "prices").replace("import os", "import sys"), "change total")


def test_elsewhere_lines_are_counted() -> None:
    check("a = 1\n", "a = 2\n", "change a line")
    check("a = 1\nb = 1\n", "a = 2\nb = 2\n", "change 2 lines")
    check("# A\n", "# B\n# C\n", "change 2 lines", path="notes.unknown")
    check("not a language(\n", "not b language(\n", "change a line")
    everywhere = OLD.replace("prise", "prices").replace("append(price)", "append(0)")
    check(OLD, everywhere, "change 2 lines")


def test_files_are_counted_named_added_and_removed() -> None:
    assert change_words({}, {"tests/test_a.py": "x"}) == "add test_a.py"
    assert change_words({"a/b.py": "x"}, {"a/b.py": None}) == "remove b.py"
    assert change_words({"a": "x", "b": "x"}, {"a": "y", "b": "y"}) == "change 2 files"
    assert change_words({"a.py": "x = 1\n", "b": "x"}, {"a.py": "x = 2\n", "b": "x"}) == "change a line"


def test_lines_end_where_the_protocol_says() -> None:
    assert changed_lines("a\x0cb\nc\n", "a\x0cb\nd\n\n") == ([1], [1])
    assert titled("change total", "parses") == "Fix: change total (parses)"


PROBLEM = Problem("Undefined name `x`", code="F821", path="/w/a.py", line=3)


@pytest.mark.parametrize(
    "problem", [Problem(" ", path="/w/a.py"), Problem("m"), Problem("m", path="/w/a.py", stale=True)]
)
def test_without_a_text_of_now_there_is_nothing_to_ask(problem: Problem) -> None:
    assert ask(problem) is None


def test_a_task_for_every_place_names_them_once() -> None:
    one, several = ask(PROBLEM), ask(PROBLEM, (9, 3, 5))
    assert one is not None
    assert several is not None
    assert one.wants_patch
    assert "lines" in several.task
    assert "3, 5, 9 of this file" in several.task
    assert several.task.startswith(one.task)


def put(start: int, end: int, text: str) -> Replacement:
    return Replacement(Span(start, end), text)


@pytest.mark.parametrize(
    ("edits", "text"),
    [
        ([(put(0, 1, "A"),), (put(2, 3, "C"),)], "AbCd"),
        ([(put(0, 0, "import x;"),), (put(0, 0, "import x;"),)], "import x;abcd"),
        ([(put(0, 2, "1"),), (put(1, 3, "2"),), (put(3, 4, "3"),)], "1c3"),
        ([(put(0, 1, "1"), put(3, 4, "4")), (put(1, 2, "2"), put(3, 4, "9"))], "1bc4"),
    ],
)
def test_edits_are_combined_as_wholes(edits: list[tuple[Replacement, ...]], text: str) -> None:
    assert combined("abcd", edits) == text


@given(
    st.lists(st.tuples(st.integers(0, 8), st.integers(0, 3), st.sampled_from(["", "X", "YY"])), max_size=6)
)
def test_combined_edits_keep_what_none_of_them_names(given_edits: list[tuple[int, int, str]]) -> None:
    text = "abcdefgh"
    edits = [(put(start, min(start + length, 8), new),) for start, length, new in given_edits]
    after = combined(text, edits)
    named = {offset for [each] in edits for offset in range(each.span.start, each.span.end)}
    kept = [letter for offset, letter in enumerate(text) if offset not in named]
    assert [letter for letter in after if letter in kept] == kept
