"""A backend that says what a test tells it to: for exact text and for faults."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

from lsp_debugger.core.model import Chunk, Endpoint, Locality, ModelInfo, Sampling
from lsp_debugger.policy.gate import Cleared

ENDPOINT = Endpoint("scripted", "http://127.0.0.1:9")


@dataclass
class ScriptedBackend:
    """Streams `script`; an exception in it is raised there, None waits until the stream is closed."""

    script: tuple[str | Exception | None, ...] = ("All ", "good.")
    finish_reason: str = "stop"
    locality: Locality = Locality.OWN
    logprob: float | None = -0.1
    name: str = "scripted"
    received: list[Cleared] = field(default_factory=list[Cleared])
    is_generating: bool = False
    began: asyncio.Event = field(default_factory=asyncio.Event)

    async def describe(self) -> ModelInfo:
        return ModelInfo(
            backend=self.name,
            model="tiny",
            digest="sha256:00ff",
            locality=self.locality,
            endpoint=ENDPOINT,
            context_tokens=4096,
            chosen_because="the test says so",
        )

    async def complete(self, cleared: Cleared, sampling: Sampling) -> AsyncGenerator[Chunk, None]:
        assert sampling.temperature == 0
        self.received.append(cleared)
        self.is_generating = True
        self.began.set()
        try:
            for piece in self.script:
                if piece is None:
                    await asyncio.Event().wait()
                elif isinstance(piece, Exception):
                    raise piece
                else:
                    yield Chunk(piece, logprob=self.logprob)
            yield Chunk(finish_reason=self.finish_reason)
        finally:
            self.is_generating = False

    async def warm(self) -> None: ...

    async def count_tokens(self, text: str) -> int:
        return len(text) // 4

    async def aclose(self) -> None: ...
