"""TypeError from values that cannot do what is asked of them."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable

from lsp_debugger.cards.exceptions.raised import Raised, a
from lsp_debugger.cards.python import awaits
from lsp_debugger.cards.python.bindings import BUILTINS
from lsp_debugger.cards.python.resolve import only_binding
from lsp_debugger.core.ask import Card

_NOT_CALLABLE = re.compile(r"'(?P<type>[^']+)' object is not callable")
_NOT_SUBSCRIPTABLE = re.compile(r"'(?P<type>[^']+)' object is not subscriptable")
_NOT_ITERABLE = re.compile(
    r"(?:cannot unpack non-iterable (?P<unpacked>\S+) object"
    r"|'(?P<type>[^']+)' object is not (?:iterable|async iterable))"
)
_OPERANDS = re.compile(
    r"unsupported operand type\(s\) for (?P<op>[^:]+): '(?P<left>[^']+)' and '(?P<right>[^']+)'"
)
_ORDER = re.compile(
    r"'(?P<op>[<>]=?)' not supported between instances of '(?P<left>[^']+)' and '(?P<right>[^']+)'"
)
_CONCATENATE = re.compile(r'can only concatenate (?P<left>\w+) \(not "(?P<right>[^"]+)"\) to \w+')
_UNHASHABLE = re.compile(r"unhashable type: '(?P<type>[^']+)'")
_ITEM = re.compile(r"'(?P<type>[^']+)' object does not support item (?P<what>assignment|deletion)")
_NO_LENGTH = re.compile(r"object of type '(?P<type>[^']+)' has no len\(\)")
_CONTAINS = re.compile(r"argument of type '(?P<type>[^']+)' is not (?:iterable|a container or iterable)")
_STRING_INDEX = re.compile(r"(?P<type>string|list|tuple|byte) indices must be integers")
_AWAIT = re.compile(r"object (?P<type>\S+) can't be used in 'await' expression")
_NOT_JSON = re.compile(r"Object of type (?P<type>\S+) is not JSON serializable")
_OPERATORS: dict[str, type[ast.operator]] = {
    "+": ast.Add,
    "-": ast.Sub,
    "*": ast.Mult,
    "/": ast.Div,
    "//": ast.FloorDiv,
    "%": ast.Mod,
    "@": ast.MatMult,
    "** or pow()": ast.Pow,
    "<<": ast.LShift,
    ">>": ast.RShift,
    "&": ast.BitAnd,
    "|": ast.BitOr,
    "^": ast.BitXor,
}


def bad_operation(raised: Raised) -> Card | None:
    for pattern, make in _READERS:
        if match := pattern.match(raised.message):
            return make(raised, match)
    return None


def _not_callable(raised: Raised, match: re.Match[str]) -> Card | None:
    kind = match["type"]
    calls = raised.on_line(ast.Call)
    shadowing = [
        (call, binding)
        for call in calls
        if isinstance(call.func, ast.Name)
        and call.func.id in BUILTINS
        and (parsed := raised.case.python) is not None
        and (binding := only_binding(parsed, call.func.id, parsed.span(call.func))) is not None
    ]
    if len(shadowing) == 1:
        call, binding = shadowing[0]
        name = raised.code(call.func)
        return Card(
            f"`{name}` is {a(kind)} here: line {binding.line} gave the builtin's name to something else.",
            (*raised.here(), raised.case.here(binding.line, f"binds `{name}`")),
        )
    call = raised.only(calls)
    if call is None:
        return None
    if kind == "NoneType":
        return raised.none(call.func, "and None cannot be called")
    if kind == "module":
        return Card(
            f"`{raised.code(call.func)}` is a module; the function or class has to be named as well.",
            raised.here(),
        )
    return Card(f"`{raised.code(call.func)}` is {a(kind)}, which cannot be called.", raised.here())


def _not_subscriptable(raised: Raised, match: re.Match[str]) -> Card | None:
    access = raised.only(raised.on_line(ast.Subscript))
    if access is None:
        return None
    kind, code = match["type"], raised.code(access.value)
    if kind == "NoneType":
        return raised.none(access.value, f"and None has no `[{raised.code(access.slice)}]`")
    if kind in ("method", "builtin_function_or_method", "function"):
        return Card(
            f"`{code}` is a {_readable(kind)}: it has to be called, with `()`, not indexed.", raised.here()
        )
    if kind == "coroutine":
        said = f"`{code}` is a coroutine: it has to be awaited first."
        return Card(said, raised.here(), edit=awaits.edit(raised.case, access.value))
    return Card(
        f"`{code}` is {a(kind)}, which has no elements: `[{raised.code(access.slice)}]` fails.",
        raised.here(),
    )


def _readable(kind: str) -> str:
    return "function" if kind == "builtin_function_or_method" else kind


def _not_iterable(raised: Raised, match: re.Match[str]) -> Card | None:
    kind = match["unpacked"] or match["type"]
    loops = [node.iter for node in raised.on_line((ast.For, ast.AsyncFor)) if node.lineno == raised.case.line]
    unpacked = [
        node.value
        for node in raised.on_line(ast.Assign)
        if any(isinstance(target, ast.Tuple | ast.List) for target in node.targets)
    ]
    value = raised.only([*loops, *unpacked])
    if value is None:
        return None
    if kind == "NoneType":
        return raised.none(value, "and None cannot be gone through")
    if kind == "coroutine":
        said = f"`{raised.code(value)}` is a coroutine: it has to be awaited first."
        return Card(said, raised.here(), edit=awaits.edit(raised.case, value))
    hint = ""
    if kind == "int" and loops:
        hint = f"`range({raised.code(value)})` counts up to it."
    return Card(
        f"`{raised.code(value)}` is {a(kind)}, which cannot be gone through.",
        raised.here(),
        (hint,) if hint else (),
    )


def _operands(raised: Raised, match: re.Match[str]) -> Card | None:
    operator = _OPERATORS.get(match["op"].removesuffix("="))
    shown = match["op"]
    pairs: list[tuple[ast.expr, ast.expr]] = [
        (node.left, node.right)
        for node in raised.on_line(ast.BinOp)
        if operator is not None and isinstance(node.op, operator)
    ]
    pairs += [
        (node.target, node.value)
        for node in raised.on_line(ast.AugAssign)
        if operator is not None and isinstance(node.op, operator)
    ]
    return _pair(raised, pairs, shown, match["left"], match["right"])


def _order(raised: Raised, match: re.Match[str]) -> Card | None:
    pairs = [
        (node.left, node.comparators[0]) for node in raised.on_line(ast.Compare) if len(node.comparators) == 1
    ]
    return _pair(raised, pairs, match["op"], match["left"], match["right"])


def _concatenate(raised: Raised, match: re.Match[str]) -> Card | None:
    pairs: list[tuple[ast.expr, ast.expr]] = [
        (node.left, node.right) for node in raised.on_line(ast.BinOp) if isinstance(node.op, ast.Add)
    ]
    pairs += [
        (node.target, node.value) for node in raised.on_line(ast.AugAssign) if isinstance(node.op, ast.Add)
    ]
    return _pair(raised, pairs, "+", match["left"], match["right"])


def _pair(
    raised: Raised, pairs: list[tuple[ast.expr, ast.expr]], operator: str, left: str, right: str
) -> Card | None:
    """The two sides and their types, where the line has one such operation."""
    if len(pairs) != 1:
        return None
    one, other = pairs[0]
    for expression, kind in ((one, left), (other, right)):
        if kind == "NoneType" and left != right:
            return raised.none(expression, f"and `{operator}` does not work with None")
    notes = ()
    if {left, right} == {"str", "int"} and operator == "+":
        number = one if left == "int" else other
        notes = (f"`str({raised.code(number)})` makes text of it.",)
    return Card(
        f"`{operator}` fails here: `{raised.code(one)}` is {a(left)}, `{raised.code(other)}` {a(right)}.",
        raised.here(),
        notes,
    )


def _unhashable(raised: Raised, match: re.Match[str]) -> Card | None:
    kind = match["type"]
    instead = {"list": "a tuple", "set": "a frozenset", "dict": "a tuple of its items"}.get(kind)
    hint = (f"Its contents as {instead} can be one.",) if instead else ()
    return Card(
        f"{a(kind).capitalize()} can change, so it cannot be a key of a dict or an element of a set.",
        raised.here(),
        hint,
    )


def _item(raised: Raised, match: re.Match[str]) -> Card | None:
    kind = match["type"]
    access = raised.only(node for node in raised.on_line(ast.Subscript) if not isinstance(node.ctx, ast.Load))
    if access is None:
        return None
    if kind == "NoneType":
        return raised.none(access.value, "and None has no elements")
    return Card(
        f"`{raised.code(access.value)}` is {a(kind)}, whose elements cannot be changed.", raised.here()
    )


def _no_length(raised: Raised, match: re.Match[str]) -> Card | None:
    calls = [
        node for node in raised.on_line(ast.Call) if isinstance(node.func, ast.Name) and node.func.id == "len"
    ]
    call = raised.only(calls)
    if call is None or len(call.args) != 1:
        return None
    kind = match["type"]
    if kind == "NoneType":
        return raised.none(call.args[0], "and None has no length")
    return Card(f"`{raised.code(call.args[0])}` is {a(kind)}, which has no length.", raised.here())


def _contains(raised: Raised, match: re.Match[str]) -> Card | None:
    tests = [
        node.comparators[0]
        for node in raised.on_line(ast.Compare)
        if len(node.ops) == 1 and isinstance(node.ops[0], ast.In | ast.NotIn)
    ]
    container = raised.only(tests)
    if container is None:
        return None
    kind = match["type"]
    if kind == "NoneType":
        return raised.none(container, "and nothing is in None")
    return Card(f"`{raised.code(container)}` is {a(kind)}: `in` cannot look into it.", raised.here())


def _string_index(raised: Raised, match: re.Match[str]) -> Card | None:
    access = raised.only(raised.on_line(ast.Subscript))
    if access is None:
        return None
    kind = {"string": "text", "byte": "bytes"}.get(match["type"], f"a {match['type']}")
    hint = ("If it is JSON, it has to be parsed first.",) if kind == "text" else ()
    value, index = raised.code(access.value), raised.code(access.slice)
    return Card(f"`{value}` is {kind}, no dict: `{index}` is no position in it.", raised.here(), hint)


def _await(raised: Raised, match: re.Match[str]) -> Card | None:
    awaited = raised.only(raised.on_line(ast.Await))
    if awaited is None:
        return None
    kind = match["type"]
    if kind == "NoneType":
        return raised.none(awaited.value, "and None cannot be awaited")
    return Card(
        f"`{raised.code(awaited.value)}` is {a(kind)}, not a coroutine: no `await` is needed.", raised.here()
    )


def _not_json(raised: Raised, match: re.Match[str]) -> Card | None:
    kind = match["type"]
    return Card(
        f"JSON has nothing for {a(kind)}.",
        raised.here(),
        ("`json.dumps(…, default=…)` takes a function that converts it.",),
    )


def _formatting(raised: Raised, match: re.Match[str]) -> Card | None:
    del match
    formats = [node for node in raised.on_line(ast.BinOp) if isinstance(node.op, ast.Mod)]
    node = raised.only(formats)
    if node is None:
        return None
    return Card(
        f"`{raised.code(node.left)}` has fewer places than `{raised.code(node.right)}` has values.",
        raised.here(),
    )


_READERS: tuple[tuple[re.Pattern[str], Callable[[Raised, re.Match[str]], Card | None]], ...] = (
    (_NOT_CALLABLE, _not_callable),
    (_NOT_SUBSCRIPTABLE, _not_subscriptable),
    (_NOT_ITERABLE, _not_iterable),
    (_OPERANDS, _operands),
    (_ORDER, _order),
    (_CONCATENATE, _concatenate),
    (_UNHASHABLE, _unhashable),
    (_ITEM, _item),
    (_NO_LENGTH, _no_length),
    (_CONTAINS, _contains),
    (_STRING_INDEX, _string_index),
    (_AWAIT, _await),
    (_NOT_JSON, _not_json),
    (re.compile("not all arguments converted during string formatting"), _formatting),
)
