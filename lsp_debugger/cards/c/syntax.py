"""Text that is no program yet: what is missing where, what is open, and what is there twice."""

from __future__ import annotations

import re

from lsp_debugger.cards.c.wording import Rule, code, rule
from lsp_debugger.cards.case import Case
from lsp_debugger.core.ask import Card
from lsp_debugger.core.text import Span

_OPENING = {"{": "}", "(": ")", "[": "]"}

# Comments, strings and characters: what is in them opens nothing.
_SKIPPED = re.compile(
    r"//[^\n]*|/\*(?:[^*]|\*(?!/)){0,50000}(?:\*/|$)|\"(?:[^\"\\\n]|\\.){0,5000}\"|'(?:[^'\\\n]|\\.){0,20}'"
)

_MAX_CHARS = 400_000


def expected(case: Case, match: re.Match[str]) -> Card | None:
    what = match["what"]
    if ";" in re.findall(r"'([^']{1,3})'", what) or what == "';'":
        return _semicolon(case)
    closing = re.match(r"'([)\]}])'", what)
    if closing is not None:
        return _unclosed(case, closing[1])
    return None


def _semicolon(case: Case) -> Card | None:
    """It is missing behind the last thing before the place that the compiler stumbled at."""
    # An empty range, as behind a closing brace, is a place too.
    span = case.problem.span if case.problem.span is not None else case.span
    at = min(span.start, len(case.snapshot.text))
    text = _SKIPPED.sub(lambda each: " " * len(each[0]), case.snapshot.text[:at]).rstrip()
    last = len(text) or at
    # clang and g++ point behind what is complete; gcc at what follows.
    line = case.snapshot.lines.line_of(max(last - 1, 0)) + 1
    shown = case.snapshot.line_text(line - 1).strip()
    if not shown or shown.endswith(";"):
        return None
    body = re.match(r"\}|.*\}$", shown) is not None
    kind_of = _class_ending(case, last) if body else ""
    if kind_of:
        return Card(
            f"The {kind_of} that ends in line {line} needs a `;` behind its `}}`.",
        )
    if body:
        return None
    return Card(f"A `;` is missing at the end of line {line}: {code(shown)}.")


def _class_ending(case: Case, end: int) -> str:
    nodes = case.nodes
    if nodes is None:
        return ""
    types = ("class_specifier", "struct_specifier", "union_specifier", "enum_specifier")
    for node in nodes.within(Span(0, len(case.snapshot.text)), *types):
        name = node.child_by_field_name("name")
        if nodes.span(node).end == end and name is not None:
            return f"{node.type.partition('_')[0]} `{nodes.text(name)}`"
    return ""


def _unclosed(case: Case, closing: str) -> Card | None:
    opening = next(each for each, other in _OPENING.items() if other == closing)
    place = _last_open(case.snapshot.text[: case.span.start], opening)
    if place is None:
        return None
    line = case.snapshot.lines.line_of(place) + 1
    shown = case.snapshot.line_text(line - 1).strip()
    where = f"in line {line}" if line != case.line else "in this line"
    return Card(
        f"The `{opening}` {where} is not closed: {code(shown)}.",
        (case.here(line, f"opens `{opening}`"),) if line != case.line else (),
    )


def _last_open(text: str, wanted: str) -> int | None:
    """The innermost bracket of a kind that nothing closes."""
    if len(text) > _MAX_CHARS:
        return None
    plain = _SKIPPED.sub(lambda each: re.sub(r"[^\n]", " ", each[0]), text)
    stack = list[tuple[str, int]]()
    for at, letter in enumerate(plain):
        if letter in _OPENING:
            stack.append((letter, at))
        elif stack and letter == _OPENING[stack[-1][0]]:
            stack.pop()
    return next((at for letter, at in reversed(stack) if letter == wanted), None)


def at_end(case: Case, _match: re.Match[str]) -> Card | None:
    """The file ends inside of a block: the indentation tells which brace has no partner."""
    text = case.snapshot.text
    if len(text) > _MAX_CHARS:
        return None
    plain = _SKIPPED.sub(lambda each: re.sub(r"[^\n]", " ", each[0]), text)
    found = _by_indentation(plain)
    if found is None:
        return None
    opened, closed = found
    line = case.snapshot.lines.line_of(opened) + 1
    places = [case.here(line, code(case.snapshot.line_text(line - 1)))]
    if closed is not None:
        end = case.snapshot.lines.line_of(closed) + 1
        places.append(case.here(end, "the next `}` stands further left, so it closes something else"))
    return Card(
        f"A `}}` is missing: the block that line {line} opens is not closed before the file ends.",
        tuple(places),
    )


def _by_indentation(plain: str) -> tuple[int, int | None] | None:
    """The innermost block whose `}` stands left of the line that opened it; else the last that is open."""
    stack = list[tuple[int, int]]()
    for at, letter in enumerate(plain):
        if letter == "{":
            stack.append((at, _indentation(plain, at)))
        elif letter == "}" and stack:
            opened, indentation = stack.pop()
            starts_line = not plain[plain.rfind("\n", 0, at) + 1 : at].strip()
            if starts_line and _indentation(plain, at) < indentation:
                return opened, at
    return (stack[-1][0], None) if stack else None


def _indentation(plain: str, at: int) -> int:
    start = plain.rfind("\n", 0, at) + 1
    line = plain[start : plain.find("\n", start) if plain.find("\n", start) >= 0 else len(plain)]
    return len(line) - len(line.lstrip())


def extra_brace(case: Case, _match: re.Match[str]) -> Card | None:
    """A `}` outside of everything."""
    text = case.snapshot.text[: case.span.start + 1]
    if len(text) > _MAX_CHARS or case.code[:1] != "}":
        return None
    plain = _SKIPPED.sub(lambda each: re.sub(r"[^\n]", " ", each[0]), text)
    if plain.count("}") <= plain.count("{"):
        return None
    before = plain[:-1].rstrip()
    line = case.snapshot.lines.line_of(max(len(before) - 1, 0)) + 1
    return Card(
        "This `}` closes nothing: everything that was opened is closed before it.",
        (case.here(line, "the last `}` that closes something"),) if before.endswith("}") else (),
    )


def lone_else(case: Case, _match: re.Match[str]) -> Card | None:
    line = case.line
    for number in range(line - 1, max(line - 12, 0), -1):
        text = _SKIPPED.sub("", case.snapshot.line_text(number - 1)).strip()
        if re.match(r"(?:\}\s*else\s+)?if\s*\(.*\)\s*;$", text):
            return Card(
                f"This `else` has no `if`: the `;` at the end of line {number} ends it.",
                (case.here(number, code(text)),),
            )
        if re.match(r"(?:\}\s*else\s+)?if\b", text):
            first = case.snapshot.line_text(number).strip()
            if not text.endswith("{"):
                return Card(
                    f"This `else` has no `if`: the one in line {number} guards one statement without braces.",
                    (case.here(number, code(text)), case.here(number + 1, code(first))),
                )
            return None
    return None


def unterminated(case: Case, match: re.Match[str]) -> Card | None:
    text = case.line_text
    mark = '"' if '"' in match[0] else "'"
    at = text.rfind(mark)
    if at < 0:
        return None
    return Card(
        f"The string that begins with {code(text[at:])} has no closing `{mark}` in its line.",
        notes=("`\\n` stands for a line's end; strings side by side become one.",),
    )


def stray(_case: Case, match: re.Match[str]) -> Card | None:
    word = match["word"]
    return Card(
        f"This `{word}` is in no loop{' or `switch`' if word == 'break' else ''} that it could leave."
    )


RULES: tuple[Rule, ...] = (
    rule(
        r"expected declaration or statement at end of input|expected '\}' at end of input|expected '\}'$",
        at_end,
    ),
    rule(r"expected '\}' before end of (?:input|line)", at_end),
    rule(
        r"(?:expected identifier or '\(' before '\}' token|expected declaration before '\}' token"
        r"|extraneous closing brace)",
        extra_brace,
    ),
    rule(r"expected (?P<what>[^\n]{1,80}?)(?: (?:before|after|at end of|in) [^\n]{1,80})?$", expected),
    rule(r"'else' without a previous 'if'", lone_else),
    rule(r"missing terminating [\"'] character", unterminated),
    rule(r"(?P<word>break|continue) statement not within", stray),
    rule(r"'(?P<word>break|continue)' statement not in", stray),
)
