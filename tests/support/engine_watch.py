"""How much processor time the embedded engine of one home uses: what a cancel has to bring to an end."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import Self

_EVERY_S = 0.05
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


class EngineWatch:
    """Use as a context manager. An engine that has ended uses nothing any more."""

    def __init__(self, home: Path) -> None:
        self._mark = f"HOME={home}".encode()
        self._used: list[tuple[float, float]] = []  # wall clock, seconds of processor time so far
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._look, name="engine watch", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self._thread.join(10)

    def used_s(self, begin: float, end: float) -> float:
        """Processor time between two moments of the wall clock."""
        before = max((used for at, used in self._used if at <= begin), default=0.0)
        return max((used for at, used in self._used if at <= end), default=0.0) - before

    def _look(self) -> None:
        engine: Path | None = None
        while not self._ends.wait(_EVERY_S):
            engine = engine or self._engine()
            if engine is not None:
                try:
                    fields = (engine / "stat").read_text().rpartition(")")[2].split()
                except OSError:
                    engine = None
                    continue
                self._used.append((time.time(), (int(fields[11]) + int(fields[12])) / _TICKS_PER_S))

    def _engine(self) -> Path | None:
        for process in Path("/proc").glob("[0-9]*"):
            try:
                is_engine = b"lsp_debugger.models.engine" in (process / "cmdline").read_bytes()
                if is_engine and self._mark in (process / "environ").read_bytes().split(b"\0"):
                    return process
            except OSError:
                continue
        return None
