"""Findings of `go vet` about tags, arguments, methods and other values."""

from __future__ import annotations

import re

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.go.rule import rule
from lsp_debugger.cards.go.source import binding, line_text, node_at, nodes_of, short
from lsp_debugger.core.ask import Card

_MADE = {"Errorf", "New", "Sprint", "Sprintf", "Sprintln", "WithCancel", "WithValue"}


def tag(_case: Case, match: re.Match[str]) -> Card | None:
    written, why = match["tag"], match["why"]
    notes = ()
    pair = re.fullmatch(r"(\w{1,40}):([\w,-]{1,100})", written)
    if pair is not None:
        notes = (f'`{pair[1]}:"{pair[2]}"` is how it is written.',)
    elif ": " in written:
        notes = ("No space may stand between the key's colon and its value.",)
    return Card(
        f"The tag `{short(written)}` cannot be read ({short(why)}), so it is passed over.", notes=notes
    )


def tag_twice(case: Case, match: re.Match[str]) -> Card | None:
    field, key, name, line = match["field"], match["key"], match["name"], int(match["line"])
    own = match["file"].rpartition("/")[2] == case.path.rpartition("/")[2]
    places = (
        (case.here(line, f"`{line_text(case, line)}`"),)
        if own and 1 <= line <= len(case.snapshot.lines)
        else ()
    )
    return Card(
        f"`{field}` has the {key} name `{name}` that line {line} has already: encoding/{key} leaves both out."
        if key in {"json", "xml"}
        else f"`{field}` has the {key} name `{name}` that line {line} has already.",
        places,
    )


def tag_private(_case: Case, match: re.Match[str]) -> Card | None:
    field, key = match["field"], match["key"]
    return Card(
        f"`{field}` begins with a small letter, so no other package, encoding/{key} included, sees it "
        f"or its tag."
    )


def unmarshal(case: Case, match: re.Match[str]) -> Card | None:
    nodes, call = nodes_of(case), node_at(case, "call_expression")
    listed = call.child_by_field_name("arguments") if call is not None else None
    at = {"first": 0, "second": 1}.get(match["place"], 0)
    if nodes is None or listed is None or len(listed.named_children) <= at:
        return None
    value = short(nodes.text(listed.named_children[at]))
    return Card(
        f"`{match['call']}` gets a copy of `{value}`, so nothing that it reads arrives in it.",
        notes=(f"`&{value}` gives it the variable itself.",),
    )


def errors_as(case: Case, _match: re.Match[str]) -> Card | None:
    nodes, call = nodes_of(case), node_at(case, "call_expression")
    listed = call.child_by_field_name("arguments") if call is not None else None
    if nodes is None or listed is None or len(listed.named_children) < 2:
        return None
    target = short(nodes.text(listed.named_children[1]))
    found = binding(nodes, listed, target)
    line = nodes.line(found.name) if found is not None else 0
    places = (case.here(line, f"`{line_text(case, line)}`"),) if found is not None else ()
    notes = (f"`&{target}` is one.",) if found is not None and not target.startswith("&") else ()
    return Card(
        f"`errors.As` needs a pointer to a variable for the error; `{target}` is none.", places, notes
    )


def unkeyed(_case: Case, match: re.Match[str]) -> Card | None:
    kind = match["type"]
    return Card(
        f"The values of this `{short(kind)}` have no names: a field more or less in that package, and "
        f"they are wrong."
    )


def unbuffered(case: Case, _match: re.Match[str]) -> Card | None:
    nodes, call = nodes_of(case), node_at(case, "call_expression")
    listed = call.child_by_field_name("arguments") if call is not None else None
    if nodes is None or listed is None or not listed.named_children:
        return None
    channel = short(nodes.text(listed.named_children[0]))
    found = binding(nodes, listed, channel)
    line = nodes.line(found.name) if found is not None else 0
    places = (case.here(line, f"`{line_text(case, line)}`"),) if found is not None else ()
    return Card(
        f"`{channel}` has no room: a signal is dropped when nobody is waiting at that moment.", places
    )


def signature(_case: Case, match: re.Match[str]) -> Card | None:
    method, wanted = match["method"], match["wanted"]
    name = re.split(r"\W", method)[0]
    return Card(
        f"`{short(method)}` has the name of a well-known method, but not its signature `{short(wanted)}`.",
        notes=(f"Where that interface is looked for, this `{name}` is passed over.",),
    )


def no_type(_case: Case, match: re.Match[str]) -> Card | None:
    one, other, method = (match[key].rpartition("/")[2] for key in ("one", "other", "method"))
    return Card(f"No type can be both `{one}` and `{other}`: they ask for two different methods `{method}`.")


def log_value(_case: Case, match: re.Match[str]) -> Card | None:
    return Card(f"`{match['call']}` takes keys and values in turn, and the last key has no value.")


def log_key(_case: Case, match: re.Match[str]) -> Card | None:
    argument = match["argument"].strip('"')
    return Card(
        f"`{short(argument)}` stands where `{match['call']}` takes a key: keys and values come in turn."
    )


def build_tag(case: Case, _match: re.Match[str]) -> Card | None:
    return Card(
        f"`{short(case.line_text)}` counts only above the `package` line; here it is a comment like others."
    )


def pointer(case: Case, _match: re.Match[str]) -> Card | None:
    return Card(
        f"`{short(case.code)}` makes a pointer of a number: the garbage collector may have moved or "
        f"freed what was there."
    )


def test_name(_case: Case, match: re.Match[str]) -> Card | None:
    name, rest = match["name"], match["rest"]
    if "malformed name" in rest:
        return Card(
            f"`{name}` is no test: after `Test`, `Benchmark`, `Fuzz` or `Example` no small letter may follow."
        )
    unknown = re.search(r"refers to unknown (?P<what>identifier|field or method): (?P<of>\S{1,200})", rest)
    if unknown is not None:
        return Card(f"`{name}` is an example of `{unknown['of']}`, which this package does not have.")
    return None


RULES = (
    rule(
        "structtag",
        r"struct field tag `?(?P<tag>[^\n]{1,300}?)`? not compatible with reflect\.StructTag\.Get: "
        r"(?P<why>[^\n]{1,200})",
        tag,
    ),
    rule(
        "structtag",
        r"struct field (?P<field>\w{1,200}) repeats (?P<key>\w{1,40}) tag \"(?P<name>[^\"\n]{1,200})\" "
        r"also at "
        r"(?P<file>[^\n:]{1,300}):(?P<line>\d{1,7})",
        tag_twice,
    ),
    rule(
        "structtag",
        r"struct field (?P<field>\w{1,200}) has (?P<key>\w{1,40}) tag but is not exported",
        tag_private,
    ),
    rule(
        "unmarshal",
        r"call of (?P<call>[\w.]{1,100}) passes non-pointer as (?P<place>first|second) argument",
        unmarshal,
    ),
    rule("errorsas", r"second argument to errors\.As must be a non-nil pointer", errors_as),
    rule("composites", r"(?P<type>[\w./]{1,200}) struct literal uses unkeyed fields", unkeyed),
    rule("sigchanyzer", r"misuse of unbuffered os\.Signal channel", unbuffered),
    rule(
        "stdmethods",
        r"method (?P<method>[^\n]{1,200}?) should have signature (?P<wanted>[^\n]{1,200})",
        signature,
    ),
    rule(
        "ifaceassert",
        r"impossible type assertion: no type can implement both (?P<one>\S{1,300}) and (?P<other>\S{1,300}) "
        r"\(conflicting types for (?P<method>\w{1,100}) method\)",
        no_type,
    ),
    rule("slog", r"call to (?P<call>[\w.]{1,100}) missing a final value", log_value),
    rule(
        "slog",
        r"(?P<call>[\w.]{1,100}) arg (?P<argument>[^\n]{1,200}?) should be a string or a slog\.Attr",
        log_key,
    ),
    rule("buildtag", r"misplaced //go:build comment", build_tag),
    rule("unsafeptr", r"possible misuse of unsafe\.Pointer", pointer),
    rule(
        "tests",
        r"(?P<name>(?:Test|Benchmark|Fuzz|Example)\w{0,200}) (?P<rest>(?:has malformed name|refers to "
        r"unknown)[^\n]{0,300})",
        test_name,
    ),
)
