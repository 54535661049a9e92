"""Where the text or the data that reaches a dangerous call comes from, step by step within one function."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.python.parsed import FUNCTIONS, ParsedPython
from lsp_debugger.cards.python.resolve import last_assignment, lookup
from lsp_debugger.core.ask import Place

_MAX_STEPS = 4
# What people outside of the program write: its last part is shown as it is called or read in the code.
_INPUTS = {
    "input": "what is typed in",
    "sys.argv": "the command line",
    "sys.stdin": "what is typed in",
    "os.environ": "the environment",
    "os.getenv": "the environment",
    "request.args": "the request",
    "request.form": "the request",
    "request.json": "the request",
    "request.data": "the request",
    "request.values": "the request",
    "request.cookies": "the request",
    "request.headers": "the request",
    "request.GET": "the request",
    "request.POST": "the request",
}


@dataclass(frozen=True, slots=True)
class Trail:
    """end: the last that is to be seen, as a clause. places: the steps, the nearest to the call first."""

    end: str
    places: tuple[Place, ...]
    steps: int


def trail(case: Case, parsed: ParsedPython, node: ast.expr) -> Trail | None:
    """None where no variable or input is in `node`, or where more than one way leads to its value."""
    places = list[Place]()
    for step in range(_MAX_STEPS):
        if said := _input(node):
            return Trail(said, tuple(places), step)
        name = next(_names(node), None)
        if name is None:
            return None
        span = parsed.span(name)
        found = lookup(parsed, name.id, span)
        if found is None:
            return None
        if len(found[1]) == 1 and isinstance(found[1][0].node, ast.arg) and isinstance(found[0], FUNCTIONS):
            text = case.snapshot.line_text(found[0].lineno - 1).strip()
            here = case.here(found[0].lineno, f"`{text}`")
            return Trail(f"`{name.id}`, a parameter of `{found[0].name}`", (*places, here), step)
        binding = last_assignment(parsed, name.id, span)
        statement = binding.node if binding is not None else None
        if not isinstance(statement, ast.Assign | ast.AnnAssign) or statement.value is None:
            return None
        target = statement.target if isinstance(statement, ast.AnnAssign) else statement.targets[0]
        if not isinstance(target, ast.Name):
            return None
        places.append(case.here(statement.lineno, f"`{parsed.code(statement)}`"))
        node = statement.value
    return None


def _input(node: ast.expr) -> str:
    """The first part of `node` that comes from outside of the program, as a clause; else empty."""
    for part in ast.walk(node):
        name = _dotted(part)
        if name in _INPUTS:
            return f"`{name}`, which is {_INPUTS[name]}"
    return ""


def _dotted(node: ast.AST) -> str:
    match node:
        case ast.Call(func=ast.Name(id="input")):
            return "input"
        case ast.Attribute(value=ast.Name(id=owner), attr=name):
            return f"{owner}.{name}"
        case _:
            return ""


def _names(node: ast.AST) -> Iterator[ast.Name]:
    """Names that are read, in the order of the text; what is called and the object itself are none."""
    if isinstance(node, ast.Name):
        if node.id not in ("self", "cls"):
            yield node
    elif isinstance(node, ast.Call):
        if isinstance(node.func, ast.Attribute):
            yield from _names(node.func.value)
        for part in (*node.args, *(keyword.value for keyword in node.keywords)):
            yield from _names(part)
    else:
        for part in ast.iter_child_nodes(node):
            yield from _names(part)
