"""What a stack trace says."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Frame:
    """One call. line: 1-based; column: only where the trace prints one; source: the line, stripped."""

    path: str
    line: int
    column: int | None = None
    function: str | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Trace:
    """One exception and how the program got there.

    exception_type: as printed, dotted where it was; None when the end of the trace is missing.
    message: the first line; what follows it, further lines and notes alike, is in `notes`.
    frames: outermost call first, whatever order the language prints.
    causes: what it was raised from or during, nearest first; before them, a group's members.
      A cause holds its own members only: what it was raised from is further down the same list.
    """

    exception_type: str | None
    message: str | None
    frames: tuple[Frame, ...]
    causes: tuple[Trace, ...] = ()
    notes: tuple[str, ...] = ()
