"""What stands there twice: the second one wins, or is never looked at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.eslint.code import around, parent, place, shown
from lsp_debugger.core.ask import Card

if TYPE_CHECKING:
    from tree_sitter import Node


def key(case: Case) -> Card | None:
    found = around(case, "pair", "method_definition")
    holder = parent(*found) if found is not None else None
    if found is None or holder is None or holder.type != "object":
        return None
    nodes, node = found
    name = node.child_by_field_name("key") or node.child_by_field_name("name")
    if name is None:
        return None
    wanted = nodes.text(name).strip("'\"")
    for each in holder.named_children:
        other = each.child_by_field_name("key") or each.child_by_field_name("name")
        if (
            other is not None
            and each.end_byte <= node.start_byte
            and nodes.text(other).strip("'\"") == wanted
        ):
            said = f"`{wanted}` is in this object twice: the value of line {nodes.line(each)} is lost."
            return Card(said, (place(case, nodes, each),))
    return None


def member(case: Case) -> Card | None:
    found = around(case, "method_definition", "field_definition", "public_field_definition")
    holder = parent(*found) if found is not None else None
    if found is None or holder is None:
        return None
    nodes, node = found
    name = node.child_by_field_name("name") or node.child_by_field_name("property")
    for each in holder.named_children if name is not None else ():
        other = each.child_by_field_name("name") or each.child_by_field_name("property")
        if (
            other is not None
            and name is not None
            and each.end_byte <= node.start_byte
            and (nodes.text(other) == nodes.text(name))
        ):
            said = (
                f"`{nodes.text(name)}` is in this class twice: this one replaces that of line "
                f"{nodes.line(each)}."
            )
            return Card(said, (place(case, nodes, each),))
    return None


def case_label(case: Case) -> Card | None:
    found = around(case, "switch_case")
    holder = parent(*found) if found is not None else None
    if found is None or holder is None:
        return None
    nodes, node = found
    value = node.child_by_field_name("value")
    for each in holder.named_children if value is not None else ():
        other = each.child_by_field_name("value")
        if (
            other is not None
            and value is not None
            and each.end_byte <= node.start_byte
            and (nodes.text(other) == nodes.text(value))
        ):
            said = (
                f"`case {nodes.text(value)}` is never reached: line {nodes.line(each)} has that "
                f"value already."
            )
            return Card(said, (place(case, nodes, each),))
    return None


def condition(case: Case) -> Card | None:
    """The chain of `if`s above, up to the one with the same condition."""
    found = around(case, "if_statement")
    if found is None:
        return None
    nodes, node = found
    test = node.child_by_field_name("condition")
    path = nodes.path_to(nodes.span(node))
    for each in reversed(path):
        if each.type != "if_statement" or each.id == node.id:
            continue
        other = each.child_by_field_name("condition")
        if test is not None and other is not None and nodes.text(other) == nodes.text(test):
            said = (
                f"{shown(nodes, test)} is never true here: line {nodes.line(each)} has taken those already."
            )
            return Card(said, (place(case, nodes, each),))
    return None


def parameter(case: Case) -> Card | None:
    found = around(case, "function_declaration", "function_expression", "arrow_function", "method_definition")
    if found is None:
        return None
    nodes, node = found
    names = [nodes.text(each) for each in _parameters(node)]
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    return Card(f"Two parameters are called `{twice[0]}`: only the last one can be read.") if twice else None


def _parameters(function: Node) -> Iterator[Node]:
    listed = function.child_by_field_name("parameters")
    for each in listed.named_children if listed is not None else ():
        yield each.child_by_field_name("pattern") or each
