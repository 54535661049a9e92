"""What is declared or defined twice, or in two ways."""

from __future__ import annotations

import re

from lsp_debugger.cards.c.lookup import definitions
from lsp_debugger.cards.c.wording import Rule, code, kind, related, rule
from lsp_debugger.cards.case import Case
from lsp_debugger.core.ask import Card, Place


def twice(case: Case, match: re.Match[str]) -> Card | None:
    printed = match["what"]
    named = re.search(r"(?P<name>~?\w+)\s*\(", printed)
    name = named["name"] if named is not None else re.sub(r"^(?:struct|class|union|enum) ", "", printed)
    name = name.rpartition("::")[2].rpartition(" ")[2]
    first = related(
        case,
        "previous definition",
        "previously defined",
        "originally defined",
        "previously declared",
        "previous declaration",
    )
    if first is None:
        return Card(f"`{name}` is defined a second time in line {case.line}.")
    if first.path == case.path and first.line == case.line:
        return _included_twice(case, printed)
    shown = Place(case.shown(first.path), first.line, code(_line(case, first)))
    return Card(f"`{name}` is defined a second time in line {case.line}.", (shown,))


def _included_twice(case: Case, printed: str) -> Card | None:
    """The same line defined it before: its header came in twice."""
    if not case.path.endswith((".h", ".hpp", ".hh", ".hxx")):
        return None
    text = case.snapshot.text
    if "#pragma once" in text or re.search(r"#\s*ifndef\b", text):
        return None
    return Card(
        f"`{printed}` is defined twice since this header is included twice: nothing guards it.",
        notes=("`#pragma once` in its first line makes the second inclusion empty.",),
    )


def _line(case: Case, place: Place) -> str:
    snapshot = case.snapshot if place.path == case.path else case.around.read(place.path)
    return snapshot.line_text(place.line - 1).strip() if snapshot is not None else "the first one"


def redeclared(case: Case, match: re.Match[str]) -> Card | None:
    name = match["what"]
    first = related(case, "previous")
    if first is None:
        return None
    is_parameter = first.path == case.path and f"{name}" in _line(case, first) and "(" in _line(case, first)
    what = "the parameter of that name" if is_parameter else "an earlier declaration"
    return Card(
        f"`{name}` cannot be declared again here: there is {what} in line {first.line}.",
        (Place(case.shown(first.path), first.line, code(_line(case, first))),),
    )


def conflicting(case: Case, match: re.Match[str]) -> Card | None:
    name, have = match["what"].partition("(")[0], match.groupdict().get("have")
    first = related(case, "previous")
    before = re.search(r"with type .([^\u2019'\n]{1,200})", first.note) if first is not None else None
    if first is None:
        return None
    types = f": {kind(have)} here, {kind(before[1])} there" if have and before is not None else ""
    return Card(
        f"`{name}` is declared with two types{types}.",
        (Place(case.shown(first.path), first.line, code(_line(case, first))),),
    )


def not_assignable(case: Case, _match: re.Match[str]) -> Card | None:
    nodes = case.nodes
    node = (
        nodes.around(case.span, "assignment_expression", "update_expression") if nodes is not None else None
    )
    left = (
        node.child_by_field_name("left") or node.child_by_field_name("argument") if node is not None else None
    )
    if nodes is None or node is None or left is None:
        return None
    reason = "is a value, not a place that could hold another"
    if left.type == "call_expression":
        reason = "is what a function returns, not a place that could hold another value"
    return Card(
        f"{code(nodes.text(left))} {reason}.",
        notes=("`==` compares.",)
        if nodes.around(case.span, "condition_clause", "parenthesized_expression")
        else (),
    )


def variable_size(case: Case, match: re.Match[str]) -> Card | None:
    name = match["what"]
    nodes = case.nodes
    node = nodes.around(case.span, "array_declarator") if nodes is not None else None
    size = node.child_by_field_name("size") if node is not None else None
    if nodes is None or size is None:
        return (
            Card(f"`{name}` needs a size: nothing says how many elements it has.")
            if node is not None
            else None
        )
    return Card(
        f"`{name}` is `static`, and its size {code(nodes.text(size))} is only known when the program runs."
    )


def no_size(_case: Case, match: re.Match[str]) -> Card | None:
    return Card(
        f"`{match['what']}` needs a size: neither a number nor initial values say how many elements it has."
    )


def linked_twice(case: Case, match: re.Match[str]) -> Card | None:
    name = match["what"].partition("(")[0]
    found = definitions(case, name, "function", "variable")
    in_header = next(
        (each for each in found if each.path.endswith((".h", ".hpp", ".hh")) and "{" in each.text), None
    )
    if in_header is not None:
        return Card(
            f"`{name}` has its body in a header, so each file that includes it has one.",
            (case.place(in_header),),
            ("`static` or `inline` there, or the body in one source file.",),
        )
    return Card(
        f"`{name}` is defined in several of the files that are linked.", tuple(map(case.place, found[:2]))
    )


RULES: tuple[Rule, ...] = (
    rule(r"redefinition of '(?P<what>{q})'(?: as different kind of symbol)?", twice),
    rule(r"'(?P<what>{q})' redeclared as different kind", redeclared),
    rule(
        r"(?:redeclaration of|declaration of) '(?P<what>{q})'(?: shadows a parameter| with no linkage)?",
        redeclared,
    ),
    rule(r"conflicting types for '(?P<what>{q})'(?:; have '(?P<have>{q})')?", conflicting),
    rule(r"conflicting declaration '(?P<what>{q})'", conflicting),
    rule(r"lvalue required as|expression is not assignable", not_assignable),
    rule(r"storage size of '(?P<what>{q})' isn't constant", variable_size),
    rule(r"array size missing in '(?P<what>{q})'", no_size),
    rule(r"multiple definition of [`'](?P<what>[^'`\n]{1,200})'", linked_twice),
)
