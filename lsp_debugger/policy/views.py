r"""Other ways to read a text, each with the way back: what hides a secret from a pattern is undone first.

The first view is the text itself, compatibility forms folded and invisible characters dropped. Further
ones exist only where they differ: literals that the code joins (`"AK" + "IA"`, implicit concatenation, a
backslash at the line end), characters that are written out (`\u0041`, `%41`), and long tokens that are
base64 or hex of readable text. One level each: what is packed twice is not unpacked twice.
"""

from __future__ import annotations

import base64
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from lsp_debugger.core.text import Span
from lsp_debugger.policy.patterns import Regex, compile_pattern

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
# The same without what RE2 does not have; each match is looked at again.
_MAYBE_JOINT = (
    rf"""["'`][ \t]*{_OPERATOR}(?:\\?\r?\n[ \t]*{_OPERATOR})?[fFbBrRuU]{{0,2}}["'`][\w+/=.?\-]|\\\r?\n"""
)


@dataclass(frozen=True, slots=True)
class View:
    """pieces: (offset here, offset in the original, characters there), ascending; empty means one to one.

    A piece of another length than what it stands for stands for all of it at once: `%41`, or a decoded token.
    """

    text: str
    pieces: tuple[tuple[int, int, int], ...] = ()

    def original(self, span: Span) -> Span:
        """The characters of the original that `span` of this view stands for; not for empty spans."""
        if not self.pieces:
            return span
        return Span(self._characters(span.start)[0], self._characters(span.end - 1)[1])

    def _characters(self, offset: int) -> tuple[int, int]:
        """Start and end in the original of what the character at `offset` stands for."""
        index = bisect_right(self.pieces, offset, key=lambda piece: piece[0]) - 1
        here, there, length = self.pieces[index]
        next_here = self.pieces[index + 1][0] if index + 1 < len(self.pieces) else len(self.text)
        if next_here - here != length:
            return there, there + length
        return there + offset - here, there + offset - here + 1


def views(text: str) -> Iterator[View]:
    """The text as patterns should see it first, then the other readings where there are any."""
    first = _normalised(text)
    yield first
    for further in (_joined(first), _written_out(first), _decoded(first)):
        if further is not None:
            yield further


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


@cache
def _compiled(pattern: str) -> Regex:
    return compile_pattern(pattern)


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
    maybe = _compiled(_MAYBE_JOINT).finditer(view.text.encode("ascii", "replace"))
    joints = [joint for match in maybe if (joint := _JOINT.match(view.text, match.start()))]
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


# Characters written as numbers, in text that is not made of them: `\\x41`, `\\u0041`, `%41`, `&#65;`.
_WRITTEN = r"\\\\?(?:u00|x)([2-7][0-9A-Fa-f])|%([2-7][0-9A-Fa-f])|&#(\d{2,3});"
_LONG_WORD = r"[A-Za-z0-9+/_\-]{20,}={0,2}"
_MAX_DECODED_CHARS = 65_536
_HEX = re.compile(r"(?:[2-7][0-9A-Fa-f]|0[9aAdD]){10,}\Z")
_READABLE = re.compile(rb"[\t\n\r -~]{12,}\Z")


def _written_out(view: View) -> View | None:
    """The lines that hold such characters, read."""
    text, assembly, done = view.text, _Assembly(), 0
    for match in _compiled(_WRITTEN).finditer(text.encode("ascii", "replace")):
        start = max(text.rfind("\n", 0, match.start()) + 1, done)
        if done and start > done:
            done = _finish(assembly, view, done)
            start = max(start, done)
        _add(assembly, view, start, match.start())
        decimal, digits = match.group(3), match.group(1) or match.group(2) or b"0"
        char = chr(int(decimal)) if decimal else chr(int(digits, 16))
        origin = view.original(Span(match.start(), match.end()))
        assembly.add(char, origin.start, len(origin))
        done = match.end()
    if not done:
        return None
    _finish(assembly, view, done)
    return assembly.view()


def _decoded(view: View) -> View | None:
    """The readable tokens, a line each."""
    assembly = _Assembly()
    # One byte a character, so that offsets are the same: the linear engine is 10 times as fast here.
    for match in _compiled(_LONG_WORD).finditer(view.text.encode("ascii", "replace")):
        plain = _plain(view.text[match.start() : min(match.end(), match.start() + _MAX_DECODED_CHARS)])
        if plain:
            origin = view.original(Span(match.start(), match.end()))
            assembly.add(plain + "\n", origin.start, len(origin))
    decoded = assembly.view()
    return decoded if decoded.text else None


def _plain(token: str) -> str | None:
    """What `token` encodes, if that is text. Most tokens are words and fail at the first bytes."""
    if _HEX.match(token) and len(token) % 2 == 0:
        data = bytes.fromhex(token)
    else:
        try:
            head = base64.urlsafe_b64decode(token[:16].replace("+", "-").replace("/", "_"))
            if not _READABLE.match(head):
                return None
            body = token.rstrip("=").replace("+", "-").replace("/", "_")
            data = base64.urlsafe_b64decode(body[: len(body) - (len(body) % 4 == 1)] + "=" * (-len(body) % 4))
        except ValueError:
            return None
    return data.decode("ascii") if _READABLE.match(data) else None


def _finish(assembly: _Assembly, view: View, start: int) -> int:
    """The rest of a line with a joint in it, line end included; returns where it ends."""
    end = view.text.find("\n", start) + 1 or len(view.text)
    _add(assembly, view, start, end)
    return end


def _add(assembly: _Assembly, view: View, start: int, end: int) -> None:
    """A stretch of `view`, split where the view itself is not one to one with the original."""
    if not view.pieces:
        assembly.add(view.text[start:end], start, end - start)
        return
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
