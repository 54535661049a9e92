"""`await` where it cannot be, or is missing, or has nothing to wait for."""

from __future__ import annotations

import ast
import re

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.mypy.reading import TYPE, as_pyright, told
from lsp_debugger.cards.pyright import statements, types, wording
from lsp_debugger.cards.python.parsed import ParsedPython
from lsp_debugger.cards.python.resolve import definition_of
from lsp_debugger.core.ask import Card

_OUTSIDE = re.compile(r'"(?P<what>await|async for|async with)" outside (?:coroutine|async function|function)')
_NO_AWAITABLE = re.compile(rf'Incompatible types in "await" \(actual type "(?P<type>{TYPE})", expected type')
_NOT_ITERABLE = re.compile(rf'"(?P<type>{TYPE})" object is not iterable')


def outside(case: Case) -> Card | None:
    match, parsed = told(_OUTSIDE, case), case.python
    if match is None or parsed is None:
        return None
    function = parsed.function_around(case.span)
    what = match["what"]
    if function is None:
        return Card(f"`{what}` stands at the top of the module; it works only in an `async def`.")
    if isinstance(function, ast.AsyncFunctionDef):
        return None
    text = case.snapshot.line_text(function.lineno - 1).strip()
    notes = (f"Who calls `{function.name}` would have to await it then.",)
    return Card(
        f"`{what}` works only in an `async def`, and `{function.name}` is a plain `def`.",
        (case.here(function.lineno, f"`{text}`"),),
        notes,
    )


def unused(case: Case) -> Card | None:
    """A coroutine that is made and dropped."""
    if not case.problem.message.startswith("Value of type ") or not isinstance(case.expression, ast.Call):
        return None
    return as_pyright(case, case.problem.message, statements.unused_coroutine)


def no_awaitable(case: Case) -> Card | None:
    match, parsed = told(_NO_AWAITABLE, case), case.python
    node = _awaited(parsed, case) if parsed is not None else None
    if match is None or parsed is None or node is None:
        return None
    value = node.value
    definition = definition_of(case, value.func) if isinstance(value, ast.Call) else None
    places = (case.place(definition),) if definition is not None else ()
    said = f"`{parsed.code(value)}` is {wording.kind(match['type'])}: there is nothing to await."
    return Card(said, places)


def _awaited(parsed: ParsedPython, case: Case) -> ast.Await | None:
    return parsed.around(case.span, ast.Await)


def gone_through(case: Case) -> Card | None:
    match = told(_NOT_ITERABLE, case)
    if match is None:
        return None
    said = f'"{match["type"]}" is not iterable\n  "__iter__" method not defined'
    return as_pyright(case, said, types.general)
