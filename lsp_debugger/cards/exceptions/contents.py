"""ValueError, LookupError and the like: what is searched for, counted or opened is not like that."""

from __future__ import annotations

import ast
import encodings.aliases
import re
from collections.abc import Callable

from lsp_debugger.cards.exceptions.raised import Raised
from lsp_debugger.cards.python.resolve import definition_named, lookup, node_of
from lsp_debugger.core.ask import Card, Place
from lsp_debugger.syntax.likeness import likeliest, sketches

_ENCODING = re.compile(r"unknown encoding: (?P<name>\S+)")
_ENUM = re.compile(r"(?P<value>.+) is not a valid (?P<cls>\w+)$")
_EMPTY = re.compile(r"(?P<function>max|min)\(\) (?:arg is an empty sequence|iterable argument is empty)")
_STRICT = re.compile(
    r"zip\(\) argument (?P<one>\d+) is (?P<how>longer|shorter) than arguments? (?P<other>\d+)$"
)
_MUTABLE = re.compile(r"mutable default <class '(?P<type>[\w.]+)'> for field (?P<name>\w+) is not allowed")
_ISO = re.compile(r"Invalid isoformat string: (?P<text>'.*')")
_ZONE = re.compile(r"'?No time zone found with key (?P<name>[^']+)'?")
_NO_PLACE = re.compile(r"Replacement index (?P<index>\d+) out of range for positional args tuple")
_PLACES = (
    "month must be in 1..12",
    "day is out of range for month",
    "hour must be in 0..23",
    "minute must be in 0..59",
    "second must be in 0..59",
)


def _closed(raised: Raised, _: re.Match[str]) -> Card | None:
    call = raised.only(node for node in raised.on_line(ast.Call) if raised.owner(node))
    loop = raised.only(node.iter for node in raised.on_line(ast.For) if node.lineno == raised.case.line)
    file = call.func.value if call is not None and isinstance(call.func, ast.Attribute) else loop
    if not isinstance(file, ast.Name):
        return None
    what = f"`{raised.code(call)}`" if call is not None else "the loop"
    return Card(f"`{file.id}` is closed when {what} uses it.", (*raised.here(), *_closing(raised, file)))


def _closing(raised: Raised, file: ast.Name) -> tuple[Place, ...]:
    """The `with` that has closed it, or the call of `close`."""
    parsed = raised.case.python
    found = lookup(parsed, file.id, parsed.span(file)) if parsed is not None else None
    if parsed is None or found is None or len(found[1]) != 1:
        return ()
    opened = found[1][0].node
    if isinstance(opened, ast.With) and (opened.end_lineno or 0) < file.lineno:
        return (raised.case.here(opened.lineno, f"closes `{file.id}` at the end of its block"),)
    closing = [
        node
        for node in ast.walk(found[0])
        if isinstance(node, ast.Call)
        and raised.code(node.func) == f"{file.id}.close"
        and node.lineno < file.lineno
    ]
    return (raised.case.here(closing[0].lineno, f"`{raised.code(closing[0])}`"),) if len(closing) == 1 else ()


def _enum(raised: Raised, match: re.Match[str]) -> Card | None:
    definition = definition_named(raised.case, match["cls"])
    read = node_of(raised.case, definition) if definition is not None else None
    if definition is None or read is None or not isinstance(read[1], ast.ClassDef):
        return None
    values = [
        repr(node.value.value)
        for node in read[1].body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
    ]
    known = (f"Values written there: {', '.join(values[:6])}",) if values else ()
    return Card(
        f"`{match['cls']}` has no member with the value {match['value']}.",
        (*raised.here(), raised.case.place(definition)),
        known,
    )


def _empty(raised: Raised, match: re.Match[str]) -> Card | None:
    call = raised.call_of(match["function"])
    if call is None or len(call.args) != 1:
        return None
    value = call.args[0]
    return Card(
        f"`{raised.code(value)}` has no elements when `{raised.code(call)}` looks for one.",
        (*raised.here(), *raised.made(value)),
        ("`default=` gives the answer for that case.",),
    )


def _strict(raised: Raised, match: re.Match[str]) -> Card | None:
    call = raised.call_of("zip")
    one, other = int(match["one"]), int(match["other"])
    if (
        call is None
        or max(one, other) > len(call.args)
        or any(isinstance(each, ast.Starred) for each in call.args)
    ):
        return None
    how = "more" if match["how"] == "longer" else "fewer"
    left, right = raised.code(call.args[one - 1]), raised.code(call.args[other - 1])
    return Card(f"`{left}` has {how} elements than `{right}`, which `strict=True` forbids.", raised.here())


def _mutable(raised: Raised, match: re.Match[str]) -> Card:
    name, kind, parsed = match["name"], match["type"], raised.case.python
    fields = [
        node
        for node in (ast.walk(parsed.tree) if parsed is not None else ())
        if isinstance(node, ast.AnnAssign) and raised.code(node.target) == name and node.value is not None
    ]
    place = (raised.case.here(fields[0].lineno, f"`{raised.code(fields[0])}`"),) if len(fields) == 1 else ()
    return Card(
        f"The default of the field `{name}` would be one `{kind}` for all objects.",
        (*raised.here(), *place),
        (f"`{name}: … = field(default_factory={kind})` makes one for each.",),
    )


def _substring(raised: Raised, _: re.Match[str]) -> Card | None:
    call = raised.call_of("index", "rindex")
    if call is None or not call.args:
        return None
    find = "find" if raised.called(call) == "index" else "rfind"
    return Card(
        f"`{raised.code(call.args[0])}` is not in `{raised.owner(call)}`.",
        raised.here(),
        (f"`{find}` gives -1 in place of an exception.",),
    )


def _date_part(raised: Raised, _: re.Match[str]) -> Card | None:
    call = raised.call_of("date", "datetime", "time", "replace")
    if call is None:
        return None
    return Card(f"There is no such day or time as `{raised.code(call)}`: {raised.message}.", raised.here())


def _iso(raised: Raised, match: re.Match[str]) -> Card:
    return Card(f"The text {match['text']} is no date or time in ISO format.", raised.here())


def _nan(raised: Raised, _: re.Match[str]) -> Card | None:
    call = raised.call_of("int", "round", "floor", "ceil", "trunc")
    if call is None or not call.args:
        return None
    value = call.args[0]
    said = f"`{raised.code(value)}` is not a number (NaN), and no integer is"
    return Card(f"{said}.", (*raised.here(), *raised.made(value)))


def _running(raised: Raised, _: re.Match[str]) -> Card | None:
    call = raised.call_of("next", "send")
    if call is None:
        return None
    return Card(
        f"`{raised.code(call)}` asks a generator for its next value while it is making one.", raised.here()
    )


_READERS: tuple[tuple[re.Pattern[str], Callable[[Raised, re.Match[str]], Card | None]], ...] = (
    (re.compile(r"I/O operation on closed file"), _closed),
    (_ENUM, _enum),
    (_EMPTY, _empty),
    (_STRICT, _strict),
    (_MUTABLE, _mutable),
    (re.compile(r"substring not found"), _substring),
    (re.compile("|".join(map(re.escape, _PLACES))), _date_part),
    (_ISO, _iso),
    (re.compile(r"cannot convert float NaN to integer"), _nan),
    (re.compile(r"generator already executing"), _running),
)


def value(raised: Raised) -> Card | None:
    for pattern, make in _READERS:
        if (match := pattern.match(raised.message)) is not None and (card := make(raised, match)) is not None:
            return card
    return None


def lookup_error(raised: Raised) -> Card | None:
    match = _ENCODING.match(raised.message)
    if match is None:
        return None
    known = {*encodings.aliases.aliases.values(), "utf_8_sig"}
    near = likeliest(match["name"].replace("-", "_"), [sketches(known)], 1)
    tail = f"; the nearest is `{near[0]}`" if near else ""
    return Card(f"Python knows no encoding `{match['name']}`{tail}.", raised.here())


def no_zone(raised: Raised) -> Card | None:
    match = _ZONE.match(raised.message)
    if match is None:
        return None
    return Card(
        f"There is no time zone `{match['name']}` here.",
        raised.here(),
        ("Windows and small containers come without time zones; the package `tzdata` has them.",),
    )


def unsupported(raised: Raised) -> Card | None:
    """A file that is used in a way that it was not opened for."""
    call = raised.only(node for node in raised.on_line(ast.Call) if raised.owner(node))
    words = {"not writable": "for writing", "not readable": "for reading"}.get(raised.message)
    if call is None or words is None or not isinstance(call.func, ast.Attribute):
        return None
    file = call.func.value
    return Card(f"`{raised.code(file)}` is not opened {words}.", (*raised.here(), *raised.made(file)))


def missing_place(raised: Raised) -> Card | None:
    """IndexError of `format` and of a match's groups."""
    if match := _NO_PLACE.match(raised.message):
        call = raised.call_of("format")
        if call is None:
            return None
        count = len(call.args)
        has = f"{count} value{'' if count == 1 else 's'}"
        if any(isinstance(each, ast.Starred) for each in call.args):
            has = "fewer values"
        return Card(
            f"`{raised.owner(call)}` has a place {match['index']}, and `format` gets {has}.", raised.here()
        )
    call = raised.call_of("group", "start", "end", "span")
    if raised.message == "no such group" and call is not None and call.args:
        listed = ", ".join(raised.code(each) for each in call.args)
        return Card(
            f"The pattern has no group `{listed}`, which `{raised.code(call)}` asks for.", raised.here()
        )
    return None
