"""What an index has done since it was made: counts and durations, never a text. Kept beside it."""

from __future__ import annotations

import contextlib
import json
import threading
from collections import Counter, deque
from pathlib import Path
from typing import Any

METER_FILE = "meter.json"
_MAX_FILE_BYTES = 64_000
_SAMPLES = 500  # of the last searches


class Meter:
    """Safe in any thread. Only the writer of an index saves; what cannot be saved or read is no trouble."""

    def __init__(self, directory: Path) -> None:
        self._place = directory / METER_FILE
        self._lock = threading.Lock()
        self._is_saved = True
        self._starts: Counter[str] = Counter()
        self._counts: Counter[str] = Counter()
        self._search_ms: deque[float] = deque(maxlen=_SAMPLES)
        self._maintenance_s = 0.0
        self._load()

    def started(self, because: str) -> None:
        """because: need | memory | ended, of a worker that is the writer now."""
        with self._lock:
            self._starts[because] += 1
            self._is_saved = False

    def searched(self, seconds: float) -> None:
        with self._lock:
            self._counts["searches"] += 1
            self._search_ms.append(round(seconds * 1000, 2))
            self._is_saved = False

    def maintained(self, seconds: float) -> None:
        with self._lock:
            self._counts["maintenances"] += 1
            self._maintenance_s = round(seconds, 3)
            self._is_saved = False

    def save(self) -> None:
        with self._lock:
            if self._is_saved:
                return
            self._is_saved = True
            kept = {
                "starts": self._starts,
                "counts": self._counts,
                "search_ms": list(self._search_ms),
                "maintenance_s": self._maintenance_s,
            }
            beside = self._place.with_suffix(".new")
            with contextlib.suppress(OSError):
                beside.write_text(json.dumps(kept), "utf-8")
                beside.replace(self._place)

    def shown(self) -> dict[str, Any]:
        """Percentiles are of the last searches, in ms; 0.0 where there were none."""
        with self._lock:
            times = sorted(self._search_ms)
            return {
                "searches": self._counts["searches"],
                "search_p50_ms": _percentile(times, 0.5),
                "search_p95_ms": _percentile(times, 0.95),
                "maintenances": self._counts["maintenances"],
                "last_maintenance_s": self._maintenance_s,
                "starts": self._starts.total(),
                "starts_for_memory": self._starts["memory"],
                "starts_after_an_end": self._starts["ended"],
            }

    def _load(self) -> None:
        try:
            with self._place.open("rb") as file:
                kept: Any = json.loads(file.read(_MAX_FILE_BYTES))
            starts = Counter({str(name): int(count) for name, count in kept["starts"].items()})
            counts = Counter({str(name): int(count) for name, count in kept["counts"].items()})
            times = [float(each) for each in kept["search_ms"]]
            maintenance_s = float(kept["maintenance_s"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return
        self._starts, self._counts, self._maintenance_s = starts, counts, maintenance_s
        self._search_ms.extend(times)


def _percentile(ascending: list[float], share: float) -> float:
    return ascending[min(len(ascending) - 1, int(len(ascending) * share))] if ascending else 0.0
