"""Comparisons and arithmetic whose answer is another one than it seems."""

from __future__ import annotations

import re

from lsp_debugger.cards.c.lookup import declaration_of
from lsp_debugger.cards.c.wording import Rule, code, kind, related, rule
from lsp_debugger.cards.case import Case
from lsp_debugger.core.ask import Card

_UNSIGNED = re.compile(r"unsigned|size_t|size_type|uint\d|uintptr")


def signedness(case: Case, match: re.Match[str]) -> Card | None:
    nodes = case.nodes
    node = nodes.around(case.span, "binary_expression") if nodes is not None else None
    left, right = (
        (node.child_by_field_name("left"), node.child_by_field_name("right"))
        if node is not None
        else (None, None)
    )
    if nodes is None or node is None or left is None or right is None:
        return None
    first_is_unsigned = bool(_UNSIGNED.search(match["left"]))
    if first_is_unsigned == bool(_UNSIGNED.search(match["right"])):
        return None
    signed, unsigned = (right, left) if first_is_unsigned else (left, right)
    signed_type, unsigned_type = (
        (match["right"], match["left"]) if first_is_unsigned else (match["left"], match["right"])
    )
    name, other = nodes.text(signed), nodes.text(unsigned)
    found = declaration_of(case, name) if name.isidentifier() else None
    places = (
        (case.here(found.line, code(found.text())),) if found is not None and found.line != case.line else ()
    )
    wanted = "size_t" if re.search(r"size", unsigned_type) else unsigned_type
    return Card(
        f"{code(name)} is {kind(signed_type)} and {code(other)} is "
        f"{kind(unsigned_type.removeprefix('__'))}: below zero, {code(name)} "
        "counts as a huge number here.",
        places,
        (f"If `{name}` is never negative, declare it `{wanted}`.",) if name.isidentifier() else (),
    )


def assigned(case: Case, _match: re.Match[str]) -> Card | None:
    nodes = case.nodes
    node = nodes.around(case.span, "assignment_expression") if nodes is not None else None
    left, right = (
        (node.child_by_field_name("left"), node.child_by_field_name("right"))
        if node is not None
        else (None, None)
    )
    if nodes is None or node is None or left is None or right is None:
        return None
    target, value = nodes.text(left), nodes.text(right)
    always = (
        "" if right.type != "number_literal" else f", so it is always {'false' if value == '0' else 'true'}"
    )
    return Card(
        f"{code(nodes.text(node))} sets {code(target)}, and what it is set to is the condition{always}.",
        notes=(f"`{target} == {value}` compares; a second pair of parentheses says that it is meant.",),
    )


def precedence(case: Case, match: re.Match[str]) -> Card | None:
    nodes = case.nodes
    operator = match["operator"]
    path = nodes.path_to(case.span) if nodes is not None else []
    for node in reversed(path):
        own = node.child_by_field_name("operator") if node.type == "binary_expression" else None
        if nodes is None or own is None or nodes.text(own) != operator:
            continue
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None:
            return None
        shown = [
            f"({nodes.text(each)})" if each.type == "binary_expression" else nodes.text(each)
            for each in (left, right)
        ]
        return Card(
            f"{code(nodes.text(node))} is read as {code(f'{shown[0]} {operator} {shown[1]}')}.",
            notes=("Parentheses say which of the two is meant.",),
        )
    return None


def negated(case: Case, _match: re.Match[str]) -> Card | None:
    nodes = case.nodes
    node = nodes.around(case.span, "binary_expression") if nodes is not None else None
    left = node.child_by_field_name("left") if node is not None else None
    if nodes is None or node is None or left is None or left.type != "unary_expression":
        return None
    operator, right = node.child_by_field_name("operator"), node.child_by_field_name("right")
    operand = left.child_by_field_name("argument")
    if operator is None or right is None or operand is None:
        return None
    shown = f"!({nodes.text(operand)} {nodes.text(operator)} {nodes.text(right)})"
    return Card(
        f"The `!` in {code(nodes.text(node))} belongs to {code(nodes.text(operand))} alone.",
        notes=(f"`{shown}` negates the whole comparison.",),
    )


def overflow(case: Case, match: re.Match[str]) -> Card | None:
    nodes = case.nodes
    node = nodes.around(case.span, "binary_expression") if nodes is not None else None
    if nodes is None or node is None:
        return None
    return Card(
        f"{code(nodes.text(node))} does not fit {kind(match['type'])}: what comes out is `{match['value']}`."
    )


def changed_value(case: Case, match: re.Match[str]) -> Card | None:
    target = _assigned_to(case)
    what = f" in `{target}`" if target else ""
    return Card(f"`{match['before']}` does not fit {kind(match['to'])}: it becomes `{match['after']}`{what}.")


def _assigned_to(case: Case) -> str:
    nodes = case.nodes
    node = nodes.around(case.span, "init_declarator", "assignment_expression") if nodes is not None else None
    left = (
        node.child_by_field_name("declarator") or node.child_by_field_name("left")
        if node is not None
        else None
    )
    return nodes.text(left).lstrip("* ") if nodes is not None and left is not None else ""


def always(case: Case, match: re.Match[str]) -> Card | None:
    nodes = case.nodes
    node = nodes.around(case.span, "binary_expression") if nodes is not None else None
    if nodes is None or node is None:
        return None
    left = node.child_by_field_name("left")
    name = nodes.text(left) if left is not None else ""
    found = declaration_of(case, name) if name.isidentifier() else None
    reason = ""
    if "unsigned" in case.problem.message[:200]:
        reason = f": {code(name)} is unsigned" if name else ": it is unsigned"
    elif "boolean" in case.problem.message[:200]:
        reason = f": {code(name)} is 0 or 1"
    places = (
        (case.here(found.line, code(found.text())),) if found is not None and found.line != case.line else ()
    )
    return Card(f"{code(nodes.text(node))} is always {match['answer']}{reason}.", places)


def shift(case: Case, _match: re.Match[str]) -> Card | None:
    nodes = case.nodes
    node = nodes.around(case.span, "binary_expression") if nodes is not None else None
    left = node.child_by_field_name("left") if node is not None else None
    if nodes is None or node is None or left is None:
        return None
    note = "`1LL << …` has 64 bits to shift in." if nodes.text(left) == "1" else ""
    return Card(
        f"{code(nodes.text(node))} shifts further than the type of {code(nodes.text(left))} is wide.",
        notes=(note,) if note else (),
    )


def by_zero(case: Case, _match: re.Match[str]) -> Card | None:
    nodes = case.nodes
    node = nodes.around(case.span, "binary_expression") if nodes is not None else None
    right = node.child_by_field_name("right") if node is not None else None
    if nodes is None or node is None or right is None:
        return None
    divisor = nodes.text(right)
    decided = related(case, f"'{divisor}' is equal to 0", "is equal to 0")
    places = (case.here(decided.line, f"`{divisor}` may be 0 here"),) if decided is not None else ()
    if right.type == "number_literal":
        return Card(f"{code(nodes.text(node))} divides by zero.")
    return Card(f"{code(nodes.text(node))} divides by zero where {code(divisor)} is 0.", places)


RULES: tuple[Rule, ...] = (
    rule(
        r"comparison of integer expressions of different signedness: '(?P<left>{q})' and '(?P<right>{q})'",
        signedness,
    ),
    rule(r"comparison of integers of different signs: '(?P<left>{q})' and '(?P<right>{q})'", signedness),
    rule(r"suggest parentheses around assignment used as truth value", assigned),
    rule(r"using the result of an assignment as a condition without parentheses", assigned),
    rule(r"assignment within condition of", assigned),
    rule(
        r"suggest parentheses around (?:comparison|arithmetic|'[^']{1,3}') (?:in operand of|within) "
        r"'(?P<operator>[^'\n]{1,3})'",
        precedence,
    ),
    rule(r"(?P<operator>[&|^]) has lower precedence than", precedence),
    rule(r"logical not is only applied to the left hand side", negated),
    rule(r"integer overflow in expression of type '(?P<type>{q})' results in '(?P<value>{q})'", overflow),
    rule(
        r"(?:unsigned )?conversion from '{q}' to '(?P<to>{q})' changes value from '(?P<before>{q})' to "
        r"'(?P<after>{q})'",
        changed_value,
    ),
    rule(
        r"implicit (?:conversion|constant conversion) from '{q}' to '(?P<to>{q})' changes value from "
        r"(?P<before>\S+) to (?P<after>\S+)",
        changed_value,
    ),
    rule(r"comparison of .{1,200} is always (?P<answer>true|false)", always),
    rule(r"(?:result of )?comparison .{1,200} always (?P<answer>true|false)", always),
    rule(r"(?:left|right) shift count >= width of type|shift count >= width of type", shift),
    rule(r"division by zero", by_zero),
)
