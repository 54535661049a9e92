"""TypeError from builtins and statements that got a value of a kind they do not take."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable

from lsp_debugger.cards.exceptions.raised import Raised, a
from lsp_debugger.cards.python.resolve import class_of
from lsp_debugger.core.ask import Card

_ITEM = re.compile(
    r"sequence item (?P<index>\d+): expected (?P<wanted>[\w -]+?)(?: instance)?, (?P<got>\w+) found"
)
_NUMBER = re.compile(r"(?P<function>int|float|complex)\(\) argument must be .+, not '?(?P<type>\w+)'?$")
_PATH = re.compile(r"expected str, bytes or os\.PathLike object, not (?P<type>\w+)")
_INTEGER = re.compile(r"'(?P<type>[\w.]+)' object cannot be interpreted as an integer")
_UNARY = re.compile(r"bad operand type for (?:unary (?P<op>[-+~])|(?P<function>abs)\(\)): '(?P<type>[\w.]+)'")
_REPEAT = re.compile(r"can't multiply sequence by non-int of type '(?P<type>\w+)'")
_CONTEXT = re.compile(
    r"'(?P<type>[\w.]+)' object does not support the (?P<kind>asynchronous )?context manager protocol"
)
_ITERATOR = re.compile(r"'(?P<type>[\w.]+)' object is not an (?:async )?iterator")
_STAR = re.compile(
    r".+? argument after (?P<stars>\*\*?) must be an? (?:iterable|mapping), not (?P<type>[\w.]+)$"
)
_KEYWORD = re.compile(r"'(?P<name>\w+)' is an invalid keyword argument for (?P<function>\w+)\(\)")
_UNEXPECTED = re.compile(r"(?P<function>\w+)\(\) got an unexpected keyword argument '(?P<name>\w+)'")
_FORMAT = re.compile(r"%(?P<place>\w) format: .+ (?:is|are) required, not (?P<type>\w+)")
_AWARE = re.compile(r"can't (?P<what>compare|subtract) offset-naive and offset-aware datetimes")
_ORDER = re.compile(r"Cannot create a consistent method resolution")


def bad_argument(raised: Raised) -> Card | None:
    for pattern, make in _READERS:
        if match := pattern.match(raised.message):
            return make(raised, match)
    return None


def _item(raised: Raised, match: re.Match[str]) -> Card | None:
    call = raised.call_of("join")
    if call is None or len(call.args) != 1:
        return None
    value = raised.code(call.args[0])
    wanted = "texts" if match["wanted"].startswith("str") else "bytes"
    hint = f"`map(str, {value})` makes texts of all of them."
    return Card(
        f"Element {match['index']} of `{value}` is {a(match['got'])}, and `join` takes {wanted} only.",
        (*raised.here(), *raised.made(call.args[0])),
        (hint,) if wanted == "texts" else (),
    )


def _number(raised: Raised, match: re.Match[str]) -> Card | None:
    call = raised.call_of(match["function"])
    if call is None or not call.args:
        return None
    return _given(
        raised, call, call.args[0], match["type"], f"of which `{match['function']}` makes no number"
    )


def _path(raised: Raised, match: re.Match[str]) -> Card | None:
    call = raised.call_of("open", "join", "exists", "Path", "listdir", "makedirs", "mkdir", "remove")
    if call is None or len(call.args) != 1:
        return None
    return _given(raised, call, call.args[0], match["type"], "and no path")


def _given(raised: Raised, call: ast.Call, value: ast.expr, kind: str, but: str) -> Card:
    if kind == "NoneType":
        return raised.none(value, f"and `{raised.code(call.func)}` does not take None")
    return Card(f"`{raised.code(value)}` is {a(kind)}, {but}.", (*raised.here(), *raised.made(value)))


def _integer(raised: Raised, match: re.Match[str]) -> Card | None:
    call = raised.call_of("range")
    kind = match["type"]
    if call is None or len(call.args) != 1:
        return None
    value = call.args[0]
    if kind == "NoneType":
        return raised.none(value, "and `range` counts to no None")
    hint = (f"`int({raised.code(value)})` drops what comes after the point.",) if kind == "float" else ()
    divides = isinstance(value, ast.BinOp) and isinstance(value.op, ast.Div)
    if divides and kind == "float":
        hint = ("`/` always gives a float; `//` gives an integer of two integers.",)
    return Card(f"`{raised.code(value)}` is {a(kind)}, and `range` counts in integers.", raised.here(), hint)


def _unary(raised: Raised, match: re.Match[str]) -> Card | None:
    kind = match["type"]
    call = raised.call_of("abs")
    operations = [node for node in raised.on_line(ast.UnaryOp) if not isinstance(node.op, ast.Not)]
    operation = raised.only(operations)
    if match["function"] and call is not None and len(call.args) == 1:
        value, what = call.args[0], "`abs`"
    elif match["op"] and operation is not None:
        value, what = operation.operand, f"`{match['op']}`"
    else:
        return None
    if kind == "NoneType":
        return raised.none(value, f"and {what} does not work with None")
    return Card(f"{what} fails here: `{raised.code(value)}` is {a(kind)}.", raised.here())


def _repeat(raised: Raised, match: re.Match[str]) -> Card | None:
    product = raised.only(node for node in raised.on_line(ast.BinOp) if isinstance(node.op, ast.Mult))
    if product is None:
        return None
    kind = match["type"]
    said = f"`{raised.code(product)}` would repeat a sequence, and the other side is {a(kind)}, no integer"
    return Card(f"{said}.", raised.here())


def _context(raised: Raised, match: re.Match[str]) -> Card | None:
    blocks = raised.on_line((ast.With, ast.AsyncWith))
    block = raised.only(node for node in blocks if node.lineno == raised.case.line)
    if block is None or len(block.items) != 1:
        return None
    value, kind = block.items[0].context_expr, match["type"]
    keyword = "async with" if isinstance(block, ast.AsyncWith) else "with"
    if kind == "NoneType":
        return raised.none(value, f"and None works in no `{keyword}`")
    place = class_of(raised.case, value)
    return Card(
        f"`{raised.code(value)}` is {a(kind.rpartition('.')[2])}, which works in no `{keyword}`.",
        (*raised.here(), *((raised.case.place(place),) if place is not None else ())),
    )


def _iterator(raised: Raised, match: re.Match[str]) -> Card | None:
    call = raised.call_of("next", "anext")
    if call is None or not call.args:
        return None
    value = raised.code(call.args[0])
    hint = (
        (f"`iter({value})` makes an iterator of it.",)
        if match["type"] in ("list", "tuple", "dict", "str", "set")
        else ()
    )
    return Card(f"`{value}` is {a(match['type'])}, and `next` wants an iterator.", raised.here(), hint)


def _star(raised: Raised, match: re.Match[str]) -> Card | None:
    stars, kind = match["stars"], match["type"]
    calls = raised.on_line(ast.Call)
    starred = [each.value for call in calls for each in call.args if isinstance(each, ast.Starred)]
    doubled = [each.value for call in calls for each in call.keywords if each.arg is None]
    value = raised.only(doubled if stars == "**" else starred)
    if value is None:
        return None
    if kind == "NoneType":
        return raised.none(value, f"and `{stars}` has nothing to unpack")
    return Card(f"`{raised.code(value)}` is {a(kind)}, which `{stars}` cannot unpack.", raised.here())


def _keyword(raised: Raised, match: re.Match[str]) -> Card | None:
    call = raised.call_of(match["function"], "sorted" if match["function"] == "sort" else "")
    if call is None:
        return None
    return Card(f"`{raised.called(call)}` has no parameter `{match['name']}`.", raised.here())


def _format(raised: Raised, match: re.Match[str]) -> Card | None:
    node = raised.only(node for node in raised.on_line(ast.BinOp) if isinstance(node.op, ast.Mod))
    if node is None:
        return None
    place = f"`%{match['place']}` in `{raised.code(node.left)}`"
    return Card(f"{place} takes a number and gets {a(match['type'])}.", raised.here())


def _few_values(raised: Raised, _: re.Match[str]) -> Card | None:
    node = raised.only(node for node in raised.on_line(ast.BinOp) if isinstance(node.op, ast.Mod))
    if node is None:
        return None
    return Card(
        f"`{raised.code(node.left)}` has more places than `{raised.code(node.right)}` has values.",
        raised.here(),
    )


def _aware(raised: Raised, match: re.Match[str]) -> Card:
    verb = "compared" if match["what"] == "compare" else "subtracted"
    return Card(
        f"A time with a time zone and one without are {verb} here.",
        raised.here(),
        ("`datetime.now(timezone.utc)` has one; `datetime.now()` and `datetime.utcnow()` have none.",),
    )


def _not_exception(raised: Raised, _: re.Match[str]) -> Card | None:
    node = raised.only(raised.on_line(ast.Raise))
    if node is None or node.exc is None:
        return None
    return Card(f"`{raised.code(node.exc)}` is no exception, so it cannot be raised.", raised.here())


def _types(raised: Raised, _: re.Match[str]) -> Card | None:
    call = raised.call_of("isinstance", "issubclass")
    if call is None or len(call.args) != 2:
        return None
    second = call.args[1]
    hint = ("A tuple, `(…)`, may list several types.",) if isinstance(second, ast.List | ast.Set) else ()
    return Card(
        f"`{raised.code(second)}` is no type, and `{raised.called(call)}` wants one there.",
        raised.here(),
        hint,
    )


def _bases(raised: Raised, _: re.Match[str]) -> Card | None:
    node = raised.only(raised.on_line(ast.ClassDef))
    if node is None:
        return None
    listed = ", ".join(raised.code(each) for each in node.bases)
    return Card(
        f"The bases of `{node.name}` have no order that suits all of them: `{listed}`.",
        raised.here(),
        ("A base has to come after the classes that are made from it.",),
    )


_READERS: tuple[tuple[re.Pattern[str], Callable[[Raised, re.Match[str]], Card | None]], ...] = (
    (_ITEM, _item),
    (_NUMBER, _number),
    (_PATH, _path),
    (_INTEGER, _integer),
    (_UNARY, _unary),
    (_REPEAT, _repeat),
    (_CONTEXT, _context),
    (_ITERATOR, _iterator),
    (_STAR, _star),
    (_KEYWORD, _keyword),
    (_UNEXPECTED, _keyword),
    (_FORMAT, _format),
    (re.compile(r"not enough arguments for format string"), _few_values),
    (_AWARE, _aware),
    (re.compile(r"exceptions must derive from BaseException"), _not_exception),
    (re.compile(r"(?:isinstance|issubclass)\(\) arg 2 must be"), _types),
    (_ORDER, _bases),
)
