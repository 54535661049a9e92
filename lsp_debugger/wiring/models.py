"""Which model answers, for as long as it does."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from lsp_debugger.config import Settings
from lsp_debugger.core.errors import LspDebuggerError
from lsp_debugger.state import State

if TYPE_CHECKING:
    from lsp_debugger.models.choose import Choice
    from lsp_debugger.models.remote import RemoteBackend
    from lsp_debugger.policy.document import CloudEndpoint

_log = logging.getLogger(__name__)
# Somebody without a model may start one; a list of code actions is asked for often.
_LOOK_AGAIN_S = 20.0


class Models:
    """The chosen backend, kept until it fails, and what loads it early."""

    def __init__(self, settings: Settings, state: State) -> None:
        self._settings = settings
        self._state = state
        self._choice: Choice | None = None
        self._lock = asyncio.Lock()
        self._preloading: asyncio.Task[None] | None = None
        self._looking: asyncio.Task[None] | None = None
        self._looked_at = float("-inf")

    async def choose(self) -> Choice:
        """The choice with its model described anew: what was true of it before may not be now."""
        async with self._lock:
            chosen = self._choice
            if chosen is not None and chosen.backend is not None:
                try:
                    return replace(chosen, info=await chosen.backend.describe())
                except LspDebuggerError as error:
                    _log.info("choosing again: %s", type(error).__name__)
                    await chosen.backend.aclose()
            choose = await asyncio.to_thread(_imported_choose)
            self._choice = await choose(self._settings, self._state)
            self._looked_at = time.monotonic()
            return self._choice

    def why_none(self) -> str | None:
        """Why there is no model: empty where there is one, None while nobody has looked. Pure look-up."""
        if self._settings.backend == "none":
            return "models are turned off (backend is none)"
        if self._choice is None:
            return None
        return "" if self._choice.backend is not None else self._choice.why

    def look_soon(self) -> None:
        """Look in the background for a model, unless one is known or somebody looked a moment ago."""
        is_looking = self._looking is not None and not self._looking.done()
        if is_looking or self.why_none() == "" or self._settings.backend == "none":
            return
        if time.monotonic() - self._looked_at > _LOOK_AGAIN_S:
            self._looking = asyncio.get_running_loop().create_task(self._look(), name="looking for a model")

    async def _look(self) -> None:
        try:
            await self.choose()
        except LspDebuggerError as error:
            _log.info("no model: %s", type(error).__name__)

    async def remote(self, endpoint: CloudEndpoint) -> RemoteBackend:
        """For one request to a model of somebody else. Nothing is opened before that is sent."""

        def make() -> RemoteBackend:
            from lsp_debugger.models.remote import RemoteBackend
            from lsp_debugger.models.streaming import Limits

            limits = Limits(first_token_s=self._settings.first_token_timeout_s)
            return RemoteBackend(endpoint.place, endpoint.api_key_env, limits)

        return await asyncio.to_thread(make)

    def preload_soon(self) -> None:
        """A first problem was seen, or the settings say that the start is enough. Once a session."""
        if self._preloading is None and self._settings.backend != "none":
            self._preloading = asyncio.get_running_loop().create_task(self._preload(), name="preload")

    async def _preload(self) -> None:
        """Load the model before somebody asks. Failing costs nothing."""
        from lsp_debugger.models.preload import preload_allowed

        try:
            decided = await asyncio.to_thread(preload_allowed, self._settings, at_start=False)
            _log.info("preload: %s", decided.why)
            if not decided.allowed:
                return
            choice = await self.choose()
            if choice.backend is not None:
                await choice.backend.warm()
        except LspDebuggerError as error:
            _log.info("no preload: %s", type(error).__name__)

    async def status(self) -> str:
        choice = await self.choose()
        if choice.info is None:
            return f"none: {choice.why}. {choice.hint}".rstrip()
        info = choice.info
        return f"{info.model} on {info.backend}, {info.locality.value} ({info.chosen_because})"

    async def aclose(self) -> None:
        for task in (self._preloading, self._looking):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        if self._choice is not None and self._choice.backend is not None:
            await self._choice.backend.aclose()


def _imported_choose() -> Callable[[Settings, State], Awaitable[Choice]]:
    """Importing the clients takes most of a second: in a thread the loop hardly notices."""
    from lsp_debugger.models.choose import choose

    return choose
