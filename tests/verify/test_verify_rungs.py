"""Single rungs: broken syntax in short and long files, and checkers of which one says nothing any more."""

from __future__ import annotations

import pytest

from lsp_debugger.core.ask import Problem
from lsp_debugger.syntax.tree import MAX_TEXT_CHARS
from lsp_debugger.verify.compiling import MAX_CHARS_HERE, compiles
from lsp_debugger.verify.rungs import Found, finding_rung, others_rung, syntax_rung
from lsp_debugger.verify.verdict import Result

LONG = "x = 1\n" * MAX_CHARS_HERE  # a child compiles it


@pytest.mark.parametrize("text", ["x = 1\n", LONG, "", "# -*- coding: latin-1 -*-\nx = '\u00e9'\n" + LONG])
def test_what_python_takes(text: str) -> None:
    assert compiles(text) is True


@pytest.mark.parametrize("text", ["x = (\n", LONG + "x = (\n", "x = '\0'\n", LONG + "return 1\n"])
def test_what_python_does_not_take(text: str) -> None:
    assert compiles(text) is False


def test_a_compiler_that_ends_by_itself_says_nothing() -> None:
    assert compiles("x = " + "-" * 4_000_000 + "1\n") is not True


@pytest.mark.parametrize(
    ("path", "old", "new", "result", "said"),
    [
        ("a.py", LONG, LONG + "y = 2\n", Result.PASSED, "parses"),
        ("a.py", LONG, LONG + "y = (\n", Result.FAILED, "a.py would not parse"),
        ("a.py", "y = (\n", "y = ((\n", Result.NOT_CHECKED, "a.py does not parse, as before"),
        ("a.py", "x = 1\n" * 400_000, "x = 1\n" * 400_000 + "y = (\n", Result.FAILED, "a.py would not parse"),
        ("a.ts", "let x = 1", "let x = 2", Result.PASSED, "parses"),
        ("a.ts", "let x = 1", "let x = (", Result.FAILED, "a.ts would not parse"),
        (
            "a.ts",
            "let x = 1",
            "//" + "x" * MAX_TEXT_CHARS,
            Result.NOT_CHECKED,
            "a.ts is too large to be parsed here",
        ),
        ("a.zig", "x", "y", Result.NOT_CHECKED, "no grammar for .zig here"),
        ("Dockerfile", "x", "y", Result.NOT_CHECKED, "no grammar for Dockerfile here"),
    ],
    ids=[
        "long",
        "long and broken",
        "was broken",
        "very long",
        "script",
        "broken script",
        "huge",
        "zig",
        "docker",
    ],
)
def test_syntax(path: str, old: str, new: str, result: Result, said: str) -> None:
    found = syntax_rung({path: old}, {path: new})
    assert (found.result, found.said) == (result, said)


RUFF = Problem("Undefined name `x`", source="ruff", code="F821", path="/w/a.py")
MYPY = Problem("Incompatible types", source="mypy", code="assignment", path="/w/a.py")
BOTH = frozenset({"ruff", "mypy"})
CRASHED = Found((), frozenset({"ruff"}), {"mypy": "mypy ended with exit code 2"}, frozenset({"mypy"}))


@pytest.mark.parametrize(
    ("before", "after", "finding", "others"),
    [
        (Found((RUFF,), BOTH), Found((), BOTH), "F821 gone", ""),
        (Found((RUFF,), BOTH), Found((MYPY,), BOTH), "brings assignment in a.py", ""),
        (Found((RUFF,), BOTH), CRASHED, "F821 gone", "mypy ended with exit code 2"),
        # What it says now is no news where it said nothing before.
        (
            Found((RUFF,), CRASHED.ran, CRASHED.not_run, CRASHED.broken),
            Found((MYPY,), BOTH),
            "F821 gone",
            "mypy ended with exit code 2",
        ),
        (
            Found((RUFF,), CRASHED.ran, CRASHED.not_run, CRASHED.broken),
            CRASHED,
            "F821 gone",
            "mypy ended with exit code 2",
        ),
        (
            Found((RUFF,), BOTH),
            Found((), frozenset({"ruff"}), {"mypy": "mypy: no mypy here"}),
            "F821 gone",
            "mypy: no mypy here",
        ),
    ],
)
def test_a_checker_that_fails_is_no_checker_that_is_content(
    before: Found, after: Found, finding: str, others: str
) -> None:
    assert finding_rung(RUFF, before, after).said == finding
    found = others_rung(before, after)
    assert (found.result, found.said) == (Result.NOT_CHECKED if others else Result.PASSED, others)


def test_the_checker_that_raised_it_and_fails_now_says_why() -> None:
    found = finding_rung(MYPY, Found((MYPY,), BOTH), CRASHED)
    assert (found.result, found.said) == (Result.NOT_CHECKED, "mypy ended with exit code 2")
