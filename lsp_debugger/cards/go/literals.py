"""Struct literals, ranges, type arguments and map elements that do not fit."""

from __future__ import annotations

import re

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.go.package import fields, type_definition
from lsp_debugger.cards.go.rule import rule
from lsp_debugger.cards.go.source import short
from lsp_debugger.cards.go.types import described, type_in
from lsp_debugger.core.ask import Card
from lsp_debugger.syntax.likeness import likeliest, sketches

_TYPE = r"[^\n]{1,300}?"
_NUMBER = re.compile(r"u?int(?:8|16|32|64)?$|float(?:32|64)$|uintptr$|byte$|rune$")
_UNTYPED = re.compile(
    r"untyped (?P<kind>\w+) constant(?: [^\n]{1,200})?$|constant [^\n]{1,200}? of type (?P<type>.+)$"
)
_IS_CONSTANT = re.compile(r"untyped |constant ")


def unknown_field(case: Case, match: re.Match[str]) -> Card | None:
    name, kind = match["name"], match["type"]
    found = type_definition(case, kind)
    known = fields(case, found[0]) if found is not None else {}
    near = likeliest(name, [sketches(known)], 1)
    tail = f"; the nearest is `{near[0]}`" if near else ""
    places = (known[near[0]],) if near else (case.place(found[0]),) if found is not None else ()
    return Card(f"`{short(kind)}` has no field `{name}`{tail}.", places)


def few_values(case: Case, match: re.Match[str]) -> Card | None:
    kind = match["type"]
    found = type_definition(case, kind)
    known = list(fields(case, found[0])) if found is not None else []
    names = f": {', '.join(f'`{name}`' for name in known[:6])}" if 0 < len(known) <= 6 else ""
    return Card(
        f"Without names, a `{short(kind)}` needs a value for each of its fields, in their order{names}.",
        (case.place(found[0]),) if found is not None else (),
        (f"With names only some are needed: `{short(kind)}{{{known[0]}: …}}`.",) if known else (),
    )


def not_interface(_case: Case, match: re.Match[str]) -> Card | None:
    code, kind = match["code"], match["type"]
    return Card(
        f"`{short(code)}` is already known to be `{short(kind)}`: only a value of an interface type "
        f"can be asserted.",
    )


def range_over(case: Case, match: re.Match[str]) -> Card | None:
    code, kind = match["code"], described(match["kind"])
    name = type_in(match["kind"])
    found = type_definition(case, name) if name else None
    known = fields(case, found[0]) if found is not None else {}
    lists = [(field, place) for field, place in known.items() if "[]" in place.note or "map[" in place.note]
    notes = (f"Its field `{lists[0][0]}` is a collection.",) if len(lists) == 1 else ()
    return Card(
        f"`{short(code)}` is {kind or 'nothing'}, and `range` cannot go through it.",
        (lists[0][1],) if len(lists) == 1 else (),
        notes,
    )


def not_satisfied(case: Case, match: re.Match[str]) -> Card | None:
    given, wanted = match["given"], match["wanted"]
    found = type_definition(case, wanted)
    why = match["why"] or ""
    missing = re.match(r"(?P<type>[^\n]{1,100}) missing in (?P<set>[^\n]{1,200})$", why)
    tail = (
        f" and allows `{short(missing['set'])}`"
        if missing is not None
        else f": {short(why, 120)}"
        if why
        else ""
    )
    generic = f" of `{short(case.code)}`" if case.code.isidentifier() else ""
    return Card(
        f"`{short(given)}` cannot stand for the type parameter{generic}, which is `{short(wanted)}`{tail}.",
        (case.place(found[0]),) if found is not None else (),
    )


def field_in_map(_case: Case, match: re.Match[str]) -> Card | None:
    element, field = match["element"], match["field"]
    return Card(
        f"`{short(element)}` is a copy of what the map holds, so its field `{field}` cannot be set there.",
        notes=(
            f"Take it out, change it, and put it back: `v := {short(element)}; …; {short(element)} = v`.",
        ),
    )


RULES = (
    rule(
        "MissingLitField",
        r"unknown field (?P<name>\w{1,200}) in struct literal of type (?P<type>\S{1,200})",
        unknown_field,
    ),
    rule(
        "InvalidStructLit",
        r"too (?:few|many) values in struct literal of type (?P<type>\S{1,200})",
        few_values,
    ),
    rule("InvalidStructLit", r"too (?:few|many) values in struct literal"),
    rule(
        "InvalidAssert",
        rf"invalid operation: (?P<code>[^\n]{{1,200}}?) \(variable of (?:\w+ )?type "
        rf"(?P<type>{_TYPE})\) is not an interface",
        not_interface,
    ),
    rule(
        "InvalidRangeExpr",
        r"cannot range over (?P<code>[^\n]{1,200}?) \((?P<kind>[^\n]{1,200}?)\)(?::|$)",
        range_over,
    ),
    rule(
        "InvalidTypeArg",
        rf"(?:T \(type \S+\) |)(?P<given>{_TYPE}) does not satisfy (?P<wanted>[^\s(]{{1,200}})(?: "
        rf"\((?P<why>[^\n]{{1,300}})\))?",
        not_satisfied,
    ),
    rule(
        "UnaddressableFieldAssign",
        r"cannot assign to struct field (?P<element>[^\n]{1,200})\.(?P<field>\w{1,100}) in map",
        field_in_map,
    ),
)
