"""What the structure of the code says about a candidate, and how much each sign counts beside BM25.

Score = BM25 / best BM25 + Σ weight · sign, each sign in 0..1. Signs are added, not fused by rank: measured
on 301 bugs, rank fusion lets a weak list outvote BM25, small sums do not.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from lsp_debugger.core.ports import Query
from lsp_debugger.index.question import Question
from lsp_debugger.index.rows import Candidate

_FRAME_DECAY = 0.15
_LIKE = 0.5  # likeness from which it is worth a word
_NEAR = 0.5  # nearness, too
_ATTENTION = {"edited": "edited", "recent": "changed lately", "opened": "open"}


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each sign counts; the best BM25 score is 1.

    Fitted by `benchmarks/fit_ranking.py` as far as tests and tracebacks say something about them; `asked`,
    `same_file`, `edited`, `recent` and `opened` belong to questions from an editor and are set by hand.
    """

    likeness: float = 0.3  # a path like that of the query's test
    imported: float = 0.1  # a file that the query's file or test imports
    imported_name: float = 0.1  # a name that is imported from there and occurs in the query, or a part of it
    test_name: float = 0.1  # its name occurs within the test's name
    class_rest: float = -0.25  # what is left of a class has its words and seldom its bugs
    module_rest: float = -0.2
    frames: float = 0.5  # on the stack, the innermost most
    repeated: float = -0.2  # another part of the same function stands before it
    crowded: float = -0.01  # times the number of hits of the same file before it
    asked: float = 0.2  # defines a name that the problem is about
    same_file: float = 0.1
    edited: float = 0.05  # has changes that are not saved
    recent: float = 0.05  # was written here since git last wrote the tree
    opened: float = 0.03  # is open in the editor
    nearness: float = 0.1  # of its vector, where there is a model for vectors


WEIGHTS = Weights()


class Surroundings(Protocol):
    """What is known about files."""

    def imports_of(self, path: str) -> list[str]: ...
    def resolve(self, modules: Collection[str], importer: str | None) -> set[str]: ...
    def likeness(self, path: str, tests: Collection[str]) -> float: ...
    def attention_to(self, path: str) -> str:
        """`edited`, `recent`, `opened`, the first that holds; empty when nobody works on it."""
        ...


class Sign(NamedTuple):
    """name: a field of `Weights`. value: 0..1. reason: for the user; empty where it speaks against."""

    name: str
    value: float
    reason: str = ""


class KnownSigns(Protocol):
    def of(self, candidate: Candidate) -> Iterator[Sign]: ...


class Signs:
    """Of one question. defining: the chunks that define names it asks for. nearness: of vectors, by key."""

    def __init__(
        self,
        query: Query,
        question: Question,
        defining: Sequence[Candidate],
        known: Surroundings,
        nearness: Mapping[tuple[str, int], float],
    ) -> None:
        self._query = query
        self._question = question
        self._nearness = nearness
        self._known = known
        asked = set(question.asked)
        counts = Counter(name for each in defining for name in each.defines if name in asked)
        self._rarity = {name: 1 / math.sqrt(count) for name, count in counts.items()}
        self._imported: set[str] = set()
        self._imported_names: defaultdict[str, set[str]] = defaultdict(set)
        self._note_imports(question.written_imports, query.path)
        for path in question.files:
            self._note_imports(known.imports_of(path), path)
        self._of_files: dict[tuple[str, bool], tuple[Sign, ...]] = {}

    def of(self, candidate: Candidate) -> Iterator[Sign]:
        path = candidate.path
        file = (path, candidate.is_test)
        if file not in self._of_files:
            self._of_files[file] = tuple(self._of_file(*file))
        yield from self._of_files[file]
        if self._imported_names:
            owners = (*candidate.defines, *candidate.qualname.split("."))
            found = next((name for name in owners if self._is_imported(name, path)), None)
            if found:
                yield Sign("imported_name", 1.0, f"{found} is imported")
        if candidate.qualname.rpartition(".")[2] in self._question.within_test_names:
            yield Sign("test_name", 1.0, "in the test's name")
        if candidate.kind in {"class", "module"}:
            yield Sign(f"{candidate.kind}_rest", 1.0)
        nearness = self._nearness.get(candidate.key, 0.0)
        if nearness:
            yield Sign("nearness", nearness, "near in meaning" if nearness >= _NEAR else "")
        depth = self._depth(candidate)
        if depth is not None:
            yield Sign("frames", 1 / (1 + _FRAME_DECAY * depth), "on the stack")
        asked = [name for name in candidate.defines if name in self._rarity]
        if asked:
            name = max(asked, key=lambda each: self._rarity[each])
            yield Sign("asked", self._rarity[name], f"defines {name}")

    def _of_file(self, path: str, is_test: bool) -> Iterator[Sign]:
        # Tests are like each other, which says nothing.
        likeness = 0.0 if is_test else self._known.likeness(path, self._question.test_paths)
        if likeness:
            yield Sign("likeness", likeness, "named like the test" if likeness >= _LIKE else "")
        if path in self._imported:
            yield Sign("imported", 1.0, "imported")
        if path == self._query.path:
            yield Sign("same_file", 1.0, "same file")
        attention = self._known.attention_to(path)
        if attention:
            yield Sign(attention, 1.0, _ATTENTION[attention])

    def _note_imports(self, modules: Sequence[str], importer: str | None) -> None:
        """`from a import b` is known as `a` and `a.b`."""
        self._imported |= self._known.resolve(modules, importer)
        for module in modules:
            name = module.rpartition(".")[2]
            owner = module.removesuffix(name)
            if owner and name in self._question.names:
                places = self._known.resolve([owner.rstrip(".") or owner], importer)
                self._imported_names[name] |= places

    def _is_imported(self, name: str, path: str) -> bool:
        """Names of a package may be defined in any of its files."""
        return any(
            path == place
            or (place.endswith("/__init__.py") and path.startswith(place[: -len("__init__.py")]))
            for place in self._imported_names.get(name, ())
        )

    def _depth(self, candidate: Candidate) -> int | None:
        """Frames between this chunk's and the innermost; None when it is not on the stack."""
        for depth, (path, line) in enumerate(reversed(self._query.frames)):
            if path == candidate.path and any(first <= line <= last for first, last in candidate.runs):
                return depth
        return None


class Ranked(NamedTuple):
    candidate: Candidate
    score: float
    why: tuple[str, ...]


def ranked(
    candidates: Collection[Candidate], signs: KnownSigns, best_lexical: float, weights: Weights
) -> list[Ranked]:
    """Best first, ties by path and line. What has no reason at all is left out."""
    scored = (_ranked(candidate, signs, best_lexical, weights) for candidate in candidates)
    return _spread([each for each in scored if each.why], weights)


def _ranked(candidate: Candidate, signs: KnownSigns, best_lexical: float, weights: Weights) -> Ranked:
    score = candidate.lexical / best_lexical
    why = ["words in common"] if score > 0 else []
    for sign in signs.of(candidate):
        score += getattr(weights, sign.name) * sign.value
        if sign.reason:
            why.append(sign.reason)
    return Ranked(candidate, score, tuple(why))


def _spread(found: list[Ranked], weights: Weights) -> list[Ranked]:
    """Parts of one function, and then hits of one file, make room for others behind them."""
    functions: set[tuple[str, str]] = set()
    rest: list[Ranked] = []
    for each in sorted(found, key=_order):
        function = (each.candidate.path, each.candidate.qualname)
        is_part = each.candidate.kind in {"function", "method"} and function in functions
        functions.add(function)
        rest.append(_moved(each, weights.repeated) if is_part else each)
    counts: Counter[str] = Counter()
    spread: list[Ranked] = []
    for each in sorted(rest, key=_order):
        spread.append(_moved(each, weights.crowded * counts[each.candidate.path]))
        counts[each.candidate.path] += 1
    return sorted(spread, key=_order)


def _moved(each: Ranked, by: float) -> Ranked:
    return Ranked(each.candidate, each.score + by, each.why)


def _order(each: Ranked) -> tuple[float, tuple[str, int]]:
    return -each.score, each.candidate.key
