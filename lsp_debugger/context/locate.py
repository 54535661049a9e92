"""Which problem is meant: the one under the cursor, or the one that a pasted text tells of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from lsp_debugger.context import messages
from lsp_debugger.context.mapping import PathMap
from lsp_debugger.context.traces import Trace, parse
from lsp_debugger.core.ask import Place, Problem, ProblemKind
from lsp_debugger.core.text import Snapshot, Span

_WORD = re.compile(r"\w+")

Read = Callable[[str], Snapshot | None]


def locate(snapshot: Snapshot, offset: int, problems: Iterable[Problem]) -> Problem | None:
    """The worst problem under the cursor; without one there, the worst that begins or ends on its line.

    Among equally bad ones the shortest says most about this place; then the first in `problems`.
    """
    ranked = [
        (not _is_under(problem, offset), problem.severity, _length(problem), place, problem)
        for place, problem in enumerate(problems)
        if _is_near(problem, snapshot, offset)
    ]
    return min(ranked)[-1] if ranked else None


def from_text(text: str, root: Path | None, read: Read) -> Problem | None:
    """The problem that a pasted trace, linter line or message tells of; None when it tells of none.

    Of several traces the last one counts: in a log that is the newest. Its place is the innermost
    frame in the user's own code. Paths are judged by their letters and mapped into `root`; `read`
    is asked only for paths below it.
    """
    paths = PathMap(root, read)
    traces = [trace for trace in parse(text) if trace.exception_type or trace.frames]
    if traces:
        return _from_trace(traces[-1], paths)
    message = messages.first(text)
    if message is None or message.problem.path is None:
        return message.problem if message is not None else None
    problem = replace(message.problem, path=paths.shown(message.problem.path))
    return _with_span(problem, paths, message.column)


def _from_trace(trace: Trace, paths: PathMap) -> Problem:
    frames = [Place(paths.shown(frame.path), frame.line, frame.function or "") for frame in trace.frames]
    where = _own_frame(frames, [paths.is_own(frame.path) for frame in trace.frames])
    raised = trace.exception_type or ""
    message = f"{raised}: {trace.message}" if raised and trace.message else raised or trace.message or ""
    problem = Problem(
        message=message or "The end of the trace is missing",
        kind=ProblemKind.TRACEBACK,
        source="python",
        code=raised,
        path=where.path if where else None,
        line=where.line if where else 1,
        related=_causes(trace, paths),
        frames=tuple(frames),
    )
    return _with_span(problem, paths)


def _own_frame(frames: Sequence[Place], own: Sequence[bool]) -> Place | None:
    """The innermost frame of the user's code, else the innermost that names a file at all."""
    mine = [frame for frame, is_own in zip(frames, own, strict=True) if is_own]
    named = [frame for frame in frames if not frame.path.startswith("<")]
    return next(reversed(mine or named or frames), None)


def _causes(trace: Trace, paths: PathMap) -> tuple[Place, ...]:
    """Where each earlier exception of the chain was raised, in the user's code where there is a frame."""
    places = list[Place]()
    for cause in trace.causes[:5]:
        own = [frame for frame in cause.frames if paths.is_own(frame.path)] or list(cause.frames)
        if own:
            note = f"{cause.exception_type or 'an exception'}: {cause.message or ''}".rstrip(": ")
            places.append(Place(paths.shown(own[-1].path), own[-1].line, note))
    return tuple(places)


def _with_span(problem: Problem, paths: PathMap, column: int | None = None) -> Problem:
    """The name at `column` (1-based) or the line's text as the span, where the file is still that long."""
    snapshot = paths.snapshot(problem.path) if problem.path is not None else None
    if snapshot is None or not 1 <= problem.line <= len(snapshot.lines):
        return problem
    start = snapshot.lines.span_of(problem.line - 1).start
    text = snapshot.line_text(problem.line - 1)
    if column is not None and (name := _WORD.match(text, column - 1)):
        return replace(problem, span=Span(start + name.start(), start + name.end()))
    blank = len(text) - len(text.lstrip())
    return replace(problem, span=Span(start + blank, start + len(text)))


def _is_under(problem: Problem, offset: int) -> bool:
    return problem.span is not None and problem.span.start <= offset <= problem.span.end


def _is_near(problem: Problem, snapshot: Snapshot, offset: int) -> bool:
    line = snapshot.lines.line_of(offset)
    if problem.span is None:
        return problem.line - 1 == line
    first, last = snapshot.lines.line_of(problem.span.start), snapshot.lines.line_of(problem.span.end)
    return _is_under(problem, offset) or line in (first, last)


def _length(problem: Problem) -> int:
    return len(problem.span) if problem.span is not None else 1 << 30
