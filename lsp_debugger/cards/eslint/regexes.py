"""Regular expressions that match something else than they seem to, or nothing."""

from __future__ import annotations

import re

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.eslint.code import around, shown
from lsp_debugger.core.ask import Card

_CONTROL = re.compile(r"Unexpected control character\(s\) in regular expression: (?P<which>\\?[^\s.]{1,40})")
_COUNT = re.compile(r"Use \{(?P<count>\d{1,4})\}")
_INVALID = re.compile(r"Invalid regular expression: (?P<rest>.{1,400})")
_BACK = re.compile(
    r"Backreference '(?P<back>[^']{1,40})' will be ignored\. It references group '(?P<group>.{1,200})' which "
    r"(?P<why>appears later|appears before|is in|contains)"
)


def _pattern(case: Case) -> str:
    """The literal that the finding is in, in backticks."""
    found = around(case, "regex", "new_expression", "call_expression")
    return shown(*found) if found is not None else ""


def control(case: Case) -> Card | None:
    match, pattern = _CONTROL.match(case.problem.message), _pattern(case)
    if match is None or not pattern:
        return None
    return Card(f"`{match['which']}` in {pattern} is a control character: it is in no text that people type.")


def spaces(case: Case) -> Card | None:
    match, pattern = _COUNT.search(case.problem.message), _pattern(case)
    return (
        Card(f"{pattern} looks for exactly {match['count']} spaces.")
        if match is not None and pattern
        else None
    )


def empty_class(case: Case) -> Card | None:
    pattern = _pattern(case)
    return Card(f"The empty class in {pattern} matches no character at all.") if pattern else None


def misleading(case: Case) -> Card | None:
    code, message = case.code, case.problem.message
    if not code or len(code) > 20 or "`" in code:
        return None
    if "surrogate pair" in message:
        return Card(
            f"Without the flag `u` the class takes `{code}` for two characters and matches half of it."
        )
    if "combined character" in message or "joined character" in message:
        return Card(
            f"`{code}` consists of several characters, and a class matches only one of them at a time."
        )
    return None


def invalid(case: Case) -> Card | None:
    match, pattern = _INVALID.match(case.problem.message), _pattern(case)
    if match is None or not pattern:
        return None
    reason = match["rest"].rpartition(": ")[2].rstrip(".")
    return Card(f"{pattern} throws a SyntaxError when it runs: {reason[:1].lower()}{reason[1:]}.")


def back_reference(case: Case) -> Card | None:
    match = _BACK.match(case.problem.message)
    if match is None or match["why"] != "appears later" or "`" in match["group"]:
        return None
    return Card(
        f"`{match['back']}` stands before `{match['group']}`, so there is nothing yet that it could repeat."
    )
