"""Types that nothing settles."""

from __future__ import annotations

import re

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.rustc import told
from lsp_debugger.core.ask import Card

_KNOWN = re.compile(r"^type annotations needed(?: for `(?P<type>[^`]{1,200})`)?")
_HINT = re.compile(r"explicit type.{0,120}: `: ([^`]{1,80})`$")
_SETTLED = {
    "collect": "`collect` can build many things",
    "parse": "`parse` can give many types",
    "into": "`into` can give many types",
    "sum": "`sum` can give many types",
}


def unknown(case: Case) -> Card | None:
    """E0282 and E0283."""
    found, nodes = told.match(case, _KNOWN), case.nodes
    let = nodes.around(case.span, "let_declaration") if nodes is not None else None
    pattern = let.child_by_field_name("pattern") if let is not None else None
    if (
        found is None
        or nodes is None
        or let is None
        or pattern is None
        or let.child_by_field_name("type") is not None
    ):
        return None
    name, value = nodes.text(pattern), let.child_by_field_name("value")
    if pattern.type != "identifier" or nodes.span(pattern) != case.span:
        return None
    text = nodes.text(value) if value is not None else ""
    ending = re.search(r"\.(?P<name>collect|parse|into|sum|product|default)\(\)", text)
    why = _SETTLED.get(ending["name"] if ending else "", "")
    hint = next((each[1] for each in map(_HINT.search, told.lines(case)) if each), "")
    notes = (
        f"`let {name}: {hint} = …` says it, with the type that is meant in the place of `{_open(hint)}`.",
    )
    if not hint or not _open(hint):
        notes = (f"`let {name}: … =` with the type that is meant says it.",)
    if found["type"]:
        kind = told.plain(found["type"])
        return Card(
            f"`{name}` is {told.a(kind)}, and nothing here says what `{_open(kind) or '_'}` is.", (), notes
        )
    return Card(f"The type of `{name}` is not settled{f': {why}' if why else ''}.", (), notes)


def _open(kind: str) -> str:
    """The part of a type that is still to be filled in."""
    found = re.search(r"\b(_|[A-Z])\b", kind)
    return found[1] if found is not None else ""
