"""The pipeline as callers see it: there at once, made when the first question comes, and without secrets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING

from lsp_debugger.core.ask import Answer, Card, Feature, Problem
from lsp_debugger.core.events import CardReady, Delta, Event, Finished
from lsp_debugger.core.text import Snapshot
from lsp_debugger.wiring.cards import FreshCards
from lsp_debugger.wiring.masking import Masking

if TYPE_CHECKING:
    from lsp_debugger.escalation import Agree, Escalation
    from lsp_debugger.pipeline import Pipeline
    from lsp_debugger.policy.mask import Mask


class Questions:
    """Importing what a question needs takes a tenth of a second: in a thread the loop does not notice.

    Cards and events come out masked: here, so that no surface can forget it.
    """

    def __init__(
        self,
        cards: FreshCards,
        masking: Masking,
        make: Callable[[], Pipeline],
        make_escalation: Callable[[], Escalation],
    ) -> None:
        self._cards = cards
        self._masking = masking
        self._make = make
        self._make_escalation = make_escalation
        self._lock = asyncio.Lock()
        self._pipeline: Pipeline | None = None

    async def card(self, problem: Problem, snapshot: Snapshot) -> Card:
        """What is known without a model; needs nothing of the rest."""
        card, mask = await asyncio.gather(self._cards.card(problem, snapshot), self._masking.mask())
        return await asyncio.to_thread(mask.card, card)

    async def run(
        self, feature: Feature, problem: Problem, snapshot: Snapshot, answer_id: str
    ) -> AsyncGenerator[Event, None]:
        """As `Pipeline.run`."""
        mask = await self._masking.mask()
        async with self._lock:
            if self._pipeline is None:
                self._pipeline = await asyncio.to_thread(self._make)
        async with aclosing(self._pipeline.run(feature, problem, snapshot, answer_id)) as events:
            async for event in _masked(events, mask):
                yield event

    async def escalate(
        self,
        feature: Feature,
        problem: Problem,
        snapshot: Snapshot,
        answer_id: str,
        agree: Agree,
        endpoint: str = "",
    ) -> AsyncGenerator[Event, None]:
        """As `Escalation.run`: the same question to a model of somebody else, if the user agrees."""
        mask = await self._masking.mask()
        escalation = await asyncio.to_thread(self._make_escalation)
        steps = escalation.run(feature, problem, snapshot, answer_id, agree, endpoint)
        async with aclosing(steps) as events:
            async for event in _masked(events, mask):
                yield event


async def _masked(events: AsyncIterator[Event], mask: Mask) -> AsyncGenerator[Event, None]:
    words, shown = mask.words(), ""
    async for event in events:
        match event:
            case CardReady(card, problem):
                told = await asyncio.to_thread(mask.problem, problem) if problem is not None else None
                yield CardReady(await asyncio.to_thread(mask.card, card), told)
            case Delta(text):
                if part := words.feed(text):
                    shown += part
                    yield Delta(part)
            case Finished(verified):
                if part := words.close():
                    shown += part
                    yield Delta(part)
                if isinstance(verified.reply, Answer):
                    # Word for word what was shown already, as far as that is clean as a whole.
                    verified = replace(verified, reply=replace(verified.reply, markdown=shown))
                yield Finished(await asyncio.to_thread(mask.verified, verified))
            case _:
                yield event
