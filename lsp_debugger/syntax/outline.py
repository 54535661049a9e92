"""The named things of one parsed text, and its literals, found in one walk over the tree."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lsp_debugger.core.text import Span
from lsp_debugger.syntax.named_nodes import (
    below,
    declared,
    declares_function,
    first_field,
    imported_names,
    last_name,
    name_of,
    target_names,
    targets_of,
)
from lsp_debugger.syntax.offsets import ByteMap
from lsp_debugger.syntax.shapes import Shape
from lsp_debugger.syntax.walk import walk

if TYPE_CHECKING:
    from tree_sitter import Node, Tree

SCOPES = frozenset({"function", "method", "class"})
_MAX_DEPTH = 30  # scopes inside scopes; what is nested deeper belongs to the last one
_MAX_WRAPPED = 4  # a declaration of many names wraps none of them
_SEPARATOR = re.compile(r"::|\.|\\")  # between the parts of a name: C++ and Rust, C#, PHP


@dataclass(frozen=True, slots=True)
class Named:
    """A name and what it stands for. kind: function | method | class | variable | import.

    span: the whole thing, decorators and `export` included. header: up to the body.
    depth: how many named scopes are around it.
    """

    name: str
    qualname: str
    kind: str
    span: Span
    header: Span
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Outline:
    """named: in order of appearance, outer before inner. imports: spans of import statements.

    literals: contents of strings without their edges, sorted; some lie inside of others' interpolations.
    """

    named: tuple[Named, ...] = ()
    imports: tuple[Span, ...] = ()
    literals: tuple[Span, ...] = ()

    def scopes(self) -> Iterator[Named]:
        return (named for named in self.named if named.kind in SCOPES)


def outline_of(tree: Tree, shape: Shape, positions: ByteMap) -> Outline:
    return _Walk(shape, positions).run(tree)


def contents_of(string: Node, shape: Shape, positions: ByteMap) -> Iterator[Span]:
    """The stretches between a string's edges: quotes and interpolations. Some are empty."""
    if not string.is_named:  # TypeScript also has an unnamed `string`, the type
        return
    edges = [child for child in string.children if child.type in shape.string_edges]
    starts = [edge.end_byte for edge in edges] or [string.start_byte]
    ends = [edge.start_byte for edge in edges[1:]]
    if not edges or edges[-1].type.endswith(("interpolation", "substitution")):
        ends.append(string.end_byte)  # the closing quote is missing
    for start, end in zip(starts, ends, strict=False):
        yield Span(positions.offset_of(start), positions.offset_of(end))


class _Walk:
    def __init__(self, shape: Shape, positions: ByteMap) -> None:
        self._shape = shape
        self._positions = positions
        self._named: list[Named] = []
        self._imports: list[Span] = []
        self._literals: list[Span] = []
        self._open: list[Named] = []  # scopes around the node being visited
        self._wrappers: list[tuple[int, Node]] = []  # with their depth in the tree

    def run(self, tree: Tree) -> Outline:
        shape = self._shape
        interesting = {*shape.definitions, *shape.bindings, *shape.imports, *shape.owners}
        if shape.import_calls:
            interesting.add("call")
        strings, wrappers = shape.strings, shape.wrappers
        for node, depth in walk(tree):
            kind = node.type
            if kind in strings:
                self._literals.extend(contents_of(node, shape, self._positions))
            elif kind in wrappers:
                self._leave_wrappers(depth)
                self._wrappers.append((depth, node))
            elif kind in interesting:
                self._leave_wrappers(depth)
                self._visit(node, depth)
        literals = sorted(literal for literal in self._literals if literal.start < literal.end)
        return Outline(tuple(self._named), tuple(self._imports), tuple(literals))

    def _leave_wrappers(self, depth: int) -> None:
        while self._wrappers and self._wrappers[-1][0] >= depth:
            self._wrappers.pop()

    def _visit(self, node: Node, depth: int) -> None:
        whole = self._wrapped(node, depth)
        start = self._positions.offset_of(node.start_byte)
        while self._open and self._open[-1].span.end <= start:
            self._open.pop()
        shape, kind = self._shape, node.type
        if kind == "call":
            method = node.child_by_field_name("method")
            if method is not None and self._text(method) in shape.import_calls:
                self._imports.append(self._span(node))
        elif kind in shape.imports:
            self._imports.append(self._span(node))
            for name in imported_names(node):
                self._add(name, "import", whole, None)
        elif kind in shape.definitions:
            body = node.child_by_field_name("body")
            if body is not None or kind not in shape.bodied:
                owner = self._owner(node) if kind in shape.owners else ""
                self._add(name_of(node), shape.definitions[kind], whole, body, owner)
        elif kind in shape.owners:
            self._enter(node, self._owner(node))
        else:
            self._bind(node, whole)

    def _owner(self, node: Node) -> str:
        """The type that `impl T<U>` or the receiver of a method names."""
        field = node.child_by_field_name(self._shape.owners[node.type])
        if field is None:
            return ""
        named = [field, *(child for child, _ in below(field))]
        return next((self._text(each) for each in named if each.type == "type_identifier"), "")

    def _enter(self, node: Node, name: str) -> None:
        """A block whose members belong to a type that is defined elsewhere."""
        if name and len(self._open) < _MAX_DEPTH:
            span, around = self._span(node), self._open[-1] if self._open else None
            qualname = f"{around.qualname}.{name}" if around else name
            self._open.append(Named(name, qualname, "class", span, span, len(self._open)))

    def _bind(self, node: Node, whole: Node) -> None:
        """A variable, or a function where the value is one (`const f = () => …`)."""
        value = first_field(node, "right", "value")
        targets = targets_of(node)
        if value is not None and value.type in self._shape.functions and len(targets) == 1:
            self._add(last_name(targets[0]), "function", whole, value.child_by_field_name("body"))
            return
        is_local = any(scope.kind != "class" for scope in self._open)
        for target in targets:
            if declares_function(target):
                self._add(declared(target), "function", whole, None)
            elif node.type != "pair" and not is_local:
                for name in target_names(declared(target) or target):
                    self._add(name, "variable", whole, None)

    def _add(self, name: Node | None, kind: str, whole: Node, body: Node | None, owner: str = "") -> None:
        if name is None or name.start_byte == name.end_byte or len(self._open) >= _MAX_DEPTH:
            return
        around = self._open[-1] if self._open else None
        parts = [part for part in _SEPARATOR.split(f"{owner}::{self._text(name)}") if part]
        text = parts[-1]
        if kind == "function" and (len(parts) > 1 or (around is not None and around.kind == "class")):
            kind = "method"
        span = self._span(whole)
        named = Named(
            text,
            ".".join([*([around.qualname] if around else []), *parts]),
            kind,
            span,
            Span(span.start, self._header_end(whole, body)),
            len(self._open),
        )
        self._named.append(named)
        if kind in SCOPES:
            self._open.append(named)

    def _wrapped(self, node: Node, depth: int) -> Node:
        """The outermost node that only wraps this one: its decorators, `export`, `const`."""
        for wrapper_depth, wrapper in reversed(self._wrappers):
            depth -= 1
            if wrapper_depth != depth or wrapper.named_child_count > _MAX_WRAPPED:
                break
            inner = [child for child in wrapper.named_children if child.type not in {"decorator", "comment"}]
            if len(inner) != 1:
                break
            node = wrapper
        return node

    def _header_end(self, whole: Node, body: Node | None) -> int:
        end = whole.end_byte if body is None else body.start_byte
        header = self._positions.source[whole.start_byte : end].rstrip()
        return self._positions.offset_of(whole.start_byte + len(header))

    def _span(self, node: Node) -> Span:
        return Span(self._positions.offset_of(node.start_byte), self._positions.offset_of(node.end_byte))

    def _text(self, node: Node) -> str:
        return self._positions.source[node.start_byte : node.end_byte].decode("utf-8", "replace")
