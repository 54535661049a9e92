"""The pipeline as callers see it: there at once, made when the first question comes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING

from lsp_debugger.core.ask import Card, Feature, Problem
from lsp_debugger.core.events import Event
from lsp_debugger.core.text import Snapshot
from lsp_debugger.wiring.cards import FreshCards

if TYPE_CHECKING:
    from lsp_debugger.pipeline import Pipeline


class Questions:
    """Importing what a question needs takes a tenth of a second: in a thread the loop does not notice."""

    def __init__(self, cards: FreshCards, make: Callable[[], Pipeline]) -> None:
        self._cards = cards
        self._make = make
        self._lock = asyncio.Lock()
        self._pipeline: Pipeline | None = None

    async def card(self, problem: Problem, snapshot: Snapshot) -> Card:
        """What is known without a model; needs nothing of the rest."""
        return await self._cards.card(problem, snapshot)

    async def run(
        self, feature: Feature, problem: Problem, snapshot: Snapshot, answer_id: str
    ) -> AsyncGenerator[Event, None]:
        """As `Pipeline.run`."""
        async with self._lock:
            if self._pipeline is None:
                self._pipeline = await asyncio.to_thread(self._make)
        async with aclosing(self._pipeline.run(feature, problem, snapshot, answer_id)) as events:
            async for event in events:
                yield event
