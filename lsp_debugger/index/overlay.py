"""Texts that are newer than the table: unsaved buffers, and files that another process will write.

They are scored here with the formula of the table, so that both can stand in one list.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from lsp_debugger.index.chunk import Chunk
from lsp_debugger.index.rows import Candidate, candidate_of

MAX_FILES = 200
_K1, _B = 1.2, 0.75  # as in Lance's BM25


@dataclass(frozen=True, slots=True)
class _Entry:
    chunk: Chunk
    counts: Counter[str]
    length: int


class Frequencies:
    """How common tokens are in the table, from a sample of its rows. stored: how the sample has a token."""

    def __init__(
        self, sample: Sequence[str], total_rows: int, stored: Callable[[str], str] = lambda token: token
    ) -> None:
        self._stored = stored
        self._rows = max(total_rows, 1)
        self._scale = self._rows / max(len(sample), 1)
        self._holding: Counter[str] = Counter()
        length = 0
        for tokens in sample:
            words = tokens.split()
            length += len(words)
            self._holding.update(set(words))
        self.average_length = length / len(sample) if sample else 100.0

    def rarity(self, token: str) -> float:
        """BM25's idf. A token that the sample lacks counts as if it had half a row of it."""
        rows = min(self._holding.get(self._stored(token), 0.5) * self._scale, self._rows)
        return math.log(1 + (self._rows - rows + 0.5) / (rows + 0.5))


class Overlay:
    """path → chunks of its newer text. The oldest go when there are too many."""

    def __init__(self, max_files: int = MAX_FILES) -> None:
        self._max_files = max_files
        self._files: dict[str, list[_Entry]] = {}
        self._hashes: dict[str, str] = {}

    @property
    def paths(self) -> Collection[str]:
        return self._files.keys()

    def put(self, path: str, file_hash: str, chunks: Sequence[Chunk]) -> None:
        self.drop(path)
        self._files[path] = [_entry(chunk) for chunk in chunks]
        self._hashes[path] = file_hash
        while len(self._files) > self._max_files:
            self.drop(next(iter(self._files)))

    def drop(self, path: str) -> None:
        self._files.pop(path, None)
        self._hashes.pop(path, None)

    def hash_of(self, path: str) -> str | None:
        """The hash of the text that stands here for a file."""
        return self._hashes.get(path)

    def match(
        self, tokens: Sequence[str], frequencies: Frequencies, *, exclude_tests: bool = False
    ) -> list[Candidate]:
        """Every chunk that holds one of the tokens, with its BM25 score. A repeated token counts as often."""
        rarity = {token: count * frequencies.rarity(token) for token, count in Counter(tokens).items()}
        scored = (
            candidate_of(entry.chunk, _score(entry, rarity, frequencies.average_length))
            for entry in self._entries(exclude_tests=exclude_tests)
        )
        return [each for each in scored if each.lexical > 0]

    def defining(self, names: Collection[str], *, exclude_tests: bool = False) -> list[Candidate]:
        wanted = set(names)
        entries = self._entries(exclude_tests=exclude_tests)
        return [
            candidate_of(each.chunk, 0.0) for each in entries if not wanted.isdisjoint(each.chunk.defines)
        ]

    def holding(self, places: Collection[tuple[str, int]]) -> list[Candidate]:
        return [
            candidate_of(entry.chunk, 0.0)
            for path, line in places
            for entry in self._files.get(path, ())
            if any(first <= line <= last for first, last in entry.chunk.runs)
        ]

    def imports_of(self, path: str) -> list[str]:
        return [name for entry in self._files.get(path, ()) for name in entry.chunk.imports]

    def _entries(self, *, exclude_tests: bool) -> list[_Entry]:
        entries = (entry for file in self._files.values() for entry in file)
        return [entry for entry in entries if not (exclude_tests and entry.chunk.is_test)]


def _entry(chunk: Chunk) -> _Entry:
    words = chunk.tokens.split()
    return _Entry(chunk, Counter(words), len(words))


def _score(entry: _Entry, rarity: dict[str, float], average_length: float) -> float:
    norm = _K1 * (1 - _B + _B * entry.length / average_length)
    return sum(
        weight * count * (_K1 + 1) / (count + norm)
        for token, weight in rarity.items()
        if (count := entry.counts[token])
    )
