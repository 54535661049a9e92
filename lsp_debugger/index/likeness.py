"""How much of what a test's path says another path says too: `tests/shop/test_money.py`, `shop/money.py`."""

from __future__ import annotations

import math
import sys
from collections import Counter
from collections.abc import Callable, Collection

from lsp_debugger.index.names import is_test_path
from lsp_debugger.syntax.identifiers import split_identifier

NumberedPaths = tuple[int, Collection[str]]
_SAY_NOTHING = frozenset(
    (
        "functional",
        "index",
        "init",
        "integration",
        "src",
        "t",
        "test",
        "tests",
        "testing",
        "unit",
        "unittests",
    )
)


class Likeness:
    """paths: the files there are, with a number that changes with them; tests among them do not count."""

    def __init__(self, paths: Callable[[], NumberedPaths]) -> None:
        self._paths = paths
        self._number = -1
        self._words: dict[str, frozenset[str]] = {}
        self._files_with: Counter[str] = Counter()

    def of(self, path: str, tests: Collection[str]) -> float:
        """0..1: the share of the words of the likest test's path, rare words counting more."""
        if not tests:
            return 0.0
        self._refresh()
        words = self._words.get(path) or words_of(path)
        return max(self._share(words, words_of(test)) for test in tests)

    def _share(self, words: frozenset[str], wanted: frozenset[str]) -> float:
        weights = {word: self._rarity(word) for word in wanted if self._files_with[word]}
        total = sum(weights.values())
        return sum(weight for word, weight in weights.items() if word in words) / total if total else 0.0

    def _rarity(self, word: str) -> float:
        return math.log(1 + len(self._words) / self._files_with[word])

    def _refresh(self) -> None:
        number, paths = self._paths()
        if number == self._number:
            return
        self._number = number
        code = {path for path in paths if path in self._words or not is_test_path(path)}
        for path in self._words.keys() - code:
            self._files_with.subtract(self._words.pop(path))
        for path in code - self._words.keys():
            self._words[path] = words_of(path)
            self._files_with.update(self._words[path])


def words_of(path: str) -> frozenset[str]:
    """The telling words of a path, without its ending."""
    words = split_identifier(path.rpartition(".")[0] or path)
    return frozenset(map(sys.intern, words)) - _SAY_NOTHING  # interned: 100,000 paths share their words
