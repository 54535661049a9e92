"""A finding of a tool that has no cards of its own: its message, and the names in it that we know."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from lsp_debugger.cards.case import Case
from lsp_debugger.core.ask import Card, Place
from lsp_debugger.core.ports import Definition

_NAME = r"[^\W\d]\w{2,80}(?:\.[^\W\d]\w{0,80}){0,4}"
# Compilers also quote with curved quotes.
_QUOTED = re.compile(rf"[`'\"\u2018\u201c](?P<name>{_NAME})(?:\(\))?[`'\"\u2019\u201d]")
_MAX_NOTES = 3
_MAX_PLACES = 2
_MAX_MESSAGE_CHARS = 20_000


def generic(case: Case) -> Card:
    """The message's first line as the headline, the next ones as notes, definitions as places."""
    headline, notes = message_parts(case.problem.message)
    headline = headline or f"{case.problem.label} was reported here without a message."
    return Card(headline, definitions(case, headline), notes)


def message_parts(message: str) -> tuple[str, tuple[str, ...]]:
    """The first line that says anything, and a few that follow it."""
    lines = [line.strip() for line in message[:_MAX_MESSAGE_CHARS].splitlines()]
    told = [line for line in lines if line]
    return (told[0], tuple(told[1 : 1 + _MAX_NOTES])) if told else ("", ())


def definitions(case: Case, message: str) -> tuple[Place, ...]:
    """Where the names that `message` quotes are defined, for those that have one definition only."""
    places = list[Place]()
    names = dict.fromkeys(match["name"] for match in _QUOTED.finditer(message))
    for name in names:
        known = case.around.symbols.definitions(name, case.path)
        found = [each for each in known if each.kind != "import"]
        if len(found) == 1 and _is_meant(case, found[0], known, names):
            places.append(case.place(found[0], f"defines `{found[0].qualname}`"))
    return tuple(places[:_MAX_PLACES])


def _is_meant(case: Case, found: Definition, known: Sequence[Definition], names: Collection[str]) -> bool:
    """Equal names are not yet the same thing.

    A member counts where its class is named too. What another file defines has to be imported here by
    that name, or be a class: type checkers name those wherever their objects are used.
    """
    if found.path == case.path:
        return found.start_line != case.line
    owner = found.qualname.rpartition(".")[0].rpartition(".")[2]
    if owner:
        return owner in names
    imported = any(each.kind == "import" and each.path == case.path for each in known)
    return imported or found.kind == "class"
