"""Calls that none of several overloads takes: 2769."""

from __future__ import annotations

import re

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.typescript.mismatch import TYPES
from lsp_debugger.cards.typescript.source import expression_at, field, parent, source_of
from lsp_debugger.cards.typescript.wording import chain, kind
from lsp_debugger.core.ask import Card

_OVERLOAD = re.compile(
    r"Overload (?P<number>\d+) of (?P<all>\d+), '(?P<signature>.{1,1500}?)', gave the following error"
)


def no_overload(case: Case) -> Card | None:
    """2769: what each overload has against the call."""
    told = chain(case.problem.message)
    source = source_of(case)
    if source is None or not told:
        return None
    at = expression_at(case, source)
    call = (
        at
        if at.type in {"call_expression", "new_expression"}
        else parent(source, at, "call_expression", "new_expression")
    )
    called = field(call, "function") or field(call, "constructor")
    if called is None:
        return None
    found = [
        (match, told[number + 1]) for number, line in enumerate(told[:-1]) if (match := _OVERLOAD.match(line))
    ]
    if not found:
        return _last(source.shown(called, 40), told)
    total = found[0][0]["all"]
    notes = tuple(f"`{_cut(match['signature'])}`: {_against(reason)}" for match, reason in found[:3])
    given = f" with `{source.shown(at, 40)}`" if at != call else ""
    return Card(
        f"None of the {total} overloads of `{source.shown(called, 40)}` fits this call{given}.", notes=notes
    )


def _last(name: str, told: list[str]) -> Card | None:
    """The native compiler tells of the last overload only, and relates its place."""
    after = [told[at + 1] for at, line in enumerate(told[:-1]) if line.startswith("The last overload gave")]
    return Card(f"No overload of `{name}` fits this call; the last: {_against(after[0])}.") if after else None


def _cut(signature: str) -> str:
    return signature if len(signature) <= 70 else signature[:69] + "…"


def _against(reason: str) -> str:
    match = TYPES.match(reason)
    return (
        f"{kind(match['given'])} is not {kind(match['wanted'])}"
        if match is not None
        else reason[:120].rstrip(".")
    )
