"""Numbers that are too large for what is done with them, or that are none."""

from __future__ import annotations

import ast
from collections.abc import Callable

from lsp_debugger.cards.exceptions.raised import Raised
from lsp_debugger.core.ask import Card


def overflow(raised: Raised) -> Card | None:
    for start, make in _OVERFLOWS:
        if raised.message.startswith(start):
            return make(raised)
    return None


def _too_large(raised: Raised) -> Card | None:
    powers = [node for node in raised.on_line(ast.BinOp) if isinstance(node.op, ast.Pow)]
    calculation = raised.only(powers) or raised.only(raised.on_line(ast.Call))
    if calculation is None:
        return None
    return Card(f"`{raised.code(calculation)}` is larger than a float can be.", raised.here())


def _infinite(raised: Raised) -> Card | None:
    call = raised.call_of("int", "round", "floor", "ceil", "trunc")
    if call is None or not call.args:
        return None
    value = call.args[0]
    said = f"`{raised.code(value)}` is infinite, and no integer is"
    return Card(f"{said}.", (*raised.here(), *raised.made(value)))


def _too_few_bytes(raised: Raised) -> Card | None:
    call = raised.call_of("to_bytes")
    if call is None:
        return None
    said = f"`{raised.owner(call)}` needs more bytes than `{raised.code(call)}` allows"
    return Card(f"{said}.", raised.here())


def _no_sign(raised: Raised) -> Card | None:
    call = raised.call_of("to_bytes")
    if call is None:
        return None
    said = f"`{raised.owner(call)}` is negative, and `{raised.code(call)}` has no room for a sign"
    return Card(f"{said}.", raised.here(), ("`signed=True` makes it.",))


def _date(raised: Raised) -> Card | None:
    return Card("The date lies outside of the years 1 to 9999.", raised.here())


_OVERFLOWS: tuple[tuple[str, Callable[[Raised], Card | None]], ...] = (
    ("math range error", _too_large),
    ("(34, 'Numerical result out of range')", _too_large),
    ("cannot convert float infinity to integer", _infinite),
    ("int too big to convert", _too_few_bytes),
    ("can't convert negative int to unsigned", _no_sign),
    ("date value out of range", _date),
)


def invalid_decimal(raised: Raised) -> Card | None:
    """decimal.InvalidOperation, by the condition that it names."""
    if "ConversionSyntax" in raised.message:
        call = raised.call_of("Decimal")
        if call is None or not call.args:
            return None
        value = call.args[0]
        return Card(
            f"`{raised.code(value)}`, which `{raised.code(call)}` gets, is no text of a number.",
            (*raised.here(), *raised.made(value)),
        )
    if "DivisionUndefined" in raised.message:
        return Card("Zero is divided by zero here, which has no value.", raised.here())
    return None
