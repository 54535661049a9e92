"""Changing what was not declared to change."""

from __future__ import annotations

import re

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.rustc import told
from lsp_debugger.cards.rustc.items import binding_of, function_around, self_parameter
from lsp_debugger.core.ask import Card

_CANNOT = re.compile(
    r"^cannot (?P<how>borrow|assign to) `(?P<name>[^`]{1,120})`(?: as mutable)?,? (?:as|which) "
    r"(?P<why>.{1,200})$"
)
_OTHER = re.compile(r"^`(?P<name>[^`]{1,120})` is not declared as mutable")
_TWICE = re.compile(
    r"^cannot assign (?:twice )?to immutable (?P<what>variable|argument) `(?P<name>[^`]{1,120})`"
)


def changed(case: Case) -> Card | None:
    """E0594 and E0596."""
    found = told.match(case, _CANNOT)
    if found is None:
        return None
    name, why = found["name"].lstrip("*"), found["why"]
    if "is not declared as mutable" in why:
        other = _OTHER.match(why)
        return _binding(case, other["name"] if other is not None else name, name)
    if "behind a `&` reference" in why:
        return _shared(case, name)
    if "captured variable in a `Fn` closure" in why:
        taker = told.beside(case, "accept `FnMut` instead of `Fn`")
        return Card(
            f"The closure changes `{name}`, but it is passed where a `Fn` is wanted, which may not "
            f"change what it captures.",
            (),
            ("`FnMut` instead of `Fn` there allows it.",) if taker is not None else (),
        )
    return None


def _binding(case: Case, name: str, changed_name: str) -> Card:
    bound = binding_of(case, name)
    where = f" {told.on_line(case, case.here(bound[1]))}" if bound is not None else ""
    code = told.code(case)
    by = f"`{code}` changes it" if code not in ("", name) else ""
    what = by or ("it is changed" if changed_name == name else f"`{changed_name}` is changed")
    if bound is not None and bound[0].type == "parameter":
        return Card(
            f"The parameter `{name}` is not `mut`{where}, and {what} here.",
            (),
            (f"`mut {name}: …` allows it.",),
        )
    text = (
        " ".join(case.nodes.text(bound[0]).split())[:80]
        if bound is not None and case.nodes is not None
        else ""
    )
    places = (case.here(bound[1], f"`{text}`"),) if bound is not None else ()
    return Card(f"`{name}` is declared without `mut`{where}, and {what} here.", places)


def _shared(case: Case, name: str) -> Card | None:
    function, owner = function_around(case), name.partition(".")[0].strip("()*")
    if function is None:
        return None
    if owner == "self" and self_parameter(function).startswith("&"):
        in_trait = _in_trait_impl(case)
        notes = [
            "The trait fixes that signature; a `Cell`, `RefCell` or `Mutex` can be changed through `&self`."
        ]
        return Card(
            f"`{function.name}` takes `{self_parameter(function)}`, which only lends `self` to be read, "
            f"so `{name}` cannot be changed.",
            (case.here(function.line, f"`{function.header[:120]}`"),),
            tuple(notes) if in_trait else (f"`&mut self` lets `{function.name}` change it.",),
        )
    bound = binding_of(case, owner)
    if bound is None or case.nodes is None:
        return None
    text = " ".join(case.nodes.text(bound[0]).split())
    shown = f" (`{text}`)" if len(text) <= 60 and "`" not in text else ""
    return Card(
        f"`{owner}` is a shared reference{shown}, and through that nothing can be changed.",
        (case.here(bound[1], f"`{owner}`"),),
    )


def _in_trait_impl(case: Case) -> bool:
    around = case.nodes.around(case.span, "impl_item") if case.nodes is not None else None
    return around is not None and around.child_by_field_name("trait") is not None


def assigned_twice(case: Case) -> Card | None:
    """E0384."""
    found = told.match(case, _TWICE)
    if found is None:
        return None
    name = found["name"]
    if found["what"] == "argument":
        return Card(
            f"`{name}` is a parameter without `mut`, so it keeps the value that the caller gave.",
            (),
            (f"`mut {name}: …` allows it.",),
        )
    before = told.beside(case, "first assign", "first assigned") or told.beside(case, f"`{name}`")
    got = f" got its value {told.on_line(case, before)} and" if before is not None else ""
    return Card(
        f"`{name}`{got} is not `mut`, so it cannot be assigned again.", (), (f"`let mut {name}` allows it.",)
    )
