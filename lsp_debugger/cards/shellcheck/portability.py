"""What the shell of line 1 need not have."""

from __future__ import annotations

import re

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.shellcheck.script import line_place, program, quoted, shebang
from lsp_debugger.core.ask import Card

_SAID = re.compile(
    r"^In (?P<shell>POSIX sh|dash|busybox sh|ash|BusyBox sh), (?P<what>.{1,80}) (?:is|are) "
    r"(?:undefined|not supported)"
)
_INSTEAD = {
    "3010": "`[ … ]` or `case` is what every shell has.",
    "3014": "`=` compares the same.",
    "3018": "`i=$((i + 1))` is what every shell has.",
    "3020": "`> file 2>&1` is the same.",
    "3024": '`x="$x…"` is what every shell has.',
    "3030": '`set -- a b c` and `"$@"` are the one list that every shell has.',
    "3037": "`printf '%s\\n'` is the same in all shells.",
    "3046": "`.` is the same.",
    "3048": "The name without `SIG` is what every shell knows.",
    "3051": "`.` is the same.",
}


def missing(case: Case) -> Card | None:
    """SC2039 and SC3xxx."""
    match = _SAID.match(case.problem.message)
    first = shebang(case)
    if match is None or not case.code:
        return None
    shell, what = match["shell"], match["what"].strip("'")
    names = re.findall(r"[A-Za-z]{2,}", what)
    is_said = "`" in what or what in case.code or case.code in what or " in place of " in what
    described = f" ({what})" if names and not is_said else ""
    whose = f"which {quoted(first)} in line 1 asks for" if first else "for which this is checked"
    command = program(case)
    subject = quoted(case.code.split("\n", 1)[0])
    if case.code.isidentifier() and not names and "`" not in what:
        subject = f"`{what}`"
    elif command and command not in {case.code, "["} and case.code.startswith("-"):
        subject = f"`{case.code}` of {quoted(command)}"
    note = _INSTEAD.get(case.problem.code[-4:])
    notes = [note] if note is not None else []
    if re.search(r"\bsh\b", first) and shell == "POSIX sh":
        notes.append("Where bash is installed, `#!/bin/bash` in line 1 allows it.")
    return Card(
        f"{subject}{described} is no part of {shell}, {whose}.",
        (line_place(case, 1),) if first and case.line != 1 else (),
        tuple(notes),
    )
