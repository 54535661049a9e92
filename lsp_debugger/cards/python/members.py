"""What a class of the project has: its own names and those of its bases, as far as they are here."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.python.bindings import bindings
from lsp_debugger.cards.python.parsed import FUNCTIONS
from lsp_debugger.cards.python.resolve import node_of
from lsp_debugger.core.ask import Place
from lsp_debugger.core.ports import Definition

_MAX_BASES = 8
MUTATORS = frozenset(
    {"add", "append", "clear", "discard", "extend", "insert", "pop", "popitem", "remove", "reverse"}
    | {"setdefault", "sort", "update"}
)


def members_of(case: Case, owner: Definition) -> Mapping[str, Place] | None:
    """Names and where they are set; None when the class cannot be read."""
    found: dict[str, Place] = {}
    waiting, seen = [owner], set[tuple[str, int]]()
    while waiting and len(seen) < _MAX_BASES:
        current = waiting.pop(0)
        if (current.path, current.start_line) in seen:
            continue
        seen.add((current.path, current.start_line))
        read = node_of(case, current)
        if read is None or not isinstance(read[1], ast.ClassDef):
            if current is owner:
                return None
            continue
        node = read[1]
        for name, line in lines_of_members(node).items():
            found.setdefault(name, Place(case.shown(current.path), line, f"`{current.name}.{name}`"))
        for base in node.bases:
            if isinstance(base, ast.Name):
                classes = [
                    each
                    for each in case.around.symbols.definitions(base.id, current.path)
                    if each.kind == "class"
                ]
                waiting += classes if len(classes) == 1 else []
    return found


def lines_of_members(node: ast.ClassDef) -> dict[str, int]:
    """Names that the class itself or one of its methods sets, with the line of the first time."""
    lines = {name: places[0].line for name, places in bindings(node).items()}
    for method in node.body:
        if isinstance(method, FUNCTIONS):
            for line, name in _self_attributes(method):
                lines.setdefault(name, line)
    return lines


def _self_attributes(method: ast.FunctionDef | ast.AsyncFunctionDef) -> list[tuple[int, str]]:
    """Lines and names of the attributes that a method sets on its first parameter."""
    first = [*method.args.posonlyargs, *method.args.args][:1]
    return [
        (node.lineno, node.attr)
        for node in ast.walk(method)
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name)
        and first
        and node.value.id == first[0].arg
    ]


def self_mutations(node: ast.ClassDef, name: str) -> list[ast.expr]:
    """Calls and subscripts in the class's methods that change the object `self.name` itself."""
    found = list[ast.expr]()
    for part in ast.walk(node):
        target: ast.expr | None = None
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute) and part.func.attr in MUTATORS:
            target = part.func.value
        elif isinstance(part, ast.Subscript) and not isinstance(part.ctx, ast.Load):
            target = part.value
        owner = target.value if isinstance(target, ast.Attribute) and target.attr == name else None
        if isinstance(owner, ast.Name) and owner.id in ("self", "cls") and isinstance(part, ast.expr):
            found.append(part)
    return sorted(found, key=lambda each: each.lineno)


def self_assignments(node: ast.ClassDef, name: str) -> list[ast.Assign | ast.AnnAssign]:
    """Statements in the class's methods that set the attribute `name` of their first parameter."""
    found = list[ast.Assign | ast.AnnAssign]()
    for method in node.body:
        if not isinstance(method, FUNCTIONS):
            continue
        lines = {line for line, attribute in _self_attributes(method) if attribute == name}
        for statement in ast.walk(method):
            if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.lineno in lines:
                target = statement.target if isinstance(statement, ast.AnnAssign) else statement.targets[0]
                if isinstance(target, ast.Attribute) and target.attr == name:
                    found.append(statement)
    return sorted(found, key=lambda statement: statement.lineno)
