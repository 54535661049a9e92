"""Which patches are the same one, and which is shown first."""

from __future__ import annotations

import pytest

from lsp_debugger.core.patch import Applied
from lsp_debugger.verify.candidates import Candidate, changed, normalised, rank
from lsp_debugger.verify.verdict import Result, RungResult, Verdict

PASSED, FAILED, NOT_CHECKED = Result.PASSED, Result.FAILED, Result.NOT_CHECKED


@pytest.mark.parametrize(
    ("path", "one", "other"),
    [
        ("a.py", "x = f(1, 2)\n", "x = f(1,2)  # better\n"),
        ("a.py", "x = 'a'\n", 'x = "a"\n'),
        ("a.py", "if (a):\n    b()\n", "if a:\n        b()\n\n"),
        ("a.ts", "const x = f(1, 2);\n", "// better\nconst x = f(1,\n  2);\n"),
        ("a.js", "if (a) { b() }", "if (a) {\n  b() /* so */\n}"),
        ("a.txt", "one \ntwo", "one\ntwo\n"),
    ],
)
def test_the_same_code(path: str, one: str, other: str) -> None:
    assert normalised({path: one}) == normalised({path: other})


@pytest.mark.parametrize(
    ("path", "one", "other"),
    [
        ("a.py", "x = 1\n", "x = 2\n"),
        ("a.py", "if a:\n    b()\nc()\n", "if a:\n    b()\n    c()\n"),
        ("a.py", "x = 'a b'\n", "x = 'a  b'\n"),
        ("a.ts", "const x = 'a b';\n", "const x = 'a  b';\n"),
        ("a.js", "const x = `a ${b}`", "const x = `a  ${b}`"),
        ("a.txt", "one two", "one  two"),
        ("a.py", "x = (\n", "x = (1\n"),
    ],
)
def test_another_code(path: str, one: str, other: str) -> None:
    assert normalised({path: one}) != normalised({path: other})


def test_another_file_is_another_patch() -> None:
    assert normalised({"a.py": "x"}) != normalised({"b.py": "x"})
    assert normalised({"a.py": "x"}) != normalised({"a.py": "x", "b.py": None})


def candidate(
    *results: Result, new: str = "ab", flags: tuple[str, ...] = (), logprob: float | None = None
) -> Candidate:
    rungs = tuple(RungResult(str(number), result, "") for number, result in enumerate(results))
    return Candidate(Applied({"a.py": new}), Verdict(rungs, flags), {"a.py": "aa"}, False, logprob)


def test_best_first() -> None:
    expected = [
        candidate(PASSED, PASSED, PASSED),
        candidate(PASSED, PASSED, NOT_CHECKED, logprob=-0.1),
        candidate(PASSED, PASSED, NOT_CHECKED, logprob=-0.2),
        candidate(PASSED, PASSED, NOT_CHECKED),
        candidate(PASSED, PASSED, NOT_CHECKED, new="abc"),
        candidate(PASSED, NOT_CHECKED, NOT_CHECKED),
        candidate(PASSED, PASSED, PASSED, flags=("noqa",)),
        candidate(PASSED, PASSED, FAILED),
    ]
    backwards = expected[::-1]
    assert sorted(backwards, key=rank) == expected


def test_what_counts_as_changed() -> None:
    assert changed("a\nb\nc\n", "a\nb\nc\n") == 0
    assert changed("a\nbb\nc\n", "a\nccc\nc\n") == 5
    assert changed("", "new\n") == 3
