"""Where the C and C++ code around a finding declares what it names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from lsp_debugger.cards.case import Case
from lsp_debugger.core.ask import Place
from lsp_debugger.core.ports import Definition
from lsp_debugger.core.text import Snapshot, Span
from lsp_debugger.syntax.nodes import Nodes

if TYPE_CHECKING:
    from tree_sitter import Node

_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?P<open>["<])(?P<path>[^">\n]{1,200})[">]', re.MULTILINE)
_TYPES = ("struct_specifier", "class_specifier", "union_specifier", "enum_specifier")
_DECLARATIONS = (
    "declaration",
    "parameter_declaration",
    "optional_parameter_declaration",
    "for_range_loop",
    "field_declaration",
)
SCOPES = (
    "compound_statement",
    "for_statement",
    "for_range_loop",
    "function_definition",
    "lambda_expression",
    "translation_unit",
)
_NAMES = ("identifier", "field_identifier", "type_identifier", "destructor_name", "operator_name")
_MAX_UNWRAPPED = 8


@dataclass(frozen=True, slots=True)
class Found:
    """A node with the text that it stands in."""

    nodes: Nodes
    node: Node
    path: str

    @property
    def line(self) -> int:
        return self.nodes.line(self.node)

    def text(self, node: Node | None = None) -> str:
        return self.nodes.text(node if node is not None else self.node)


def is_cpp(case: Case) -> bool:
    name = case.path.lower()
    if case.snapshot.language_id in {"cpp", "c"} and not name.endswith((".h", ".c")):
        return case.snapshot.language_id == "cpp"
    return name.endswith((".cc", ".cpp", ".cxx", ".hpp", ".hh", ".hxx", ".c++"))


def includes(text: str) -> list[str]:
    return [match["path"] for match in _INCLUDE.finditer(text)]


def is_seen(case: Case, path: str) -> bool:
    """Whether what stands in `path` can be meant here: the same file, or one that it includes by its name."""
    if path == case.path:
        return True
    names = {PurePath(included).name for included in includes(case.snapshot.text)}
    return PurePath(path.replace("\\", "/")).name in names


def definitions(case: Case, name: str, *kinds: str) -> list[Definition]:
    known = case.around.symbols.definitions(name, case.path)
    return [each for each in known if each.kind in kinds and is_seen(case, each.path)]


def function_place(case: Case, name: str, note: str = "") -> Place | None:
    """The one function of that name with its signature; its prototype and its definition count as one."""
    last = name.rpartition("::")[2]
    found = definitions(case, last, "function", "method")
    signatures = {re.sub(r"^(?:static|extern|inline)\s+|;$", "", each.signature) for each in found}
    return case.place(found[0], note) if found and len(signatures) == 1 else None


def view_of(case: Case, path: str) -> tuple[Snapshot, Nodes] | None:
    snapshot = case.snapshot if path == case.path else case.around.read(path)
    view = case.around.syntax.view(snapshot) if snapshot is not None else None
    return (snapshot, view.nodes) if snapshot is not None and view is not None else None


def type_named(case: Case, name: str) -> Found | None:
    """A struct, class, union or enum with its body, where one and only one is meant."""
    if not name:
        return None
    paths = dict.fromkeys([case.path, *(each.path for each in definitions(case, name, "class"))])
    found = [each for path in paths for each in _types_in(case, path, name)]
    return found[0] if len(found) == 1 else None


def _types_in(case: Case, path: str, name: str) -> Iterator[Found]:
    view = view_of(case, path)
    if view is None:
        return
    snapshot, nodes = view
    for node in nodes.within(Span(0, len(snapshot.text)), *_TYPES, "type_definition"):
        if node.type == "type_definition":
            inner, declarator = node.child_by_field_name("type"), node.child_by_field_name("declarator")
            is_named = declarator is not None and nodes.text(declarator) == name
            unnamed = inner is not None and inner.child_by_field_name("name") is None
            if is_named and unnamed and inner is not None and inner.child_by_field_name("body") is not None:
                yield Found(nodes, inner, path)
            continue
        own = node.child_by_field_name("name")
        if own is not None and nodes.text(own) == name and node.child_by_field_name("body") is not None:
            yield Found(nodes, node, path)


def members(found: Found) -> dict[str, Node]:
    """Declarations by name, of a type's own body; bases are not looked at."""
    body = found.node.child_by_field_name("body")
    table = dict[str, "Node"]()
    for child in body.named_children if body is not None else ():
        if child.type == "enumerator":
            name = child.child_by_field_name("name")
            table.update({found.text(name): child} if name is not None else {})
        for declarator in child.children_by_field_name("declarator"):
            name = declared(declarator)
            if name is not None:
                table.setdefault(found.text(name), child)
    return table


def has_bases(found: Found) -> bool:
    return any(child.type == "base_class_clause" for child in found.node.named_children)


def declared(declarator: Node) -> Node | None:
    """The name inside of pointers, arrays, functions and initialisers."""
    inner = declarator
    for _ in range(_MAX_UNWRAPPED):
        if inner.type in _NAMES:
            return inner
        following = inner.child_by_field_name("declarator") or next(
            (child for child in inner.named_children if child.type in _NAMES), None
        )
        if following is None:
            return None
        inner = following
    return None


def function_around(case: Case) -> Found | None:
    nodes = case.nodes
    node = nodes.around(case.span, "function_definition") if nodes is not None else None
    return Found(nodes, node, case.path) if nodes is not None and node is not None else None


def function_name(found: Found) -> str:
    declarator = found.node.child_by_field_name("declarator")
    for _ in range(_MAX_UNWRAPPED):
        if declarator is None or declarator.type == "function_declarator":
            break
        declarator = declarator.child_by_field_name("declarator") or next(
            (child for child in declarator.named_children if child.type.endswith("declarator")), None
        )
    name = declarator.child_by_field_name("declarator") if declarator is not None else None
    return found.text(name) if name is not None else ""


def declaration_of(case: Case, name: str) -> Found | None:
    """The declaration that `name` means at the finding: of the innermost block around it."""
    nodes = case.nodes
    if nodes is None or not name:
        return None
    best: tuple[int, Node] | None = None
    whole = Span(0, len(case.snapshot.text))
    around = {
        (node.start_byte, node.end_byte) for node in nodes.path_to(Span(case.span.start, case.span.start))
    }
    for node in nodes.within(whole, *_DECLARATIONS):
        if nodes.span(node).start > case.span.start or node.type == "field_declaration":
            continue
        if not any(nodes.text(each) == name for each in _declared_by(node)):
            continue
        scope = _scope(nodes, node)
        if (scope.start_byte, scope.end_byte) in around and (best is None or scope.start_byte >= best[0]):
            best = scope.start_byte, node
    return Found(nodes, best[1], case.path) if best is not None else None


def _declared_by(node: Node) -> Iterator[Node]:
    for declarator in node.children_by_field_name("declarator"):
        name = declared(declarator)
        if name is not None:
            yield name


def _scope(nodes: Nodes, node: Node) -> Node:
    """Where a declaration counts; a parameter counts in its whole function."""
    path = nodes.path_to(nodes.span(node))
    return next(
        (
            each
            for each in reversed(path)
            if (each.type in SCOPES and each.id != node.id) or each is nodes.root
        ),
        nodes.root,
    )


def call_around(case: Case) -> Found | None:
    nodes = case.nodes
    node = nodes.around(case.span, "call_expression") if nodes is not None else None
    return Found(nodes, node, case.path) if nodes is not None and node is not None else None


def call_of(case: Case, name: str) -> Found | None:
    """The innermost call of `name` around the finding."""
    nodes = case.nodes
    if nodes is None:
        return None
    for node in reversed(nodes.path_to(case.span)):
        function = node.child_by_field_name("function") if node.type == "call_expression" else None
        if function is not None and re.split(r"->|\.|::", nodes.text(function))[-1] == name:
            return Found(nodes, node, case.path)
    return None


def arguments(call: Found) -> list[Node]:
    listed = call.node.child_by_field_name("arguments")
    return [child for child in listed.named_children if child.type != "comment"] if listed is not None else []


def parameters_at(case: Case, place: Place | None, name: str) -> list[tuple[str, str]] | None:
    """(type and name as written, name) of each parameter of the function `name` declared on a line.

    None where there is no such function.
    """
    view = view_of(case, place.path) if place is not None else None
    if place is None or view is None or not 1 <= place.line <= len(view[0].lines):
        return None
    snapshot, nodes = view
    for node in nodes.within(Span(0, len(snapshot.text)), "function_declarator"):
        inner = node.child_by_field_name("declarator")
        named = declared(inner) if inner is not None else None
        own = nodes.text(inner) if inner is not None else ""
        is_it = own.rpartition("::")[2] == name or (named is not None and nodes.text(named) == name)
        first, last = nodes.line(node), _last_line(nodes, snapshot, node)
        if is_it and first <= place.line <= last:
            return list(_parameters(nodes, node))
    return None


def _last_line(nodes: Nodes, snapshot: Snapshot, node: Node) -> int:
    return snapshot.lines.line_of(nodes.span(node).end) + 1


def _parameters(nodes: Nodes, function: Node) -> Iterator[tuple[str, str]]:
    listed = function.child_by_field_name("parameters")
    for child in listed.named_children if listed is not None else ():
        if child.type in {"parameter_declaration", "optional_parameter_declaration"}:
            if nodes.text(child) == "void":
                continue
            inner = child.child_by_field_name("declarator")
            name = declared(inner) if inner is not None else None
            yield " ".join(nodes.text(child).split()), nodes.text(name) if name is not None else ""
        elif child.type == "variadic_parameter" or nodes.text(child) == "...":
            yield "...", ""


def assignments(found: Found, name: str, within: Span) -> list[Node]:
    """Expressions that give the variable a value, in order."""
    return [node for node in found.nodes.within(within) if _assigns(found.nodes, node, name)]


def _assigns(nodes: Nodes, node: Node, name: str) -> bool:
    if node.type == "assignment_expression":
        left, operator = node.child_by_field_name("left"), node.child_by_field_name("operator")
        plain = operator is None or nodes.text(operator) == "="
        return plain and left is not None and nodes.text(left) == name
    return False


def statement_of(nodes: Nodes, node: Node) -> Node:
    """The statement that an expression belongs to."""
    path: Sequence[Node] = nodes.path_to(nodes.span(node))
    return next((each for each in reversed(path) if each.type.endswith(("_statement", "declaration"))), node)
