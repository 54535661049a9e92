"""One mistake, found by several tools, is told once."""

from __future__ import annotations

from pathlib import Path

import pytest

from lsp_debugger.checkers import Checked
from lsp_debugger.checkers.twice import told_once
from lsp_debugger.core.ask import Problem


def found(checker: str, *problems: tuple[str, int]) -> Checked:
    made = tuple(
        Problem(f"{checker} says {code}", source=checker, code=code, path="/w/a.py", line=line)
        for code, line in problems
    )
    return Checked(checker, Path("/w"), made)


def told(*checked: Checked) -> list[str]:
    return [
        f"{each.checker} {problem.code}:{problem.line}"
        for each in told_once(checked)
        for problem in each.problems
    ]


@pytest.mark.parametrize(
    ("checked", "expected"),
    [
        ([found("ruff", ("F821", 3)), found("pyright", ("reportUndefinedVariable", 3))], ["ruff F821:3"]),
        (
            [found("ruff", ("F821", 3)), found("pyright", ("reportUndefinedVariable", 4))],
            ["ruff F821:3", "pyright reportUndefinedVariable:4"],
        ),
        ([found("ruff", ("F821", 3), ("F821", 3))], ["ruff F821:3", "ruff F821:3"]),
        (
            [found("ruff", ("S603", 3)), found("bandit", ("B603", 3), ("B602", 3))],
            ["ruff S603:3", "bandit B602:3"],
        ),
        # Equal numbers of other tools are other rules.
        (
            [found("ruff", ("F401", 3)), found("mypy", ("name-defined", 3))],
            ["ruff F401:3", "mypy name-defined:3"],
        ),
        ([found("a", ("X1", 3)), found("b", ("X1", 3))], ["a X1:3", "b X1:3"]),
    ],
)
def test_told_once(checked: list[Checked], expected: list[str]):
    assert told(*checked) == expected


def test_other_files_are_other_places():
    other = Problem("m", source="pyright", code="reportUndefinedVariable", path="/w/b.py", line=3)
    assert len(told(found("ruff", ("F821", 3)), Checked("pyright", Path("/w"), (other,)))) == 2


def test_the_same_words_by_another_tool_are_one_mistake():
    one, other = (
        Problem("undefined: total", source=source, path="/w/a.go", line=3) for source in ("vet", "compiler")
    )
    checked = [Checked("go vet", Path("/w"), (one,)), Checked("gopls", Path("/w"), (other,))]
    assert [problem.source for each in told_once(checked) for problem in each.problems] == ["vet"]


def test_what_was_not_run_stays():
    refused = Checked("cargo", Path("/w"), reason="not run: it builds", hint="trust it")
    assert told_once([refused]) == [refused]
