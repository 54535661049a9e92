"""Secrets in a text: all rules, known values and a policy's own patterns, in one linear pass each."""

from __future__ import annotations

import importlib
import re
import threading
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol

from lsp_debugger.core.text import Span
from lsp_debugger.policy.patterns import Match, Regex, compile_pattern, encode, escape
from lsp_debugger.policy.rule import Groups, Rule
from lsp_debugger.policy.views import views


@dataclass(frozen=True, slots=True)
class Finding:
    """A secret at [start, end), in code points of the text that was looked at."""

    start: int
    end: int
    rule: str
    label: str


class Scanner(Protocol):
    """Anything that finds spans in bytes: (start, end, rule, label)."""

    def scan(self, data: bytes) -> Iterator[tuple[int, int, str, str]]: ...


def scan(text: str, scanners: Sequence[Scanner]) -> list[Finding]:
    """Findings in every reading of `text`; later readings, which know better, first. They may overlap."""
    every = list[Finding]()
    for view in views(text):
        found, data = list[Finding](), encode(view.text)
        code_points = _code_points(view.text, data)
        for scanner in scanners:
            for start, end, rule, label in scanner.scan(data):
                span = view.original(Span(code_points(start), code_points(end)))
                found.append(Finding(span.start, span.end, rule, label))
        every = [*found, *every]
    return every


def _code_points(text: str, data: bytes) -> Callable[[int], int]:
    """From byte offsets to code points. A table of every 256th keeps long texts linear."""
    if len(text) == len(data):
        return lambda offset: offset
    starts = [0]
    for chunk_start in range(0, len(text), 256):
        starts.append(starts[-1] + len(encode(text[chunk_start : chunk_start + 256])))

    def code_point(offset: int) -> int:
        chunk = bisect_right(starts, offset) - 1
        return chunk * 256 + len(data[starts[chunk] : offset].decode("utf-8", "replace"))

    return code_point


@dataclass(frozen=True, slots=True)
class _Compiled:
    rule: Rule
    regex: Regex
    values: tuple[int, ...]
    groups: dict[str, int]

    def scan(self, data: bytes, at: int, until: int) -> Iterator[tuple[int, int, str, str]]:
        """Findings that begin in [at, until); what goes on at the border is followed over it."""
        rule, again = self.rule, _LOOKS_AGAIN * (until - at)
        while at < until and (match := self.regex.search(data, at, until)) is not None:
            if match.end() == until < len(data):
                match = self.regex.search(data, match.start()) or match
            start, end = self._value(match)
            if rule.bounded and _goes_on_before(data, start):
                at = match.start() + 1
            elif start < end and (rule.accepts is None or rule.accepts(self._reader(data, match))):
                end = _token_end(data, end) if rule.bounded else end
                yield start, end, rule.id, rule.label
                at = max(end, match.start() + 1)
            else:
                again -= match.end() - start  # bounds what `key=key=key=…` can cost
                inside = rule.nested and again > 0
                at = max(start if inside else match.end(), match.start() + 1)

    def _value(self, match: Match) -> tuple[int, int]:
        for group in self.values:
            span = match.span(group)
            if span[0] >= 0:
                return span
        return match.span()

    def _reader(self, data: bytes, match: Match) -> Groups:
        def read(name: str) -> str | None:
            if name == "value":
                start, end = self._value(match)
                return data[start:end].decode("utf-8", "replace")
            group = match.group(self.groups[name] if name else 0)
            return None if group is None else group.decode("utf-8", "replace")

        return read


# How many times its length a text may be read again for names inside rejected values.
_LOOKS_AGAIN = 4


class RuleScanner:
    """Rules, compiled. Making one takes some 50 ms; use `builtin()` for the one that all share."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._compiled = tuple(_compile(rule) for rule in rules)
        owned = [(keyword, i) for i, one in enumerate(self._compiled) for keyword in one.rule.keywords]
        self._owners = [i for _, i in owned]
        self._always = {i for i, one in enumerate(self._compiled) if not one.rule.keywords}
        self._keywords = _keyword_set([keyword for keyword, _ in owned])
        self._any_keyword = compile_pattern("(?i)" + "|".join(f"(?:{keyword})" for keyword, _ in owned))

    def warm_up(self) -> None:
        """Let the engine build what it needs for the first text; it would otherwise be that text's wait."""
        for _ in self.scan(encode("\n".join(one.rule.hits[0] for one in self._compiled))):
            pass

    def scan(self, data: bytes) -> Iterator[tuple[int, int, str, str]]:
        """Of a long text a rule reads only the blocks that hold a keyword of it, and those beside them."""
        bounds = _bounds(data)
        wanted = defaultdict[int, list[int]](list)
        for block, (start, end) in enumerate(pairwise(bounds)):
            for rule in self._wanted(data if len(bounds) == 2 else data[start : end + _KEYWORD_BYTES]):
                wanted[rule].append(block)
        for rule in sorted(wanted):
            for first, last in _runs(wanted[rule], len(bounds) - 2):
                yield from self._compiled[rule].scan(data, bounds[first], bounds[last + 1])

    def keywords_in(self, data: bytes) -> list[int]:
        """Numbers of the keywords that `data` holds: one pass, and the cheapest look there is."""
        found: list[int] | None = self._keywords.Match(data)
        return found or []

    def _wanted(self, data: bytes) -> Iterable[int]:
        present = self.keywords_in(data)
        if present:
            return self._always | {self._owners[keyword] for keyword in present}
        # A set also says nothing when it runs out of memory; that must not read as "no keyword".
        if self._any_keyword.search(data) is not None:
            return range(len(self._compiled))
        return self._always


_BLOCK_BYTES = 65_536
_KEYWORD_BYTES = 1_024  # how far a keyword may reach into the next block


def _bounds(data: bytes) -> list[int]:
    """Where blocks begin, at line starts if there are any, and the end of the last."""
    bounds = [0]
    while len(data) - bounds[-1] > 2 * _BLOCK_BYTES:
        least = bounds[-1] + _BLOCK_BYTES // 2
        line_end = data.rfind(b"\n", least, bounds[-1] + _BLOCK_BYTES)
        bounds.append(line_end + 1 or bounds[-1] + _BLOCK_BYTES)
    return [*bounds, len(data)]


def _runs(blocks: Sequence[int], last: int) -> Iterator[tuple[int, int]]:
    """Blocks with their neighbours, those that meet as one: (first, last)."""
    begin, end = -1, -1
    for block in blocks:
        if begin >= 0 and block - 1 > end + 1:
            yield begin, end
            begin = -1
        begin, end = (max(block - 1, 0) if begin < 0 else begin), min(block + 1, last)
    if begin >= 0:
        yield begin, end


_MORE = re.compile(rb"[A-Za-z0-9_+/-]*(?:=(?:%3D)?){0,2}")


def _token_end(data: bytes, end: int) -> int:
    """A token may be longer than its provider's documentation says, and half of one is still a leak."""
    if not data[end - 1 : end + 1].isalnum() and data[end : end + 1] not in (b"_", b"-", b"+"):
        return end
    more = _MORE.match(data, end)
    return more.end() if more else end


def _goes_on_before(data: bytes, start: int) -> bool:
    r"""True inside a longer word; `\n` and `%3D` in front are written-out characters, not letters."""
    if not data[max(start - 1, 0) : start].isalnum():
        return False
    return (
        data[max(start - 2, 0) : start - 1] != b"\\" and data[max(start - 3, 0) : max(start - 2, 0)] != b"%"
    )


def _compile(rule: Rule) -> _Compiled:
    regex = compile_pattern(rule.pattern)
    groups = {name.decode(): index for name, index in regex.groupindex.items()}
    values = tuple(index for name, index in sorted(groups.items()) if name.startswith("value"))
    return _Compiled(rule, regex, values, groups)


def _keyword_set(keywords: list[str]) -> Any:
    re2: Any = importlib.import_module("re2")
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = False
    options.max_mem = 64 << 20
    keyword_set = re2.Set.SearchSet(options)
    for keyword in keywords:
        keyword_set.Add(keyword)
    keyword_set.Compile()
    return keyword_set


_lock = threading.Lock()
_builtin: RuleScanner | None = None


def builtin() -> RuleScanner:
    """All built-in rules. Compiled by the first caller, late: never while the server starts."""
    global _builtin  # noqa: PLW0603 - one compiled set a process, guarded by the lock
    with _lock:
        if _builtin is None:
            from lsp_debugger.policy.rules import ALL

            _builtin = RuleScanner(ALL)
        return _builtin


class KnownScanner:
    """Exact occurrences of values that are secret because of where they stand: `.env`, the environment."""

    _CHUNK = 200  # values an alternation: keeps each automaton small

    def __init__(self, values: Iterable[str]) -> None:
        # Longest first: of two that start alike, the alternation takes the first.
        ordered = sorted({value for value in values if value}, key=lambda value: (-len(value), value))
        chunks = [ordered[i : i + self._CHUNK] for i in range(0, len(ordered), self._CHUNK)]
        self._long = [encode(value) for value in ordered if len(value) > _LONG]
        self._regexes = [
            compile_any([value for value in chunk if len(value) <= _LONG])
            for chunk in chunks
            if any(len(value) <= _LONG for value in chunk)
        ]

    def scan(self, data: bytes) -> Iterator[tuple[int, int, str, str]]:
        for regex in self._regexes:
            for match in regex.finditer(data):
                yield *match.span(), "known-value", "known"
        for value in self._long:
            at = data.find(value)
            while at >= 0:
                yield at, at + len(value), "known-value", "known"
                at = data.find(value, at + len(value))


_LONG = 256  # characters; longer ones are searched for one by one


def compile_any(values: Sequence[str]) -> Regex:
    re2: Any = importlib.import_module("re2")
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 64 << 20
    return re2.compile("|".join(map(escape, values)).encode("utf-8", "replace"), options=options)


class PatternScanner:
    r"""A policy's `redact_and_allow` patterns. What they match is redacted together with the value it names.

    `token\s*[:=]` matches a name only; the secret is what follows, to its closing quote or token end.
    """

    def __init__(self, regexes: Sequence[Regex]) -> None:
        self._regexes = tuple(regexes)
        self._rest = compile_pattern(_REST) if regexes else None

    def scan(self, data: bytes) -> Iterator[tuple[int, int, str, str]]:
        for regex in self._regexes:
            for match in regex.finditer(data):
                start, end = self._meant(data, *match.span())
                if start < end:
                    yield start, end, "policy-pattern", "policy"

    def _meant(self, data: bytes, start: int, end: int) -> tuple[int, int]:
        """The value, where the match ends in a sign for one; else the match to the end of its word."""
        if data[start:end].rstrip()[-1:] in (b":", b"="):
            assert self._rest is not None
            rest = self._rest.match(data[end:])
            spans = [rest.span(group) for group in (1, 2, 3, 4)] if rest is not None else []
            return next(((end + first, end + last) for first, last in spans if first >= 0), (end, end))
        while start < end < len(data) and data[end : end + 1] not in _ENDS:
            end += 1
        return start, end


_REST = (
    r"[ \t]*(?:[fbruFBRUL@$]{0,2}(?:"
    r"\"((?:[^\"\\\r\n]|\\.)+)|'((?:[^'\\\r\n]|\\.)+)|`([^`\r\n]+))|([^\s\"'`,;&(){}\[\]]+))"
)
_ENDS = frozenset(bytes([byte]) for byte in b" \t\r\n\"'`,;&<>(){}[]")
