"""Statements that do nothing, or something else than they seem to: what several tools find."""

from __future__ import annotations

import ast

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.python.bindings import bindings
from lsp_debugger.cards.python.resolve import definition_of
from lsp_debugger.core.ask import Card, Place
from lsp_debugger.syntax.likeness import likeliest, sketches


def unused_expression(case: Case) -> Card | None:
    parsed, value = case.python, case.expression
    if parsed is None or value is None:
        return None
    code = parsed.code(value)
    if isinstance(value, ast.Compare) and isinstance(value.ops[0], ast.Eq) and len(value.ops) == 1:
        left, right = parsed.code(value.left), parsed.code(value.comparators[0])
        is_target = isinstance(value.left, ast.Name | ast.Attribute | ast.Subscript)
        hint = (f"`{left} = {right}` would assign.",) if is_target else ()
        return Card(f"`{code}` compares, and nobody reads the answer.", notes=hint)
    if isinstance(value, ast.Name | ast.Attribute):
        definition = definition_of(case, value)
        if definition is not None and definition.kind in ("function", "method"):
            return Card(f"`{code}` is named and not called: `()` is missing.", (case.place(definition),))
    return None


def assert_tuple(case: Case) -> Card | None:
    parsed = case.python
    node = parsed.around(case.span, ast.Assert) if parsed is not None else None
    if parsed is None or node is None or not isinstance(node.test, ast.Tuple) or not node.test.elts:
        return None
    meant = ", ".join(parsed.code(each) for each in node.test.elts)
    hint = (f"`assert {meant}` checks the first and shows the second.",) if len(node.test.elts) == 2 else ()
    return Card(
        f"`{parsed.code(node.test)}` is a tuple with something in it, which is always true.", notes=hint
    )


def escape(case: Case) -> Card | None:
    code = case.code
    if not code.startswith("\\") or len(code) != 2:
        return None
    return Card(
        f"`{code}` is no escape sequence: the backslash stays in the text for now, with a warning.",
        notes=('A raw string, `r"…"`, keeps all backslashes; `\\\\` is one of them.',),
    )


def not_in_module(case: Case, name: str) -> Card | None:
    """A name in `__all__` that nothing in the module binds."""
    parsed = case.python
    if parsed is None:
        return None
    near = likeliest(name, [sketches(bindings(parsed.tree))], 1)
    places: tuple[Place, ...] = ()
    if near:
        places = (case.here(bindings(parsed.tree)[near[0]][0].line, f"binds `{near[0]}`"),)
    tail = f"; the nearest name is `{near[0]}`" if near else ""
    return Card(f"`__all__` offers `{name}`, which this module does not have{tail}.", places)
