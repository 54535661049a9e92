"""What a Go file itself shows: functions, imports, and which declaration a name belongs to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from lsp_debugger.cards.case import Case
from lsp_debugger.core.text import Span
from lsp_debugger.syntax.nodes import Nodes

if TYPE_CHECKING:
    from tree_sitter import Node

FUNCTIONS = frozenset({"function_declaration", "method_declaration", "func_literal"})
LOOPS = frozenset({"for_statement"})
_LISTS = {"parameters": "parameter", "receiver": "receiver", "result": "result"}
_MAX_CODE_CHARS = 60
_VERSION = re.compile(r"v\d+$")


@dataclass(frozen=True, slots=True)
class Binding:
    """Where a name is declared inside of a function.

    kind: parameter | receiver | result | variable | loop variable. name: the identifier there.
    statement: the declaration. type: as it is written there, or None. value: what it is set to.
    """

    kind: str
    name: Node
    statement: Node
    type: Node | None = None
    value: Node | None = None


@dataclass(frozen=True, slots=True)
class Import:
    """name: how the file calls the package, as far as the path tells."""

    name: str
    path: str
    line: int
    alias: str = ""


def nodes_of(case: Case) -> Nodes | None:
    return case.nodes if case.path.endswith(".go") or case.snapshot.language_id == "go" else None


def short(text: str, limit: int = _MAX_CODE_CHARS) -> str:
    """Code on one line, cut, without what would end a code span."""
    shown = " ".join(text.replace("`", "'").split())
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def node_at(case: Case, *types: str) -> Node | None:
    nodes = nodes_of(case)
    return nodes.around(case.span, *types) if nodes is not None else None


def function_at(case: Case) -> Node | None:
    """The innermost function around the problem; at its last brace it is that one."""
    return node_at(case, *FUNCTIONS)


def name_of(nodes: Nodes, function: Node) -> str:
    name = function.child_by_field_name("name")
    return nodes.text(name) if name is not None else ""


def called(nodes: Nodes, function: Node) -> str:
    """A function in a sentence: its name in backticks, or that it has none."""
    name = name_of(nodes, function)
    return f"`{name}`" if name else "this function"


def parents(node: Node) -> Iterator[Node]:
    """From the inside out."""
    while node.parent is not None:
        node = node.parent
        yield node


def binding(nodes: Nodes, use: Node, name: str) -> Binding | None:
    """The declaration in the same function, or in one around it, that `name` belongs to at `use`."""
    inner = use
    for parent in parents(use):
        for child in reversed(parent.named_children):
            if child.end_byte <= inner.start_byte:
                found = _declared(nodes, child, name)
                if found is not None:
                    return found
        if parent.type in FUNCTIONS:
            found = _in_header(nodes, parent, name)
            if found is not None:
                return found
        inner = parent
    return None


def bindings_in(nodes: Nodes, function: Node) -> Iterator[Binding]:
    """All that a function declares, in inner blocks too; in order."""
    waiting = [function]
    while waiting:
        node = waiting.pop()
        if node.type in FUNCTIONS:
            yield from _header(node)
        yield from _declarations(node)
        waiting += reversed(node.named_children)


def _in_header(nodes: Nodes, function: Node, name: str) -> Binding | None:
    return next((each for each in _header(function) if nodes.text(each.name) == name), None)


def _header(function: Node) -> Iterator[Binding]:
    for field, kind in _LISTS.items():
        listed = function.child_by_field_name(field)
        if listed is None or listed.type != "parameter_list":
            continue
        for each in listed.named_children:
            for name in each.children_by_field_name("name"):
                yield Binding(kind, name, each, each.child_by_field_name("type"))


def _declared(nodes: Nodes, statement: Node, name: str) -> Binding | None:
    return next((each for each in _declarations(statement) if nodes.text(each.name) == name), None)


def _declarations(statement: Node) -> Iterator[Binding]:
    """What a statement itself declares, not what stands in its blocks."""
    kind = statement.type
    if kind in {"short_var_declaration", "range_clause", "receive_statement"}:
        left, right = statement.child_by_field_name("left"), statement.child_by_field_name("right")
        if left is None or not any(child.type == ":=" for child in statement.children):
            return
        names = [each for each in left.named_children if each.type == "identifier"]
        values = right.named_children if right is not None and right.type == "expression_list" else []
        for at, name in enumerate(names):
            value = values[at] if len(values) == len(names) else None
            loop = "loop variable" if kind == "range_clause" else "variable"
            yield Binding(loop, name, statement, value=value)
    elif kind in {"var_declaration", "const_declaration", "var_spec_list", "for_clause"}:
        for child in statement.named_children:
            yield from _declarations(child)
    elif kind in {"var_spec", "const_spec"}:
        value = statement.child_by_field_name("value")
        names = statement.children_by_field_name("name")
        values = value.named_children if value is not None else []
        for at, name in enumerate(names):
            one = values[at] if len(values) == len(names) else None
            yield Binding("variable", name, statement, statement.child_by_field_name("type"), one)
    elif kind == "type_switch_statement":
        alias = statement.child_by_field_name("alias")
        for name in alias.named_children if alias is not None else []:
            yield Binding("variable", name, statement)


def type_of(nodes: Nodes, use: Node) -> str:
    """The type that a plain name surely has by its declaration in the function; empty when unsure.

    `*T` and `&T{}` are T: members are the same.
    """
    if use.type != "identifier":
        return ""
    found = binding(nodes, use, nodes.text(use))
    if found is None or found.statement.type == "variadic_parameter_declaration":
        return ""
    if found.type is not None:
        return plain_type(nodes.text(found.type))
    value = found.value
    if value is not None and value.type == "unary_expression" and nodes.text(value).startswith("&"):
        value = value.child_by_field_name("operand")
    if value is not None and value.type == "composite_literal":
        written = value.child_by_field_name("type")
        return plain_type(nodes.text(written)) if written is not None else ""
    return ""


def plain_type(text: str) -> str:
    """`*Cart[T]` → Cart; empty for what is no named type."""
    name = text.strip().removeprefix("*").partition("[")[0]
    return name if re.fullmatch(r"[^\W\d]\w*(?:\.[^\W\d]\w*)?", name) else ""


def imports_of(case: Case) -> list[Import]:
    nodes = nodes_of(case)
    found = list[Import]()
    for node in nodes.within(Span(0, len(case.snapshot.text)), "import_spec") if nodes is not None else ():
        path, alias = node.child_by_field_name("path"), node.child_by_field_name("name")
        if nodes is None or path is None:
            continue
        text = nodes.text(path).strip('"`')
        shown = nodes.text(alias) if alias is not None else ""
        found.append(Import(shown or name_in(text), text, nodes.line(node), shown))
    return found


def name_in(path: str) -> str:
    """The package that a path most likely names: its last part that is no version."""
    parts = PurePath(path).parts
    last = parts[-2] if len(parts) > 1 and _VERSION.match(parts[-1]) else parts[-1] if parts else ""
    return last.partition(".v")[0].removeprefix("go-").removesuffix("-go")


def line_text(case: Case, line: int) -> str:
    return short(case.snapshot.line_text(line - 1))
