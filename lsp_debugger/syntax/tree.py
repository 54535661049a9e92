"""Parsed snapshots behind `core.ports.Syntax`."""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from lsp_debugger.core.ports import Scope
from lsp_debugger.core.text import Snapshot, Span
from lsp_debugger.syntax.grammars import Grammar, grammar_for, language_of
from lsp_debugger.syntax.nodes import Nodes
from lsp_debugger.syntax.offsets import ByteMap
from lsp_debugger.syntax.outline import Named, Outline, contents_of, outline_of
from lsp_debugger.syntax.walk import walk

if TYPE_CHECKING:
    from tree_sitter import Node, Tree

MAX_TEXT_CHARS = 2_000_000
PARSE_TIMEOUT_S = 1.0
_MAX_VIEWS = 8
_MAX_CACHED_CHARS = 2_000_000  # a tree takes about ten times its text


class TreeView:
    """One parsed text. Broken source gives what could be read of it; nothing here raises."""

    def __init__(self, text: str, grammar: Grammar, tree: Tree, positions: ByteMap) -> None:
        self.text = text
        self._grammar = grammar
        self._tree = tree
        self._positions = positions

    @cached_property
    def outline(self) -> Outline:
        return outline_of(self._tree, self._grammar.shape, self._positions)

    @cached_property
    def nodes(self) -> Nodes:
        return Nodes(self._tree, self._positions, self.text)

    @cached_property
    def has_error(self) -> bool:
        return self._tree.root_node.has_error

    def scope_at(self, offset: int) -> Scope | None:
        """A scope's last point belongs to it, unless another one begins there."""
        innermost: Named | None = None
        for named in self._scopes[: bisect_right(self._starts, offset)]:
            ends_there = innermost is None or innermost.span.end <= offset
            if offset < named.span.end or (offset == named.span.end and ends_there):
                innermost = named
        if innermost is None:
            return None
        return Scope(innermost.qualname, innermost.kind, innermost.span, innermost.header)

    def imports(self) -> Sequence[Span]:
        return self.outline.imports

    def identifiers(self, span: Span) -> Sequence[str]:
        """Each name once, in order of appearance; keywords are none."""
        kinds = self._grammar.shape.identifiers
        source = self._positions.source
        names = (
            source[node.start_byte : node.end_byte].decode("utf-8", "replace")
            for node in self._nodes(span)
            if node.type in kinds
        )
        return list(dict.fromkeys(name for name in names if name))

    def literals(self, span: Span) -> Sequence[Span]:
        """Contents of string and bytes literals, quotes and interpolations excluded, cut to `span`."""
        kinds = self._grammar.shape.strings
        clipped = (
            Span(max(content.start, span.start), min(content.end, span.end))
            for node in self._nodes(span)
            if node.type in kinds
            for content in contents_of(node, self._grammar.shape, self._positions)
        )
        return sorted(literal for literal in clipped if literal.start < literal.end)

    @cached_property
    def _scopes(self) -> list[Named]:
        return sorted(self.outline.scopes(), key=lambda named: (named.span.start, -named.span.end))

    @cached_property
    def _starts(self) -> list[int]:
        return [named.span.start for named in self._scopes]

    def _nodes(self, span: Span) -> Iterator[Node]:
        start, end = self._positions.byte_of(span.start), self._positions.byte_of(span.end)
        return (node for node, _ in walk(self._tree, start, end))


def parse_view(text: str, language_id: str, timeout_s: float = PARSE_TIMEOUT_S) -> TreeView | None:
    """None when no grammar reads the language, or the text is too long or too far from it."""
    grammar = grammar_for(language_id)
    if grammar is None or len(text) > MAX_TEXT_CHARS:
        return None
    positions = ByteMap(text)
    tree = grammar.parse(positions.source, timeout_s)
    return None if tree is None else TreeView(text, grammar, tree, positions)


class TreeSitterSyntax:
    """Implements `core.ports.Syntax`. Remembers the last few trees; safe in any thread.

    A first view costs about 0.2 s a megabyte: above some 50 KB call it from a thread. Views are
    parsed anew, never patched: tree-sitter repairs broken text differently after an edit than at
    first sight, and the same text has to give the same prompt.
    """

    def __init__(self) -> None:
        self._views: OrderedDict[tuple[str, str], TreeView | None] = OrderedDict()
        self._lock = threading.Lock()

    def view(self, snapshot: Snapshot) -> TreeView | None:
        """None when there is no grammar for the language or the text is over two million characters."""
        language_id = snapshot.language_id or language_of(snapshot.path or snapshot.uri)
        key = (language_id, snapshot.text)
        with self._lock:
            if key in self._views:
                self._views.move_to_end(key)
                return self._views[key]
        view = parse_view(snapshot.text, language_id)
        with self._lock:
            self._views[key] = view
            self._shrink()
        return view

    def _shrink(self) -> None:
        while len(self._views) > 1 and (
            len(self._views) > _MAX_VIEWS or sum(len(text) for _, text in self._views) > _MAX_CACHED_CHARS
        ):
            self._views.popitem(last=False)
