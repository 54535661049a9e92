"""What every streamed completion needs: limits on waiting, one retry, and an end that stops the engine."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import aclosing
from dataclasses import dataclass

from lsp_debugger import egress
from lsp_debugger.core.errors import BackendUnavailable, LspDebuggerError
from lsp_debugger.core.model import Chunk, Endpoint, estimate_tokens
from lsp_debugger.models.reasoning import ReasoningFilter

CONNECT_TIMEOUT_S = 3.0


@dataclass(frozen=True, slots=True)
class Limits:
    """first_token_s: loading the model and reading the prompt count, so it is generous."""

    first_token_s: float = 120.0
    between_tokens_s: float = 60.0


class Dropped(BackendUnavailable):
    """The connection broke, or the engine behind it died."""


async def with_one_retry(
    attempt: Callable[[], AsyncGenerator[Chunk, None]], renew: Callable[[], object]
) -> AsyncGenerator[Chunk, None]:
    """Run `attempt`; if it is Dropped before its first chunk, `renew` and run it once more.

    After the first chunk a second run would repeat text.
    """
    for last in (False, True):
        began = False
        try:
            async with aclosing(attempt()) as chunks:
                async for chunk in chunks:
                    began = True
                    yield chunk
        except Dropped:
            renew()
            if began or last:
                raise
        else:
            return


class Pace:
    """Time limits of one stream: until the first event, then from event to event."""

    def __init__(self, limits: Limits, server: str) -> None:
        self._limits = limits
        self._server = server
        self._began = False
        self._deadline = asyncio.get_running_loop().time() + limits.first_token_s

    @contextlib.asynccontextmanager
    async def limit(self) -> AsyncGenerator[None, None]:
        """Wrap one wait for the server. Raises BackendUnavailable when it takes too long."""
        try:
            async with asyncio.timeout_at(self._deadline):
                yield
        except TimeoutError as exc:
            waited = self._limits.between_tokens_s if self._began else self._limits.first_token_s
            hint = (
                "try again; if it happens often, the machine may be short of memory"
                if self._began
                else "raise answer.first_token_timeout_s, or use a smaller model"
            )
            raise BackendUnavailable(f"{self._server} sent nothing for {waited:g} s", hint) from exc

    def moved(self) -> None:
        """Something arrived."""
        self._began = True
        self._deadline = asyncio.get_running_loop().time() + self._limits.between_tokens_s


class ChunkMaker:
    """Turn what a server says into chunks whose text holds no reasoning."""

    def __init__(self) -> None:
        self._filter = ReasoningFilter()

    def said(self, text: str, thought: str = "", logprob: float | None = None) -> Chunk | None:
        """None when there is nothing to pass on yet."""
        shown, hidden = self._filter.feed(text)
        return _chunk(shown, hidden + thought, logprob)

    def rest(self) -> Chunk | None:
        """What was held back, at the end of the stream."""
        shown, hidden = self._filter.close()
        return _chunk(shown, hidden, None)


def _chunk(shown: str, thought: str, logprob: float | None) -> Chunk | None:
    if not shown and not thought:
        return None
    return Chunk(
        text=shown,
        logprob=logprob if shown else None,
        reasoning_tokens=estimate_tokens(thought) if thought else 0,
    )


@contextlib.contextmanager
def translated(endpoint: Endpoint, known: Callable[[Exception], LspDebuggerError | None]) -> Generator[None]:
    """Raise a client library's exception as one of ours: what `known` says, else what the door says.

    What a server said is left out of both: it may quote the prompt.
    """
    try:
        yield
    except LspDebuggerError:
        raise
    except Exception as exc:
        raise (known(exc) or egress.translated(exc, endpoint)) from exc
