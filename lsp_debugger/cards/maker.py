"""From a problem to its card: the tool's own card function, then related places and the rule's text."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePath

from lsp_debugger.cards.case import Case, Surroundings
from lsp_debugger.cards.edits import sound
from lsp_debugger.cards.families import family_of
from lsp_debugger.cards.generic import generic
from lsp_debugger.core.ask import Card, CertainEdit, Place, Problem
from lsp_debugger.core.ports import RuleDocs, RuleText, Symbols
from lsp_debugger.core.text import Snapshot
from lsp_debugger.syntax.tree import TreeSitterSyntax

_log = logging.getLogger(__name__)
_MAX_PLACES = 5


class Cards:
    """Implements `core.ports.CardMaker`. root: the workspace folder, or None in single-file mode."""

    def __init__(
        self,
        docs: RuleDocs,
        symbols: Symbols,
        syntax: TreeSitterSyntax,
        read: Callable[[str], Snapshot | None],
        root: Path | None,
    ) -> None:
        self._docs = docs
        self._around = Surroundings(symbols, syntax, read, root)

    async def card(self, problem: Problem, snapshot: Snapshot) -> Card:
        """Never raises for what a problem or a file holds: the worst case is the message itself."""
        case = Case(problem, self._file_of(problem, snapshot), self._around)
        card = _made(case)
        rule = RuleText() if card.rule_text else await self._docs.rule(problem)
        return replace(
            card,
            places=_places(case, card),
            edit=None if problem.stale else sound(case, card.edit or _own_edit(case)),
            rule_text=card.rule_text or rule.text,
            href=problem.href or card.href or rule.href,
        )

    def _file_of(self, problem: Problem, snapshot: Snapshot) -> Snapshot:
        """The text that the problem is in: a trace shown in one document may be about another."""
        path, root = problem.path, self._around.root
        if path is None or (problem.span is not None and snapshot.path in (None, path)):
            return snapshot
        place = path if root is None or PurePath(path).is_absolute() else str(root / path)
        if snapshot.path == place:
            return snapshot
        return self._around.read(place) or Snapshot(uri=snapshot.uri, text="", version=snapshot.version)


def _made(case: Case) -> Card:
    family = family_of(case.problem)
    if family is not None:
        try:
            card = family.card(case)
        except Exception as exc:  # noqa: BLE001 - one card that fails leaves the message to be shown
            _log.warning("no card for %s: %s", case.problem.label, type(exc).__name__)
            card = None
        if card is not None:
            return card
    return generic(case)


def _own_edit(case: Case) -> CertainEdit | None:
    """The edit that the tool itself calls safe, where a checker of ours asked the tool for it."""
    fix, snapshot = case.problem.fix, case.snapshot
    if fix is None or not fix.replacements:
        return None
    return CertainEdit(fix.title, snapshot.uri, snapshot.version, fix.replacements)


def _places(case: Case, card: Card) -> tuple[Place, ...]:
    """The card's own, then what the tool itself related; no line twice."""
    own = [place for place in card.places if place.line > 0]
    seen = {(place.path, place.line) for place in own}
    related = [replace(place, path=case.shown(place.path)) for place in case.problem.related]
    # What the tool relates is always shown: our own places make room for it.
    extra = [place for place in dict.fromkeys(related) if (place.path, place.line) not in seen][
        : _MAX_PLACES - 1
    ]
    return (*own[: _MAX_PLACES - len(extra)], *extra)
