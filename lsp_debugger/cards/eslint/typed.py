"""What typescript-eslint says about types, conditions and comments; and React's hooks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.eslint.code import around, parent, place, shown
from lsp_debugger.core.ask import Card, Place

if TYPE_CHECKING:
    from tree_sitter import Node

    from lsp_debugger.syntax.nodes import Nodes

_DUPLICATE = re.compile(r"Duplicate enum member value (?P<value>.{1,80}?)\.?\Z")
_WRAPPER = re.compile(
    r"primitive `(?P<small>\w+)` as a type name, rather than the upper-cased `(?P<big>\w+)`"
)
_COMMENT = re.compile(r"@ts-(?P<what>ignore|nocheck|expect-error)")
_HOOK = re.compile(r'React Hook "(?P<hook>[\w$.]{1,80})" (?P<rest>.{1,300})')
_OWNER = re.compile(r'is called in function "(?P<name>[\w$ ]{1,80})" that is neither')
_DEPENDENCIES = re.compile(
    r"React Hook (?P<hook>[\w$.]{1,80}) has (?:an? )?(?P<what>missing|unnecessary) dependenc(?:y|ies): "
    r"(?P<names>.{1,300}?)\. "
)
_FUNCTIONS = ("function_declaration", "function_expression", "arrow_function", "method_definition")


def assertion(case: Case) -> Card | None:
    code = case.code
    if "\n" in code or not 0 < len(code) <= 60:
        return None
    inner = code[:-1] if code.endswith("!") else code.partition(" as ")[0]
    return Card(f"`{code}` changes nothing: `{inner.strip()}` has that type already.")


def condition(case: Case) -> Card | None:
    code, message = case.code, case.problem.message
    if "\n" in code or not 0 < len(code) <= 60:
        return None
    if "always truthy" in message or "always falsy" in message:
        always = "true" if "truthy" in message else "false"
        return Card(f"`{code}` always counts as {always}, by its type.")
    if "no overlap" in message:
        return Card(f"`{code}` compares two things whose types share no value: it is always decided.")
    if "optional chain" in message:
        return (
            Card(f"By its type `{code}` is never missing: `?.` has nothing to guard against.")
            if "?." not in code
            else None
        )
    return None


def in_array(case: Case) -> Card | None:
    found = around(case, "for_in_statement")
    if found is None:
        return None
    nodes, node = found
    right, left = node.child_by_field_name("right"), node.child_by_field_name("left")
    return Card(
        f"{shown(nodes, left)} gets the indices of {shown(nodes, right)}, as texts; `for … of` gives its "
        "elements."
    )


def wrapper(case: Case) -> Card | None:
    match = _WRAPPER.search(case.problem.message)
    if match is None:
        return None
    return Card(
        f"`{match['big']}` is the type of wrapper objects; texts, numbers and the like are "
        f"`{match['small']}`."
    )


def any_function(case: Case) -> Card | None:
    return (
        Card("`Function` fits any function: nothing checks its arguments, and its result is `any`.")
        if case.code == "Function"
        else None
    )


def empty_type(case: Case) -> Card | None:
    if case.code == "{}":
        return Card("`{}` fits every value but null and undefined: numbers and texts too.")
    return None


def enum_value(case: Case) -> Card | None:
    match, found = _DUPLICATE.match(case.problem.message), around(case, "enum_assignment")
    holder = parent(*found) if found is not None else None
    if match is None or found is None or holder is None:
        return None
    nodes, node = found
    own, value = node.child_by_field_name("name"), node.child_by_field_name("value")
    for each in holder.named_children:
        other = each.child_by_field_name("value")
        if (
            each.end_byte <= node.start_byte
            and value is not None
            and other is not None
            and nodes.text(other) == nodes.text(value)
        ):
            first = each.child_by_field_name("name")
            said = (
                f"{shown(nodes, own)} has the same value as {shown(nodes, first)}: {nodes.text(value)[:40]}."
            )
            return Card(said, (place(case, nodes, each),))
    return None


def comment(case: Case) -> Card | None:
    match = _COMMENT.search(case.code)
    if match is None or match["what"] == "expect-error":
        return None
    if match["what"] == "nocheck":
        return Card("`@ts-nocheck` switches off every check of this file.")
    below = case.snapshot.line_text(case.line).strip()[:60] if case.line < len(case.snapshot.lines) else ""
    places = (case.here(case.line + 1, f"`{below}`"),) if below else ()
    notes = ("`@ts-expect-error` says so when there is nothing left to hide.",)
    return Card("`@ts-ignore` hides every error of the next line, also those that come later.", places, notes)


def no_effect(case: Case) -> Card | None:
    nodes = case.nodes
    node = nodes.around(case.span, "expression_statement") if nodes is not None else None
    inner = node.named_children[0] if node is not None and node.named_children else None
    if nodes is None or inner is None or nodes.span(inner).start != case.span.start:
        return None
    operator = inner.child_by_field_name("operator")
    left, right = inner.child_by_field_name("left"), inner.child_by_field_name("right")
    if operator is not None and operator.type in {"&&", "||"} and left is not None and right is not None:
        word = "where it holds" if operator.type == "&&" else "where it does not hold"
        return Card(
            f"{shown(nodes, left)} only decides whether {shown(nodes, right)} runs, {word}: an `if` says so."
        )
    if inner.type in {"call_expression", "await_expression", "ternary_expression"}:
        return None
    return Card(f"{shown(nodes, inner)} is computed, and nobody gets the result.")


def hook(case: Case) -> Card | None:  # noqa: PLR0911 - one for each message
    match, nodes = _HOOK.match(case.problem.message), case.nodes
    if match is None or nodes is None:
        return None
    name, rest = match["hook"], match["rest"]
    if rest.startswith("is called conditionally"):
        cause = _condition(nodes, case)
        if cause is None:
            return None
        verb = (
            "may return before it"
            if cause.type != "if_statement" or _returns(nodes, cause, case)
            else "decides whether it runs"
        )
        said = f"`{name}` has to be called each time, and line {nodes.line(cause)} {verb}."
        return Card(said, (place(case, nodes, cause),))
    if (owner := _OWNER.match(rest)) is not None:
        return Card(
            f"`{name}` is called in `{owner['name'].strip()}`, whose name is neither a component's nor a "
            "hook's (`use…`)."
        )
    if "inside a callback" in rest:
        return Card(
            f"`{name}` is called in a callback: hooks are called by the component itself, each time it is "
            "drawn."
        )
    if "in a loop" in rest:
        loop = nodes.around(case.span, "for_statement", "for_in_statement", "while_statement", "do_statement")
        places = (place(case, nodes, loop),) if loop is not None else ()
        return Card(f"`{name}` is called in a loop, so not equally often each time.", places)
    return None


def _condition(nodes: Nodes, case: Case) -> Node | None:
    """The innermost condition around the call, else an `if` before it that returns."""
    path = nodes.path_to(case.span)
    function = next((at for at in range(len(path) - 1, -1, -1) if path[at].type in _FUNCTIONS), None)
    if function is None:
        return None
    inner = path[function + 1 :]
    for node in reversed(inner):
        if node.type in {"if_statement", "ternary_expression", "switch_statement"}:
            return node
    body = path[function].child_by_field_name("body")
    for statement in body.named_children if body is not None else ():
        is_before = nodes.span(statement).end <= case.span.start and statement.type == "if_statement"
        if is_before and next(nodes.within(nodes.span(statement), "return_statement"), None) is not None:
            return statement
    return None


def _returns(nodes: Nodes, statement: Node, case: Case) -> bool:
    return nodes.span(statement).end <= case.span.start


def dependencies(case: Case) -> Card | None:
    match = _DEPENDENCIES.match(case.problem.message)
    if match is None:
        return None
    names = re.findall(r"'([^']{1,80})'", match["names"])[:4]
    if not names:
        return None
    shown_names = ", ".join(f"`{name}`" for name in names)
    hook_name = match["hook"]
    if match["what"] == "unnecessary":
        return Card(f"`{hook_name}` has no need of {shown_names} among its dependencies.")
    verb = "changes" if len(names) == 1 else "change"
    return Card(
        f"`{hook_name}` uses {shown_names} and is not run again when {'it' if len(names) == 1 else 'they'} "
        f"{verb}.",
        _reads(case, names),
    )


def _reads(case: Case, names: list[str]) -> tuple[Place, ...]:
    """Where the callback reads the first of them."""
    nodes = case.nodes
    call = nodes.around(case.span, "call_expression") if nodes is not None else None
    if nodes is None or call is None:
        return ()
    first = names[0].partition(".")[0]
    for node in nodes.within(nodes.span(call), "identifier", "shorthand_property_identifier"):
        if nodes.text(node) == first and nodes.span(node).end <= case.span.start:
            return (place(case, nodes, node),)
    return ()
