"""Types that do not fit: what is wanted, who wants it, and what differs. 2322, 2345, 2820, 2769."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.typescript import properties
from lsp_debugger.cards.typescript.annotated import annotation, callee
from lsp_debugger.cards.typescript.nullish import origin_of
from lsp_debugger.cards.typescript.scopes import declared
from lsp_debugger.cards.typescript.source import (
    Source,
    expression_at,
    field,
    function_around,
    name_of_function,
    parent,
    place,
    source_of,
    unwrapped,
)
from lsp_debugger.cards.typescript.types import members_of, type_named
from lsp_debugger.cards.typescript.wording import (
    chain,
    is_literal,
    kind,
    listed,
    nothings,
    parts,
    promised,
)
from lsp_debugger.core.ask import Card, Place
from lsp_debugger.syntax.likeness import likeliest, sketches

if TYPE_CHECKING:
    from tree_sitter import Node

TYPES = re.compile(
    r"(?:Type|Argument of type) '(?P<given>.{1,1500}?)' is not assignable to (?:parameter of )?type "
    r"'(?P<wanted>.{1,1500}?)'"
    r"(?: with '|\.|$)"
)
_PROPERTY = re.compile(
    r"The expected type comes from property '(?P<name>[^']{1,200})' which is declared here on type "
    r"'(?P<type>[^']{1,500})'"
)
_DEEP = re.compile(
    r"(?:Types of property|The types of|The types returned by) '(?P<path>[^']{1,300})' are incompatible"
)
_MEANT = re.compile(r"Did you mean '(?P<value>.{1,200}?)'\?")
_NAME = re.compile(r"[A-Za-z_$][\w$]*\Z")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who wants the type: said as the start of a sentence. value: the expression that does not fit."""

    who: str
    places: tuple[Place, ...]
    value: Node | None


def mismatch(case: Case) -> Card | None:
    told = chain(case.problem.message)
    match = TYPES.match(told[0]) if told else None
    source = source_of(case)
    if match is None or source is None:
        return None
    given, wanted = match["given"], match["wanted"]
    if (lacking := properties.in_chain(case, source, told[1:])) is not None:
        return lacking
    if (inner := properties.excess_in_chain(case, source, told[1:])) is not None:
        return inner
    who = _wanting(case, source)
    places, notes = who.places, ()
    tail = ""
    difference = _difference(case, source, given, wanted, told, who.value)
    if difference is not None:
        tail, more, notes = difference
        places = (*more, *places)
    return Card(f"{who.who} has to be {kind(wanted)} and gets {kind(given)}{tail}.", places, notes)


def _wanting(case: Case, source: Source) -> Wanted:  # noqa: PLR0911 - one for each place
    by_property = _by_property(case, source)
    if by_property is not None:
        return by_property
    at = expression_at(case, source)
    if case.problem.message.startswith("Argument"):
        return _argument(case, source, at)
    statement = at if at.type == "return_statement" else parent(source, at)
    if at.type == "return_statement" or case.code == "return":
        return _returned(case, source, statement or at)
    function = function_around(source, at)
    if function is not None and field(function, "body") == at:
        return Wanted(_result_of(source, function), _return_type(case, source, function), at)
    if statement is not None and statement.type == "variable_declarator":
        written = annotation(statement)
        shown = (
            (place(case, source, written, f"declares it `{source.shown(written)}`"),)
            if written is not None
            else ()
        )
        same_line = written is not None and source.line(written) == case.line
        return Wanted(f"`{source.shown(at, 40)}`", () if same_line else shown, field(statement, "value"))
    if statement is not None and statement.type == "assignment_expression" and field(statement, "left") == at:
        return _assigned(case, source, at, field(statement, "right"))
    return Wanted(f"`{source.shown(at, 40)}`", (), None)


def _by_property(case: Case, source: Source) -> Wanted | None:
    for each in case.problem.related:
        if match := _PROPERTY.match(each.note):
            at = expression_at(case, source)
            around = at if at.type == "pair" else parent(source, at)
            value = field(around, "value") if around is not None and around.type == "pair" else None
            owner = match["type"] if _NAME.match(match["type"]) else ""
            thing = type_named(case, source, owner) if owner else None
            member = members_of(case, thing).found.get(match["name"]) if thing is not None else None
            shown = (
                (Place(case.shown(each.path), each.line, f"`{owner}` has `{member.signature}`"),)
                if member
                else ()
            )
            of = f" of `{owner}`" if owner else ""
            return Wanted(f"`{match['name']}`{of}", shown, value)
    return None


def _argument(case: Case, source: Source, at: Node) -> Wanted:
    call = parent(source, at, "call_expression", "new_expression")
    shown = f"`{source.shown(at, 40)}`"
    found = parameter_for(case, source, call, at) if call is not None else None
    if found is None or call is None:
        return Wanted(f"The argument {shown}", (), at)
    where, function, parameter = found
    name = field(parameter, "pattern")
    callee_name = field(call, "function") or field(call, "constructor")
    called = source.shown(callee_name, 40) if callee_name is not None else ""
    who = (
        f"`{where.shown(name, 40)}` of `{called}`" if name is not None and called else f"The argument {shown}"
    )
    return Wanted(f"{who}", (place(case, where, parameter, f"`{where.first_line(function)}`"),), at)


def parameter_for(case: Case, source: Source, call: Node, argument: Node) -> tuple[Source, Node, Node] | None:
    """The parameter that an argument is for, where the function is found."""
    called = callee(case, source, call)
    arguments = field(call, "arguments")
    if called is None or arguments is None:
        return None
    given = [each for each in arguments.named_children if each.type != "comment"]
    at = next((number for number, each in enumerate(given) if each == argument), None)
    if at is None or any(each.type == "spread_element" for each in given[:at]):
        return None
    wanted = parameters(called[0], called[1])
    if at < len(wanted):
        return called[0], called[1], wanted[at]
    last = wanted[-1] if wanted else None
    pattern = field(last, "pattern")
    is_rest = pattern is not None and pattern.type == "rest_pattern"
    return (called[0], called[1], last) if last is not None and is_rest else None


def parameters(source: Source, function: Node) -> list[Node]:
    """A function's parameters, a declared `this` left out."""
    listing = field(function, "parameters")
    return [
        each
        for each in (listing.named_children if listing is not None else ())
        if each.type in {"required_parameter", "optional_parameter"}
        and source.text(field(each, "pattern") or each) != "this"
    ]


def _returned(case: Case, source: Source, at: Node) -> Wanted:
    statement = at if at.type == "return_statement" else parent(source, at, "return_statement")
    function = function_around(source, statement or at)
    value = statement.named_children[0] if statement is not None and statement.named_children else None
    if function is None:
        return Wanted("What is returned here", (), value)
    return Wanted(_result_of(source, function), _return_type(case, source, function), value)


def _result_of(source: Source, function: Node) -> str:
    name = name_of_function(source, function)
    if name:
        return f"The result of `{name}`"
    body = field(function, "body")
    is_value = body is not None and body.type != "statement_block"
    return (
        f"The result `{source.shown(body, 40)}` of this function"
        if body is not None and is_value
        else "The result of this function"
    )


def _return_type(case: Case, source: Source, function: Node) -> tuple[Place, ...]:
    written = annotation(function, "return_type")
    if written is not None:
        return (place(case, source, written, f"declares that it returns `{source.shown(written)}`"),)
    return ()


def _assigned(case: Case, source: Source, left: Node, value: Node | None) -> Wanted:
    thing = declared(source, source.text(left), left) if left.type == "identifier" else None
    if thing is None:
        return Wanted(f"`{source.shown(left, 40)}`", (), value)
    return Wanted(
        f"`{thing.name}`", (place(case, source, thing.whole, f"`{source.first_line(thing.whole)}`"),), value
    )


Difference = tuple[str, tuple[Place, ...], tuple[str, ...]]


def _difference(
    case: Case, source: Source, given: str, wanted: str, told: list[str], value: Node | None
) -> Difference | None:
    """How it goes on: what of the type differs, places and notes."""
    nothing = nothings(given, wanted)
    if nothing:
        return _nothing(case, source, nothing, given, value)
    if promised(given) and promised(given) == wanted:
        return ", a promise that is not awaited", (), ()
    options = [part for part in parts(_spelt_out(case, source, wanted)) if is_literal(part)]
    if options and is_literal(given):
        return _literal(told[0], given, options)
    if options and given == "string":
        return _any_string(case, source, options, value)
    for number, line in enumerate(told[1:], 1):
        if (deep := _DEEP.match(line)) is not None:
            inner = next((match for each in told[number + 1 :] if (match := TYPES.match(each))), None)
            if inner is not None:
                what = f"`{deep['path']}` is {kind(inner['given'])} instead of {kind(inner['wanted'])}"
                return f": {what}", (), ()
    return None


def _nothing(
    case: Case, source: Source, nothing: list[str], given: str, value: Node | None
) -> Difference | None:
    if given in {"null", "undefined"} or value is None:
        return None
    origin = origin_of(case, source, value, " or ".join(nothing))
    if origin is None:
        return f": {' and '.join(nothing)} is not ruled out", (), ()
    return f": {origin.reason}", origin.places, ()


def _spelt_out(case: Case, source: Source, wanted: str) -> str:
    """The union behind an alias."""
    thing = type_named(case, source, wanted) if _NAME.match(wanted) else None
    if thing is None or thing.node.type != "type_alias_declaration":
        return wanted
    value = field(thing.node, "value")
    return thing.source.text(value).replace("'", '"') if value is not None else wanted


def _literal(message: str, given: str, options: list[str]) -> Difference:
    meant = _MEANT.search(message)
    words = [each.strip('"') for each in options]
    near = (
        [meant["value"].strip('"')]
        if meant is not None
        else likeliest(given.strip('"'), [sketches(words)], 1)
    )
    notes = (f"Allowed: {listed(options, 'and')}.",)
    return (f'; the nearest allowed is `"{near[0]}"`' if near else ""), (), notes


def _any_string(case: Case, source: Source, options: list[str], value: Node | None) -> Difference:
    """A property of an object that was made without `as const` is any string."""
    notes = (f"Allowed: {listed(options, 'and')}.",)
    value = unwrapped(value) if value is not None else None
    owner = field(value, "object") if value is not None and value.type == "member_expression" else None
    thing = (
        declared(source, source.text(owner), owner)
        if owner is not None and owner.type == "identifier"
        else None
    )
    made = field(thing.whole, "value") if thing is not None and annotation(thing.whole) is None else None
    if thing is None or made is None or made.type != "object":
        return ", which may be any text", (), notes
    shown = place(case, source, thing.whole, f"`{source.first_line(thing.whole)}`")
    return f": without `as const` a text in `{thing.name}` counts as any text", (shown,), notes
