"""A completion as it is read, and what is made of it: an answer, or words to take a patch from."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Protocol

from lsp_debugger.core.ask import Answer, Card, Problem, Provenance, Unanswered, Verified
from lsp_debugger.core.errors import LspDebuggerError
from lsp_debugger.core.events import Delta, Event, Finished, Phase
from lsp_debugger.core.material import Context
from lsp_debugger.core.model import Chunk, ModelInfo, Sampling
from lsp_debugger.core.text import Snapshot
from lsp_debugger.models.parse import MarkdownStream, cited_places, weigh
from lsp_debugger.policy.cleared import Cleared
from lsp_debugger.policy.masked_files import MaskedFiles

_log = logging.getLogger(__name__)

# Room for the chat template and the fixed part of the prompt.
_OVERHEAD_TOKENS = 400
_LEAST_TOKENS = 200
# How often the speed is reported while tokens arrive.
_SPEED_EVERY_S = 0.5


def room_tokens(context_tokens: int, sampling: Sampling) -> int:
    """How much of a model's context is left for what is gathered."""
    return max(_LEAST_TOKENS, context_tokens - sampling.max_tokens - _OVERHEAD_TOKENS)


class Words(Protocol):
    """What a model's words go through before anybody reads them: masked literals come back."""

    def feed(self, text: str) -> str: ...
    def close(self) -> str: ...


class Completing(Protocol):
    """The part of a backend that writes."""

    def complete(self, cleared: Cleared, sampling: Sampling) -> AsyncIterator[Chunk]: ...


@dataclass(slots=True)
class Reading:
    """A completion as it is read.

    words: first of all, so that what a literal holds is sanitised like the model's own words.
    """

    words: Words | None = None
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
            text = self.words.feed(chunk.text) if self.words is not None else chunk.text
            yield from self._show(self.stream.feed(text))
            if now - self._told >= _SPEED_EVERY_S:
                self._told = now
                yield Phase("writing", tokens_per_s=self.tokens / (now - self._began))
        if chunk.usage is not None and chunk.usage.completion_tokens:
            self.tokens = chunk.usage.completion_tokens

    def close(self) -> Iterator[Event]:
        if self.words is not None:
            yield from self._show(self.stream.feed(self.words.close()))
        yield from self._show(self.stream.close())

    def _show(self, text: str) -> Iterator[Event]:
        if text:
            self.markdown += text
            yield Delta(text)

    @property
    def mean_logprob(self) -> float | None:
        return _mean(self.logprobs)


def _mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None


@dataclass(frozen=True, slots=True)
class Ready:
    """A model that may be asked. may_ask_again: without anybody being asked for each question."""

    context_tokens: int
    may_ask_again: bool = True


@dataclass(frozen=True, slots=True)
class Written:
    """A completion that nobody is shown. cut_off: the model did not come to its end.

    files: as the model saw them; what it wrote is about these. mean_logprob: of its tokens, where the
    engine says.
    """

    text: str
    cut_off: bool
    files: MaskedFiles
    mean_logprob: float | None = None


class Writer(Protocol):
    """Who is asked for a patch: a model of ours, or one of somebody else after the user's yes."""

    async def ready(self) -> Ready | Unanswered: ...

    async def write(self, context: Context, sampling: Sampling) -> Written:
        """Raises LspDebuggerError when nothing may be sent, or nothing came."""
        ...


@dataclass(slots=True)
class Collected:
    """The words of a completion that is only read when it is whole."""

    text: str = ""
    tokens: int = 0
    finish_reason: str = "error"
    logprobs: list[float] = field(default_factory=list[float])

    async def take(self, backend: Completing, cleared: Cleared, sampling: Sampling) -> None:
        completion: Any = backend.complete(cleared, sampling)
        parts = list[str]()
        try:
            async with aclosing(completion) as chunks:
                async for chunk in chunks:
                    parts.append(chunk.text)
                    if chunk.logprob is not None:
                        self.logprobs.append(chunk.logprob)
                    self.tokens += bool(chunk.text)
                    self.finish_reason = chunk.finish_reason or self.finish_reason
        finally:
            self.text = "".join(parts)

    @property
    def mean_logprob(self) -> float | None:
        return _mean(self.logprobs)


async def read(
    backend: Completing, cleared: Cleared, sampling: Sampling, reading: Reading
) -> AsyncGenerator[Event, None]:
    """Stream the completion; a stream that breaks after its first words keeps them."""
    completion: Any = backend.complete(cleared, sampling)
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


@dataclass(frozen=True, slots=True)
class Asked:
    problem: Problem
    card: Card
    snapshot: Snapshot
    answer_id: str

    def finished(self, reply: Answer | Unanswered, escalation: str) -> Finished:
        """escalation: what was sent elsewhere, or how to ask for it."""
        return Finished(
            Verified(
                problem=self.problem,
                card=self.card,
                reply=reply,
                answer_id=self.answer_id,
                escalation=escalation,
                version=self.snapshot.version,
            )
        )


def answer(question: Asked, context: Context, info: ModelInfo, cleared: Cleared, reading: Reading) -> Answer:
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
