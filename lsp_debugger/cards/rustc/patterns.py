"""Patterns that do not take everything, or not in the shape that the value has."""

from __future__ import annotations

import re

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.rustc import told
from lsp_debugger.cards.rustc.items import item_named
from lsp_debugger.core.ask import Card

_LEFT_OUT = re.compile(
    r"^non-exhaustive patterns: (?P<names>`.{1,400}`)(?: and (?P<more>\d{1,4}) more)? not covered"
)
_REFUTABLE = re.compile(
    r"^refutable pattern in (?P<where>local binding|function argument|`for` loop binding)"
)
_NOT_COVERED = re.compile(r"^patterns? (?P<names>`.{1,200}?`) not covered")
_OF_TYPE = re.compile(r"^the matched value is of type `(?P<type>[^`]{1,200})`")
_PARTS = re.compile(
    r"^this pattern has (?P<given>\d{1,3}) fields?, but the corresponding (?P<kind>[a-z ]{1,40}) has "
    r"(?P<wanted>\d{1,3}) fields?"
)


def left_out(case: Case) -> Card | None:
    """E0004."""
    found, kind, value = told.match(case, _LEFT_OUT), told.below(case, _OF_TYPE), told.code(case)
    if found is None:
        return None
    more = f" and {found['more']} more" if found["more"] else ""
    item = item_named(case, kind["type"]) if kind is not None else None
    subject = f"The `match` on `{value}`" if value else "This `match`"
    number = kind is not None and re.fullmatch(r"[iu]\d{1,3}|[iu]size|char|&?str|&str", kind["type"])
    notes = ("An arm `_ => …` takes the rest.",) if number else ()
    names = re.sub(r"(?<=\d)_[iu](?:\d+|size)\b", "", found["names"])
    return Card(
        f"{subject} leaves out {names}{more}.", (item.place(case),) if item is not None else (), notes
    )


def refutable(case: Case) -> Card | None:
    """E0005."""
    found, missing, code = told.match(case, _REFUTABLE), told.below(case, _NOT_COVERED), told.code(case)
    if found is None or missing is None or not code:
        return None
    what = "`let`" if found["where"] == "local binding" else f"A {found['where'].strip('`')}"
    notes = (
        (f"`let {code} = … else {{ return …; }};` or `if let` says what happens otherwise.",)
        if what == "`let`"
        else ()
    )
    return Card(f"{what} has to fit always, and `{code}` does not take {missing['names']}.", (), notes)


def parts(case: Case) -> Card | None:
    """E0023."""
    found, nodes = told.match(case, _PARTS), case.nodes
    pattern = nodes.around(case.span, "tuple_struct_pattern") if nodes is not None else None
    name = pattern.child_by_field_name("type") if pattern is not None else None
    if found is None or nodes is None or name is None:
        return None
    wanted, given = int(found["wanted"]), int(found["given"])
    rest = "`_` stands for one that does not matter, `..` for all the rest." if given < wanted else ""
    return Card(
        f"`{nodes.text(name)}` has {wanted} field{'' if wanted == 1 else 's'}, but this pattern names "
        f"{given}.",
        (),
        (rest,) if rest else (),
    )
