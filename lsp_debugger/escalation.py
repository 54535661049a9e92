"""The flow of one question to a model of somebody else: only asked for, never by itself.

prepare → show and ask → clear → send exactly that → read. Every step that says no ends it with the reason,
and the card stands.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Protocol

from lsp_debugger.core.ask import Ask, Card, Feature, Problem, Unanswered
from lsp_debugger.core.errors import EgressRefused, LspDebuggerError
from lsp_debugger.core.events import CardReady, Event, Phase
from lsp_debugger.core.material import Context
from lsp_debugger.core.model import Sampling
from lsp_debugger.core.ports import CardMaker, Observer
from lsp_debugger.core.text import Snapshot
from lsp_debugger.policy.cleared import Cleared
from lsp_debugger.policy.document import CloudEndpoint
from lsp_debugger.policy.gate import Outcome
from lsp_debugger.policy.prose import Prose
from lsp_debugger.policy.remote import Preview, RemoteGate
from lsp_debugger.policy.route import Denied
from lsp_debugger.reading import (
    Asked,
    Collected,
    Completing,
    Reading,
    Ready,
    Written,
    answer,
    read,
    room_tokens,
)

_log = logging.getLogger(__name__)

_NOTHING_LEFT = "Nothing was sent."
_DECLINED = "you did not agree to send it"
_SEE_THE_LOG = "`lsp-debugger audit show` says what was sent, if anything."
# How a user agrees: `once`, `always`, `flag`, or empty for no.
Agree = Callable[[Preview], Awaitable[str]]


class Closable(Completing, Protocol):
    async def aclose(self) -> None: ...


@dataclass(slots=True)
class Escalation:
    """The steps, each handed in by wiring.py as the thing that takes it."""

    cards: CardMaker
    build: Callable[[Ask, Card, Snapshot, int], Awaitable[Context]]
    gate: Callable[[], Awaitable[RemoteGate]]
    backend: Callable[[CloudEndpoint], Awaitable[Closable]]
    sampling: Sampling
    observers: Sequence[Observer] = ()

    async def run(
        self,
        feature: Feature,
        problem: Problem,
        snapshot: Snapshot,
        answer_id: str,
        agree: Agree,
        endpoint: str = "",
    ) -> AsyncGenerator[Event, None]:
        """As `Pipeline.run`. agree: asks the user. endpoint: the policy's first when empty."""
        steps = self._steps(feature, problem, snapshot, answer_id, agree, endpoint)
        async with aclosing(steps) as events:
            async for event in events:
                for observer in self.observers:
                    observer.saw(event)
                yield event

    async def _steps(
        self,
        feature: Feature,
        problem: Problem,
        snapshot: Snapshot,
        answer_id: str,
        agree: Agree,
        endpoint: str,
    ) -> AsyncGenerator[Event, None]:
        card = await self.cards.card(problem, snapshot)
        yield CardReady(card, problem)
        asked = Asked(problem, card, snapshot, answer_id)
        ask = feature.ask(problem)
        if ask is None:
            yield asked.finished(Unanswered("there is nothing to ask about this problem"), _NOTHING_LEFT)
            return
        try:
            async with aclosing(self._ask(ask, asked, agree, endpoint)) as events:
                async for event in events:
                    yield event
        except LspDebuggerError as error:
            _log.warning("escalation %s: %s", answer_id, type(error).__name__)
            yield asked.finished(
                Unanswered(str(error), error.hint), "The audit log says what was sent, if anything."
            )

    async def _ask(self, ask: Ask, asked: Asked, agree: Agree, name: str) -> AsyncGenerator[Event, None]:
        yield Phase("looking at the policy")
        gate = await self.gate()
        endpoint = await _endpoint(gate, name)
        if isinstance(endpoint, Unanswered):
            yield asked.finished(endpoint, _NOTHING_LEFT)
            return
        yield Phase("gathering context")
        room = room_tokens(endpoint.context_tokens, self.sampling)
        context = await self.build(ask, asked.card, asked.snapshot, room)
        yield Phase("masking")
        preview = await gate.prepare(context, endpoint, self.sampling)
        if isinstance(preview, Denied):
            yield asked.finished(Unanswered(preview.reason, preview.hint), _NOTHING_LEFT)
            return
        if not preview.standing:
            yield Phase(f"asking you about {len(preview.body)} bytes")
        cleared = await _cleared(gate, preview, agree)
        if cleared is None:
            yield asked.finished(Unanswered(_DECLINED), _NOTHING_LEFT)
            return
        async with aclosing(self._send(gate, preview, cleared, context, asked)) as events:
            async for event in events:
                yield event

    async def _send(
        self, gate: RemoteGate, preview: Preview, cleared: Cleared, context: Context, asked: Asked
    ) -> AsyncGenerator[Event, None]:
        yield Phase(f"waiting for {preview.endpoint.name}")
        reading, outcome = Reading(Prose(preview.prompt.placeholders)), "failed"
        backend = await self.backend(preview.endpoint)
        try:
            async with aclosing(read(backend, cleared, self.sampling, reading)) as events:
                async for event in events:
                    yield event
            outcome = "failed" if reading.finish_reason == "error" else "completed"
        except (asyncio.CancelledError, GeneratorExit):
            outcome = "cancelled"
            raise
        finally:
            await _ended(gate, preview, cleared, outcome, reading.tokens)
            await backend.aclose()
        sent = (
            f"{len(preview.body)} bytes went to {preview.endpoint.name} at {preview.host}, as you saw them."
        )
        yield asked.finished(answer(asked, context, cleared.route.info, cleared, reading), sent)


@dataclass(slots=True)
class RemoteWriter:
    """A patch by a model of somebody else: the same gate, preview and yes as for an explanation of its.

    Each question is a request of its own that the user has to see, so none is asked again.
    """

    gate: Callable[[], Awaitable[RemoteGate]]
    backend: Callable[[CloudEndpoint], Awaitable[Closable]]
    agree: Agree
    endpoint: str = ""

    async def ready(self) -> Ready | Unanswered:
        endpoint = await _endpoint(await self.gate(), self.endpoint)
        if isinstance(endpoint, Unanswered):
            return endpoint
        return Ready(endpoint.context_tokens, may_ask_again=False)

    async def write(self, context: Context, sampling: Sampling) -> Written:
        gate = await self.gate()
        endpoint = await _endpoint(gate, self.endpoint)
        if isinstance(endpoint, Unanswered):
            raise EgressRefused(endpoint.reason, endpoint.hint)
        preview = await gate.prepare(context, endpoint, sampling)
        if isinstance(preview, Denied):
            raise EgressRefused(preview.reason, preview.hint)
        cleared = await _cleared(gate, preview, self.agree)
        if cleared is None:
            raise EgressRefused(_DECLINED, "nothing was sent")
        backend, collected, outcome = await self.backend(endpoint), Collected(), "failed"
        try:
            await collected.take(backend, cleared, sampling)
            outcome = "failed" if collected.finish_reason == "error" else "completed"
        except asyncio.CancelledError:
            outcome = "cancelled"
            raise
        finally:
            await _ended(gate, preview, cleared, outcome, collected.tokens)
            await backend.aclose()
        return Written(collected.text, collected.finish_reason != "stop", cleared.files)


async def _endpoint(gate: RemoteGate, name: str) -> CloudEndpoint | Unanswered:
    """The policy's endpoint of that name, its first when there is none; or why it cannot be asked."""
    endpoint = await asyncio.to_thread(gate.endpoint, name)
    if endpoint is not None:
        return endpoint
    reason = f"the policy has no endpoint {name!r}" if name else "the policy names no endpoint"
    hint = "`lsp-debugger policy check` shows what is in force; see `endpoints:` in the README"
    return Unanswered(f"the gate `endpoint` is closed: {reason}", hint)


async def _cleared(gate: RemoteGate, preview: Preview, agree: Agree) -> Cleared | None:
    """What was previewed, sealed, once the user has agreed or had before; None, on record, for a no."""
    consent = "always" if preview.standing else await agree(preview)
    if consent:
        return await gate.clear(preview, consent)
    await gate.declined(preview)
    return None


async def _ended(gate: RemoteGate, preview: Preview, cleared: Cleared, outcome: Outcome, tokens: int) -> None:
    """Write the outcome even when cancelled; a lost outcome shows in the log as an intent without one."""
    try:
        await asyncio.shield(gate.finished(cleared, preview, outcome, completion_tokens=tokens))
    except LspDebuggerError as error:
        _log.error("the outcome could not be recorded: %s", type(error).__name__)
