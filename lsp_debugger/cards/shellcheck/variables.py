"""Variables that nobody reads, nobody sets, or that lose what they were set to."""

from __future__ import annotations

import re

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.shellcheck.script import (
    function_around,
    has_arrays,
    line_of_errexit,
    line_place,
    name_of,
    quoted,
    set_before,
    settings,
    shebang,
    variable_of,
)
from lsp_debugger.core.ask import Card, Place
from lsp_debugger.syntax.likeness import likeliest, sketches

_SUBJECT = re.compile(r"^(?:Modification of )?(?P<name>[A-Za-z_]\w{0,200})\b")
_LIKELY = re.compile(r"did you mean '(?P<name>\w{1,200})'")
_READ = re.compile(r"\$\{?[#!]?([A-Za-z_]\w{0,80})")
_SOURCES = re.compile(r"^[ \t]*(?:\.|source)[ \t]+(?P<path>[^\s;#&|]{1,200})", re.MULTILINE)
_MAX_READ = 3000  # names in one script that are compared


def subject(case: Case) -> str:
    """The name that the message begins with; without one, the one that it points at."""
    match = _SUBJECT.match(case.problem.message)
    return match["name"] if match is not None else variable_of(case)


def unused(case: Case) -> Card | None:
    match = re.match(r"(?P<name>[A-Za-z_]\w{0,200}) appears unused", case.problem.message)
    if match is None:
        return None
    name = match["name"]
    here = next((each for each in reversed(settings(case, name)) if each.line == case.line), None)
    places = _misread(case, name)
    if here is not None and here.kind == "loop":
        return Card(
            f"Nothing reads the loop's variable `{name}`; `_` in its place says that none is needed.", places
        )
    function = function_around(case)
    where = f" in `{name_of(case, function)}`" if function is not None else ""
    verb = "read into" if here is not None and here.kind == "read" else "set"
    said = f"`{name}` is {verb} in line {case.line}{where} and nothing in this file reads it."
    if verb == "read into":
        said = f"Line {case.line} reads into `{name}`, and nothing in this file reads that."
    notes = (f"For programs that this script starts: `export {name}`.",)
    if here is not None and here.kind == "read":
        notes = ()
    if not shebang(case):
        notes = (
            "If the script that sources this file reads it, `# shellcheck disable=SC2034` above says so.",
        )
    return Card(said, places, notes)


def _misread(case: Case, name: str) -> tuple[Place, ...]:
    """Where a name that is set nowhere and looks like this one is read."""
    read: dict[str, int] = {}
    for count, match in enumerate(_READ.finditer(case.snapshot.text)):
        if count == _MAX_READ:
            break
        read.setdefault(match[1], match.start())
    near = [each for each in likeliest(name, [sketches(read)], 3) if not settings(case, each)]
    if len(near) != 1:
        return ()
    line = case.snapshot.lines.line_of(read[near[0]]) + 1
    return (case.here(line, f"reads `${near[0]}`, which nothing sets"),)


def unassigned(case: Case) -> Card | None:
    name = subject(case)
    if not name or f"{name} is referenced" not in case.problem.message:
        return None
    own = prefixed(case, name)
    if own is not None:
        return own
    match = _LIKELY.search(case.problem.message)
    if match is not None:
        found = settings(case, match["name"])
        tail = f" (line {found[0].line})" if found else ""
        return Card(
            f"`{name}` is set nowhere here; the nearest name is `{match['name']}`{tail}.",
            tuple(line_place(case, each.line) for each in found[:1]),
        )
    passing = _for_one_command(case, name)
    if passing is not None:
        return passing
    spaced = re.search(
        rf"^[ \t]*\$?{re.escape(name)}(?:[ \t]+\+?=|=[ \t]+)", case.snapshot.text, re.MULTILINE
    )
    if spaced is not None:
        line = case.snapshot.lines.line_of(spaced.start()) + 1
        if line != case.line:
            return Card(
                f"`{name}` is set nowhere: line {line} looks like it and runs a command instead.",
                (line_place(case, line),),
            )
    return Card(
        f"`{name}` is read here and set nowhere in this script.",
        _elsewhere(case, name),
        _source_note(case, name),
    )


def _elsewhere(case: Case, name: str) -> tuple[Place, ...]:
    known = [each for each in case.around.symbols.definitions(name, case.path) if each.path != case.path]
    return tuple(
        case.place(each)
        for each in known[:1]
        if each.kind == "variable" and each.path.endswith((".sh", ".bash"))
    )


def _source_note(case: Case, name: str) -> tuple[str, ...]:
    match = _SOURCES.search(case.snapshot.text)
    if match is not None:
        line = case.snapshot.lines.line_of(match.start()) + 1
        return (f"Unless {quoted(match['path'])}, which line {line} sources, sets it.",)
    return (f"If it comes from outside, `${{{name}:?}}` says so and stops where it is missing.",)


def prefixed(case: Case, name: str) -> Card | None:
    """`x=1 program "$x"`: both ends of it."""
    nodes = case.nodes
    if nodes is None:
        return None
    command = nodes.around(case.span, "command")
    while command is not None:
        for each in settings(case, name):
            if each.around.parent == command and nodes.line(command) == case.line:
                names = [child for child in command.children if child.type == "command_name"]
                if not names:
                    return None
                return Card(
                    f"`{name}` is set for {quoted(nodes.text(names[0]))} alone: `${name}` in the "
                    "same line is "
                    "expanded before that, with the value of before.",
                    (line_place(case, case.line),) if case.span.start != each.start else (),
                    (f"On a line of its own, `{name}=…` is set first.",),
                )
        command = command.parent
        while command is not None and command.type != "command":
            command = command.parent
    return None


def _for_one_command(case: Case, name: str) -> Card | None:
    """`x=git status`: set while `status` runs, and only for it."""
    found = settings(case, name)
    owners = [each.around.parent for each in found]
    if case.nodes is None or not found:
        return None
    programs = [
        child
        for owner in owners
        if owner is not None and owner.type == "command"
        for child in owner.children
        if child.type == "command_name"
    ]
    if len(programs) != len(found):
        return None
    each, started = found[0], case.nodes.text(programs[0])
    return Card(
        f"`{name}` is set in line {each.line} for {quoted(started)} alone, which that line runs; "
        "nothing else sets it.",
        (line_place(case, each.line),),
    )


def prefix(case: Case) -> Card | None:
    match = re.match(r"\$?\{?(?P<name>[A-Za-z_]\w{0,200})", case.code)
    return prefixed(case, match["name"]) if match is not None else None


def masked_status(case: Case) -> Card | None:
    nodes = case.nodes
    name = case.code
    if nodes is None or not name.isidentifier():
        return None
    assignment = nodes.around(case.span, "variable_assignment")
    declaration = nodes.around(case.span, "declaration_command", "command")
    value = assignment.child_by_field_name("value") if assignment is not None else None
    if declaration is None or value is None:
        return None
    keyword = nodes.text(declaration).split(None, 1)[0]
    found = re.search(r"\$\((.{1,2000})\)|`([^`]{1,2000})`", nodes.text(value), re.DOTALL)
    if found is None or keyword not in {"local", "export", "readonly", "declare", "typeset"}:
        return None
    errexit = line_of_errexit(case)
    tail = f", so `set -e` of line {errexit} does not see it fail" if errexit else ""
    after = (
        f"`{name}=$(…); {keyword} {name}`"
        if keyword in {"export", "readonly"}
        else f"`{keyword} {name}; {name}=$(…)`"
    )
    return Card(
        f"The status of this line is that of `{keyword}`, which succeeds; that of "
        f"{quoted(found[1] or found[2])}, the value of `{name}`, is lost{tail}.",
        (line_place(case, errexit),) if errexit else (),
        (f"Apart from each other they keep it: {after}.",),
    )


def array_overwritten(case: Case) -> Card | None:
    match = re.match(r"[A-Za-z_]\w{0,200}", case.code)
    if match is None:
        return None
    name = match.group()
    arrays = [each for each in settings(case, name) if each.value is not None and each.value.type == "array"]
    places = tuple(line_place(case, each.line) for each in arrays[:1])
    first = arrays[0].line if arrays else 0
    made = f", which line {first} makes an array" if first and first != case.line else ", an array"
    if case.problem.code.endswith("2179"):
        return Card(
            f"`{name}+=…` lengthens the first element of `{name}`{made}.",
            places,
            (f"A new one: `{name}+=(…)`.",),
        )
    return Card(
        f"`{name}`{made}, gets a string here: only its first element changes.",
        places,
        (f"All of it: `{name}=(…)`.",),
    )


def itself(case: Case) -> Card | None:
    return Card(f"`{case.code}` is set to the value that it has.") if case.code.isidentifier() else None


def appended_number(case: Case) -> Card | None:
    name = case.code
    if not name.isidentifier() or not has_arrays(case):  # in another shell `+=` is no assignment
        return None
    found = set_before(case, name)
    return Card(
        f"`{name}+=…` puts the digits behind those that `{name}` has; it does not add.",
        (line_place(case, found.line),) if found is not None else (),
        (f"`{name}=$(({name} + 1))` adds one.",),
    )
