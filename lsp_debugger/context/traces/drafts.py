"""What the Python readers share: a trace being read, and the two lines that every format has."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field, replace

from lsp_debugger.context.traces.trace import Frame, Trace

_HALF_FRAMES_MAX = 1000  # of one trace: the outermost and the innermost; nobody reads what lies between
_NOTES_MAX = 20
_DEPTH_MAX = 20  # of groups within groups, so that hostile text cannot exhaust the stack
_CAUSES_MAX = 100  # of one exception; the earliest are dropped

# Capitalised words that programs put before a colon.
_WORDS = frozenset(
    {
        "Debug",
        "Info",
        "Note",
        "Notice",
        "Warn",
        "Warning",
        "Error",
        "Critical",
        "Fatal",
        "Hint",
        "Tip",
        "Usage",
    }
    | {
        "Options",
        "Expected",
        "Actual",
        "Ran",
        "Exit",
        "Caused",
        "Killed",
        "Aborted",
        "Command",
        "Failed",
        "Done",
    }
    | {
        "Step",
        "Starting",
        "Stopped",
        "Finished",
        "Date",
        "Time",
        "Total",
        "Terminated",
        "Hangup",
        "Exiting",
        "Quit",
    }
)

FRAME = re.compile(r'\s*File "(?P<path>[^"]+)", line (?P<line>\d{1,9})(?:,? in (?P<function>\S.*))?\s*$')
LINKS = (
    "The above exception was the direct cause of the following exception:",
    "During handling of the above exception, another exception occurred:",
)

_EXCEPTION = re.compile(r"(?P<type>[^\W\d]\w*(?:\.(?:\w+|<locals>))*)(?:: (?P<message>.*)|:?\s*)$")
_NAMED_AS_ERROR = re.compile(r"(?:Error|Exception|Warning|Exit|Interrupt|Iteration|Group|Fault|Timeout)\d*$")
_CAMEL_CASE = re.compile(r"(?:_*[A-Z]+[a-z0-9]+){2,}")


def exception_of(line: str, *, is_expected: bool = False) -> tuple[str, str] | None:
    """Type and message of a line such as `KeyError: 'k'`, or None when it is something else.

    A name alone, or one that may as well be a log level or a program, needs the look of a class.
    is_expected: the line stands where a traceback has its exception.
    """
    match = _EXCEPTION.match(line)
    if match is None:
        return None
    name = match["type"]
    last = name.rpartition(".")[2]
    if "." in name or _NAMED_AS_ERROR.search(last) or _CAMEL_CASE.match(last):
        return name, (match["message"] or "").rstrip()
    said = match["message"]
    if (said is not None or is_expected) and last[:1].isupper() and not last.isupper() and last not in _WORDS:
        return name, (said or "").rstrip()
    return None


@dataclass(slots=True)
class Draft:
    """A trace while its lines arrive."""

    exception_type: str | None = None
    message: str | None = None
    cause: Draft | None = None
    members: list[Draft] = field(default_factory=list["Draft"])
    notes: list[str] = field(default_factory=list[str])
    _first: list[Frame] = field(default_factory=list[Frame])
    _last: deque[Frame] = field(default_factory=lambda: deque[Frame](maxlen=_HALF_FRAMES_MAX))

    def add(self, frame: Frame) -> None:
        (self._first if len(self._first) < _HALF_FRAMES_MAX else self._last).append(frame)

    def add_source(self, source: str) -> None:
        """The source line that stands under the newest frame; only the first one counts."""
        frames = self._last or self._first
        if frames and not frames[-1].source:
            newest = frames[-1]
            frames[-1] = Frame(newest.path, newest.line, newest.column, newest.function, source)

    def add_note(self, note: str) -> None:
        if len(self.notes) < _NOTES_MAX:
            self.notes.append(note)

    def frame_count(self) -> int:
        return len(self._first) + len(self._last)

    def trace(self, depth: int = 0) -> Trace:
        """The finished value. What a cause came from stands after it in the same list, not within it."""
        chain, cause = list[Trace](), self.cause
        while cause is not None and len(chain) < _CAUSES_MAX:
            chain.append(replace(cause, cause=None).trace(depth))
            cause = cause.cause
        members = [member.trace(depth + 1) for member in self.members] if depth < _DEPTH_MAX else []
        frames = (*self._first, *self._last)
        return Trace(self.exception_type, self.message, frames, (*members, *chain), tuple(self.notes))
