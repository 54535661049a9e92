"""Properties that are missing or too many: 2741, 2739, 2740, 2353, 2561, 2559."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.typescript.source import Source, expression_at, field, parent, source_of
from lsp_debugger.cards.typescript.types import Member, members_of, type_named
from lsp_debugger.cards.typescript.wording import chain, kind, listed, short
from lsp_debugger.core.ask import Card, Place
from lsp_debugger.syntax.likeness import likeliest, sketches

_ONE = re.compile(
    r"Property '(?P<names>[^']{1,200})' is missing in type '(?P<given>.{1,1500}?)' but required in type "
    r"'(?P<wanted>.{1,1500}?)'\.?$"
)
_SEVERAL = re.compile(
    r"Type '(?P<given>.{1,1500}?)' is missing the following properties from type '(?P<wanted>.{1,1500}?)': "
    r"(?P<names>.{1,1000})"
)
_MORE = re.compile(r",? and (?P<count>\d+) more\.?$")
_EXCESS = re.compile(
    r"Object literal may only specify known properties, (?:and|but) '(?P<name>[^']{1,200})' does not exist "
    r"in type '(?P<type>.{1,1500}?)'\."
    r"(?: Did you mean to write '(?P<meant>[^']{1,200})'\?)?"
)
_NOTHING_SHARED = re.compile(
    r"(?:Type|Value of type) '(?P<given>.{1,1500}?)' has no properties in common with type "
    r"'(?P<wanted>[^']{1,300})'"
)
_NAME = re.compile(r"[A-Za-z_$][\w$]*\Z")


def missing(case: Case) -> Card | None:
    source = source_of(case)
    return in_chain(case, source, chain(case.problem.message)[:1]) if source is not None else None


def in_chain(case: Case, source: Source, told: list[str]) -> Card | None:
    """A line of the message that says what is missing."""
    for line in told[:1]:
        match = _ONE.match(line) or _SEVERAL.match(line)
        if match is not None:
            return _missing(case, source, match)
    return None


def _missing(case: Case, source: Source, match: re.Match[str]) -> Card:
    names, wanted = match["names"], match["wanted"]
    more = _MORE.search(names)
    each = [name.strip() for name in _MORE.sub("", names).split(",")]
    count = f" and {more['count']} more" if more is not None else ""
    thing = type_named(case, source, wanted) if _NAME.match(wanted) else None
    found: Mapping[str, Member] = members_of(case, thing).found if thing is not None else {}
    places = [found[name].place(case) for name in each[:3] if name in found]
    if thing is not None and not places:
        places = [thing.place(case)]
    verb = "lack" if _subject(case, source, match["given"])[1] else "lacks"
    what = ", ".join(f"`{name}`" for name in each) + count if count else listed(each)
    return Card(
        f"{_subject(case, source, match['given'])[0]} {verb} {what}, which {short(wanted, 40)} requires.",
        tuple(places),
    )


def _subject(case: Case, source: Source, given: str) -> tuple[str, bool]:
    """What is being given a value, or is an argument."""
    at = expression_at(case, source)
    around = parent(source, at)
    if at.type == "return_statement" or case.code == "return":
        return "What is returned here", False
    if around is not None and around.type == "arguments":
        call = parent(source, around, "call_expression", "new_expression")
        called = field(call, "function") or field(call, "constructor")
        if called is not None:
            return f"`{source.shown(at, 40)}`, given to `{source.shown(called, 40)}`,", False
    if at.type in {"object", "return_statement"}:
        return f"This {short(given, 40)}", False
    return f"`{source.shown(at, 40)}`", False


def excess(case: Case) -> Card | None:
    """2353 and 2561."""
    source = source_of(case)
    return excess_in_chain(case, source, chain(case.problem.message)) if source is not None else None


def excess_in_chain(case: Case, source: Source, told: list[str]) -> Card | None:
    match = _EXCESS.match(told[0]) if told else None
    if match is None:
        return None
    name, wanted = match["name"], match["type"]
    thing = type_named(case, source, wanted) if _NAME.match(wanted) else None
    members = members_of(case, thing) if thing is not None else None
    found: Mapping[str, Member] = members.found if members is not None else {}
    if name in found:
        return None
    near = [match["meant"]] if match["meant"] else likeliest(name, [sketches(found)], 1)
    tail = f"; the nearest is `{near[0]}`" if near else ""
    places = [found[near[0]].place(case)] if near and near[0] in found else []
    if thing is not None:
        places.append(thing.place(case))
    free = [each for each in found if each not in _given(source, case)]
    notes = (
        (f"It has {listed(list(found))}.",)
        if members is not None and not near and free and members.complete
        else ()
    )
    return Card(f"{short(wanted, 50)} has no property `{name}`{tail}.", tuple(places), notes)


def _given(source: Source, case: Case) -> set[str]:
    """Names that the object literal sets already."""
    literal = source.nodes.around(case.span, "object")
    keys = [field(each, "key") for each in (literal.named_children if literal is not None else ())]
    return {source.text(key) for key in keys if key is not None}


def nothing_shared(case: Case) -> Card | None:
    """2559 and 2560: all of the wanted properties are optional, and none of them is there."""
    match = _NOTHING_SHARED.match(case.problem.message)
    source = source_of(case)
    if match is None or source is None:
        return None
    at = expression_at(case, source)
    thing = type_named(case, source, match["wanted"]) if _NAME.match(match["wanted"]) else None
    members: Mapping[str, Member] = members_of(case, thing).found if thing is not None else {}
    has = f", which has {listed(list(members))}" if members else ""
    places: tuple[Place, ...] = (thing.place(case),) if thing is not None else ()
    return Card(
        f"`{source.shown(at, 40)}` is {kind(match['given'])} and shares no property with "
        f"`{match['wanted']}`{has}.",
        places,
    )
