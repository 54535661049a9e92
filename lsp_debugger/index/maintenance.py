"""Rows into the text index, fragments joined, old versions dropped: when it is due, or somebody asks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from lsp_debugger.core.errors import IndexUnavailable
from lsp_debugger.index import memory
from lsp_debugger.index.meter import Meter
from lsp_debugger.index.store import Store
from lsp_debugger.index.sync import Sync

_COMPACTION_TIMEOUT_S = 600.0


class Maintenance:
    """`compaction` may be asked for from any thread; the writing thread alone does the work."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self._compaction: threading.Event | None = None  # set by it when it is done

    @property
    def is_asked(self) -> bool:
        return self._compaction is not None

    def compaction(self, wake: Callable[[], None]) -> None:
        """Have it done now; returns when it is. Raises IndexUnavailable."""
        done = self._compaction = threading.Event()
        wake()
        if not done.wait(_COMPACTION_TIMEOUT_S):
            raise IndexUnavailable(
                "the index was not maintained in time", hint="try again when it is current"
            )

    def run(self, store: Store, sync: Sync) -> bool:
        """What is due or asked for; True when there was something. Raises IndexUnavailable."""
        compaction, self._compaction = self._compaction, None
        if compaction is None and not store.needs_care():
            return False
        try:
            self.optimize(sync)
        finally:
            if compaction:
                compaction.set()  # who waits for it has to go on, whatever became of it
        memory.release()
        return True

    def optimize(self, sync: Sync) -> None:
        began_s = time.monotonic()
        sync.optimize()
        self._meter.maintained(time.monotonic() - began_s)
