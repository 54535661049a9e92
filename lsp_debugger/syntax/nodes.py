"""A parsed text's nodes by code-point spans, for whoever has to look at the code itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lsp_debugger.core.text import LineIndex, Span
from lsp_debugger.syntax.offsets import ByteMap
from lsp_debugger.syntax.walk import walk

if TYPE_CHECKING:
    from tree_sitter import Node, Tree


class Nodes:
    """Node types are the grammar's. Nothing here raises; broken source has nodes of type ERROR."""

    def __init__(self, tree: Tree, positions: ByteMap, text: str) -> None:
        self._tree = tree
        self._positions = positions
        self._lines = LineIndex(text)
        self.root: Node = tree.root_node

    def text(self, node: Node) -> str:
        return self._positions.source[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def span(self, node: Node) -> Span:
        return Span(self._positions.offset_of(node.start_byte), self._positions.offset_of(node.end_byte))

    def line(self, node: Node) -> int:
        """1-based line of the node's first character, as the snapshot counts lines."""
        return self._lines.line_of(self._positions.offset_of(node.start_byte)) + 1

    def path_to(self, span: Span) -> list[Node]:
        """From the root down to the smallest node that holds the whole span; the root stands first."""
        start, end = self._positions.byte_of(span.start), self._positions.byte_of(span.end)
        path = [self.root]
        while True:
            inner = next(
                (
                    child
                    for child in path[-1].children
                    if child.start_byte <= start and end <= child.end_byte and child.end_byte > start
                ),
                None,
            )
            if inner is None:
                return path
            path.append(inner)

    def exactly(self, span: Span) -> Node | None:
        """The outermost named node that covers `span` and nothing else."""
        return next((node for node in self.path_to(span) if node.is_named and self.span(node) == span), None)

    def around(self, span: Span, *types: str) -> Node | None:
        """The innermost node of one of the types that holds the whole span."""
        return next((node for node in reversed(self.path_to(span)) if node.type in types), None)

    def within(self, span: Span, *types: str) -> Iterator[Node]:
        """Nodes of the types (of any type without one) that lie in `span`, in order, outer before inner."""
        start, end = self._positions.byte_of(span.start), self._positions.byte_of(span.end)
        for node, _ in walk(self._tree, start, end):
            if start <= node.start_byte and node.end_byte <= end and (not types or node.type in types):
                yield node
