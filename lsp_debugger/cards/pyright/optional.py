"""What may be None: the expression, and the declaration or `return None` that it flows from."""

from __future__ import annotations

import ast
import re

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.python.origins import none_origin
from lsp_debugger.core.ask import Card

_MEMBER = re.compile(r'"(?P<name>[^"]+)" is not a known attribute of "None"')


def member_access(case: Case) -> Card | None:
    parsed = case.python
    match = _MEMBER.match(case.problem.message)
    access = parsed.around(case.span, ast.Attribute) if parsed is not None else None
    if match is None or access is None or access.attr != match["name"]:
        return None
    return maybe_none(case, access.value, f"and None has no `{access.attr}`")


def subscript(case: Case) -> Card | None:
    parsed = case.python
    access = parsed.around(case.span, ast.Subscript) if parsed is not None else None
    if parsed is None or access is None or not _is(case, access.value):
        return None
    return maybe_none(case, access.value, f"and None has no `[{parsed.code(access.slice)}]`")


def iterable(case: Case) -> Card | None:
    return _at_span(case, "and None cannot be gone through")


def call(case: Case) -> Card | None:
    parsed = case.python
    called = parsed.around(case.span, ast.Call) if parsed is not None else None
    if called is None or not (_is(case, called) or _is(case, called.func)):
        return None
    return maybe_none(case, called.func, "and None cannot be called")


def context_manager(case: Case) -> Card | None:
    return _at_span(case, "and None works in no `with`")


def operand(case: Case) -> Card | None:
    parsed = case.python
    operation = (
        parsed.around(case.span, (ast.BinOp, ast.UnaryOp, ast.Compare)) if parsed is not None else None
    )
    if operation is None:
        return None
    match operation:
        case ast.BinOp(left=left):
            value = left
        case ast.UnaryOp(operand=inner):
            value = inner
        case _:
            value = operation.left
    return maybe_none(case, value, "and the operator does not work with None") if _is(case, value) else None


def maybe_none(case: Case, expression: ast.expr, consequence: str, *, surely: bool = False) -> Card:
    """consequence: what None cannot do, as the second half of the sentence. surely: it is nothing else."""
    parsed = case.python
    assert parsed is not None, "the expression came from there"
    origin = none_origin(case, expression)
    code = parsed.code(expression)
    hint = () if surely else _check(expression, code)
    said = f"`{code}` {'is' if surely else 'may be'} None here, {consequence}"
    if origin is None:
        return Card(f"{said}.", notes=hint)
    return Card(f"{said}: {origin.reason}.", origin.places, hint)


def _check(expression: ast.expr, code: str) -> tuple[str, ...]:
    """For what can be checked and used again without calling anything twice."""
    is_name = isinstance(expression, ast.Name | ast.Attribute)
    return (f"`if {code} is not None:` before it rules that out.",) if is_name else ()


def _at_span(case: Case, consequence: str) -> Card | None:
    return maybe_none(case, case.expression, consequence) if case.expression is not None else None


def _is(case: Case, expression: ast.expr) -> bool:
    """True when the finding points at exactly this expression."""
    parsed = case.python
    return parsed is not None and parsed.span(expression) == case.span
