"""Wait for what another process or thread does, without a guess at how long that takes."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable

_PATIENCE_S = 20.0


async def until(condition: Callable[[], bool | Awaitable[bool]]) -> None:
    """Return when the condition holds; fail when it does not come to hold."""
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        met = condition()
        if await met if inspect.isawaitable(met) else met:
            return
        assert time.monotonic() < deadline, "it did not come"
        await asyncio.sleep(0.01)
