"""Names that nothing declares, or that stand for something else than they are used as."""

from __future__ import annotations

import os.path
import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import TYPE_CHECKING

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.typescript.modules import exports
from lsp_debugger.cards.typescript.packages import lists_package
from lsp_debugger.cards.typescript.scopes import Declared, declarations, declared, visible
from lsp_debugger.cards.typescript.source import (
    FUNCTIONS,
    Source,
    field,
    name_of_function,
    node_at,
    parent,
    place,
    source_at,
    source_of,
)
from lsp_debugger.cards.typescript.types import members_named
from lsp_debugger.core.ask import Card
from lsp_debugger.syntax.likeness import likeliest, sketches

if TYPE_CHECKING:
    from tree_sitter import Node

_UNKNOWN = re.compile(
    r"(?:Cannot find (?:name|namespace)|No value exists in scope for the shorthand property) "
    r"'(?P<name>[^']{1,200})'"
)
_MEANT = re.compile(r"Did you mean (?:the (?:instance|static) member )?'(?P<name>[^']{1,200})'\?")
_INSTALL = re.compile(r"type definitions for (?P<what>node|jQuery|a test runner|Bun)\?")
_LIBRARY = re.compile(
    r"Try changing the 'lib' compiler option to '?(?P<lib>[\w.]+)'?|to include '(?P<dom>dom)'"
)
_IDENTIFIER = re.compile(r"[A-Za-z_$][\w$]*\Z")
_TYPES = {
    "node": ("Node.js", "@types/node"),
    "jQuery": ("jQuery", "@types/jquery"),
    "a test runner": ("a test runner", ""),
    "Bun": ("Bun", "@types/bun"),
}
_FIRST = re.compile(r"'(?P<name>[^']{1,200})'")


def unknown(case: Case) -> Card | None:
    match = _UNKNOWN.match(case.problem.message)
    source = source_of(case)
    if match is None or source is None or not _IDENTIFIER.match(match["name"]):
        return None
    name, at = match["name"], node_at(source, case.span)
    return (
        _of_environment(case, name)
        or _meant(case, source, name, at)
        or _elsewhere_here(case, source, name, at)
        or _exported_elsewhere(case, name)
        or _nearest(case, source, name, at)
        or Card(
            f"`{name}` is neither declared nor imported in this file, and no global of that name is known."
        )
    )


def _of_environment(case: Case, name: str) -> Card | None:
    if wanted := _INSTALL.search(case.problem.message):
        what, package = _TYPES[wanted["what"]]
        said = f"`{name}` looks like a global of {what}, whose types this project does not load."
        if not package:
            return Card(said)
        if lists_package(case, package):
            return Card(
                said,
                notes=(f"package.json lists `{package}`: is it installed, and in `types` if there are any?",),
            )
        return Card(said, notes=(f"`{package}` has them.",))
    if library := _LIBRARY.search(case.problem.message):
        lib = library["lib"] or library["dom"]
        return Card(
            f"`{name}` is declared in the library `{lib}`, which `lib` of this project does not include."
        )
    return None


def _meant(case: Case, source: Source, name: str, at: Node) -> Card | None:
    match = _MEANT.search(case.problem.message)
    if match is None or not _IDENTIFIER.match(match["name"]):
        return None
    near = match["name"]
    thing = declared(source, near, at)
    if thing is None:
        return Card(f"`{name}` is not declared; the nearest name is `{near}`.")
    return Card(
        f"`{name}` is not declared; the nearest name is `{near}` (line {source.line(thing.node)}).",
        (place(case, source, thing.node, _declares(thing)),),
    )


def _declares(thing: Declared) -> str:
    words = {"parameter": "the parameter", "import": "imports", "catch": "the caught"}
    return f"{words.get(thing.kind, thing.kind)} `{thing.name}`"


def _elsewhere_here(case: Case, source: Source, name: str, at: Node) -> Card | None:
    """Declared in the file, where this place does not see it."""
    others = [each for each in declarations(source).get(name, ()) if each.kind != "type parameter"]
    if not others:
        return None
    near = min(others, key=lambda each: abs(source.line(each.node) - case.line))
    line = source.line(near.node)
    function = near.scope if near.scope.type in FUNCTIONS else parent(source, near.scope, *FUNCTIONS)
    holds_both = function is None or (
        function.start_byte <= at.start_byte and at.end_byte <= function.end_byte
    )
    owner = name_of_function(source, function) if function is not None and not holds_both else ""
    end = source.last_line(near.scope)
    if owner:
        where = f"inside of `{owner}`, and is not seen here"
    elif end < case.line:
        where = f"in a block that ends in line {end}"
    else:
        where = "in a block that this line is not in"
    return Card(
        f"`{name}` is declared in line {line}, {where}.",
        (place(case, source, near.node, _declares(near)),),
    )


def _exported_elsewhere(case: Case, name: str) -> Card | None:
    known = [each for each in case.around.symbols.definitions(name, case.path) if each.kind != "import"]
    places = dict.fromkeys(each.path for each in known if each.path != case.path)
    for path in list(places)[:5]:
        there = source_at(case, path)
        found = exports(there).get(name) if there is not None else None
        if there is not None and found is not None:
            where = f"{case.shown(path)}:{there.line(found.node)}"
            return Card(
                f"`{name}` is not imported here; {where} exports it.",
                (place(case, there, found.node, f"`{there.first_line(found.node)}`"),),
                (f'`import {{ {name} }} from "{_specifier(case.path, path)}"`',),
            )
    return None


def _specifier(here: str, there: str) -> str:
    relative = PurePath(os.path.relpath(there, PurePath(here).parent)).as_posix()
    stem = re.sub(r"(?:\.d)?\.[cm]?[jt]sx?$", "", relative)
    return stem if stem.startswith(".") else f"./{stem}"


def _nearest(case: Case, source: Source, name: str, at: Node) -> Card | None:
    is_type = at.type == "type_identifier"
    seen = {
        each.name: each
        for each in visible(source, at).values()
        if each.kind in {"class", "enum", "import"} or each.is_type_only == is_type
    }
    for near in likeliest(name, [sketches(seen)], 1):
        thing = seen[near]
        return Card(
            f"`{name}` is not declared; the nearest name is `{near}` (line {source.line(thing.node)}).",
            (place(case, source, thing.node, _declares(thing)),),
        )
    return None


def member_without_this(case: Case) -> Card | None:
    """2663 and 2662: the compiler says which member is meant."""
    match = _UNKNOWN.match(case.problem.message)
    meant = _MEANT.search(case.problem.message)
    source = source_of(case)
    if match is None or meant is None or source is None:
        return None
    name, full = match["name"], meant["name"]
    around = parent(
        source, node_at(source, case.span), "class_declaration", "class", "abstract_class_declaration"
    )
    named = field(around, "name")
    members = members_named(case, source, source.text(named)) if named is not None else None
    member = members.found.get(name) if members is not None else None
    owner = f" of `{source.text(named)}`" if named is not None else ""
    return Card(
        f"`{name}` is a member{owner}, and members are written `{full}`.",
        (member.place(case),) if member is not None else (),
    )


def type_as_value(case: Case) -> Card | None:
    """2693: it is gone when the program runs."""
    match = _FIRST.match(case.problem.message)
    source = source_of(case)
    if match is None or source is None:
        return None
    name = match["name"]
    thing = declared(source, name, node_at(source, case.span))
    if thing is None:
        return Card(f"`{name}` is only a type: when the program runs, nothing of that name is there.")
    what = {"interface": "an interface", "type": "a type alias", "type parameter": "a type parameter"}.get(
        thing.kind
    )
    if what is None:
        return Card(f"`{name}` is only a type: when the program runs, nothing of that name is there.")
    return Card(
        f"`{name}` is {what}: when the program runs, nothing of that name is there.",
        (place(case, source, thing.node, f"`{source.first_line(thing.whole)}`"),),
    )


def value_as_type(case: Case) -> Card | None:
    """2749: a value where a type is wanted."""
    match = _FIRST.match(case.problem.message)
    source = source_of(case)
    if match is None or source is None:
        return None
    name = match["name"]
    thing = declared(source, name, node_at(source, case.span))
    places = (
        (place(case, source, thing.node, f"`{source.first_line(thing.whole)}`"),) if thing is not None else ()
    )
    return Card(f"`{name}` is a value, not a type; the type of that value is `typeof {name}`.", places)


def not_in_namespace(case: Case) -> Card | None:
    """2694 and 2724 about a namespace of the same file."""
    source = source_of(case)
    match = _IN_NAMESPACE.match(case.problem.message)
    if source is None or match is None:
        return None
    space, name = match["space"], match["name"]
    thing = next((each for each in declarations(source).get(space, ()) if each.kind == "namespace"), None)
    if thing is None:
        return None
    exported = dict(_exports_of(source, thing.whole))
    inner = declarations(source).get(name, ())
    hidden = next(
        (each for each in inner if each.scope.id == (b.id if (b := field(thing.whole, "body")) else 0)), None
    )
    if hidden is not None and name not in exported:
        return Card(
            f"`{space}` declares `{name}` in line {source.line(hidden.node)} and does not export it.",
            (place(case, source, hidden.node, f"`{source.first_line(hidden.whole)}`"),),
        )
    near = likeliest(name, [sketches(exported)], 1)
    tail = f"; the nearest is `{near[0]}`" if near else ""
    where = exported[near[0]] if near else thing.whole
    return Card(
        f"The namespace `{space}` exports no `{name}`{tail}.",
        (place(case, source, where, f"`{source.first_line(where)}`"),),
    )


_IN_NAMESPACE = re.compile(
    r"(?:Namespace )?'(?P<space>[^'\"]{1,200})' has no exported member (?:named )?'(?P<name>[^']{1,200})'"
)


def _exports_of(source: Source, namespace: Node) -> Iterator[tuple[str, Node]]:
    body = field(namespace, "body")
    for statement in body.named_children if body is not None else ():
        declaration = field(statement, "declaration") if statement.type == "export_statement" else None
        name = field(declaration, "name")
        if declaration is not None and name is not None:
            yield source.text(name), declaration
