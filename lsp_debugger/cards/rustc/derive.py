"""`#[derive(…)]` for a trait that is missing: certain where every field is known to have the trait."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.rustc import told
from lsp_debugger.cards.rustc.items import Item, fields_of, item_named
from lsp_debugger.core.ask import CertainEdit, Replacement
from lsp_debugger.core.text import Span

DERIVABLE = ("Debug", "Clone", "Copy", "PartialEq", "Eq", "PartialOrd", "Ord", "Hash", "Default")
# A trait and what it cannot be derived without.
_NEEDS = {
    "Copy": ("Clone",),
    "Eq": ("PartialEq",),
    "PartialOrd": ("PartialEq",),
    "Ord": ("PartialEq", "Eq", "PartialOrd"),
}
_PLAIN = frozenset(
    {"bool", "char", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize"}
)
_FLOATS = frozenset({"f32", "f64"})
_EXACT = frozenset({"Eq", "Ord", "Hash"})  # what a float does not have
_OF_ONE = frozenset({"Vec", "Option", "Box"})
_GENERIC = re.compile(r"^(?P<outer>\w+)<(?P<inner>[^<>,]{1,80}(?:<[^<>,]{1,80}>)?)>$")
_MAX_DEPTH = 6


def missing(item: Item, traits: Sequence[str]) -> list[str]:
    """The traits and what they need, in the order of the listing, without what is derived already."""
    wanted = {*traits, *(need for trait in traits for need in _NEEDS.get(trait, ()))}
    return [trait for trait in DERIVABLE if trait in wanted and trait not in item.derives]


def can_derive(case: Case, item: Item, traits: Sequence[str], depth: int = 0) -> bool:
    """False where it is not certain: generic types, fields whose type is not known here, unions."""
    if depth > _MAX_DEPTH or item.node.child_by_field_name("type_parameters") is not None:
        return False
    if item.node.type == "union_item" or (item.node.type == "enum_item" and "Default" in traits):
        return False
    kinds = list(_kinds(item))
    return all(_has(case, kind, trait, depth) for kind in kinds for trait in traits)


def _kinds(item: Item) -> Iterator[str]:
    yield from item.fields.values()
    body = item.node.child_by_field_name("body")
    for variant in body.named_children if body is not None and item.node.type == "enum_item" else []:
        yield from fields_of(variant, item.nodes).values()


def _has(case: Case, kind: str, trait: str, depth: int) -> bool:
    if kind in _PLAIN:
        return True
    if kind in _FLOATS:
        return trait not in _EXACT
    if kind == "String":
        return trait != "Copy"
    generic = _GENERIC.match(kind)
    if generic is not None and generic["outer"] in _OF_ONE:
        if trait == "Copy" and generic["outer"] != "Option":
            return False
        return _has(case, generic["inner"], trait, depth + 1)
    inner = item_named(case, kind) if generic is None else None
    return inner is not None and trait in inner.derives and inner.name == kind


def lacking(case: Case, item: Item, traits: Sequence[str]) -> tuple[str, str] | None:
    """A field, with its type, whose type is of the project and derives none of the traits itself."""
    for name, kind in item.fields.items():
        inner = item_named(case, kind)
        by_hand = inner is not None and _implemented(case, inner, traits)
        if inner is not None and inner.name == kind and not by_hand and not set(traits) & set(inner.derives):
            return name, kind
    return None


def note(case: Case, item: Item, traits: Sequence[str]) -> str:
    """What deriving takes, for the reader to do."""
    named = ", ".join(missing(item, traits)) or ", ".join(traits)
    given = f"`#[derive({named})]` on `{item.name}` gives it"
    lack = lacking(case, item, traits)
    if lack is not None:
        return f"{given}, once `{lack[1]}`, the type of its `{lack[0]}`, has it too."
    return f"{given}, if all of its fields have it."


def edit(case: Case, item: Item, traits: Sequence[str]) -> CertainEdit | None:
    """Nothing where the publisher itself offers it, or where it would have to go into another file."""
    add = missing(item, traits)
    if not add or item.path != case.path or not can_derive(case, item, add):
        return None
    if _implemented(case, item, add) or told.beside(case, "consider annotating"):
        return None
    replacement = _into(case, item, add)
    title = f"Derive {' and '.join(f'`{trait}`' for trait in add)} for `{item.name}`"
    made = CertainEdit(title, case.snapshot.uri, case.snapshot.version, (replacement,))
    return made if _parses(case, made) else None


def _into(case: Case, item: Item, add: Sequence[str]) -> Replacement:
    """Into the attribute that is there, or into a new one on a line of its own."""
    for attribute in item.attributes():
        text = item.nodes.text(attribute)
        found = re.match(r"#\[derive\(([^()]*?),?\s*\)\]$", text)
        if found is not None:
            at = item.nodes.span(attribute).start + found.end(1)
            return Replacement(Span(at, at), f"{', ' if found[1].strip() else ''}{', '.join(add)}")
    start = item.nodes.span(item.node).start
    line = case.snapshot.lines.span_of(case.snapshot.lines.line_of(start))
    indent = case.snapshot.text[line.start : start]
    ending = "\r\n" if "\r\n" in case.snapshot.text else "\n"
    return Replacement(Span(start, start), f"#[derive({', '.join(add)})]{ending}{indent}")


def _implemented(case: Case, item: Item, traits: Sequence[str]) -> bool:
    """An `impl Trait for Type` by hand in the same file, whatever it is for exactly."""
    if case.nodes is None:
        return True
    for node in case.nodes.within(Span(0, len(case.snapshot.text)), "impl_item"):
        trait, kind = node.child_by_field_name("trait"), node.child_by_field_name("type")
        if trait is None or kind is None:
            continue
        name = case.nodes.text(trait).rpartition("::")[2].partition("<")[0]
        if name in traits and case.nodes.text(kind).partition("<")[0].rpartition("::")[2] == item.name:
            return True
    return False


def _parses(case: Case, made: CertainEdit) -> bool:
    """The text has no more errors than before, as the grammar reads it."""
    text = case.snapshot.text
    ordered = sorted(made.replacements, key=lambda each: each.span)
    if any(one.span.end > other.span.start for one, other in pairwise(ordered)):
        return False
    for each in reversed(ordered):
        text = text[: each.span.start] + each.new_text + text[each.span.end :]
    after = case.around.syntax.view(replace(case.snapshot, text=text))
    before = case.around.syntax.view(case.snapshot)
    return after is not None and before is not None and (before.has_error or not after.has_error)
