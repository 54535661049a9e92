"""Regular expressions of RE2: linear in the text, whatever the pattern. An admin's run here too.

Everything is compiled over bytes, so that a text is encoded once and not once a pattern.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from functools import cache
from typing import Any, Protocol


class Match(Protocol):
    def start(self, group: int | str = 0) -> int: ...
    def end(self, group: int | str = 0) -> int: ...
    def span(self, group: int | str = 0) -> tuple[int, int]: ...
    def group(self, group: int | str = 0) -> bytes | None: ...


class Regex(Protocol):
    """What we use of `re2`'s compiled patterns; offsets are bytes."""

    def search(self, text: bytes, pos: int | None = None, endpos: int | None = None) -> Match | None: ...
    def match(self, text: bytes, pos: int | None = None, endpos: int | None = None) -> Match | None: ...
    def finditer(self, text: bytes) -> Iterator[Match]: ...
    @property
    def groupindex(self) -> dict[bytes, int]: ...


class PatternInvalid(ValueError):
    """RE2 does not take it. `hint` says how to write it instead."""

    def __init__(self, reason: str, hint: str = "") -> None:
        super().__init__(reason)
        self.hint = hint


# RE2's messages name the piece, not the way out.
_HINTS = (
    (("(?=", "(?!", "(?<=", "(?<!"), "RE2 has no look-around: match the wider text instead"),
    (("(?P=", "\\1", "\\2", "\\3", "\\k<"), "RE2 has no back-references: write the alternatives out"),
    (("(?>", "++", "*+", "?+"), "RE2 never backtracks, so plain quantifiers do"),
    (("\\Z",), "write \\z"),
    (("(?x", "(?u", "(?a", "(?L"), "RE2 knows the flags i, m, s and U only"),
)


def encode(text: str) -> bytes:
    """UTF-8 with one `?` for each lone surrogate: RE2 matches nothing over broken bytes."""
    return text.encode("utf-8", "replace")


@cache
def _re2() -> tuple[Any, Any]:
    # Late: 15 ms that no start of the server should pay.
    re2: Any = importlib.import_module("re2")
    options = re2.Options()
    options.log_errors = False  # it would write to stderr, which belongs to the editor's log
    options.max_mem = 64 << 20
    return re2, options


def compile_pattern(pattern: str) -> Regex:
    """Compile for `bytes`. Raises PatternInvalid with a way to write it in RE2."""
    if not pattern:
        raise PatternInvalid("empty pattern, which would match everything")
    re2, options = _re2()
    try:
        return re2.compile(pattern.encode("utf-8"), options=options)
    except (re2.error, UnicodeEncodeError) as exc:
        hint = next((hint for needles, hint in _HINTS if any(n in pattern for n in needles)), "")
        raise PatternInvalid("RE2 does not accept this pattern", hint) from exc


def escape(text: str) -> str:
    """`text` as a pattern that matches exactly it."""
    re2, _ = _re2()
    escaped: str = re2.escape(text)
    return escaped
