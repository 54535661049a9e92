"""Calls that do not fit what is called."""

from __future__ import annotations

import ast
import re
from dataclasses import replace

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.mypy.containers import in_container
from lsp_debugger.cards.mypy.reading import NAME, TYPE, as_pyright, find, hints, told
from lsp_debugger.cards.pyright import calls, wording
from lsp_debugger.cards.pyright.optional import maybe_none
from lsp_debugger.cards.python.parsed import FUNCTIONS, FunctionNode
from lsp_debugger.cards.python.resolve import definition_of, node_of
from lsp_debugger.core.ask import Card

_MISSING = re.compile(
    r'Missing (?:positional|named) arguments? (?P<names>"[^\n]{1,500}?")(?: in call to| for|$)'
)
_TOO_FEW = re.compile(r"Too few arguments")
_TOO_MANY = re.compile(r"Too many (?:positional )?arguments")
_UNEXPECTED = re.compile(
    rf'Unexpected keyword argument "(?P<name>{NAME})"(?: for "(?P<function>{NAME})")?'
    rf'(?:[^\n;]{{0,200}}; did you mean "(?P<near>{NAME})")?'
)
_TWICE = re.compile(
    rf'"(?P<function>{NAME})"[^\n"]{{0,40}} gets multiple values for keyword argument "(?P<name>{NAME})"'
)
_ARGUMENT = re.compile(
    rf'Argument (?:(?P<number>\d{{1,4}})|"(?P<name>{NAME})") to "(?P<function>{NAME})"'
    rf'(?: of "(?P<owner>{NAME})")? has incompatible type "(?P<given>{TYPE})"; expected "(?P<wanted>{TYPE})"'
)
_OVERLOAD = re.compile(
    rf'No overload variant of "(?P<function>{NAME})"(?: of "(?P<owner>{TYPE})")? '
    r"matches argument types? (?P<types>[^\n]{1,300})"
)
_NOTHING = re.compile(rf'"(?P<function>{NAME})"(?: of "{NAME}")? does not return a value')
_NOT_CALLABLE = re.compile(rf'"(?P<type>{TYPE})" not callable')
_INDEXING = frozenset({"__getitem__", "__setitem__", "__delitem__"})
_QUOTED = re.compile(rf'"({NAME})"')


def call(case: Case) -> Card | None:
    if match := told(_MISSING, case):
        quoted = ", ".join(f'"{name}"' for name in _QUOTED.findall(match["names"]))
        return as_pyright(case, f"Arguments missing for parameters {quoted}", calls.call)
    if match := told(_UNEXPECTED, case):
        return _unexpected(case, match["name"], match["function"] or "", match["near"] or "")
    if match := told(_TWICE, case):
        who = f"`{match['name']}` of `{match['function']}`"
        return Card(f"{who} is given twice: by its place and by its name.")
    if told(_TOO_FEW, case):
        return _counted(case, "gives too few arguments")
    return _too_many(case) if told(_TOO_MANY, case) else None


def _counted(case: Case, what: str) -> Card | None:
    node, parsed = find(case, ast.Call), case.python
    return Card(f"`{parsed.code(node)}` {what}.") if node is not None and parsed is not None else None


def _too_many(case: Case) -> Card | None:
    node = find(case, ast.Call)
    function = _function(case, node) if node is not None else None
    if node is None or function is None or function.args.vararg is not None:
        return _counted(case, "gives too many arguments")
    count = len(_by_place(case, node, function))
    return as_pyright(case, f"Expected {count} positional arguments", calls.call)


def _unexpected(case: Case, name: str, function: str, near: str) -> Card | None:
    made = as_pyright(case, f'No parameter named "{name}"', calls.call)
    if made is None:
        return None
    if function:
        made = replace(made, headline=made.headline.replace("`__init__` has", f"`{function}` has"))
    if not near or "the nearest is" in made.headline:
        return made
    shown = f"`{function}` has no parameter `{name}`" if function else made.headline.rstrip(".")
    return replace(made, headline=f"{shown}; the nearest is `{near}`.")


def _function(case: Case, node: ast.Call) -> FunctionNode | None:
    """What is called; a class counts as its `__init__`."""
    definition = definition_of(case, node.func)
    read = node_of(case, definition) if definition is not None else None
    if read is None:
        return None
    if not isinstance(read[1], ast.ClassDef):
        return read[1]
    found = [each for each in read[1].body if isinstance(each, FUNCTIONS) and each.name == "__init__"]
    return found[0] if len(found) == 1 else None


def _by_place(case: Case, node: ast.Call, function: FunctionNode) -> list[ast.arg]:
    """Parameters that arguments of this call can be given for by their place."""
    plain = [*function.args.posonlyargs, *function.args.args]
    static = any(isinstance(each, ast.Name) and each.id == "staticmethod" for each in function.decorator_list)
    definition = definition_of(case, node.func)
    kind = definition.kind if definition is not None else ""
    return plain[1:] if kind == "class" or (kind == "method" and not static) else plain


def argument(case: Case) -> Card | None:
    match = told(_ARGUMENT, case)
    value = case.expression
    if match is None or value is None:
        return in_container(case)
    taker = _taker(case, value)
    function = _function(case, taker) if taker is not None else None
    name = match["name"] or (_parameter(case, taker, function, value) if taker and function else "")
    if match["given"].startswith("*"):
        return _unpacked(case, match, name)
    asked = "__init__" if function is not None and function.name == "__init__" else match["function"]
    said = (
        f'Argument of type "{match["given"]}" cannot be assigned to parameter "{name or "argument"}" '
        f'of type "{match["wanted"]}" in function "{asked}"'
    )
    made = as_pyright(case, said, calls.argument)
    if made is None:
        return None
    headline = made.headline.replace("of `__init__`", f"of `{match['function']}`")
    if not name:
        headline = headline.replace("`argument` of", f"argument {match['number']} of")
    return replace(made, headline=headline, notes=(*made.notes, *hints(case)))


def _taker(case: Case, value: ast.expr) -> ast.Call | None:
    """The call that `value` is an argument of; it may be a call itself."""
    parsed = case.python
    path = parsed.path_to(case.span) if parsed is not None else []
    outside = path[: path.index(value)] if value in path else path
    return next((node for node in reversed(outside) if isinstance(node, ast.Call)), None)


def _parameter(case: Case, node: ast.Call, function: FunctionNode, value: ast.expr) -> str:
    """The name of the parameter that gets `value`; empty where that is not to be seen."""
    if value not in node.args:
        return ""
    at = node.args.index(value)
    if any(isinstance(each, ast.Starred) for each in node.args[:at]):
        return ""
    parameters = _by_place(case, node, function)
    return parameters[at].arg if at < len(parameters) else ""


def _unpacked(case: Case, match: re.Match[str], name: str) -> Card | None:
    parsed, value = case.python, case.expression
    if parsed is None or value is None:
        return None
    stars = "**" if match["given"].startswith("**") else "*"
    taken = f"`{name}` of `{match['function']}`" if name else f"`{match['function']}`"
    kind, wanted = wording.short(match["given"].lstrip("*")), wording.short(match["wanted"])
    return Card(f"`{stars}{parsed.code(value)}` hands on what is in {kind}, but {taken} takes {wanted}.")


def overload(case: Case) -> Card | None:
    """No form of a function that has several fits."""
    match, parsed = told(_OVERLOAD, case), case.python
    if match is None or parsed is None:
        return None
    made = as_pyright(case, f'No overloads for "{match["function"]}" match', calls.call)
    if made is None:
        return None
    access = case.expression
    if match["function"] in _INDEXING and isinstance(access, ast.Subscript) and match["owner"]:
        said = f"`{parsed.code(access.value)}` is {wording.kind(match['owner'])}."
        return replace(made, notes=(said,))
    return replace(made, notes=(f"It is given {match['types'].replace(chr(34), '`')}.",))


def no_value(case: Case) -> Card | None:
    """The result of something that returns None is used."""
    match, parsed = told(_NOTHING, case), case.python
    node = find(case, ast.Call)
    if match is None or parsed is None or node is None:
        return None
    definition = definition_of(case, node.func)
    places = (case.place(definition),) if definition is not None else ()
    said = f"`{parsed.code(node)}` gives no value to use: `{match['function']}` always returns None."
    return Card(said, places)


def not_callable(case: Case) -> Card | None:
    match, node = told(_NOT_CALLABLE, case), case.expression
    if match is None or not isinstance(node, ast.Call):
        return None
    if match["type"] == "None":
        return maybe_none(case, node.func, "and None cannot be called")
    return as_pyright(case, f'Object of type "{match["type"]}" is not callable', calls.call)
