"""The cards of what a checker found in one golden case."""

from __future__ import annotations

from pathlib import Path

from card_golden import GoldenCase, check
from card_project import Project, shown
from tool_golden import Reported

from lsp_debugger.cards.docs import RuleTexts
from lsp_debugger.core.ask import Card, Problem


async def cards_of(
    case: GoldenCase, reported: Reported, docs: RuleTexts
) -> list[tuple[Problem, Card, Project]]:
    """In the order of the findings."""
    project = Project(reported.root / case.folder, docs)
    made = list[tuple[Problem, Card, Project]]()
    for problem in reported.of(case):
        assert problem.path is not None
        snapshot = project.read(problem.path)
        made.append((problem, await project.card(problem, snapshot), project))
    return made


async def check_case(case: GoldenCase, reported: Reported, docs: RuleTexts) -> list[tuple[Problem, Card]]:
    """Compare the case's cards; returns them for what else is to be held of them.

    A case with cards is about the codes that they name; without any it is about all that is found.
    """
    found: dict[str, list[str]] = {}
    made = list[tuple[Problem, Card]]()
    for problem, card, project in await cards_of(case, reported, docs):
        snapshot = project.read(str(problem.path))
        start = problem.span.start if problem.span else snapshot.lines.span_of(problem.line - 1).start
        column = start - snapshot.lines.span_of(snapshot.lines.line_of(start)).start + 1
        place = Path(str(problem.path)).relative_to(project.root).as_posix()
        found[f"{place}:{problem.line}:{column} {problem.code or problem.source}"] = shown(card)
        made.append((problem, card))
    assert found, "the tool finds nothing in this case"
    check(case, found)
    return made
