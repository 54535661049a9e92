"""Findings of staticcheck about how something could be written."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.go.source import FUNCTIONS, node_at, nodes_of, short
from lsp_debugger.core.ask import Card

_VALUE = re.compile(r"this value of (?P<name>\w{1,200}) is never used")
_FIELD = re.compile(r"ineffective assignment to field (?P<type>\w{1,200})\.(?P<field>\w{1,200})")
_UNUSED = re.compile(r"(?P<kind>func|type|field|var|const|method) (?P<name>[\w.()*]{1,200}) is unused")
_INSTEAD = re.compile(r"should replace loop with (?P<code>[^\n]{1,200})$")
_UNCHECKED = re.compile(
    r"should check error returned from (?P<call>[\w.]{1,100})\(\) before deferring (?P<late>[\w.]{1,100})\(\)"
)
_DEPRECATED = re.compile(
    r"(?P<name>\S{1,200}) (?:has been|is) deprecated(?: since Go \S{1,20})?[^:]{0,120}: "
    r"(?P<why>[\s\S]{1,600})"
)
_NAME_OF = re.compile(r"error var (?P<name>\w{1,200}) should have name of the form (?P<form>\w{1,40})")


def loop_instead(case: Case) -> Card | None:
    match = _INSTEAD.match(case.problem.message)
    line = short(case.line_text.rstrip("{ "))
    return (
        Card(f"The loop `{line}` does what `{short(match['code'])}` does at once.")
        if match is not None
        else None
    )


def bool_constant(case: Case) -> Card | None:
    match = re.search(r"simplified to (?P<code>[^\n]{1,200})$", case.problem.message)
    return (
        Card(f"`{short(case.code)}` is the same as `{short(match['code'])}`.") if match is not None else None
    )


def never_true(case: Case) -> Card | None:
    return (
        Card(f"`{short(case.code)}` never changes: {short(case.problem.message, 120)}.")
        if case.code
        else None
    )


def error_text(case: Case) -> Card | None:
    nodes = nodes_of(case)
    text = (
        next(iter(nodes.within(case.span, "interpreted_string_literal")), None) if nodes is not None else None
    )
    if nodes is None or text is None:
        return None
    shown = short(nodes.text(text))
    why = (
        "begins with a capital letter"
        if "capitalized" in case.problem.message
        else "ends with punctuation or a new line"
    )
    return Card(f"The text `{shown}` {why}, and errors are mostly printed in the middle of a line.")


def error_name(case: Case) -> Card | None:
    match = _NAME_OF.match(case.problem.message)
    if match is None:
        return None
    return Card(
        f"`{match['name']}` is an error, and those are called "
        f"`{match['form'].replace('Foo', match['name'].removeprefix('Err').removeprefix('err'))}` by custom."
    )


def receiver(case: Case) -> Card | None:
    name = short(case.code)
    return (
        Card(f"`{name}` says nothing as the name of a receiver; by custom it is a letter or two of the type.")
        if name
        else None
    )


def simple_return(case: Case) -> Card | None:
    match = re.match(
        r"should use '(?P<new>[^'\n]{1,200})' instead of '(?P<old>[^'\n]{1,300})'", case.problem.message
    )
    return (
        Card(f"`{short(match['new'])}` says what `{short(match['old'])}` says.")
        if match is not None
        else None
    )


def needless(case: Case) -> Card | None:
    return Card(f"`{short(case.code)}` asks for nil needlessly: `len` of a nil slice or map is 0.")


def errorf(case: Case) -> Card | None:
    return Card(f"`fmt.Errorf(…)` does in one step what `{short(case.code)}` does in two.")


def to_string(case: Case) -> Card | None:
    return (
        Card(f"`{short(case.code)}` gives back the string that it is given.")
        if "already a string" in case.problem.message
        else None
    )


def one_case(case: Case) -> Card | None:
    nodes, statement = nodes_of(case), node_at(case, "select_statement")
    inner = (
        next(iter(nodes.within(nodes.span(statement), "communication_case")), None)
        if nodes and statement
        else None
    )
    communication = inner.child_by_field_name("communication") if inner is not None else None
    if nodes is None or communication is None:
        return None
    return Card(f"A `select` with one case waits like `{short(nodes.text(communication))}` alone.")


def last_return(case: Case) -> Card | None:
    nodes, function = nodes_of(case), node_at(case, *FUNCTIONS)
    name = function.child_by_field_name("name") if function is not None else None
    shown = f"`{nodes.text(name)}`" if nodes is not None and name is not None else "the function"
    return (
        Card(f"This `return` is the last thing in {shown}, which ends there anyway.")
        if "return" in case.problem.message
        else None
    )


def error_last(case: Case) -> Card | None:
    nodes, function = nodes_of(case), node_at(case, *FUNCTIONS)
    name = function.child_by_field_name("name") if function is not None else None
    if nodes is None or name is None:
        return None
    return Card(
        f"`{nodes.text(name)}` returns its `error` before other results; by custom it is the last one."
    )


RULES: Mapping[str, Callable[[Case], Card | None]] = {
    "S1000": one_case,
    "S1002": bool_constant,
    "S1008": simple_return,
    "S1009": needless,
    "S1011": loop_instead,
    "S1023": last_return,
    "S1025": to_string,
    "S1028": errorf,
    "SA4003": never_true,
    "ST1005": error_text,
    "ST1006": receiver,
    "ST1008": error_last,
    "ST1012": error_name,
}
