"""Words that are split and patterns that are expanded where nobody meant it, and quotes that do too much."""

from __future__ import annotations

import re

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.shellcheck.origins import Origin, origin_of
from lsp_debugger.cards.shellcheck.script import (
    VARIABLE,
    has_arrays,
    line_place,
    program,
    quoted,
    set_before,
    variable_of,
)
from lsp_debugger.core.ask import Card

_INNER = re.compile(r"^\"?(?:\$\((?P<new>.{1,2000})\)|`(?P<old>[^`]{1,2000})`)\"?$", re.DOTALL)
_EXPANSION = re.compile(
    r"\$(?:\{[A-Za-z_][^}\n]{0,80}\}|[A-Za-z_]\w{0,80}|\d|[@*?#]|\([^)\n]{1,80}\))|`[^`\n]{1,80}`"
)
_ESCAPE = re.compile(r"\\[abefnrtv0x]")


def inner(case: Case) -> str:
    """The command in a command substitution, or empty."""
    match = _INNER.match(case.code)
    return " ".join((match["new"] or match["old"]).split()) if match is not None else ""


def unquoted(case: Case) -> Card | None:
    name = variable_of(case)
    if not name:
        return None
    shown, command = quoted(case.code), program(case)
    origin = origin_of(case, name)
    tail = f"; it {origin.said}" if origin is not None else ""
    places = origin.places if origin is not None else ()
    nodes = case.nodes
    if nodes is not None and nodes.around(case.span, "file_redirect") is not None:
        return Card(
            f"{shown} names a file without quotes: with a blank in it the redirection fails{tail}.", places
        )
    where = f" of {quoted(command)}" if command else ""
    return Card(
        f"Without quotes {shown} becomes as many arguments{where} as it has words, and `*` or `?` in it "
        f"become names of files{tail}.",
        places,
        _array_note(case, name, origin),
    )


def _array_note(case: Case, name: str, origin: Origin | None) -> tuple[str, ...]:
    """For a literal of several words: those are meant, so quotes alone would break it."""
    literal = origin.literal if origin is not None else ""
    if len(literal.split()) < 2 or not has_arrays(case) or re.search(r"[^\w\s./=:,+-]", literal):
        return ()
    return (
        (
            f"Where several words are meant, an array keeps them apart: `{name}=({literal})`, "
            f'`"${{{name}[@]}}"`.'
        ),
    )


def split_output(case: Case) -> Card | None:
    said, command = inner(case), program_outside(case)
    if not said:
        return None
    where = f"arguments of {quoted(command)}" if command else "words"
    return Card(
        f"The output of {quoted(said)} is split at blanks and line feeds into {where}, "
        "and `*` or `?` in it become names of files."
    )


def program_outside(case: Case) -> str:
    """The command that gets the output: not the one inside of the substitution."""
    nodes = case.nodes
    if nodes is None:
        return ""
    around = [node for node in nodes.path_to(case.span) if node.type in {"command", "test_command"}]
    outer = [
        node for node in around if nodes.span(node) != case.span and nodes.span(node).start < case.span.start
    ]
    if not outer:
        return ""
    names = [child for child in outer[-1].children if child.type == "command_name"]
    return nodes.text(names[0]) if names else nodes.text(outer[-1])[:2].strip()


def all_arguments(case: Case) -> Card | None:
    name = variable_of(case)
    if not name:
        return None
    command = program(case)
    where = f" before {quoted(command)} gets it" if command else ""
    if name in {"@", "*"}:
        advice = 'Use `"$@"`: it gives each argument as it is.'
        return Card(
            f"Without quotes {quoted(case.code)} splits each argument once more at blanks{where}.",
            (),
            (advice,),
        )
    found = set_before(case, name)
    places = (line_place(case, found.line),) if found is not None else ()
    return Card(f"Without quotes {quoted(case.code)} splits each element once more at blanks{where}.", places)


def single_quotes(case: Case) -> Card | None:
    match = _EXPANSION.search(case.code[:2000])
    if match is None:
        return None
    shown, command = quoted(match.group()), program(case)
    name = VARIABLE.match(match.group())
    found = set_before(case, name["name"]) if name is not None else None
    where = f"{quoted(command)} gets" if command else "this has"
    places = (line_place(case, found.line),) if found is not None else ()
    note = (
        ()
        if found is not None
        else ("Right where the text is a program that is to see it; then nothing needs doing.",)
    )
    return Card(f"In single quotes {shown} is not expanded: {where} these very characters.", places, note)


def outside(case: Case) -> Card | None:
    return Card(
        f"{quoted(case.code)} stands outside of the quotes: the string ends before it and begins "
        "anew behind it.",
        (),
        (r"Quotes that are to be part of the text need a backslash: `\"`.",),
    )


def echo_escape(case: Case) -> Card | None:
    match = _ESCAPE.search(case.code)
    if match is None:
        return None
    return Card(
        f"`echo` of one shell turns `{match.group()}` in {quoted(case.code)} into the character, "
        "that of another "
        "prints a backslash.",
        (),
        ("`printf` does so everywhere.",),
    )


def pattern_side(case: Case) -> Card | None:
    name = variable_of(case)
    origin = origin_of(case, name) if name else None
    tail = f"; it {origin.said}" if origin is not None else ""
    return Card(
        f"{quoted(case.code)} without quotes is a pattern here: a `*` or `?` in it stands for other "
        f"text{tail}.",
        origin.places if origin is not None else (),
    )


def format_string(case: Case) -> Card | None:
    name = variable_of(case)
    if not name:
        return None
    origin = origin_of(case, name)
    tail = f"; it {origin.said}" if origin is not None else ""
    return Card(
        f"`${name}` is part of the format: `printf` obeys each `%` and backslash in its value{tail}.",
        origin.places if origin is not None else (),
        (f"`printf '%s\\n' \"${name}\"` prints it as it is.",)
        if case.code.strip('"') == f"${name}\\n"
        else (),
    )


def trap_now(case: Case) -> Card | None:
    name, said = variable_of(case), inner(case)
    what = quoted(case.code)
    if not name and not said:
        return None
    found = set_before(case, name) if name and not said else None
    return Card(
        f"{what} is expanded in line {case.line}, when `trap` is called, and not when the signal comes.",
        (line_place(case, found.line),) if found is not None else (),
        ("In single quotes the trap reads the value of then.",),
    )


def remote(case: Case) -> Card | None:
    name = variable_of(case)
    found = set_before(case, name) if name else None
    return Card(
        f"{quoted(case.code)} is expanded on this machine, before {quoted(program(case) or 'ssh')} "
        "sends the command.",
        (line_place(case, found.line),) if found is not None else (),
        ("In single quotes, or with a backslash, the other machine expands it.",),
    )


_NEVER = re.compile(r"never expands to (?P<path>\S{1,200}) ?\.")


def deletes_root(case: Case) -> Card | None:
    match = _NEVER.search(case.problem.message)
    names = list(dict.fromkeys(each["name"] for each in VARIABLE.finditer(case.code)))
    if match is None or not names:
        return None
    name = names[0]
    origin = origin_of(case, name)
    tail = f"; it {origin.said}" if origin is not None else ""
    subject = f"`${name}`" if len(names) == 1 else "each variable of it"
    return Card(
        f"Where {subject} is empty or not set, {quoted(case.code)} is `{match['path']}` and "
        f"{quoted(program(case) or 'rm')} deletes that{tail}.",
        origin.places if origin is not None else (),
        (f"`${{{name}:?}}` ends the script instead.",),
    )


# Their words with a star are seldom meant as names of files here.
_PATTERN_PROGRAMS = frozenset({"find", "grep", "egrep", "fgrep", "sed", "awk", "expr"})


def dashes(case: Case) -> Card | None:
    command = program(case)
    if not command:
        return None
    pattern = _word_around(case)
    is_file = command not in _PATTERN_PROGRAMS and "`" not in pattern and not pattern.startswith("/")
    return Card(
        f"A file whose name begins with a dash comes out of {quoted(pattern)} as an option of "
        f"{quoted(command)}.",
        (),
        (f"`./{pattern}` cannot.",) if is_file else (),
    )


def _word_around(case: Case) -> str:
    """The whole word that the star is the beginning of."""
    text, end = case.snapshot.text, case.span.end
    match = re.compile(r"[^\s;|&()<>\"'`]{0,100}").match(text, end)
    return case.code + (match.group() if match is not None else "")
