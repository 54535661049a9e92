"""Fields and methods that a type does not have."""

from __future__ import annotations

import re

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.go.package import fields, in_package, near_in_package, one, type_definition
from lsp_debugger.cards.go.rule import rule
from lsp_debugger.cards.go.source import plain_type, short
from lsp_debugger.core.ask import Card, Place
from lsp_debugger.core.ports import Definition
from lsp_debugger.syntax.likeness import likeliest, sketches

_MAX_EMBEDDED = 4


def missing(case: Case, match: re.Match[str]) -> Card | None:
    code, kind, name = match["code"], match["type"], match["name"]
    headline = f"`{short(code)}` is {_article(kind)} and has no field or method `{name}`"
    found = type_definition(case, kind)
    known = members(case, *found) if found is not None else {}
    # As the tool says: the same letters, another capital.
    told = match["other"] if "other" in match.groupdict() else None
    near = [told] if told else likeliest(name, [sketches(known)], 1)
    if not near:
        return Card(f"{headline}.", (case.place(found[0]),) if found is not None else ())
    tail = f"; its {'own ' if told else ''}name is `{near[0]}`" if told else f"; the nearest is `{near[0]}`"
    place = known.get(near[0])
    return Card(f"{headline}{tail}.", (place,) if place is not None else ())


def _article(kind: str) -> str:
    return f"of type `{short(kind)}`"


def members(case: Case, definition: Definition, folder: str) -> dict[str, Place]:
    """Fields, those of embedded structs of the same package, and methods whose names may be meant."""
    known = dict[str, Place]()
    waiting, seen = [definition], set[str]()
    while waiting and len(seen) < _MAX_EMBEDDED:
        each = waiting.pop()
        if each.name in seen:
            continue
        seen.add(each.name)
        for name, place in fields(case, each).items():
            known.setdefault(name, place)
            # An embedded one is written as its type alone.
            if plain_type(place.note.strip("`")) == name and (
                inner := one([one_ for one_ in in_package(case, name, folder) if one_.kind == "class"])
            ):
                waiting.append(inner)
        wanted = re.search(r"\b(\w+)$", case.code) if case.code else None
        if wanted is not None:
            for method in near_in_package(case, wanted[1], folder, each.name):
                known.setdefault(method.name, case.place(method))
    return known


def unexported(case: Case, match: re.Match[str]) -> Card | None:
    code, what, name = match["code"], match["what"], match["name"]
    known = [
        each
        for each in case.around.symbols.definitions(name, case.path)
        if each.name == name and "." in each.qualname
    ]
    found = one(known)
    return Card(
        f"The {what} `{name}` of `{short(code)}` begins with a small letter: only its own package may "
        f"use it.",
        (case.place(found, f"`{found.qualname}`"),) if found is not None and found.path != case.path else (),
    )


def pointer_to_interface(_case: Case, match: re.Match[str]) -> Card | None:
    code, name = match["code"], match["name"]
    interface = match["type"].removeprefix("*")
    return Card(
        f"`{short(code)}` is a pointer to the interface `{short(interface)}`, and pointers to "
        f"interfaces have no methods "
        f"such as `{name}`.",
        notes=(
            f"An interface holds a pointer already: `{short(interface)}` instead of `*{short(interface)}`.",
        ),
    )


_START = r"(?P<code>[^\n]{1,300})\.(?P<name>\w{1,200}) undefined \("
RULES = (
    rule(
        "MissingFieldOrMethod",
        _START + r"type (?P<type>[^\n]{1,200}) has no field or method \w+,"
        r" but does have (?:the )?(?:field|method) (?P<other>\w{1,200})",
        missing,
    ),
    rule("MissingFieldOrMethod", _START + r"type (?P<type>[^\n]{1,200}) has no field or method \w+", missing),
    rule(
        "MissingFieldOrMethod",
        _START + r"cannot refer to unexported (?P<what>field or method|field|method) \w+",
        unexported,
    ),
    rule(
        "InvalidMethodExpr",
        _START + r"type (?P<type>\S{1,200}) is pointer to interface, not interface",
        pointer_to_interface,
    ),
    rule("MissingFieldOrMethod", _START),
)
