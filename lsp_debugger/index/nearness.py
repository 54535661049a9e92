"""How near chunks are to a question, by the vectors of one model."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from lsp_debugger.core.material import Fragment, FragmentKind
from lsp_debugger.core.ports import Embedder, Vectors
from lsp_debugger.index.rows import Candidate
from lsp_debugger.index.vector_table import VectorTable

_MAX_QUESTION_CHARS = 4_000
# A search has two seconds in all, and goes without vectors when they are not there in time.
_QUESTION_TIMEOUT_S = 0.7


class Nearness:
    """Vectors of a table, asked with the model that made them. For one thread."""

    def __init__(self, table: VectorTable, embedder: Embedder) -> None:
        assert table.model == embedder.model
        self.table = table
        self._embedder = embedder
        self._asked: tuple[str, Vectors] = ("", None)

    def of(self, question: str, candidates: Sequence[Candidate]) -> list[float]:
        """0..1 each: the cosine, where it is positive. One without a vector counts as the mean of the others.

        Empty where none has one. Raises LspDebuggerError.
        """
        asked = self._vector_of(question)
        known = self.table.of({each.chunk_hash for each in candidates})
        cosines = {key: min(1.0, max(0.0, float(row @ asked))) for key, row in known.items() if row.any()}
        if not cosines:
            return []
        mean = sum(cosines.values()) / len(cosines)
        return [cosines.get(each.chunk_hash, mean) for each in candidates]

    def nearest(self, question: str, limit: int) -> Collection[str]:
        """Hashes of the chunks that are nearest. Raises LspDebuggerError."""
        return self.table.nearest(self._vector_of(question), limit)

    def _vector_of(self, question: str) -> Any:
        if self._asked[0] != question or self._asked[1] is None:
            text = Fragment(FragmentKind.PROBLEM, question[:_MAX_QUESTION_CHARS])
            (vector,) = self._embedder.embed([text], _QUESTION_TIMEOUT_S)
            self._asked = (question, vector)
        return self._asked[1]
