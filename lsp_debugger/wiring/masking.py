"""Masks for what is shown, with the workspace's own secrets as they were a moment ago."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lsp_debugger.policy.detect import KnownScanner
    from lsp_debugger.policy.known_values import KnownValues
    from lsp_debugger.policy.mask import Mask

_FRESH_S = 5.0
# A title shows the beginning of a message; more than that is not looked at on the loop.
_TITLE_CHARS = 2_000


class Masking:
    """Compiling the detectors and reading `.env` files takes a thread, and only the first mask waits for it.

    Later ones use the values read last, which are read again meanwhile: a hover must not wait for a walk
    through a large workspace. What goes into a prompt is redacted with the values of that moment.
    """

    def __init__(self, known_values: Callable[[], KnownValues]) -> None:
        self._known_values = known_values
        self._mask: Callable[[KnownScanner | None], Mask] | None = None
        self._known: KnownScanner | None = None
        self._read_at = float("-inf")
        self._reading: asyncio.Task[None] | None = None

    async def mask(self) -> Mask:
        """A mask for one card or one question."""
        self.prepare_soon()
        if self._mask is None:
            assert self._reading is not None, "begun just now, since nothing was ever read"
            await asyncio.shield(self._reading)
        assert self._mask is not None, "the reading ends with it or raises"
        return self._mask(self._known)

    def title(self, text: str) -> str:
        """The beginning of `text` without secrets. Pure look-up: empty while nothing is prepared."""
        return self._mask(self._known).text(text[:_TITLE_CHARS]) if self._mask is not None else ""

    def prepare_soon(self) -> None:
        """Somebody will see something soon: read what masks need unless it was read just now."""
        is_reading = self._reading is not None and not self._reading.done()
        if not is_reading and time.monotonic() - self._read_at > _FRESH_S:
            self._reading = asyncio.get_running_loop().create_task(self._read(), name="masking")

    def renew(self) -> None:
        """There are other folders: the next use reads their values."""
        self._read_at = float("-inf")

    async def aclose(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)

    async def _read(self) -> None:
        self._mask, self._known = await asyncio.to_thread(_prepared, self._known_values)
        self._read_at = time.monotonic()


def _prepared(
    known_values: Callable[[], KnownValues],
) -> tuple[Callable[[KnownScanner | None], Mask], KnownScanner]:
    from lsp_debugger.policy.mask import Mask
    from lsp_debugger.policy.redact import prepare

    prepare()
    return Mask, known_values().scanner()
