"""Texts that are newer than the table: unsaved buffers, and files that another process will write."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from lsp_debugger.index.chunk import Chunk
from lsp_debugger.index.rows import Candidate, candidate_of
from lsp_debugger.index.unindexed import Frequencies, Unindexed

MAX_FILES = 200


class Overlay:
    """path → chunks of its newer text. The oldest go when there are too many."""

    def __init__(self, max_files: int = MAX_FILES) -> None:
        self._max_files = max_files
        self._chunks = Unindexed()
        self._hashes: dict[str, str] = {}
        self._imports: dict[str, list[str]] = {}

    @property
    def paths(self) -> Collection[str]:
        return self._hashes.keys()

    def put(self, path: str, file_hash: str, chunks: Sequence[Chunk]) -> None:
        self.drop(path)
        self._chunks.put(path, ((candidate_of(chunk, 0.0), chunk.tokens) for chunk in chunks))
        self._hashes[path] = file_hash
        self._imports[path] = [name for chunk in chunks for name in chunk.imports]
        while len(self._hashes) > self._max_files:
            self.drop(next(iter(self._hashes)))

    def drop(self, path: str) -> None:
        self._chunks.drop(path)
        self._hashes.pop(path, None)
        self._imports.pop(path, None)

    def hash_of(self, path: str) -> str | None:
        """The hash of the text that stands here for a file."""
        return self._hashes.get(path)

    def match(
        self, tokens: Sequence[str], frequencies: Frequencies, limit: int, *, exclude_tests: bool = False
    ) -> list[Candidate]:
        """The chunks with the best BM25 scores, in no order. A repeated token counts as often."""
        rarities = frequencies.rarities(tokens)
        return self._chunks.match(rarities, frequencies.average_length, limit, exclude_tests=exclude_tests)

    def defining(self, names: Collection[str], *, exclude_tests: bool = False) -> list[Candidate]:
        return self._chunks.defining(names, exclude_tests=exclude_tests)

    def holding(self, places: Collection[tuple[str, int]]) -> list[Candidate]:
        return [
            each
            for path, line in places
            for each in self._chunks.of(path)
            if any(first <= line <= last for first, last in each.runs)
        ]

    def imports_of(self, path: str) -> list[str]:
        return self._imports.get(path, [])
