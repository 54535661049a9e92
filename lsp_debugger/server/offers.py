"""Fixes that were checked and wait to be taken, each for exactly the text that it was checked against."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from lsp_debugger.core.ask import Problem
from lsp_debugger.core.markdown import shortened
from lsp_debugger.core.text import Snapshot
from lsp_debugger.features.fix import change_words, titled
from lsp_debugger.server.shelf import key_of_problem

if TYPE_CHECKING:
    from lsp_debugger.fixing import Candidate

_MAX_OFFERS = 64
TITLE_CHARS = 160  # a verdict that is cut short says less than it should


@dataclass(frozen=True, slots=True)
class Offer:
    """One candidate, as it may be shown.

    snapshot: the document that the problem is in. root: where the candidate's paths begin. title: with the
    verdict, without secrets. name: what the title begins with.
    """

    problem: Problem
    snapshot: Snapshot
    root: Path
    candidate: Candidate
    title: str
    name: str = "Fix"
    id: str = field(default_factory=lambda: secrets.token_hex(6))


def title_of(candidate: Candidate, masked: Callable[[str], str], name: str) -> str:
    """masked: takes secrets out of a title."""
    change = change_words(candidate.before, candidate.applied.new_texts)
    return shortened(masked(titled(change, candidate.words, name)), TITLE_CHARS)


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
