"""Functions: who calls them, with what, and who cannot."""

from __future__ import annotations

import re

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.shellcheck.script import (
    functions,
    line_of_errexit,
    line_place,
    name_of,
    program,
    quoted,
)
from lsp_debugger.core.ask import Card


def never_given(case: Case) -> Card | None:
    """SC2120: at the function."""
    match = re.match(r"(?P<name>\S{1,200}) references arguments", case.problem.message)
    nodes = case.nodes
    if match is None or nodes is None:
        return None
    name = match["name"]
    calls = _calls(case, name)
    first = re.search(r"\$\{?[1-9@*]", case.code)
    reads = f"`{first.group().replace('{', '')}`" if first is not None else "arguments"
    return Card(
        f"`{name}` reads {reads}, its own argument, and no call gives it one.",
        tuple(line_place(case, line) for line in calls[:3]),
        (f'If the script\'s own are meant: `{name} "$@"`.',),
    )


def call_without(case: Case) -> Card | None:
    """SC2119: at the call."""
    name = case.code
    made = functions(case, name)
    if len(made) != 1 or case.nodes is None:
        return None
    line = case.nodes.line(made[0])
    return Card(
        f"`{name}` is called without arguments; `$1` in it is its own, not the script's.",
        (line_place(case, line),),
        (f'`{name} "$@"` hands on what the script was given.',),
    )


def _calls(case: Case, name: str) -> list[int]:
    nodes = case.nodes
    found = list[int]()
    if nodes is None:
        return found
    pattern = re.compile(rf"^[^\n]{{0,500}}?(?<![\w-]){re.escape(name)}(?![\w-])", re.MULTILINE)
    for count, match in enumerate(pattern.finditer(case.snapshot.text)):
        node = nodes.around(type(case.span)(match.end() - len(name), match.end()), "command_name")
        if node is not None:
            found.append(nodes.line(node))
        if count > 100:
            break
    return found


def never_called(case: Case) -> Card | None:
    nodes = case.nodes
    node = nodes.exactly(case.span) if nodes is not None else None
    if nodes is None or node is None or node.type != "function_definition":
        return None
    return Card(
        f"Nothing that is run here calls `{name_of(case, node)}`.",
        (),
        ("If a trap, a `find -exec` or a script that sources this one does, it is fine.",),
    )


def defined_later(case: Case) -> Card | None:
    made = functions(case, case.code.split(None, 1)[0] if case.code.strip() else "")
    if len(made) != 1 or case.nodes is None:
        return None
    line = case.nodes.line(made[0])
    if line <= case.line:
        return None
    return Card(
        f"Line {line} defines `{name_of(case, made[0])}`, which this line calls already.",
        (line_place(case, line),),
    )


def errexit_off(case: Case) -> Card | None:
    name = case.code
    line = line_of_errexit(case)
    where = re.search(r"in an? (?P<where>.{1,30}?) condition", case.problem.message)
    if not line or "`" in name:
        return None
    because = (
        f"as a part of the `{where['where'].strip(chr(39))}` condition"
        if where is not None
        else "in a command substitution"
    )
    made = functions(case, name)
    places = [line_place(case, case.nodes.line(each)) for each in made[:1]] if case.nodes is not None else []
    return Card(
        f"`set -e` of line {line} is off while `{name}` runs {because}: it goes on after a command "
        "that fails.",
        (*places, line_place(case, line)),
    )


def outside_call(case: Case) -> Card | None:
    """SC2032 at the function and SC2033 at the word that is to call it."""
    match = re.search(r"invoked via (?P<program>\S{1,40}) on line (?P<line>\d{1,7})", case.problem.message)
    if match is not None and case.nodes is not None:
        node = case.nodes.around(case.span, "function_definition")
        line = int(match["line"])
        if node is None or not 1 <= line <= len(case.snapshot.lines):
            return None
        return Card(
            f"`{match['program']}` in line {line} looks for a program `{name_of(case, node)}`: "
            "it does not know the functions of this shell.",
            (line_place(case, line),),
        )
    made = functions(case, case.code)
    if len(made) != 1 or case.nodes is None:
        return None
    command = program(case)
    by = f"{quoted(command)} looks" if command and command != case.code else "What is started here looks"
    return Card(
        f"{by} for a program `{case.code}`: the function of line {case.nodes.line(made[0])} exists "
        "in this shell only.",
        (line_place(case, case.nodes.line(made[0])),),
    )
