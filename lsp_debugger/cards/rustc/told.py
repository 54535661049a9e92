"""What rustc says in a finding: its first line, the lines below, and what it writes beside other places."""

from __future__ import annotations

import re

from lsp_debugger.cards.case import Case
from lsp_debugger.core.ask import Place

_MAX_CHARS = 4_000
_MAX_NAME_CHARS = 80
_MODULES = re.compile(r"\b(?:[a-z_]\w{0,60}::){1,8}(?=[A-Z])")
_REFERENCE = re.compile(r"^(?:&(?:'\w{1,40} )?(?:mut )?){1,4}")
_LEVEL = re.compile(r"^(?:help|note): ")


def first(case: Case) -> str:
    return case.problem.message[:_MAX_CHARS].partition("\n")[0].strip()


def lines(case: Case) -> list[str]:
    """What follows the first line, without the words that say what kind of line it is."""
    rest = case.problem.message[:_MAX_CHARS].split("\n")[1:]
    return [_LEVEL.sub("", line.strip()) for line in rest]


def match(case: Case, pattern: re.Pattern[str]) -> re.Match[str] | None:
    """In the first line."""
    return pattern.search(first(case))


def below(case: Case, pattern: re.Pattern[str]) -> re.Match[str] | None:
    """In a line below the first, or beside a related place: publishers differ in where they put notes."""
    said = [*lines(case), *(place.note for place in case.problem.related)]
    return next((found for line in said if (found := pattern.search(line[:_MAX_CHARS]))), None)


def beside(case: Case, *words: str) -> Place | None:
    """The first related place whose note has one of the words."""
    return next(
        (place for place in case.problem.related if any(word in place.note for word in words)),
        None,
    )


def on_line(case: Case, place: Place | None) -> str:
    """`on line 3`, or with the file where that is another one."""
    if place is None:
        return ""
    if is_here(case, place):
        return "on this line" if place.line == case.line else f"on line {place.line}"
    return f"in {case.shown(place.path)}:{place.line}"


def is_here(case: Case, place: Place) -> bool:
    return case.shown(place.path) == case.shown(case.path)


def plain(kind: str) -> str:
    """A type without the modules that its names are in."""
    return _MODULES.sub("", kind)


def a(kind: str) -> str:
    """A type in a sentence: an `Order`, a `&str`."""
    shown = plain(kind)
    if shown in ("{integer}", "integer"):
        return "a whole number"
    if shown in ("{float}", "floating-point number"):
        return "a number with a fraction"
    return f"{'an' if shown[:1].lower() in 'aeio' or shown in ('f32', 'f64') else 'a'} `{shown}`"


def owner(kind: str) -> str:
    """The type behind references: `Word<'_>` of `&'a mut Word<'_>`."""
    return _REFERENCE.sub("", plain(kind))


def code(case: Case, limit: int = _MAX_NAME_CHARS) -> str:
    """The text that the finding points at, where it fits into a sentence."""
    shown = " ".join(case.code.split())
    return shown if 0 < len(shown) <= limit and "`" not in shown else ""
