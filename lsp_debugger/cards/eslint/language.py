"""Numbers, globals, loops and operators of the language that do not do what they seem to."""

from __future__ import annotations

import re
import unicodedata

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.eslint.code import around, place, shown
from lsp_debugger.core.ask import Card

_NUMBER = re.compile(r"[\d_]{1,400}\Z")
_OCTAL = re.compile(r"0[0-7]{1,30}\Z")
_GLOBAL = re.compile(r"Read-only global '(?P<name>[\w$]{1,80})'")
_CALLED = re.compile(r"['`](?P<name>[\w$]{1,40})['`] is not a function")
_SHADOWING = re.compile(r"Shadowing of global property '(?P<name>[\w$]{1,40})'")
_OF_LANGUAGE = frozenset(
    {"undefined", "NaN", "Infinity", "Object", "Array", "Promise", "JSON", "Math", "String", "Number"}
)
_NEVER_NULLISH = frozenset(
    {
        "array",
        "arrow_function",
        "binary_expression",
        "number",
        "object",
        "string",
        "template_string",
        "true",
        "false",
    }
)


def direction(case: Case) -> Card | None:
    found = around(case, "for_statement")
    if found is None:
        return None
    nodes, node = found
    step, test = node.child_by_field_name("increment"), node.child_by_field_name("condition")
    if step is None or test is None:
        return None
    condition = nodes.text(test).rstrip("; ")
    return Card(f"{shown(nodes, step)} moves away from where `{condition[:50]}` would end the loop.")


def constant_side(case: Case) -> Card | None:
    message, found = case.problem.message, around(case, "binary_expression")
    if found is None:
        return None
    nodes, node = found
    if "newly constructed" in message:
        operator = node.child_by_field_name("operator")
        always = "true" if operator is not None and operator.type.startswith("!") else "false"
        made = case.code if "\n" not in case.code and 0 < len(case.code) < 40 else "This"
        return Card(
            f"`{made}` is a new object each time and equals nothing: {shown(nodes, node)} is always {always}."
        )
    if "nullishness" not in message:
        return None
    for holder in reversed(nodes.path_to(case.span)):
        operator = holder.child_by_field_name("operator")
        left, right = holder.child_by_field_name("left"), holder.child_by_field_name("right")
        if operator is None or operator.type != "??" or left is None or right is None:
            continue
        if left.type not in _NEVER_NULLISH or any(
            child.type in {"??", "||", "&&"} for child in left.children
        ):
            return None
        return Card(
            f"{shown(nodes, left)} is never null or undefined, so {shown(nodes, right)} is never used."
        )
    return None


def caught(case: Case) -> Card | None:
    clause = around(case, "catch_clause")
    name = case.code
    if clause is None or not name.isidentifier():
        return None
    return Card(f"`{name}` is what was caught; from here on it is lost.", (place(case, *clause),))


def boolean_cast(case: Case) -> Card | None:
    code = case.code
    if not code or "\n" in code or len(code) > 60:
        return None
    return Card(f"`{code}` makes a boolean of what becomes one here anyway.")


def global_set(case: Case) -> Card | None:
    match = _GLOBAL.match(case.problem.message)
    if match is None:
        return None
    name = match["name"]
    if name in _OF_LANGUAGE:
        return Card(f"`{name}` belongs to the language, and everything else in the program relies on it.")
    return Card(f"`{name}` is a global that is there to be read, and gets another value here.")


def precision(case: Case) -> Card | None:
    code = case.code.replace("_", "")
    if not _NUMBER.match(code) or len(code) > 300:
        return None
    kept = int(float(code))
    notes = (f"`{code}n` is exact, as a BigInt.",) if len(code) < 40 else ()
    return Card(f"`{case.code[:40]}` becomes {str(kept)[:40]}: a number holds about 16 digits.", notes=notes)


def octal(case: Case) -> Card | None:
    code = case.code
    if _OCTAL.match(code):
        return Card(f"`{code}` is read as octal: it is {int(code, 8)}.")
    return (
        Card(f"`{code}` begins like an octal number and is a decimal one.")
        if code.isdigit() and len(code) < 30
        else None
    )


def not_constructor(case: Case) -> Card | None:
    name = case.code
    return (
        Card(f"`{name}` is called without `new`: `new {name}(…)` throws.")
        if name in {"Symbol", "BigInt"}
        else None
    )


def not_function(case: Case) -> Card | None:
    match = _CALLED.match(case.problem.message)
    if match is None:
        return None
    return Card(f"`{match['name']}` is an object that has functions, and none itself: calling it throws.")


def restricted(case: Case) -> Card | None:
    match = _SHADOWING.match(case.problem.message)
    return (
        Card(f"From here on `{match['name']}` is something else than everybody expects.")
        if match is not None
        else None
    )


def goes_on(case: Case) -> Card | None:
    """A line that begins with a bracket or a template."""
    if "newline between" not in case.problem.message or case.line < 2:
        return None
    before = next(
        (number for number in range(case.line - 1, max(case.line - 6, 0), -1) if _code(case, number)), 0
    )
    if not before:
        return None
    text = _code(case, before)
    verb = "calls" if "function call" in case.problem.message else "goes on with"
    said = f"`{text[:50]}` (line {before}) {verb} what this line begins with: no `;` ends it."
    return Card(said, (case.here(before, f"`{text[:60]}`"),))


def _code(case: Case, number: int) -> str:
    return case.snapshot.line_text(number - 1).strip().replace("`", "'")


def label(case: Case) -> Card | None:
    name = case.code.strip()
    return Card(f"Nothing jumps to the label `{name}`.") if name.isidentifier() else None


def with_object(case: Case) -> Card | None:
    found = around(case, "with_statement")
    thing = found[1].child_by_field_name("object") if found is not None else None
    if found is None or thing is None:
        return None
    text = found[0].text(thing).strip("()")[:40]
    return Card(
        f"Inside of `with ({text})` each name may be a member of `{text}`, or not: only the run decides."
    )


def delete_variable(case: Case) -> Card | None:
    found = around(case, "unary_expression")
    return (
        Card(f"{shown(*found)} deletes nothing: `delete` is for properties, not for variables.")
        if found
        else None
    )


def whitespace(case: Case) -> Card | None:
    characters = [each for each in case.code[:4] if each not in " \t"]
    if not characters:
        return None
    number, name = ord(characters[0]), unicodedata.name(characters[0], "").lower()
    called = f", {name}," if name else ""
    line = case.line_text.strip()[:40].replace("`", "'")
    return Card(
        f"In `{line}` a character looks like a space and is none: U+{number:04X}{called} is not an "
        "ordinary one."
    )
