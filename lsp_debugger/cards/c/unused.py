"""What is declared, set or computed and then not used."""

from __future__ import annotations

import re

from lsp_debugger.cards.c.lookup import (
    Found,
    assignments,
    call_around,
    declaration_of,
    declared,
    definitions,
    function_around,
    function_name,
    function_place,
    members,
    type_named,
)
from lsp_debugger.cards.c.values import end_of_line
from lsp_debugger.cards.c.wording import Rule, bare_type, code, rule
from lsp_debugger.cards.case import Case
from lsp_debugger.core.ask import Card, Place
from lsp_debugger.core.text import Span


def unused(case: Case, match: re.Match[str]) -> Card | None:
    name, what = match["name"].partition("(")[0].rpartition(" ")[2], match.groupdict().get("what") or ""
    name = name.rpartition("::")[2]
    function = function_around(case)
    where = f" in `{function_name(function)}`" if function is not None and function_name(function) else ""
    if what == "parameter":
        cpp = case.snapshot.language_id == "cpp"
        note = f"`/*{name}*/` in place of the name says that it is meant." if cpp else ""
        note = note or f"If its signature is given, `(void){name};` says so."
        return Card(f"The parameter `{name}` is not used{where}.", notes=(note,))
    if what in {"function", "member function"} or _is_function(case, name):
        return (
            Card(f"The function `{name}` is `static`, and nothing in this file uses it.")
            if _is_static(case, name)
            else Card(f"The function `{name}` is seen by this file only, and nothing in it uses it.")
        )
    found = declaration_of(case, name)
    value = _initial(found, name) if found is not None else ""
    notes = (f"`{value}` is still called.",) if re.search(r"\w\s*\(", value) else ()
    scope = where or " in this file"
    return Card(f"`{name}` is never used{scope}.", notes=notes)


def _is_function(case: Case, name: str) -> bool:
    return any(each.start_line == case.line for each in definitions(case, name, "function"))


def _is_static(case: Case, name: str) -> bool:
    return any("static" in each.signature.split() for each in definitions(case, name, "function"))


def _initial(found: Found, name: str) -> str:
    for declarator in found.node.children_by_field_name("declarator"):
        inner, value = declared(declarator), declarator.child_by_field_name("value")
        if inner is not None and value is not None and found.text(inner) == name:
            return " ".join(found.text(value).split())[:80]
    return ""


def set_not_used(case: Case, match: re.Match[str]) -> Card | None:
    name = match["name"]
    function, found = function_around(case), declaration_of(case, name)
    if function is None:
        return None
    start = (
        found.nodes.span(found.node).end if found is not None else function.nodes.span(function.node).start
    )
    writes = assignments(function, name, Span(start, function.nodes.span(function.node).end))
    places = tuple(
        case.here(line, "sets it")
        for line in dict.fromkeys(function.nodes.line(node) for node in writes[:2])
        if line != case.line
    )
    return Card(
        f"`{name}` is given a value in `{function_name(function)}`, and nothing ever reads it.", places
    )


def dead_store(case: Case, match: re.Match[str]) -> Card | None:
    name = match["name"]
    function = function_around(case)
    if function is None:
        return None
    after = Span(end_of_line(case, case.line), function.nodes.span(function.node).end)
    following = assignments(function, name, after)
    places = (case.here(function.nodes.line(following[0]), "sets it anew"),) if following else ()
    return Card(f"The value that line {case.line} gives `{name}` is never read.", places)


def ignored_result(case: Case, _match: re.Match[str]) -> Card | None:
    call = call_around(case)
    function = call.node.child_by_field_name("function") if call is not None else None
    if call is None or function is None:
        return None
    name = call.text(function)
    place = function_place(case, name)
    return Card(
        f"What `{name}` returns is thrown away, and its declaration says that it matters.",
        (place,) if place is not None else (),
        ("It may be how it tells of a failure.",),
    )


def no_effect(case: Case, _match: re.Match[str]) -> Card | None:
    nodes = case.nodes
    statement = nodes.around(case.span, "expression_statement") if nodes is not None else None
    inner = statement.named_children[0] if statement is not None and statement.named_children else None
    if nodes is None or statement is None or inner is None:
        return None
    shown = code(nodes.text(inner))
    operator = inner.child_by_field_name("operator")
    if operator is not None and nodes.text(operator) == "==":
        left, right = inner.child_by_field_name("left"), inner.child_by_field_name("right")
        if left is not None and right is not None:
            return Card(
                f"{shown} compares and throws the answer away.",
                notes=(f"`{nodes.text(left)} = {nodes.text(right)}` would set it.",),
            )
    return Card(f"{shown} is computed, and nothing keeps or uses the result.")


def left_at_zero(case: Case, match: re.Match[str]) -> Card | None:
    nodes = case.nodes
    node = nodes.around(case.span, "initializer_list") if nodes is not None else None
    if nodes is None or node is None:
        return None
    name = match["name"].rpartition("::")[2]
    found = type_named(case, bare_type(match.groupdict().get("type") or ""))
    member = members(found).get(name) if found is not None else None
    places = (
        (Place(case.shown(found.path), found.nodes.line(member), code(found.text(member))),)
        if found is not None and member is not None
        else ()
    )
    return Card(f"{code(nodes.text(node))} says nothing of `{name}`, which becomes zero.", places)


RULES: tuple[Rule, ...] = (
    rule(r"missing initializer for (?:field|member) '(?P<name>{q})'(?: of '(?P<type>{q})')?", left_at_zero),
    rule(r"missing field '(?P<name>{q})' initializer", left_at_zero),
    rule(r"unused (?P<what>variable|parameter|function|member function)s? '(?P<name>{q})'", unused),
    rule(r"'(?P<name>{q})' defined but not used", unused),
    rule(r"(?:variable|parameter) '(?P<name>{q})' set but not used", set_not_used),
    rule(r"value stored to '(?P<name>{q})' .{0,60}is never read", dead_store),
    rule(r"ignoring return value of", ignored_result),
    rule(r"statement has no effect|statement with no effect|value computed is not used", no_effect),
    rule(r"(?:expression|comparison|equality comparison|inequality comparison) result unused", no_effect),
)
