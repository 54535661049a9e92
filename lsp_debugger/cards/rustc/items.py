"""Structs, enums, functions and traits of the project, as the grammar reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lsp_debugger.cards.case import Case
from lsp_debugger.core.ask import Place
from lsp_debugger.core.text import Snapshot, Span
from lsp_debugger.syntax.nodes import Nodes

if TYPE_CHECKING:
    from tree_sitter import Node

TYPES = ("struct_item", "enum_item", "union_item")
_DERIVE = re.compile(r"derive\s*\(([^)]{0,400})\)")
_MAX_MEMBERS = 200
_NAME = re.compile(r"^(?:&(?:'\w{1,40} )?(?:mut )?){0,4}(?:\w+::)*(?P<name>[A-Za-z_]\w*)(?:<.*>)?$")


@dataclass(frozen=True)
class Item:
    """A definition with the text that it stands in. line: 1-based, of its own first word."""

    name: str
    path: str
    line: int
    node: Node
    nodes: Nodes
    snapshot: Snapshot

    @property
    def header(self) -> str:
        """The definition up to its body."""
        body = self.node.child_by_field_name("body")
        end = body.start_byte if body is not None else self.node.end_byte
        text = self.node.text or b""
        return " ".join(text[: end - self.node.start_byte].decode("utf-8", "replace").split()).rstrip(" {;")

    @property
    def derives(self) -> list[str]:
        """What its `#[derive(…)]` attributes name, without paths."""
        found = list[str]()
        for attribute in self.attributes():
            for names in _DERIVE.findall(self.nodes.text(attribute)):
                found += [name.strip().rpartition("::")[2] for name in names.split(",") if name.strip()]
        return found

    def attributes(self) -> Iterator[Node]:
        """Those right before it, nearest first."""
        before = self.node.prev_sibling
        while before is not None and before.type in ("attribute_item", "line_comment", "block_comment"):
            if before.type == "attribute_item":
                yield before
            before = before.prev_sibling

    @property
    def fields(self) -> dict[str, str]:
        """Types by the names of a struct's fields; of a tuple struct by their numbers."""
        return fields_of(self.node, self.nodes)

    @property
    def variants(self) -> list[str]:
        body = self.node.child_by_field_name("body")
        named = body.named_children if body is not None else []
        names = (each.child_by_field_name("name") for each in named if each.type == "enum_variant")
        return [self.nodes.text(name) for name in names if name is not None][:_MAX_MEMBERS]

    def place(self, case: Case, note: str = "") -> Place:
        return Place(case.shown(self.path), self.line, note or f"`{self.header[:120]}`")


def fields_of(node: Node, nodes: Nodes) -> dict[str, str]:
    body = node.child_by_field_name("body")
    if body is None:
        return {}
    if body.type == "ordered_field_declaration_list":
        kinds = body.children_by_field_name("type")
        return {str(at): nodes.text(kind) for at, kind in enumerate(kinds[:_MAX_MEMBERS])}
    found = dict[str, str]()
    for each in body.named_children[:_MAX_MEMBERS]:
        name, kind = each.child_by_field_name("name"), each.child_by_field_name("type")
        if each.type == "field_declaration" and name is not None and kind is not None:
            found[nodes.text(name)] = nodes.text(kind)
    return found


def item_at(case: Case, path: str, line: int, *types: str) -> Item | None:
    """The definition of one of the types that begins on that line."""
    snapshot = case.snapshot if path == case.path else case.around.read(path)
    view = case.around.syntax.view(snapshot) if snapshot is not None else None
    if snapshot is None or view is None or not 1 <= line <= len(snapshot.lines):
        return None
    nodes = view.nodes
    for node in reversed(nodes.path_to(_first_word(snapshot, line))):
        name = node.child_by_field_name("name")
        if node.type in types and name is not None and line in (nodes.line(node), nodes.line(name)):
            return Item(nodes.text(name), path, line, node, nodes, snapshot)
    return None


def _first_word(snapshot: Snapshot, line: int) -> Span:
    """Where the line's text begins."""
    whole = snapshot.lines.span_of(line - 1)
    text = whole.of(snapshot.text)
    start = whole.start + len(text) - len(text.lstrip())
    return Span(start, start)


def item_named(case: Case, kind: str, *types: str) -> Item | None:
    """The one definition in the project of the type that rustc prints as `kind`.

    rustc leaves modules out only where the name is the only one of its kind.
    """
    found = _NAME.match(kind)
    if found is None:
        return None
    known = case.around.symbols.definitions(found["name"], case.path)
    wanted = types or TYPES
    items = [
        item
        for each in known
        if each.kind != "import" and each.path.endswith(".rs")
        and (item := item_at(case, each.path, each.start_line, *wanted)) is not None
    ]  # fmt: skip
    return items[0] if len(items) == 1 else None


def function_around(case: Case) -> Item | None:
    """The innermost function that the finding is in, closures and async blocks passed over."""
    nodes = case.nodes
    node = nodes.around(case.span, "function_item", "function_signature_item") if nodes is not None else None
    name = node.child_by_field_name("name") if node is not None else None
    if nodes is None or node is None or name is None:
        return None
    return Item(nodes.text(name), case.path, nodes.line(node), node, nodes, case.snapshot)


def returned(function: Item) -> str:
    """The function's return type as it is written; empty where it has none."""
    kind = function.node.child_by_field_name("return_type")
    return " ".join(function.nodes.text(kind).split()) if kind is not None else ""


def parameters(function: Item) -> dict[str, str]:
    """Types by the names of plain parameters, in their order; `self` is left out."""
    listed = function.node.child_by_field_name("parameters")
    found = dict[str, str]()
    for each in listed.named_children if listed is not None else []:
        name, kind = each.child_by_field_name("pattern"), each.child_by_field_name("type")
        if each.type == "parameter" and name is not None and kind is not None:
            found[function.nodes.text(name)] = function.nodes.text(kind)
    return found


def self_parameter(function: Item) -> str:
    """`&self`, `&mut self`, `self`; empty in functions without it."""
    listed = function.node.child_by_field_name("parameters")
    each = listed.named_children if listed is not None else []
    return next((function.nodes.text(one) for one in each if one.type == "self_parameter"), "")


def binding_of(case: Case, name: str) -> tuple[Node, int] | None:
    """The last `let` or parameter before the finding that binds the plain name, with its line."""
    function, nodes = function_around(case), case.nodes
    if function is None or nodes is None:
        return None
    found: tuple[Node, int] | None = None
    for node in nodes.within(nodes.span(function.node), "let_declaration", "parameter"):
        if nodes.span(node).start >= case.span.start:
            break
        pattern = node.child_by_field_name("pattern")
        if pattern is not None and nodes.text(pattern) == name:
            found = (node, nodes.line(node))
    return found
