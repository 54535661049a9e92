"""Members that a type does not have: 2339, 2551, 2550, 2576, 2341, 2445."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.typescript.source import Source, field, node_at, parent, place, source_of
from lsp_debugger.cards.typescript.types import Members, TypeThing, members_of, type_named
from lsp_debugger.cards.typescript.wording import chain, kind, parts, promised
from lsp_debugger.core.ask import Card
from lsp_debugger.syntax.likeness import likeliest, sketches

if TYPE_CHECKING:
    from tree_sitter import Node

_MISSING = re.compile(
    r"Property '(?P<name>[^']{1,200})' does not exist on type '(?P<type>.{1,1500}?)'\.(?P<rest>.*)"
)
_MEANT = re.compile(r"Did you mean '(?P<name>[^']{1,200})'\?")
_STATIC = re.compile(r"Did you mean to access the static member '(?P<name>[^']{1,200})' instead\?")
_HIDDEN = re.compile(
    r"Property '(?P<name>[^']{1,200})' is (?P<how>private|protected) and only accessible within class "
    r"'(?P<type>[^']{1,200})'"
)
_LIBRARY = re.compile(r"Try changing the 'lib' compiler option to '(?P<lib>[\w.]+)'")
_NAME = re.compile(r"[A-Za-z_$][\w$]*\Z")
_GENERIC = re.compile(r"(?P<name>[A-Za-z_$][\w$]*)<.*>\Z")
_INPUTS = frozenset({"value", "checked", "files", "disabled", "selectedIndex", "form"})


def missing(case: Case) -> Card | None:
    match = _MISSING.match(chain(case.problem.message)[0] if case.problem.message.strip() else "")
    source = source_of(case)
    if match is None or source is None:
        return None
    name, printed = match["name"], match["type"]
    at = node_at(source, case.span)
    access = parent(source, at, "member_expression")
    owner = field(access, "object") if access is not None and _is_name_of(access, at) else None
    code = source.shown(owner, 40) if owner is not None else ""
    what = f"`{code}` is {kind(printed)} and has no" if code else f"{_capital(kind(printed))} has no"
    if code and printed == f"typeof {code}":
        what = f"`{code}` itself has no"
    return (
        _meant(case, source, match, what)
        or _of_union(case, source, name, printed, code)
        or _not_awaited(name, printed, code)
        or _special(case, source, name, printed, code)
        or _of_known(case, source, name, printed, what)
        or Card(f"{what} `{name}`.")
    )


def _is_name_of(access: Node, at: Node) -> bool:
    named = field(access, "property")
    return named is not None and named.start_byte == at.start_byte


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _meant(case: Case, source: Source, match: re.Match[str], what: str) -> Card | None:
    rest = match["rest"]
    if (static := _STATIC.search(rest)) is not None:
        owner, _, member = static["name"].rpartition(".")
        thing = type_named(case, source, owner)
        found = members_of(case, thing).found.get(member) if thing is not None else None
        return Card(
            f"`{member}` is a static member: it belongs to the class `{owner}` itself, not to its instances.",
            (found.place(case),) if found is not None else (),
        )
    if (library := _LIBRARY.search(rest)) is not None:
        return Card(
            f"{what} `{match['name']}` in the library that this project targets; `{library['lib']}` has it."
        )
    near = _MEANT.search(rest)
    if near is None:
        return None
    thing = _thing(case, source, match["type"])
    found = members_of(case, thing).found.get(near["name"]) if thing is not None else None
    places = (found.place(case),) if found is not None else ()
    return Card(f"{what} `{match['name']}`; the nearest is `{near['name']}`.", places)


def _thing(case: Case, source: Source, printed: str) -> TypeThing | None:
    """The one declared type that a printed type is about."""
    plain = printed.removeprefix("typeof ")
    generic = _GENERIC.match(plain)
    plain = generic["name"] if generic is not None else plain
    return type_named(case, source, plain) if _NAME.match(plain) else None


def _of_union(case: Case, source: Source, name: str, printed: str, code: str) -> Card | None:
    """Some of its types have the member, and the second line says which one does not."""
    told = chain(case.problem.message)[1:]
    inner = _MISSING.match(told[0]) if told else None
    if inner is None or inner["name"] != name:
        return None
    lacking = inner["type"]
    holders = [
        (part, members.found[name])
        for part in parts(printed)
        if part != lacking and (members := _members(case, source, part)) is not None and name in members.found
    ]
    thing = _thing(case, source, lacking)
    subject = f"`{code}` may also be {kind(lacking)}" if code else f"It may also be {kind(lacking)}"
    has = f"; {kind(holders[0][0])} has it" if holders else ""
    places = [holders[0][1].place(case)] if holders else []
    if thing is not None:
        places.append(thing.place(case))
    return Card(f"{subject}, which has no `{name}`{has}.", tuple(places))


def _members(case: Case, source: Source, printed: str) -> Members | None:
    thing = _thing(case, source, printed)
    return members_of(case, thing) if thing is not None else None


def _not_awaited(name: str, printed: str, code: str) -> Card | None:
    result = promised(printed)
    if not result or not code:
        return None
    return Card(f"`{code}` is a promise, not yet {kind(result)}: it has to be awaited before `.{name}`.")


def _special(case: Case, source: Source, name: str, printed: str, code: str) -> Card | None:  # noqa: PLR0911 - one for each type
    subject = f"`{code}`" if code else "This"
    if printed == "never":
        return Card(
            f"{subject} has the type `never` here: no value is left that could get here, so it has no "
            f"`{name}`."
        )
    if printed in {"{}", "object"}:
        return Card(
            f"{subject} is typed `{printed}`, which has no members of its own, so no `{name}` either."
        )
    if printed in {"EventTarget", "Element", "HTMLElement", "Node"} and name in _INPUTS:
        return Card(
            f"{subject} is typed as any `{printed}`, and `{name}` is only there on some elements, such as "
            "`HTMLInputElement`.",
            notes=("`instanceof HTMLInputElement` before it makes that sure.",),
        )
    if printed.startswith("Window & typeof globalThis"):
        return Card(
            f"`{name}` is not among the declared properties of `window`.",
            notes=("`declare global { interface Window { … } }` in a module declares what a script sets.",),
        )
    if not printed.endswith("[]") or not _NAME.match(printed[:-2]):
        return None
    members = _members(case, source, printed[:-2])
    member = members.found.get(name) if members is not None else None
    if member is None:
        return None
    return Card(
        f"{subject} is {kind(printed)}: `{name}` is on each `{printed[:-2]}` in it, not on the array.",
        (member.place(case),),
    )


def _of_known(case: Case, source: Source, name: str, printed: str, what: str) -> Card | None:
    thing = _thing(case, source, printed)
    if thing is None:
        return None
    members = members_of(case, thing)
    is_static = printed.startswith("typeof ")
    member = members.found.get(name)
    if is_static and member is not None and not member.is_static:
        return Card(
            f"`{thing.name}` is the class itself here; `{name}` is a member of its instances.",
            (member.place(case),),
        )
    private = members.found.get(f"#{name}")
    if private is not None:
        return Card(f"{what} `{name}`; `#{name}` is private to the class.", (private.place(case),))
    if member is not None:
        return None  # the type is another one of that name
    fitting = [
        each
        for each, one in members.found.items()
        if one.is_static == is_static or thing.node.type == "enum_declaration"
    ]
    near = likeliest(name, [sketches(fitting)], 1)
    tail = f"; the nearest is `{near[0]}`" if near else ""
    places = [members.found[near[0]].place(case)] if near else []
    return Card(f"{what} `{name}`{tail}.", (*places, thing.place(case)))


def hidden(case: Case) -> Card | None:
    """2341 and 2445: it is there, and not for this place."""
    match = _HIDDEN.match(case.problem.message)
    source = source_of(case)
    if match is None or source is None:
        return None
    name, owner = match["name"], match["type"]
    thing = type_named(case, source, owner)
    member = members_of(case, thing).found.get(name) if thing is not None else None
    who = f"`{owner}` itself" if match["how"] == "private" else f"`{owner}` and classes that extend it"
    return Card(
        f"`{name}` is {match['how']}: only code in {who} may use it.",
        (place(case, member.source, member.node, f"`{member.signature}`"),) if member is not None else (),
    )
