"""Classes: constructors without `super()`, setters that return, private members that nobody reads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.eslint.code import around, place, shown
from lsp_debugger.core.ask import Card

if TYPE_CHECKING:
    from tree_sitter import Node

_CLASSES = ("class_declaration", "class", "abstract_class_declaration")
_PRIVATE = re.compile(r"'(?P<name>#[\w$]{1,80})' is defined but never used")


def without_super(case: Case) -> Card | None:
    """Expected, or lacking on some way through the constructor."""
    found, maker = around(case, *_CLASSES), around(case, "method_definition")
    name = found[1].child_by_field_name("name") if found is not None else None
    if found is None or name is None or maker is None:
        return None
    nodes, message = found[0], case.problem.message
    base = next((each for each in found[1].named_children if each.type == "class_heritage"), None)
    if base is None:
        return None
    if message.startswith("Expected to call"):
        said = (
            f"The constructor of {shown(nodes, name)} never calls `super()`: without it there is no `this`."
        )
    elif message.startswith("Lacked a call"):
        said = f"The constructor of {shown(nodes, name)} does not call `super()` on every way through it."
    else:
        return None
    return Card(said, (place(case, nodes, found[1]),))


def too_early(case: Case) -> Card | None:
    """Uses `this` or `super.x` before the call that makes the object."""
    maker = around(case, "method_definition")
    word = case.code.strip()
    if maker is None or word not in {"this", "super"}:
        return None
    nodes, node = maker
    calls = [each for each in nodes.within(nodes.span(node), "call_expression") if _is_super_call(each)]
    later = next((each for each in calls if nodes.span(each).start > case.span.start), None)
    if later is None:
        return Card(f"`{word}` is used here, and the constructor never calls `super()`, which makes it.")
    said = f"`{word}` is used here, before `super()` in line {nodes.line(later)} has made it."
    return Card(said, (place(case, nodes, later),))


def _is_super_call(call: Node) -> bool:
    function = call.child_by_field_name("function")
    return function is not None and function.type == "super"


def setter(case: Case) -> Card | None:
    found = around(case, "method_definition", "pair")
    name = found[1].child_by_field_name("name") if found is not None else None
    if found is None or name is None:
        return None
    code = case.code.strip().partition("\n")[0][:40].replace("`", "'")
    return Card(f"`{code}` in the setter {shown(found[0], name)} is for nothing: its result is thrown away.")


def static_block(case: Case) -> Card | None:
    found = around(case, *_CLASSES)
    name = found[1].child_by_field_name("name") if found is not None else None
    if found is None or name is None:
        return None
    return Card(f"A `static` block of {shown(found[0], name)} is empty: it does nothing.")


def private_member(case: Case) -> Card | None:
    match, found = _PRIVATE.match(case.problem.message), around(case, *_CLASSES)
    if match is None or found is None:
        return None
    nodes, node = found
    name, owner = match["name"], node.child_by_field_name("name")
    of = f" of {shown(nodes, owner)}" if owner is not None else ""
    inside = nodes.within(nodes.span(node), "private_property_identifier")
    uses = [each for each in inside if nodes.text(each) == name and nodes.span(each).start != case.span.start]
    if not uses:
        return Card(f"`{name}`{of} is private, and nothing in the class uses it.")
    return Card(
        f"`{name}`{of} is private; the class sets it and never reads it.", (place(case, nodes, uses[-1]),)
    )
