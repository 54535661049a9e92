"""Values of one type where another one is wanted: initialised, assigned, returned, bound or copied."""

from __future__ import annotations

import re

from lsp_debugger.cards.c.calls import advice, const_lost, mismatch
from lsp_debugger.cards.c.lookup import arguments, call_of, declaration_of
from lsp_debugger.cards.c.wording import Rule, a_kind, code, kind, plain_note, related, rule
from lsp_debugger.cards.case import Case
from lsp_debugger.core.ask import Card, Place

_NAME = re.compile(r"(?P<name>~?\w+|operator[^\s(]{1,3})\s*(?:<[^()]{0,200}>)?\s*\(")


def const_dropped(case: Case, match: re.Match[str]) -> Card | None:
    """An initialisation, an assignment or a return that loses `const`."""
    nodes = case.nodes
    node = nodes.around(case.span, "init_declarator", "assignment_expression") if nodes is not None else None
    if match["how"].startswith("return"):
        return const_lost(case, "the returned pointer")
    left = (
        node.child_by_field_name("declarator") or node.child_by_field_name("left")
        if node is not None
        else None
    )
    if nodes is None or left is None:
        return None
    target = nodes.text(left).lstrip("* ")
    card = const_lost(case, f"`{target}`")
    return (
        Card(card.headline, card.places, (f"Declare `{target}` with `const`, or copy what it points to.",))
        if card is not None
        else None
    )


def converted(case: Case, match: re.Match[str]) -> Card | None:
    """An initialisation, assignment, return or argument whose type cannot become the wanted one."""
    has, wanted = match["from"], match["to"]
    note = related(case, "initializing argument")
    of = re.search(r"initializing argument (\d+) of '([^'\n]{1,300})'", plain_note(note))
    named = _NAME.search(of[2]) if of is not None else None
    if of is not None and named is not None:
        number, name = int(of[1]), named["name"]
        call = call_of(case, name)
        given = arguments(call) if call is not None else []
        if call is not None and number <= len(given):
            return mismatch(case, name, number, call.text(given[number - 1]), has, wanted)
        return None
    value = case.code.strip()
    target, places = _target(case)
    if not value or not target:
        return None
    shown = value if target != value else _value(case) or value
    return Card(
        f"{code(shown)} is {a_kind(has)}, which cannot become the {kind(wanted)} {target}.",
        places,
        advice(shown, has, wanted),
    )


def _target(case: Case) -> tuple[str, tuple[Place, ...]]:
    """What is to get the value: ``that `port` is`` …"""
    nodes = case.nodes
    types = ("init_declarator", "assignment_expression", "return_statement", "declaration")
    node = nodes.around(case.span, *types) if nodes is not None else None
    if nodes is None or node is None:
        return "", ()
    if node.type == "return_statement":
        return "that is to be returned", ()
    left = node.child_by_field_name("declarator") or node.child_by_field_name("left")
    if left is None:
        return "", ()
    if left.type == "init_declarator":
        left = left.child_by_field_name("declarator") or left
    name = nodes.text(left).lstrip("*& ")
    found = declaration_of(case, name) if node.type == "assignment_expression" else None
    places = (case.here(found.line, code(found.text())),) if found is not None else ()
    return f"that {code(name)} is", places


def _value(case: Case) -> str:
    nodes = case.nodes
    node = nodes.around(case.span, "init_declarator", "assignment_expression") if nodes is not None else None
    value = (
        node.child_by_field_name("value") or node.child_by_field_name("right") if node is not None else None
    )
    return nodes.text(value) if nodes is not None and value is not None else ""


def temporary(case: Case, match: re.Match[str]) -> Card | None:
    value = case.code.strip()
    place = related(case, "initializing argument", "passing argument")
    named = _NAME.search(plain_note(place).partition("'")[2]) if place is not None else None
    what = (
        f"`{named['name']}` may change its argument"
        if named is not None
        else "what it is bound to may change"
    )
    places = (
        (Place(case.shown(place.path), place.line, f"takes {a_kind(match['type'])}"),)
        if place is not None
        else ()
    )
    if not value:
        return None
    return Card(
        f"{code(value)} is a value without a place of its own, and {what} through {a_kind(match['type'])}.",
        places,
        ("A variable has a place; a parameter that is only read may be `const &`.",),
    )


def deleted(case: Case, match: re.Match[str]) -> Card | None:
    """Copies of what can only be moved."""
    what = match["what"]
    type_name = re.search(
        r"(?:std::)?(unique_ptr|thread|mutex|ofstream|ifstream|future|promise|atomic)", what
    )
    value = (_value(case) or case.code).strip()
    if (
        type_name is None
        or not value
        or not re.search(r"\(const |copy|\w+\(const", what + case.problem.message)
    ):
        return None
    name = f"std::{type_name[1]}"
    moves = type_name[1] not in {"mutex", "atomic"}
    note = (
        f"`std::move({value})` hands it over; `{value}` is empty then." if moves else "Refer to it instead."
    )
    return Card(f"{code(value)} would be copied here, and a `{name}` cannot be copied.", notes=(note,))


RULES: tuple[Rule, ...] = (
    rule(r"(?P<how>initialization|assignment|return) discards '", const_dropped),
    rule(
        r"(?P<how>initializing|assigning to|returning) '{q}' (?:with|from|with an expression of "
        r"type) .{1,200}"
        r"discards qualifiers",
        const_dropped,
    ),
    rule(r"invalid conversion from '(?P<from>{q})' to '(?P<to>{q})'", converted),
    rule(
        r"cannot convert (?:'[^'\n]{1,100}' \(type )?'(?P<from>{q})'\)? to (?:type )?'(?P<to>{q})'", converted
    ),
    rule(
        r"(?:initialization of|assignment to) '(?P<to>{q})' from (?:incompatible pointer type "
        r")?'(?P<from>{q})'",
        converted,
    ),
    rule(
        r"returning '(?P<from>{q})' from a function with (?:incompatible )?return type '(?P<to>{q})'",
        converted,
    ),
    rule(
        r"incompatible (?:pointer types|(?:integer|pointer) to (?:pointer|integer) conversion) "
        r"(?:initializing|assigning to|returning) '(?P<to>{q})' (?:with an expression of type|from) "
        r"'(?P<from>{q})'",
        converted,
    ),
    rule(
        r"cannot initialize a (?:variable|parameter|member subobject|return object) of type "
        r"'(?P<to>{q})' with "
        r"an [lr]value of type '(?P<from>{q})'",
        converted,
    ),
    rule(r"no viable conversion from '(?P<from>{q})' to '(?P<to>{q})'", converted),
    rule(r"cannot bind non-const lvalue reference of type '(?P<type>{q})' to an rvalue", temporary),
    rule(r"use of deleted function '(?P<what>{q})'", deleted),
    rule(r"call to (?:implicitly-)?deleted (?:copy )?constructor of '(?P<what>{q})'", deleted),
)
