"""Declarations: twice, too late, never set, not to be changed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.typescript.annotated import member_at
from lsp_debugger.cards.typescript.scopes import Declared, declarations, declared, uses
from lsp_debugger.cards.typescript.source import (
    Source,
    expression_at,
    field,
    node_at,
    parent,
    place,
    source_of,
)
from lsp_debugger.cards.typescript.types import members_named
from lsp_debugger.core.ask import Card

if TYPE_CHECKING:
    from tree_sitter import Node

_QUOTED = re.compile(r"'(?P<name>[^'\n]{1,200})'")
_CLASS = ("class_declaration", "class", "abstract_class_declaration")


def _named(case: Case) -> str:
    match = _QUOTED.search(case.problem.message)
    return match["name"] if match is not None else ""


def _thing(case: Case) -> tuple[Source, Declared] | None:
    """The declaration that the name under the finding means."""
    source = source_of(case)
    thing = declared(source, _named(case), node_at(source, case.span)) if source is not None else None
    return (source, thing) if source is not None and thing is not None else None


def unassigned(case: Case) -> Card | None:
    """2454: not every way to this line sets it."""
    found = _thing(case)
    if found is None:
        return None
    source, thing = found
    line = source.line(thing.node)
    shown = place(case, source, thing.whole, f"`{source.first_line(thing.whole)}`")
    if line > case.line:
        return Card(f"`{thing.name}` is read here, before its declaration in line {line} has run.", (shown,))
    before = [
        each
        for each in _assignments(source, thing)
        if each.start_byte < node_at(source, case.span).start_byte
    ]
    if field(thing.whole, "value") is not None:
        return None
    if not before:
        return Card(
            f"`{thing.name}` is declared in line {line} without a value, and nothing sets it before it is "
            "read here.",
            (shown,),
        )
    sets = tuple(place(case, source, each, f"sets it: `{source.first_line(each)}`") for each in before[:2])
    return Card(
        f"`{thing.name}` has no value on some way to here: what sets it does not always run.", (*sets, shown)
    )


def _assignments(source: Source, thing: Declared) -> list[Node]:
    found: list[Node] = []
    for use in uses(source, thing):
        around = parent(source, use)
        if around is not None and around.type == "assignment_expression" and field(around, "left") == use:
            found.append(around)
    return found


def too_early(case: Case) -> Card | None:
    """2448, 2449 and 2450."""
    found = _thing(case)
    if found is None:
        return None
    source, thing = found
    line = source.line(thing.node)
    if line < case.line:
        return None
    shown = place(case, source, thing.whole, f"`{source.first_line(thing.whole)}`")
    if line == case.line:
        return Card(f"`{thing.name}` is used in its own declaration, before it has a value.", (shown,))
    return Card(
        f"`{thing.name}` is used here, and its `{thing.kind}` runs only in line {line}: until then it has "
        "no value.",
        (shown,),
    )


def constant(case: Case) -> Card | None:
    """2588."""
    found = _thing(case)
    if found is None:
        return None
    source, thing = found
    line = source.line(thing.node)
    return Card(
        f"`{thing.name}` is a `const` (line {line}) and keeps the value that it got there.",
        (place(case, source, thing.whole, f"`{source.first_line(thing.whole)}`"),),
    )


def imported(case: Case) -> Card | None:
    """2632: only the file that exports it can."""
    found = _thing(case)
    if found is None:
        return None
    source, thing = found
    if thing.kind != "import":
        return None
    return Card(
        f"`{thing.name}` is imported, and only the module that declares it can give it another value.",
        (place(case, source, thing.whole, f"`{source.first_line(thing.whole)}`"),),
        ("A function that is exported from there can set it.",),
    )


def twice(case: Case) -> Card | None:  # noqa: PLR0911 - one for each pair
    """2451, 2300, 2393, 2323, 2440, 2528: the other declarations of the same name."""
    source = source_of(case)
    name = _named(case) or case.code
    if source is None or not name:
        return None
    at = node_at(source, case.span)
    members = _same_members(case, source, name, at)
    if members:
        return members
    here = next(
        (
            each
            for each in declarations(source).get(name, ())
            if each.node.start_byte <= at.start_byte < each.node.end_byte
        ),
        None,
    )
    if here is None:
        return None
    others = [
        each for each in declarations(source)[name] if each.scope.id == here.scope.id and each is not here
    ]
    if not others:
        return None
    other = others[0]
    line = source.line(other.node)
    kinds = {each.kind for each in (here, other)}
    shown = place(case, source, other.node, f"`{source.first_line(other.whole)}`")
    if kinds == {"import"} or "import" in kinds:
        which = "imports" if other.kind == "import" else "declares"
        return Card(f"`{name}` stands for two things in this file: line {line} {which} it too.", (shown,))
    when = "already" if other.node.start_byte < here.node.start_byte else "again"
    if kinds == {"function"}:
        notes = ("Overloads have one body, in the last of them; the others end with `;`.",)
        return Card(
            f"`{name}` has a body here and {when} in line {line}: a function is written once.",
            (shown,),
            notes,
        )
    return Card(f"`{name}` is declared {when} in line {line}, in the same scope.", (shown,))


def _same_members(case: Case, source: Source, name: str, at: Node) -> Card | None:
    body = parent(source, at, "class_body", "interface_body", "object_type", "enum_body")
    if body is None:
        return None
    # A member of an enum without a value is its name alone.
    named = [(each, field(each, "name") or field(each, "property") or each) for each in body.named_children]
    same = [(each, label) for each, label in named if source.text(label) == name]
    others = [each for each, label in same if label.start_byte != at.start_byte]
    if not others or len(others) == len(same):
        return None
    owner = field(parent(source, body), "name")
    of = f" of `{source.text(owner)}`" if owner is not None else ""
    line = source.line(others[0])
    return Card(
        f"`{name}`{of} is declared twice: line {line} has it too.",
        (place(case, source, others[0], f"`{source.first_line(others[0])}`"),),
    )


def read_only(case: Case) -> Card | None:
    """2540, 2542: why it cannot be set."""
    source = source_of(case)
    if source is None:
        return None
    at = expression_at(case, source)
    access = at if at.type == "member_expression" else parent(source, at, "member_expression")
    member = member_at(case, source, access) if access is not None else None
    name = _named(case) or case.code
    code = source.shown(access, 40) if access is not None else name
    if member is None or member.name != name:
        return Card(f"`{name}` in `{code}` can only be read.") if access is not None else None
    shown = (member.place(case),)
    if any(child.type == "get" for child in member.node.children):
        return Card(f"`{name}` of `{member.owner}` has a getter and no setter: it can only be read.", shown)
    if member.is_readonly:
        return Card(
            f"`{name}` of `{member.owner}` is `readonly`: it gets its value when the object is made.", shown
        )
    return Card(f"`{name}` in `{code}` can only be read.", shown)


def uninitialised(case: Case) -> Card | None:
    """2564: a field of a class that no constructor sets."""
    source = source_of(case)
    name = _named(case)
    if source is None or not name:
        return None
    body = parent(source, node_at(source, case.span), "class_body")
    owner = field(parent(source, body) if body is not None else None, "name")
    if body is None:
        return None
    maker = next(
        (
            each
            for each in body.named_children
            if each.type == "method_definition" and source.text(field(each, "name") or each) == "constructor"
        ),
        None,
    )
    members = members_named(case, source, source.text(owner)) if owner is not None else None
    member = members.found.get(name) if members is not None else None
    of = f" of `{source.text(owner)}`" if owner is not None else ""
    if maker is not None:
        return Card(
            f"`{name}`{of} has no value of its own, and the constructor does not surely set it.",
            (place(case, source, maker, f"`{source.first_line(maker)}`"),),
        )
    sets = _setter(source, body, name)
    kind = source.shown(member.type, 30) if member is not None and member.type is not None else ""
    notes = (
        (f"If it may be missing, its type is `{kind} | undefined`.",)
        if kind and "undefined" not in kind
        else ()
    )
    if sets is not None:
        places = (place(case, source, sets, f"sets it: `{source.first_line(sets)}`"),)
        return Card(
            f"`{name}`{of} has no value until line {source.line(sets)} runs: there is no constructor that "
            "sets it.",
            places,
            notes,
        )
    return Card(f"`{name}`{of} has no value, and no constructor gives it one.", (), notes)


def _setter(source: Source, body: Node, name: str) -> Node | None:
    for each in source.nodes.within(source.nodes.span(body), "assignment_expression"):
        left = field(each, "left")
        if left is not None and source.text(left) == f"this.{name}":
            return each
    return None
