"""What gcc and clang print, as values: the one format that every version of both speaks.

gcc's JSON leaves out where a template was asked for and how a header came in, which is all that a user can
act on when the error lies in a library. Its text has both, with columns in bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_LEVELS = "fatal error|error|warning|note|sorry, unimplemented|internal compiler error"
_MAX_LINE_CHARS = 20_000
_MAX_MESSAGES = 20_000
_MAX_NOTES = 200

_PLACED = r"^(?P<path>[^\s:](?:[^:\n]|:(?!\d))*):(?P<line>\d{1,9}):(?:(?P<column>\d{1,9}):)? "
_MESSAGE = re.compile(_PLACED + rf"(?P<level>{_LEVELS}): (?P<text>.*)$")
_REQUIRED = re.compile(_PLACED + r"  (?P<text>(?:recursively )?required (?:from|by) .*)$")
_INCLUDED = re.compile(
    r"^(?:In file included|[ \t]+) ?from (?P<path>[^\n]+?):(?P<line>\d{1,9})(?::\d{1,9})?[,:]$"
)
_TAIL = re.compile(r" \[(?P<code>[A-Za-z-][\w.+=,-]{1,200})\]$")
_CWE = re.compile(r" \[CWE-\d{1,6}\]")
_SOURCE = re.compile(r"^ *\d+ \| (?P<code>.*)$")
_MARKED = re.compile(r"^ *\| (?P<marks>[ ~^]+)$")


@dataclass(frozen=True, slots=True)
class Spot:
    """A place as it was printed; column 0 where there is none. text: what is said about it."""

    path: str
    line: int
    column: int = 0
    text: str = ""


@dataclass(slots=True)
class Said:
    """One message and what belongs to it.

    code: in the brackets behind the message, empty for most errors. width: how many characters are marked
    from the column on, 0 when that cannot be told. chain: what asked for the template, innermost first.
    included: the lines that brought the file in, innermost first.
    """

    level: str
    spot: Spot
    code: str = ""
    width: int = 0
    notes: list[Spot] = field(default_factory=list[Spot])
    chain: tuple[Spot, ...] = ()
    included: tuple[Spot, ...] = ()


def messages(printed: str) -> list[Said]:
    """In the printed order; notes belong to the message before them. Other lines are passed over."""
    reader = _Reader()
    for line in printed.splitlines():
        reader.take(line[:_MAX_LINE_CHARS])
        if len(reader.found) >= _MAX_MESSAGES:
            break
    return reader.found


class _Reader:
    def __init__(self) -> None:
        self.found: list[Said] = []
        self._chain: list[Spot] = []
        self._included: list[Spot] = []
        self._source: str | None = None
        self._unmarked: Said | None = None  # whose line of marks is still to come

    def take(self, line: str) -> None:
        if match := _MESSAGE.match(line):
            self._message(match)
        elif match := _REQUIRED.match(line):
            self._chain.append(_spot(match, match["text"]))
        elif match := _INCLUDED.match(line):
            if line.startswith("In file"):
                self._included = []
            self._included.append(Spot(match["path"], int(match["line"])))
        elif match := _SOURCE.match(line):
            self._source = match["code"]
        elif (match := _MARKED.match(line)) and self._unmarked is not None:
            self._mark(self._unmarked, match["marks"])

    def _message(self, match: re.Match[str]) -> None:
        text = match["text"]
        if match["level"] == "note":
            if self.found and len(self.found[-1].notes) < _MAX_NOTES:
                self.found[-1].notes.append(_spot(match, _TAIL.sub("", text)))
            self._unmarked = None
            self._included = []
            return
        tail = _TAIL.search(text)
        code = tail["code"].partition(",")[0] if tail is not None else ""
        shown = _CWE.sub("", text[: tail.start()] if tail is not None else text)
        said = Said(
            match["level"],
            _spot(match, shown),
            code,
            chain=tuple(self._chain),
            included=tuple(self._included),
        )
        self.found.append(said)
        self._chain, self._included = [], []
        self._unmarked, self._source = said, None

    def _mark(self, said: Said, marks: str) -> None:
        """`~~^~~` below the source: what is marked, where columns and characters are the same."""
        self._unmarked = None
        at, source = said.spot.column - 1, self._source
        if source is None or not source.isascii() or "\t" in source or not 0 <= at < len(marks):
            return
        end = at
        while end < len(marks) and marks[end] in "~^":
            end += 1
        start = at
        while start > 0 and marks[start - 1] in "~^":
            start -= 1
        # A lone `^` marks where something begins, not how long it is.
        if marks[at] != " " and end - start > 1:
            spot = said.spot
            said.spot = Spot(spot.path, spot.line, start + 1, spot.text)
            said.width = end - start


def _spot(match: re.Match[str], text: str) -> Spot:
    return Spot(match["path"], int(match["line"]), int(match["column"] or 0), text.strip())


def unplaced(printed: str) -> Iterator[str]:
    """Lines in which the program speaks about itself: `gcc: fatal error: …`, `error: unknown argument …`."""
    for line in printed.splitlines():
        text = line[:_MAX_LINE_CHARS]
        if re.match(
            r"^(?:[\w.+-]{1,40}: )?(?:fatal error|error|internal compiler error): ", text, re.IGNORECASE
        ):
            yield text
