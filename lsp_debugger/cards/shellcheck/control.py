"""What is run, in which folder, in which order, and what its status says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.shellcheck.script import (
    brief,
    function_around,
    line_place,
    program,
    quoted,
    statement,
)
from lsp_debugger.core.ask import Card, Place

if TYPE_CHECKING:
    from tree_sitter import Node

_ENDS = frozenset({"exit", "return", "exec", "break", "continue"})
_BLOCKS = frozenset({"do_group", "compound_statement", "program", "subshell", "if_statement", "else_clause"})


def change_folder(case: Case) -> Card | None:
    nodes = case.nodes
    command = nodes.exactly(case.span) if nodes is not None else None
    if nodes is None or command is None:
        return None
    after = _next_command(command)
    then = f"; {quoted(nodes.text(after))} (line {nodes.line(after)}) runs there" if after is not None else ""
    way = "return 1" if function_around(case) is not None else "exit 1"
    return Card(
        f"If {quoted(case.code)} fails, the script goes on in the folder where it was{then}.",
        (line_place(case, nodes.line(after)),) if after is not None else (),
        (f"{quoted(f'{brief(case.code)} || {way}')} stops it.",),
    )


def _next_command(command: Node) -> Node | None:
    after = command.next_named_sibling
    return (
        after if after is not None and after.type in {"command", "redirected_statement", "pipeline"} else None
    )


def _previous(node: Node) -> Node | None:
    before = node.prev_named_sibling
    while before is not None and before.type == "comment":
        before = before.prev_named_sibling
    return before


def change_back(case: Case) -> Card | None:
    nodes = case.nodes
    command = nodes.exactly(case.span) if nodes is not None else None
    if nodes is None or command is None:
        return None
    before = _previous(command)
    while before is not None and not nodes.text(before).startswith("cd "):
        before = _previous(before)
    if before is None:
        return None
    line = nodes.line(before)
    return Card(
        f"{quoted(case.code)} is the way back only if {quoted(nodes.text(before))} of line {line} "
        "went there.",
        (line_place(case, line),),
        ("In parentheses the change ends with them: `(cd … && command)`.",),
    )


def status_later(case: Case) -> Card | None:
    """SC2181: which command `$?` is about."""
    nodes = case.nodes
    if nodes is None or case.code != "$?":
        return None
    holder = nodes.around(case.span, "if_statement", "while_statement", "test_command", "list")
    while holder is not None and holder.parent is not None and holder.parent.type in {"if_statement", "list"}:
        holder = holder.parent
    before = _previous(holder) if holder is not None else None
    if holder is None or before is None or before.type in {"function_definition", "do", "then"}:
        return None
    said, line = quoted(nodes.text(before)), nodes.line(before)
    return Card(
        f"`$?` is the status of {said} (line {line}): a line between the two would change it.",
        (line_place(case, line),),
        _as_condition(brief(nodes.text(before)), case.problem.message) if before.type == "command" else (),
    )


def _as_condition(command: str, message: str) -> tuple[str, ...]:
    if "`" in command or command.endswith("…") or command.startswith(("echo", "printf")):
        return ()
    return (f"`if {'! ' if '! mycmd' in message else ''}{command}; then` asks it directly.",)


def status_of_output(case: Case) -> Card | None:
    card = status_later(case)
    if card is None:
        return None
    return Card(
        card.headline.replace(": a line between the two would change it", ", not of a command before it"),
        card.places,
    )


def unreachable(case: Case) -> Card | None:
    nodes = case.nodes
    node = nodes.exactly(case.span) if nodes is not None else None
    if nodes is None or node is None:
        return None
    before = _previous(node)
    while before is not None:
        word = nodes.text(before).split(None, 1)[0] if before.type == "command" else ""
        if word in _ENDS:
            line = nodes.line(before)
            return Card(
                f"{quoted(case.code)} is never run: {quoted(nodes.text(before))} in line {line} "
                "comes before it.",
                (line_place(case, line),),
            )
        before = _previous(before)
    return Card(
        f"{quoted(case.code)} is on no way that this script takes.",
        (),
        ("A trap or `eval` may still run it.",),
    )


_LINE = re.compile(r"on line (?P<line>\d{1,7})")


def pattern_first(case: Case) -> Card | None:
    return _patterns(case, "hides {one}`{other}` of line {line}")


def pattern_later(case: Case) -> Card | None:
    return _patterns(case, "is never reached: {one}`{other}` of line {line} takes the same")


def _patterns(case: Case, said: str) -> Card | None:
    match = _LINE.search(case.problem.message)
    line = int(match["line"]) if match is not None else 0
    if not 1 <= line <= len(case.snapshot.lines) or "`" in case.code:
        return None
    other = case.snapshot.line_text(line - 1).strip().split(")", 1)[0].lstrip("(")
    if not other or "`" in other:
        return None
    told = said.format(other=brief(other), line=line, one="one of " if "|" in other else "")
    return Card(f"{quoted(case.code)} {told}.", (line_place(case, line),))


def flag_as_command(case: Case) -> Card | None:
    if case.line < 2:
        return None
    before = case.snapshot.line_text(case.line - 2)
    command = before.strip()
    if not command or before.endswith("\\"):
        return None
    if re.match(r"-{1,2}\w", command):
        return Card(
            f"The line before ends its command, so `{case.code}` is taken for the name of one.",
            (),
            ("A `\\` at the end of a line goes on with it in the next.",),
        )
    return Card(
        f"Line {case.line - 1}, {quoted(command)}, is a whole command, so `{case.code}` is taken for "
        "the name of one.",
        (line_place(case, case.line - 1),),
        ("A `\\` at its end goes on with it in this line.",),
    )


def eaten_input(case: Case) -> Card | None:
    """SC2095: at the loop, or at the command in it."""
    match = re.match(r"(?P<program>\S{1,80}) may swallow", case.problem.message)
    if match is not None:
        return Card(
            f"`{match['program']}` in this loop reads the loop's own input, so that only the first "
            "line is gone through.",
            _ends_of_loop(case),
        )
    command = program(case)
    if not command:
        return None
    flags = re.match(r"Use (?P<how>.{1,80}) to prevent", case.problem.message)
    note = (f"`{flags['how']}` leaves it alone.",) if flags is not None and "`" not in flags["how"] else ()
    return Card(
        f"`{command}` reads what is left of the loop's input: there is no second round.",
        _ends_of_loop(case),
        note,
    )


def _ends_of_loop(case: Case) -> tuple[Place, ...]:
    nodes = case.nodes
    around = nodes.around(case.span, "redirected_statement") if nodes is not None else None
    redirect = around.child_by_field_name("redirect") if around is not None else None
    if nodes is None or redirect is None or nodes.line(redirect) == case.line:
        return ()
    return (line_place(case, nodes.line(redirect)),)


def leaves_subshell(case: Case) -> Card | None:
    nodes = case.nodes
    around = (
        nodes.around(case.span, "subshell", "pipeline", "command_substitution") if nodes is not None else None
    )
    if nodes is None or around is None:
        return None
    line = nodes.line(around)
    kind = "pipe" if around.type == "pipeline" else "parentheses"
    return Card(
        f"`{case.code}` ends the shell of its own that the {kind} of line {line} started, and "
        "nothing around it.",
        (line_place(case, line),) if line != case.line else (),
    )


def masked(case: Case) -> Card | None:
    outer = statement(case)
    return (
        Card(f"Nothing sees whether {quoted(case.code)} fails: its output is used, its status is not.")
        if outer
        else None
    )


def unhandled_option(case: Case) -> Card | None:
    match = re.match(r"getopts specified (?P<option>-\S), but", case.problem.message)
    if match is None:
        return None
    found = re.search(r"getopts[ \t]+[\"']?(?P<list>[\w:?-]{1,80})", case.snapshot.text)
    line = case.snapshot.lines.line_of(found.start()) + 1 if found is not None else 0
    tail = f"; `{found['list']}` of line {line} allows it" if found is not None else ""
    return Card(
        f"No pattern of this `case` takes `{match['option']}`{tail}.",
        (line_place(case, line),) if line else (),
    )


def unknown_option(case: Case) -> Card | None:
    found = re.search(r"getopts[ \t]+[\"']?(?P<list>[\w:?-]{1,80})", case.snapshot.text)
    if found is None or "`" in case.code:
        return None
    line = case.snapshot.lines.line_of(found.start()) + 1
    return Card(
        f"`{case.code}` never comes: `getopts` in line {line} knows `{found['list']}` only.",
        (line_place(case, line),),
    )
