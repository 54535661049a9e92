"""How much of what a test's path says another path says too: `tests/shop/test_money.py`, `shop/money.py`."""

from __future__ import annotations

import functools
import math
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
        self._tests: set[str] = set()
        self._code: set[str] = set()
        self._text = ""  # every path, small letters: counting in it takes 1 ms in 100,000 paths
        self._rarities: dict[str, float] = {}

    def of(self, path: str, tests: Collection[str]) -> float:
        """0..1: the share of the words of the likest test's path, rare words counting more."""
        if not tests:
            return 0.0
        self._refresh()
        words = words_of(path)
        return max(self._share(words, words_of(test)) for test in tests)

    def _share(self, words: frozenset[str], wanted: frozenset[str]) -> float:
        weights = {word: self._rarity(word) for word in wanted}
        total = sum(weights.values())
        return sum(weight for word, weight in weights.items() if word in words) / total if total else 0.0

    def _rarity(self, word: str) -> float:
        """0 for a word that no path has, for then none can be like it."""
        if word not in self._rarities:
            count = self._text.count(word)
            self._rarities[word] = math.log(1 + len(self._code) / count) if count else 0.0
        return self._rarities[word]

    def _refresh(self) -> None:
        number, paths = self._paths()
        if number == self._number:
            return
        self._number = number
        now = set(paths)
        new = now - self._tests - self._code
        tests = {path for path in new if is_test_path(path)}
        self._tests = (self._tests & now) | tests
        self._code = (self._code & now) | (new - tests)
        self._text = "\n".join(self._code).lower()
        self._rarities.clear()


@functools.lru_cache(maxsize=4_000)
def words_of(path: str) -> frozenset[str]:
    """The telling words of a path, without its ending."""
    return frozenset(split_identifier(path.rpartition(".")[0] or path)) - _SAY_NOTHING
