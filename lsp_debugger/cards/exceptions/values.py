"""Values that do not fit: numbers, texts, assertions, recursion."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Callable

from lsp_debugger.cards.exceptions import contents
from lsp_debugger.cards.exceptions.loops import not_a_coroutine
from lsp_debugger.cards.exceptions.raised import Raised
from lsp_debugger.core.ask import Card

_NUMBER = re.compile(
    r"(?:invalid literal for int\(\) with base (?P<base>\d+)|could not convert string to (?P<kind>float))"
    r": (?P<text>.+)$"
)
_TOO_FEW = re.compile(
    r"not enough values to unpack \(expected (?:at least )?(?P<expected>\d+), got (?P<got>\d+)\)"
)
_TOO_MANY = re.compile(r"too many values to unpack \(expected (?P<expected>\d+)(?:, got (?P<got>\d+))?\)")
_NOT_IN = re.compile(
    r"(?:(?P<value>.+) is not in (?P<what>list|deque|tuple)|(?P<removed>list\.remove\(x\): x not in list))$"
)
_DATE = re.compile(r"time data (?P<text>'.*?') does not match format (?P<format>'.*')$")
_CODEC = re.compile(
    r"'(?P<codec>[\w-]+)' codec can't (?P<what>decode|encode) "
    r"(?P<value>bytes?|characters?)(?: (?P<shown>\S+))? in position (?P<at>[\d-]+): (?P<why>.+)$"
)
_JSON = re.compile(r"(?P<what>.+): line (?P<line>\d+) column (?P<column>\d+) \(char (?P<char>\d+)\)$")


def value_error(raised: Raised) -> Card | None:
    for pattern, make in _READERS:
        if match := pattern.match(raised.message):
            return make(raised, match)
    return not_a_coroutine(raised) or contents.value(raised)


def _number(raised: Raised, match: re.Match[str]) -> Card:
    text, kind = match["text"], match["kind"] or "int"
    base = match["base"] or "10"
    calls = [
        node
        for node in raised.on_line(ast.Call)
        if isinstance(node.func, ast.Name) and node.func.id == kind and node.args
    ]
    call = raised.only(calls)
    asked = f"`{raised.code(call)}`" if call is not None else f"`{kind}()`"
    value = text.strip()
    inner = value[1:-1] if value[:1] in "'\"" else value
    if not inner.strip():
        return Card(f"{asked} got an empty text.", raised.here())
    hint = ""
    if kind == "int" and base == "10" and re.fullmatch(r"[+-]?\d+\.\d*", inner.strip()):
        hint = "It is a decimal number: `float()` reads it."
    elif "," in inner and re.fullmatch(r"[\d,.\s+-]+", inner):
        hint = "The comma is what does not belong to a number here."
    return Card(
        f"{asked} got the text {value}, which is no number{_base(base)}.",
        raised.here(),
        (hint,) if hint else (),
    )


def _base(base: str) -> str:
    return "" if base == "10" else f" in base {base}"


def _unpacked(raised: Raised, match: re.Match[str]) -> Card | None:
    expected, got = match["expected"], match["got"]
    parsed = raised.case.python
    assignments = [
        (node.targets[0], node.value)
        for node in raised.on_line(ast.Assign)
        if isinstance(node.targets[0], ast.Tuple | ast.List)
    ]
    loops = [
        (node.target, node.iter)
        for node in raised.on_line((ast.For, ast.AsyncFor))
        if isinstance(node.target, ast.Tuple | ast.List)
    ]
    if parsed is None or len(assignments) + len(loops) != 1:
        return None
    target, value = (assignments or loops)[0]
    code = raised.code(value)
    has = f"has {got}" if got else "has more"
    each = f"an element of `{code}`" if loops else f"`{code}`"
    hint = (
        (f"`{code}.items()` gives keys and values.",)
        if loops and expected == "2" and isinstance(value, ast.Name)
        else ()
    )
    return Card(f"`{raised.code(target)}` takes {expected} values, but {each} {has}.", raised.here(), hint)


def _not_in(raised: Raised, _: re.Match[str]) -> Card | None:
    calls = [
        node
        for node in raised.on_line(ast.Call)
        if isinstance(node.func, ast.Attribute) and node.func.attr in ("index", "remove") and node.args
    ]
    call = raised.only(calls)
    if call is None or not isinstance(call.func, ast.Attribute):
        return None
    return Card(f"`{raised.code(call.args[0])}` is not in `{raised.code(call.func.value)}`.", raised.here())


def _date(raised: Raised, match: re.Match[str]) -> Card:
    return Card(f"The text {match['text']} is not written as {match['format']} says.", raised.here())


def _domain(raised: Raised, _: re.Match[str]) -> Card | None:
    call = raised.only(raised.on_line(ast.Call))
    if call is None:
        return None
    return Card(f"`{raised.code(call)}` is not defined for that number.", raised.here())


_READERS: tuple[tuple[re.Pattern[str], Callable[[Raised, re.Match[str]], Card | None]], ...] = (
    (_NUMBER, _number),
    (_TOO_FEW, _unpacked),
    (_TOO_MANY, _unpacked),
    (_NOT_IN, _not_in),
    (_DATE, _date),
    (re.compile("math domain error$"), _domain),
)


def zero_division(raised: Raised) -> Card | None:
    divisions: list[tuple[str, ast.expr]] = [
        (raised.code(node), node.right)
        for node in raised.on_line(ast.BinOp)
        if isinstance(node.op, ast.Div | ast.FloorDiv | ast.Mod) and not _is_text(node.left)
    ]
    divisions += [
        (raised.code(node), node.value)
        for node in raised.on_line(ast.AugAssign)
        if isinstance(node.op, ast.Div | ast.FloorDiv | ast.Mod)
    ]
    if len(divisions) != 1:
        return None
    whole, divisor = divisions[0]
    code = raised.code(divisor)
    places = (*raised.here(), *raised.made(divisor))
    if (
        isinstance(divisor, ast.Call)
        and isinstance(divisor.func, ast.Name)
        and divisor.func.id == "len"
        and divisor.args
    ):
        return Card(f"`{raised.code(divisor.args[0])}` is empty, so `{whole}` divides by zero.", places)
    if isinstance(divisor, ast.Constant):
        return Card(f"`{whole}` divides by zero.", places)
    return Card(f"`{code}` is zero in `{whole}`.", places)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)
    )


def unicode_error(raised: Raised) -> Card | None:
    match = _CODEC.match(raised.message)
    if match is None:
        return None
    codec, shown = match["codec"], match["shown"] or ""
    what = f"{match['value']} {shown}".strip()
    opened = [
        node
        for node in raised.on_line(ast.Call)
        if raised.code(node.func).rpartition(".")[2] in ("open", "read_text", "write_text")
        and not any(keyword.arg == "encoding" for keyword in node.keywords)
    ]
    notes = [f"`{raised.code(opened[0])}` names no encoding: the machine's own is taken."] if opened else []
    guess = _guess(codec, shown) if match["what"] == "decode" else ""
    notes += [guess] if guess else []
    verb = "reads as no text" if match["what"] == "decode" else "cannot be written"
    return Card(
        f"The {what} at position {match['at']} {verb} in {codec}: {match['why']}.",
        raised.here(),
        tuple(notes),
    )


def _guess(codec: str, shown: str) -> str:
    """What data that is no UTF-8 usually is, by its first wrong byte."""
    if codec.replace("-", "") != "utf8" or not shown.startswith("0x"):
        return ""
    byte = int(shown, 16)
    if byte in (0xFF, 0xFE):
        return "Text that begins with 0xff or 0xfe is often UTF-16."
    if byte in (0x8B, 0x89, 0x50):
        return "The data may be no text at all: compressed files and images begin like that."
    return "Text from Windows programs is often in cp1252."


def json_error(raised: Raised) -> Card | None:
    match = _JSON.match(raised.message)
    if match is None:
        return None
    what, line, column = match["what"], match["line"], match["column"]
    where = f"line {line}, column {column} of the data"
    if what == "Expecting value" and match["char"] == "0":
        return Card(
            "The data that should be JSON is empty or begins with something else, such as an HTML page.",
            raised.here(),
        )
    if what == "Extra data":
        notes = ("One JSON value a line (JSON Lines) has to be read line by line.",) if line != "1" else ()
        return Card(f"After a complete JSON value, more follows at {where}.", raised.here(), notes)
    if what.startswith("Expecting property name"):
        return Card(
            f"At {where} a key in double quotes is missing: single quotes or a comma too many are no JSON.",
            raised.here(),
        )
    return Card(f"The data is no JSON at {where}: {what[:1].lower()}{what[1:]}.", raised.here())


def assertion(raised: Raised) -> Card | None:
    node = raised.only(raised.on_line(ast.Assert))
    if node is None:
        return None
    said = f": {raised.message}" if raised.message and not raised.message.startswith("assert ") else ""
    values = (raised.message,) if raised.message.startswith("assert ") else ()
    return Card(f"`{raised.code(node.test)}` does not hold{said}.", raised.here(), values)


def recursion(raised: Raised) -> Card | None:
    """The function that most frames are in, or the two that take turns."""
    frames = raised.case.problem.frames
    names = [frame.note for frame in frames if frame.note]
    parsed = raised.case.python
    function = parsed.function_around(raised.case.span) if parsed is not None else None
    often = [name for name, times in Counter(names).most_common(3) if times > 1]
    name = often[0] if often else function.name if function is not None and not names else ""
    if not name:
        return None
    calls = [node for node in raised.on_line(ast.Call) if raised.called(node) == name]
    if calls and function is not None and function.name == name:
        return Card(f"`{name}` calls itself in line {raised.case.line} and nothing stops it.", raised.here())
    if len(often) == 2 and abs(names.count(often[0]) - names.count(often[1])) <= 1:
        one, other = sorted(often)
        return Card(f"`{one}` and `{other}` call each other and nothing stops them.", raised.here())
    return Card(f"The calls of `{name}` never come to an end.", raised.here()) if names else None
