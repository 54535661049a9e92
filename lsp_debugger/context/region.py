"""Which part of the problem's own file goes into the prompt."""

from __future__ import annotations

from collections.abc import Iterator

from lsp_debugger.core.ask import Problem
from lsp_debugger.core.model import estimate_tokens
from lsp_debugger.core.ports import SyntaxView
from lsp_debugger.core.text import Snapshot, Span

# Without a grammar a window stands for the scope; aligned, so that neighbours get the same one.
_WINDOW_LINES = 40


def region_of(view: SyntaxView | None, snapshot: Snapshot, problem: Problem, budget_tokens: int) -> Span:
    """The whole file if it fits, else the outermost scope around the problem that does, else a window.

    Problems that are near each other get the same region, so that their prompts begin alike.
    """
    if estimate_tokens(snapshot.text) <= budget_tokens:
        return Span(0, len(snapshot.text))
    if problem.span is None:
        return Span(0, 0)
    fitting = [
        scope
        for scope in _enclosing(view, problem.span.start)
        if estimate_tokens(scope.of(snapshot.text)) <= budget_tokens
    ]
    if fitting:
        return whole_lines(snapshot, fitting[-1])
    return _window(snapshot, snapshot.lines.line_of(problem.span.start), budget_tokens)


def _enclosing(view: SyntaxView | None, offset: int) -> Iterator[Span]:
    """Scopes around `offset`, innermost first."""
    inner: Span | None = None
    while view is not None and offset >= 0:
        scope = view.scope_at(offset)
        if scope is None or (inner and not (scope.span.start < inner.start and inner.end <= scope.span.end)):
            return
        inner = scope.span
        yield inner
        offset = inner.start - 1


def _window(snapshot: Snapshot, line: int, budget_tokens: int) -> Span:
    first = max(0, line // _WINDOW_LINES * _WINDOW_LINES - _WINDOW_LINES // 2)
    last = first + 2 * _WINDOW_LINES - 1
    while last - first > 10 and estimate_tokens(snapshot.lines_text(first, last)) > budget_tokens:
        first, last = first + (line - first) // 2, last - (last - line) // 2
    return Span(snapshot.lines.span_of(first).start, snapshot.lines.span_of(last).end)


def whole_lines(snapshot: Snapshot, span: Span) -> Span:
    lines = snapshot.lines
    return Span(
        lines.span_of(lines.line_of(span.start)).start,
        lines.span_of(lines.line_of(max(span.start, span.end - 1))).end,
    )
