"""When long work in the background has to wait: on battery, and while others need the machine."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable

HIGH_LOAD = "high load"
LONG_FILES = 500  # fewer are over before anybody notices
_LOOK_S = 2.0
_MAX_LOAD = 3.0  # runnable processes a processor
_LONGEST_FOR_LOAD_S = 300.0  # then it goes on: a machine that is always busy gets its index too


class Brake:
    """`wait` returns when work may go on. paused: told once, in words for the user, what is waited for."""

    def __init__(self, stop: threading.Event, paused: Callable[[str], None]) -> None:
        self._stop = stop
        self._paused = paused
        self._looked_s = 0.0
        self._waited_for_load_s = 0.0

    def wait(self, files_left: int) -> None:
        """Cheap: it looks every two seconds, and never at what is over soon."""
        if files_left < LONG_FILES or time.monotonic() - self._looked_s < _LOOK_S:
            return
        said = ""
        while not self._stop.is_set() and (why := self._reason()):
            if why != said:
                said = why
                self._paused(why)
            if why == HIGH_LOAD:
                self._waited_for_load_s += _LOOK_S
            self._stop.wait(_LOOK_S)
        self._looked_s = time.monotonic()

    def _reason(self) -> str:
        if on_battery():
            return "on battery"
        return HIGH_LOAD if self._waited_for_load_s < _LONGEST_FOR_LOAD_S and under_load() else ""


def on_battery() -> bool:
    import psutil

    battery = psutil.sensors_battery() if hasattr(psutil, "sensors_battery") else None
    return battery is not None and battery.power_plugged is False


def under_load() -> bool:
    """More is running than the machine has processors for, by far; this process is a part of it."""
    try:
        return os.getloadavg()[0] > _MAX_LOAD * (os.cpu_count() or 1)
    except (AttributeError, OSError):  # Windows has none
        return False
