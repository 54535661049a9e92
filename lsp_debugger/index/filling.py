"""Brings a table of vectors up to what is in the index: what is missing is made, what nobody has goes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from lsp_debugger.core.errors import EgressRefused
from lsp_debugger.core.material import Fragment, FragmentKind
from lsp_debugger.core.ports import Embedder, Vectors
from lsp_debugger.index.rows import Candidate
from lsp_debugger.index.store import Store
from lsp_debugger.index.vector_table import VectorTable

_T = TypeVar("_T")
_REQUEST_TEXTS = 32
_COMMIT_VECTORS = 256
_EMBED_TIMEOUT_S = 120.0
_OPTIMIZE_AFTER_COMMITS = 64
_SPARE_VECTORS = 2_000  # of chunks that are gone, but may come back with their branch


class Filling:
    """Of one table by one model. report: told (done, total). goes_on: asked with what is left; may end it."""

    def __init__(
        self,
        store: Store,
        table: VectorTable,
        embedder: Embedder,
        report: Callable[[int, int], None] = lambda _done, _total: None,
        goes_on: Callable[[int], bool] = lambda _left: True,
    ) -> None:
        self.store = store
        self.table = table
        self.refused: set[str] = set()  # hashes of texts that may not go where the model is
        self._embedder = embedder
        self._report = report
        self._goes_on = goes_on
        self._held = table.hashes()
        self._commits = 0

    def fill(self) -> bool:
        """True when every chunk that may have a vector has one; False when it was ended on the way.

        Raises BackendUnavailable, IndexUnavailable, AuditUnavailable; EgressRefused if nothing may go there.
        """
        wanted = {each for hashes in self.store.chunk_hashes().values() for each in hashes}
        missing = sorted(wanted - self._held - self.refused)
        done = len(wanted) - len(missing)
        self._report(done, len(wanted))
        for batch in _batches(missing, _COMMIT_VECTORS):
            if not self._add(batch, len(wanted) - done):
                return False
            done += len(batch)
            self._report(done, len(wanted))
        self._tidy(wanted, added=len(missing))
        return True

    def _add(self, hashes: Sequence[str], left: int) -> bool:
        """One commit. False when it was ended on the way; what was made by then is kept."""
        texts = self.store.with_texts(self.store.with_hashes(hashes))
        found = {each.chunk_hash: each for each in texts if each}
        made: dict[str, Vectors] = {}
        ended = False
        for part in _batches(list(found.values()), _REQUEST_TEXTS):
            ended = not self._goes_on(left)
            if ended:
                break
            made |= self._vectors_of(part)
        if made:
            self.table.add(list(made), list(made.values()))
            self._held.update(made)
            self._commits += 1
        return not ended

    def _vectors_of(self, part: Sequence[Candidate]) -> dict[str, Vectors]:
        """By hash. Where one of the texts may not go, each of the others goes alone."""
        try:
            return self._embedded(part)
        except EgressRefused:
            if len(part) == 1:
                raise
        made: dict[str, Vectors] = {}
        for each in part:
            try:
                made |= self._embedded([each])
            except EgressRefused as exc:
                self.refused.add(each.chunk_hash)
                if len(self.refused) >= _REQUEST_TEXTS and not self._held and not made:
                    raise exc from None  # it is not about this or that text
        return made

    def _embedded(self, part: Sequence[Candidate]) -> dict[str, Vectors]:
        rows = self._embedder.embed([_fragment_of(each) for each in part], _EMBED_TIMEOUT_S)
        return {each.chunk_hash: row for each, row in zip(part, rows, strict=True)}

    def _tidy(self, wanted: set[str], added: int) -> None:
        gone = self._held - wanted
        if len(gone) > max(len(wanted), _SPARE_VECTORS):
            self.table.forget(sorted(gone))
            self._held -= gone
        if self._commits > _OPTIMIZE_AFTER_COMMITS or added > _COMMIT_VECTORS:
            self.table.optimize()
            self._commits = 0


def _fragment_of(candidate: Candidate) -> Fragment:
    return Fragment(
        FragmentKind.RELATED,
        candidate.text or "",
        path=candidate.path,
        start_line=candidate.runs[0][0],
        language_id=candidate.language,
        symbol=candidate.qualname,
        literals=candidate.literals,
    )


def _batches(items: Sequence[_T], size: int) -> Iterator[Sequence[_T]]:
    return (items[first : first + size] for first in range(0, len(items), size))
