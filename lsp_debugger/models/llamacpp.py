"""The embedded backend: a GGUF file, served by an engine that we start and share between editors."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

from lsp_debugger import egress
from lsp_debugger.core.errors import BackendUnavailable
from lsp_debugger.core.model import Chunk, Locality, ModelInfo, Sampling, estimate_tokens
from lsp_debugger.models.discovery import Places
from lsp_debugger.models.engine import Launch
from lsp_debugger.models.lease import ENGINE_NAME, EngineClient, Lease
from lsp_debugger.models.openai_chat import LLAMACPP_EXTRAS, ChatClient
from lsp_debugger.models.streaming import Limits, with_one_retry
from lsp_debugger.models.weights import ModelFile, look_at
from lsp_debugger.policy.cleared import Cleared
from lsp_debugger.state import State

# Models that think aloud by default are told not to; templates without the switch ignore it.
_EXTRAS = {**LLAMACPP_EXTRAS, "chat_template_kwargs": {"enable_thinking": False}}


class LlamaCppBackend:
    """A GGUF file in our own engine. Making one costs nothing; the engine starts with the first need.

    context_tokens, threads: 0 decides by the model and the machine.
    """

    name = "llamacpp"

    def __init__(
        self,
        state: State,
        model_path: Path,
        *,
        context_tokens: int = 0,
        threads: int = 0,
        limits: Limits | None = None,
        chosen_because: str = "",
    ) -> None:
        self._state = state
        self._path = model_path
        self._context_tokens = context_tokens
        self._threads = threads
        self._limits = limits or Limits()
        self._chosen_because = chosen_because
        self._file: ModelFile | None = None
        self._engine: EngineClient | None = None
        self._looking = asyncio.Lock()
        self._chat = ChatClient(ENGINE_NAME, self._limits)

    async def describe(self) -> ModelInfo:
        """Look at the file and at the running engine, if any. Raises ConfigInvalid.

        The first time, the file is hashed. An engine is started only where its address cannot be
        known beforehand, which is where Unix sockets cannot be used.
        """
        file, engine = await self._client()
        lease = engine.held
        if lease is None and not engine.places.has_sockets:
            lease = await self._lease()
        return ModelInfo(
            backend=self.name,
            model=file.facts.name,
            digest=f"sha256:{file.weights.sha256}",
            locality=Locality.OWN,
            endpoint=lease.endpoint if lease else engine.places.endpoint,
            context_tokens=lease.context_tokens if lease else file.context_tokens,
            why_locality="an engine that we start, from a file on this machine",
            chosen_because=self._chosen_because,
            offers_logprobs=True,
            offers_json_schema=True,
        )

    async def complete(self, cleared: Cleared, sampling: Sampling) -> AsyncGenerator[Chunk, None]:
        async with aclosing(with_one_retry(lambda: self._attempt(cleared, sampling), self._renew)) as chunks:
            async for chunk in chunks:
                yield chunk

    async def warm(self) -> None:
        """Start the engine and load the model. Sends no text."""
        await self._lease()

    async def count_tokens(self, text: str) -> int:
        return estimate_tokens(text)

    async def aclose(self) -> None:
        """Give the engine back; it ends within a second unless another editor uses it."""
        await self._chat.aclose()
        if self._engine is not None:
            await self._engine.aclose()

    async def _attempt(self, cleared: Cleared, sampling: Sampling) -> AsyncGenerator[Chunk, None]:
        _, engine = await self._client()
        lease = await engine.acquire()
        if lease.endpoint != cleared.route.endpoint:
            raise BackendUnavailable(f"{ENGINE_NAME} was started anew at another address", "ask again")
        self._chat.use(lease.endpoint, egress.base_url(lease.endpoint) + "/v1", lease.key)
        async with aclosing(self._chat.stream(cleared, sampling, _EXTRAS)) as chunks:
            async for chunk in chunks:
                yield chunk

    def _renew(self) -> None:
        """The connection broke: look for the engine anew, and start another if it died."""
        self._chat.renew()
        if self._engine is not None:
            self._engine.release()

    async def _lease(self) -> Lease:
        _, engine = await self._client()
        return await engine.acquire()

    async def _client(self) -> tuple[ModelFile, EngineClient]:
        """The file as it is now, and the client for it. A replaced file is another model."""
        async with self._looking:  # two that look at once would start two clients
            places = Places(await asyncio.to_thread(lambda: self._state.engine))
            file = await look_at(self._path, self._state, places.directory, self._context_tokens, self._file)
            if self._engine is None or file is not self._file:
                if self._engine is not None:
                    await self._engine.aclose()
                self._file = file
                self._engine = EngineClient(self._state, places, self._launch(file, places), self._limits)
            return file, self._engine

    def _launch(self, file: ModelFile, places: Places) -> Launch:
        return Launch(
            directory=str(places.directory),
            weights=file.weights,
            context_tokens=file.context_tokens,
            kv_bytes_per_token=file.facts.kv_bytes_per_token,
            threads=self._threads,
        )
