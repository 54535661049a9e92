"""Declarations: variables that nobody reads, names that are taken, and `:=` that declares nothing."""

from __future__ import annotations

import re

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.go.package import in_package
from lsp_debugger.cards.go.rule import rule
from lsp_debugger.cards.go.source import (
    FUNCTIONS,
    binding,
    imports_of,
    line_text,
    node_at,
    nodes_of,
    parents,
)
from lsp_debugger.cards.go.stdlib import BUILTINS
from lsp_debugger.core.ask import Card, Place
from lsp_debugger.syntax.likeness import likeliest, sketches

_NAME = r"[^\W\d]\w{0,200}"


def unused_variable(case: Case, match: re.Match[str]) -> Card | None:
    nodes, name = nodes_of(case), match["name"]
    use = nodes.exactly(case.span) if nodes is not None else None
    if nodes is None or use is None or nodes.text(use) != name:
        return Card(f"`{name}` is declared and never read.")
    statement = next((each for each in parents(use) if each.type.endswith(("_declaration", "_clause"))), None)
    outer = binding(nodes, statement, name) if statement is not None else None
    writes = _writes(case, name, statement.end_byte) if statement is not None else []
    if outer is not None and statement is not None and statement.type == "short_var_declaration":
        line = nodes.line(outer.name)
        return Card(
            f"This `{name}` is a new variable, and nothing reads it: "
            f"`:=` hides the `{name}` of line {line} instead of setting it.",
            (case.here(line, f"{outer.kind} `{name}`"),),
        )
    misspelt = _misspelt(case, name, statement.end_byte) if statement is not None else None
    if misspelt is not None:
        other, line = misspelt
        return Card(
            f"`{name}` is set here and never read; line {line} has `{other}`, which nothing declares.",
            (case.here(line, f"`{line_text(case, line)}`"),),
        )
    places = tuple(case.here(line, f"sets `{name}`, which is not reading it") for line in writes[:2])
    single = statement is not None and "," not in nodes.text(statement).partition(":=")[0]
    notes = () if single else ("`_` in its place says that the value is not needed.",)
    return Card(f"`{name}` is set here and never read.", places, notes)


def _misspelt(case: Case, name: str, after: int) -> tuple[str, int] | None:
    """A name below that looks like this one and belongs to no declaration that anybody knows of."""
    nodes, function = nodes_of(case), node_at(case, *FUNCTIONS)
    if nodes is None or function is None:
        return None
    used = {
        nodes.text(each): each
        for each in nodes.within(nodes.span(function), "identifier")
        if each.start_byte >= after
    }
    for other in likeliest(name, [sketches(used)], 3):
        known = binding(nodes, used[other], other) or in_package(case, other) or other in BUILTINS
        if not known and all(each.name != other for each in imports_of(case)):
            return other, nodes.line(used[other])
    return None


def _writes(case: Case, name: str, after: int) -> list[int]:
    """Lines of the function, below the declaration, that only assign to the name."""
    nodes, function = nodes_of(case), node_at(case, *FUNCTIONS)
    if nodes is None or function is None:
        return []
    lines = list[int]()
    for node in nodes.within(nodes.span(function), "assignment_statement"):
        left = node.child_by_field_name("left")
        targets = left.named_children if left is not None else []
        if node.start_byte >= after and any(nodes.text(each) == name for each in targets):
            lines.append(nodes.line(node))
    return lines


def redeclared(case: Case, match: re.Match[str]) -> Card | None:
    name = match["name"]
    other = next((each for each in case.problem.related if each.line > 0), None)
    if other is not None:
        path, line = case.shown(other.path), other.line
        return Card(
            f"`{name}` is already declared: {path}:{line}.", (Place(path, line, f"declares `{name}`"),)
        )
    nodes = nodes_of(case)
    if nodes is None or any(each.type in FUNCTIONS for each in nodes.path_to(case.span)[:-2]):
        return _redeclared_inside(case, name)
    known = [
        each
        for each in in_package(case, name)
        if (each.path, each.start_line) != (case.path, case.line) and each.path.endswith(".go")
    ]
    if not known:
        return None
    where = case.shown(known[0].path)
    return Card(
        f"`{name}` is already declared in this package: {where}:{known[0].start_line}.",
        (case.place(known[0]),),
        ("All files of a folder are one package, and share its names.",)
        if where != case.shown(case.path)
        else (),
    )


def _redeclared_inside(case: Case, name: str) -> Card | None:
    nodes = nodes_of(case)
    use = nodes.exactly(case.span) if nodes is not None else None
    statement = next((each for each in parents(use) if "declaration" in each.type), None) if use else None
    other = binding(nodes, statement, name) if nodes is not None and statement is not None else None
    if nodes is None or other is None:
        return None
    line = nodes.line(other.name)
    return Card(
        f"`{name}` is already declared in this block, in line {line}.",
        (case.here(line, f"{other.kind} `{name}`"),),
    )


def no_new_variables(case: Case, _match: re.Match[str]) -> Card | None:
    nodes, statement = nodes_of(case), node_at(case, "short_var_declaration")
    left = statement.child_by_field_name("left") if statement is not None else None
    if nodes is None or statement is None or left is None:
        return None
    names = [nodes.text(each) for each in left.named_children if nodes.text(each) != "_"]
    places = list[Place]()
    for name in names:
        found = binding(nodes, statement, name)
        if found is not None:
            line = nodes.line(found.name)
            places.append(case.here(line, f"`{line_text(case, line)}`"))
    listed = " and ".join(f"`{name}`" for name in names)
    verb = "is" if len(names) == 1 else "are"
    return Card(
        f"{listed} {verb} declared already: `:=` needs a new name on its left, and `=` assigns to old ones.",
        tuple(dict.fromkeys(places)),
    )


def duplicate_case(case: Case, match: re.Match[str]) -> Card | None:
    value = match["value"]
    other = next((each for each in case.problem.related if each.line > 0), None)
    tail = f": line {other.line} has it" if other is not None else ""
    places = (
        (Place(case.shown(other.path), other.line, "the case that is taken"),) if other is not None else ()
    )
    return Card(f"`{value}` is a case of this switch already{tail}.", places)


def unused_label(case: Case, match: re.Match[str]) -> Card | None:
    name = match["name"]
    return Card(f"No `break`, `continue` or `goto` names the label `{name}`.")


RULES = (
    rule("UnusedVar", rf"declared and not used: (?P<name>{_NAME})$", unused_variable),
    rule("UnusedVar", rf"(?P<name>{_NAME}) declared (?:and|but) not used$", unused_variable),
    rule("DuplicateDecl", rf"(?P<name>{_NAME}) redeclared in this block", redeclared),
    rule("NoNewVar", r"no new variables on left side of :=", no_new_variables),
    rule(
        "DuplicateCase", r"duplicate case (?P<value>[^\n(]{1,100}?) (?:\([^\n]{1,100}\) )?in ", duplicate_case
    ),
    rule("UnusedLabel", rf"label (?P<name>{_NAME}) (?:declared|defined) and not used", unused_label),
)
