"""Values of the wrong type: returned, assigned, combined, indexed."""

from __future__ import annotations

import ast
import re

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.pyright import wording
from lsp_debugger.cards.python import awaits
from lsp_debugger.cards.python.flow import falls_through, is_none
from lsp_debugger.cards.python.origins import Origin, none_origin
from lsp_debugger.core.ask import Card, Place

_RETURN = re.compile(r'Type "(?P<given>.+?)" is not assignable to return type "(?P<wanted>.+?)"(?:\n|$)')
_ALL_PATHS = re.compile(
    r'Function with declared return type "(?P<wanted>.+?)" must return value on all code paths'
)
_DECLARED = re.compile(r'Type "(?P<given>.+?)" is not assignable to declared type "(?P<wanted>.+?)"(?:\n|$)')
_OPERATOR = re.compile(
    r'Operator "(?P<operator>[^"]+)" not supported for types "(?P<left>.+?)" and "(?P<right>.+?)"(?:\n|$)'
)
_NO_METHOD = re.compile(r'"(?P<method>__\w+item__)" method not defined on type "(?P<type>[^"]+)"')
_NOT_ITERABLE = re.compile(r'"(?P<type>[^"]+)" is not iterable')
_NO_CONTEXT = re.compile(
    r'Object of type "(?P<type>[^"]+)" cannot be used with "(?P<keyword>with|async with)"'
)
_ITEM_WORDS = {
    "__getitem__": "has no elements to read with `[…]`",
    "__setitem__": "has no elements to set with `[…]`",
    "__delitem__": "has no elements to delete with `[…]`",
}


def returned(case: Case) -> Card | None:
    parsed = case.python
    if match := _ALL_PATHS.match(case.problem.message):
        return _no_return(case, match["wanted"])
    match = _RETURN.match(case.problem.message)
    function = parsed.function_around(case.span) if parsed is not None else None
    statement = parsed.around(case.span, ast.Return) if parsed is not None else None
    if parsed is None or match is None or function is None or function.returns is None or statement is None:
        return None
    value = statement.value
    if value is None or value is not case.expression:
        return None  # pyright points into it: at an element of a list, say
    wanted = parsed.code(function.returns)
    here = case.here(function.returns.lineno, f"`{function.name}` is declared to return `{wanted}`")
    promise = f"`{function.name}` promises `{wanted}`"
    if is_none(value):
        return Card(f"None is returned, but {promise}.", (here,))
    return _misfit(case, value, match, promise, (here,))


def _misfit(
    case: Case, value: ast.expr, match: re.Match[str], promise: str, places: tuple[Place, ...] = ()
) -> Card:
    """`value` does not fit what is promised; where None is all that is wrong, with its origin."""
    parsed = case.python
    assert parsed is not None, "the value came from there"
    code = parsed.code(value)
    if wording.only_none_differs(match["given"], match["wanted"]):
        origin = none_origin(case, value) or Origin("")
        reason = f": {origin.reason}" if origin.reason else ""
        return Card(f"`{code}` may be None, but {promise}{reason}.", (*places, *origin.places))
    if awaits.result_of(match["given"]) == match["wanted"]:
        said = f"`{code}` is a coroutine, not its result, and {promise}."
        return Card(said, places, edit=awaits.edit(case, value))
    return Card(f"`{code}` is {wording.kind(match['given'])}, but {promise}.", places)


def _no_return(case: Case, wanted: str) -> Card | None:
    """The finding points at the declared type, which stands outside of the function's body."""
    parsed = case.python
    function = (
        parsed.around(case.span, (ast.FunctionDef, ast.AsyncFunctionDef)) if parsed is not None else None
    )
    if parsed is None or function is None or not falls_through(function.body):
        return None
    last = function.body[-1]
    return Card(
        f"`{function.name}` promises {wording.short(wanted)}, but can end without a `return`.",
        (case.here(last.lineno, f"`{parsed.code(last)}` is its last statement"),),
    )


def assignment(case: Case) -> Card | None:
    parsed = case.python
    match = _DECLARED.match(case.problem.message)
    node = parsed.around(case.span, (ast.Assign, ast.AnnAssign)) if parsed is not None else None
    if (
        parsed is None
        or match is None
        or node is None
        or node.value is None
        or node.value is not case.expression
    ):
        return None
    target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
    promise = f"`{parsed.code(target)}` is declared as {wording.short(match['wanted'])}"
    if is_none(node.value):
        return Card(f"None is assigned, but {promise}.")
    return _misfit(case, node.value, match, promise)


def operator(case: Case) -> Card | None:
    parsed, node = case.python, case.expression
    match = _OPERATOR.match(case.problem.message)
    if node is None and parsed is not None:
        node = parsed.around(case.span, ast.AugAssign)
    left, right = _sides(node)
    if parsed is None or match is None or left is None or right is None:
        return None
    symbol = match["operator"]
    pairs = [(left, match["left"]), (right, match["right"])]
    for expression, kind in pairs:
        if (result := awaits.result_of(kind)) is not None:
            code = parsed.code(expression)
            other = match["right"] if expression is left else match["left"]
            edit = awaits.edit(case, expression, wording.kind(other) == wording.kind(result))
            said = f"`{code}` is a coroutine, not its result: it has to be awaited before `{symbol}`."
            return Card(said, edit=edit)
    sides = " and ".join(f"`{parsed.code(expression)}` is {wording.kind(kind)}" for expression, kind in pairs)
    found = [none_origin(case, expression) for expression, kind in pairs if "None" in kind.split(" | ")]
    origins = [origin for origin in found if origin is not None]
    return Card(
        f"`{symbol}` does not work for these: {sides}.",
        tuple(place for origin in origins for place in origin.places),
        tuple(f"May be None: {origin.reason}." for origin in origins),
    )


def _sides(node: ast.expr | ast.stmt | None) -> tuple[ast.expr | None, ast.expr | None]:
    match node:
        case ast.BinOp(left=left, right=right):
            return left, right
        case ast.AugAssign(target=target, value=value):
            return target, value
        case ast.Compare(left=left, comparators=[right]):
            return left, right
        case _:
            return None, None


def index(case: Case) -> Card | None:
    match = _NO_METHOD.match(case.problem.message)
    value = case.expression
    parsed = case.python
    if match is None or value is None or parsed is None:
        return None
    if (result := awaits.result_of(match["type"])) is not None:
        edit = awaits.edit(case, value, awaits.can_be_indexed(result))
        said = f"`{parsed.code(value)}` is a coroutine, not its result: it has to be awaited before `[…]`."
        return Card(said, edit=edit)
    words = _ITEM_WORDS.get(match["method"])
    return Card(f"`{parsed.code(value)}` is {wording.kind(match['type'])}, which {words}.") if words else None


def general(case: Case) -> Card | None:
    parsed, value = case.python, case.expression
    if parsed is None or value is None:
        return None
    code = parsed.code(value)
    match = _NOT_ITERABLE.match(case.problem.message)
    if match is not None and (result := awaits.result_of(match["type"])) is not None:
        said = f"`{code}` is a coroutine, not its result: it has to be awaited first."
        goes = '"__iter__"' in case.problem.message and awaits.can_be_gone_through(result)
        return Card(said, edit=awaits.edit(case, value, goes))
    if match is not None and match["type"] not in ("Never", "Unknown"):
        return Card(f"`{code}` is {wording.kind(match['type'])}, which cannot be gone through.")
    if match := _NO_CONTEXT.match(case.problem.message):
        return Card(f"`{code}` is {wording.kind(match['type'])}, which works in no `{match['keyword']}`.")
    return None
