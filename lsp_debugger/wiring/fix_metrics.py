"""How fixes fare, counted on this machine: no text, no names, no paths, and nothing sent anywhere."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, cast

from lsp_debugger.core.errors import StateUnavailable
from lsp_debugger.state import State

_FILE = "fixes.jsonl"
_MAX_BYTES = 1_000_000  # a line is about a hundred bytes; the older half goes
_OUTCOMES = frozenset({"accepted", "rejected", "undone", "kept"})


class FixMetrics:
    """Its methods block."""

    def __init__(self, state: State) -> None:
        self._state = state

    def add(self, outcome: str, *, after_s: int, kept: float, rungs: int, is_complete: bool) -> None:
        """One line. after_s, kept: of `kept`, when it was measured and which share of the text was there.

        rungs: how many had passed. Raises StateUnavailable, OSError.
        """
        entry = {
            "day": datetime.now(UTC).date().isoformat(),
            "outcome": outcome,
            "after_s": after_s,
            "kept": round(kept, 3),
            "rungs": rungs,
            "complete": is_complete,
        }
        path = self._state.directory / _FILE
        if path.exists() and path.stat().st_size > _MAX_BYTES:
            lines = path.read_bytes().splitlines(keepends=True)
            self._state.write_atomic(path, b"".join(lines[len(lines) // 2 :]))
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")

    def summary(self) -> str:
        """`4 accepted, 1 undone, 2 rejected; 97 % kept after 30 s, 90 % after 300 s`."""
        entries = self._entries()
        if not entries:
            return "none offered yet"
        counts = Counter(str(each["outcome"]) for each in entries)
        said = ", ".join(
            f"{counts[name]} {name}" for name in ("accepted", "undone", "rejected") if counts[name]
        )
        shares = dict[int, list[float]]()
        for each in entries:
            if each["outcome"] == "kept":
                shares.setdefault(int(each["after_s"]), []).append(float(each["kept"]))
        kept = ", ".join(
            f"{sum(found) / len(found):.0%} of the text kept after {after_s} s"
            for after_s, found in sorted(shares.items())
        )
        return "; ".join(filter(None, (said, kept)))

    def _entries(self) -> list[Mapping[str, Any]]:
        """What can be read of it: no line that a crash cut short, nothing without a state directory."""
        try:
            lines = (self._state.directory / _FILE).read_text("utf-8", "replace").splitlines()
        except (OSError, StateUnavailable):
            return []
        return [entry for line in lines if (entry := _read(line)) is not None]


def _read(line: str) -> Mapping[str, Any] | None:
    try:
        given = json.loads(line)
        if not isinstance(given, dict):
            return None
        entry = cast("Mapping[str, Any]", given)
        entry = {**entry, "kept": float(entry["kept"]), "after_s": int(entry["after_s"])}
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None
    return entry if entry.get("outcome") in _OUTCOMES else None
