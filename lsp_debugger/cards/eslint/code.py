"""The JavaScript around a finding, as its grammar reads it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lsp_debugger.cards.case import Case
from lsp_debugger.core.ask import Place
from lsp_debugger.core.text import Span

if TYPE_CHECKING:
    from tree_sitter import Node

    from lsp_debugger.syntax.nodes import Nodes

_SHOWN_CHARS = 60
FUNCTIONS = ("function_declaration", "function_expression", "arrow_function", "method_definition")


def shown(nodes: Nodes, node: Node | None) -> str:
    """Its code on one line, in backticks, cut."""
    text = " ".join(nodes.text(node).split()) if node is not None else ""
    return f"`{text if len(text) <= _SHOWN_CHARS else text[: _SHOWN_CHARS - 1] + '…'}`"


def around(case: Case, *types: str) -> tuple[Nodes, Node] | None:
    """The innermost node of one of the types that holds the finding."""
    nodes = case.nodes
    node = nodes.around(case.span, *types) if nodes is not None else None
    return (nodes, node) if nodes is not None and node is not None else None


def parent(nodes: Nodes, node: Node) -> Node | None:
    path = nodes.path_to(nodes.span(node))
    holders = [each for each in path if each.id != node.id and each.end_byte >= node.end_byte]
    holders = [each for each in holders if each.start_byte < node.start_byte or each.end_byte > node.end_byte]
    return holders[-1] if holders else None


def before(nodes: Nodes, node: Node) -> Iterator[Node]:
    """What stands before it in the same parent, nearest first; comments are left out."""
    holder = parent(nodes, node)
    if holder is None:
        return
    earlier = [each for each in holder.named_children if each.end_byte <= node.start_byte]
    yield from (each for each in reversed(earlier) if each.type != "comment")


def place(case: Case, nodes: Nodes, node: Node, note: str = "") -> Place:
    line = nodes.line(node)
    text = case.snapshot.line_text(line - 1).strip()
    return case.here(line, note or f"`{text}`")


def declarations(nodes: Nodes, name: str, span: Span | None = None) -> Iterator[Node]:
    """The identifiers that declare `name` in the file, or in `span` of it, in order."""
    whole = span or nodes.span(nodes.root)
    for node in nodes.within(whole, *_DECLARING):
        target = node.child_by_field_name("name")
        if node.type in {"required_parameter", "optional_parameter"}:
            target = node.child_by_field_name("pattern")
        if target is not None and nodes.text(target) == name:
            yield target


_DECLARING = (
    "variable_declarator",
    "function_declaration",
    "generator_function_declaration",
    "class_declaration",
    "import_specifier",
    "required_parameter",
    "optional_parameter",
)
