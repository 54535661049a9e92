"""Arrays that are made from text, read as text, or would have been better than text."""

from __future__ import annotations

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.shellcheck.quoting import inner
from lsp_debugger.cards.shellcheck.script import (
    has_arrays,
    line_place,
    quoted,
    set_before,
    settings,
    variable_of,
)
from lsp_debugger.core.ask import Card


def literal_quotes(case: Case) -> Card | None:
    """The string that holds quotes, or the place where it is used."""
    name = variable_of(case) if case.code.startswith("$") else ""
    if not name:
        return Card(
            f"The quotes in {quoted(case.code)} are text: when the variable is used they keep no "
            "words together.",
            (),
            ("An array does: one element for each argument.",) if has_arrays(case) else (),
        )
    found = set_before(case, name)
    if found is None:
        return None
    return Card(
        f"The quotes that line {found.line} puts into `{name}` come out of {quoted(case.code)} as "
        "characters; "
        "words are split at every blank all the same.",
        (line_place(case, found.line),),
    )


def array_from_text(case: Case) -> Card | None:
    said, name = inner(case), variable_of(case)
    what = f"the output of {quoted(said)}" if said else quoted(case.code)
    if not said and not name:
        return None
    found = set_before(case, name) if not said else None
    return Card(
        f"The array gets an element for each word of {what}, and for each file that a `*` or `?` in it fits.",
        (line_place(case, found.line),) if found is not None else (),
        ("`mapfile -t name < <(command)` makes an element of each line.",)
        if said and "bash" in _first(case)
        else (),
    )


def _first(case: Case) -> str:
    return case.snapshot.line_text(0) if case.snapshot.text else ""


def first_element(case: Case) -> Card | None:
    name = variable_of(case)
    arrays = [each for each in settings(case, name) if each.value is not None and each.value.type == "array"]
    if not name:
        return None
    return Card(
        f"{quoted(case.code)} is the first element only: `{name}` is an array.",
        tuple(line_place(case, each.line) for each in arrays[:1]),
        (f'All of them: `"${{{name}[@]}}"`.',) if has_arrays(case) else (),
    )


def evaluated(case: Case) -> Card | None:
    return Card(
        f"`eval` joins {quoted(case.code)} with blanks and splits it again: elements with blanks or "
        "`$` fall apart.",
        (),
        (f'Without `eval`, `"{case.code}"` runs the array as a command.',) if "`" not in case.code else (),
    )
