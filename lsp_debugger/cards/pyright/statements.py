"""Statements that do less than they seem to: nothing is awaited, compared, asserted or stored."""

from __future__ import annotations

import ast
import builtins
import re

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.pyright import wording
from lsp_debugger.cards.python import awaits, effects
from lsp_debugger.cards.python.parsed import FUNCTIONS
from lsp_debugger.cards.python.resolve import definition_of, lookup
from lsp_debugger.core.ask import Card

_NO_OVERLAP = re.compile(
    r'Condition will always evaluate to (?P<result>True|False) since the types "(?P<left>.+?)" '
    r'and "(?P<right>.+?)" have no overlap'
)
_UNHANDLED = re.compile(r'Unhandled type: "(?P<type>.+?)"(?:\n|$)')
_NOT_HASHABLE = re.compile(r'Type "(?P<type>.+?)" is not hashable')
_NOT_PRESENT = re.compile(r'"(?P<name>[^"]+)" is specified in __all__ but (?:is )?not present in module')
_SUBCLASS = re.compile(r'"(?P<inner>[\w.]+)" is a subclass of "(?P<outer>[\w.]+)"')
_FROZEN = {"list": "a tuple", "set": "a frozenset", "dict": "a tuple of its items"}
_TYPES = {"any": "typing.Any", "callable": "collections.abc.Callable", "iter": "collections.abc.Iterator"}


def unused_coroutine(case: Case) -> Card | None:
    parsed, call = case.python, case.expression
    if parsed is None or not isinstance(call, ast.Call):
        return None
    code = parsed.code(call)
    definition = definition_of(case, call.func)
    places = (case.place(definition),) if definition is not None else ()
    function = parsed.function_around(case.span)
    if isinstance(function, ast.AsyncFunctionDef):
        notes = (f"`await {code}` runs it and waits for its end.",)
    elif function is not None:
        notes = (f"`await` works only in `async def`, and `{function.name}` is a plain `def`.",)
    else:
        notes = (f"`asyncio.run({code})` runs it from here.",)
    return Card(f"`{code}` only makes a coroutine: nothing of it runs.", places, notes)


def unnecessary_comparison(case: Case) -> Card | None:
    """A coroutine is never equal to anything."""
    parsed, value = case.python, case.expression
    match = _NO_OVERLAP.match(case.problem.message)
    if parsed is None or match is None or not isinstance(value, ast.Compare) or len(value.ops) != 1:
        return None
    sides = (
        (value.left, match["left"], match["right"]),
        (value.comparators[0], match["right"], match["left"]),
    )
    for expression, kind, other in sides:
        result = awaits.result_of(kind)
        if result is not None:
            code = parsed.code(expression)
            edit = awaits.edit(case, expression, wording.kind(result) == wording.kind(other))
            always = f"`{parsed.code(value)}` is always {match['result']}"
            return Card(f"`{code}` is a coroutine, not its result: {always}.", edit=edit)
    left, right = (f"`{parsed.code(expression)}` is {wording.kind(kind)}" for expression, kind, _ in sides)
    return Card(f"`{parsed.code(value)}` is always {match['result']}: {left}, {right}.")


def not_exhaustive(case: Case) -> Card | None:
    parsed = case.python
    node = parsed.around(case.span, ast.Match) if parsed is not None else None
    match = _UNHANDLED.search(case.problem.message)
    if parsed is None or node is None or match is None or parsed.span(node.subject) != case.span:
        return None
    return Card(f"No case takes `{parsed.code(node.subject)}` when it is {wording.short(match['type'])}.")


def dunder_all(case: Case) -> Card | None:
    match = _NOT_PRESENT.match(case.problem.message)
    return effects.not_in_module(case, match["name"]) if match is not None else None


def unhashable(case: Case) -> Card | None:
    parsed, value = case.python, case.expression
    match = _NOT_HASHABLE.search(case.problem.message)
    if parsed is None or value is None or match is None:
        return None
    kind = match["type"].partition("[")[0]
    what = "a key of a dict" if case.problem.message.startswith("Dict") else "an element of a set"
    instead = (f"Its contents as {_FROZEN[kind]} can be one.",) if kind in _FROZEN else ()
    return Card(
        f"`{parsed.code(value)}` is {wording.article(kind)}: it can change, so it cannot be {what}.",
        notes=instead,
    )


def unreachable_except(case: Case) -> Card | None:
    parsed = case.python
    attempt = parsed.around(case.span, (ast.Try, ast.TryStar)) if parsed is not None else None
    match = _SUBCLASS.search(case.problem.message)
    if parsed is None or attempt is None or match is None:
        return None
    inner, outer = match["inner"].rpartition(".")[2], match["outer"].rpartition(".")[2]
    own = next(
        (each for each in attempt.handlers if each.type is not None and parsed.span(each.type) == case.span),
        None,
    )
    first = next(
        (each for each in attempt.handlers if each.type is not None and outer in _names(each.type)), None
    )
    if own is None or first is None or first.lineno >= own.lineno:
        return None
    return Card(
        f"Every `{inner}` is {wording.article(outer)}, which line {first.lineno} catches first.",
        (case.here(first.lineno, f"`{case.snapshot.line_text(first.lineno - 1).strip()}`"),),
    )


def _names(expression: ast.expr) -> set[str]:
    """The last part of each name in `except a.B, C`."""
    nodes = list(ast.walk(expression))
    names = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    return names | {node.id for node in nodes if isinstance(node, ast.Name)}


def type_form(case: Case) -> Card | None:
    """Something that is no type stands where one is wanted."""
    parsed, value = case.python, case.expression
    if parsed is None or not isinstance(value, ast.Name):
        return None
    found = lookup(parsed, value.id, case.span)
    name, message = value.id, case.problem.message
    if message.startswith("Module cannot be used"):
        return Card(f"`{name}` is a module: the class in it has to be named as well.")
    if found is None and name in _TYPES and hasattr(builtins, name):
        return Card(f"`{name}` is a builtin function; the type is `{_TYPES[name]}`.")
    binding = found[1][0] if found is not None else None
    is_function = binding is not None and isinstance(binding.node, FUNCTIONS)
    what = "function" if is_function else "variable"
    wanted = "Expected class" if is_function else "Variable not allowed"
    if binding is None or binding.kind not in ("function", "assignment") or not message.startswith(wanted):
        return None
    text = case.snapshot.line_text(binding.line - 1).strip()
    return Card(
        f"`{name}` is a {what} (line {binding.line}), not a type.", (case.here(binding.line, f"`{text}`"),)
    )
