"""The `await` that is missing, where there is no other way to read the code."""

from __future__ import annotations

import ast
import builtins
import re

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.python import proof
from lsp_debugger.cards.python.members import members_of
from lsp_debugger.cards.python.parsed import ParsedPython
from lsp_debugger.cards.python.resolve import lookup
from lsp_debugger.core.ask import CertainEdit, Replacement

_COROUTINE = re.compile(r"Coroutine(?:Type)?\[\w+, \w+, (?P<result>.+)\]$", re.DOTALL)
_BASE = re.compile(r"(?P<name>\w+)(?:\[.*\])?$", re.DOTALL)
_GONE_THROUGH = frozenset({"bytes", "dict", "frozenset", "list", "range", "set", "str", "tuple"})
_INDEXED = frozenset({"bytes", "dict", "list", "str", "tuple"})


def result_of(printed: str) -> str | None:
    """What the coroutine type that pyright prints gives once it is awaited; None for other types."""
    match = _COROUTINE.match(printed)
    return match["result"] if match is not None else None


def has_attribute(case: Case, kind: str, name: str) -> bool:
    """True when the type `kind`, as pyright prints it, surely has that attribute."""
    base = _base(kind)
    builtin = getattr(builtins, base, None)
    if isinstance(builtin, type):
        return hasattr(builtin, name)
    classes = [each for each in case.around.symbols.definitions(base, case.path) if each.kind == "class"]
    members = members_of(case, classes[0]) if base and len(classes) == 1 else None
    return members is not None and name in members


def can_be_gone_through(kind: str) -> bool:
    return _base(kind) in _GONE_THROUGH


def can_be_indexed(kind: str) -> bool:
    return _base(kind) in _INDEXED


def edit(case: Case, expression: ast.expr, fits: bool = True) -> CertainEdit | None:
    """`await` before the call that `expression` is, or that gave the name its value.

    Of a name only where nothing else reads it: a task may be made of the coroutine, too.
    fits: whether the result is what is needed there; without that it is no certain edit.
    """
    parsed = case.python
    call = _call(parsed, expression) if parsed is not None else None
    if parsed is None or call is None or not fits:
        return None
    span = parsed.span(call)
    code = span.of(parsed.text)
    path = parsed.path_to(span)
    outside = path[path.index(call) - 1] if call in path else None
    needs_brackets = isinstance(outside, ast.Attribute | ast.Subscript) and outside.value is call
    text = f"(await {code})" if needs_brackets else f"await {code}"
    return proof.proven(case, f"Await `{parsed.code(call)}`", (Replacement(span, text),), proof.awaits(span))


def _call(parsed: ParsedPython, expression: ast.expr) -> ast.Call | None:
    if isinstance(expression, ast.Call):
        return expression
    if not isinstance(expression, ast.Name):
        return None
    found = lookup(parsed, expression.id, parsed.span(expression))
    if found is None or not isinstance(found[0], ast.AsyncFunctionDef) or len(found[1]) != 1:
        return None
    statement = found[1][0].node
    value = statement.value if isinstance(statement, ast.Assign | ast.AnnAssign) else None
    reads = [
        node
        for node in ast.walk(found[0])
        if isinstance(node, ast.Name) and node.id == expression.id and isinstance(node.ctx, ast.Load)
    ]
    is_plain = isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name)
    return value if is_plain and isinstance(value, ast.Call) and len(reads) == 1 else None


def _base(kind: str) -> str:
    match = _BASE.match(kind)
    return match["name"] if match is not None else ""
