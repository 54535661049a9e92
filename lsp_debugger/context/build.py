"""Gather what a question needs: the code around it, what it names, what changed, what resembles it.

Everything becomes a fragment with its origin. What belongs to the file as a whole is cut the same
way for every problem in it, so that two questions about one file begin with the same bytes.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lsp_debugger.context.budget import fit
from lsp_debugger.context.changes import diff_of_file
from lsp_debugger.context.disk import MAX_READ_BYTES, read_file
from lsp_debugger.context.region import region_of, whole_lines
from lsp_debugger.core.ask import Ask, Card, Place, Problem
from lsp_debugger.core.diff import unified
from lsp_debugger.core.markdown import visible
from lsp_debugger.core.material import Context, Fragment, FragmentKind, Hit
from lsp_debugger.core.ports import Query, Retriever, Symbols, Syntax, SyntaxView
from lsp_debugger.core.text import Snapshot, Span

_MAX_DEFINITIONS = 4
_MAX_DEFINITION_LINES = 40
_MAX_RELATED = 4
_MAX_DIFF_LINES = 80
_FRAME_LINES_AROUND = 4
# The share of the budget that the problem's own file may take.
_FILE_SHARE = 0.6
_IDENTIFIER = re.compile(r"[^\W\d]\w{1,80}")
_KEYWORD_TEXT = """
and as assert async await break case class const continue def del elif else except export false False
finally fn for from func function if impl import in interface is lambda let match mut new nil None
nonlocal not null or package pass pub raise return self static struct super switch this throw true True
try type undefined use var while with yield
"""
_KEYWORDS = frozenset(_KEYWORD_TEXT.split())


@dataclass(frozen=True, slots=True)
class Sources:
    """Where material comes from. root: None in single-file mode.

    read: the snapshot of a path as the user sees it (unsaved text wins), None when unreadable.
    """

    syntax: Syntax
    symbols: Symbols
    retriever: Retriever | None
    read: Callable[[str], Snapshot | None]
    root: Path | None = None
    use_git: bool = True


async def build(sources: Sources, ask: Ask, card: Card, snapshot: Snapshot, budget_tokens: int) -> Context:
    """Everything for one question, fitted to `budget_tokens`; what cannot be had is left out."""
    problem = ask.problem
    file_budget = int(budget_tokens * _FILE_SHARE)
    code = await asyncio.to_thread(_code, sources, problem, snapshot, file_budget)
    changes, related = await asyncio.gather(
        _changes(sources, snapshot), _related(sources, problem, snapshot, code), return_exceptions=False
    )
    fragments = [
        *code,
        *changes,
        *related,
        *_statement(problem, card, snapshot, _shown(sources.root, snapshot)),
    ]
    kept, dropped = fit(fragments, budget_tokens)
    return Context(
        ask=ask,
        card=card,
        snapshot=snapshot,
        fragments=kept,
        index_version=sources.retriever.version if sources.retriever else "none",
        budget_tokens=budget_tokens,
        dropped=dropped,
    )


def _shown(root: Path | None, snapshot: Snapshot) -> str | None:
    """The path as it appears in the prompt: relative to the root, with `/`."""
    if snapshot.path is None:
        return None
    path = Path(snapshot.path)
    if root is not None and path.is_relative_to(root):
        return path.relative_to(root).as_posix()
    return path.as_posix()


def _code(sources: Sources, problem: Problem, snapshot: Snapshot, budget_tokens: int) -> list[Fragment]:
    """Imports, scope, definitions and frames. CPU work: called in a thread."""
    view = sources.syntax.view(snapshot)
    shown = _shown(sources.root, snapshot)
    region = region_of(view, snapshot, problem, budget_tokens)
    fragments = [_cut(snapshot, view, region, FragmentKind.SCOPE, shown)] if len(region) else []
    imports = _imports(view, snapshot, region)
    if imports:
        fragments.insert(0, Fragment(FragmentKind.IMPORTS, imports, shown, 1, snapshot.language_id))
    fragments += _definitions(sources, problem, snapshot, view, region)
    fragments += _frames(sources, problem.frames)
    return fragments


def _cut(
    snapshot: Snapshot,
    view: SyntaxView | None,
    span: Span,
    kind: FragmentKind,
    shown: str | None,
    symbol: str = "",
) -> Fragment:
    literals = view.literals(span) if view else ()
    return Fragment(
        kind=kind,
        text=span.of(snapshot.text),
        path=shown,
        start_line=snapshot.lines.line_of(span.start) + 1,
        language_id=snapshot.language_id,
        symbol=symbol,
        literals=tuple(Span(found.start - span.start, found.end - span.start) for found in literals),
    )


def _imports(view: SyntaxView | None, snapshot: Snapshot, region: Span) -> str:
    if view is None:
        return ""
    outside = [span for span in view.imports() if span.end <= region.start or span.start >= region.end]
    return "\n".join(span.of(snapshot.text) for span in outside)


def _names(problem: Problem, snapshot: Snapshot, view: SyntaxView | None) -> list[str]:
    """Names that the problem is about: those of its message, then of its line, then of its scope."""
    names = _IDENTIFIER.findall(problem.message)
    if problem.span is not None:
        span = whole_lines(snapshot, problem.span)
        names += view.identifiers(span) if view else _IDENTIFIER.findall(span.of(snapshot.text))
        scope = view.scope_at(problem.span.start) if view else None
        names += view.identifiers(scope.span) if view and scope else ()
    return [name for name in dict.fromkeys(names) if name not in _KEYWORDS]


def _definitions(
    sources: Sources, problem: Problem, snapshot: Snapshot, view: SyntaxView | None, region: Span
) -> list[Fragment]:
    first = snapshot.lines.line_of(region.start) + 1
    last = snapshot.lines.line_of(region.end) + 1
    found: list[Fragment] = []
    taken: set[tuple[str, int]] = set()
    for name in _names(problem, snapshot, view):
        for definition in sources.symbols.definitions(name, near=snapshot.path)[:2]:
            inside = definition.path == snapshot.path and first <= definition.start_line <= last
            key = (definition.path, definition.start_line)
            if inside or key in taken or definition.kind == "import":
                continue
            taken.add(key)
            other = sources.read(definition.path)
            if other is None:
                continue
            end = min(definition.end_line, definition.start_line + _MAX_DEFINITION_LINES - 1)
            span = Span(
                other.lines.span_of(definition.start_line - 1).start, other.lines.span_of(end - 1).end
            )
            found.append(
                _cut(
                    other,
                    sources.syntax.view(other),
                    span,
                    FragmentKind.DEFINITION,
                    _shown(sources.root, other),
                    definition.qualname,
                )
            )
            if len(found) == _MAX_DEFINITIONS:
                return found
    return found


def _frames(sources: Sources, frames: Sequence[Place]) -> list[Fragment]:
    """Some lines around each frame that is a file of the workspace, innermost first."""
    found: list[Fragment] = []
    for frame in list(reversed(frames))[:6]:
        other = sources.read(frame.path)
        if other is None:
            continue
        first = max(0, frame.line - 1 - _FRAME_LINES_AROUND)
        last = frame.line - 1 + _FRAME_LINES_AROUND
        span = Span(other.lines.span_of(first).start, other.lines.span_of(last).end)
        found.append(
            _cut(
                other,
                sources.syntax.view(other),
                span,
                FragmentKind.TRACE,
                _shown(sources.root, other),
                frame.note,
            )
        )
    return found


async def _changes(sources: Sources, snapshot: Snapshot) -> list[Fragment]:
    if snapshot.path is None:
        return []
    shown = _shown(sources.root, snapshot)
    saved = await asyncio.to_thread(_read_saved, snapshot.path)
    fragments: list[Fragment] = []
    if sources.root is not None and sources.use_git:
        committed = await diff_of_file(sources.root, Path(snapshot.path), _MAX_DIFF_LINES)
        if committed:
            fragments.append(Fragment(FragmentKind.DIFF, committed, shown))
    if saved is not None and saved != snapshot.text:
        unsaved = await asyncio.to_thread(_unsaved, saved, snapshot.text)
        if unsaved and unsaved.count("\n") <= _MAX_DIFF_LINES:
            fragments.append(Fragment(FragmentKind.EDITS, unsaved, shown))
    return fragments


def _unsaved(saved: str, text: str) -> str:
    hunks = [line.rstrip("\n") for line in unified(saved.splitlines(), text.splitlines(), around=1)]
    return "\n".join(["--- saved", "+++ unsaved", *hunks]) if hunks else ""


def _read_saved(path: str) -> str | None:
    data = read_file(path, MAX_READ_BYTES)
    try:
        return None if data is None else data.decode("utf-8")
    except UnicodeDecodeError:
        return None


async def _related(
    sources: Sources, problem: Problem, snapshot: Snapshot, code: Sequence[Fragment]
) -> list[Fragment]:
    if sources.retriever is None:
        return []
    view = await asyncio.to_thread(sources.syntax.view, snapshot)
    around = (
        whole_lines(snapshot, problem.span).of(snapshot.text)
        if problem.span is not None
        else snapshot.text[:2000]
    )
    query = Query(
        text=f"{problem.message}\n{around}",
        path=_shown(sources.root, snapshot),
        identifiers=tuple(_names(problem, snapshot, view)[:20]),
        frames=tuple((frame.path, frame.line) for frame in problem.frames),
    )
    hits: list[Hit] = await sources.retriever.search(query, top_k=2 * _MAX_RELATED + 4)
    fresh = [hit.fragment for hit in hits if not any(_overlaps(hit.fragment, have) for have in code)]
    return [replace(fragment, kind=FragmentKind.RELATED) for fragment in fresh[:_MAX_RELATED]]


def _overlaps(one: Fragment, other: Fragment) -> bool:
    return (
        one.path == other.path
        and one.path is not None
        and one.start_line <= other.end_line
        and other.start_line <= one.end_line
    )


def _statement(problem: Problem, card: Card, snapshot: Snapshot, shown: str | None) -> list[Fragment]:
    """The card and the problem itself: what changes with every question, so it stands last."""
    # A file's name may be several lines that say something else.
    known = [card.headline, *(visible(f"{place} {place.note}") for place in card.places), *card.notes]
    where = visible(f"{shown or problem.path or 'unsaved buffer'}:{problem.line}")
    said = " ".join(part for part in (problem.source, problem.code) if part)
    lines = [f"{where}: {problem.severity.name.lower()}" + (f" ({said})" if said else ""), problem.message]
    if problem.span is not None:
        lines.append(f"line {problem.line} is: {snapshot.line_text(problem.line - 1).strip()[:300]}")
    return [
        Fragment(FragmentKind.CARD, "\n".join(known), shown, problem.line),
        Fragment(FragmentKind.PROBLEM, "\n".join(lines), shown, problem.line),
    ]
