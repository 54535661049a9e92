"""Where control goes: functions that end without a return, statements that are never reached."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.go.rule import rule
from lsp_debugger.cards.go.source import FUNCTIONS, called, line_text, node_at, nodes_of, short
from lsp_debugger.core.ask import Card, Place
from lsp_debugger.core.text import Span
from lsp_debugger.syntax.nodes import Nodes

if TYPE_CHECKING:
    from tree_sitter import Node

_SWITCHES = frozenset({"expression_switch_statement", "type_switch_statement"})
_ENDS = frozenset({"log.Fatal", "log.Fatalf", "log.Fatalln", "os.Exit", "runtime.Goexit"})


def missing_return(case: Case, _match: re.Match[str]) -> Card | None:
    """At the last brace of the function. The last statement is the one that lets control through."""
    nodes = nodes_of(case)
    function = node_at(case, *FUNCTIONS)
    body = function.child_by_field_name("body") if function is not None else None
    if nodes is None or function is None or body is None:
        return None
    name = called(nodes, function)
    statements = _statements(body)
    if not statements:
        return Card(f"{_capital(name)} has a result and an empty body: it needs a `return`.")
    why, place = _falls_through(case, nodes, statements[-1])
    return Card(f"{_capital(name)} can reach its end without a `return`: {why}.", (place,))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _statements(block: Node) -> list[Node]:
    inner = next((each for each in block.named_children if each.type == "statement_list"), block)
    return [each for each in inner.named_children if each.type != "comment"]


def _falls_through(case: Case, nodes: Nodes, last: Node) -> tuple[str, Place]:
    line = nodes.line(last)
    place = case.here(line, f"`{line_text(case, line)}`")
    if last.type == "labeled_statement" and last.named_children:
        return _falls_through(case, nodes, last.named_children[-1])
    if last.type == "if_statement":
        return _through_if(case, nodes, last)
    if last.type in _SWITCHES:
        return _through_switch(case, nodes, last, place)
    if last.type == "for_statement":
        return _through_for(case, nodes, last, place)
    code = short(nodes.text(last))
    if code.partition("(")[0] in _ENDS:
        return f"Go does not know that `{code.partition('(')[0]}` in line {line} never comes back", place
    return f"its last statement, in line {line}, is no `return`", place


def _through_if(case: Case, nodes: Nodes, statement: Node) -> tuple[str, Place]:
    """The first branch of a chain that goes on, or the missing `else`."""
    line = nodes.line(statement)
    place = case.here(line, f"`{line_text(case, line)}`")
    taken = statement.child_by_field_name("consequence")
    if taken is not None and not _returns(nodes, taken):
        inner = _statements(taken)
        end = (
            case.here(nodes.line(inner[-1]), f"`{line_text(case, nodes.line(inner[-1]))}`")
            if inner
            else place
        )
        return f"the branch of the `if` in line {line} goes on after it", end
    other = statement.child_by_field_name("alternative")
    if other is None:
        return f"the `if` in line {line} has no `else`", place
    if other.type == "if_statement":
        return _through_if(case, nodes, other)
    return f"the `else` of the `if` in line {line} goes on after it", case.here(nodes.line(other), "`else`")


def _through_switch(case: Case, nodes: Nodes, statement: Node, place: Place) -> tuple[str, Place]:
    line = nodes.line(statement)
    cases = [
        each
        for each in statement.named_children
        if each.type in {"expression_case", "type_case", "default_case"}
    ]
    if not any(each.type == "default_case" for each in cases):
        return f"the `switch` in line {line} has no `default`", place
    for each in cases:
        statements = [inner for inner in _statements(each) if inner.type != "expression_list"]
        last = statements[-1] if statements else None
        if last is None or not _terminates(nodes, last):
            at = nodes.line(each)
            return f"the case in line {at} goes on after the `switch`", case.here(
                at, f"`{line_text(case, at)}`"
            )
    return f"the `switch` in line {line} has a `break`", place


def _through_for(case: Case, nodes: Nodes, statement: Node, place: Place) -> tuple[str, Place]:
    line = nodes.line(statement)
    header = [each for each in statement.named_children if each.type not in {"block", "comment"}]
    if any(each.type == "range_clause" for each in header):
        return f"the loop in line {line} may have nothing to go through, or come to its end", place
    if header:
        return f"the loop in line {line} ends when its condition is false", place
    for node in nodes.within(nodes.span(statement), "break_statement"):
        at = nodes.line(node)
        return f"the `break` in line {at} leaves the endless loop", case.here(at, f"`{line_text(case, at)}`")
    return f"the loop in line {line} can be left", place


def _returns(nodes: Nodes, block: Node) -> bool:
    statements = _statements(block)
    return bool(statements) and _terminates(nodes, statements[-1])


def _terminates(nodes: Nodes, statement: Node) -> bool:
    """As the language defines a terminating statement, breaks aside."""
    kind = statement.type
    if kind in {"return_statement", "goto_statement", "fallthrough_statement"}:
        return True
    if kind == "expression_statement":
        return nodes.text(statement).startswith("panic(")
    if kind == "if_statement":
        taken, other = (statement.child_by_field_name(field) for field in ("consequence", "alternative"))
        if taken is None or other is None or not _returns(nodes, taken):
            return False
        return _terminates(nodes, other) if other.type == "if_statement" else _returns(nodes, other)
    if kind == "block":
        return _returns(nodes, statement)
    return kind == "for_statement" and all(
        each.type in {"block", "comment"} for each in statement.named_children
    )


def unreachable(case: Case, _match: re.Match[str]) -> Card | None:
    """The statement before it, in the same block, is the one that control does not leave downwards."""
    nodes = nodes_of(case)
    path = nodes.path_to(Span(case.span.start, case.span.start + 1)) if nodes is not None else []
    dead = next(
        (each for each in reversed(path) if each.parent is not None and each.parent.type == "statement_list"),
        None,
    )
    before = dead.prev_named_sibling if dead is not None else None
    while before is not None and before.type == "comment":
        before = before.prev_named_sibling
    if nodes is None or dead is None or before is None:
        return None
    line = nodes.line(before)
    why = {
        "return_statement": f"line {line} returns",
        "for_statement": f"the loop of line {line} never ends",
        "expression_statement": f"`{short(nodes.text(before))}` in line {line} does not come back",
        "break_statement": f"line {line} leaves the loop or switch",
        "continue_statement": f"line {line} goes on with the next round",
        "goto_statement": f"line {line} jumps away",
    }.get(before.type, f"no way leads past line {line}")
    return Card(
        f"`{short(nodes.text(dead))}` is never reached: {why}.",
        (case.here(line, f"`{line_text(case, line)}`"),),
    )


def misplaced(_case: Case, match: re.Match[str]) -> Card | None:
    word = match["word"]
    where = "a loop" if word == "continue" else "a loop, `switch` or `select`"
    return Card(
        f"`{word}` is not inside of {where} of this function, so there is nothing that it could leave."
        if word == "break"
        else f"`{word}` is not inside of {where} of this function."
    )


def syntax(case: Case, match: re.Match[str]) -> Card | None:
    """Go's parser says what it expected; what is open before it is often the cause."""
    expected, found = match["expected"], match["found"]
    if "EOF" in found:
        brace = _open_brace(case)
        if brace:
            return Card(
                f"The file ends while the `{{` of line {brace} is still open.",
                (case.here(brace, f"`{line_text(case, brace)}`"),),
            )
        return Card(f"The file ends where `{short(expected.strip(chr(39)))}` is expected.")
    shown = short(found.strip("'"))
    return Card(f"`{shown}` stands where {_quoted(expected)} is expected.")


def _quoted(expected: str) -> str:
    words = expected.strip()
    return f"`{words.strip(chr(39))}`" if words.startswith("'") and words.endswith("'") else short(words)


def _open_brace(case: Case) -> int:
    """The line of the outermost brace that nothing closes, by the tokens of the text; 0 for none."""
    nodes = nodes_of(case)
    if nodes is None:
        return 0
    opened = list[int]()
    for node in nodes.within(Span(0, len(case.snapshot.text)), "{", "}"):
        if node.is_missing or node.start_byte == node.end_byte:
            continue
        if node.type == "{":
            opened.append(nodes.line(node))
        elif opened:
            opened.pop()
    return opened[0] if len(opened) == 1 else 0


RULES = (
    rule("MissingReturn", r"missing return$", missing_return),
    rule("unreachable", r"unreachable code$", unreachable),
    rule("MisplacedBreak", r"(?P<word>break) (?:statement )?not (?:in|within) for", misplaced),
    rule("MisplacedBreak", r"(?P<word>break) is not in a loop", misplaced),
    rule("MisplacedContinue", r"(?P<word>continue) (?:statement )?not (?:in|within) for", misplaced),
    rule("MisplacedContinue", r"(?P<word>continue) is not in a loop", misplaced),
    rule("syntax", r"expected (?P<expected>[^\n]{1,100}?), found (?P<found>[^\n]{1,100})$", syntax),
)
