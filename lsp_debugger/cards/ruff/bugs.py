"""Ruff's findings about code that does something else than it seems to."""

from __future__ import annotations

import ast

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.python.flow import own_nodes
from lsp_debugger.cards.python.members import MUTATORS
from lsp_debugger.cards.python.parsed import FUNCTIONS, FunctionNode, ParsedPython
from lsp_debugger.core.ask import Card, Place


def mutable_default(case: Case) -> Card | None:
    parsed = case.python
    found = default_at(parsed, case) if parsed is not None else None
    if parsed is None or found is None:
        return None
    function, parameter, default = found
    mutation = _mutation(function, parameter.arg)
    places = (case.here(mutation.lineno, f"changes `{parameter.arg}`"),) if mutation is not None else ()
    return Card(
        f"`{parsed.code(default)}` is made once, when `{_name(function)}` is defined: "
        f"all calls without `{parameter.arg}` share it.",
        places,
    )


def call_in_default(case: Case) -> Card | None:
    parsed = case.python
    found = default_at(parsed, case) if parsed is not None else None
    if parsed is None or found is None:
        return None
    function, parameter, default = found
    return Card(
        f"`{parsed.code(default)}` runs once, when `{_name(function)}` is defined, not at each call: "
        f"all calls without `{parameter.arg}` get that same result."
    )


def default_at(
    parsed: ParsedPython, case: Case
) -> tuple[FunctionNode | ast.Lambda, ast.arg, ast.expr] | None:
    """The function, the parameter and its default that the finding is about."""
    for node in reversed(parsed.path_to(case.span)):
        if isinstance(node, (*FUNCTIONS, ast.Lambda)):
            arguments = node.args
            plain = [*arguments.posonlyargs, *arguments.args]
            pairs = [
                *zip(reversed(plain), reversed(arguments.defaults), strict=False),
                *(
                    (key, value)
                    for key, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
                    if value
                ),
            ]
            for parameter, default in pairs:
                span = parsed.span(default)
                if span.start <= case.span.start and case.span.end <= span.end:
                    return node, parameter, default
    return None


def _mutation(function: FunctionNode | ast.Lambda, name: str) -> ast.expr | ast.stmt | None:
    """The first statement that changes the object `name`, as long as the name is not bound anew."""
    for node in own_nodes(function):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr=method)):
                if owner == name and method in MUTATORS:
                    return node
            case ast.Subscript(value=ast.Name(id=owner), ctx=ast.Store() | ast.Del()):
                if owner == name:
                    return node
            case ast.AugAssign(target=ast.Name(id=owner)):
                if owner == name:
                    return node
            case ast.Assign(targets=[ast.Name(id=owner)]):
                if owner == name:
                    return None
            case _:
                pass
    return None


def _name(function: FunctionNode | ast.Lambda) -> str:
    return "lambda" if isinstance(function, ast.Lambda) else function.name


def loop_variable(case: Case) -> Card | None:
    parsed = case.python
    name = case.code
    if parsed is None or not name.isidentifier():
        return None
    loops = [node for node in parsed.path_to(case.span) if isinstance(node, ast.For | ast.AsyncFor)]
    loop = next((node for node in reversed(loops) if name in _names(node.target)), None)
    if loop is None:
        return None
    return Card(
        f"The function reads `{name}` when it is called, not when it is made: "
        f"after the loop of line {loop.lineno} all of them see its last value.",
        (case.here(loop.lineno, f"`for {parsed.code(loop.target)} in {parsed.code(loop.iter)}`"),),
        (f"A default keeps today's value: `{name}={name}`.",),
    )


def _names(target: ast.expr) -> set[str]:
    return {node.id for node in ast.walk(target) if isinstance(node, ast.Name)}


def raise_without_from(case: Case) -> Card | None:
    parsed = case.python
    raised = parsed.around(case.span, ast.Raise) if parsed is not None else None
    handler = parsed.around(case.span, ast.ExceptHandler) if parsed is not None else None
    if parsed is None or raised is None or raised.exc is None or handler is None:
        return None
    caught = f"`{parsed.code(handler.type)}`" if handler.type is not None else "another exception"
    name = handler.name or "error"
    hint = "" if handler.name else f", with `as {name}` in line {handler.lineno}"
    return Card(
        f"`{parsed.code(raised.exc)}` is raised while {caught} is handled, "
        "without saying whether that is its cause.",
        (case.here(handler.lineno, f"`{case.snapshot.line_text(handler.lineno - 1).strip()}`"),),
        (f"`from {name}` names the cause{hint}; `from None` hides it.",),
    )


def comparison_to_none(case: Case) -> Card | None:
    found = _comparison(case)
    if found is None:
        return None
    parsed, left, operator, right = found
    is_not = isinstance(operator, ast.NotEq)
    code = parsed.code(left if _is_constant(right, None) else right)
    better = f"{code} is not None" if is_not else f"{code} is None"
    return Card(
        f"`{parsed.code(left)} {'!=' if is_not else '=='} {parsed.code(right)}` calls `__eq__` of `{code}`, "
        f"which may answer anything; `{better}` asks for None itself."
    )


def comparison_to_bool(case: Case) -> Card | None:
    found = _comparison(case)
    if found is None:
        return None
    parsed, left, operator, right = found
    value, constant = (left, right) if isinstance(right, ast.Constant) else (right, left)
    if not isinstance(constant, ast.Constant) or not isinstance(constant.value, bool):
        return None
    symbol = "!=" if isinstance(operator, ast.NotEq) else "=="
    wants_true = constant.value != isinstance(operator, ast.NotEq)
    code = parsed.code(value)
    better = code if wants_true else f"not {code}"
    return Card(
        f"`{parsed.code(left)} {symbol} {parsed.code(right)}` compares with the one value {constant.value}; "
        f"`{better}` asks whether `{code}` is {'true' if wants_true else 'false'}."
    )


def _comparison(case: Case) -> tuple[ParsedPython, ast.expr, ast.cmpop, ast.expr] | None:
    """The pair of operands around the constant that the finding points at."""
    parsed = case.python
    compare = parsed.around(case.span, ast.Compare) if parsed is not None else None
    if parsed is None or compare is None:
        return None
    operands = [compare.left, *compare.comparators]
    is_whole = len(compare.ops) == 1 and parsed.span(compare) == case.span
    for left, operator, right in zip(operands, compare.ops, operands[1:], strict=False):
        spans = [parsed.span(left), parsed.span(right)]
        is_here = is_whole or any(
            span.start <= case.span.start and case.span.end <= span.end for span in spans
        )
        is_equality = isinstance(operator, ast.Eq | ast.NotEq)
        if is_here and is_equality and (_is_singleton(left) or _is_singleton(right)):
            return parsed, left, operator, right
    return None


def _is_singleton(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and (node.value is None or isinstance(node.value, bool))


def _is_constant(node: ast.expr, value: object) -> bool:
    return isinstance(node, ast.Constant) and node.value is value


def bare_except(case: Case) -> Card | None:
    parsed = case.python
    handler = parsed.around(case.span, ast.ExceptHandler) if parsed is not None else None
    attempt = parsed.around(case.span, ast.Try) if parsed is not None else None
    if parsed is None or handler is None or attempt is None or handler not in attempt.handlers:
        return None
    first, last = attempt.body[0].lineno, attempt.body[-1].end_lineno or attempt.body[-1].lineno
    lines = f"line {first}" if first == last else f"lines {first} to {last}"
    silent = all(isinstance(node, ast.Pass | ast.Continue) for node in handler.body)
    tail = ", and nothing tells of it" if silent else ""
    return Card(
        f"This `except` catches everything that {lines} can raise, Ctrl-C (KeyboardInterrupt) and SystemExit "
        f"included{tail}.",
        _guarded(case, parsed, attempt),
    )


def _guarded(case: Case, parsed: ParsedPython, attempt: ast.Try) -> tuple[Place, ...]:
    return (case.here(attempt.body[0].lineno, f"`{parsed.code(attempt.body[0])}`"),)
