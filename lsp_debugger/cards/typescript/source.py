"""One file of TypeScript or JavaScript as its grammar reads it, and the small questions about nodes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lsp_debugger.cards.case import Case
from lsp_debugger.core.ask import Place
from lsp_debugger.core.text import Span
from lsp_debugger.syntax.nodes import Nodes

if TYPE_CHECKING:
    from tree_sitter import Node

FUNCTIONS = frozenset(
    {
        "arrow_function",
        "function_declaration",
        "function_expression",
        "generator_function",
        "generator_function_declaration",
        "method_definition",
    }
)
CLASSES = frozenset({"abstract_class_declaration", "class", "class_declaration"})
_STATEMENTS = frozenset({"for_in_statement", "for_statement", "switch_statement", "while_statement"})
_MAX_SHOWN_CHARS = 60


@dataclass(frozen=True, eq=False)
class Source:
    """path: as a key for symbols and for reading."""

    path: str
    nodes: Nodes

    def text(self, node: Node) -> str:
        return self.nodes.text(node)

    def line(self, node: Node) -> int:
        return self.nodes.line(node)

    def last_line(self, node: Node) -> int:
        """1-based line of the node's last character."""
        return self.line(node) + self.text(node).rstrip().count("\n")

    def shown(self, node: Node, limit: int = _MAX_SHOWN_CHARS) -> str:
        """In one line, cut, for a place between backticks."""
        words = " ".join(self.text(node).split()).replace("`", "'")
        return words if len(words) <= limit else words[: limit - 1] + "…"

    def first_line(self, node: Node) -> str:
        """A declaration up to its body, a variable's whole statement, of everything else the first line."""
        around = node.parent if node.type == "variable_declarator" else None
        node = around if around is not None and around.named_child_count == 1 else node
        body = node.child_by_field_name("body")
        if body is not None and node.type not in _STATEMENTS:
            header = self.text(node)[: -len(self.text(body))] if self.text(body) else self.text(node)
            return _cut(" ".join(header.split()).removesuffix("=>").strip().replace("`", "'"))
        line = self.text(node).partition("\n")[0].strip().removesuffix("{").strip().replace("`", "'")
        return _cut(line)


def _cut(line: str) -> str:
    return line if len(line) <= _MAX_SHOWN_CHARS else line[: _MAX_SHOWN_CHARS - 1] + "…"


def source_of(case: Case) -> Source | None:
    """The file that the problem is in."""
    return Source(case.path, case.nodes) if case.nodes is not None else None


def source_at(case: Case, path: str) -> Source | None:
    """Another file of the workspace, as the user sees it."""
    snapshot = case.around.read(path)
    view = case.around.syntax.view(snapshot) if snapshot is not None else None
    return Source(path, view.nodes) if view is not None else None


def place(case: Case, source: Source, node: Node, note: str) -> Place:
    return Place(case.shown(source.path), source.line(node), note)


def node_at(source: Source, span: Span) -> Node:
    """The innermost named node that holds the span; tsserver and tsc point at the same code."""
    named = [node for node in source.nodes.path_to(span) if node.is_named]
    return named[-1] if named else source.nodes.root


def expression_at(case: Case, source: Source) -> Node:
    """The outermost node that is exactly what the problem points at, else the innermost around it."""
    return source.nodes.exactly(case.span) or node_at(source, case.span)


def above(source: Source, node: Node) -> list[Node]:
    """The nodes around this one, innermost first."""
    path = source.nodes.path_to(source.nodes.span(node))
    held = [each for each in path if each.id != node.id]
    return [
        each
        for each in reversed(held)
        if each.start_byte <= node.start_byte and node.end_byte <= each.end_byte
    ]


def parent(source: Source, node: Node, *types: str) -> Node | None:
    """The innermost node of one of the types around this one; without types the direct parent."""
    return next((each for each in above(source, node) if not types or each.type in types), None)


def function_around(source: Source, node: Node) -> Node | None:
    """The function whose code this is."""
    return parent(source, node, *FUNCTIONS)


def field(node: Node | None, *names: str) -> Node | None:
    """A field of a field …; None where one is missing."""
    for name in names:
        node = node.child_by_field_name(name) if node is not None else None
    return node


def inside(node: Node, *, nested: bool = False) -> Iterator[Node]:
    """Nodes below, in order; what inner functions and classes do is left out unless `nested`."""
    waiting = list(reversed(node.named_children))
    while waiting:
        each = waiting.pop()
        yield each
        if nested or (each.type not in FUNCTIONS and each.type not in CLASSES):
            waiting.extend(reversed(each.named_children))


def name_of_function(source: Source, function: Node) -> str:
    """Its own name, or that of the variable, member or property it is the value of; empty for none."""
    own = function.child_by_field_name("name")
    if own is not None:
        return source.text(own)
    around = parent(source, function)
    if around is not None and around.type in {
        "variable_declarator",
        "pair",
        "public_field_definition",
        "field_definition",
    }:
        named = field(around, "name") or field(around, "key") or field(around, "property")
        return source.text(named) if named is not None and len(source.text(named)) <= _MAX_SHOWN_CHARS else ""
    return ""


def unwrapped(node: Node) -> Node:
    """Without parentheses, `!`, `as T` and `satisfies T` around it."""
    while node.type in {
        "parenthesized_expression",
        "non_null_expression",
        "as_expression",
        "satisfies_expression",
    }:
        inner = node.named_children[:1]
        if not inner:
            break
        node = inner[0]
    return node
