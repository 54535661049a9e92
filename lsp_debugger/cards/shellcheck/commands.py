"""Tests, redirections and single commands that do something else than they seem to."""

from __future__ import annotations

import re

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.shellcheck.quoting import inner
from lsp_debugger.cards.shellcheck.script import (
    brief,
    line_after,
    line_before,
    line_place,
    program,
    quoted,
    shebang,
    statement,
    variable_of,
)
from lsp_debugger.core.ask import Card


def backticks(case: Case) -> Card | None:
    said = inner(case)
    if not said or "`" in said or "\\" in case.code:
        return Card("Backticks do not nest, and backslashes in them mean something else than in `$(…)`.")
    return Card(f"The backticks around {quoted(said)} are the old way to write {quoted(f'$({said})')}.")


def text_comparison(case: Case) -> Card | None:
    match = re.search(r"Use (?P<better>-\w\w) instead", case.problem.message)
    if match is None or case.code.strip("\\") not in {"<", ">", "<=", ">="}:
        return None
    before, after = line_before(case), line_after(case).split()
    is_single = re.search(r"(?<!\[)\[\s[^\[\]]*$", before) is not None
    right = after[0] if after else ""
    if is_single and not case.code.startswith("\\") and right:
        way = "reads from" if case.code == "<" else "writes"
        return Card(
            f"In `[ … ]` the shell takes `{case.code} {brief(right)}` for a redirection: it {way} a "
            f"file {quoted(right)}.",
            (),
            (f"Numbers are compared with `{match['better']}`.",),
        )
    return Card(
        f"`{case.code}` compares letter by letter here: `9` comes after `10`.",
        (),
        (f"Numbers are compared with `{match['better']}`.",),
    )


def always_set(case: Case) -> Card | None:
    return Card(
        f"With an empty {quoted(case.code)} this is `[ -n ]`, which is true; with two words it is an error.",
        (),
        (f'`[ -n "{case.code}" ]` asks it.',) if re.fullmatch(r"\$\{?\w+\}?", case.code) else (),
    )


def mode_of_deepest(case: Case) -> Card | None:
    return Card(
        f"`{case.code}` is for the last folder of {quoted(statement(case))} only; those above get "
        "the default."
    )


def without_backslash(case: Case) -> Card | None:
    said = statement(case)
    return Card(
        f"{quoted(said or case.code)} takes a backslash in its input for an escape and removes it.",
        (),
        ("`read -r` keeps it.",),
    )


def run_output(case: Case) -> Card | None:
    said = inner(case)
    if not said:
        return None
    return Card(
        f"What {quoted(said)} prints is run as a command.",
        (),
        (f"Without `$(…)` around it, {quoted(said)} itself is the condition.",)
        if "if " in line_before(case)
        else (),
    )


def no_operand(case: Case) -> Card | None:
    """x="y" without spaces in a test."""
    word = re.search(r"[^\s\[]{1,100}$", line_before(case))
    rest = re.match(r"[^\s\]]{0,100}", line_after(case))
    whole = (word.group() if word else "") + case.code + (rest.group() if rest else "")
    return Card(
        f"{quoted(whole)} is one word, and a test of one word is true when it is not empty.",
        (),
        ("Blanks around the operator make it a comparison.",),
    )


def spaced_assignment(case: Case) -> Card | None:
    """SC2283, SC2285, SC2290: a blank beside the equals sign."""
    line = case.snapshot.line_text(case.line - 1).strip()
    name = re.match(r"(?P<name>[A-Za-z_]\w{0,200})[ \t]+\+?=[ \t]*(?P<value>.*)", line)
    if name is None:
        return None
    value = brief(name["value"])
    note = () if "`" in line or not value else (f"`{name['name']}={value}` sets it.",)
    return Card(
        f"With a blank before `=`, `{name['name']}` is run as a command and {quoted(case.code)} is "
        "its argument.",
        (),
        note,
    )


def dollar_left(case: Case) -> Card | None:
    name = variable_of(case)
    line = case.snapshot.line_text(case.line - 1).strip()
    rest = re.match(r"\$\{?\w+\}?(?P<rest>\+?=.*)", line)
    note = (f"{quoted(name + rest['rest'])} sets it.",) if rest is not None and name.isidentifier() else ()
    return (
        Card(
            f"{quoted(case.code)} is replaced by its value before the shell looks for an assignment.",
            (),
            note,
        )
        if name
        else None
    )


def blank_after_equals(case: Case) -> Card | None:
    line = case.snapshot.line_text(case.line - 1).strip()
    match = re.match(r"(?P<name>[A-Za-z_]\w{0,200})=[ \t]+(?P<value>\S{1,200})", line)
    if match is None or "`" in line:
        return None
    return Card(
        f"The blank after `{match['name']}=` sets it to nothing, for the time of running "
        f"`{brief(match['value'])}`.",
        (),
        (f"`{match['name']}={brief(match['value'])}` sets it.",),
    )


def printf_arguments(case: Case) -> Card | None:
    match = re.search(r"has (?P<wants>\d+) variables?, but is passed (?P<gets>\d+)", case.problem.message)
    if match is None:
        return None
    return Card(
        f"{quoted(case.code)} has {match['wants']} places for values and `printf` gets {match['gets']}.",
        (),
        (
            (
                "It goes through the format again while arguments are left, and takes missing ones for "
                "empty or 0."
            ),
        ),
    )


def status_range(case: Case) -> Card | None:
    word = program(case) or "exit"
    if re.fullmatch(r"-?\d+", case.code):
        value = int(case.code[:20])
        wraps = f" {value % 256} arrives." if value > 255 else ""
        return Card(f"`{word} {case.code[:20]}` is out of range: a status is 0 to 255.{wraps}")
    return Card(
        f"`{word}` takes a number from 0 to 255, and {quoted(case.code)} is a text.",
        (),
        ("Texts go to output: `echo`, and `>&2` for errors.",),
    )


def no_globs(case: Case) -> Card | None:
    operator = re.search(r"(-\w)\s+$", line_before(case))
    op = f"`{operator[1]}`" if operator is not None else "The test"
    double = re.search(r"\[\[[^\[\]]*$", line_before(case)) is not None
    if double:
        return Card(
            f"In `[[ … ]]` {op} looks for a file that is called {quoted(case.code)}: no pattern is expanded."
        )
    return Card(f"{op} takes one name: with two files that {quoted(case.code)} fits the test is an error.")


def literal_regex(case: Case) -> Card | None:
    return Card(
        f"With its quotes, {quoted(case.code)} is looked for as it is: `^`, `[` and `*` in it mean "
        "themselves.",
        (),
        ("A pattern in a variable needs none: `re='…'; [[ $x =~ $re ]]`.",),
    )


def no_shebang(case: Case) -> Card | None:
    if shebang(case):
        return None
    first = case.snapshot.line_text(0).strip()
    return Card(
        f"Line 1, {quoted(first)}, does not say which shell this is for."
        if first
        else "The first line does not say which shell this is for.",
        (),
        ("For a file that is sourced: `# shellcheck shell=bash`.",),
    )


def not_followed(case: Case) -> Card | None:
    if program(case) not in {"source", "."}:
        return None
    message = case.problem.message
    if case.problem.code.endswith("1090") or "$" in case.code:
        return Card(
            f"Which file {quoted(case.code)} is shows only when the script runs, so what it sets is "
            "not known here.",
            (),
            ("`# shellcheck source=path` above the line names it.",),
        )
    if "does not exist" in message:
        return Card(
            f"{quoted(case.code)} is not where shellcheck looked for it, so what it sets is not known here.",
            (),
            (
                (
                    "It looks from the folder that it is started in; `# shellcheck "
                    "source-path=SCRIPTDIR` has it look beside the script."
                ),
            ),
        )
    return Card(
        f"{quoted(case.code)} was not read, so what it sets is not known here.",
        (line_place(case, case.line),),
    )
