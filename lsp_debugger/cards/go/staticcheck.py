"""Findings of staticcheck, by its codes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.go.source import FUNCTIONS, binding, line_text, node_at, nodes_of, parents, short
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


def never_used(case: Case) -> Card | None:
    match, nodes = _VALUE.match(case.problem.message), nodes_of(case)
    function = node_at(case, *FUNCTIONS)
    if match is None or nodes is None or function is None:
        return None
    name = match["name"]
    inside = node_at(case, "assignment_statement", "short_var_declaration")
    end = inside.end_byte if inside is not None else function.end_byte
    for node in nodes.within(nodes.span(function), "assignment_statement", "short_var_declaration"):
        left = node.child_by_field_name("left")
        names = [nodes.text(each) for each in left.named_children] if left is not None else []
        if node.start_byte >= end and name in names and inside is not None and node.parent == inside.parent:
            line = nodes.line(node)
            return Card(
                f"Nothing reads the `{name}` of line {case.line}: line {line} sets it again.",
                (case.here(line, f"`{line_text(case, line)}`"),),
                ("An error that is overwritten is never seen.",) if name == "err" else (),
            )
    return Card(f"Nothing reads the value that `{name}` is given here.")


def lost_field(case: Case) -> Card | None:
    match, nodes = _FIELD.match(case.problem.message), nodes_of(case)
    method = node_at(case, "method_declaration")
    receiver = method.child_by_field_name("receiver") if method is not None else None
    if match is None or nodes is None or receiver is None or method is None or "*" in nodes.text(receiver):
        return None
    line = nodes.line(method)
    return Card(
        f"`{match['field']}` is set in a copy: the method takes its `{match['type']}` by value, and "
        f"the caller's stays.",
        (case.here(line, f"`{line_text(case, line)}`"),),
        (f"With a pointer, `*{match['type']}`, as the receiver it would change.",),
    )


def identical(case: Case) -> Card | None:
    nodes, node = nodes_of(case), node_at(case, "binary_expression")
    left = node.child_by_field_name("left") if node is not None else None
    if nodes is None or node is None or left is None:
        return None
    return Card(
        f"`{short(nodes.text(node))}` has `{short(nodes.text(left))}` on both sides: one of them is "
        f"meant to be another."
    )


def pattern(case: Case) -> Card | None:
    nodes, call = nodes_of(case), node_at(case, "call_expression")
    if nodes is None or call is None:
        return None
    why = case.problem.message.removeprefix("error parsing regexp: ").partition(": `")[0]
    function = call.child_by_field_name("function")
    name = short(nodes.text(function)) if function is not None else ""
    ends = ", and panics when it is run" if "Must" in name else ""
    return Card(
        f"`{name}` cannot read the pattern `{short(case.code.strip('`' + chr(34)))}`: {short(why)}{ends}."
    )


def nil_pointer(case: Case) -> Card | None:
    check = next((each for each in case.problem.related if each.line > 0), None)
    nodes, access = (
        nodes_of(case),
        node_at(case, "selector_expression", "unary_expression", "index_expression"),
    )
    if check is None or nodes is None or access is None:
        return None
    operand = access.child_by_field_name("operand")
    name = short(nodes.text(operand)) if operand is not None else short(nodes.text(access))
    line = f"line {check.line}"
    said = (
        f"{line} allows for that"
        if check.line < case.line
        else f"{line}, which looks whether it is, comes too late"
    )
    return Card(f"`{short(nodes.text(access))}` fails when `{name}` is nil, and {said}.")


def nil_map(case: Case) -> Card | None:
    nodes, access = nodes_of(case), node_at(case, "index_expression")
    if nodes is None or access is None:
        node = next(iter(nodes.within(case.span, "index_expression")), None) if nodes is not None else None
        access = node
    operand = access.child_by_field_name("operand") if access is not None else None
    if nodes is None or operand is None:
        return None
    name = nodes.text(operand)
    found = binding(nodes, operand, name)
    if found is None:
        return None
    line = nodes.line(found.name)
    kind = short(nodes.text(found.type)) if found.type is not None else "map[…]…"
    return Card(
        f"`{short(name)}` is a nil map here: reading it works, writing to it panics.",
        (case.here(line, f"`{line_text(case, line)}`"),),
        (f"`{short(name)} := make({kind})` makes one.",),
    )


def endless_defer(case: Case) -> Card | None:
    nodes, statement, loop = nodes_of(case), node_at(case, "defer_statement"), node_at(case, "for_statement")
    if nodes is None or statement is None or loop is None:
        return None
    line = nodes.line(loop)
    return Card(
        f"`{short(nodes.text(statement))}` waits for the end of the function, and the loop of line "
        f"{line} never ends.",
        (case.here(line, f"`{line_text(case, line)}`"),),
        ("In a function of its own, called in each round, it would run.",),
    )


def lost_break(case: Case) -> Card | None:
    nodes, node = nodes_of(case), node_at(case, "break_statement")
    left = (
        next(
            (
                each
                for each in parents(node)
                if each.type in {"select_statement", "expression_switch_statement", "type_switch_statement"}
            ),
            None,
        )
        if node is not None
        else None
    )
    if nodes is None or left is None:
        return None
    word = "select" if left.type == "select_statement" else "switch"
    loop = next((each for each in parents(left) if each.type == "for_statement"), None)
    line = nodes.line(loop) if loop is not None else 0
    if not line:
        return None
    return Card(
        f"This `break` leaves the `{word}` only; the loop of line {line} goes on.",
        (case.here(line, f"`{line_text(case, line)}`"),),
        ("A label before the loop, and `break` with it, leaves the loop.",),
    )


def deprecated(case: Case) -> Card | None:
    match = _DEPRECATED.match(case.problem.message)
    if match is None:
        return None
    name = match["name"].strip('"')
    return Card(f"`{name}` is deprecated: {match['why'].strip().partition('. ')[0].rstrip('.')}.")


def unused(case: Case) -> Card | None:
    match = _UNUSED.match(case.problem.message)
    if match is None:
        return None
    kind, name = match["kind"], match["name"]
    # In a program, and of a test, even what others could use has no others.
    closed = ", and no other package can" if name.rpartition(".")[2][:1].islower() else ""
    if kind == "field":
        return Card(f"Nothing reads or sets the field `{name}`{closed}.")
    words = {"func": "function", "var": "variable", "const": "constant"}
    return Card(f"Nothing uses the {words.get(kind, kind)} `{name}`{closed}.")


def nil_context(case: Case) -> Card | None:
    nodes, call = nodes_of(case), node_at(case, "call_expression")
    function = call.child_by_field_name("function") if call is not None else None
    if nodes is None or function is None:
        return None
    return Card(
        f"`{short(nodes.text(function))}` gets nil for its context, which fails as soon as somebody asks it.",
        notes=("`context.TODO()` says that the right one is not known yet.",),
    )


def sleep(case: Case) -> Card | None:
    code = short(case.code)
    return Card(
        f"`{code}` without a unit is {code} nanoseconds.",
        notes=(f"`{code} * time.Second` or `{code} * time.Millisecond` is what is meant most often.",),
    )


def dead_append(case: Case) -> Card | None:
    nodes, call = nodes_of(case), node_at(case, "call_expression")
    listed = call.child_by_field_name("arguments") if call is not None else None
    if nodes is None or listed is None or not listed.named_children:
        return None
    return Card(
        f"Values are appended to `{short(nodes.text(listed.named_children[0]))}`, and nothing ever reads it."
    )


def overwritten(case: Case) -> Card | None:
    match = re.match(r"argument (?P<name>\w{1,200}) is overwritten before first use", case.problem.message)
    other = next((each for each in case.problem.related if each.line > 0), None)
    if match is None or other is None:
        return None
    return Card(
        f"What the caller gives for `{match['name']}` is never read: line {other.line} sets it first."
    )


def recursion(case: Case) -> Card | None:
    nodes, function = nodes_of(case), node_at(case, "function_declaration", "method_declaration")
    name = function.child_by_field_name("name") if function is not None else None
    if nodes is None or name is None:
        return None
    shown = nodes.text(name)
    return Card(f"`{shown}` calls itself on every way, as `{short(case.code)}`, until the stack is full.")


def early_defer(case: Case) -> Card | None:
    match = _UNCHECKED.match(case.problem.message)
    nodes, statement = nodes_of(case), node_at(case, "defer_statement")
    if match is None or nodes is None or statement is None:
        return None
    found = binding(nodes, statement, match["late"].partition(".")[0])
    line = nodes.line(found.statement) if found is not None else 0
    return Card(
        f"`{match['late']}` is deferred before it is known whether `{match['call']}` succeeded.",
        (case.here(line, f"`{line_text(case, line)}`"),) if found is not None else (),
        ("First the error, then `defer`.",),
    )


def context_key(case: Case) -> Card | None:
    kind = re.search(r"built-in type (?P<type>\w{1,40})", case.problem.message)
    if kind is None:
        return None
    return Card(
        f"Any other package may use the {kind['type']} `{short(case.code)}` as a key in the same context.",
        notes=(f"A type of your own, `type key {kind['type']}`, is like no other package's.",),
    )


RULES: Mapping[str, Callable[[Case], Card | None]] = {
    "SA1000": pattern,
    "SA1004": sleep,
    "SA1012": nil_context,
    "SA1019": deprecated,
    "SA1029": context_key,
    "SA4000": identical,
    "SA4005": lost_field,
    "SA4006": never_used,
    "SA4009": overwritten,
    "SA4010": dead_append,
    "SA4011": lost_break,
    "SA5000": nil_map,
    "SA5001": early_defer,
    "SA5003": endless_defer,
    "SA5007": recursion,
    "SA5011": nil_pointer,
    "U1000": unused,
}
