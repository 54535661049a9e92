"""A client and a pipeline that do exactly what a test says, as small real classes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from typing import Any

from lsp_debugger.core.ask import (
    Answer,
    Card,
    Confidence,
    Feature,
    Place,
    Problem,
    Provenance,
    Unanswered,
    Verified,
)
from lsp_debugger.core.events import CardReady, Delta, Event, Finished, Phase
from lsp_debugger.core.text import Snapshot

CARD = Card("`os` is imported and never used.", places=(Place("/w/a.py", 1),), rule_text="Unused imports…")


@dataclass(eq=False)
class ScriptedEditor:
    """Records what it is asked. `silent` names what it never answers, `refuses` what it refuses."""

    silent: frozenset[str] = frozenset()
    refuses: frozenset[str] = frozenset()
    seen: list[tuple[Any, ...]] = field(default_factory=list)

    async def _asked(self, name: str, argument: str) -> bool:
        self.seen.append((name, argument))
        if name in self.silent:
            await asyncio.Event().wait()
        return name not in self.refuses

    async def create_progress(self, token: str) -> bool:
        return await self._asked("create", token)

    def begin_progress(self, token: str, title: str, percentage: int | None = None) -> None:
        self.seen.append(("begin", token, title, *_given(percentage)))

    def report_progress(self, token: str, message: str, percentage: int | None = None) -> None:
        self.seen.append(("report", token, message, *_given(percentage)))

    def end_progress(self, token: str, message: str) -> None:
        self.seen.append(("end", token, message))

    async def show(self, uri: str) -> bool:
        return await self._asked("show", uri)

    async def refresh(self, uri: str) -> bool:
        return await self._asked("refresh", uri)

    def notify(self, method: str, params: dict[str, Any]) -> None:
        self.seen.append(("notify", method, params))

    def named(self, name: str) -> list[tuple[Any, ...]]:
        return [each for each in self.seen if each[0] == name]


def _given(percentage: int | None) -> tuple[int, ...]:
    return () if percentage is None else (percentage,)


def answered(problem: Problem, markdown: str, answer_id: str, version: int | None = 1) -> Verified:
    provenance = Provenance(answer_id, "ollama", "tiny", "sha256:d", "own", "p" * 64, "none", "h" * 64)
    reply = Answer(
        markdown, True, "stop", Confidence.MEDIUM, "two places cited", (Place("a.py", 1),), provenance
    )
    return Verified(problem, CARD, reply, answer_id, "Nothing was sent anywhere.", version)


def unanswered(problem: Problem, answer_id: str, version: int | None = 1) -> Verified:
    reply = Unanswered("no model is installed", "install one")
    return Verified(problem, CARD, reply, answer_id, "Nothing was sent anywhere.", version)


@dataclass(eq=False)
class ScriptedPipeline:
    """Yields a card, then `pieces` of text, then the end.

    holds: an event to wait for before the piece of that number. fails: raised before the end.
    mask: what is shown of a problem.
    """

    pieces: tuple[str, ...] = ("The name ", "`os` is unused.")
    speaks: bool = True
    holds: dict[int, asyncio.Event] = field(default_factory=dict)
    fails: BaseException | None = None
    make_card: Callable[[Problem, Snapshot], Card] = lambda _problem, _snapshot: CARD
    mask: Callable[[Problem], Problem] = lambda problem: problem
    closed: int = 0
    cards_made: int = 0

    async def card(self, problem: Problem, snapshot: Snapshot) -> Card:
        self.cards_made += 1
        await asyncio.sleep(0)
        return self.make_card(problem, snapshot)

    async def run(
        self, _feature: Feature, problem: Problem, snapshot: Snapshot, answer_id: str
    ) -> AsyncGenerator[Event, None]:
        try:
            yield CardReady(await self.card(problem, snapshot), self.mask(problem))
            yield Phase("looking for a model")
            for number, piece in enumerate(self.pieces if self.speaks else ()):
                if number in self.holds:
                    await self.holds[number].wait()
                yield Delta(piece)
                yield Phase("writing", tokens_per_s=12.5)
            if self.fails is not None:
                raise self.fails
            finished = (
                answered(self.mask(problem), "".join(self.pieces), answer_id, snapshot.version)
                if self.speaks
                else unanswered(problem, answer_id, snapshot.version)
            )
            yield Finished(finished)
        finally:
            self.closed += 1


async def until(condition: Callable[[], object], timeout_s: float = 5.0) -> None:
    """Wait for a condition, looking often; fails when it does not come."""
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110 - conditions are of things that set no event
            await asyncio.sleep(0.005)
