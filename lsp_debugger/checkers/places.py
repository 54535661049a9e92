"""Where a tool says that something is, as spans of the text that it has seen."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from lsp_debugger.checkers.checker import Job
from lsp_debugger.core.ask import Place, Problem, ProblemKind, Severity
from lsp_debugger.core.text import Snapshot, Span


class Columns(enum.Enum):
    """What a tool counts in a line."""

    CODE_POINTS = "code points"
    UTF8 = "bytes"
    UTF16 = "UTF-16 code units"


Position = tuple[int, int]


def offset_at(snapshot: Snapshot, position: Position, columns: Columns) -> int:
    """position: line and column, both 1-based; places past an end are clamped to it."""
    line = snapshot.lines.span_of(position[0] - 1)
    wanted, text = max(position[1] - 1, 0), line.of(snapshot.text)
    if columns is Columns.CODE_POINTS or text.isascii():
        return line.start + min(wanted, len(text))
    seen = 0
    for at, character in enumerate(text):
        if seen >= wanted:
            return line.start + at
        if columns is Columns.UTF16:
            seen += 2 if ord(character) > 0xFFFF else 1
        else:
            seen += len(character.encode("utf-8", "surrogatepass"))
    return line.end


def span_at(
    snapshot: Snapshot, start: Position, end: Position | None = None, columns: Columns = Columns.CODE_POINTS
) -> Span:
    """From `start` to `end`, which is exclusive; without an end, or with one before the start, the word
    that begins there, or one character.
    """
    first = offset_at(snapshot, start, columns)
    last = offset_at(snapshot, end, columns) if end is not None else first
    if last > first:
        return Span(first, last)
    line = snapshot.lines.span_of(start[0] - 1)
    last = first
    while last < line.end and (snapshot.text[last].isalnum() or snapshot.text[last] in "_$"):
        last += 1
    return Span(first, max(last, min(first + 1, line.end)))


def problem_at(  # noqa: PLR0913 - one for each thing that a tool says
    job: Job,
    path: str,
    start: Position,
    end: Position | None,
    columns: Columns,
    *,
    message: str,
    source: str,
    code: str = "",
    severity: Severity = Severity.ERROR,
    related: Sequence[Place] = (),
    **rest: Any,
) -> Problem:
    """A tool's finding as a problem. path: absolute, or relative to the job's root.

    In a file that cannot be read it has its line and no span.
    """
    absolute = job.absolute(path)
    snapshot = job.read(absolute)
    problem = Problem(
        message=message,
        kind=ProblemKind.DIAGNOSTIC,
        source=source,
        code=code,
        severity=severity,
        path=absolute,
        line=max(start[0], 1),
        related=tuple(related),
    )
    if snapshot is not None and start[0] <= len(snapshot.lines):
        problem = replace(problem, span=span_at(snapshot, start, end, columns))
    return replace(problem, **rest)
