"""Operators, calls and indexes that a type does not have."""

from __future__ import annotations

import re

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.rustc import derive, told
from lsp_debugger.cards.rustc.items import item_named
from lsp_debugger.core.ask import Card

_BINARY = re.compile(
    r"^binary (?P<kind>assignment )?operation `(?P<sign>[^`]{1,3})` cannot be applied to type "
    r"`(?P<type>[^`]{1,300})`"
)
_VERB = re.compile(
    r"^cannot (?P<verb>[a-z-]+)(?: the remainder of)? `(?P<a>[^`]{1,300})`(?: (?:to|from|by|and|divided "
    r"by)) `(?P<b>[^`]{1,300})`"
)
_UNARY = re.compile(r"^cannot apply unary operator `(?P<sign>[!-])` to type `(?P<type>[^`]{1,300})`")
_DEREF = re.compile(r"^type `(?P<type>[^`]{1,300})` cannot be dereferenced")
_INDEX = re.compile(r"^cannot index into a value of type `(?P<type>[^`]{1,300})`")
_CALL = re.compile(r"^expected function, found (?P<what>[^`]{0,40})`(?P<type>[^`]{1,300})`")
_CAST = re.compile(r"^(?:casting|non-primitive cast:) `(?P<a>[^`]{1,300})` as `(?P<b>[^`]{1,300})`")
_TRAITS = {
    "==": "PartialEq",
    "!=": "PartialEq",
    "<": "PartialOrd",
    ">": "PartialOrd",
    "<=": "PartialOrd",
    ">=": "PartialOrd",
    "+": "Add",
    "-": "Sub",
    "*": "Mul",
    "/": "Div",
    "%": "Rem",
}
_NUMBER = re.compile(r"[iuf]\d{1,3}|[iu]size")


def binary(case: Case) -> Card | None:
    """E0369."""
    node = case.nodes.around(case.span, "binary_expression") if case.nodes is not None else None
    operator = node.child_by_field_name("operator") if node is not None else None
    found = told.match(case, _BINARY) or told.match(case, _VERB)
    if found is None or operator is None or case.nodes is None:
        return None
    sign = case.nodes.text(operator)
    kind = told.plain(found["type"] if "type" in found.groupdict() else left_of(found, told.first(case)))
    if kind == "&str" and sign == "+":
        return Card(
            "`+` does not join two `&str`: it needs a `String` on its left to add to.",
            (),
            ('`format!("{a}{b}")` joins them, or `a.to_owned() + b`.',),
        )
    kind = kind.lstrip("&")
    trait, item = _TRAITS.get(sign, ""), item_named(case, kind)
    both = " ".join(case.nodes.text(node).split()) if node is not None else ""
    here = (case.here(case.line, f"`{both}`"),) if len(both) <= 80 and "`" not in both else ()
    if not trait:
        return None
    headline = f"`{sign}` does not work for `{kind}`: it does not implement `{trait}`."
    if item is None:
        return Card(headline)
    if trait not in derive.DERIVABLE:
        says = (f"`impl std::ops::{trait} for {item.name}` says what it means.",)
        return Card(headline, (item.place(case), *here), says)
    notes = (derive.note(case, item, [trait]),)
    return Card(headline, (item.place(case), *here), notes, derive.edit(case, item, [trait]))


def left_of(found: re.Match[str], line: str) -> str:
    """As in `cannot add B to A`, but `cannot multiply A by B`."""
    return found["b"] if f"`{found['a']}` to `" in line or f"`{found['a']}` from `" in line else found["a"]


def unary(case: Case) -> Card | None:
    """E0600."""
    found, code = told.match(case, _UNARY), told.code(case)
    if found is None or not code:
        return None
    kind = told.plain(found["type"])
    notes = {
        "String": ("`.is_empty()` asks whether there is text.",),
        "&str": ("`.is_empty()` asks whether there is text.",),
    }
    unsigned = re.fullmatch(r"u\d{1,3}|usize", kind) is not None and found["sign"] == "-"
    why = "has no negative values" if unsigned else f"has no `{found['sign']}`"
    return Card(f"`{code}`: {told.a(kind)} {why}.", (), notes.get(kind, ()))


def dereferenced(case: Case) -> Card | None:
    """E0614."""
    found, code = told.match(case, _DEREF), told.code(case)
    if found is None or not code.startswith("*"):
        return None
    return Card(
        f"`{code[1:]}` is {told.a(found['type'])} itself and no reference, so there is nothing for `*` "
        f"to follow."
    )


def indexed(case: Case) -> Card | None:
    """E0608."""
    found = told.match(case, _INDEX)
    node = case.nodes.around(case.span, "index_expression") if case.nodes is not None else None
    if found is None or node is None or case.nodes is None or not node.named_children:
        return None
    kind, value = told.plain(found["type"]), " ".join(case.nodes.text(node.named_children[0]).split())
    if len(value) > 60 or "`" in value:
        return None
    item = item_named(case, found["type"].lstrip("&"))
    fields = item.fields if item is not None else {}
    inner = next(
        ((name, of) for name, of in fields.items() if of.startswith(("Vec<", "HashMap<", "["))), None
    )
    notes = [f"Its `{inner[0]}` is a `{inner[1]}`: `{value}.{inner[0]}[…]`."] if inner is not None else []
    return Card(
        f"`{value}` is {told.a(kind)}, which has no `[…]`.",
        (item.place(case),) if item is not None else (),
        tuple(notes),
    )


def called(case: Case) -> Card | None:
    """E0618."""
    found = told.match(case, _CALL)
    node = case.nodes.around(case.span, "call_expression") if case.nodes is not None else None
    function = node.child_by_field_name("function") if node is not None else None
    if found is None or function is None or case.nodes is None:
        return None
    name, kind = case.nodes.text(function), told.plain(found["type"])
    if len(name) > 60 or "`" in name or "\n" in name:
        return None
    what = f"is {told.a(kind)}" if kind != name else f"is {found['what'].strip() or 'no function'}"
    return Card(f"`{name}` {what} and cannot be called.")


def cast(case: Case) -> Card | None:
    """E0604 to E0607."""
    found, code = told.match(case, _CAST), told.code(case)
    node = case.nodes.around(case.span, "type_cast_expression") if case.nodes is not None else None
    value = node.child_by_field_name("value") if node is not None else None
    if found is None or value is None or case.nodes is None or not code:
        return None
    name, a, b = case.nodes.text(value), told.plain(found["a"]), told.plain(found["b"])
    if len(name) > 60 or "`" in name or "\n" in name:
        return None
    notes = list[str]()
    if a in ("&str", "String") and _NUMBER.fullmatch(b):
        notes.append(f"`{name}.parse::<{b}>()` reads a number from text.")
    item = item_named(case, a)
    if item is not None and list(item.fields) == ["0"]:
        notes.append(f"The value inside of it is `{name}.0`.")
    return Card(
        f"`{name}` is {told.a(a)}, and `as` makes no `{b}` of that.",
        (item.place(case),) if item else (),
        tuple(notes),
    )
