"""Paths that may have changed, waiting until things are quiet for a moment."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass

QUIET_S = 0.25  # after the last event
MAX_WAIT_S = 1.0  # after the first one
MAX_PATHS = 10_000  # more than that, and looking at everything is simpler


@dataclass(frozen=True, slots=True)
class Work:
    """everything: the whole workspace has to be looked at."""

    everything: bool
    paths: frozenset[str]


class DirtyPaths:
    """Fed by one thread, emptied by another. Bounded: too many paths become `everything`."""

    def __init__(self, quiet_s: float = QUIET_S, max_wait_s: float = MAX_WAIT_S) -> None:
        self._quiet_s = quiet_s
        self._max_wait_s = max_wait_s
        self._paths: set[str] = set()
        self._everything = False
        self._woken = False
        self._first_s = 0.0
        self._last_s = 0.0
        self._changed = threading.Condition()

    def add(self, paths: Iterable[str]) -> None:
        with self._changed:
            self._add(paths)

    def add_unless_waiting(self, path: str) -> None:
        """For what was noticed by looking: that may happen often, and is no reason to wait longer."""
        with self._changed:
            if not self._everything and path not in self._paths:
                self._add([path])

    def add_everything(self) -> None:
        with self._changed:
            self._everything = True
            self._stamp()

    def wake(self) -> None:
        """End a `take` early, with whatever there is."""
        with self._changed:
            self._woken = True
            self._changed.notify_all()

    def take(self, timeout_s: float, stop: threading.Event) -> Work | None:
        """Wait for work and for quiet; None when there was none in time, or `stop` was set."""
        give_up_s = time.monotonic() + timeout_s
        with self._changed:
            while not stop.is_set():
                now = time.monotonic()
                due_s = give_up_s
                if self._waiting():
                    due_s = min(self._last_s + self._quiet_s, self._first_s + self._max_wait_s)
                if now >= due_s or self._woken:
                    self._woken = False
                    return self._emptied() if self._waiting() else None
                self._changed.wait(due_s - now)
            return None

    def _waiting(self) -> bool:
        return self._everything or bool(self._paths)

    def _add(self, paths: Iterable[str]) -> None:
        self._paths.update(paths)
        if len(self._paths) > MAX_PATHS:
            self._everything = True
        self._stamp()

    def _stamp(self) -> None:
        now = time.monotonic()
        if self._first_s == 0.0:
            self._first_s = now
        self._last_s = now
        self._changed.notify_all()

    def _emptied(self) -> Work:
        work = Work(self._everything, frozenset() if self._everything else frozenset(self._paths))
        self._paths.clear()
        self._everything = False
        self._first_s = 0.0
        return work
