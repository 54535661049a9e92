"""Fields that a struct does not have, and literals and patterns that leave some out."""

from __future__ import annotations

import re

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.rustc import told
from lsp_debugger.cards.rustc.items import TYPES, item_named
from lsp_debugger.core.ask import Card
from lsp_debugger.syntax.likeness import likeliest, sketches

_FIELD = re.compile(r"^no field `(?P<name>[^`]{1,120})` on type `(?P<type>[^`]{1,300})`")
_LITERAL = re.compile(
    r"^(?P<kind>struct|variant|union) `(?P<type>[^`]{1,300})` (?:has no field named|does not have a "
    r"field named) `(?P<name>[^`]{1,120})`"
)
_MISSING = re.compile(
    r"^missing fields? (?P<names>`.{1,300}`)(?: and \d+ other fields?)? in initializer of "
    r"`(?P<type>[^`]{1,300})`"
)
_PATTERN = re.compile(r"^pattern does not mention fields? (?P<names>`.{1,300}`)")
_PRIMITIVE = re.compile(r"^`(?P<type>[^`]{1,120})` is a primitive type and therefore doesn't have fields")
_INSIDE = re.compile(
    r"one of the expressions' fields has a (?:field|method) of the same name: `(?P<path>[\w.]{1,120})`"
)


def missing_field(case: Case) -> Card | None:
    """E0609."""
    found = told.match(case, _FIELD)
    if found is None:
        return None
    name, kind = found["name"], told.plain(found["type"])
    if kind.startswith("("):
        count = kind.count(",") + 1 if not re.search(r"[<(\[].*,.*[>)\]].*\)$", kind[1:]) else 0
        shown = f" has {count} parts, numbered from 0, so it" if count and name.isdecimal() else ""
        return (
            Card(f"The tuple `{kind}`{shown} has no `.{name}`.")
            if not shown
            else Card(f"`{kind}`{shown} has no `.{name}`.")
        )
    return _no_field(case, name, told.owner(kind))


def unknown_field(case: Case) -> Card | None:
    """E0560 and E0026."""
    found = told.match(case, _LITERAL)
    return _no_field(case, found["name"], told.plain(found["type"])) if found is not None else None


def _no_field(case: Case, name: str, kind: str) -> Card:
    item = item_named(case, kind)
    fields = item.fields if item is not None and item.node.type in TYPES else {}
    place = (item.place(case),) if item is not None else ()
    inside = told.below(case, _INSIDE)
    if inside is not None:
        path = inside["path"].strip(".")
        return Card(f"`{kind}` has no field `{name}`; its `{path}` has one: `.{path}.{name}`.", place)
    near = likeliest(name, [sketches(fields)], 1) if len(name) > 2 else []
    if near:
        return Card(f"`{kind}` has no field `{name}`; the nearest name is `{near[0]}`.", place)
    if 0 < len(fields) <= 8:
        return Card(
            f"`{kind}` has no field `{name}`.",
            place,
            (f"It has {', '.join(f'`{each}`' for each in fields)}.",),
        )
    return Card(f"`{kind}` has no field `{name}`.", place)


def missing_fields(case: Case) -> Card | None:
    """E0063."""
    found = told.match(case, _MISSING)
    if found is None:
        return None
    names, kind = re.findall(r"`([^`]+)`", found["names"]), told.plain(found["type"])
    item = item_named(case, kind)
    fields = item.fields if item is not None else {}
    shown = " and ".join(
        [", ".join(f"`{each}`" for each in names[:-1])] * (len(names) > 1) + [f"`{names[-1]}`"]
    )
    what = "field" if len(names) == 1 else "fields"
    kinds = ", ".join(f"{each}: {fields[each]}" for each in names if each in fields)
    notes = [f"`{kinds}`"] if kinds and len(kinds) < 120 else []
    if item is not None and "Default" in item.derives:
        notes.append(f"`..{kind}::default()` at the end fills in the rest.")
    return Card(
        f"This `{kind}` is made without its {what} {shown}.",
        (item.place(case),) if item is not None else (),
        tuple(notes),
    )


def pattern_fields(case: Case) -> Card | None:
    """E0027."""
    found, nodes = told.match(case, _PATTERN), case.nodes
    around = nodes.around(case.span, "struct_pattern") if nodes is not None else None
    label = around.child_by_field_name("type") if around is not None else None
    if found is None or label is None or nodes is None:
        return None
    owner, item = nodes.text(label), item_named(case, nodes.text(label))
    return Card(
        f"The pattern takes {told.a(owner)} apart and leaves {found['names']} out.",
        (item.place(case),) if item is not None else (),
        ("`..` at its end says that the rest does not matter.",),
    )


def of_primitive(case: Case) -> Card | None:
    """E0610."""
    found, nodes = told.match(case, _PRIMITIVE), case.nodes
    node = nodes.around(case.span, "field_expression") if nodes is not None else None
    value = node.child_by_field_name("value") if node is not None else None
    field = node.child_by_field_name("field") if node is not None else None
    if found is None or nodes is None or value is None or field is None or len(nodes.text(value)) > 60:
        return None
    return Card(
        f"`{nodes.text(value)}` is {told.a(found['type'])}, which has no fields and so no "
        f"`{nodes.text(field)}`."
    )
