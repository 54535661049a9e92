"""Who may write: one process for each table. The system frees the lock when its owner dies."""

from __future__ import annotations

import os
from pathlib import Path

from lsp_debugger.core.errors import IndexUnavailable, StateUnavailable
from lsp_debugger.state import Lock

LOCK_NAME = "writer.lock"


class WriterLock:
    """Never waits: `acquire` says at once whether this process is the writer."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._lock: Lock | None = None

    def acquire(self) -> bool:
        """False while another process writes. Raises IndexUnavailable when nobody could write here."""
        if self._lock is not None:
            return True
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as exc:
            raise _not_writable(exc.strerror or type(exc).__name__) from exc
        if not os.access(self._directory, os.W_OK | os.X_OK):
            raise _not_writable("permission denied")
        if hasattr(os, "geteuid") and self._directory.stat().st_uid != os.geteuid():
            raise _not_writable("it belongs to another user")
        lock = Lock(self._directory / LOCK_NAME, timeout_s=0)
        try:
            lock.__enter__()  # held until `release`, by nature longer than a block
        except StateUnavailable as exc:
            if isinstance(exc.__cause__, OSError):  # a full disk, say: nobody else holds it
                raise _not_writable(exc.__cause__.strerror or type(exc.__cause__).__name__) from exc
            return False
        self._lock = lock
        return True

    def release(self) -> None:
        lock, self._lock = self._lock, None
        if lock is not None:
            lock.__exit__(None, None, None)


def _not_writable(reason: str) -> IndexUnavailable:
    return IndexUnavailable(
        f"the index directory cannot be written ({reason})",
        hint="check its permissions, or set another state directory",
    )
