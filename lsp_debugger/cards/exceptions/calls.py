"""TypeError from calls that do not fit the signature of what they call."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable

from lsp_debugger.cards.exceptions.raised import Raised
from lsp_debugger.cards.python.parsed import FUNCTIONS, FunctionNode
from lsp_debugger.cards.python.resolve import definition_of, node_of, signature
from lsp_debugger.core.ask import Card, Place
from lsp_debugger.core.ports import Definition
from lsp_debugger.syntax.likeness import likeliest, sketches

_CALLED = r"(?P<called>[^\s(]+)\(\) "
_MISSING = re.compile(
    _CALLED + r"missing \d+ required (?:positional|keyword-only) arguments?: (?P<names>.+)$"
)
_TAKES = re.compile(
    _CALLED + r"takes (?:from \d+ to )?(?P<takes>\d+|no) (?:positional )?arguments? "
    r"but (?P<given>\d+) (?:was|were) given"
)
_UNEXPECTED = re.compile(_CALLED + r"got an unexpected keyword argument '(?P<name>[^']+)'")
_MULTIPLE = re.compile(_CALLED + r"got multiple values for argument '(?P<name>[^']+)'")
_ABSTRACT = re.compile(
    r"Can't instantiate abstract class (?P<cls>\w+) "
    r"(?:with|without an implementation for) abstract methods? (?P<names>.+)$"
)
_QUOTED = re.compile(r"'([^']+)'")


def bad_call(raised: Raised) -> Card | None:
    for pattern, make in _READERS:
        if match := pattern.match(raised.message):
            return make(raised, match)
    return None


def _callee(raised: Raised, called: str) -> tuple[Definition, FunctionNode, ast.Call] | None:
    """The function of the project that the line calls by that name."""
    last = called.rpartition(".")[2]
    owner = called.rpartition(".")[0].rpartition(".")[2]
    for call in raised.on_line(ast.Call):
        definition = definition_of(raised.case, call.func)
        if definition is None:
            continue
        found = node_of(raised.case, definition)
        node = found[1] if found is not None else None
        if isinstance(node, ast.ClassDef) and last == "__init__" and node.name == owner:
            init = next(
                (each for each in node.body if isinstance(each, FUNCTIONS) and each.name == last), None
            )
            return (definition, init, call) if init is not None else None
        if isinstance(node, FUNCTIONS) and node.name == last:
            return definition, node, call
    return None


def _defined(raised: Raised, definition: Definition, node: FunctionNode) -> Place:
    return Place(raised.case.shown(definition.path), node.lineno, f"`{signature(node)}`")


def _missing(raised: Raised, match: re.Match[str]) -> Card | None:
    names = _QUOTED.findall(match["names"])
    listed = " and ".join(f"`{name}`" for name in names)
    found = _callee(raised, match["called"])
    if found is None:
        return Card(f"The call of `{match['called']}` leaves out {listed}.", raised.here())
    definition, node, call = found
    return Card(
        f"`{raised.code(call)}` leaves out {listed}.", (*raised.here(), _defined(raised, definition, node))
    )


def _takes(raised: Raised, match: re.Match[str]) -> Card | None:
    found = _callee(raised, match["called"])
    if found is None:
        return None
    definition, node, call = found
    given = int(match["given"])
    is_method = definition.kind == "method" or node.name == "__init__"
    counted = " (the object itself is one of them)" if is_method and given == len(call.args) + 1 else ""
    forgot = (
        is_method
        and not [*node.args.posonlyargs, *node.args.args]
        and not node.args.vararg
        and not node.decorator_list
    )
    notes = (f"`{node.name}` has no first parameter for the object: `self`.",) if forgot else ()
    return Card(
        f"`{raised.code(call)}` gives `{node.name}` {given} arguments{counted}; it takes {match['takes']}.",
        (*raised.here(), _defined(raised, definition, node)),
        notes,
    )


def _unexpected(raised: Raised, match: re.Match[str]) -> Card | None:
    name = match["name"]
    found = _callee(raised, match["called"])
    if found is None:
        return None
    definition, node, _ = found
    arguments = node.args
    parameters = [
        each.arg for each in (*arguments.args, *arguments.kwonlyargs) if each.arg not in ("self", "cls")
    ]
    if name in parameters:
        return None
    near = likeliest(name, [sketches(parameters)], 1)
    tail = f"; the nearest is `{near[0]}`" if near else ""
    place = _defined(raised, definition, node)
    return Card(f"`{node.name}` has no parameter `{name}`{tail}.", (*raised.here(), place))


def _multiple(raised: Raised, match: re.Match[str]) -> Card | None:
    found = _callee(raised, match["called"])
    if found is None:
        return None
    definition, node, call = found
    return Card(
        f"`{raised.code(call)}` gives `{match['name']}` twice: by its place and by its name.",
        (*raised.here(), _defined(raised, definition, node)),
    )


def _abstract(raised: Raised, match: re.Match[str]) -> Card | None:
    names = _QUOTED.findall(match["names"]) or [name.strip() for name in match["names"].split(",")]
    listed = " and ".join(f"`{name}`" for name in names)
    classes = [
        each
        for each in raised.case.around.symbols.definitions(match["cls"], raised.case.path)
        if each.kind == "class"
    ]
    places = (raised.case.place(classes[0], f"defines `{match['cls']}`"),) if len(classes) == 1 else ()
    return Card(
        f"`{match['cls']}` does not define {listed}, which a base class demands.", (*raised.here(), *places)
    )


_READERS: tuple[tuple[re.Pattern[str], Callable[[Raised, re.Match[str]], Card | None]], ...] = (
    (_MISSING, _missing),
    (_TAKES, _takes),
    (_UNEXPECTED, _unexpected),
    (_MULTIPLE, _multiple),
    (_ABSTRACT, _abstract),
)
