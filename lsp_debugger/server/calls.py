"""Calling a handler of whatever kind, and cancelling all of what a call started."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import Executor
from functools import partial
from types import GeneratorType
from typing import Any, cast

from pygls.constants import ATTR_EXECUTE_IN_THREAD

Handler = Callable[..., Any]
# What a built-in handler of pygls is: it yields other handlers and is sent their values.
Steps = Generator[tuple[Handler, tuple[Any, ...], Mapping[str, Any] | None], Any, Any]


class Caller:
    """Calls handlers on the running loop.

    pool: for handlers that pygls' `thread` decorator marked. None of ours is: a thread runs to its end
    whatever the client says.
    """

    def __init__(self, pool: Callable[[], Executor]) -> None:
        self._pool = pool

    def call(self, handler: Handler, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        """The value, or a future of it. What can run now has run when this returns."""
        loop = asyncio.get_running_loop()
        if getattr(handler, ATTR_EXECUTE_IN_THREAD, False):
            return loop.run_in_executor(self._pool(), partial(handler, *args, **kwargs))
        value = handler(*args, **kwargs)
        if isinstance(value, GeneratorType):
            return self._advance(cast("Steps", value), None)
        return loop.create_task(value) if asyncio.iscoroutine(value) else value

    def _advance(self, steps: Steps, value: Any) -> Any:
        """Run a built-in handler until it ends or has to wait."""
        while True:
            try:
                handler, args, kwargs = steps.send(value)
            except StopIteration as stop:
                return stop.value
            value = self.call(handler, tuple(args or ()), kwargs or {})
            if isinstance(value, asyncio.Future):
                return asyncio.get_running_loop().create_task(self._resume(steps, cast("Any", value)))

    async def _resume(self, steps: Steps, pending: asyncio.Future[Any]) -> Any:
        # A cancel of this task is a cancel of what it waits for: it reaches the handler inside.
        value = self._advance(steps, await pending)
        return await cast("Any", value) if isinstance(value, asyncio.Future) else value
