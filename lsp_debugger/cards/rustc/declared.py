"""Types and traits that cannot be as they are declared."""

from __future__ import annotations

import re

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.rustc import told
from lsp_debugger.cards.rustc.items import Item, item_at
from lsp_debugger.core.ask import Card

_COPY = re.compile(r"^the trait `Copy` cannot be implemented for (?:this type|type `)")
_RECURSIVE = re.compile(r"^recursive type `(?P<name>[^`]{1,160})` has infinite size")
_DYN = re.compile(r"^the trait `(?P<name>[^`]{1,160})` is not dyn compatible")
_PARAMETER = re.compile(r"^(?P<kind>type|lifetime) parameter `(?P<name>[^`]{1,60})` is never used")


def copy(case: Case) -> Card | None:
    """E0204."""
    where = told.beside(case, "does not implement `Copy`")
    item = _owner(case)
    if where is None or item is None or not told.match(case, _COPY):
        return None
    text = case.snapshot.line_text(where.line - 1) if told.is_here(case, where) else ""
    field = re.match(r"\s*(?:pub(?:\([^)]{0,40}\))? )?(?P<name>\w+): (?P<type>[^,]{1,80}),?\s*$", text)
    shown = (
        f"its `{field['name']}` is a `{field['type']}`, which is not"
        if field is not None
        else "one of its fields is not"
    )
    return Card(f"`{item.name}` cannot be `Copy`: {shown}.", (), ("`Clone` alone can be derived.",))


def _owner(case: Case) -> Item | None:
    """The type right below the attribute that the finding is in."""
    nodes = case.nodes
    node = (
        nodes.around(case.span, "attribute_item", "struct_item", "enum_item") if nodes is not None else None
    )
    for _ in range(10):
        if node is None or node.type in ("struct_item", "enum_item"):
            break
        node = node.next_sibling
    return (
        item_at(case, case.path, nodes.line(node), "struct_item", "enum_item")
        if nodes is not None and node is not None
        else None
    )


def recursive(case: Case) -> Card | None:
    """E0072."""
    found, where = told.match(case, _RECURSIVE), told.beside(case, "recursive without indirection")
    if found is None:
        return None
    at = f" ({told.on_line(case, where)})" if where is not None else ""
    name = told.plain(found["name"])
    return Card(
        f"`{name}` holds a `{name}` in itself{at}, so it would be endlessly large.",
        (),
        (f"`Box<{name}>` there is a pointer, whose size is known.",),
    )


def not_dyn(case: Case) -> Card | None:
    """E0038."""
    found = told.match(case, _DYN)
    why = told.below(
        case, re.compile(r"because (?:method|associated function) `(?P<name>\w{1,80})` (?P<why>.{1,120})")
    )
    if found is None or why is None:
        return None
    reason = why["why"].rstrip(".")
    return Card(
        f"There can be no `dyn {told.plain(found['name'])}`: its `{why['name']}` {reason}.",
        (),
        (f"`where Self: Sized` on `{why['name']}` leaves it out of `dyn`.",),
    )


def unused_parameter(case: Case) -> Card | None:
    """E0392."""
    found = told.match(case, _PARAMETER)
    item = _owner(case)
    if found is None or item is None:
        return None
    marker = (
        f"`PhantomData<{found['name']}>`"
        if found["kind"] == "type"
        else f"`PhantomData<&{found['name']} ()>`"
    )
    return Card(
        f"No field of `{item.name}` uses its {found['kind']} parameter `{found['name']}`.",
        (),
        (f"Leave it out, or let a field of type {marker} stand for it.",),
    )
