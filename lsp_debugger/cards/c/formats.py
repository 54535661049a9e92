"""printf and scanf: which conversion meets which argument."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lsp_debugger.cards.c.lookup import Found, arguments, call_around, declaration_of
from lsp_debugger.cards.c.wording import Rule, a_kind, code, counted, rule
from lsp_debugger.cards.case import Case
from lsp_debugger.core.ask import Card, Place
from lsp_debugger.core.text import Span

if TYPE_CHECKING:
    from tree_sitter import Node

_CONVERSION = re.compile(
    r"%(?:%|[-+ #0']*(?P<width>\*|\d+)?(?:\.(?P<precision>\*|\d+)?)?(?P<how>(?:hh|h|ll|l|j|z|t|L"
    r"|q)?[a-zA-Z]))"
)
_RIGHT = {
    "int": "%d",
    "unsigned int": "%u",
    "unsigned": "%u",
    "long": "%ld",
    "long int": "%ld",
    "unsigned long": "%lu",
    "long unsigned int": "%lu",
    "long long": "%lld",
    "long long int": "%lld",
    "unsigned long long": "%llu",
    "long long unsigned int": "%llu",
    "size_t": "%zu",
    "ssize_t": "%zd",
    "ptrdiff_t": "%td",
    "intmax_t": "%jd",
    "uintmax_t": "%ju",
    "double": "%f",
    "float": "%f",
    "long double": "%Lf",
    "char *": "%s",
    "const char *": "%s",
    "void *": "%p",
    "const void *": "%p",
    "bool": "%d",
    "_Bool": "%d",
    "char": "%c",
}
# Their width is another one elsewhere: a macro of <inttypes.h> stands for the conversion.
_MACROS = {
    f"{sign}int{bits}_t": f'"%" PRI{letter}{bits}'
    for sign, letter in (("", "d"), ("u", "u"))
    for bits in (32, 64)
}
_SCANS = ("scanf", "fscanf", "sscanf", "vscanf")


def mismatch(case: Case, match: re.Match[str]) -> Card | None:
    call = call_around(case)
    if call is None:
        return None
    number = match.groupdict().get("number")
    given = arguments(call)
    if number is not None:
        at = int(number) - 1
        value = call.text(given[at]) if 0 <= at < len(given) else ""
        conversion = match["conversion"]
    else:
        value, conversion = _from_clang(case, call)
    if not value:
        return None
    has, wants = match["has"], match["wants"]
    is_scan = _name(call) in _SCANS
    shown = f"`{conversion}`" if conversion else "The conversion"
    notes = _scan_notes(value, has, wants) if is_scan else _print_notes(has)
    return Card(
        f"{shown} takes {a_kind(wants)}, and its argument {code(value)} is {a_kind(has)}.",
        _declared(case, value),
        notes,
    )


def _name(call: Found) -> str:
    function = call.node.child_by_field_name("function")
    return call.text(function) if function is not None else ""


def _print_notes(has: str) -> tuple[str, ...]:
    if has in _MACROS:
        return (f"The conversion for it is `{_MACROS[has]}`, from `<inttypes.h>`.",)
    right = _RIGHT.get(has)
    return (f"The conversion for {a_kind(has)} is `{right}`.",) if right is not None else ()


def _scan_notes(value: str, has: str, wants: str) -> tuple[str, ...]:
    if wants.replace(" ", "") == f"{has.replace(' ', '')}*":
        return (f"It is written to, so its address is wanted: `&{value}`.",)
    return ()


def _declared(case: Case, value: str) -> tuple[Place, ...]:
    found = declaration_of(case, value) if value.isidentifier() else None
    return (
        (case.here(found.line, code(found.text())),) if found is not None and found.line != case.line else ()
    )


def _from_clang(case: Case, call: Found) -> tuple[str, str]:
    """It points at the argument, or at the conversion in the string: each is found from the other."""
    given = arguments(call)
    at = next(
        (place for place, each in enumerate(given) if _holds(call.nodes.span(each), case.span)),
        None,
    )
    text = _format(given)
    if at is None or text is None:
        return "", ""
    string, first = text
    conversions = _conversions(call.text(given[string]))
    if at == string:
        offset = case.span.start - call.nodes.span(given[string]).start
        here = next(
            (place for place, each in enumerate(conversions) if each[1].start <= offset < each[1].end), None
        )
        if here is None or first + here >= len(given):
            return "", ""
        return call.text(given[first + here]), conversions[here][0]
    index = at - first
    return call.text(given[at]), conversions[index][0] if 0 <= index < len(conversions) else ""


def _holds(outer: Span, inner: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _format(given: list[Node]) -> tuple[int, int] | None:
    """Which argument is the format, and which is the first that it converts."""
    for place, each in enumerate(given):
        if each.type in {"string_literal", "concatenated_string"}:
            return place, place + 1
    return None


def _conversions(literal: str) -> list[tuple[str, Span]]:
    """Those that take an argument, where each takes one; empty where a width is an argument too."""
    found = [each for each in _CONVERSION.finditer(literal) if each["how"]]
    if any(each["width"] == "*" or each["precision"] == "*" for each in found):
        return []
    return [(each[0], Span(each.start(), each.end())) for each in found]


def missing(case: Case, match: re.Match[str]) -> Card | None:
    call = call_around(case)
    if call is None:
        return None
    counts = _counts(call)
    if counts is None:
        return None
    conversions, values = counts
    return Card(
        f"`{_name(call)}` has {counted(conversions, 'conversion')} for {counted(values, 'argument')}: "
        f"`{match.groupdict().get('conversion') or case.code.strip() or '%'}` finds none."
    )


def extra(case: Case, _match: re.Match[str]) -> Card | None:
    call = call_around(case)
    counts = _counts(call) if call is not None else None
    if call is None or counts is None:
        return None
    conversions, values = counts
    given = arguments(call)
    left = [call.text(each) for each in given[len(given) - (values - conversions) :]]
    if values <= conversions:
        return None
    return Card(
        f"`{_name(call)}` has {counted(conversions, 'conversion')} for "
        f"{counted(values, 'argument')}: nothing prints "
        f"{code(', '.join(left))}."
    )


def _counts(call: Found) -> tuple[int, int] | None:
    given = arguments(call)
    place = _format(given)
    if place is None:
        return None
    literal = call.text(given[place[0]])
    if "*" in literal or "PRI" in literal:
        return None
    return len(_conversions(literal)), len(given) - place[1]


def not_literal(case: Case, _match: re.Match[str]) -> Card | None:
    call = call_around(case)
    given = arguments(call) if call is not None else []
    if call is None or not given:
        return None
    name = _name(call)
    at = 1 if name in {"fprintf", "dprintf", "syslog", "sprintf"} else 2 if name == "snprintf" else 0
    if at >= len(given):
        return None
    value = call.text(given[at])
    before = "".join(f"{call.text(each)}, " for each in given[:at])
    return Card(
        f"{code(value)} is used as the format: a `%` in it makes `{name}` read arguments that are not there.",
        _declared(case, value),
        (f'`{name}({before}"%s", {value})` prints it as it is.',),
    )


def too_small(case: Case, _match: re.Match[str]) -> Card | None:
    call = call_around(case)
    given = arguments(call) if call is not None else []
    size = next(
        (each for each in case.problem.related if "bytes into a destination of size" in each.note), None
    )
    sizes = re.search(
        r"output (?:between (?P<low>\d+) and (?P<high>\d+)|(?P<just>\d+)|(?P<least>\d+) or more) bytes? "
        r"into a destination of size (?P<size>\d+)",
        size.note if size is not None else case.problem.message[:500],
    )
    if call is None or not given or sizes is None:
        return None
    target = call.text(given[0])
    low, high = sizes["low"], sizes["high"]
    needs = f"{low} to {high}" if low else sizes["just"] or f"{sizes['least']} or more"
    note = (
        f"`snprintf({target}, sizeof {target}, …)` never writes past it." if _name(call) == "sprintf" else ""
    )
    return Card(
        f"`{_name(call)}` writes {needs} bytes to {code(target)}, which has {sizes['size']}.",
        _declared(case, target),
        (note,) if note and _is_array(case, target) else (),
    )


def _is_array(case: Case, name: str) -> bool:
    found = declaration_of(case, name) if name.isidentifier() else None
    return found is not None and f"{name}[" in found.text().replace(" ", "")


RULES: tuple[Rule, ...] = (
    rule(
        r"format '(?P<conversion>{q})' expects argument of type '(?P<wants>{q})', but argument "
        r"(?P<number>\d+) has type '(?P<has>{q})'",
        mismatch,
    ),
    rule(
        r"format specifies type '(?P<wants>{q})' but the argument has (?:underlying )?type '(?P<has>{q})'",
        mismatch,
    ),
    rule(r"format '(?P<conversion>{q})' expects a matching '{q}' argument", missing),
    rule(r"more '%' conversions than data arguments", missing),
    rule(r"too many arguments for format", extra),
    rule(r"data argument not used by format string", extra),
    rule(r"format (?:string is )?not a string literal", not_literal),
    rule(r"format string is not a string literal", not_literal),
    rule(r"'sn?printf' (?:may write|writing|output)|'[^'\n]{1,80}' directive (?:writing|output)", too_small),
)
