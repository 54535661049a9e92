"""What else than secrets is hidden from a model of somebody else: literals, comments, people and places."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import accumulate

from lsp_debugger.policy import placeholders
from lsp_debugger.policy.literals import messages, places, source
from lsp_debugger.policy.literals.allowed import ATOM, ATOM_OF_F_STRING, is_allowed
from lsp_debugger.policy.literals.lexing import CODE, Family, Piece, pieces
from lsp_debugger.policy.patterns import Regex, compile_pattern
from lsp_debugger.policy.rules import shapes
from lsp_debugger.policy.rules.names import STEMS, Strength, strength


@dataclass(frozen=True, slots=True)
class Hidden:
    """[start, end) is to be replaced. kind: of the placeholder. value: escapes undone.

    quote: how the literal around it is written, empty outside of one.
    """

    start: int
    end: int
    kind: str
    value: str
    quote: str = ""

    def part(self, text: str, start: int, end: int) -> Hidden:
        """[start, end) of it, where `text` is what was looked at."""
        if (start, end) == (self.start, self.end):
            return self
        return Hidden(start, end, self.kind, source.read(text[start:end], self.quote), self.quote)


_PRAGMA = re.compile(
    r"(?i)!|-\*-|(?:type|noqa|pylint|pragma|fmt|isort|mypy|pyright|nosec|ruff|flake8|eslint|jshint|jslint|tslint"
    r"|prettier|istanbul|c8|@ts-|go:|\+build|nolint|clang-|shellcheck|rubocop|coding|region|endregion|cython"
    r"|distutils|skip|doctest|export|lint)\b[^.]{0,80}\Z"
)
_DECORATION = re.compile(r"[ \t]*(?:\*+|#+|//+|--+|[=*#~_-]{3,})?[ \t]*")
_KEY_POSITION = re.compile(r"""["'`]{1,3}\s*(?::(?!:)|=>|\])""")
_STEM = "|".join(STEMS)
_NAME = rf"(?i)[a-z0-9_.\-]*(?:{_STEM})[a-z0-9_\-]*"
_LOGIN_WORDS = r"|\b(?:log_?in|identified|credentials?|basic_?auth|sshpass|private|getconnection|pdo)\b"
_GOES_ON = re.compile(r"(?:[:=(|>\\,]|\b(?:is|value))\s*\Z")
_VALUE_LINE = re.compile(r"""\s*[-"'<{]*\s*(?:value|default|string)\b""")
_BARE = (
    rf"(?i)(?P<key>[a-z0-9_.\-]*(?:{_STEM})[a-z0-9_\-]*)[\"'\])]{{0,3}}"
    r"(?:[ \t]{0,9}(?:=>|::?=|:-|<-|[?+.|]=|={1,3}|:|\||>|[ \t](?:is|was)[ \t]|[ \t])[ \t]{0,9}"
    r"(?:[|>][+-]?\s*\n\s+)?)"
    r"(?:(?:bearer|basic|token|digest|api-?key)[ \t]+)?"
    r"(?P<value>[^\s\"'`<>{\[(][^\s\"'`<>]{2,400})"
)
_NAMED_VALUE = re.compile(
    r"""\s*[-"'<{]*\s*(?:value|default|string)["']?\s*[:=>]\s*(?P<value>[^\s"'<>{$][^\s"'<>]*)"""
)
_NO_VALUE = re.compile(
    r"(?i)(?:true|false|null|none|nil|yes|no|is|of|in|for|and|or|to|the|not|was|with|str|int|bool|string|optional|any|"
    r"self|this|undefined|required)[,;.)]*\Z|\$|%\(|[\w.]+\(|[\w.]+\[|\w+://|[-/.\\=:|&]|<"
)
_OPAQUE = r"\b[A-Za-z0-9_][A-Za-z0-9_+/~\-]{13,}={0,2}"


_MIN_NAME_CHARS = 3


@cache
def _compiled(pattern: str) -> Regex:
    return compile_pattern(pattern)


def hidden(text: str, family: Family) -> list[Hidden]:
    """What to hide, ascending and apart. Secrets are found elsewhere; where both are, the secret counts."""
    look = _Look(text, family)
    found = [*look.places(), *look.homes(), *look.quoted(), *look.bare()]
    # Of two that overlap, the more telling kind: it comes first.
    ranked = sorted(enumerate(found), key=lambda item: (item[1].start, item[0]))
    out, done = list[Hidden](), 0
    for _, one in ranked:
        rest = one if one.start >= done else one.part(text, done, max(done, one.end))
        run = text[rest.start : rest.end]
        if any(map(str.isalnum, run)) and not (look.was_masked and placeholders.is_only_ours(run)):
            out.append(rest)
            done = rest.end
    return out


class _Look:
    def __init__(self, text: str, family: Family) -> None:
        self._text = text
        self._family = family
        # A placeholder is neither a name nor a value, nor does it complete what stands before it.
        own = placeholders.spans(text)
        self._blanked = placeholders.blanked(text, own) if own else text
        self.was_masked = bool(own)
        self._data = self._blanked.encode("ascii", "replace")  # one byte a character: the text's offsets
        self._pieces = list(pieces(placeholders.blanked(text, own, as_words=True), family))
        self._line_ends = [end - 1 for end in accumulate(len(line) + 1 for line in text.split("\n"))][:-1]
        self._code_lines = set[int]() if family in CODE else set(map(self._line, messages.shown_code(text)))
        self._value_lines = list[int]()  # the value of the name in the line before
        self._sensitive_lines = self._find_sensitive()
        self._users = self._find_users()

    def homes(self) -> Iterator[Hidden]:
        for start, end in self._users:
            yield Hidden(start, end, "USER", self._text[start:end])

    def places(self) -> Iterator[Hidden]:
        """People and machines in what is not code. In code they stand in literals, which go anyway."""
        if self._family in CODE:
            return
        text = self._text
        kinds = [("HOST", places.HOST), ("STR", places.PHONE)]
        if "@" in text or ".git" in text or "ssh://" in text:
            kinds = [
                ("REMOTE", places.CREDENTIAL_URI),
                ("REMOTE", places.REMOTE),
                ("EMAIL", places.EMAIL),
                *kinds,
            ]
        for kind, pattern in kinds:
            for match in _compiled(pattern).finditer(self._data):
                yield Hidden(*match.span(), kind, text[slice(*match.span())])
        for match in places.URL_HOST.finditer(text):
            if not places.PUBLIC.match(match["host"]):
                yield Hidden(*match.span("host"), "HOST", match["host"])

    def quoted(self) -> Iterator[Hidden]:
        for piece in self._pieces:
            yield from self._comment(piece) if piece.is_comment else self._literal(piece)

    def bare(self) -> Iterator[Hidden]:
        """Values without quotes beside a name that says `secret`, and words that nobody has chosen."""
        if self._family in CODE:
            return
        text = self._text
        bare, at = _compiled(_BARE), 0
        while (match := bare.search(self._data, at)) is not None:
            start, end = match.span(bare.groupindex[b"value"])
            value = text[start:end].rstrip(",;).")
            if is_value := self._is_value(match.span(bare.groupindex[b"key"]), start, value):
                yield Hidden(start, start + len(value), "STR", value)
            at = end if is_value else start  # what is no value may hold the next name
        for line in self._value_lines:
            start = self._line_ends[line - 1] + 1
            if match := _NAMED_VALUE.match(text, start):
                yield Hidden(*match.span("value"), "STR", match["value"])
        for match in _compiled(_OPAQUE).finditer(self._data):
            word = text[slice(*match.span())]
            is_path = "/" in word and messages.SUFFIX.match(text, match.end())
            if not is_path and not shapes.is_hash(word) and shapes.looks_random(word, named=True):
                yield Hidden(*match.span(), "STR", word)

    def _is_value(self, key: tuple[int, int], start: int, value: str) -> bool:
        """Behind a name that says so, and neither more than a quoted name nor code."""
        name, between = self._text[slice(*key)], self._text[key[1] : start].strip()
        if strength(name) < Strength.FAIR or not value or _NO_VALUE.match(value):
            return False
        if between and not between.strip("\"'])"):
            return False
        return not (messages.EXPRESSION.match(value) and self._line(start) in self._code_lines)

    def _find_sensitive(self) -> set[int]:
        lines = set[int]()
        data = self._data
        for match in _compiled(_NAME + _LOGIN_WORDS).finditer(data):
            name = data[match.start() : match.end()].decode("ascii")
            if strength(name) >= Strength.FAIR or not re.search(_STEM, name, re.IGNORECASE):
                lines.add(self._line(match.start()))
        for line in list(lines):
            after = self._line_text(line + 1)
            if _VALUE_LINE.match(after):
                self._value_lines.append(line + 1)
            if _GOES_ON.search(self._line_text(line)) or _VALUE_LINE.match(after):
                lines.add(line + 1)
        return lines

    def _find_users(self) -> list[tuple[int, int]]:
        """Whose home a path goes through, there and, in what is not code, wherever they are named."""
        homes = [match.span("user") for match in places.HOME.finditer(self._text)]
        names = {self._text[start:end] for start, end in homes} - places.NOBODY
        names = {name for name in names if len(name) >= _MIN_NAME_CHARS}
        if not names or self._family in CODE:
            return homes
        named = re.compile(rf"(?<![\w./-])(?:{'|'.join(map(re.escape, sorted(names)))})(?![\w/-])")
        return sorted({*homes, *(match.span() for match in named.finditer(self._text))})

    def _line(self, offset: int) -> int:
        return bisect_left(self._line_ends, offset)

    def _line_text(self, line: int) -> str:
        if line > len(self._line_ends):
            return ""
        start = self._line_ends[line - 1] + 1 if line else 0
        end = self._line_ends[line] if line < len(self._line_ends) else len(self._text)
        return self._text[start:end]

    def _comment(self, piece: Piece) -> Iterator[Hidden]:
        text = self._text
        if _PRAGMA.match(text, piece.start, piece.end):
            return
        for line_start, line_end in _lines(text, piece.start, piece.end):
            decoration = _DECORATION.match(text, line_start, line_end)
            start = decoration.end() if decoration else line_start
            end = start + len(text[start:line_end].rstrip())
            if any(map(str.isalnum, text[start:end])):
                yield from self._apart(start, end, "COMMENT", "#")

    def _literal(self, piece: Piece) -> Iterator[Hidden]:
        if self._is_frame(piece):
            return
        line = self._line(piece.start)
        is_key = self._is_key(piece)
        sensitive = not is_key and line in self._sensitive_lines and not self._is_told_of(piece, line)
        at = piece.start
        word = self._text[piece.start : piece.end]
        if sensitive and word == self._blanked[piece.start : piece.end] and not re.search(r"[\s{]", word):
            yield from self._run(at, piece.end, piece, sensitive=True)  # one word: `%v` in it is no format
            return
        atoms = ATOM_OF_F_STRING if piece.quote[0] in "ft" or piece.quote[:2] in ("rf", "rt") else ATOM
        for atom in atoms.finditer(self._blanked, piece.start, piece.end):
            yield from self._run(at, atom.start(), piece, sensitive=sensitive)
            yield from self._inside(atom)
            at = atom.end()
        yield from self._run(at, piece.end, piece, sensitive=sensitive)

    def _is_told_of(self, piece: Piece, line: int) -> bool:
        start = self._line_ends[line - 1] + 1 if line else 0
        return messages.names_it(self._text[start : piece.start - len(piece.quote)])

    def _is_key(self, piece: Piece) -> bool:
        """`{"name": …` and `row["name"]`: the name of a value, not the value."""
        opens = piece.start - len(piece.quote)
        before = self._text[max(0, opens - 80) : opens].rpartition("\n")[2].rstrip()
        after = _KEY_POSITION.match(self._text, piece.end)
        if after is not None and after[0].endswith("]"):
            return bool(re.search(r"[\w)\]\"']\[\Z", before))  # `row["name"]`, and not a list of one
        return after is not None and (not before or before[-1] in "{,([-")

    def _run(self, start: int, end: int, piece: Piece, *, sensitive: bool) -> Iterator[Hidden]:
        run = self._text[start:end]
        start, end = start + len(run) - len(run.lstrip()), end - len(run) + len(run.rstrip())
        run = run.strip()
        if not any(map(str.isalnum, run)):
            return
        if not sensitive and is_allowed(run):
            return
        yield from self._apart(start, end, "STR", piece.quote)

    def _inside(self, atom: re.Match[str]) -> Iterator[Hidden]:
        """Literals in what is filled in: `f"{d['key']}"`."""
        if len(atom.group()) > 4 and any(quote in atom.group() for quote in "\"'`"):
            for inner in pieces(atom.group(), self._family):
                start, end = atom.start() + inner.start, atom.start() + inner.end
                yield from self._run(start, end, Piece(start, end, inner.quote), sensitive=False)

    def _apart(self, start: int, end: int, kind: str, quote: str) -> Iterator[Hidden]:
        """Around the names of people, which have placeholders of their own."""
        at = start
        for user_start, user_end in self._users[bisect_right(self._users, (start, start)) :]:
            if user_start >= end:
                break
            if at < user_start:
                yield self._hidden(at, user_start, kind, quote)
            at = user_end
        if at < end:
            yield self._hidden(at, end, kind, quote)

    def _hidden(self, start: int, end: int, kind: str, quote: str) -> Hidden:
        text = self._text[start:end]
        return Hidden(start, end, kind, source.read(text, quote), quote)

    def _is_frame(self, piece: Piece) -> bool:
        """`File "…", line 12`: where it happened is what a trace is for."""
        before, after = (
            self._text[max(0, piece.start - 6) : piece.start - 1],
            self._text[piece.end + 1 : piece.end + 8],
        )
        return before == "File " and after == ", line "[:7]


def _lines(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end:
        stop = text.find("\n", start, end)
        stop = end if stop < 0 else stop
        yield start, stop
        start = stop + 1
