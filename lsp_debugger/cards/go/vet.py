"""Findings of `go vet` about statements and values."""

from __future__ import annotations

import re

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.go.rule import rule
from lsp_debugger.cards.go.source import binding, line_text, node_at, nodes_of, short
from lsp_debugger.core.ask import Card

_MADE = {"Errorf", "New", "Sprint", "Sprintf", "Sprintln", "WithCancel", "WithValue"}


def unused_result(case: Case, match: re.Match[str]) -> Card | None:
    call = match["call"]
    effect = (
        "makes a value and does nothing else"
        if call.rpartition(".")[2] in _MADE
        else "is called for its result"
    )
    nodes, node = nodes_of(case), node_at(case, "call_expression")
    code = short(nodes.text(node)) if nodes is not None and node is not None else call
    return Card(f"`{call}` {effect}, and the result of `{code}` is dropped.")


def self_assignment(case: Case, match: re.Match[str]) -> Card | None:
    code = match["code"]
    last = code.rpartition(".")[2]
    nodes, statement = nodes_of(case), node_at(case, "assignment_statement")
    found = (
        binding(nodes, statement, last)
        if nodes is not None and statement is not None and "." in code
        else None
    )
    if nodes is not None and found is not None:
        line = nodes.line(found.name)
        return Card(
            f"`{short(code)}` is set to itself, which changes nothing; the {found.kind} `{last}` is "
            f"not used here.",
            (case.here(line, f"{found.kind} `{last}`"),),
        )
    return Card(f"`{short(code)}` is set to itself, which changes nothing.")


def twice(_case: Case, match: re.Match[str]) -> Card | None:
    word, code = match["word"], match["code"]
    first = code.partition("||" if word == "or" else "&&")[0].strip()
    return Card(
        f"Both sides of `{short(code)}` are `{short(first)}`: one of them is meant to be something else."
    )


def always(_case: Case, match: re.Match[str]) -> Card | None:
    word, code = match["word"], match["code"]
    other = "||" if word == "and" else "&&"
    value = "true" if word == "or" else "false"
    return Card(
        f"`{short(code)}` is always {value}, as long as the two values differ.",
        notes=(f"`{other}` instead is what is meant most often.",),
    )


def appends(case: Case, _match: re.Match[str]) -> Card | None:
    nodes, call = nodes_of(case), node_at(case, "call_expression")
    if nodes is None or call is None:
        return None
    listed = call.child_by_field_name("arguments")
    slice_ = listed.named_children[0] if listed is not None and listed.named_children else None
    if slice_ is None:
        return None
    return Card(
        f"`{short(nodes.text(call))}` appends nothing: it is `{short(nodes.text(slice_))}` itself, and "
        f"no copy of it.",
        notes=("`slices.Clone` makes a copy.",),
    )


def defers(case: Case, match: re.Match[str]) -> Card | None:
    nodes, statement = nodes_of(case), node_at(case, "defer_statement")
    if nodes is None or statement is None:
        return None
    line = nodes.line(statement)
    return Card(
        f"`{match['call']}` is called now, in line {line}, since a deferred call's arguments are "
        f"worked out at once.",
        notes=("Inside of `defer func() { … }()` it is called at the end.",),
    )


def response(case: Case, match: re.Match[str]) -> Card | None:
    nodes, name = nodes_of(case), case.code if case.code.isidentifier() else "the response"
    statement = node_at(case, "defer_statement", "expression_statement", "short_var_declaration")
    found = binding(nodes, statement, name) if nodes is not None and statement is not None else None
    shown = f"`{name}`" if case.code.isidentifier() else name
    if nodes is None or found is None:
        return Card(f"{shown} is nil where the request failed, and it is used before that is known.")
    line = nodes.line(found.statement)
    return Card(
        f"{shown} is nil where the request of line {line} failed, and it is used before its error is "
        f"looked at.",
        (case.here(line, f"`{line_text(case, line)}`"),),
        ("First the error, then `defer`.",),
    )


def nil_function(case: Case, match: re.Match[str]) -> Card | None:
    name, value = match["name"], match["value"]
    known = [each for each in case.around.symbols.definitions(name, case.path) if each.kind == "function"]
    places = (case.place(known[0]),) if len(known) == 1 else ()
    return Card(
        f"`{name}` is a declared function, never nil: the comparison is always {value}.",
        places,
    )


def shift(case: Case, match: re.Match[str]) -> Card | None:
    code, bits, by = match["code"], match["bits"], match["by"]
    return Card(
        f"`{short(code)}` has {bits} bits, and a shift by {by} leaves none of them.",
        notes=("A larger type has room: convert first, then shift.",),
    )


def rune_string(case: Case, match: re.Match[str]) -> Card | None:
    nodes, call = nodes_of(case), node_at(case, "call_expression", "type_conversion_expression")
    if nodes is None or call is None:
        return None
    code = short(nodes.text(call))
    listed = call.child_by_field_name("arguments")
    value = (
        short(nodes.text(listed.named_children[0])) if listed is not None and listed.named_children else "n"
    )
    return Card(
        f"`{code}` is the one character with that number, not the number in digits.",
        notes=(
            f"`strconv.Itoa({value})` gives the digits of an int.",
            f"`string(rune({value}))` says that the character is meant.",
        ),
    )


def atomic(case: Case, _match: re.Match[str]) -> Card | None:
    nodes, statement = nodes_of(case), node_at(case, "assignment_statement", "short_var_declaration")
    left = statement.child_by_field_name("left") if statement is not None else None
    if nodes is None or left is None:
        return None
    name = short(nodes.text(left))
    return Card(
        f"The call sets `{name}` atomically; assigning its result to `{name}` once more does not.",
        notes=("The call alone is enough.",),
    )


def layout(_case: Case, match: re.Match[str]) -> Card | None:
    return Card(
        "In a layout `01` is the month and `02` the day: `2006-02-01` writes the day before the month.",
        notes=("`2006-01-02` is year, month, day.",),
    )


def address(_case: Case, match: re.Match[str]) -> Card | None:
    return Card(
        f"`{match['format']}` makes no address of an IPv6 host, which needs brackets around it.",
        notes=("`net.JoinHostPort(host, port)` writes them.",),
    )


RULES = (
    rule("unusedresult", r"result of (?P<call>[\w.()*/]{1,200}) call not used", unused_result),
    rule("assign", r"self-assignment of (?P<code>[^\n]{1,200})$", self_assignment),
    rule("bools", r"redundant (?P<word>or|and): (?P<code>[^\n]{1,300})$", twice),
    rule("bools", r"suspect (?P<word>or|and): (?P<code>[^\n]{1,300})$", always),
    rule("appends", r"append with no values", appends),
    rule("defers", r"call to (?P<call>[\w.]{1,100}) is not deferred", defers),
    rule("httpresponse", r"using (?P<name>\w{1,100}) before checking for errors", response),
    rule(
        "nilfunc",
        r"comparison of function (?P<name>\w{1,200}) [=!]= nil is always (?P<value>true|false)",
        nil_function,
    ),
    rule(
        "shift",
        r"(?P<code>[^\n]{1,200}) \((?P<bits>\d{1,4}) bits\) too small for shift of (?P<by>\d{1,10})",
        shift,
    ),
    rule(
        "stringintconv",
        r"conversion from (?P<type>[^\n]{1,100}?) to \S{1,100} .{0,60}yields a string of one rune",
        rune_string,
    ),
    rule("atomic", r"direct assignment to atomic value", atomic),
    rule("timeformat", r"2006-02-01 should be 2006-01-02", layout),
    rule("hostport", r'address format "(?P<format>[^"\n]{1,100})" does not work with IPv6', address),
)
