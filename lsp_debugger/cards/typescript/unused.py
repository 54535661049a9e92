"""What is declared and not used, and code that never runs: 6133, 6138, 6192, 6196, 6198, 7027."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.typescript.scopes import Declared, declarations, declared, uses
from lsp_debugger.cards.typescript.source import (
    Source,
    field,
    function_around,
    name_of_function,
    node_at,
    parent,
    place,
    source_of,
)
from lsp_debugger.cards.typescript.wording import listed
from lsp_debugger.core.ask import Card
from lsp_debugger.syntax.likeness import likeliest, sketches

if TYPE_CHECKING:
    from tree_sitter import Node

_QUOTED = re.compile(r"'(?P<name>[^'\n]{1,200})'")
_ENDS = frozenset({"return_statement", "throw_statement", "break_statement", "continue_statement"})


def unused(case: Case) -> Card | None:
    match = _QUOTED.search(case.problem.message)
    source = source_of(case)
    if match is None or source is None:
        return None
    name = match["name"]
    start = source.nodes.exactly(case.span) or node_at(source, case.span)
    end = max(start.end_byte, start.start_byte + 1)
    named = declarations(source).get(name, ())
    thing = next((each for each in named if start.start_byte <= each.node.start_byte < end), None)
    if thing is None or case.problem.message.startswith("Property"):
        return _member(source, name, start)
    if thing.kind == "import":
        specifier = field(thing.whole, "source")
        origin = f", imported from `{source.text(specifier)[1:-1]}`," if specifier is not None else ""
        return Card(f"`{name}`{origin} is not used in this file.")
    return _set_only(case, source, thing) or _looked_for(case, source, thing) or _plain(source, thing)


def _set_only(case: Case, source: Source, thing: Declared) -> Card | None:
    """It gets values, and nobody reads them."""
    writes = [each for each in uses(source, thing) if _is_write(source, each)]
    if not writes:
        return None
    shown = case.snapshot.line_text(source.line(writes[-1]) - 1).strip()[:50].replace("`", "'")
    return Card(
        f"`{thing.name}` is set and never read.",
        (place(case, source, writes[-1], f"sets it last: `{shown}`"),),
    )


def _looked_for(case: Case, source: Source, thing: Declared) -> Card | None:
    """A name elsewhere that may mean this one: out of its reach, or misspelt."""
    name = thing.name
    for node in source.nodes.within(source.nodes.span(source.nodes.root), "identifier"):
        if source.text(node) == name and declared(source, name, node) is None:
            last = source.last_line(thing.scope)
            note = f"reads `{name}`, which ends with its block in line {last}"
            return Card(f"`{name}` is never read where it can be seen.", (place(case, source, node, note),))
    near = _meant(source, thing)
    if near is None:
        return None
    other = source.text(near)
    return Card(
        f"`{name}` is never read; `{other}`, which nothing declares, looks like it.",
        (place(case, source, near, f"reads `{other}`"),),
    )


def _plain(source: Source, thing: Declared) -> Card:
    name = thing.name
    if thing.kind == "parameter":
        function = function_around(source, thing.node)
        owner = name_of_function(source, function) if function is not None else ""
        of = f" of `{owner}`" if owner else ""
        notes = (
            (f"`_{name}` says that it is only there for its place.",)
            if _is_before_used(source, thing)
            else ()
        )
        return Card(f"The parameter `{name}`{of} is never read.", (), notes)
    if thing.kind in {"class", "enum", "function", "interface", "type"}:
        as_value = thing.is_type_only and next(uses(source, thing), None) is not None
        how = "never used as a type" if as_value else "not used anywhere in this file"
        return Card(f"The {thing.kind} `{name}` is declared and {how}.")
    return Card(f"`{name}` is declared and never read.")


def _member(source: Source, name: str, at: Node) -> Card | None:
    body = parent(source, at, "class_body")
    owner = field(parent(source, body) if body is not None else None, "name")
    if owner is None:
        return None
    return Card(f"`{name}` is private to `{source.text(owner)}`, which never reads it.")


def _is_write(source: Source, use: Node) -> bool:
    around = parent(source, use)
    return around is not None and (
        (
            around.type in {"assignment_expression", "augmented_assignment_expression"}
            and field(around, "left") == use
        )
        or around.type == "update_expression"
    )


def _is_before_used(source: Source, thing: Declared) -> bool:
    """A later parameter is used, so this one has to stay in its place."""
    listing = parent(source, thing.node, "formal_parameters")
    if listing is None or not thing.name[:1].isalpha():
        return False
    later = [
        each
        for many in declarations(source).values()
        for each in many
        if each.kind == "parameter"
        and each.scope.id == thing.scope.id
        and each.node.start_byte > thing.node.start_byte
    ]
    return any(next(iter(uses(source, each)), None) is not None for each in later)


def _meant(source: Source, thing: Declared) -> Node | None:
    """A name in the same scope that nothing declares and that looks like this one."""
    known = declarations(source)
    others = {
        source.text(node): node
        for node in source.nodes.within(
            source.nodes.span(thing.scope), "identifier", "shorthand_property_identifier"
        )
        if source.text(node) not in known
    }
    near = likeliest(thing.name, [sketches(others)], 1)
    return others[near[0]] if near and near[0] not in _GLOBALS else None


_GLOBALS = frozenset(
    [
        "Array",
        "Boolean",
        "Date",
        "Error",
        "Infinity",
        "JSON",
        "Map",
        "Math",
        "NaN",
        "Number",
        "Object",
        "Promise",
        "Proxy",
        "RegExp",
        "Set",
        "String",
        "Symbol",
        "console",
        "document",
        "fetch",
        "globalThis",
        "isNaN",
        "module",
        "name",
        "parseFloat",
        "parseInt",
        "process",
        "require",
        "self",
        "status",
        "top",
        "undefined",
        "window",
    ]
)


def import_unused(case: Case) -> Card | None:
    """6192: the whole statement."""
    source = source_of(case)
    statement = source.nodes.around(case.span, "import_statement") if source is not None else None
    if source is None or statement is None:
        return None
    names = [
        name for name, each in declarations(source).items() if any(one.whole == statement for one in each)
    ]
    specifier = field(statement, "source")
    where = f" from `{source.text(specifier)[1:-1]}`" if specifier is not None else ""
    return Card(f"Nothing of this import is used: {listed(names)}{where}.") if names else None


def destructured(case: Case) -> Card | None:
    """6198."""
    source = source_of(case)
    if source is None:
        return None
    pattern = source.nodes.around(case.span, "object_pattern", "array_pattern")
    names = [
        name
        for name, each in declarations(source).items()
        if pattern is not None
        and any(pattern.start_byte <= one.node.start_byte < pattern.end_byte for one in each)
    ]
    return Card(f"None of {listed(names)} is read.") if names else None


def unreachable(case: Case) -> Card | None:
    """7027: what ends the way before it."""
    source = source_of(case)
    if source is None:
        return None
    path = source.nodes.path_to(case.span)
    for block in reversed(path):
        if block.type not in {"statement_block", "program", "switch_case", "switch_default"}:
            continue
        before = [
            each
            for each in block.named_children
            if each.end_byte <= source.nodes.path_to(case.span)[-1].start_byte
            or source.nodes.span(each).end <= case.span.start
        ]
        ending = next((each for each in reversed(before) if each.type in _ENDS), None)
        if ending is not None:
            first = case.code.partition("\n")[0].strip()[:40].replace("`", "'")
            return Card(
                f"`{first}` never runs: line {source.line(ending)} leaves before it.",
                (place(case, source, ending, f"`{source.first_line(ending)}`"),),
            )
    return None
