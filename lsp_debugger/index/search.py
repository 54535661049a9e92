"""Search: what matches the words of a question or is known about its tests, frames and names, best first."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from lsp_debugger.core.material import Hit
from lsp_debugger.core.ports import Query
from lsp_debugger.index.passages import MAX_RUNS, Passage, hits_of, merge_neighbours, passages_in
from lsp_debugger.index.question import Question, question_of
from lsp_debugger.index.ranking import WEIGHTS, Ranked, Signs, Surroundings, Weights, ranked
from lsp_debugger.index.rows import Candidate
from lsp_debugger.syntax.identifiers import words_in

MAX_NAMES = 64
CANDIDATES = 200
NEAREST = 50  # by vectors, where there are any: they need not have a word in common
# So much of a test's source in the query already, and it need not be joined to it.
_ENOUGH_OF_A_TEST = 0.8
_MAX_JOINED_TESTS = 2

Opened = Callable[[Candidate], Candidate | None]


class Library(Surroundings, Protocol):
    """What is searched: the table and the buffers that are newer than it."""

    def remember(self, names: Collection[str]) -> None: ...
    def both(
        self, tokens: Sequence[str], limit: int, names: Collection[str], *, exclude_tests: bool
    ) -> tuple[list[Candidate], list[Candidate]]:
        """By words, and those that define one of the names."""
        ...

    def nearness(self, text: str, candidates: Sequence[Candidate]) -> list[float]: ...
    def nearest(self, text: str, limit: int, *, exclude_tests: bool) -> list[Candidate]: ...
    def holding(self, places: Collection[tuple[str, int]]) -> list[Candidate]: ...
    def with_texts(self, candidates: Sequence[Candidate]) -> list[Candidate | None]:
        """None for one that is gone by now."""
        ...


def search(
    query: Query,
    top_k: int,
    library: Library,
    opened: Opened = lambda each: each,
    weights: Weights = WEIGHTS,
    *,
    merge: bool = True,
) -> list[Hit]:
    """The `top_k` nearest passages, nearest first; ties keep path and line order.

    Paths in the query are relative to the root. opened: gives each candidate that is about to be shown
    its text, or None: a chunk of a file that has changed since would name wrong lines. merge: neighbours
    become one passage; without it each passage is (the best stretch of) one chunk, and has one symbol.
    """
    question, places = ranking(query, library, opened, weights)
    found: list[Passage] = []
    wanted = set(question.tokens)
    # Neighbours become one and stale ones drop out.
    for each, shown in _with_texts(places, 2 * top_k + 10, library, opened):
        if len(found) >= top_k:
            break
        if shown is not None:
            runs = MAX_RUNS if merge else 1
            found.extend(passages_in(shown, each.score, each.why, wanted, query.frames, runs))
            found = merge_neighbours(found) if merge else found
    return hits_of(found[:top_k])


def _with_texts(
    places: Sequence[Ranked], at_a_time: int, library: Library, opened: Opened
) -> Iterator[tuple[Ranked, Candidate | None]]:
    """Texts are read for a few at once, and mostly the first few are enough."""
    for start in range(0, len(places), at_a_time):
        part = places[start : start + at_a_time]
        for each, candidate in zip(part, library.with_texts([each.candidate for each in part]), strict=True):
            yield each, opened(candidate) if candidate else None


def ranking(
    query: Query, library: Library, opened: Opened, weights: Weights = WEIGHTS
) -> tuple[Question, list[Ranked]]:
    """The question as it was understood, and the chunks that may answer it, best first."""
    question, candidates, signs, best = gathered(query, library, opened)
    return question, ranked(candidates, signs, best, weights)


def gathered(
    query: Query, library: Library, opened: Opened
) -> tuple[Question, list[Candidate], Signs, float]:
    """The question, its candidates, what is known of them, and the best BM25 score (not 0)."""
    question = question_of(query)
    library.remember(question.whole_names)
    on_stack = library.holding(query.frames)
    joined = _with_tests(query, on_stack, library, opened)
    if joined is not query:
        query, question = joined, question_of(joined)
        library.remember(question.whole_names)
        on_stack = library.holding(query.frames)
    names = question.asked[:MAX_NAMES]
    lexical, defining = library.both(question.tokens, CANDIDATES, names, exclude_tests=query.exclude_tests)
    tests = {each.key for each in on_stack if each.is_test}  # their words are the question, not the answer
    lexical = [each for each in lexical if each.key not in tests]
    on_stack = [each for each in on_stack if not (each.is_test and query.exclude_tests)]
    nearest = library.nearest(query.text, NEAREST, exclude_tests=query.exclude_tests)
    candidates = {each.key: each for each in (*nearest, *on_stack, *defining, *lexical)}
    best = max((each.lexical for each in lexical), default=0.0) or 1.0
    nearness = dict(zip(candidates, library.nearness(query.text, list(candidates.values())), strict=False))
    signs = Signs(query, question, defining, library, nearness)
    return question, list(candidates.values()), signs, best


def relative_to(query: Query, relative: Callable[[str], str | None]) -> Query:
    """The same query with paths as the index knows them; frames outside of the root drop out."""
    frames = tuple((path, line) for name, line in query.frames if (path := relative(name)) is not None)
    return replace(query, path=relative(query.path) if query.path else None, frames=frames)


def _with_tests(query: Query, on_stack: Sequence[Candidate], library: Library, opened: Opened) -> Query:
    """A test on the stack joins the query: its source is worth more than the traceback itself."""
    tests = library.with_texts([each for each in on_stack if each.is_test][:_MAX_JOINED_TESTS])
    have = set(words_in(query.text)) if tests else set[str]()
    joined: list[str] = []
    for test in [opened(each) for each in tests if each]:
        words = set(words_in(test.text or "")) if test else set[str]()
        if test and len(words & have) < _ENOUGH_OF_A_TEST * len(words):
            joined.append(f"{test.path}::{test.qualname.replace('.', '::')}\n{test.text}")
    return replace(query, text="\n".join([query.text, *joined])) if joined else query
