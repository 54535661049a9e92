"""Text under a version: snapshots, spans and line starts, all counted in code points."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

# LSP 3.17 "Text Documents": these three and no others; str.splitlines() would also break on
# form feeds and U+2028, and every later line number would be off by one.
_LINE_END = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Half-open range [start, end) of code-point offsets."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start

    def touches(self, other: Span) -> bool:
        """True when the two share a point; an empty span touches what it lies on."""
        return self.start <= other.end and other.start <= self.end

    def of(self, text: str) -> str:
        return text[self.start : self.end]


class LineIndex:
    """Where lines start. Lines are 0-based; a text always has at least one."""

    def __init__(self, text: str) -> None:
        self._length = len(text)
        starts, ends = [0], list[int]()
        for end in _LINE_END.finditer(text):
            ends.append(end.start())
            starts.append(end.end())
        ends.append(len(text))
        self._starts, self._ends = starts, ends

    def __len__(self) -> int:
        return len(self._starts)

    def line_of(self, offset: int) -> int:
        """The line that holds `offset`; offsets past either end are clamped."""
        return bisect_right(self._starts, min(max(offset, 0), self._length)) - 1

    def span_of(self, line: int) -> Span:
        """The line's text without its line end; lines past either end are clamped."""
        line = min(max(line, 0), len(self) - 1)
        return Span(self._starts[line], self._ends[line])

    def spans(self) -> Iterator[tuple[int, int]]:
        """(start, end) of every line without its line end, in order."""
        return zip(self._starts, self._ends, strict=True)


@dataclass(frozen=True)
class Snapshot:
    """One document at one version. Work happens on this, never on the live document.

    path: absolute file path, or None for an untitled buffer or a notebook cell.
    version: the client's number, or None for text read from disk.
    """

    uri: str
    text: str
    version: int | None = None
    path: str | None = None
    language_id: str = ""

    @cached_property
    def lines(self) -> LineIndex:
        return LineIndex(self.text)

    def line_text(self, line: int) -> str:
        """Line `line` (0-based) without its line end."""
        return self.lines.span_of(line).of(self.text)

    def lines_text(self, first: int, last: int) -> str:
        """Lines `first`..`last` (0-based, inclusive, clamped)."""
        return self.text[self.lines.span_of(first).start : self.lines.span_of(last).end]
