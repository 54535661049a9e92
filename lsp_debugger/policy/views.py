"""Other ways to read a text, each with the way back: what hides a secret from a pattern is undone first.

The first view is the text itself, compatibility forms folded and invisible characters dropped. A second
one, only where it differs, joins string literals that the code joins (`"AK" + "IA"`, implicit
concatenation, a backslash at the line end). Later encodings (base64, hex) are further views.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from lsp_debugger.core.text import Span

_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
# A closing quote, what may stand between two literals that become one, an opening quote; or a line that goes
# on. Only between characters that tokens are made of: joining words of prose would reveal nothing.
_OPERATOR = r"(?:(?:\+|\.\.?|&)[ \t]*)?"
_JOINT = re.compile(
    r"""(["'`\\])(?<=[\w+/=.-].)(?:"""  # the character first: `re` skips to it quickly
    r"(?<=\\)\r?\n[ \t]*"
    rf"|(?<!\\)[ \t]*{_OPERATOR}(?:\\?\r?\n[ \t]*{_OPERATOR})?[fFbBrRuU]{{0,2}}\1"
    r")(?=[\w+/=.-])"
)


@dataclass(frozen=True, slots=True)
class View:
    """pieces: (offset here, offset in the original, characters), ascending; empty means one to one."""

    text: str
    pieces: tuple[tuple[int, int, int], ...] = ()

    def original(self, span: Span) -> Span:
        """The characters of the original that `span` of this view stands for; not for empty spans."""
        if not self.pieces:
            return span
        return Span(self._offset(span.start), self._offset(span.end - 1) + 1)

    def _offset(self, offset: int) -> int:
        here, there, length = self.pieces[bisect_right(self.pieces, offset, key=lambda piece: piece[0]) - 1]
        return there + min(offset - here, length - 1)


def views(text: str) -> Iterator[View]:
    """The text as patterns should see it first, then the joined reading where there is one."""
    first = _normalised(text)
    yield first
    joined = _joined(first)
    if joined is not None:
        yield joined


class _Assembly:
    def __init__(self) -> None:
        self._parts = list[str]()
        self._pieces = list[tuple[int, int, int]]()
        self._length = 0

    def add(self, text: str, origin: int, length: int) -> None:
        """Append `text`, which stands for `length` characters of the original from `origin` on."""
        if text:
            self._parts.append(text)
            self._pieces.append((self._length, origin, length))
            self._length += len(text)

    def view(self) -> View:
        return View("".join(self._parts), tuple(self._pieces))


def _normalised(text: str) -> View:
    if text.isascii():
        return View(text)
    assembly, done = _Assembly(), 0
    for run in _NOT_ASCII.finditer(text):
        if _folded_run(run.group()) == run.group():
            continue
        assembly.add(text[done : run.start()], done, run.start() - done)
        for offset, char in enumerate(run.group(), run.start()):
            assembly.add(_folded(char), offset, 1)
        done = run.end()
    if not done:
        return View(text)
    assembly.add(text[done:], done, len(text) - done)
    return assembly.view()


@lru_cache(maxsize=4096)
def _folded(char: str) -> str:
    """NFKC, without format characters (zero-width, bidi controls, tags) and variation selectors."""
    if unicodedata.category(char) == "Cf" or "\ufe00" <= char <= "\ufe0f" or char == "\u034f":
        return ""
    return unicodedata.normalize("NFKC", char)


def _folded_run(run: str) -> str:
    return "".join(map(_folded, run))


def _joined(view: View) -> View | None:
    """Only the surroundings of joints: the rest has been read already."""
    joints = list(_JOINT.finditer(view.text))
    if not joints:
        return None
    assembly, text, done = _Assembly(), view.text, 0
    for joint in joints:
        if joint.start() < done:
            continue
        line_start = max(text.rfind("\n", 0, joint.start()) + 1, done)
        if done and line_start > done:
            done = _finish(assembly, view, done)
            line_start = max(line_start, done)
        _add(assembly, view, max(line_start, done), joint.start())
        done = joint.end()
    _finish(assembly, view, done)
    return assembly.view()


def _finish(assembly: _Assembly, view: View, start: int) -> int:
    """The rest of a line with a joint in it, line end included; returns where it ends."""
    end = view.text.find("\n", start) + 1 or len(view.text)
    _add(assembly, view, start, end)
    return end


def _add(assembly: _Assembly, view: View, start: int, end: int) -> None:
    """A stretch of `view`, split where the view itself is not one to one with the original."""
    at = start
    while at < end:
        stop = end
        if view.pieces:
            index = bisect_right(view.pieces, at, key=lambda piece: piece[0])
            if index < len(view.pieces):
                stop = min(end, view.pieces[index][0])
        origin = view.original(Span(at, at + 1)).start
        assembly.add(view.text[at:stop], origin, stop - at)
        at = stop
