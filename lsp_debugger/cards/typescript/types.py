"""Types that the workspace declares, and their members."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.typescript.modules import declaration_of
from lsp_debugger.cards.typescript.scopes import declarations, declared
from lsp_debugger.cards.typescript.source import CLASSES, Source, field, source_at
from lsp_debugger.core.ask import Place

if TYPE_CHECKING:
    from tree_sitter import Node

TYPES = CLASSES | {"interface_declaration", "type_alias_declaration", "enum_declaration"}
_MAX_DEPTH = 5
_MEMBERS = frozenset(
    {
        "abstract_method_signature",
        "enum_assignment",
        "field_definition",
        "method_definition",
        "method_signature",
        "property_signature",
        "public_field_definition",
    }
)
_NAMES = frozenset({"property_identifier", "private_property_identifier", "string", "number"})
_PARAMETERS = frozenset({"required_parameter", "optional_parameter"})


@dataclass(frozen=True, eq=False, slots=True)
class Member:
    """node: the whole of it. owner: the type that declares it."""

    name: str
    owner: str
    node: Node
    source: Source

    @property
    def is_optional(self) -> bool:
        return any(child.type == "?" for child in self.node.children)

    @property
    def is_readonly(self) -> bool:
        return any(child.type == "readonly" for child in self.node.children)

    @property
    def is_static(self) -> bool:
        return any(child.type == "static" for child in self.node.children)

    @property
    def visibility(self) -> str:
        """Empty for public."""
        words = [
            self.source.text(child) for child in self.node.children if child.type == "accessibility_modifier"
        ]
        return words[0] if words and words[0] != "public" else ""

    @property
    def type(self) -> Node | None:
        """What stands behind its colon."""
        annotation = field(self.node, "type")
        return annotation.named_children[0] if annotation is not None and annotation.named_children else None

    @property
    def signature(self) -> str:
        body = field(self.node, "body")
        text = self.source.text(self.node)
        if body is not None:
            text = text[: len(text) - len(self.source.text(body))]
        shown = " ".join(text.split()).rstrip(";, ").replace("`", "'")
        return shown if len(shown) <= 70 else shown[:69] + "…"

    def place(self, case: Case, note: str = "") -> Place:
        return Place(
            case.shown(self.source.path),
            self.source.line(self.node),
            note or f"`{self.owner}` has `{self.signature}`",
        )


@dataclass(frozen=True, eq=False, slots=True)
class TypeThing:
    """A type's declarations: an interface may have several."""

    name: str
    nodes: tuple[tuple[Source, Node], ...]

    @property
    def source(self) -> Source:
        return self.nodes[0][0]

    @property
    def node(self) -> Node:
        return self.nodes[0][1]

    def place(self, case: Case, note: str = "") -> Place:
        shown = note or f"`{self.source.first_line(self.node)}`"
        return Place(case.shown(self.source.path), self.source.line(self.node), shown)


@dataclass(frozen=True, eq=False, slots=True)
class Members:
    """complete: nothing else can be a member: everything that it is made of was found."""

    found: Mapping[str, Member]
    complete: bool


def type_named(case: Case, source: Source, name: str, at: Node | None = None) -> TypeThing | None:
    """The type that `name` means in a file: its own, imported, or else the only one that is known by it."""
    local = declared(source, name, at or source.nodes.root)
    if local is not None and local.kind == "type parameter":
        return None
    own = [each.whole for each in declarations(source).get(name, ()) if each.whole.type in TYPES]
    if own:
        return TypeThing(name, tuple((source, node) for node in own))
    brought = declaration_of(case, source, name)
    if brought is not None:
        found = brought.node
        found = found if found.type in TYPES else None
        return TypeThing(name, ((brought.source, found),)) if found is not None else None
    known = [each for each in case.around.symbols.definitions(name, source.path) if each.kind == "class"]
    if len(known) != 1 or known[0].qualname != name or known[0].path == source.path:
        return None
    there = source_at(case, known[0].path)
    nodes = (
        [each.whole for each in declarations(there).get(name, ()) if each.whole.type in TYPES]
        if there
        else []
    )
    return TypeThing(name, tuple((there, node) for node in nodes)) if nodes and there is not None else None


def members_named(case: Case, source: Source, name: str, at: Node | None = None) -> Members | None:
    """Members of a type by its name; None where it is not known."""
    thing = type_named(case, source, name, at)
    return members_of(case, thing) if thing is not None else None


def members_of(case: Case, thing: TypeThing, depth: int = 0) -> Members:
    found: dict[str, Member] = {}
    complete = True
    for source, node in thing.nodes:
        for each in _of_declaration(case, source, node, thing.name, depth):
            if each is None:
                complete = False
            else:
                found.setdefault(each.name, each)
    return Members(found, complete)


def members_in(case: Case, source: Source, node: Node, owner: str) -> Members:
    """Of a type as it is written: a name, `{ … }`, `A & B`."""
    each = list(_of_type(case, source, node, owner, 0))
    return Members({one.name: one for one in reversed(each) if one is not None}, None not in each)


def _of_declaration(
    case: Case, source: Source, node: Node, owner: str, depth: int
) -> Iterator[Member | None]:
    """None stands for members that nobody can name."""
    if node.type == "type_alias_declaration":
        value = field(node, "value")
        yield from _of_type(case, source, value, owner, depth) if value is not None else iter((None,))
        return
    body = field(node, "body")
    yield from _of_body(source, body, owner) if body is not None else iter((None,))
    for base in _bases(node):
        yield from _of_type(case, source, base, owner, depth + 1)


def _bases(node: Node) -> Iterator[Node]:
    for clause in node.named_children:
        if clause.type in {"extends_type_clause", "extends_clause"}:
            yield from (each for each in clause.named_children if each.type != "type_arguments")
        elif clause.type == "class_heritage":
            extends = [each for each in clause.named_children if each.type == "extends_clause"]
            # Plain JavaScript has the expression alone.
            yield from (
                _bases(clause)
                if extends or any(c.type == "implements_clause" for c in clause.named_children)
                else clause.named_children
            )


def _of_type(case: Case, source: Source, node: Node, owner: str, depth: int) -> Iterator[Member | None]:
    if node.type == "parenthesized_type" and node.named_children:
        node = node.named_children[0]
    if node.type in {"object_type", "interface_body"}:
        yield from _of_body(source, node, owner)
    elif node.type == "intersection_type":
        for part in node.named_children:
            yield from _of_type(case, source, part, owner, depth + 1)
    elif node.type in {"type_identifier", "identifier", "generic_type"} and depth < _MAX_DEPTH:
        name = field(node, "name") if node.type == "generic_type" else node
        thing = type_named(case, source, source.text(name), node) if name is not None else None
        if thing is None:
            yield None
            return
        inner = members_of(case, thing, depth + 1)
        yield from inner.found.values()
        if not inner.complete:
            yield None
    else:
        yield None


def _of_body(source: Source, body: Node, owner: str) -> Iterator[Member | None]:
    for node in body.named_children:
        if node.type in _MEMBERS:
            name = field(node, "name") or field(node, "property")
            if name is None or name.type not in _NAMES:
                yield None  # `[key]: …`
                continue
            if source.text(name) == "constructor":
                yield from _parameter_properties(source, node, owner)
            else:
                yield Member(source.text(name).strip("'\""), owner, node, source)
        elif node.type == "property_identifier":
            yield Member(source.text(node), owner, node, source)
        elif node.type in {
            "index_signature",
            "call_signature",
            "construct_signature",
            "ERROR",
            "spread_element",
        }:
            yield None


def _parameter_properties(source: Source, constructor: Node, owner: str) -> Iterator[Member]:
    """`constructor(private x: T)` declares a member."""
    parameters = field(constructor, "parameters")
    for each in parameters.named_children if parameters is not None else ():
        declares = any(
            child.type in {"accessibility_modifier", "readonly", "override_modifier"}
            for child in each.children
        )
        name = field(each, "pattern")
        if each.type in _PARAMETERS and declares and name is not None:
            yield Member(source.text(name), owner, each, source)
