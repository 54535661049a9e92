"""Ways through a function: ends without a value, cases that are missing, what does not outlive the call."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lsp_debugger.cards.c.lookup import (
    Found,
    call_around,
    declaration_of,
    definitions,
    function_around,
    function_name,
)
from lsp_debugger.cards.c.wording import Rule, code, inside, kind, listed, related, rule
from lsp_debugger.cards.case import Case
from lsp_debugger.core.ask import Card, Place
from lsp_debugger.core.text import Span

if TYPE_CHECKING:
    from tree_sitter import Node

_LOOPS = ("while_statement", "for_statement", "for_range_loop", "do_statement")


def no_return(case: Case, _match: re.Match[str]) -> Card | None:
    function = _function_ending(case)
    if function is None:
        return None
    name, returned = function_name(function), _return_type(function)
    if not name or not returned:
        return None
    returns = list(function.nodes.within(function.nodes.span(function.node), "return_statement"))
    if not returns:
        return Card(
            f"`{name}` promises {kind(returned)} and has no `return`.", (_head(case, function, name),)
        )
    return Card(
        f"`{name}` can reach its end in line {_last_line(function, case)} without the "
        f"{kind(returned)} that it "
        "promises.",
        _way_out(case, function),
    )


def _function_ending(case: Case) -> Found | None:
    """The function whose closing brace the finding points at."""
    function = function_around(case)
    if function is not None:
        return function
    nodes = case.nodes
    if nodes is None:
        return None
    start = case.snapshot.lines.span_of(case.line - 1).start
    node = nodes.around(Span(start, start + 1), "function_definition")
    return Found(nodes, node, case.path) if node is not None else None


def _return_type(function: Found) -> str:
    kind_node = function.node.child_by_field_name("type")
    declarator = function.node.child_by_field_name("declarator")
    if kind_node is None or declarator is None:
        return ""
    stars = "*" * (1 if declarator.type == "pointer_declarator" else 0)
    shown = function.text(kind_node)
    return f"{shown} {stars}".strip() if shown not in {"void", "auto"} else ""


def _head(case: Case, function: Found, name: str) -> Place:
    return case.here(function.line, f"declares `{name}`")


def _last_line(function: Found, case: Case) -> int:
    return case.snapshot.lines.line_of(max(function.nodes.span(function.node).end - 1, 0)) + 1


def _way_out(case: Case, function: Found) -> tuple[Place, ...]:
    """Which of the ways through the last statement has no return."""
    body = function.node.child_by_field_name("body")
    last = (
        [child for child in body.named_children if child.type != "comment"][-1:] if body is not None else []
    )
    if not last:
        return ()
    node = last[0]
    line = function.nodes.line(node)
    if node.type == "if_statement":
        conditions, has_else = _chain(function, node)
        if not has_else:
            said = (
                f"neither {' nor '.join(conditions)} holds"
                if len(conditions) > 1
                else f"{conditions[0]} does not hold"
            )
            return (case.here(line, f"when {said}"),)
    if node.type == "switch_statement":
        condition = node.child_by_field_name("condition")
        shown = code(inside(function.text(condition))) if condition is not None else "the value"
        if not re.search(r"\bdefault\s*:", function.text(node)):
            return (case.here(line, f"when {shown} is none of the cases"),)
    if node.type in _LOOPS:
        return (case.here(line, "when the loop ends without a `return`"),)
    return ()


def _chain(function: Found, node: Node) -> tuple[list[str], bool]:
    """The conditions of `if … else if …`, and whether an `else` stands at its end."""
    conditions = list[str]()
    current = node
    for _ in range(20):
        if current.type != "if_statement":
            break
        condition = current.child_by_field_name("condition")
        conditions.append(code(inside(function.text(condition))) if condition else "`?`")
        clause = current.child_by_field_name("alternative")
        if clause is None:
            return conditions, False
        inner = [child for child in clause.named_children if child.type != "comment"]
        current = inner[0] if clause.type == "else_clause" and inner else clause
    return conditions, True


def not_handled(case: Case, match: re.Match[str]) -> Card | None:
    names = re.findall(r"'(\w+)'", match["names"])
    nodes = case.nodes
    node = nodes.around(case.span, "switch_statement") if nodes is not None else None
    condition = node.child_by_field_name("condition") if node is not None else None
    if nodes is None or condition is None or not names:
        return None
    shown = code(inside(nodes.text(condition)))
    enumerators = [each for name in names[:3] for each in definitions(case, name, "variable")[:1]]
    return Card(
        f"The `switch` over {shown} has no case for {listed(names[:4])}.",
        tuple(case.place(each, f"defines `{each.name}`") for each in enumerators),
        ("A `default:` would silence this for values that are added later too.",),
    )


def falls_through(case: Case, _match: re.Match[str]) -> Card | None:
    nodes = case.nodes
    node = nodes.around(case.span, "case_statement") if nodes is not None else None
    here = related(case, "here")
    into = here.line if here is not None else case.line
    value = node.child_by_field_name("value") if node is not None else None
    if nodes is None or node is None:
        return None
    own = f"`case {nodes.text(value)}`" if value is not None else "`default`"
    following = case.snapshot.line_text(into - 1).strip().partition(":")[0]
    if not following.startswith(("case", "default")):
        return None
    return Card(
        f"{own} has no `break` at its end, so it goes on with `{following}`.",
        (case.here(into, code(following)),) if into != case.line else (),
        (f"If that is meant, `{_fallthrough(case)}` says so.",),
    )


def _fallthrough(case: Case) -> str:
    return "[[fallthrough]];" if case.snapshot.language_id == "cpp" else "__attribute__((fallthrough));"


def local_address(case: Case, match: re.Match[str]) -> Card | None:
    name = match.groupdict().get("name") or case.code.strip().lstrip("&")
    if not name.isidentifier():
        return None
    function, found = function_around(case), declaration_of(case, name)
    if function is None or found is None:
        return None
    is_reference = "reference" in case.problem.message[:200].lower()
    what = "a reference to" if is_reference else "the address of"
    is_array = f"{name}[" in found.text().replace(" ", "")
    advice = "Let the caller bring the buffer, or allocate one." if is_array else "Return it by value."
    return Card(
        f"`{function_name(function)}` returns {what} `{name}`, which is gone when it returns.",
        (case.here(found.line, code(found.text())),),
        (advice,),
    )


def temporary_gone(case: Case, _match: re.Match[str]) -> Card | None:
    nodes = case.nodes
    node = nodes.around(case.span, "init_declarator", "assignment_expression") if nodes is not None else None
    left = (
        node.child_by_field_name("declarator") or node.child_by_field_name("left")
        if node is not None
        else None
    )
    call = call_around(case)
    if nodes is None or left is None:
        return None
    value = code(call.text()) if call is not None else code(case.code)
    return Card(
        f"`{nodes.text(left)}` looks into what {value} returns, which is gone at the end of this statement.",
        notes=("Keep the object itself in a variable first.",),
    )


def value_from_void(case: Case, _match: re.Match[str]) -> Card | None:
    function = function_around(case)
    statement = function.nodes.around(case.span, "return_statement") if function is not None else None
    if function is None or statement is None:
        return None
    name = function_name(function)
    return Card(
        f"`{name}` is declared `void`, so {code(function.text(statement))} has nobody to give the value to.",
        (_head(case, function, name),),
    )


def nothing_returned(case: Case, _match: re.Match[str]) -> Card | None:
    function = function_around(case)
    if function is None or not _return_type(function):
        return None
    name = function_name(function)
    return Card(
        f"`return;` leaves `{name}` without the {kind(_return_type(function))} that it promises.",
        (_head(case, function, name),),
    )


def same_case(case: Case, _match: re.Match[str]) -> Card | None:
    nodes = case.nodes
    node = nodes.around(case.span, "case_statement") if nodes is not None else None
    value = node.child_by_field_name("value") if node is not None else None
    first = related(case, "previous")
    if nodes is None or value is None:
        return None
    places = (case.here(first.line, f"the first `case {nodes.text(value)}`"),) if first is not None else ()
    return Card(f"`case {nodes.text(value)}` stands in this `switch` twice.", places)


def misleading(case: Case, match: re.Match[str]) -> Card | None:
    nodes = case.nodes
    word = match["word"]
    node = nodes.around(case.span, f"{word}_statement") if nodes is not None else None
    condition = node.child_by_field_name("condition") if node is not None else None
    other = related(case, "misleadingly indented", "previous statement")
    if nodes is None or node is None or other is None:
        return None
    shown = f"`{word} ({inside(nodes.text(condition))})`" if condition is not None else f"`{word}`"
    line = case.snapshot.line_text(other.line - 1).strip()
    return Card(
        f"{code(line)} looks as if it belonged to {shown} and always runs.",
        (case.here(other.line, "runs in any case"),),
        ("Braces around both lines, or its indentation, say what is meant.",),
    )


def misleading_clang(case: Case, _match: re.Match[str]) -> Card | None:
    before = related(case, "previous statement")
    line = case.line_text.strip()
    if before is None:
        return None
    owner = case.snapshot.line_text(before.line - 1).strip()
    return Card(
        f"{code(line)} looks as if it belonged to {code(owner)} and always runs.",
        (case.here(before.line, "guards one statement only"),),
    )


def empty_body(case: Case, _match: re.Match[str]) -> Card | None:
    nodes = case.nodes
    types = ("if_statement", "while_statement", "for_statement")
    around = nodes.around(case.span, *types) if nodes is not None else None
    if nodes is None or around is None:
        return None
    word = around.type.partition("_")[0]
    condition = around.child_by_field_name("condition")
    shown = f"`{word} ({inside(nodes.text(condition))})`" if condition is not None else f"`{word}`"
    if word != "if":
        return Card(f"The `;` behind {shown} is all that the loop repeats.")
    return Card(f"The `;` behind {shown} is all that it guards: the next lines run in any case.")


RULES: tuple[Rule, ...] = (
    rule(r"control reaches end of non-void function", no_return),
    rule(r"no return statement in function returning non-void", no_return),
    rule(r"non-void function does not return a value", no_return),
    rule(r"enumeration values? (?P<names>.{1,400}) not (?:explicitly )?handled in switch", not_handled),
    rule(r"this statement may fall through|unannotated fall-through between switch labels", falls_through),
    rule(r"function returns address of local variable", local_address),
    rule(
        r"(?:reference to|address of) (?:local variable|stack memory associated with (?:local "
        r"variable|parameter)) "
        r"'(?P<name>{q})' returned",
        local_address,
    ),
    rule(
        r"object backing (?:the pointer|.{0,80}) will be destroyed at the end of the full-expression",
        temporary_gone,
    ),
    rule(r"(?:std::)?\w+ outlives its value", temporary_gone),
    rule(r"'return' with a value, in function returning void", value_from_void),
    rule(r"return-statement with a value, in function returning 'void'", value_from_void),
    rule(r"void function '{q}' should not return a value", value_from_void),
    rule(r"'return' with no value, in function returning non-void", nothing_returned),
    rule(r"return-statement with no value, in function returning", nothing_returned),
    rule(r"non-void function '{q}' should return a value", nothing_returned),
    rule(r"duplicate case value", same_case),
    rule(r"this '(?P<word>if|while|for)' clause does not guard", misleading),
    rule(r"misleading indentation; statement is not part of", misleading_clang),
    rule(r"suggest braces around empty body", empty_body),
    rule(r"(?:if|while|for) (?:statement|loop) has empty body|potentially unintended semicolon", empty_body),
)
