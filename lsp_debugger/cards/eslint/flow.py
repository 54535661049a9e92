"""The way through the code: what is never reached, what runs on, what is lost on the way."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.eslint.code import FUNCTIONS, around, before, parent, place, shown
from lsp_debugger.core.ask import Card

if TYPE_CHECKING:
    from tree_sitter import Node

    from lsp_debugger.syntax.nodes import Nodes

_LEAVING = {
    "return_statement": "returns",
    "throw_statement": "throws",
    "break_statement": "leaves the block",
    "continue_statement": "goes on with the next round",
}
_EMPTY = re.compile(r"Empty (?P<what>block|switch) statement")


def unreachable(case: Case) -> Card | None:
    nodes = case.nodes
    statement = _statement(nodes, case) if nodes is not None else None
    if nodes is None or statement is None:
        return None
    for earlier in before(nodes, statement):
        if earlier.type in _LEAVING:
            said = (
                f"{shown(nodes, statement)} is never reached: line {nodes.line(earlier)} "
                f"{_LEAVING[earlier.type]}."
            )
            return Card(said, (place(case, nodes, earlier),))
    return None


def _statement(nodes: Nodes, case: Case) -> Node | None:
    """The outermost one that begins where the finding does."""
    for node in nodes.path_to(case.span):
        if nodes.span(node).start == case.span.start and node.type.endswith(("_statement", "_declaration")):
            return node
    inside = nodes.within(case.span)
    return next((node for node in inside if node.type.endswith(("_statement", "_declaration"))), None)


def fallthrough(case: Case) -> Card | None:
    found = around(case, "switch_case", "switch_default")
    if found is None:
        return None
    nodes, node = found
    earlier = next(before(nodes, node), None)
    if earlier is None or earlier.type != "switch_case":
        return None
    value, own = earlier.child_by_field_name("value"), node.child_by_field_name("value")
    here = f"`case {nodes.text(own)}`" if own is not None else "`default`"
    label = f"`case {nodes.text(value)}`" if value is not None else "The case above"
    said = f"{label} (line {nodes.line(earlier)}) runs on into {here}: nothing leaves the `switch` before."
    return Card(said, (place(case, nodes, earlier),))


def case_declaration(case: Case) -> Card | None:
    found = around(case, "lexical_declaration", "function_declaration", "class_declaration")
    switch = around(case, "switch_statement")
    if found is None or switch is None:
        return None
    nodes, node = found
    said = f"{shown(nodes, node)} is visible in every case of this `switch`, and set in this one only."
    return Card(said, (place(case, nodes, switch[1]),), ("Braces around the case's body keep it there.",))


def empty_block(case: Case) -> Card | None:
    if _EMPTY.match(case.problem.message) is None:
        return None
    found = around(case, "statement_block")
    holder = parent(*found) if found is not None else None
    if found is None or holder is None:
        return None
    nodes, node = found
    if holder.type == "catch_clause":
        attempt = parent(nodes, holder)
        body = attempt.child_by_field_name("body") if attempt is not None else None
        first = body.named_children[0] if body is not None and body.named_children else None
        if first is None:
            return None
        said = (
            f"Whatever {shown(nodes, first)} (line {nodes.line(first)}) throws disappears "
            f"here: the `catch` is empty."
        )
        return Card(said, (place(case, nodes, first),))
    head = " ".join(nodes.text(holder)[: node.start_byte - holder.start_byte].split())
    return Card(f"`{head[:60]}` does nothing: its block is empty.") if head else None


def finally_exit(case: Case) -> Card | None:
    found = around(case, *_LEAVING)
    clause, attempt = around(case, "finally_clause"), around(case, "try_statement")
    if found is None or clause is None or attempt is None:
        return None
    nodes, node = found
    word = nodes.text(node).split(" ")[0].rstrip(";")
    said = (
        f"`{word}` in `finally` replaces whatever the `try` of line "
        f"{nodes.line(attempt[1])} returns or throws."
    )
    return Card(said, (place(case, nodes, attempt[1]),))


def async_executor(case: Case) -> Card | None:
    found = around(case, "new_expression")
    if found is None:
        return None
    return Card("An error in this `async` executor does not reject the `new Promise`: it is lost.")


def getter(case: Case) -> Card | None:
    found = around(case, "method_definition")
    if found is None:
        return None
    nodes, node = found
    name = node.child_by_field_name("name")
    return Card(f"The getter {shown(nodes, name)} gives undefined where it ends without a `return`.")


def useless_catch(case: Case) -> Card | None:
    found = around(case, "try_statement", "catch_clause")
    clause = around(case, "catch_clause")
    if found is None:
        return None
    nodes = found[0]
    handler = clause[1] if clause is not None else found[1].child_by_field_name("handler")
    name = handler.child_by_field_name("parameter") if handler is not None else None
    if name is None:
        return None
    return Card(f"This `catch` only throws {shown(nodes, name)} again: without it the same happens.")


def without_yield(case: Case) -> Card | None:
    found = around(case, "generator_function_declaration", "generator_function", "method_definition")
    name = found[1].child_by_field_name("name") if found is not None else None
    if found is None or name is None:
        return None
    return Card(f"{shown(found[0], name)} is a generator and yields nothing.")


def floating_promise(case: Case) -> Card | None:
    nodes = case.nodes
    node = nodes.exactly(case.span) if nodes is not None else None
    inner = node.named_children[0] if node is not None and node.type == "expression_statement" else None
    if nodes is None or inner is None:
        return None
    said = f"Nobody waits for the promise of {shown(nodes, inner)}: an error in it is lost."
    function = nodes.around(case.span, *FUNCTIONS)
    is_async = function is not None and nodes.text(function).lstrip().startswith("async")
    return Card(said, notes=("`await` in front of it waits.",) if is_async else ())
