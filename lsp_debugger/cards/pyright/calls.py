"""Calls that do not fit: the argument, the parameter and the signature of what is called."""

from __future__ import annotations

import ast
import re

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.pyright import wording
from lsp_debugger.cards.pyright.optional import maybe_none
from lsp_debugger.cards.python import awaits
from lsp_debugger.cards.python.origins import Origin, none_origin
from lsp_debugger.cards.python.parsed import FUNCTIONS, FunctionNode
from lsp_debugger.cards.python.resolve import definition_of, node_of, signature
from lsp_debugger.core.ask import Card, Place
from lsp_debugger.syntax.likeness import likeliest, sketches

_ARGUMENT = re.compile(
    r'Argument of type "(?P<given>.+?)" cannot be assigned to parameter "(?P<parameter>[^"]+)" '
    r'of type "(?P<wanted>.+?)" in function "(?P<function>[^"]+)"'
)
_MISSING = re.compile(r'Arguments? missing for parameters? (?P<names>"[^"]+"(?:, "[^"]+")*)')
_EXPECTED = re.compile(r"Expected (?P<count>\d+) (?:positional )?arguments?")
_NO_PARAMETER = re.compile(r'No parameter named "(?P<name>[^"]+)"')
_NOT_CALLABLE = re.compile(r'Object of type "(?P<type>[^"]+)" is not callable')
_NO_OVERLOAD = re.compile(r'No overloads for "(?P<name>[^"]+)" match')
_INDEXING = frozenset({"__getitem__", "__setitem__", "__delitem__"})
_QUOTED = re.compile(r'"([^"]+)"')


def argument(case: Case) -> Card | None:
    parsed, expression = case.python, case.expression
    match = _ARGUMENT.match(case.problem.message)
    if parsed is None or match is None or expression is None:
        return None
    if match["function"] in _INDEXING:
        return _bad_index(case)
    if _taker(case, expression) is None:
        return None  # pyright points into it: at an element of a list, say
    code, parameter, function = parsed.code(expression), match["parameter"], match["function"]
    places = _callee_places(case, expression, function)
    if wording.only_none_differs(match["given"], match["wanted"]):
        origin = none_origin(case, expression) or Origin("")
        reason = f": {origin.reason}" if origin.reason else ""
        said = f"`{code}` may be None, which `{parameter}` of `{function}` does not take{reason}."
        return Card(said, (*origin.places, *places))
    result = awaits.result_of(match["given"])
    if result is not None:
        said = f"`{code}` is a coroutine, not its result, which `{parameter}` of `{function}` takes."
        edit = awaits.edit(case, expression, result == match["wanted"])
        return Card(said, places, edit=edit) if result == match["wanted"] else None
    given, wanted = wording.kind(match["given"]), wording.short(match["wanted"])
    return Card(
        f"`{code}` is {given}, but `{parameter}` of `{function}` takes {wanted}.",
        places,
        _detail(case.problem.message),
    )


def _bad_index(case: Case) -> Card | None:
    """`x[i]` is a call of `__getitem__`: the finding points at the whole."""
    parsed, access = case.python, case.expression
    if parsed is None or not isinstance(access, ast.Subscript):
        return None
    return Card(f"`{parsed.code(access.value)}` cannot be indexed with `{parsed.code(access.slice)}`.")


def call(case: Case) -> Card | None:
    message = case.problem.message
    if match := _MISSING.match(message):
        names = " and ".join(f"`{name}`" for name in _QUOTED.findall(match["names"]))
        return _of_call(case, f"leaves out {names}")
    if match := _NO_PARAMETER.match(message):
        return _no_parameter(case, match["name"])
    if match := _EXPECTED.match(message):
        return _of_call(case, f"gives too many positional arguments: {match['count']} can be taken")
    if match := _NOT_CALLABLE.match(message):
        return _not_callable(case, match["type"])
    if match := _NO_OVERLOAD.match(message):
        return _no_overload(case, match["name"])
    return None


def _no_overload(case: Case, name: str) -> Card | None:
    if name in _INDEXING:
        return _bad_index(case)
    if case.expression is None:
        return None
    lines = [line.strip() for line in case.problem.message.splitlines()]
    types = tuple(line for line in lines if line.startswith("Argument types:"))
    return Card(
        f"`{_code(case, case.expression)}` fits none of the ways in which it can be called.", notes=types
    )


def _of_call(case: Case, what: str) -> Card | None:
    found = _call(case)
    if found is None:
        return None
    node, places = found
    return Card(f"`{_code(case, node)}` {what}.", places)


def _no_parameter(case: Case, name: str) -> Card | None:
    node = _call_node(case)
    if node is None:
        return None
    function = _function(case, node)
    if function is None:
        return Card(f"`{_code(case, node.func)}` has no parameter `{name}`.")
    arguments = function[0].args
    names = [each.arg for each in (*arguments.args, *arguments.kwonlyargs) if each.arg not in ("self", "cls")]
    near = likeliest(name, [sketches(names)], 1)
    tail = f"; the nearest is `{near[0]}`" if near else ""
    return Card(f"`{function[0].name}` has no parameter `{name}`{tail}.", (function[1],))


def _not_callable(case: Case, kind: str) -> Card | None:
    node = _call_node(case)
    if node is None:
        return None
    if kind == "None":
        return maybe_none(case, node.func, "and None cannot be called", surely=True)
    return Card(f"`{_code(case, node.func)}` is {wording.kind(kind)}, which cannot be called.")


def _call(case: Case) -> tuple[ast.Call, tuple[Place, ...]] | None:
    node = _call_node(case)
    if node is None:
        return None
    function = _function(case, node)
    return node, (function[1],) if function is not None else ()


def _call_node(case: Case) -> ast.Call | None:
    parsed = case.python
    return parsed.around(case.span, ast.Call) if parsed is not None else None


def _function(case: Case, node: ast.Call) -> tuple[FunctionNode, Place] | None:
    """What is called, with a place that shows its signature. A class counts as its `__init__`."""
    definition = definition_of(case, node.func)
    found = node_of(case, definition) if definition is not None else None
    if definition is None or found is None:
        return None
    function = found[1]
    if isinstance(function, ast.ClassDef):
        init = [each for each in function.body if isinstance(each, FUNCTIONS) and each.name == "__init__"]
        if not init:
            return None
        function = init[0]
    return function, Place(case.shown(definition.path), function.lineno, f"`{signature(function)}`")


def _callee_places(case: Case, expression: ast.expr, name: str) -> tuple[Place, ...]:
    """The signature, when what takes the argument is a function of that name in the project."""
    node = _taker(case, expression)
    function = _function(case, node) if node is not None else None
    return (function[1],) if function is not None and function[0].name == name else ()


def _taker(case: Case, expression: ast.expr) -> ast.Call | None:
    """The call that `expression` is a whole argument of."""
    parsed = case.python
    calls = (
        [node for node in parsed.path_to(case.span) if isinstance(node, ast.Call)]
        if parsed is not None
        else []
    )
    for node in calls:
        if expression in node.args or any(keyword.value is expression for keyword in node.keywords):
            return node
    return None


def _code(case: Case, node: ast.expr) -> str:
    parsed = case.python
    assert parsed is not None, "the node came from there"
    return parsed.code(node)


def _detail(message: str) -> tuple[str, ...]:
    """The innermost reason that pyright gives: the last line, which is the most indented one."""
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    return (lines[-1],) if len(lines) > 2 else ()
