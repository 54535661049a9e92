"""Members that a type does not have, or that are asked for in the wrong way."""

from __future__ import annotations

import re

from lsp_debugger.cards.c.lookup import Found, declaration_of, has_bases, members, type_named
from lsp_debugger.cards.c.wording import Rule, a_kind, bare_type, code, kind, rule
from lsp_debugger.cards.case import Case
from lsp_debugger.core.ask import Card, CertainEdit, Place, Replacement
from lsp_debugger.core.text import Span
from lsp_debugger.syntax.likeness import likeliest, sketches

# Members that people expect since other containers, or later standards, have them.
_NEWER = {
    ("string", "contains"): "`find(…) != std::string::npos` asks the same before C++23.",
    ("string", "starts_with"): "`rfind(…, 0) == 0` asks the same before C++20.",
    ("string", "ends_with"): "Standard strings have it since C++20.",
    ("vector", "contains"): "`std::find(begin, end, value) != end` asks that of a vector.",
    ("vector", "find"): "`std::find(begin, end, value)` looks in a vector.",
    ("vector", "sort"): "`std::sort(begin, end)` sorts a vector.",
    ("vector", "push"): "A vector grows with `push_back`.",
    ("map", "contains"): "`count(key) != 0` asks the same before C++20.",
    ("set", "contains"): "`count(key) != 0` asks the same before C++20.",
}


def no_member(case: Case, match: re.Match[str]) -> Card | None:
    name, owner = match["name"], match["type"]
    if match["type"].startswith("namespace ") or owner == "std":
        return None
    short = bare_type(owner)
    found = type_named(case, short)
    if found is None:
        return _library_member(name, owner, match.groupdict().get("other") or "")
    return _of_type(case, found, name, owner, match.groupdict().get("other") or "")


def _of_type(case: Case, found: Found, name: str, owner: str, suggested: str) -> Card:
    table = members(found)
    near = suggested if suggested in table else next(iter(likeliest(name, [sketches(table)], 1)), "")
    begun = [each for each in table if each.startswith(name) or name.startswith(each)]
    near = near or (begun[0] if len(begun) == 1 else "")
    path = case.shown(found.path)
    shown = kind(owner.removeprefix("const "))
    if near:
        place = Place(path, found.nodes.line(table[near]), code(found.text(table[near])))
        return Card(f"{shown} has no member `{name}`; the nearest is `{near}`.", (place,))
    note = "Bases of it were not looked at." if has_bases(found) else ""
    told = ", ".join(f"`{each}`" for each in list(table)[:6])
    notes = tuple(filter(None, (f"It has {told}." if table and len(table) <= 6 else "", note)))
    return Card(f"{shown} has no member `{name}`.", (Place(path, found.line, f"defines {shown}"),), notes)


def _library_member(name: str, owner: str, suggested: str) -> Card | None:
    if "std::" not in owner:
        return Card(f"{kind(owner)} has no member `{name}`.") if not suggested else None
    plain = re.search(r"std::(?:__cxx11::)?(?:basic_)?(\w+)", owner)
    note = _NEWER.get((plain[1], name), "") if plain is not None else ""
    tail = f"; the nearest is `{suggested}`" if suggested else ""
    return Card(
        f"{kind(owner.replace('const class ', '').replace('const ', ''))} has no member `{name}`{tail}.",
        notes=(note,) if note else (),
    )


def dot_on_pointer(case: Case, match: re.Match[str]) -> Card | None:
    return _wrong_access(case, ".", "->", match.groupdict().get("type") or "")


def arrow_on_value(case: Case, match: re.Match[str]) -> Card | None:
    return _wrong_access(case, "->", ".", match.groupdict().get("type") or "")


def _wrong_access(case: Case, written: str, right: str, printed: str) -> Card | None:
    nodes = case.nodes
    access = nodes.around(case.span, "field_expression") if nodes is not None else None
    operand = access.child_by_field_name("argument") if access is not None else None
    operator = access.child_by_field_name("operator") if access is not None else None
    if nodes is None or operand is None or operator is None or nodes.text(operator) != written:
        return None
    name = nodes.text(operand)
    declared = declaration_of(case, name)
    places = (case.here(declared.line, code(declared.text())),) if declared is not None else ()
    what = "a pointer" if right == "->" else "no pointer"
    kinds = f": it is {a_kind(printed)}" if printed and declared is None else ""
    member = nodes.text(access)[len(name) + len(written) :] if access is not None else ""
    return Card(
        f"{code(name)} is {what}{kinds}, so its member is {code(f'{name}{right}{member.strip()}')}.",
        places,
        edit=_other_access(case, nodes.span(operator), right),
    )


def _other_access(case: Case, span: Span, right: str) -> CertainEdit | None:
    if case.problem.source.lower() not in {"gcc", "g++", "cc"}:
        return None
    title = f"Write `{right}` instead of `{span.of(case.snapshot.text)}`"
    return CertainEdit(title, case.snapshot.uri, case.snapshot.version, (Replacement(span, right),))


def member_of_no_class(case: Case, match: re.Match[str]) -> Card | None:
    name, owner, printed = match["name"], match["owner"], match["type"]
    if printed.endswith("*"):
        return dot_on_pointer(case, match)
    return Card(
        f"{code(owner)} is {a_kind(printed)}, which has no members: there is no `{name}` in it.",
        _asked_for(case),
    )


def _asked_for(case: Case) -> tuple[Place, ...]:
    """Who gave a template this type."""
    return tuple(
        Place(case.shown(place.path), place.line, "is what asks for it")
        for place in case.problem.related
        if place.note == "is what asks for it" or place.note.endswith("requested here")
    )[:2]


def incomplete(case: Case, match: re.Match[str]) -> Card | None:
    printed = match["type"]
    name = bare_type(printed)
    line = _announced(case, name)
    if not name or type_named(case, name) is not None:
        return None
    access = case.nodes.around(case.span, "field_expression") if case.nodes is not None else None
    member = access.child_by_field_name("field") if access is not None else None
    what = (
        f"its member `{case.nodes.text(member)}`" if member is not None and case.nodes is not None else "it"
    )
    return Card(
        f"{kind(printed)} is only announced here, so {what} cannot be used: its definition is not included.",
        (case.here(line, "announces it without a body"),) if line else (),
    )


def _announced(case: Case, name: str) -> int:
    match = re.search(rf"\b(?:struct|class|union)[ \t]+{re.escape(name)}[ \t]*;", case.snapshot.text)
    return case.snapshot.lines.line_of(match.start()) + 1 if match is not None else 0


RULES: tuple[Rule, ...] = (
    rule(
        r"'(?P<type>{q})' has no member named '(?P<name>{q})'(?:; did you mean '(?P<other>{q})'\?)?",
        no_member,
    ),
    rule(
        r"no member named '(?P<name>{q})' in '(?P<type>{q})'(?:; did you mean '(?P<other>{q})'\?)?", no_member
    ),
    rule(r"'{q}' is a pointer; did you mean to use '->'", dot_on_pointer),
    rule(r"member reference type '(?P<type>{q})' is a pointer; did you mean to use '->'", dot_on_pointer),
    rule(r"base operand of '->' has non-pointer type '(?P<type>{q})'", arrow_on_value),
    rule(r"invalid type argument of '->' \(have '(?P<type>{q})'\)", arrow_on_value),
    rule(r"member reference type '(?P<type>{q})' is not a pointer; did you mean to use '\.'", arrow_on_value),
    rule(
        r"request for member '(?P<name>{q})' in '(?P<owner>{q})', which is of (?:non-class|pointer) type "
        r"'(?P<type>{q})'",
        member_of_no_class,
    ),
    rule(r"invalid use of (?:undefined|incomplete) type '(?P<type>{q})'", incomplete),
    rule(r"incomplete definition of type '(?P<type>{q})'", incomplete),
    rule(r"member access into incomplete type '(?P<type>{q})'", incomplete),
)
