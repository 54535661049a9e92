"""The flow of one question, from problem to what may be shown. ARCHITECTURE.md draws it.

Each step takes a value and returns a new one; the types tell which steps a value has been through.
Closing the event iterator cancels: the model's stream is closed, which stops the engine.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Protocol

from lsp_debugger.core.ask import Answer, Ask, Card, Feature, Problem, Provenance, Unanswered, Verified
from lsp_debugger.core.errors import LspDebuggerError
from lsp_debugger.core.events import CardReady, Delta, Event, Finished, Phase
from lsp_debugger.core.material import Context
from lsp_debugger.core.model import Chunk, ModelInfo, Sampling
from lsp_debugger.core.ports import Backend, CardMaker, Observer
from lsp_debugger.core.text import Snapshot
from lsp_debugger.models.parse import MarkdownStream, cited_places, weigh
from lsp_debugger.policy.decide import Decision
from lsp_debugger.policy.gate import Cleared, Gate, Outcome
from lsp_debugger.policy.route import Denied, Route

_log = logging.getLogger(__name__)

# How often the speed is reported while tokens arrive.
_SPEED_EVERY_S = 0.5
# Room for the chat template and the fixed part of the prompt.
_OVERHEAD_TOKENS = 400


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
class _Reading:
    """A completion as it is read."""

    stream: MarkdownStream = field(default_factory=MarkdownStream)
    markdown: str = ""
    tokens: int = 0
    finish_reason: str = "error"
    logprobs: list[float] = field(default_factory=list[float])
    _began: float = 0.0
    _told: float = 0.0

    def take(self, chunk: Chunk) -> Iterator[Event]:
        """What there is to show after one more piece."""
        if chunk.logprob is not None:
            self.logprobs.append(chunk.logprob)
        if chunk.finish_reason is not None:
            self.finish_reason = chunk.finish_reason
        if chunk.text:
            now = time.monotonic()
            if self.tokens == 0:
                self._began = self._told = now
                yield Phase("writing")
            self.tokens += 1
            yield from self._show(self.stream.feed(chunk.text))
            if now - self._told >= _SPEED_EVERY_S:
                self._told = now
                yield Phase("writing", tokens_per_s=self.tokens / (now - self._began))
        if chunk.usage is not None and chunk.usage.completion_tokens:
            self.tokens = chunk.usage.completion_tokens

    def close(self) -> Iterator[Event]:
        yield from self._show(self.stream.close())

    def _show(self, text: str) -> Iterator[Event]:
        if text:
            self.markdown += text
            yield Delta(text)

    @property
    def mean_logprob(self) -> float | None:
        return sum(self.logprobs) / len(self.logprobs) if self.logprobs else None


@dataclass(slots=True)
class Pipeline:
    """The steps, each handed in by wiring.py as the thing that takes it.

    route is pure; gate writes the audit record before it hands out a `Cleared`.
    """

    cards: CardMaker
    choose: Callable[[], Awaitable[Choice]]
    build: Callable[[Ask, Card, Snapshot, int], Awaitable[Context]]
    decide: Callable[[Context], Awaitable[Decision]]
    route: Callable[[Decision, ModelInfo], Route | Denied]
    gate: Callable[[], Awaitable[Gate]]
    budget_tokens: int
    sampling: Sampling
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
        question = _Question(problem, card, snapshot, answer_id)
        ask = feature.ask(problem)
        if ask is None:
            yield question.finished(Unanswered("there is nothing to ask about this problem"))
            return
        try:
            async with aclosing(self._ask_model(ask, question)) as events:
                async for event in events:
                    yield event
        except LspDebuggerError as error:
            _log.warning("answer %s: %s", answer_id, type(error).__name__)
            yield question.finished(Unanswered(str(error), error.hint))

    async def _ask_model(self, ask: Ask, question: _Question) -> AsyncGenerator[Event, None]:
        yield Phase("looking for a model")
        choice = await self.choose()
        if choice.backend is None or choice.info is None:
            yield question.finished(Unanswered(choice.why, choice.hint))
            return
        yield Phase("gathering context")
        room = choice.info.context_tokens - self.sampling.max_tokens - _OVERHEAD_TOKENS
        context = await self.build(
            ask, question.card, question.snapshot, max(200, min(self.budget_tokens, room))
        )
        decision = await self.decide(context)
        route = self.route(decision, choice.info)
        gate = await self.gate()
        if isinstance(route, Denied):
            await gate.refused(decision, route, choice.info)
            yield question.finished(Unanswered(route.reason, route.hint, decision.policy_sha256))
            return
        yield Phase("clearing")
        cleared = await gate.clear(context, decision, route)
        yield Phase("reading the prompt")
        reading = _Reading()
        outcome: Outcome = "failed"
        try:
            async with aclosing(self._read(choice.backend, cleared, reading)) as events:
                async for event in events:
                    yield event
            outcome = "failed" if reading.finish_reason == "error" else "completed"
        except (asyncio.CancelledError, GeneratorExit):
            outcome = "cancelled"
            raise
        finally:
            await _record(gate, cleared, outcome, reading.tokens)
        yield question.finished(_answer(question, context, choice.info, cleared, reading))

    async def _read(
        self, backend: Backend[Cleared], cleared: Cleared, reading: _Reading
    ) -> AsyncGenerator[Event, None]:
        """Stream the completion; a stream that breaks after its first words keeps them."""
        completion: Any = backend.complete(cleared, self.sampling)
        try:
            async with aclosing(completion) as chunks:
                async for chunk in chunks:
                    for event in reading.take(chunk):
                        yield event
        except LspDebuggerError as error:
            if not reading.markdown:
                raise
            reading.finish_reason = "error"
            _log.warning("stream broke after its first words: %s", type(error).__name__)
        for event in reading.close():
            yield event


async def _record(gate: Gate, cleared: Cleared, outcome: Outcome, tokens: int) -> None:
    """Write the outcome even when cancelled; a lost outcome is a known gap, not a lost answer."""
    try:
        await asyncio.shield(gate.finished(cleared, outcome, completion_tokens=tokens))
    except LspDebuggerError as error:
        _log.error("the outcome could not be recorded: %s", type(error).__name__)


@dataclass(frozen=True, slots=True)
class _Question:
    problem: Problem
    card: Card
    snapshot: Snapshot
    answer_id: str

    def finished(self, reply: Answer | Unanswered) -> Finished:
        return Finished(
            Verified(
                problem=self.problem,
                card=self.card,
                reply=reply,
                answer_id=self.answer_id,
                escalation=_ESCALATION,
                version=self.snapshot.version,
            )
        )


_ESCALATION = "Nothing was sent to another service: this version answers on your own machines only."


def _answer(
    question: _Question, context: Context, info: ModelInfo, cleared: Cleared, reading: _Reading
) -> Answer:
    card = question.card
    known = (*card.places, *question.problem.frames, *question.problem.related)
    evidence = cited_places(reading.markdown, known, context.fragments)
    complete = reading.finish_reason == "stop"
    confidence, reason = weigh(
        cited=len(evidence),
        dropped=context.dropped,
        complete=complete,
        mean_logprob=reading.mean_logprob,
        words=len(reading.markdown.split()),
    )
    return Answer(
        markdown=reading.markdown,
        complete=complete,
        finish_reason=reading.finish_reason,
        confidence=confidence,
        confidence_reason=reason,
        evidence=evidence,
        provenance=Provenance(
            answer_id=question.answer_id,
            backend=info.backend,
            model=info.model,
            digest=info.digest,
            locality=info.locality.value,
            policy_sha256=cleared.policy_sha256,
            index_version=context.index_version,
            prompt_hmac=cleared.prompt_hmac,
            chosen_because=info.chosen_because,
        ),
        tokens=reading.tokens,
    )
