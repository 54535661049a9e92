"""One mistake that several tools find is told once: by the first of them in the listing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from lsp_debugger.checkers import c_twice
from lsp_debugger.checkers.checker import Checked
from lsp_debugger.core.ask import Problem

# Rules that find the same mistake. Only pairs where the places and the meaning agree.
_SAME: tuple[frozenset[str], ...] = (
    frozenset({"F821", "reportUndefinedVariable", "name-defined"}),
    frozenset({"F401", "reportUnusedImport"}),
    frozenset({"F841", "reportUnusedVariable"}),
    frozenset({"F811", "reportRedeclaration", "no-redef"}),
    frozenset({"B018", "reportUnusedExpression"}),
    frozenset({"B008", "reportCallInDefaultInitializer"}),
    frozenset({"invalid-syntax", "syntax"}),
    frozenset({"printf", "SA5009"}),
    frozenset({"sigchanyzer", "SA1017"}),
    frozenset({"structtag", "SA5008"}),
    frozenset({"testinggoroutine", "SA2002"}),
    frozenset({"unmarshal", "SA1014"}),
    frozenset({"unusedresult", "SA4017"}),
    frozenset({"waitgroup", "SA2000"}),
    frozenset({"BrokenImport"}),  # Go's tools name what is missing in words of their own
    *c_twice.SAME,
    c_twice.BROKEN,
    *(
        frozenset({f"S{number}", f"B{number}"})
        for number in (*range(101, 114), 201, *range(301, 325), *range(501, 510), *range(601, 614), 701, 702)
    ),
)
_GROUP_OF = {code: number for number, codes in enumerate(_SAME) for code in codes}


def told_once(checked: Sequence[Checked]) -> list[Checked]:
    """Without problems that an earlier checker has on the same line of the same file, by an equal rule or in
    the same words.
    """
    seen = dict[tuple[str | None, int, int | str], str]()
    kept = list[Checked]()
    for each in checked:
        own = [problem for problem in each.problems if _is_first(problem, each.checker, seen)]
        kept.append(replace(each, problems=tuple(own)))
    return kept


def _is_first(problem: Problem, checker: str, seen: dict[tuple[str | None, int, int | str], str]) -> bool:
    """Where no rules are known to be equal, the same words are: of one compiler or analyzer in two tools."""
    same = _GROUP_OF.get(problem.code, problem.message)
    line = 0 if problem.code in c_twice.BROKEN else problem.line
    return seen.setdefault((problem.path, line, same), checker) == checker
