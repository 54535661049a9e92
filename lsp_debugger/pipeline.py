"""The flow of one question, from problem to what may be shown. ARCHITECTURE.md draws it.

Each step takes a value and returns a new one; the types tell which steps a value has been through.
Closing the event iterator cancels: the model's stream is closed, which stops the engine.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Protocol

from lsp_debugger.core.ask import Ask, Card, Feature, Problem, Unanswered
from lsp_debugger.core.errors import LspDebuggerError
from lsp_debugger.core.events import CardReady, Event, Phase
from lsp_debugger.core.material import Context
from lsp_debugger.core.model import ModelInfo, Sampling
from lsp_debugger.core.ports import Backend, CardMaker, Observer
from lsp_debugger.core.text import Snapshot
from lsp_debugger.policy.cleared import Cleared
from lsp_debugger.policy.decide import Decision
from lsp_debugger.policy.gate import Gate, Outcome
from lsp_debugger.policy.route import Denied, Route
from lsp_debugger.reading import Asked, Reading, answer, read, room_tokens

_log = logging.getLogger(__name__)


class Choice(Protocol):
    """What models/choose.py found: a backend, or the reason why there is none."""

    @property
    def backend(self) -> Backend[Cleared] | None: ...
    @property
    def info(self) -> ModelInfo | None: ...
    @property
    def why(self) -> str: ...
    @property
    def hint(self) -> str: ...


@dataclass(slots=True)
class Pipeline:
    """The steps, each handed in by wiring.py as the thing that takes it.

    route is pure; gate writes the audit record before it hands out a `Cleared`. offer: what the answer says
    about models of others.
    """

    cards: CardMaker
    choose: Callable[[], Awaitable[Choice]]
    build: Callable[[Ask, Card, Snapshot, int], Awaitable[Context]]
    decide: Callable[[Context], Awaitable[Decision]]
    route: Callable[[Decision, ModelInfo], Route | Denied]
    gate: Callable[[], Awaitable[Gate]]
    budget_tokens: int
    sampling: Sampling
    offer: Callable[[Decision | None], str]
    observers: Sequence[Observer] = ()

    async def card(self, problem: Problem, snapshot: Snapshot) -> Card:
        """Step 0: what is known without a model."""
        return await self.cards.card(problem, snapshot)

    async def run(
        self, feature: Feature, problem: Problem, snapshot: Snapshot, answer_id: str
    ) -> AsyncGenerator[Event, None]:
        """Yield the card, phases, text as it arrives, and `Finished` last.

        A broken world ends in `Finished` with the card and the reason; only programming errors raise.
        """
        async with aclosing(self._steps(feature, problem, snapshot, answer_id)) as steps:
            async for event in steps:
                for observer in self.observers:
                    observer.saw(event)
                yield event

    async def _steps(
        self, feature: Feature, problem: Problem, snapshot: Snapshot, answer_id: str
    ) -> AsyncGenerator[Event, None]:
        card = await self.card(problem, snapshot)
        yield CardReady(card, problem)
        question = Asked(problem, card, snapshot, answer_id)
        ask = feature.ask(problem)
        if ask is None:
            nothing = Unanswered("there is nothing to ask about this problem")
            yield question.finished(nothing, self.offer(None))
            return
        try:
            async with aclosing(self._ask_model(ask, question)) as events:
                async for event in events:
                    yield event
        except LspDebuggerError as error:
            _log.warning("answer %s: %s", answer_id, type(error).__name__)
            yield question.finished(Unanswered(str(error), error.hint), self.offer(None))

    async def _ask_model(self, ask: Ask, question: Asked) -> AsyncGenerator[Event, None]:
        yield Phase("looking for a model")
        choice = await self.choose()
        if choice.backend is None or choice.info is None:
            yield question.finished(Unanswered(choice.why, choice.hint), self.offer(None))
            return
        yield Phase("gathering context")
        room = room_tokens(choice.info.context_tokens, self.sampling)
        context = await self.build(ask, question.card, question.snapshot, min(self.budget_tokens, room))
        decision = await self.decide(context)
        route = self.route(decision, choice.info)
        gate = await self.gate()
        if isinstance(route, Denied):
            await gate.refused(decision, route, choice.info)
            unanswered = Unanswered(route.reason, route.hint, decision.policy_sha256)
            yield question.finished(unanswered, self.offer(decision))
            return
        yield Phase("clearing")
        cleared = await gate.clear(context, decision, route)
        yield Phase("reading the prompt")
        reading = Reading()
        outcome: Outcome = "failed"
        try:
            async with aclosing(read(choice.backend, cleared, self.sampling, reading)) as events:
                async for event in events:
                    yield event
            outcome = "failed" if reading.finish_reason == "error" else "completed"
        except (asyncio.CancelledError, GeneratorExit):
            outcome = "cancelled"
            raise
        finally:
            await _record(gate, cleared, outcome, reading.tokens)
        written = answer(question, context, choice.info, cleared, reading)
        yield question.finished(written, self.offer(decision))


async def _record(gate: Gate, cleared: Cleared, outcome: Outcome, tokens: int) -> None:
    """Write the outcome even when cancelled; a lost outcome is a known gap, not a lost answer."""
    try:
        await asyncio.shield(gate.finished(cleared, outcome, completion_tokens=tokens))
    except LspDebuggerError as error:
        _log.error("the outcome could not be recorded: %s", type(error).__name__)
