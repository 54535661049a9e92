"""A text as lines that keep their ends, and changes by whole lines."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from lsp_debugger.core.patch import Rung
from lsp_debugger.core.text import LineIndex
from lsp_debugger.verify.refusal import Refusal

_TYPOGRAPHY = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u2032", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u2033", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
        **dict.fromkeys("\u00a0\u2007\u202f", " "),
        **dict.fromkeys("\u200b\u2060\ufeff"),
    }
)
# Control characters, halves of characters, and what has no shape but turns the text around it: a reader sees
# another program than the compiler. Joiners of emoji and of scripts that need them are no such thing.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_ELISION = re.compile(
    r"""(?ix)\s*(?:
      (?:\.{3}|\u2026)                                                           # alone
    | (?:\#|//|--|;|%|/\*|<!--)\s*(?:[\[({<]\s*)?(?:\.{3}|\u2026).*              # in a comment
    | (?:\#|//|--|/\*|<!--)\s*\(?(?:the\s)?(?:rest|remainder|remaining|existing)\s(?:of\s)?
      .*\b(?:code|function|method|class|file|body|unchanged|same)\b.*
    )\s*\Z"""
)


@dataclass(frozen=True, slots=True)
class Change:
    """Lines [first, last) of a text, 0-based, become `new`, which has no line ends."""

    first: int
    last: int
    new: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Placement:
    """What one hunk comes to. [first, last): the lines that it was recognised by."""

    changes: tuple[Change, ...]
    first: int
    last: int
    rung: Rung


class Lines:
    """texts: without ends; ends: "" of a last line without one."""

    def __init__(self, text: str) -> None:
        index = LineIndex(text)
        spans = [index.span_of(line) for line in range(len(index))]
        starts = [span.start for span in spans[1:]]
        self.texts = [span.of(text) for span in spans]
        self.ends = [text[span.end : start] for span, start in zip(spans, starts, strict=False)] + [""]
        if not self.texts[-1]:  # the text ends with a line end, or is empty
            self.texts.pop()
            self.ends.pop()
        counts = Counter(end for end in self.ends if end)
        self.usual_end = counts.most_common(1)[0][0] if counts else "\n"

    def rewritten(self, changes: Iterable[Change]) -> str:
        """The text after `changes`. Lines outside of them keep their ends, a new line takes that of the
        line it stands for; whether the last line has one stays as it was.

        Raises Refusal when two changes are about the same line.
        """
        ordered = sorted(dict.fromkeys(changes), key=lambda change: (change.first, change.last))
        for one, other in pairwise(ordered):
            if other.first < one.last or (other.first, other.last) == (one.first, one.last):
                raise Refusal("two changes are about the same lines")
        pieces: list[tuple[str, str]] = []
        at = 0
        for change in ordered:
            pieces += zip(self.texts[at : change.first], self._full_ends(at, change.first), strict=True)
            ends = self._full_ends(change.first, change.last)
            fallback = ends[-1] if ends else pieces[-1][1] if pieces else self.usual_end
            ends += [fallback] * (len(change.new) - len(ends))
            pieces += zip(change.new, ends, strict=False)
            at = change.last
        pieces += zip(self.texts[at:], self._full_ends(at, len(self.texts)), strict=True)
        text = "".join(line + end for line, end in pieces)
        if pieces and self.ends and not self.ends[-1]:
            text = text[: len(text) - len(pieces[-1][1])]
        return text

    def _full_ends(self, first: int, last: int) -> list[str]:
        return [end or self.usual_end for end in self.ends[first:last]]


def hidden(text: str) -> int:
    """How many characters of it nobody sees."""
    return sum(1 for _ in _HIDDEN.finditer(text))


def split(text: str) -> list[str]:
    """Lines of a proposal, without a last empty one."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def cleaned(text: str) -> str:
    """Without what a renderer puts in: entities, curly quotes, long dashes, invisible blanks."""
    return html.unescape(text).translate(_TYPOGRAPHY)


def is_elision(line: str) -> bool:
    """`...`, `# ... existing code ...`, `// rest of the function`."""
    return _ELISION.match(line) is not None


def indent_of(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t"))]


def squeezed(line: str) -> str:
    return "".join(line.split())
