"""Types that nobody wrote down: implicit `any`, `unknown`, `this`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.typescript.annotated import written_type
from lsp_debugger.cards.typescript.scopes import declared
from lsp_debugger.cards.typescript.source import (
    Source,
    expression_at,
    field,
    function_around,
    name_of_function,
    node_at,
    parent,
    place,
    source_of,
)
from lsp_debugger.cards.typescript.wording import chain, kind, short
from lsp_debugger.core.ask import Card

if TYPE_CHECKING:
    from tree_sitter import Node

_QUOTED = re.compile(r"'(?P<name>[^'\n]{1,200})'")
_INDEX = re.compile(
    r"expression of type '(?P<key>.{1,500}?)' can't be used to index type '(?P<type>.{1,1500}?)'\."
)
_NO_MEMBER = re.compile(r"Property '(?P<name>[^'\n]{1,200})' does not exist on type '(?P<type>.{1,1500}?)'\.")


def parameter(case: Case) -> Card | None:
    """7006, 7019, 7031 and 7051."""
    match = _QUOTED.search(case.problem.message)
    source = source_of(case)
    if match is None or source is None:
        return None
    name = match["name"]
    at = node_at(source, case.span)
    function = function_around(source, at) or parent(
        source, at, "method_signature", "function_type", "function_signature"
    )
    if function is None:
        return Card(f"`{name}` has no type, and nothing here tells which it is: it counts as `any`.")
    owner = name_of_function(source, function)
    of = f" of `{owner}`" if owner else ""
    pattern = parent(source, at, "object_pattern", "array_pattern")
    around = parent(source, function)
    is_handed_on = around is not None and around.type == "arguments"
    why = "what it is handed to does not say which it is" if is_handed_on else "nothing says which it is"
    if pattern is not None:
        return Card(f"`{name}` comes out of a parameter{of} that has no type, and {why}: it counts as `any`.")
    return Card(f"The parameter `{name}`{of} has no type, and {why}: it counts as `any`.")


def variable(case: Case) -> Card | None:
    """7005 and 7034: a variable whose type would have to be guessed."""
    match = _QUOTED.search(case.problem.message)
    source = source_of(case)
    thing = (
        declared(source, match["name"], node_at(source, case.span))
        if match is not None and source is not None
        else None
    )
    if source is None or thing is None:
        return None
    value = field(thing.whole, "value")
    starts = f"starts as `{source.shown(value, 30)}`" if value is not None else "starts without a value"
    shown = place(case, source, thing.whole, f"`{source.first_line(thing.whole)}`")
    if source.line(thing.node) == case.line:
        return Card(
            f"`{thing.name}` {starts} and has no type; where an inner function uses it, it counts as `any`."
        )
    return Card(
        f"`{thing.name}` {starts} and has no type; this function may run before it is known, so it counts "
        "as `any`.",
        (shown,),
    )


def index(case: Case) -> Card | None:
    """7053: a key that the type does not list."""
    told = chain(case.problem.message)
    match = _INDEX.search(told[0]) if told else None
    source = source_of(case)
    if match is None or source is None:
        return None
    at = expression_at(case, source)
    access = at if at.type == "subscript_expression" else parent(source, at, "subscript_expression")
    owner, key = field(access, "object"), field(access, "index")
    if owner is None or key is None:
        return None
    shown, used = source.shown(owner, 40), source.shown(key, 40)
    thing = declared(source, source.text(owner), owner) if owner.type == "identifier" else None
    places = (
        [place(case, source, thing.whole, f"`{source.first_line(thing.whole)}`")] if thing is not None else []
    )
    key_thing = declared(source, source.text(key), key) if key.type == "identifier" else None
    if key_thing is not None and source.line(key_thing.node) != case.line:
        places.append(place(case, source, key_thing.whole, f"`{source.shown(key_thing.whole)}`"))
    missing = _NO_MEMBER.match(told[1]) if len(told) > 1 else None
    if missing is not None:
        return Card(
            f"`{shown}` has no property `{missing['name']}` that `[{used}]` could mean.", tuple(places)
        )
    notes = (
        (f"`{used} as keyof typeof {shown}` says that it is one of its keys.",)
        if match["key"] == "string" and thing is not None and thing.kind == "const"
        else ()
    )
    return Card(
        f"`{used}` is {kind(match['key'])}, and `{shown}` does not have a property for each of those.",
        tuple(places),
        notes,
    )


def unknown(case: Case) -> Card | None:
    """18046, 2571 and 2698."""
    source = source_of(case)
    if source is None:
        return None
    at = expression_at(case, source)
    code = source.shown(at, 40)
    thing = declared(source, source.text(at), at) if at.type == "identifier" else None
    if thing is not None and thing.kind == "catch":
        return Card(
            f"`{code}` is what was thrown, and anything can be thrown: its type is `unknown` until it is "
            "checked.",
            (place(case, source, thing.whole, f"`catch ({thing.name})`"),),
            (f"`if ({code} instanceof Error)` around it makes sure.",),
        )
    written = written_type(case, source, at)
    if written is not None and "unknown" in written.text:
        return Card(
            f"`{code}` is declared as {short(written.text)}: nothing can be done with it before its type "
            "is checked.",
            (place(case, written.source, written.owner, f"`{written.source.shown(written.owner)}`"),),
        )
    return Card(f"`{code}` is `unknown` here: nothing can be done with it before its type is checked.")


def this(case: Case) -> Card | None:
    """2683: whose `this` it is."""
    source = source_of(case)
    if source is None:
        return None
    function = _owner_of_this(source, node_at(source, case.span))
    if function is None:
        return Card("`this` belongs to no class or object here, so it counts as `any`.")
    name = name_of_function(source, function)
    subject = f"`{name}`" if name else "the function around it"
    return Card(
        f"`this` is whatever {subject} is called on, and nothing says what that is: it counts as `any`.",
        (place(case, source, function, f"`{source.first_line(function)}`"),),
        ("An arrow function would keep the `this` from outside; a first parameter `this: T` declares it.",),
    )


def _owner_of_this(source: Source, at: Node) -> Node | None:
    """Arrow functions have none of their own."""
    return parent(
        source,
        at,
        "function_declaration",
        "function_expression",
        "method_definition",
        "generator_function",
        "generator_function_declaration",
    )
