"""Which statement says what type a variable, an attribute or a member has."""

from __future__ import annotations

import ast

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.mypy.reading import class_named
from lsp_debugger.cards.python.members import members_of
from lsp_debugger.cards.python.parsed import ParsedPython
from lsp_debugger.cards.python.resolve import lookup
from lsp_debugger.core.ask import Place


def declaration(case: Case, parsed: ParsedPython, target: ast.expr) -> tuple[bool, tuple[Place, ...]]:
    """Whether the first statement that sets the target declares its type, and that statement."""
    while isinstance(target, ast.Subscript):
        target = target.value
    nodes = list[ast.AST]()
    if isinstance(target, ast.Name):
        found = lookup(parsed, target.id, parsed.span(target))
        nodes = [each.node for each in found[1]] if found is not None else []
    elif isinstance(target, ast.Attribute):
        nodes = _attribute_nodes(parsed, target)
    placed = [node for node in nodes if isinstance(node, ast.Assign | ast.AnnAssign | ast.arg)]
    declared = [node for node in placed if isinstance(node, ast.AnnAssign | ast.arg) and node.annotation]
    node = next(iter((*declared, *placed)), None)
    if node is None or node.lineno == case.line:
        return False, ()
    return node in declared, (case.here(node.lineno, f"`{parsed.code(node)}`"),)


def _attribute_nodes(parsed: ParsedPython, target: ast.Attribute) -> list[ast.AST]:
    """What sets `self.name` in the class around, in the order of the text."""
    owner = parsed.class_around(parsed.span(target))
    if owner is None or not isinstance(target.value, ast.Name) or target.value.id != "self":
        return []
    found = list[ast.AST]()
    for node in ast.walk(owner):
        if isinstance(node, ast.Assign | ast.AnnAssign):
            first = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
            in_body = isinstance(first, ast.Name) and first.id == target.attr and node in owner.body
            on_self = isinstance(first, ast.Attribute) and ast.dump(first.value) == ast.dump(target.value)
            if in_body or (on_self and isinstance(first, ast.Attribute) and first.attr == target.attr):
                found.append(node)
    return sorted(found, key=lambda node: getattr(node, "lineno", 0))


def member_place(case: Case, owner: str, name: str) -> tuple[Place, ...]:
    definition = class_named(case, owner)
    members = members_of(case, definition) if definition is not None else None
    return (members[name],) if members is not None and name in members else ()
