"""Calls that do not fit what is called: how many arguments, of which types, on which object."""

from __future__ import annotations

import re

from lsp_debugger.cards.c.lookup import (
    arguments,
    call_around,
    call_of,
    declaration_of,
    definitions,
    function_place,
    parameters_at,
)
from lsp_debugger.cards.c.wording import Rule, a_kind, code, counted, kind, listed, plain_note, related, rule
from lsp_debugger.cards.case import Case
from lsp_debugger.core.ask import Card, Place

_NAME = re.compile(r"(?P<name>~?\w+|operator[^\s(]{1,3})\s*(?:<[^()]{0,200}>)?\s*\(")

_FROM_TO = r"'(?P<from>{q})' to (?:parameter of (?:incompatible )?type )?'(?P<to>{q})'"


def count(case: Case, match: re.Match[str]) -> Card | None:
    named = (match.groupdict().get("name") or "").partition("(")[0]
    name = named.rpartition(" ")[2].rpartition("::")[2]
    call = call_of(case, name) if name else call_around(case)
    function = call.node.child_by_field_name("function") if call is not None else None
    if call is None or function is None:
        return None
    name = name or re.split(r"->|\.|::", call.text(function))[-1]
    given = arguments(call)
    place = related(case, "declared here")
    parameters = parameters_at(case, place, name) or _parameters_of(case, name)
    if parameters is None:
        return Card(f"{code(call.text())} gives `{name}` {counted(len(given), 'argument')}: {match['how']}.")
    wanted = [each for each in parameters if each[0] != "..."]
    places = _signature(case, name, place)
    says = f"`{name}` takes {counted(len(wanted), 'argument')} and gets {len(given)}"
    if len(given) < len(wanted):
        missing = [short or full for full, short in wanted[len(given) :]]
        return Card(f"{says}: {listed(missing)} {'is' if len(missing) == 1 else 'are'} missing.", places)
    extra = [call.text(each) for each in given[len(wanted) :]]
    what = code(", ".join(extra))
    return Card(f"{says}: there is no parameter for {what}.", places) if extra else None


def _parameters_of(case: Case, name: str) -> list[tuple[str, str]] | None:
    place = function_place(case, name)
    if place is None:
        return None
    found = definitions(case, name, "function", "method")[0]
    return parameters_at(case, Place(found.path, found.start_line), name)


def _signature(case: Case, name: str, place: Place | None) -> tuple[Place, ...]:
    """Where the function is declared, with its signature."""
    own = function_place(case, name)
    if own is not None:
        return (own,)
    return (Place(case.shown(place.path), place.line, f"declares `{name}`"),) if place is not None else ()


def argument(case: Case, match: re.Match[str]) -> Card | None:
    """As gcc says it: `passing argument N of 'f' …`; the types stand in the note at the parameter."""
    name, number = match["name"].rpartition("::")[2], int(match["number"])
    call = call_of(case, name)
    given = arguments(call) if call is not None else []
    note = related(case, "but argument is of type")
    types = re.search(
        r"expected '([^'\n]{1,200})' but argument is of type '([^'\n]{1,200})'", plain_note(note)
    )
    if call is None or not 1 <= number <= len(given) or types is None:
        return None
    wanted, has = types[1], types[2]
    return mismatch(case, name, number, call.text(given[number - 1]), has, wanted)


def mismatch(case: Case, name: str, number: int, value: str, has: str, wanted: str) -> Card:
    place = related(case, "but argument is of type", "to parameter", "initializing argument", "declared here")
    parameters = parameters_at(case, place, name)
    parameter = parameters[number - 1] if parameters and len(parameters) >= number else ("", "")
    what = f"parameter `{parameter[1]}` of `{name}`" if parameter[1] else f"argument {number} of `{name}`"
    places = (
        (Place(case.shown(place.path), place.line, f"`{name}` declares {code(parameter[0])}"),)
        if place is not None and parameter[0]
        else _signature(case, name, place)
    )
    return Card(
        f"{code(value)} is {a_kind(has)}, but {what} is {a_kind(wanted)}.",
        (*places, *_declared(case, value)),
        advice(value, has, wanted),
    )


def _declared(case: Case, value: str) -> tuple[Place, ...]:
    found = declaration_of(case, value) if value.isidentifier() else None
    return (case.here(found.line, code(found.text())),) if found is not None else ()


def advice(value: str, has: str, wanted: str) -> tuple[str, ...]:
    given, want = has.replace(" ", ""), wanted.replace(" ", "")
    plain = re.sub(r"^const", "", want)
    if plain == f"{re.sub(r'^const', '', given)}*":
        return (f"`&{value}` is its address.",)
    if f"{plain}*" == re.sub(r"^const", "", given):
        return (f"`*{value}` is what it points to.",)
    if given.startswith("const") and given.removeprefix("const") == want:
        return (f"If it is only read, declare the parameter {kind('const ' + wanted)}.",)
    if "string" in given and want in {"constchar*", "char*"}:
        return (f"`{value}.c_str()` is its text as C has it.",) if want == "constchar*" else ()
    return ()


def discarded(case: Case, match: re.Match[str]) -> Card | None:
    name, number = match["name"].rpartition("::")[2], int(match["number"])
    return argument(case, match) or const_lost(case, f"argument {number} of `{name}`")


def const_lost(case: Case, where: str) -> Card | None:
    value = case.code.strip()
    return (
        Card(f"{code(value)} points to what is `const`, and {where} could change it.", _declared(case, value))
        if value
        else None
    )


def clang_argument(case: Case, match: re.Match[str]) -> Card | None:
    call = call_around(case)
    value = case.code.strip()
    place = related(case, "passing argument to parameter")
    named = re.search(r"parameter '(\w+)'", plain_note(place))
    if call is None or not value:
        return None
    function = call.node.child_by_field_name("function")
    name = re.split(r"->|\.|::", call.text(function))[-1] if function is not None else ""
    given = [call.text(each) for each in arguments(call)]
    whole = next((each for each in given if each == value), "")
    if not whole:
        return None
    if named is None:
        return Card(
            f"{code(whole)} is {a_kind(match['from'])}, but `{name}` takes {a_kind(match['to'])} there.",
            _declared(case, whole),
        )
    shown = (
        (Place(case.shown(place.path), place.line, f"declares `{named[1]}`"),) if place is not None else ()
    )
    return Card(
        f"{code(whole)} is {a_kind(match['from'])}, but parameter `{named[1]}` of `{name}` is "
        f"{a_kind(match['to'])}.",
        (*shown, *_declared(case, whole)),
        advice(whole, match["from"], match["to"]),
    )


def const_object(case: Case, match: re.Match[str]) -> Card | None:
    name = (match.groupdict().get("name") or "").rpartition("::")[2]
    place = related(case, "in call to", "declared here")
    of = _NAME.search(plain_note(place).partition("'")[2]) if place is not None else None
    name = name or (of["name"] if of is not None else "")
    call = call_of(case, name) if name else call_around(case)
    function = call.node.child_by_field_name("function") if call is not None else None
    owner = function.child_by_field_name("argument") if function is not None else None
    if call is None or owner is None or not name:
        return None
    value = call.text(owner)
    places = (Place(case.shown(place.path), place.line, f"`{name}` is not marked `const`"),) if place else ()
    return Card(
        f"`{value}` is `const`, and `{name}` does not promise to leave its object as it is.",
        (*places, *_declared(case, value)),
        (f"If `{name}` changes nothing, write `const` behind its parameters.",),
    )


def no_function(case: Case, _match: re.Match[str]) -> Card | None:
    call = call_around(case)
    function = call.node.child_by_field_name("function") if call is not None else None
    if call is None or function is None:
        return None
    name = call.text(function)
    found = declaration_of(case, name.lstrip("*"))
    places = (Place(case.shown(found.path), found.line, code(found.text())),) if found is not None else ()
    own = definitions(case, name, "variable")
    places = places or tuple(case.place(each) for each in own[:1])
    return Card(f"`{name}` is called like a function and is none.", places)


RULES: tuple[Rule, ...] = (
    rule(r"(?P<how>too (?:few|many) arguments) to (?:function|method) '(?P<name>{q})'", count),
    rule(
        r"(?P<how>too (?:few|many) arguments) to function call, expected (?:at (?:least|most) )?\d+, "
        r"have \d+",
        count,
    ),
    rule(
        r"passing argument (?P<number>\d+) of '(?P<name>{q})' "
        r"(?:from incompatible|makes (?:pointer|integer) from)",
        argument,
    ),
    rule(r"incompatible type for argument (?P<number>\d+) of '(?P<name>{q})'", argument),
    rule(r"passing argument (?P<number>\d+) of '(?P<name>{q})' discards '", discarded),
    rule(
        r"incompatible (?:pointer types|(?:integer|pointer) to (?:pointer|integer) conversion) passing "
        + _FROM_TO,
        clang_argument,
    ),
    rule(r"passing " + _FROM_TO + r"(?: discards qualifiers)?", clang_argument),
    rule(r"passing '{q}' as 'this' argument(?: of '(?P<name>{q})')? discards qualifiers", const_object),
    rule(
        r"'this' argument to member function '(?P<name>{q})' has type '{q}', but function is not",
        const_object,
    ),
    rule(r"called object (?:type )?'{q}' is not a function", no_function),
    rule(r"'{q}' cannot be used as a function", no_function),
)
