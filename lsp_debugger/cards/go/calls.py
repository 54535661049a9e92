"""Calls and returns whose number of values does not fit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.go.package import callee, parameters
from lsp_debugger.cards.go.rule import rule
from lsp_debugger.cards.go.source import called, function_at, node_at, nodes_of, short
from lsp_debugger.core.ask import Card, Place
from lsp_debugger.syntax.nodes import Nodes

if TYPE_CHECKING:
    from tree_sitter import Node

_CALLEE = r"[^\n]{1,300}?"
_HAVE = r"\s+have \((?P<have>[^\n]*)\)\s+want \((?P<want>[^\n]*)\)"
_MAX_LISTED = 400


def split_types(listed: str) -> list[str]:
    """`string, func(int, int) error` → its two types."""
    parts, depth, last = list[str](), 0, ""
    for character in listed[:_MAX_LISTED]:
        depth += (character in "([{") - (character in ")]}")
        if character == "," and depth == 0:
            parts.append(last.strip())
            last = ""
        else:
            last += character
    return [*parts, last.strip()] if last.strip() else parts


def arguments(case: Case, match: re.Match[str]) -> Card | None:
    have, want = split_types(match["have"]), split_types(match["want"])
    name = short(match["name"])
    nodes, call = nodes_of(case), node_at(case, "call_expression")
    function = call.child_by_field_name("function") if call is not None else None
    # At the closing parenthesis the innermost call may be an argument of the one that is meant.
    is_meant = nodes is not None and function is not None and nodes.text(function) == match["name"]
    found = callee(case, nodes, function) if nodes is not None and function is not None and is_meant else None
    named = parameters(case, found) if found is not None else None
    named = named if named is not None and len(named) == len(want) else None
    takes = f"takes {_counted(want, 'argument')}"
    missing = ""
    if len(have) < len(want) and all(_fits(a, b) for a, b in zip(have, want, strict=False)):
        rest = (named or want)[len(have) :]
        missing = (
            f": {' and '.join(f'`{each}`' for each in rest[:3])} {'is' if len(rest) == 1 else 'are'} missing"
        )
    if len(have) > len(want) and nodes is not None and is_meant and call is not None:
        missing = _too_many(nodes, call, len(have), len(want))
    gets = str(len(have)) if have else "none"
    said = f"`{name}` {takes} and gets {gets}{missing}."
    places = (case.place(found),) if found is not None else ()
    shown = () if places else (f"It takes `({short(match['want'], 100)})`.",)
    return Card(said, places, shown if want else ())


def _too_many(nodes: Nodes, call: Node, given: int, taken: int) -> str:
    listed = call.child_by_field_name("arguments")
    values = [each for each in listed.named_children if each.type != "comment"] if listed is not None else []
    rest = values[taken:] if len(values) == given else []  # else one of them is a call with several results
    shown = " and ".join(f"`{short(nodes.text(each))}`" for each in rest[:3])
    return f": {shown} {'is' if len(rest) == 1 else 'are'} too much" if rest else ""


def _fits(have: str, want: str) -> bool:
    """As go prints the arguments, constants by their kind."""
    return have == want or (have in {"number", "nil"} and want not in {"string", "bool"})


def _counted(values: list[str], what: str) -> str:
    if any(value.startswith("...") for value in values):
        return f"at least {len(values) - 1} {what}{'' if len(values) == 2 else 's'}"
    return f"{len(values) or 'no'} {what}{'' if len(values) == 1 else 's'}"


def returned(case: Case, match: re.Match[str]) -> Card | None:
    nodes, function = nodes_of(case), function_at(case)
    have, want = split_types(match["have"]), split_types(match["want"])
    if nodes is None or function is None:
        return None
    given = f"`({short(match['have'])})`" if have else "nothing"
    wanted = f"returns `({short(match['want'])})`" if want else "returns nothing"
    line = nodes.line(function)
    return Card(
        f"{_capital(called(nodes, function))} {wanted}, and this `return` gives {given}.",
        (case.here(line, f"`{_header(case, line)}`"),),
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _header(case: Case, line: int) -> str:
    return short(case.snapshot.line_text(line - 1).rstrip("{ "), 100)


def assignment(case: Case, match: re.Match[str]) -> Card | None:
    left, name, right = int(match["left"]), match["name"], int(match["right"])
    nodes = nodes_of(case)
    function = _called_as(case, name)
    found = callee(case, nodes, function) if nodes is not None and function is not None else None
    takes = "only 1 variable takes them" if left == 1 else f"{left} variables take them"
    values = f"returns {right} value{'' if right == 1 else 's'}"
    if right == 1:
        takes = f"{left} variables wait for them" if left != 1 else takes
        said = f"`{short(name)}` {values}, and {left} variables are to be set."
    else:
        said = f"`{short(name)}` {values}, and {takes}."
    notes = ("`_` takes a value that is not needed.",) if right > left else ()
    return Card(said, (case.place(found),) if found is not None else (), notes)


def _called_as(case: Case, name: str) -> Node | None:
    """The function of the call in this statement that is written as `name`."""
    nodes = nodes_of(case)
    statement = node_at(case, "short_var_declaration", "assignment_statement", "var_spec", "return_statement")
    if nodes is None or statement is None:
        return None
    for call in nodes.within(nodes.span(statement), "call_expression"):
        function = call.child_by_field_name("function")
        if function is not None and nodes.text(function) == name.removesuffix("()"):
            return function
    return None


def many_values(case: Case, match: re.Match[str]) -> Card | None:
    code, types = match["code"], split_types(match["types"])
    function = _function_of(code)
    names = ", ".join("err" if each == "error" else f"value{at or ''}" for at, each in enumerate(types))
    return Card(
        f"`{short(function)}` returns {len(types)} values, `({short(match['types'])})`: "
        "they cannot stand where one is needed.",
        _definition(case, code),
        (f"A statement of its own takes them: `{names} := {short(code)}`.",),
    )


def _function_of(code: str) -> str:
    return code.partition("(")[0] or code


def _definition(case: Case, code: str) -> tuple[Place, ...]:
    nodes = nodes_of(case)
    call = nodes.exactly(case.span) if nodes is not None else None
    function = call.child_by_field_name("function") if call is not None else None
    if nodes is None or function is None or not code.startswith(nodes.text(function)):
        return ()
    found = callee(case, nodes, function)
    return (case.place(found),) if found is not None else ()


def no_value(case: Case, match: re.Match[str]) -> Card | None:
    code = match["code"]
    return Card(
        f"`{short(_function_of(code))}` returns nothing, so there is no value to use.",
        _definition(case, code),
    )


def not_used(case: Case, match: re.Match[str]) -> Card | None:
    code = match["code"]
    inner = re.match(r"append\((?P<slice>[^\W\d][\w.]{0,100}),", code)
    if inner is not None:
        return Card(
            f"`append` changes nothing by itself: it returns the longer slice, and `{short(code)}` drops it.",
            notes=(f"`{inner['slice']} = {short(code)}` keeps it.",),
        )
    return Card(f"`{short(code)}` is worked out, and nothing is done with its value.")


def not_a_function(case: Case, match: re.Match[str]) -> Card | None:
    code, kind = match["code"], match["type"]
    return Card(f"`{short(code)}` is of type `{short(kind)}`, which is no function that could be called.")


RULES = (
    rule(
        "WrongArgCount",
        rf"(?:not enough|too many) arguments in call to (?P<name>{_CALLEE}){_HAVE}",
        arguments,
    ),
    rule("WrongResultCount", rf"(?:not enough|too many) return values{_HAVE}", returned),
    rule(
        "WrongAssignCount",
        rf"assignment mismatch: (?P<left>\d{{1,3}}) variables? but (?P<name>{_CALLEE}) returns? "
        r"(?P<right>\d{1,3}) values?",
        assignment,
    ),
    rule("WrongAssignCount", r"assignment mismatch: "),
    rule(
        "TooManyValues",
        r"multiple-value (?P<code>[^\n]{1,300}) \(value of type \((?P<types>[^\n]{1,300})\)\) in "
        r"single-value",
        many_values,
    ),
    rule("NotAnExpr", r"(?P<code>[^\n]{1,300}) \(no value\) used as value", no_value),
    rule("UnusedExpr", r"(?P<code>[^\n]{1,300}?) (?:\([^\n]{1,300}\) )?is not used$", not_used),
    rule(
        "InvalidCall",
        r"invalid operation: cannot call (?P<code>[^\n]{1,200}?) "
        r"\((?:variable|constant|value)[^\n]{0,100}? of type (?P<type>[^\n]{1,100}?)\): ",
        not_a_function,
    ),
    rule("InvalidCall", r"invalid operation: cannot call non-function (?P<code>[^\n]{1,200})"),
)
