"""Which names a file declares, and where each of them is seen."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from lsp_debugger.cards.typescript.source import CLASSES, FUNCTIONS, Source, field
from lsp_debugger.syntax.nodes import Nodes

if TYPE_CHECKING:
    from tree_sitter import Node

_BLOCKS = frozenset(
    {"catch_clause", "for_in_statement", "for_statement", "program", "statement_block", "switch_body"}
)
_TYPES = {
    "enum_declaration": "enum",
    "interface_declaration": "interface",
    "internal_module": "namespace",
    "module": "namespace",
    "type_alias_declaration": "type",
}
_SIGNATURES = frozenset(
    {"function_signature", "method_signature", "function_type", "abstract_method_signature", "call_signature"}
    | {"construct_signature", "constructor_type"}
)
_SCOPES = (
    FUNCTIONS
    | CLASSES
    | _BLOCKS
    | _SIGNATURES
    | frozenset({"interface_declaration", "type_alias_declaration"})
)
_NAMED = (
    CLASSES
    | frozenset(_TYPES)
    | frozenset({"function_declaration", "generator_function_declaration", "function_signature"})
)
_EXPRESSIONS = frozenset({"class", "function_expression", "generator_function"})


@dataclass(frozen=True, eq=False, slots=True)
class Declared:
    """kind: const | let | var | function | class | enum | interface | type | namespace | parameter | import |
    catch | type parameter. node: the name. whole: the declaration. scope: where it is seen.
    """

    name: str
    kind: str
    node: Node
    whole: Node
    scope: Node

    @property
    def is_type_only(self) -> bool:
        return self.kind in {"interface", "type", "type parameter"}

    @property
    def is_hoisted(self) -> bool:
        """It can be used above its line."""
        return self.kind in {"function", "var", "import", "interface", "type", "namespace"}


Scopes = Mapping[str, tuple[Declared, ...]]
_known: WeakKeyDictionary[Nodes, Scopes] = WeakKeyDictionary()
_lock = threading.Lock()


def declarations(source: Source) -> Scopes:
    """Everything that the file declares, by name, in order."""
    with _lock:
        known = _known.get(source.nodes)
    if known is not None:
        return known
    found: dict[str, list[Declared]] = {}
    for each in _walk(source.nodes):
        found.setdefault(each.name, []).append(each)
    scopes = {name: tuple(each) for name, each in found.items()}
    with _lock:
        _known[source.nodes] = scopes
    return scopes


def visible(source: Source, at: Node) -> dict[str, Declared]:
    """What can be named at a node; of equal names the innermost one."""
    found: dict[str, Declared] = {}
    for name, each in declarations(source).items():
        seen = [one for one in each if _holds(one.scope, at)]
        if seen:
            found[name] = max(reversed(seen), key=lambda one: one.scope.start_byte)
    return found


def declared(source: Source, name: str, at: Node) -> Declared | None:
    """What `name` is at a node: the first declaration in the innermost scope that has one."""
    seen = [each for each in declarations(source).get(name, ()) if _holds(each.scope, at)]
    return max(seen, key=lambda each: (each.scope.start_byte, -each.scope.end_byte), default=None)


def uses(source: Source, thing: Declared) -> Iterator[Node]:
    """Where the name stands for this declaration, in order, its own place left out."""
    own = {each.node.start_byte for each in declarations(source)[thing.name]}
    for node in source.nodes.within(source.nodes.span(thing.scope), *_USES):
        if node.start_byte not in own and source.text(node) == thing.name:
            meant = declared(source, thing.name, node)
            if meant is not None and meant.scope.id == thing.scope.id:
                yield node


_USES = ("identifier", "type_identifier", "shorthand_property_identifier")


def _holds(scope: Node, at: Node) -> bool:
    return scope.start_byte <= at.start_byte and at.end_byte <= scope.end_byte


def _walk(nodes: Nodes) -> Iterator[Declared]:
    open_scopes = [nodes.root]
    for node in nodes.within(nodes.span(nodes.root)):
        if not node.is_named:
            continue
        while len(open_scopes) > 1 and open_scopes[-1].end_byte <= node.start_byte:
            open_scopes.pop()
        outer = open_scopes[-1]
        kind = node.type
        if kind in _SCOPES and node.id != nodes.root.id:
            open_scopes.append(node)
        yield from _declared_by(nodes, node, outer, open_scopes)


def _declared_by(  # noqa: C901 - one case for each kind of declaration
    nodes: Nodes, node: Node, outer: Node, scopes: list[Node]
) -> Iterator[Declared]:
    kind, inner = node.type, scopes[-1]
    if kind in _NAMED or kind in _EXPRESSIONS:
        name = node.child_by_field_name("name")
        if name is not None:
            what = _TYPES.get(kind) or ("class" if kind in CLASSES else "function")
            yield Declared(nodes.text(name), what, name, node, inner if kind in _EXPRESSIONS else outer)
    elif kind in {"lexical_declaration", "variable_declaration"}:
        yield from _variables(nodes, node, inner, scopes)
    elif kind in {"required_parameter", "optional_parameter"}:
        yield from _named(nodes, node.child_by_field_name("pattern"), "parameter", node, inner)
    elif kind == "formal_parameters":
        for each in node.named_children:
            if each.type not in {"required_parameter", "optional_parameter"}:
                yield from _named(nodes, each, "parameter", each, inner)
    elif kind == "arrow_function":
        yield from _named(nodes, node.child_by_field_name("parameter"), "parameter", node, node)
    elif kind == "catch_clause":
        yield from _named(nodes, node.child_by_field_name("parameter"), "catch", node, node)
    elif kind == "for_in_statement" and (declarator := node.child_by_field_name("kind")) is not None:
        word = nodes.text(declarator)
        scope = _function_scope(scopes) if word == "var" else node
        yield from _named(nodes, node.child_by_field_name("left"), word, node, scope)
    elif kind == "import_statement":
        yield from _imported(nodes, node)
    elif kind == "type_parameter" and (name := node.child_by_field_name("name")) is not None:
        yield Declared(nodes.text(name), "type parameter", name, node, inner)


def _variables(nodes: Nodes, node: Node, inner: Node, scopes: list[Node]) -> Iterator[Declared]:
    word = nodes.text(node.children[0]) if node.children else "var"
    scope = _function_scope(scopes) if word == "var" else inner
    for each in node.named_children:
        if each.type == "variable_declarator":
            yield from _named(nodes, each.child_by_field_name("name"), word, each, scope)


def _function_scope(scopes: list[Node]) -> Node:
    return next((each for each in reversed(scopes) if each.type in FUNCTIONS), scopes[0])


def _named(nodes: Nodes, pattern: Node | None, kind: str, whole: Node, scope: Node) -> Iterator[Declared]:
    for name in pattern_names(pattern):
        yield Declared(nodes.text(name), kind, name, whole, scope)


def _imported(nodes: Nodes, node: Node) -> Iterator[Declared]:
    waiting = list(node.named_children)
    while waiting:
        each = waiting.pop(0)
        if each.type in {"import_clause", "named_imports", "namespace_import", "import_require_clause"}:
            waiting = [*each.named_children, *waiting]
        elif each.type == "import_specifier":
            name = field(each, "alias") or field(each, "name")
            if name is not None:
                yield Declared(nodes.text(name), "import", name, node, nodes.root)
        elif each.type == "identifier":
            yield Declared(nodes.text(each), "import", each, node, nodes.root)


def pattern_names(pattern: Node | None) -> Iterator[Node]:
    """The names that a parameter or the left side of a declaration binds."""
    waiting = [pattern] if pattern is not None else []
    while waiting:
        node = waiting.pop(0)
        if node.type in {"identifier", "shorthand_property_identifier_pattern"}:
            yield node
        elif node.type == "pair_pattern":
            waiting[:0] = filter(None, [node.child_by_field_name("value")])
        elif node.type in {"assignment_pattern", "object_assignment_pattern"}:
            waiting[:0] = filter(None, [node.child_by_field_name("left")])
        elif node.type in {"object_pattern", "array_pattern", "rest_pattern"}:
            waiting[:0] = node.named_children
