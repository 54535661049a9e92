"""Every node of a tree, by cursor: linear in time and flat on the stack, however deep the tree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node, Tree


def walk(tree: Tree, start_byte: int = 0, end_byte: int | None = None) -> Iterator[tuple[Node, int]]:
    """(node, depth) of the nodes that overlap the range, outer before inner, in order.

    Not tree-sitter's queries: they take seconds on broken text (100,000 open brackets), and the
    callback that would stop them crashes the process in 0.26. Nor `Node.parent`, which starts at
    the root each time.
    """
    end_byte = tree.root_node.end_byte + 1 if end_byte is None else end_byte
    cursor, depth = tree.walk(), 0
    while True:
        node = cursor.node
        if node is None or node.start_byte >= end_byte:
            return
        overlaps = node.end_byte > start_byte or node.start_byte >= start_byte
        if overlaps:
            yield node, depth
            if cursor.goto_first_child():
                depth += 1
                continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return
            depth -= 1
