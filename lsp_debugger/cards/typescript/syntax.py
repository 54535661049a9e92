"""Source that cannot be read: what is open, what stands where something else is expected."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lsp_debugger.cards.case import Case
from lsp_debugger.core.ask import Card

_EXPECTED = re.compile(r"'(?P<what>[^'\n]{1,20})' expected")
_WORD = re.compile(r"[\w$]+")
_CLOSING = {")": "(", "]": "[", "}": "{"}
_MAX_CHARS = 400_000
# Strings, templates without substitutions, comments, and brackets: what a rough count has to know.
_TOKENS = re.compile(
    r"//[^\n]*|/\*[^*]*(?:\*(?!/)[^*]*)*(?:\*/|\Z)|\"(?:[^\"\\\n]|\\.)*\"?|'(?:[^'\\\n]|\\.)*'?|`(?:[^`\\]|\\.)*`?|[()\[\]{}]",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Bracket:
    letter: str
    at: int


def expected(case: Case) -> Card | None:
    """1005 and what is like it: something has to come before this place."""
    match = _EXPECTED.match(case.problem.message)
    if match is None:
        return None
    what, found = match["what"], _found(case)
    if what in _CLOSING:
        opened = _related(case) or _open_before(case, _CLOSING[what])
        if opened is not None:
            where = "in this line" if opened == case.line else f"in line {opened}"
            here = f"before `{found}`" if found else "at the end of the file"
            text = case.snapshot.line_text(opened - 1).strip()[:60].replace("`", "'")
            return Card(
                f"A `{_CLOSING[what]}` {where} is still open: `{what}` is expected {here}.",
                (case.here(opened, f"`{text}`"),),
            )
    if what == "," and (before := _line_before(case)) is not None:
        return Card(
            f"`{found}` stands where only a `,` could: line {before} may lack one at its end.",
            (case.here(before, f"`{case.snapshot.line_text(before - 1).strip()[:60]}`"),),
        )
    if what == "=>" or not found:
        return Card(f"`{what}` is expected {f'before `{found}`' if found else 'at the end of the file'}.")
    return Card(f"`{what}` is expected before `{found}`.")


def _found(case: Case) -> str:
    code = case.code.strip().partition("\n")[0]
    if code:
        return code[:30].replace("`", "'")
    rest = case.snapshot.text[case.span.end : case.span.end + 200].strip()
    word = _WORD.match(rest)
    return (word[0] if word is not None else rest[:1])[:30].replace("`", "'")


def _related(case: Case) -> int | None:
    """The compiler names the bracket that it would close."""
    for each in case.problem.related:
        if "to match the" in each.note and case.shown(each.path) == case.shown(case.path):
            return each.line if 1 <= each.line <= len(case.snapshot.lines) else None
    return None


def _open_before(case: Case, letter: str) -> int | None:
    """The line of the last bracket of this kind that is open at the place, if all inside of it is closed."""
    stack = list[Bracket]()
    for match in _TOKENS.finditer(case.snapshot.text[:_MAX_CHARS], 0, min(case.span.start, _MAX_CHARS)):
        found = match[0]
        if found in "([{":
            stack.append(Bracket(found, match.start()))
        elif found in _CLOSING:
            if not stack or stack[-1].letter != _CLOSING[found]:
                return None
            stack.pop()
    if not stack or stack[-1].letter != letter:
        return None
    return case.snapshot.lines.line_of(stack[-1].at) + 1


def _line_before(case: Case) -> int | None:
    """The line above, where this place is the first of its own line."""
    line = case.snapshot.lines.span_of(case.line - 1)
    if case.snapshot.text[line.start : case.span.start].strip() or not case.code:
        return None
    for number in range(case.line - 1, max(case.line - 6, 0), -1):
        if text := case.snapshot.line_text(number - 1).strip():
            return number if text[-1] not in ",{[(" and not text.startswith("//") else None
    return None


def no_expression(case: Case) -> Card | None:
    """1109, 1110 and 1003: a value, a type or a name is missing."""
    wanted = {"1109": "a value", "1110": "a type", "1003": "a name"}.get(case.problem.code.removeprefix("TS"))
    found = _found(case)
    if wanted is None:
        return None
    before = case.snapshot.text[case.snapshot.lines.span_of(case.line - 1).start : case.span.start].strip()
    last = before.split()[-1][-20:].replace("`", "'") if before.split() else ""
    after = f" after `{last}`" if last else ""
    return Card(
        f"`{found}` stands where {wanted} is expected{after}."
        if found
        else f"{wanted.capitalize()} is expected{after}, and the file ends."
    )


def stray(case: Case) -> Card | None:
    """1128: nothing can begin like this."""
    found = _found(case)
    if not found:
        return None
    if found in {"}", ")", "]"}:
        return (
            Card(f"`{found}` closes nothing: everything before it is closed already.")
            if _is_balanced(case)
            else None
        )
    if found in {"else", "catch", "finally", "case"}:
        word = {"else": "an `if`", "catch": "a `try`", "finally": "a `try`", "case": "a `switch`"}[found]
        return (
            Card(
                f"`{found}` belongs to no {word[2:].lstrip()} here: {word} takes one statement or a block "
                "in braces."
            )
            if found == "else"
            else Card(f"`{found}` belongs to no {word.split()[1]} here.")
        )
    return Card(f"`{found}` cannot begin a statement.")


def _is_balanced(case: Case) -> bool:
    depth = 0
    for match in _TOKENS.finditer(case.snapshot.text[:_MAX_CHARS], 0, min(case.span.start, _MAX_CHARS)):
        if match[0] in "([{":
            depth += 1
        elif match[0] in _CLOSING:
            depth -= 1
    return depth == 0


def open_string(case: Case) -> Card | None:
    """1002, 1160 and 1010: quotes and comments that do not end."""
    code = case.problem.code.removeprefix("TS")
    if code == "1002":
        text = case.snapshot.line_text(case.line - 1)
        start = min((at for at in (text.find('"'), text.find("'")) if at >= 0), default=-1)
        shown = text[start:].strip()[:40].replace("`", "'") if start >= 0 else ""
        return Card(
            f"The string `{shown}` has no closing quote in its line."
            if shown
            else "A string has no closing quote in its line."
        )
    if code == "1160":
        lines = [
            match for match in _TOKENS.finditer(case.snapshot.text[:_MAX_CHARS]) if match[0].startswith("`")
        ]
        opened = next(
            (match for match in reversed(lines) if not (len(match[0]) > 1 and match[0].endswith("`"))), None
        )
        if opened is None:
            return Card("A template string has no closing backtick.")
        line = case.snapshot.lines.line_of(opened.start()) + 1
        return Card(
            f"The template string that begins in line {line} has no closing backtick.",
            (case.here(line, case.snapshot.line_text(line - 1).strip()[:60]),),
        )
    return Card("A comment that begins with `/*` has no `*/`.")


def reserved(case: Case) -> Card | None:
    """1389, 1359, 2480: words of the language."""
    found = _found(case)
    return Card(f"`{found}` is a word of the language and cannot be a name.") if found else None
