"""How much disk an index may take."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from lsp_debugger.index.tables import directory_bytes

_LOOK_S = 2.0
# Tidying up has to bring more than this, or it would be done again and again at the edge.
_SPARE = 0.9


class Room:
    """limit_bytes: 0 is no limit."""

    def __init__(self, directory: Path, limit_bytes: int) -> None:
        self._directory = directory
        self._limit_bytes = limit_bytes
        self._looked_s = float("-inf")

    def is_used_up(self, tidy: Callable[[], None]) -> bool:
        """Whether there is none left, after `tidy` too. Cheap: it looks every two seconds."""
        now = time.monotonic()
        if not self._limit_bytes or now - self._looked_s < _LOOK_S:
            return False
        self._looked_s = now
        if directory_bytes(self._directory) <= self._limit_bytes:
            return False
        tidy()
        return directory_bytes(self._directory) > self._limit_bytes * _SPARE
