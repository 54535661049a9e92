"""How far long work is and how long it still takes, in words for whoever waits."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

_WINDOW = 60  # reports, four a second: the speed of the last quarter of a minute
_TELLING_S = 1.0  # a shorter time of work says nothing about the speed
_UNITS = {"indexing": "files", "making vectors": "vectors"}


class Pace:
    """Told of every report, in order. Time in which work is paused does not count."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._phase = ""
        self._worked_s = 0.0
        self._since_s: float | None = None  # the last report, while work goes on
        self._seen: deque[tuple[float, int]] = deque(maxlen=_WINDOW)

    def left_s(self, phase: str, done: int, total: int) -> float | None:
        """Seconds that the rest will take; None while nobody can tell."""
        now = self._clock()
        if phase.startswith("paused"):
            self._since_s = None
            return None
        if phase != self._phase or (self._seen and done < self._seen[-1][1]):
            self._phase, self._since_s = phase, None
            self._seen.clear()
        if self._since_s is not None:
            self._worked_s += now - self._since_s
        self._since_s = now
        self._seen.append((self._worked_s, done))
        took_s, came = self._worked_s - self._seen[0][0], done - self._seen[0][1]
        if phase not in _UNITS or took_s < _TELLING_S or came <= 0:
            return None
        return (total - done) * took_s / came


def described(phase: str, done: int, total: int, left_s: float | None) -> str:
    """As in `1,200 of 6,500 files, about 14 s left`."""
    if phase == "listing files":
        return f"listing files, {done:,} so far"
    if not total:
        return phase
    counts = f"{done:,} of {total:,} {_UNITS.get(phase, 'files')}"
    if phase not in _UNITS:
        return f"{phase}, {counts}"
    return f"{counts}, about {_in_words(left_s)} left" if left_s is not None else counts


def _in_words(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 90 * 60 else f"{round(seconds / 3600)} h"
