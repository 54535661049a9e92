"""From candidates to hits: true stretches of lines, neighbours joined."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from lsp_debugger.core.material import Fragment, FragmentKind, Hit
from lsp_debugger.core.text import LineIndex, Span
from lsp_debugger.index.rows import Candidate
from lsp_debugger.syntax.identifiers import search_tokens, words_in

MAX_MERGED_LINES = 120
MAX_RUNS = 3  # of a remainder, whose lines lie apart


@dataclass(slots=True)
class Passage:
    """Lines first..last (1-based, inclusive) of one file."""

    path: str
    language: str
    kind: str
    symbol: str
    first: int
    last: int
    text: str
    literals: list[Span]
    score: float
    why: tuple[str, ...]


def passages_in(
    candidate: Candidate,
    score: float,
    why: tuple[str, ...],
    tokens: Collection[str],
    frames: Collection[tuple[str, int]] = (),
    limit: int = MAX_RUNS,
) -> list[Passage]:
    """The candidate's stretches that share most with the query; a function has only one.

    Of `limit` 1 it is the first of those that share most.
    """
    passages = _runs(candidate, score, why)
    if len(passages) == 1:
        return passages
    lines = [line for path, line in frames if path == candidate.path]
    shared = [
        len(set(search_tokens(words_in(passage.text))).intersection(tokens))
        + 1000 * any(passage.first <= line <= passage.last for line in lines)
        for passage in passages
    ]
    enough = max(1, max(shared) / 2) if limit > 1 else max(shared)
    chosen = [passage for passage, count in zip(passages, shared, strict=True) if count >= enough]
    return chosen[:limit] or passages[:1]


def merge_neighbours(passages: Sequence[Passage]) -> list[Passage]:
    """Join what touches or overlaps in one file, up to 120 lines; the better place is kept."""
    merged: list[Passage] = []
    for passage in passages:
        other = next((each for each in merged if _joinable(each, passage)), None)
        if other is None:
            merged.append(passage)
        else:
            merged[merged.index(other)] = _joined(other, passage)
    return merged


def hits_of(passages: Sequence[Passage]) -> list[Hit]:
    return [Hit(_fragment(passage), passage.score, passage.why, passage.kind) for passage in passages]


def _fragment(passage: Passage) -> Fragment:
    text = passage.text.rstrip()  # blank lines at the end hold two passages together, and say nothing
    return Fragment(
        FragmentKind.RELATED,
        text,
        path=passage.path,
        start_line=passage.first,
        language_id=passage.language,
        symbol=passage.symbol,
        literals=tuple(each for each in passage.literals if each.end <= len(text)),
    )


def _runs(candidate: Candidate, score: float, why: tuple[str, ...]) -> list[Passage]:
    """A chunk's text is its runs, joined by newlines: find where each begins."""
    text = candidate.text or ""
    lines = LineIndex(text)
    passages: list[Passage] = []
    line = 0
    for first, last in candidate.runs:
        span = Span(lines.span_of(line).start, lines.span_of(line + last - first).end)
        passages.append(
            Passage(
                path=candidate.path,
                language=candidate.language,
                kind=candidate.kind,
                symbol=candidate.qualname,
                first=first,
                last=last,
                text=span.of(text),
                literals=[
                    Span(each.start - span.start, each.end - span.start)
                    for each in candidate.literals
                    if span.start <= each.start and each.end <= span.end
                ],
                score=score,
                why=why,
            )
        )
        line += last - first + 1
    return passages


def _joinable(one: Passage, other: Passage) -> bool:
    return (
        one.path == other.path
        and one.first <= other.last + 1
        and other.first <= one.last + 1
        and max(one.last, other.last) - min(one.first, other.first) < MAX_MERGED_LINES
    )


def _joined(better: Passage, other: Passage) -> Passage:
    """One passage over the lines of both."""
    upper, lower = sorted((better, other), key=lambda each: (each.first, -each.last))
    text, literals = upper.text, list(upper.literals)
    if lower.last > upper.last:
        lines = LineIndex(lower.text)
        cut = lines.span_of(upper.last + 1 - lower.first).start
        shift = len(text) + 1 - cut
        text = f"{text}\n{lower.text[cut:]}"
        literals += [
            Span(each.start + shift, each.end + shift) for each in lower.literals if each.start >= cut
        ]
    return Passage(
        path=better.path,
        language=better.language,
        kind=better.kind,
        symbol=better.symbol or other.symbol,
        first=upper.first,
        last=max(upper.last, lower.last),
        text=text,
        literals=literals,
        score=max(better.score, other.score),
        why=tuple(dict.fromkeys((*better.why, *other.why))),
    )
