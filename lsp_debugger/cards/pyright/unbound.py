"""Variables that have no value on some way to where they are read."""

from __future__ import annotations

import re

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.python.flow import Gap, gap_before
from lsp_debugger.core.ask import Card

_NAME = re.compile(r'"(?P<name>[^"]+)" is (?:possibly )?unbound')


def possibly(case: Case) -> Card | None:
    found = _gap(case)
    if found is None:
        return None
    name, gap = found
    return Card(f"`{name}` has no value here {gap.when}.", (case.here(gap.line, _line(case, gap)),))


def surely(case: Case) -> Card | None:
    found = _gap(case)
    if found is None:
        return None
    name, gap = found
    return Card(f"`{name}` has no value here: {gap.when}.", (case.here(gap.line, _line(case, gap)),))


def _gap(case: Case) -> tuple[str, Gap] | None:
    parsed = case.python
    match = _NAME.match(case.problem.message)
    if parsed is None or match is None or case.code != match["name"]:
        return None
    gap = gap_before(parsed, match["name"], case.span)
    return (match["name"], gap) if gap is not None else None


def _line(case: Case, gap: Gap) -> str:
    return f"`{case.snapshot.line_text(gap.line - 1).strip()}`"
