"""Expressions that mean something else than they seem to."""

from __future__ import annotations

import re

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.eslint.code import around, shown
from lsp_debugger.core.ask import Card
from lsp_debugger.syntax.likeness import likeliest, sketches

_TYPES = ("undefined", "object", "boolean", "number", "string", "function", "symbol", "bigint")
_METHOD = re.compile(r"Do not access Object\.prototype method '(?P<name>\w+)'")
_ESCAPE = re.compile(r"Unnecessary escape character: \\(?P<character>.)\.")


def loose_equality(case: Case) -> Card | None:
    found = around(case, "binary_expression")
    operator = found[1].child_by_field_name("operator") if found is not None else None
    if found is None or operator is None or operator.type not in {"==", "!="}:
        return None
    nodes, node = found
    strict = f"{operator.type}="
    return Card(f"{shown(nodes, node)} converts both sides before it compares; `{strict}` does not.")


def negative_zero(case: Case) -> Card | None:
    found = around(case, "binary_expression")
    return Card(f"{shown(*found)} is true for 0 as well; `Object.is` tells -0 apart.") if found else None


def assignment_in_condition(case: Case) -> Card | None:
    nodes = case.nodes
    inner = nodes.within(case.span, "assignment_expression") if nodes is not None else iter(())
    node = next(inner, None)
    if node is None:
        found = around(case, "assignment_expression")
        node = found[1] if found is not None else None
    if nodes is None or node is None:
        return None
    left = shown(nodes, node.child_by_field_name("left"))
    return Card(f"{shown(nodes, node)} gives {left} a value; `===` would compare.")


def constant_condition(case: Case) -> Card | None:
    if "\n" in case.code or not case.code:
        return None
    code = case.code if len(case.code) <= 60 else f"{case.code[:59]}…"
    return Card(f"`{code}` decides the same way each time: nothing in it can change.")


def debugger(case: Case) -> Card | None:
    return (
        Card("`debugger` stops everybody who runs this with their tools open.")
        if "debugger" in case.code
        else None
    )


def empty_pattern(case: Case) -> Card | None:
    return (
        Card(f"`{case.code}` takes nothing out of the value; a default would be `= {{}}`.")
        if len(case.code) < 10
        else None
    )


def any_type(case: Case) -> Card | None:
    found = around(case, "required_parameter", "optional_parameter", "variable_declarator",
                   "property_signature",                    "public_field_definition")  # fmt: skip
    if found is None:
        return None
    nodes, node = found
    name = node.child_by_field_name("pattern") or node.child_by_field_name("name")
    return Card(
        f"`any` switches off every check of {shown(nodes, name)}; `unknown` has it checked before its use."
    )


def prototype_builtin(case: Case) -> Card | None:
    match, found = _METHOD.match(case.problem.message), around(case, "call_expression")
    if match is None or found is None:
        return None
    nodes, node = found
    function = node.child_by_field_name("function")
    owner = function.child_by_field_name("object") if function is not None else None
    if owner is None:
        return None
    name = match["name"]
    said = f"{shown(nodes, owner)} may have a `{name}` of its own, or none at all."
    better = "`Object.hasOwn(…)`" if name == "hasOwnProperty" else f"`Object.prototype.{name}.call(…)`"
    return Card(said, notes=(f"{better} asks without it.",))


def self_assignment(case: Case) -> Card | None:
    found = around(case, "assignment_expression")
    return Card(f"{shown(*found)} changes nothing: both sides are the same.") if found else None


def self_comparison(case: Case) -> Card | None:
    found = around(case, "binary_expression")
    return (
        Card(f"{shown(*found)} compares a thing with itself; only NaN differs from itself.")
        if found
        else None
    )


def sparse_array(case: Case) -> Card | None:
    found = around(case, "array")
    return (
        Card(f"{shown(*found)} has a place without a value: two commas stand side by side.")
        if found
        else None
    )


def negation(case: Case) -> Card | None:
    found = around(case, "binary_expression")
    if found is None:
        return None
    nodes, node = found
    left, operator = node.child_by_field_name("left"), node.child_by_field_name("operator")
    right = node.child_by_field_name("right")
    if left is None or operator is None or right is None or left.type != "unary_expression":
        return None
    inner = nodes.text(left).removeprefix("!")
    meant = f"!({inner} {operator.type} {nodes.text(right)})"
    return Card(f"{shown(nodes, node)} negates `{inner}` first; `{meant[:80]}` negates the whole.")


def optional_chain(case: Case) -> Card | None:
    if "?." not in case.code or "\n" in case.code:
        return None
    return Card(f"`{case.code[:60]}` may be undefined, and what stands around it then throws.")


def escape(case: Case) -> Card | None:
    match = _ESCAPE.match(case.problem.message)
    if match is None:
        return None
    character = match["character"]
    return Card(f"`\\{character}` means nothing more than `{character}` here.") if character != "`" else None


def not_a_number(case: Case) -> Card | None:
    found = around(case, "binary_expression")
    if found is None:
        return None
    nodes, node = found
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    operator = node.child_by_field_name("operator")
    if left is None or right is None or operator is None:
        return None
    value = left if nodes.text(right).endswith("NaN") else right
    always = "true" if operator.type.startswith("!") else "false"
    return Card(
        f"{shown(nodes, node)} is always {always}: NaN equals nothing. "
        f"`Number.isNaN({nodes.text(value)[:40]})` asks."
    )


def typeof(case: Case) -> Card | None:
    found = around(case, "binary_expression")
    if found is None:
        return None
    nodes, node = found
    sides = (node.child_by_field_name("left"), node.child_by_field_name("right"))
    text = next((each for each in sides if each is not None and each.type == "string"), None)
    asked = next((each for each in sides if each is not None and each.type == "unary_expression"), None)
    if text is None or asked is None:
        return None
    written = nodes.text(text).strip("'\"")
    near = likeliest(written, [sketches(_TYPES)], 1)
    tail = f"; the nearest that it gives is `{near[0]}`" if near else ""
    return Card(f"{shown(nodes, asked)} is never `{written}`{tail}.")
