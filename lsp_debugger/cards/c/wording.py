"""Messages of gcc and clang in one spelling, and types as a sentence can hold them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from lsp_debugger.cards.case import Case
from lsp_debugger.core.ask import Card, Place, Problem

_MAX_CHARS = 2_000
_SHOWN_CHARS = 60
_QUOTES = str.maketrans("\u2018\u2019\u201c\u201d", "''\"\"")
_ALSO = re.compile(r" (?:\{aka '[^'\n]{1,400}'\}|\(aka '[^'\n]{1,400}'\))")
_FIXES = re.compile(r" \((?:fix|fixes) available\)$")
_FLAG = re.compile(r" \[(-W[\w+=-]{1,80}|[a-z][\w.-]{2,80})(?:,-[\w-]{1,40})?\]$")
_CWE = re.compile(r" \[CWE-\d{1,6}\]$")
_LONG = (
    ("std::__cxx11::", "std::"),
    ("std::basic_string<char>", "std::string"),
    ("std::basic_string_view<char>", "std::string_view"),
    ("std::basic_ostream<char>", "std::ostream"),
    ("std::basic_istream<char>", "std::istream"),
    ("const class ", "const "),
    (" >", ">"),
    ("const struct std::", "const std::"),
)


def text_of(message: str) -> str:
    """The first line with straight quotes, without what a type is also called and what an editor adds."""
    line = message[:_MAX_CHARS].lstrip().partition("\n")[0].translate(_QUOTES).rstrip()
    line = _FIXES.sub("", line)
    line = _CWE.sub("", _FLAG.sub("", line))
    return _ALSO.sub("", line)


def rule_of(problem: Problem) -> str:
    """`-Wformat=`, `-Wformat` and `clang-diagnostic-format` are all `format`; a check stays as it is."""
    code = problem.code
    if not code and (tail := _FLAG.search(problem.message[:_MAX_CHARS].partition("\n")[0].rstrip())):
        code = tail[1]
    code = (
        code.partition(",")[0].removeprefix("-Werror=").removeprefix("-W").removeprefix("clang-diagnostic-")
    )
    return code.partition("=")[0]


def kind(printed: str) -> str:
    """A type in backticks, without what a library adds to its names."""
    shown = printed.strip()
    for long, short in _LONG:
        shown = shown.replace(long, short)
    shown = shown.replace("`", "'").removeprefix("class ")
    return f"`{shown if len(shown) <= _SHOWN_CHARS else shown[: _SHOWN_CHARS - 1] + '…'}`"


def a_kind(printed: str) -> str:
    shown = kind(printed)
    return f"{'an' if shown[1:2].lower() in 'aeio' else 'a'} {shown}"


def code(text: str, limit: int = _SHOWN_CHARS) -> str:
    """A piece of the user's code, on one line and in backticks."""
    shown = " ".join(text.split()).replace("`", "'")
    return f"`{shown if len(shown) <= limit else shown[: limit - 1] + '…'}`"


def bare_type(printed: str) -> str:
    """`const struct point *` → point; empty for the library's and for what has no name of its own."""
    if "std::" in printed or "__" in printed:
        return ""
    words = re.sub(r"<.{0,400}>|[*&]|\[\d*\]", " ", printed).split()
    names = [word for word in words if word not in {"const", "volatile", "struct", "class", "union", "enum"}]
    return names[0].rpartition("::")[2] if len(names) == 1 else ""


def inside(condition: str) -> str:
    """A condition without the parentheses that its statement puts around it."""
    text = condition.strip()
    return text[1:-1].strip() if text.startswith("(") and text.endswith(")") else text


def counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def listed(names: list[str]) -> str:
    """`a`, `b` and `c`, each in backticks."""
    shown = [f"`{name}`" for name in names]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def related(case: Case, *words: str) -> Place | None:
    """The first place that the compiler relates with one of the words."""
    return next((place for place in case.problem.related if any(word in place.note for word in words)), None)


def plain_note(place: Place | None) -> str:
    """What is said about a place, with straight quotes."""
    return place.note.translate(_QUOTES) if place is not None else ""


@dataclass(frozen=True, slots=True)
class Rule:
    """How a message reads, in any case of letters, and what makes a card of it."""

    pattern: re.Pattern[str]
    card: Callable[[Case, re.Match[str]], Card | None]


def rule(pattern: str, card: Callable[[Case, re.Match[str]], Card | None]) -> Rule:
    """`{q}` in the pattern is a quoted name or type."""
    return Rule(re.compile(pattern.replace("{q}", r"[^'\n]{1,300}"), re.IGNORECASE), card)
