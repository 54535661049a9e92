"""Where the text or the data that reaches a dangerous call comes from, step by step within one function."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.python.parsed import COMPREHENSIONS, FUNCTIONS, ParsedPython
from lsp_debugger.cards.python.resolve import last_assignment, lookup
from lsp_debugger.core.ask import Place
from lsp_debugger.core.text import Span

_MAX_STEPS = 4
# Within these a name may be one of their own.
_OWN_NAMES = (ast.Lambda, *COMPREHENSIONS)
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


def trail(case: Case, parsed: ParsedPython, node: ast.expr, steps: int = 0) -> Trail | None:
    """None where nothing in `node` leads to a parameter or an input, or where several ways lead there."""
    if steps >= _MAX_STEPS or any(isinstance(part, _OWN_NAMES) for part in ast.walk(node)):
        return None
    if said := _input(node):
        return Trail(said, (), steps)
    statement = parsed.around(parsed.span(node), ast.stmt)
    if statement is None:
        return None
    # Before the statement: it may set the very name that it reads. Places in f-strings are not sure.
    start = parsed.span(statement).start
    found = (_of_name(case, parsed, name, Span(start, start), steps) for name in _names(node))
    return next((each for each in found if each is not None), None)


def _of_name(case: Case, parsed: ParsedPython, name: str, span: Span, steps: int) -> Trail | None:
    found = lookup(parsed, name, span)
    if found is None:
        return None
    scope, bindings = found
    if len(bindings) == 1 and bindings[0].kind == "parameter" and isinstance(scope, FUNCTIONS):
        text = case.snapshot.line_text(scope.lineno - 1).strip()
        here = case.here(scope.lineno, f"`{text}`")
        return Trail(f"`{name}`, a parameter of `{scope.name}`", (here,), steps)
    binding = last_assignment(parsed, name, span)
    node = binding.node if binding is not None else None
    if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
        return None
    target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
    further = trail(case, parsed, node.value, steps + 1) if isinstance(target, ast.Name) else None
    if further is None:
        return None
    here = case.here(node.lineno, f"`{parsed.code(node)}`")
    return replace(further, places=(here, *further.places))


def _input(node: ast.expr) -> str:
    """The first part of `node` that comes from outside of the program, as a clause; else empty."""
    if any(isinstance(part, ast.Name) and part.id == "open" for part in ast.walk(node)):
        return ""  # what a file holds does not come from where its name does
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


def _names(node: ast.AST) -> Iterator[str]:
    """Names that are read, in the order of the text; what is called and the object itself are none."""
    match node:
        case ast.Name():
            if node.id not in ("self", "cls"):
                yield node.id
        case ast.Call():
            if isinstance(node.func, ast.Attribute):
                yield from _names(node.func.value)
            for part in (*node.args, *(keyword.value for keyword in node.keywords)):
                yield from _names(part)
        case _:
            for part in ast.iter_child_nodes(node):
                yield from _names(part)
