"""Values that are missing, unused, compared or converted in a way that nobody means."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lsp_debugger.cards.c.lookup import (
    Found,
    arguments,
    assignments,
    call_around,
    declaration_of,
    declared,
    function_around,
)
from lsp_debugger.cards.c.wording import Rule, code, inside, kind, related, rule
from lsp_debugger.cards.case import Case
from lsp_debugger.core.ask import Card, Place
from lsp_debugger.core.text import Span

if TYPE_CHECKING:
    from tree_sitter import Node


_BRANCHES = ("if_statement", "switch_statement", "while_statement", "for_statement", "case_statement")


def uninitialised(case: Case, match: re.Match[str]) -> Card | None:
    """Where it is declared, and what gives it a value on some ways only. None where another way may exist."""
    name = match["name"]
    found = declaration_of(case, name)
    function = function_around(case)
    if found is None or function is None or not _has_no_value(found, name) or _is_given_away(function, name):
        return None
    use = _use(case)
    at = use.line if use is not None else case.line
    before = Span(found.nodes.span(found.node).end, end_of_line(case, at))
    writes = [node for node in assignments(function, name, before) if function.nodes.line(node) < at]
    # Optimised code has the declaration's place for what is read elsewhere.
    is_told = at != found.line and all(_condition(function, found, node) for node in writes)
    # In a loop a value may come from further down.
    is_never = not assignments(function, name, function.nodes.span(function.node))
    if not is_told or not (writes or is_never):
        return None
    declared_at = case.here(found.line, "declared here without a value")
    if is_never:
        return Card(f"`{name}` is read in line {at} and nothing has given it a value.", (declared_at,))
    places = [case.here(function.nodes.line(node), _when(function, found, node)) for node in writes[:3]]
    return Card(
        f"`{name}` is read in line {at}, and not every way there gives it a value.",
        (declared_at, *places),
        (f"Give `{name}` a value where it is declared, or on the ways that are left out.",),
    )


def _is_given_away(function: Found, name: str) -> bool:
    """What has its address taken, or is set piece by piece, may get its value there."""
    own = re.escape(name)
    return bool(re.search(rf"&\s*{own}\b|>>\s*{own}\b|\b{own}\s*(?:\[|\.|->)", function.text()))


def _use(case: Case) -> Place | None:
    return related(case, "uninitialized use occurs here")


def end_of_line(case: Case, line: int) -> int:
    return case.snapshot.lines.span_of(line - 1).end


def _has_no_value(found: Found, name: str) -> bool:
    """A plain local: what is declared with a value, a parameter or a static variable has one."""
    if found.node.type != "declaration" or found.text().startswith(("static", "extern")):
        return False
    for declarator in found.node.children_by_field_name("declarator"):
        inner = declared(declarator)
        if inner is not None and found.text(inner) == name:
            return declarator.type != "init_declarator"
    return False


def _condition(function: Found, declaration: Found, node: Node) -> Node | None:
    """The innermost statement behind the declaration that decides whether `node` is run."""
    path = function.nodes.path_to(function.nodes.span(node))
    inside = [each for each in path if each.start_byte > declaration.node.start_byte]
    return next((each for each in reversed(inside) if each.type in _BRANCHES), None)


def _when(function: Found, declaration: Found, node: Node) -> str:
    branch = _condition(function, declaration, node)
    condition = branch.child_by_field_name("condition") if branch is not None else None
    if branch is None or condition is None:
        return "sets it there only"
    shown = code(inside(function.text(condition)))
    alternative = branch.child_by_field_name("alternative")
    is_else = alternative is not None and alternative.start_byte <= node.start_byte
    if branch.type == "if_statement":
        return f"sets it only where {shown} {'does not hold' if is_else else 'holds'}"
    if branch.type == "switch_statement":
        return f"sets it only for some values of {shown}"
    return f"sets it only if the loop runs: {shown}"


def pointer_size(case: Case, _match: re.Match[str]) -> Card | None:
    call = call_around(case)
    while call is not None and call.text().startswith("sizeof"):
        call = None
    given = [call.text(each) for each in arguments(call)] if call is not None else []
    function = call.node.child_by_field_name("function") if call is not None else None
    size = next((each for each in given if "sizeof" in each), "")
    name = re.sub(r"sizeof|[()\s]", "", size)
    if call is None or function is None or not name.isidentifier():
        return None
    found = declaration_of(case, name)
    places = (case.here(found.line, code(found.text())),) if found is not None else ()
    return Card(
        f"`{size}` is the size of the pointer `{name}`, not of what it points to.",
        places,
        ("The length has to come from elsewhere: a pointer does not know it.",),
    )


def narrowed(case: Case, match: re.Match[str]) -> Card | None:
    value = match.groupdict().get("value") or case.code.strip()
    to, source = match["to"], match.groupdict().get("from") or ""
    found = declaration_of(case, value) if value.isidentifier() else None
    places = (case.here(found.line, code(found.text())),) if found is not None else ()
    if re.fullmatch(r"-?[\d.]+", value):
        return Card(f"`{value}` does not fit {kind(to)}, and braces allow no narrowing.", places)
    return Card(
        f"{code(value)} is {kind(source)} and becomes {kind(to)} between braces, which may lose its value.",
        places,
        (f"`static_cast<{to}>({value})` says that it fits.",) if value.isidentifier() else (),
    )


def shadowed(case: Case, match: re.Match[str]) -> Card | None:
    name = match.groupdict().get("name") or case.code.strip()
    place = related(case, "shadowed declaration", "previous declaration")
    if not name.isidentifier():
        return None
    what = match["what"].strip().replace("previous local", "local variable")
    places = (
        (Place(case.shown(place.path), place.line, "the one that is hidden"),) if place is not None else ()
    )
    return Card(
        f"This `{name}` hides another `{name}`, {_article(what)}: from here on it cannot be reached.", places
    )


def _article(what: str) -> str:
    return what if what.startswith(("a ", "an ")) else f"a {what}"


RULES: tuple[Rule, ...] = (
    rule(r"'(?P<name>{q})' (?:may be|is) used uninitialized", uninitialised),
    rule(r"use of uninitialized value '(?P<name>\w+)'", uninitialised),
    rule(r"variable '(?P<name>{q})' (?:is|may be) (?:used )?uninitialized", uninitialised),
    rule(r"argument to 'sizeof' in '{q}' call is the same", pointer_size),
    rule(
        r"'{q}' call operates on objects of type '{q}' while the size is based on a different type",
        pointer_size,
    ),
    rule(
        r"narrowing conversion of '(?P<value>[^\n]{1,200})' from '(?P<from>{q})' to '(?P<to>{q})'", narrowed
    ),
    rule(r"non-constant-expression cannot be narrowed from type '(?P<from>{q})' to '(?P<to>{q})'", narrowed),
    rule(
        r"constant expression evaluates to (?P<value>\S{1,60}) which cannot be narrowed to type "
        r"'(?P<to>{q})'",
        narrowed,
    ),
    rule(r"declaration of '(?P<name>{q})' shadows (?P<what>a [\w' ]{1,60})", shadowed),
    rule(r"declaration shadows (?P<what>a [\w' ]{1,60})", shadowed),
)
