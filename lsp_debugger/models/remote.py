"""A model of somebody else, behind the policy's own description of it. It is asked once, after consent."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator
from contextlib import aclosing

from lsp_debugger import egress
from lsp_debugger.core.errors import BackendUnavailable
from lsp_debugger.core.model import Chunk, Endpoint, Sampling
from lsp_debugger.models.openai_chat import ChatClient
from lsp_debugger.models.streaming import Limits
from lsp_debugger.policy.cleared import Cleared


class RemoteBackend:
    """api_key_env: name of the environment variable that holds the key; empty for none."""

    def __init__(self, endpoint: Endpoint, api_key_env: str = "", limits: Limits | None = None) -> None:
        self._api_key_env = api_key_env
        self._endpoint = endpoint
        self._chat = ChatClient(f"{endpoint.name} at {endpoint.url}", limits or Limits())

    async def complete(self, cleared: Cleared, sampling: Sampling) -> AsyncGenerator[Chunk, None]:
        """Stream the answer to the one request that was cleared. Nothing is tried a second time."""
        key = os.environ.get(self._api_key_env, "") if self._api_key_env else ""
        if self._api_key_env and not key:
            raise BackendUnavailable(
                f"there is no key for {self._endpoint.name}", f"set {self._api_key_env} and start again"
            )
        self._chat.use(self._endpoint, egress.base_url(self._endpoint), key)
        async with aclosing(self._chat.stream(cleared, sampling)) as chunks:
            async for chunk in chunks:
                yield chunk

    async def aclose(self) -> None:
        await self._chat.aclose()
