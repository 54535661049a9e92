"""The named things of one parsed text: definitions and imports, found in one walk over the tree."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lsp_debugger.core.text import Span
from lsp_debugger.syntax.grammars import Shape
from lsp_debugger.syntax.offsets import ByteMap
from lsp_debugger.syntax.walk import walk

if TYPE_CHECKING:
    from tree_sitter import Node, Tree

SCOPES = frozenset({"function", "method", "class"})
_MAX_DEPTH = 30  # scopes inside scopes; what is nested deeper belongs to the last one
_MAX_WRAPPED = 4  # a declaration of many names wraps none of them


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

    identifiers: every name that occurs, each once, in order of appearance.
    """

    named: tuple[Named, ...] = ()
    imports: tuple[Span, ...] = ()
    identifiers: tuple[str, ...] = ()

    def scopes(self) -> Iterator[Named]:
        return (named for named in self.named if named.kind in SCOPES)


def outline_of(tree: Tree, shape: Shape, positions: ByteMap) -> Outline:
    return _Walk(shape, positions).run(tree)


class _Walk:
    def __init__(self, shape: Shape, positions: ByteMap) -> None:
        self._shape = shape
        self._positions = positions
        self._named: list[Named] = []
        self._imports: list[Span] = []
        self._identifiers: dict[str, None] = {}
        self._open: list[Named] = []  # scopes around the node being visited
        self._wrappers: list[tuple[int, Node]] = []  # with their depth in the tree

    def run(self, tree: Tree) -> Outline:
        shape = self._shape
        interesting = {*shape.definitions, *shape.bindings, *shape.imports}
        for node, depth in walk(tree):
            kind = node.type
            if kind in shape.identifiers:
                self._identifiers[sys.intern(self._text(node))] = None
            elif kind in shape.wrappers:
                self._leave_wrappers(depth)
                self._wrappers.append((depth, node))
            elif kind in interesting:
                self._leave_wrappers(depth)
                self._visit(node, depth)
        self._identifiers.pop("", None)  # what the parser made up to repair the text
        return Outline(tuple(self._named), tuple(self._imports), tuple(self._identifiers))

    def _leave_wrappers(self, depth: int) -> None:
        while self._wrappers and self._wrappers[-1][0] >= depth:
            self._wrappers.pop()

    def _visit(self, node: Node, depth: int) -> None:
        whole = self._wrapped(node, depth)
        start = self._positions.offset_of(node.start_byte)
        while self._open and self._open[-1].span.end <= start:
            self._open.pop()
        shape, kind = self._shape, node.type
        if kind in shape.imports:
            self._imports.append(self._span(node))
            for name in _imported_names(node):
                self._add(name, "import", whole, None)
        elif kind in shape.definitions:
            name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
            self._add(name, shape.definitions[kind], whole, body)
        else:
            self._bind(node, whole)

    def _bind(self, node: Node, whole: Node) -> None:
        """A variable, or a function where the value is one (`const f = () => …`)."""
        target = _first_field(node, "left", "name", "key", "property")
        value = _first_field(node, "right", "value")
        if target is None:
            return
        if value is not None and value.type in self._shape.functions:
            self._add(_last_name(target), "function", whole, value.child_by_field_name("body"))
        elif node.type != "pair" and not any(scope.kind != "class" for scope in self._open):
            for name in _target_names(target):
                self._add(name, "variable", whole, None)

    def _add(self, name: Node | None, kind: str, whole: Node, body: Node | None) -> None:
        if name is None or name.start_byte == name.end_byte or len(self._open) >= _MAX_DEPTH:
            return
        around = self._open[-1] if self._open else None
        if kind == "function" and around is not None and around.kind == "class":
            kind = "method"
        span = self._span(whole)
        text = self._text(name)
        named = Named(
            text,
            f"{around.qualname}.{text}" if around else text,
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


def _first_field(node: Node, *names: str) -> Node | None:
    return next((child for name in names if (child := node.child_by_field_name(name))), None)


def _last_name(target: Node) -> Node | None:
    """`exports.run` → run; a computed target has no name."""
    if target.type == "member_expression":
        return target.child_by_field_name("property")
    return None if target.type == "subscript_expression" else target


def _target_names(target: Node) -> list[Node]:
    """The plain names that an assignment binds; attributes and subscripts bind none."""
    if target.type in {"identifier", "property_identifier", "private_property_identifier", "type"}:
        return [target]
    if target.type in {"pattern_list", "tuple_pattern", "list_pattern", "array_pattern"}:
        return [name for child in target.named_children for name in _target_names(child)]
    return []


def _imported_names(statement: Node) -> list[Node]:
    """The names that an import binds, aliases where there are any. `import a.b` binds `a`."""
    names: list[Node] = []
    module = statement.child_by_field_name("module_name")
    waiting = [child for child in statement.named_children if module is None or child.id != module.id]
    while waiting:
        node = waiting.pop(0)
        if alias := node.child_by_field_name("alias"):
            names.append(alias)
        elif node.type == "dotted_name":
            names.extend(node.named_children[:1] if module is None else node.named_children[-1:])
        elif node.type == "identifier":
            names.append(node)
        elif node.type == "import_specifier":
            names.extend(filter(None, [node.child_by_field_name("name")]))
        elif node.type in {"import_clause", "named_imports", "namespace_import"}:
            waiting = node.named_children + waiting
    return names
