"""Fixes that were checked and wait to be taken, each for exactly the text that it was checked against."""

from __future__ import annotations

import asyncio
import secrets
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from lsp_debugger.core.ask import Problem
from lsp_debugger.core.markdown import shortened
from lsp_debugger.core.text import Snapshot
from lsp_debugger.features.fix import change_words, titled
from lsp_debugger.server.shelf import key_of_problem
from lsp_debugger.wiring.callers import Callers

if TYPE_CHECKING:
    from lsp_debugger.fixing import Candidate
    from lsp_debugger.wiring import Session

_MAX_OFFERS = 64
_MAX_NAMED = 5  # callers, in a note
_CALLERS_WAIT_S = 1.0  # for an index that is being made
TITLE_CHARS = 160  # a verdict that is cut short says less than it should


@dataclass(frozen=True, slots=True)
class Offer:
    """One candidate, as it may be shown.

    snapshot: the document that the problem is in. root: where the candidate's paths begin. title: with the
    verdict, without secrets. name: what the title begins with. callers: who uses what it changes;
    side_effects: the same for the note of its edit, where they may break.
    """

    problem: Problem
    snapshot: Snapshot
    root: Path
    candidate: Candidate
    title: str
    name: str = "Fix"
    callers: Callers = field(default_factory=Callers)
    side_effects: str = ""
    id: str = field(default_factory=lambda: secrets.token_hex(6))

    @property
    def needs_yes(self) -> bool:
        """Not everything about it is known to be good."""
        return not self.candidate.verdict.is_complete or self.callers.is_breaking


async def offer_of(
    session: Session, candidate: Candidate, problem: Problem, snapshot: Snapshot, root: Path, name: str
) -> Offer:
    """With everything that is told about it: what was checked, and who may be hurt."""
    callers = await session.repairs.callers(candidate, root, _CALLERS_WAIT_S)
    words, effects, count = candidate.words, "", len(callers.places)
    if callers.is_breaking:
        words += f" · may break {count} caller{'s' if count > 1 else ''}"
        named = [f"{Path(each.path).name}:{each.line} {each.note}" for each in callers.places[:_MAX_NAMED]]
        effects = await session.without_secrets(f"May break: {'; '.join(named)}")
    change = await asyncio.to_thread(change_words, candidate.before, candidate.applied.new_texts)
    title = shortened(session.masked(titled(change, words, name)), TITLE_CHARS)
    return Offer(problem, snapshot, root, candidate, title, name, callers, effects)


class Offers:
    """By problem and version: an edit of the document makes a new version, for which nothing was checked."""

    def __init__(self) -> None:
        self._by_id: OrderedDict[str, Offer] = OrderedDict()
        self._best: dict[object, str] = {}

    def keep(self, offer: Offer) -> Offer:
        """Remember the best candidate for a problem, in place of an earlier one."""
        key = key_of_problem(offer.problem, offer.snapshot)
        self._by_id.pop(self._best.get(key, ""), None)
        self._by_id[offer.id], self._best[key] = offer, offer.id
        while len(self._by_id) > _MAX_OFFERS:
            self.drop(next(iter(self._by_id.values())))
        return offer

    def of(self, problem: Problem, snapshot: Snapshot) -> Offer | None:
        """Pure look-up."""
        return self._by_id.get(self._best.get(key_of_problem(problem, snapshot), ""))

    def by_id(self, offer_id: str) -> Offer | None:
        return self._by_id.get(offer_id)

    def drop(self, offer: Offer) -> None:
        """It was taken, or is for a text that is gone."""
        self._by_id.pop(offer.id, None)
        key = key_of_problem(offer.problem, offer.snapshot)
        if self._best.get(key) == offer.id:
            del self._best[key]

    def clear(self) -> None:
        self._by_id.clear()
        self._best.clear()
