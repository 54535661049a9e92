"""Scripts that cannot be read to their end: what is still open there, and where it was opened."""

from __future__ import annotations

import re

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.shellcheck.script import line_place, quoted
from lsp_debugger.cards.shellcheck.unclosed import MAX_CHARS, Open, open_at
from lsp_debugger.core.ask import Card, Place

_ENDS = {"if": "fi", "do": "done", "case": "esac", "{": "}"}
_CALLED = re.compile(r"(?:this|This) (?P<what>[\w -]{1,40})")
_EXPECTED = re.compile(r"^(?P<what>(?:Expected|Missing|Unexpected) .{1,80}?)\. Fix any")
_HEREDOC = re.compile(r"<<-?[ \t]*[\"'\\]?(?P<end>[^\s\"';|&<>]{1,80})")


def _line_of(case: Case, found: Open) -> int:
    return case.snapshot.lines.line_of(found.start) + 1


def _open(case: Case) -> tuple[Open, ...]:
    text = case.snapshot.text
    return open_at(text, case.span.start) if case.is_in_text and len(text) <= MAX_CHARS else ()


def _own_line(case: Case) -> str:
    return case.line_text.strip()


def never_closed(case: Case, word: str) -> Card | None:
    """At the word that opens: SC1046, SC1061, and where a brace group begins."""
    line = _own_line(case)
    if not line:
        return None
    return Card(
        f"The `{word}` of {quoted(line)} has no `{_ENDS[word]}` of its own before the next thing ends."
    )


def open_if(case: Case) -> Card | None:
    return never_closed(case, "if")


def open_do(case: Case) -> Card | None:
    return never_closed(case, "do")


def expected_end(case: Case, word: str) -> Card | None:
    """Where the missing end was noticed: SC1047, SC1062, SC1056."""
    still = _open(case)
    if not still or still[-1].word != word:
        return None
    line = _line_of(case, still[-1])
    here = _own_line(case)
    at = f"before {quoted(here)}" if here else "at the end of the file"
    opened = quoted(case.snapshot.line_text(line - 1).strip())
    return Card(
        f"{opened} of line {line} still waits for its `{_ENDS[word]}` {at}.",
        (line_place(case, line, f"opens with `{word}`"),),
    )


def expected_fi(case: Case) -> Card | None:
    return expected_end(case, "if")


def expected_done(case: Case) -> Card | None:
    return expected_end(case, "do")


def expected_brace(case: Case) -> Card | None:
    return expected_end(case, "{")


def open_quote(case: Case) -> Card | None:
    """SC1078: at the quotation mark; what closes it is meant to open the next text."""
    text, start = case.snapshot.text, case.span.start
    mark = text[start : start + 1] if case.is_in_text else ""
    if mark not in {'"', "'"}:
        return None
    end = text.find(mark, start + 1, start + MAX_CHARS)
    first = quoted(text[start : case.snapshot.lines.span_of(case.line - 1).end].strip())
    if end < 0:
        return Card(f"The string that begins with {first} is never closed.")
    line = case.snapshot.lines.line_of(end) + 1
    if line == case.line:
        return None
    return Card(
        f"The string that begins with {first} goes on to the next `{mark}`, which is in line {line}.",
        (line_place(case, line),),
        (f"If it was to end in line {case.line}, its `{mark}` is missing there.",),
    )


def closing_quote(case: Case) -> Card | None:
    """SC1079: a mark that looks as if it opened a text."""
    still = _open(case)
    if not still or still[-1].word not in {'"', "'"}:
        return None
    line = _line_of(case, still[-1])
    if line == case.line:
        return None
    return Card(
        f"The `{still[-1].word}` in {quoted(_own_line(case))} ends the string that line {line} began.",
        (line_place(case, line),),
        (f"A `{still[-1].word}` may be missing at the end of line {line}.",),
    )


def apostrophe(case: Case) -> Card | None:
    match = re.search(
        r"'[^'\n]{0,200}$",
        case.line_text[: case.span.start - case.snapshot.lines.span_of(case.line - 1).start],
    )
    if match is None:
        return None
    rest = case.snapshot.text[case.span.start : case.span.start + 12].split("\n", 1)[0]
    return Card(
        f"The apostrophe in {quoted(match.group() + rest)} ends the text that a single quote began.",
        (),
        ("In double quotes it is a letter like any other; in single quotes write `'\\''`.",),
    )


def heredoc(case: Case) -> Card | None:
    """SC1039, SC1040, SC1041, SC1043, SC1044: the end word is not there as it has to be."""
    text = case.snapshot.text
    opened = [match for match in _HEREDOC.finditer(text[:MAX_CHARS]) if match.start() <= case.span.end]
    if not opened:
        return None
    match = opened[-1]
    end, line = match["end"], case.snapshot.lines.line_of(match.start()) + 1
    if "`" in end:
        return None
    other = re.search(
        rf"^(?P<blank>[ \t]*){re.escape(end)}[ \t]*\r?$", text[match.end() :], re.MULTILINE | re.IGNORECASE
    )
    if other is None:
        return Card(
            f"The text that `<<` of line {line} begins has no line `{end}` to end it.", _place(case, line)
        )
    where = case.snapshot.lines.line_of(match.end() + other.start("blank")) + 1
    found = other.group().strip()
    why = "other letters" if found != end else "a blank before it" if other["blank"] else "a blank behind it"
    return Card(
        f"Line {where} would end the text of line {line}, but for {why}: it has to be `{end}` and "
        "nothing else.",
        tuple(line_place(case, each) for each in dict.fromkeys((line, where)) if each != case.line),
    )


def _place(case: Case, line: int) -> tuple[Place, ...]:
    return (line_place(case, line),) if line != case.line else ()


def stopped(case: Case) -> Card | None:
    """SC1072, SC1070, SC1088, SC1089: where reading ended."""
    if case.problem.message.startswith("Here document"):
        return heredoc(case)
    match = _EXPECTED.match(case.problem.message)
    here, still = _own_line(case), _open(case)
    at = f"at {quoted(here)}" if here else "at the end of the file"
    what = f" ({match['what'].strip()})" if match is not None and "`" not in match["what"] else ""
    if still:
        line = _line_of(case, still[-1])
        mark = still[-1].word
        name = "string" if mark in {'"', "'"} else f"`{mark}`"
        if line != case.line:
            return Card(
                f"Reading stopped {at}{what}; the {name} of line {line} is still open there.",
                (line_place(case, line),),
            )
    return Card(f"Reading stopped {at}{what}: what stands below was not checked.")


def not_read(case: Case) -> Card | None:
    """SC1073, SC1009: what it was reading then."""
    match = _CALLED.search(case.problem.message)
    line = _own_line(case)
    if match is None or not line:
        return None
    return Card(
        f"The {match['what']} at {quoted(line)} could not be read to its end.",
        (),
        ("The cause is what the other findings near it say; nothing else is checked until then.",),
    )


def missing_keyword(case: Case, word: str) -> Card | None:
    line = _own_line(case)
    return (
        Card(
            f"No `{word}` follows {quoted(line)}.",
            (),
            (f"`; {word}` at the end of the line, or `{word}` alone in the next.",),
        )
        if line
        else None
    )


def no_then(case: Case) -> Card | None:
    return missing_keyword(case, "then")


def no_do(case: Case) -> Card | None:
    return missing_keyword(case, "do")


def expected_keyword(case: Case) -> Card | None:
    match = re.search(r"Expected '(?P<word>then|do)'", case.problem.message)
    line = _own_line(case)
    return (
        Card(f"A `{match['word']}` has to come before {quoted(line)}.")
        if match is not None and line
        else None
    )


def blank_line_break(case: Case) -> Card | None:
    return Card(
        f"A blank follows the `\\` at the end of {quoted(case.line_text.rstrip())}, so the line is "
        "not continued."
    )
