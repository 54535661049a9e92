"""Operators and statements that do not do what they say: comparisons, arithmetic, `??`, missing returns."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.typescript.annotated import annotation, member_at, written_type
from lsp_debugger.cards.typescript.source import (
    Source,
    expression_at,
    field,
    function_around,
    inside,
    name_of_function,
    node_at,
    parent,
    place,
    source_of,
)
from lsp_debugger.cards.typescript.types import type_named
from lsp_debugger.cards.typescript.wording import is_literal, kind, listed, parts, short
from lsp_debugger.core.ask import Card, Place
from lsp_debugger.syntax.likeness import likeliest, sketches

if TYPE_CHECKING:
    from tree_sitter import Node

_OVERLAP = re.compile(r"because the types '(?P<left>.{1,800}?)' and '(?P<right>.{1,800}?)' have no overlap")
_OPERATOR = re.compile(
    r"Operator '(?P<operator>[^'\n]{1,10})' cannot be applied to types? '(?P<left>.{1,500}?)'(?: and "
    r"'(?P<right>.{1,500}?)')?\.?$"
)
_NAME = re.compile(r"[A-Za-z_$][\w$]*\Z")


def comparison(case: Case) -> Card | None:
    """2367: two types that share no value."""
    match = _OVERLAP.search(case.problem.message)
    source = source_of(case)
    if match is None or source is None:
        return None
    at = expression_at(case, source)
    left, right = field(at, "left"), field(at, "right")
    if at.type != "binary_expression" or left is None or right is None:
        return None
    one, other = source.shown(left, 40), source.shown(right, 40)
    literal = next((each for each in (match["left"], match["right"]) if is_literal(each)), "")
    wide = match["left"] if literal == match["right"] else match["right"]
    options = _options(case, source, wide) if literal else []
    operator = source.text(field(at, "operator") or at)
    always = "true" if operator.startswith("!") else "false"
    if options:
        value = one if literal == match["right"] else other
        near = likeliest(literal.strip('"'), [sketches(each.strip('"') for each in options)], 1)
        tail = f'; the nearest is `"{near[0]}"`' if near else ""
        thing = type_named(case, source, wide) if _NAME.match(wide) else None
        places = (thing.place(case),) if thing is not None else ()
        return Card(
            f"`{value}` is never `{literal}` here{tail}: the comparison is always {always}.",
            places,
            (f"It may be {listed(options, 'or')}.",),
        )
    return Card(
        f"`{one}` is {kind(match['left'])} here and `{other}` is {kind(match['right'])}: they are never "
        f"equal, so this is always {always}.",
        tuple(
            each
            for each in dict.fromkeys((_written(case, source, left), _written(case, source, right)))
            if each.line
        ),
    )


def _written(case: Case, source: Source, node: Node) -> Place:
    """Where the type of an operand is written, if that is another line; line 0 for nowhere."""
    found = written_type(case, source, node)
    if found is None or (found.source.path == source.path and found.source.line(found.owner) == case.line):
        return Place("", 0)
    return place(case, found.source, found.owner, f"`{found.source.shown(found.owner)}`")


def _options(case: Case, source: Source, printed: str) -> list[str]:
    thing = type_named(case, source, printed) if _NAME.match(printed) else None
    if thing is not None and thing.node.type == "type_alias_declaration":
        value = field(thing.node, "value")
        printed = thing.source.text(value).replace("'", '"') if value is not None else printed
    return [each for each in parts(printed) if is_literal(each)]


def arithmetic(case: Case) -> Card | None:
    """2362, 2363 and 2365."""
    source = source_of(case)
    if source is None:
        return None
    at = expression_at(case, source)
    if (match := _OPERATOR.match(case.problem.message)) is not None:
        if match["right"] is None:
            return Card(
                f"`{match['operator']}` does not work on `{source.shown(at, 40)}`, which is "
                f"{kind(match['left'])}."
            )
        left, right = field(at, "left"), field(at, "right")
        if left is None or right is None:
            return None
        return Card(
            f"`{match['operator']}` does not work on `{source.shown(left, 40)}`, which is "
            f"{kind(match['left'])}, "
            f"and `{source.shown(right, 40)}`, which is {kind(match['right'])}."
        )
    operation = parent(source, at, "binary_expression", "augmented_assignment_expression")
    operator = field(operation, "operator")
    if operator is None:
        return None
    written = written_type(case, source, at)
    what = f" is {kind(written.text)}" if written is not None and len(written.text) < 60 else " is no number"
    shown = _written(case, source, at)
    return Card(
        f"`{source.shown(at, 40)}`{what}, and `{source.text(operator)}` wants numbers on both sides.",
        (shown,) if shown.line else (),
    )


def never_nullish(case: Case) -> Card | None:
    """2869 and 2881: the right side of `??` is for nothing."""
    source = source_of(case)
    if source is None:
        return None
    at = expression_at(case, source)
    operation = (
        parent(source, at, "binary_expression")
        if at.type != "binary_expression" or "??" not in source.text(at)
        else at
    )
    while operation is not None and source.text(field(operation, "operator") or operation) != "??":
        operation = parent(source, operation, "binary_expression")
    left, right = field(operation, "left"), field(operation, "right")
    if left is None or right is None:
        return None
    if "always nullish" in case.problem.message:
        return Card(
            f"`{source.shown(left, 40)}` is always null or undefined, so it is always "
            f"`{source.shown(right, 40)}` that counts."
        )
    return Card(
        f"`{source.shown(left, 40)}` is never null or undefined, so `{source.shown(right, 40)}` is never "
        "used."
    )


def delete(case: Case) -> Card | None:
    """2790."""
    source = source_of(case)
    if source is None:
        return None
    at = expression_at(case, source)
    member = member_at(case, source, at) if at.type == "member_expression" else None
    if member is None:
        return Card(f"`{source.shown(at, 40)}` is not optional, so it must not be deleted.")
    return Card(
        f"`{member.name}` is required in `{member.owner}`: without it the object would be none any more.",
        (member.place(case),),
    )


def no_return(case: Case) -> Card | None:  # noqa: PLR0911 - one for each ending
    """2366, 2355 and 7030: a way through the function that gives nothing back."""
    source = source_of(case)
    if source is None:
        return None
    at = node_at(source, case.span)
    function = function_around(source, at)
    if function is None:
        return None
    name = name_of_function(source, function)
    subject = f"`{name}`" if name else "This function"
    returned = annotation(function, "return_type")
    promised = f" {short(source.text(returned), 40)}" if returned is not None else " a value"
    body = field(function, "body")
    if body is None or body.type != "statement_block":
        return None
    returns = [each for each in inside(body) if each.type == "return_statement"]
    if not returns:
        return Card(f"{subject} is to return{promised} and has no `return` at all.")
    last = body.named_children[-1] if body.named_children else None
    if last is not None and last.type == "if_statement":
        return Card(
            f"{subject} is to return{promised}, and returns nothing where no branch of its last `if` is "
            "taken.",
            (place(case, source, last, f"`{source.first_line(last)}`"),),
        )
    if last is not None and last.type == "switch_statement":
        return Card(
            f"{subject} is to return{promised}, and returns nothing where no case of its `switch` fits or "
            "returns.",
            (place(case, source, last, f"`{source.first_line(last)}`"),),
        )
    return Card(f"{subject} is to return{promised}, and one way through it ends without a `return`.")
