"""Chunks that the table's text index does not know (yet), found with the formula of the table.

Buffers that are not saved, and rows that were written since the last maintenance: LanceDB finds those too,
by reading each at every question, which takes 10 ms a thousand. Here a question takes 1 ms in thousands.
"""

from __future__ import annotations

import importlib
import math
import threading
import unicodedata
from array import array
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from lsp_debugger.index.rows import Candidate

_K1, _B = 1.2, 0.75  # as in Lance's BM25
_MAX_TOKEN_BYTES = 80  # longer ones are none for the text index, see `tables`
_MIN_DEAD = 500  # chunks that were replaced, before the others are counted anew


def folded(tokens: Iterable[str]) -> list[str]:
    """Search tokens as the text index takes them: without accents, and without those that are too long."""
    tokens = list(tokens)
    if "".join(tokens).isascii():  # as nearly all are
        return [token for token in tokens if len(token) < _MAX_TOKEN_BYTES]
    return [plain for plain in map(_plain, tokens) if len(plain.encode()) < _MAX_TOKEN_BYTES]


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
            words = folded(tokens.split())
            length += len(words)
            self._holding.update(set(words))
        self.average_length = length / len(sample) if sample else 100.0

    def rarity(self, token: str) -> float:
        """BM25's idf. A token that the sample lacks counts as if it had half a row of it."""
        rows = min(self._holding.get(self._stored(token), 0.5) * self._scale, self._rows)
        return math.log(1 + (self._rows - rows + 0.5) / (rows + 0.5))

    def rarities(self, tokens: Iterable[str]) -> dict[str, float]:
        """A token that stands there several times counts as often."""
        return {token: count * self.rarity(token) for token, count in Counter(folded(tokens)).items()}


class Unindexed:
    """path → its chunks. One thread may write while another searches."""

    def __init__(self) -> None:
        self._numpy: Any = importlib.import_module("numpy")
        self._lock = threading.Lock()
        self._files: dict[str, list[int]] = {}  # → numbers of its chunks
        self._empty()

    def _empty(self) -> None:
        self._chunks: list[Candidate | None] = []  # by number; None: replaced
        self._tokens: list[str] = []
        self._lengths = array("f")
        self._live = array("b")
        self._tests = array("b")
        self._holders: dict[str, tuple[array[int], array[int]]] = {}  # token → numbers, counts
        self._dead = 0

    def __len__(self) -> int:
        """Chunks."""
        return len(self._chunks) - self._dead

    @property
    def paths(self) -> Collection[str]:
        return self._files.keys()

    def put(self, path: str, chunks: Iterable[tuple[Candidate, str]]) -> None:
        """Instead of what there was of this file. With each its search tokens, separated by blanks."""
        with self._lock:
            self._drop(path)
            self._files[path] = [self._add(candidate, tokens) for candidate, tokens in chunks]
            self._forget_dead()

    def drop(self, path: str) -> None:
        with self._lock:
            self._drop(path)
            self._forget_dead()

    def clear(self) -> None:
        with self._lock:
            self._files.clear()
            self._empty()

    def match(
        self,
        rarities: Mapping[str, float],
        average_length: float,
        limit: int,
        *,
        above: float = 0.0,
        without: Collection[str] = (),
        exclude_tests: bool = False,
    ) -> list[Candidate]:
        """The chunks with the best BM25 scores, in no order, of those with more than `above`.

        rarities: see `Frequencies`. without: paths.
        """
        with self._lock:
            if not self._chunks:
                return []
            scores = self._scores(rarities, average_length)
            if exclude_tests:
                scores *= 1 - self._numpy.frombuffer(self._tests, self._numpy.int8)
            for path in without:
                scores[self._files.get(path, [])] = 0
            best = self._best(scores, above, limit)
            return [
                chunk._replace(lexical=score) for number, score in best if (chunk := self._chunks[number])
            ]

    def defining(self, names: Collection[str], *, exclude_tests: bool = False) -> list[Candidate]:
        wanted = set(names)
        return [
            each
            for each in self.all()
            if not wanted.isdisjoint(each.defines) and not (exclude_tests and each.is_test)
        ]

    def all(self) -> Iterator[Candidate]:
        with self._lock:
            return filter(None, list(self._chunks))

    def of(self, path: str) -> list[Candidate]:
        with self._lock:
            return [chunk for number in self._files.get(path, ()) if (chunk := self._chunks[number])]

    def _scores(self, rarities: Mapping[str, float], average_length: float) -> Any:
        """By number, float64. Arrays that numpy looks at cannot grow: no view may outlive the lock."""
        np = self._numpy
        norms = _K1 * (1 - _B + _B * np.frombuffer(self._lengths, np.float32) / average_length)
        scores = np.zeros(len(self._chunks))
        for token, rarity in rarities.items():
            if token in self._holders:
                numbers, counts = (np.frombuffer(each, np.int32) for each in self._holders[token])
                scores[numbers] += rarity * counts * (_K1 + 1) / (counts + norms[numbers])
        scores *= np.frombuffer(self._live, np.int8)
        return scores

    def _best(self, scores: Any, above: float, limit: int) -> list[tuple[int, float]]:
        np = self._numpy
        numbers = np.flatnonzero(scores > above)
        if len(numbers) > limit:
            numbers = numbers[np.argpartition(-scores[numbers], limit)[:limit]]
        return list(zip(numbers.tolist(), scores[numbers].tolist(), strict=True))

    def _drop(self, path: str) -> None:
        for number in self._files.pop(path, ()):
            self._chunks[number] = None
            self._live[number] = 0
            self._tokens[number] = ""
            self._dead += 1

    def _add(self, candidate: Candidate, tokens: str) -> int:
        number = len(self._chunks)
        words = folded(tokens.split())
        self._chunks.append(candidate)
        self._tokens.append(tokens)
        self._lengths.append(len(words))
        self._live.append(1)
        self._tests.append(candidate.is_test)
        for word, count in Counter(words).items():
            held = self._holders.get(word)
            if held is None:  # `setdefault` would make two arrays for each word there is
                held = self._holders[word] = (array("i"), array("i"))
            held[0].append(number)
            held[1].append(count)
        return number

    def _forget_dead(self) -> None:
        if self._dead <= max(_MIN_DEAD, len(self)):
            return
        files = {
            path: [(self._chunks[number], self._tokens[number]) for number in numbers]
            for path, numbers in self._files.items()
        }
        self._empty()
        for path, chunks in files.items():
            self._files[path] = [self._add(chunk, tokens) for chunk, tokens in chunks if chunk is not None]


def _plain(token: str) -> str:
    if token.isascii():
        return token
    letters = unicodedata.normalize("NFKD", token)
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
