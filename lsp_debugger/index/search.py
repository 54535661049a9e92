"""Ranking: BM25 over split identifiers, plus small bonuses for what the structure of the code says.

Score = BM25 / best BM25 + Σ weight · bonus, each bonus in 0..1. Bonuses are added, not fused by rank:
measured on 301 bugs, rank fusion lets a weak list outvote BM25, small sums do not.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Protocol

from lsp_debugger.core.material import Hit
from lsp_debugger.core.ports import Query
from lsp_debugger.index.names import modules_in, paths_in, stem_under_test
from lsp_debugger.index.passages import Passage, hits_of, merge_neighbours, passages_in
from lsp_debugger.index.rows import Candidate
from lsp_debugger.syntax.identifiers import search_tokens, words_in

MAX_TOKENS = 256
MAX_NAMES = 64
CANDIDATES = 200
_MIN_NAME_CHARS = 3
_MAX_NAMED_FILES = 8
_IMPORT_LINE = re.compile(r"^[ \t]*(?:from\s+\S+\s+)?import\s+[^\n]+", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each bonus counts against BM25, whose best is 1. A fixed hand grid, nothing learned yet."""

    symbols: float = 0.2  # defines a name that the query holds
    stem: float = 0.3  # the module that the query's test is named after
    imports: float = 0.2  # a file that the query's file imports
    frames: float = 0.6  # on the stack, the innermost most
    same_file: float = 0.1


WEIGHTS = Weights()


class Library(Protocol):
    """What is searched: the table and the buffers that are newer than it."""

    def match(self, tokens: Sequence[str], limit: int, *, exclude_tests: bool) -> list[Candidate]: ...
    def defining(self, names: Collection[str], *, exclude_tests: bool) -> list[Candidate]: ...
    def holding(self, places: Collection[tuple[str, int]]) -> list[Candidate]: ...
    def imports_of(self, path: str) -> list[str]: ...
    def resolve(self, modules: Collection[str], importer: str | None) -> set[str]: ...


def search(
    query: Query,
    top_k: int,
    library: Library,
    is_current: Callable[[Candidate], bool] = lambda _: True,
    weights: Weights = WEIGHTS,
    *,
    merge: bool = True,
) -> list[Hit]:
    """The `top_k` nearest passages, nearest first; ties keep path and line order.

    Paths in the query are relative to the root. is_current: asked about each candidate that is about
    to be shown; a chunk of a file that has changed since would name wrong lines. merge: neighbours
    become one passage; without it each passage is (a stretch of) one chunk, and has one symbol.
    """
    tokens = _tokens(query)
    names = _names(query)
    lexical = library.match(tokens, CANDIDATES, exclude_tests=query.exclude_tests)
    defining = library.defining(names, exclude_tests=query.exclude_tests)
    on_stack = library.holding([(path, line) for path, line in query.frames])
    candidates = {each.key: each for each in (*on_stack, *defining, *lexical)}
    bonuses = _Bonuses(query, weights, names, defining, library)
    best = max((each.lexical for each in lexical), default=0.0) or 1.0
    ranked = sorted(
        (_ranked(candidate, best, bonuses) for candidate in candidates.values()),
        key=lambda each: (-each[0], each[1].key),
    )
    found: list[Passage] = []
    wanted = set(tokens)
    for score, candidate, why in ranked:
        if len(found) >= top_k:
            break
        if score > 0 and is_current(candidate):
            found.extend(passages_in(candidate, score, why, wanted, query.frames))
            found = merge_neighbours(found) if merge else found
    return hits_of(found[:top_k])


def relative_to(query: Query, relative: Callable[[str], str | None]) -> Query:
    """The same query with paths as the index knows them; frames outside of the root drop out."""
    frames = tuple((path, line) for name, line in query.frames if (path := relative(name)) is not None)
    return replace(query, path=relative(query.path) if query.path else None, frames=frames)


def _ranked(candidate: Candidate, best: float, bonuses: _Bonuses) -> tuple[float, Candidate, tuple[str, ...]]:
    score = candidate.lexical / best
    why = ["words in common"] if score > 0 else []
    for bonus, reason in bonuses.of(candidate):
        score += bonus
        why.append(reason)
    return score, candidate, tuple(why)


class _Bonuses:
    def __init__(
        self,
        query: Query,
        weights: Weights,
        names: Sequence[str],
        defining: Sequence[Candidate],
        library: Library,
    ) -> None:
        self._query = query
        self._weights = weights
        self._names = frozenset(names)
        counts = Counter(name for each in defining for name in each.defines if name in self._names)
        self._rarity: Mapping[str, float] = {name: 1 / math.sqrt(n) for name, n in counts.items()}
        named = [query.path or "", *paths_in(query.text), *(path for path, _ in query.frames)]
        self._stems = {stem for path in named if (stem := stem_under_test(path))}
        self._imported = _imported(query, library)

    def of(self, candidate: Candidate) -> Iterator[tuple[float, str]]:
        weights, path = self._weights, candidate.path
        defined = [name for name in candidate.defines if name in self._rarity]
        if defined:
            name = max(defined, key=lambda each: self._rarity[each])
            yield weights.symbols * self._rarity[name], f"defines {name}"
        if self._stems and _stem(path) in self._stems and not candidate.is_test:
            yield weights.stem, "named like the test"
        if path in self._imported:
            yield weights.imports, "imported"
        depth = self._depth(candidate)
        if depth is not None:
            yield weights.frames / (1 + 0.15 * depth), "on the stack"
        if path == self._query.path:
            yield weights.same_file, "same file"

    def _depth(self, candidate: Candidate) -> int | None:
        """Frames between this chunk's and the innermost; None when it is not on the stack."""
        for depth, (path, line) in enumerate(reversed(self._query.frames)):
            if path == candidate.path and any(first <= line <= last for first, last in candidate.runs):
                return depth
        return None


def _tokens(query: Query) -> list[str]:
    words = [*query.identifiers, *words_in(query.text)]
    return list(dict.fromkeys(search_tokens(words)))[:MAX_TOKENS]


def _names(query: Query) -> list[str]:
    words = (word for word in words_in(query.text) if len(word) >= _MIN_NAME_CHARS and not word[0].isdigit())
    return list(dict.fromkeys([*query.identifiers, *words]))[:MAX_NAMES]


def _imported(query: Query, library: Library) -> set[str]:
    """What the query's file imports, the tests that its text names, and the import lines in it."""
    written = [name for line in _IMPORT_LINE.findall(query.text) for name in modules_in(line)]
    found = library.resolve(written, query.path)
    for path in dict.fromkeys(filter(None, [query.path, *paths_in(query.text)[:_MAX_NAMED_FILES]])):
        found |= library.resolve(library.imports_of(path), path)
    return found


def _stem(path: str) -> str:
    """`shop/money.py` and `shop/money/__init__.py` are both money."""
    pure = PurePosixPath(path)
    return pure.parent.name if pure.stem in {"__init__", "index"} else pure.stem
