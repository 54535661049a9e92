"""The table of chunks: LanceDB in a directory of ours. Only the worker process imports this.

Every change is one commit (`merge_insert` with a source delete), because a delete followed by an add
loses a file's rows when the process dies in between. One writer at a time: see lock.py.
"""

from __future__ import annotations

import logging
import os
import shutil
import time
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from lsp_debugger.core.errors import IndexUnavailable
from lsp_debugger.index.candidates import Candidates
from lsp_debugger.index.chunk import Chunk
from lsp_debugger.index.column_cache import ColumnCache
from lsp_debugger.index.lexical import Lexical
from lsp_debugger.index.quarantine import quarantine, remove_quarantined
from lsp_debugger.index.rows import ArrowTable, Candidate, FileChunks, Mark, table_of
from lsp_debugger.index.structure import Structure
from lsp_debugger.index.tables import (
    ANY_AGE,
    TABLE_NAME,
    LanceTable,
    OtherKind,
    concatenated,
    create_chunks,
    directory_bytes,
    open_chunks,
    quoted,
    rows_of,
    translated,
)
from lsp_debugger.index.unindexed import Frequencies
from lsp_debugger.index.veil import Form, Plain
from lsp_debugger.index.waiting import Files, Waiting

_log = logging.getLogger(__name__)

_MAX_FRAGMENTS = 64
_MAX_VERSIONS = 200
# Rows that the text index has not seen, and maintenance is due: where they are found in memory, and where
# LanceDB looks at each, which takes 10 ms a thousand.
_MAX_UNINDEXED = 4_000
_MAX_UNKNOWN = 300


class Store:
    """One open table. Reading is safe in any thread, beside one thread that writes."""

    def __init__(
        self, table: LanceTable, directory: Path, form: Form | None = None, *, repaired: str = ""
    ) -> None:
        self._table = table
        self._form = form or Plain()
        self.directory = directory
        self.repaired = repaired  # why the table was made anew, in words for the user; mostly empty
        self._commits = 0  # since the last maintenance
        self._committed_s = float("-inf")
        self._has_leftovers = False  # the version before the last maintenance was too young to be dropped
        self._waiting = Waiting()
        self._candidates = Candidates(table, self._form)
        self._lexical = Lexical(table, self._form, self._candidates)
        self._structure = Structure(table, self._form, self._candidates, self._lexical, self._waiting)

    @classmethod
    def open(cls, directory: Path, fingerprint: str, *, writable: bool, form: Form | None = None) -> Store:
        """Open the table; the writer makes it when it is missing, of another kind, or broken.

        What cannot be read is renamed, never repaired in place; what is only of another kind is deleted,
        for it may hold what this form of rows may not. Raises IndexUnavailable.
        """
        with translated("the index cannot be opened", hint="is the disk full?"):
            if not writable:
                return cls(open_chunks(directory, fingerprint, reader=True), directory, form)
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            directory.chmod(0o700)
            remove_quarantined(directory, keep=0 if form and form.is_blind else 1)
            if not os.path.lexists(directory / f"{TABLE_NAME}.lance"):
                return cls._writing(create_chunks(directory, fingerprint), directory, form)
            why = "it could not be read"
            try:
                return cls._writing(open_chunks(directory, fingerprint), directory, form)
            except OtherKind as exc:
                why = str(exc)
                shutil.rmtree(directory / f"{TABLE_NAME}.lance")
            except Exception as exc:  # noqa: BLE001  whatever is wrong with the table, a new one is right
                _log.warning("the index is made anew: %s", type(exc).__name__)
                why = str(exc) if isinstance(exc, IndexUnavailable) else why
                quarantine(directory)
            return cls._writing(create_chunks(directory, fingerprint), directory, form, repaired=why)

    @classmethod
    def _writing(cls, table: LanceTable, directory: Path, form: Form | None, *, repaired: str = "") -> Store:
        store = cls(table, directory, form, repaired=repaired)
        store._begin()
        return store

    def as_stored(self, chunk: Chunk) -> Chunk:
        """What the table has of a chunk."""
        return self._form.chunk(chunk)

    def remember(self, names: Collection[str]) -> None:
        """Names that a question is about: a blind table can tell which chunks define those."""
        self._form.remember(names)

    @property
    def version(self) -> int:
        with translated("the index cannot be read"):
            return self._table.version

    def count_rows(self) -> int:
        with translated("the index cannot be read"):
            return self._table.count_rows()

    def marks(self) -> dict[str, Mark]:
        """How each file in the table looked when it was read."""
        marks: dict[str, Mark] = {}
        columns = ["path", "file_hash", "size_bytes", "mtime_ns"]
        with translated("the index cannot be read"):
            for batch in self._table.search().select(columns).to_batches():
                paths, hashes, sizes, times = (batch.column(name).to_pylist() for name in columns)
                for path, file_hash, size_bytes, mtime_ns in zip(paths, hashes, sizes, times, strict=True):
                    if path not in marks:
                        marks[path] = Mark(file_hash, size_bytes, mtime_ns)
        return marks

    def chunk_hashes(self) -> dict[str, list[str]]:
        """By path, the hashes of its chunks, sorted; not of files whose rows wait. Reads two columns."""
        found: dict[str, list[str]] = {}
        with translated("the index cannot be read"):
            for batch in self._table.search().select(["path", "chunk_hash"]).to_batches():
                columns = (batch.column(name).to_pylist() for name in ("path", "chunk_hash"))
                for path, chunk_hash in zip(*columns, strict=True):
                    found.setdefault(path, []).append(chunk_hash)
        waiting = self.waiting
        return {path: sorted(hashes) for path, hashes in found.items() if path not in waiting}

    def replace(
        self,
        files: Sequence[FileChunks],
        gone: Collection[str] = (),
        rows: ArrowTable | None = None,
        *,
        may_wait: bool = False,
        is_long: bool = False,
    ) -> None:
        """Make the rows of `files`, `gone` and of the paths in `rows` what is given, in one commit.

        rows: as `rows_of` gives them. may_wait: they are found at once, and committed when it is due, see
        `commit_if_due`. is_long: a part of thousands of files. Raises IndexUnavailable.
        """
        known = set(rows.column("path").to_pylist()) if rows is not None else set[str]()
        paths = [*(file.path for file in files), *gone, *known]
        if not paths:
            return
        stored = [replace(file, chunks=tuple(map(self.as_stored, file.chunks))) for file in files]
        if is_long:  # a tenth of the time of a build, for rows that are soon too many
            self._lexical.give_up()
        with translated("the index cannot be read"):
            self._lexical.note(stored, rows, gone)
        if may_wait and rows is None and self._lexical.knows_all and not self._waiting.is_due():
            self._waiting.put(stored, gone)
            return
        made = table_of(stored, self._table.schema)
        self._commit(made if rows is None else concatenated([made, rows]), paths)

    def commit_if_due(self) -> None:
        if self._waiting and self._waiting.is_due():
            self.commit()

    def commit(self) -> None:
        """What waits. Raises IndexUnavailable; it waits on then."""
        if self._waiting:
            self._commit(table_of([], self._table.schema), [])

    @property
    def waiting(self) -> Files:
        """What is found and not in the table yet."""
        return self._waiting.files

    def _commit(self, made: ArrowTable, paths: Sequence[str]) -> None:
        began_s = time.monotonic()
        waiting = self._waiting.without(paths)
        predicate = f"path IN ({quoted([*paths, *waiting])})"
        with translated("the index cannot be written", hint="is the disk full?"):
            if waiting:
                files = [file for file in waiting.values() if file]
                made = concatenated([made, table_of(files, self._table.schema)])
            if made.num_rows == 0:
                self._table.delete(predicate)
            else:
                (
                    self._table.merge_insert("id")
                    .when_matched_update_all()
                    .when_not_matched_insert_all()
                    .when_not_matched_by_source_delete(predicate)
                    .execute(made)
                )
        self._committed_s = time.monotonic()
        self._waiting.committed(self._committed_s - began_s)
        self._lexical.settled()
        self._commits += 1

    def rows_of(self, paths: Collection[str]) -> ArrowTable:
        """Every row of these files, as it stands in the table. The writing thread's."""
        self.commit()
        with translated("the index cannot be read"):
            return rows_of(self._table, paths)

    def match(
        self, tokens: Sequence[str], limit: int, *, without: Collection[str] = (), exclude_tests: bool = False
    ) -> list[Candidate]:
        """Nearest by BM25 over any of the tokens. without: paths that somebody else answers for."""
        if not tokens:
            return []
        with translated("the index cannot be searched"):
            return self._lexical.match(tokens, limit, without=without, exclude_tests=exclude_tests)

    def with_texts(self, candidates: Sequence[Candidate]) -> list[Candidate | None]:
        """The same with their texts; None for one that is no longer in the table."""
        with translated("the index cannot be read"):
            return self._candidates.with_texts(candidates)

    def defining(
        self, names: Collection[str], *, without: Collection[str] = (), exclude_tests: bool = False
    ) -> list[Candidate]:
        """Chunks that define one of the names."""
        with translated("the index cannot be searched"):
            return self._structure.defining(names, without, exclude_tests=exclude_tests)

    def holding(
        self, places: Collection[tuple[str, int]], *, without: Collection[str] = ()
    ) -> list[Candidate]:
        """Chunks that hold a line of a file; places: (path, 1-based line)."""
        with translated("the index cannot be searched"):
            return self._structure.holding(places, without)

    def with_hashes(
        self, hashes: Collection[str], *, without: Collection[str] = (), exclude_tests: bool = False
    ) -> list[Candidate]:
        """Chunks by their `chunk_hash`, at most a few hundred."""
        with translated("the index cannot be searched"):
            return self._structure.with_hashes(hashes, without, exclude_tests=exclude_tests)

    def imports_of(self, path: str, file_hash: str = "") -> list[str]:
        """The modules that a file imports. file_hash: of what is known about it; a scan is saved then."""
        with translated("the index cannot be read"):
            return self._structure.imports_of(path, file_hash)

    def frequencies(self) -> Frequencies:
        """How common words are in the table, for scores like its own."""
        with translated("the index cannot be read"):
            return self._lexical.frequencies()

    def needs_care(self) -> bool:
        """True when searching or storage suffers: many unindexed rows, fragments or old versions."""
        with translated("the index cannot be read"):
            fragments = self._table.stats()["fragment_stats"]["num_fragments"]
        return (
            self.unindexed_rows() > (_MAX_UNINDEXED if self._lexical.knows_all else _MAX_UNKNOWN)
            or fragments > _MAX_FRAGMENTS
            or self._has_leftovers
            or self._commits > _MAX_VERSIONS
        )

    @property
    def commits(self) -> int:
        """Since the last maintenance."""
        return self._commits

    def unindexed_rows(self) -> int:
        with translated("the index cannot be read"):
            stats = self._table.index_stats("tokens_idx")
        return stats.num_unindexed_rows if stats else 0

    def optimize(self) -> None:
        """Index new rows, join fragments, drop old versions. Seconds on a big table.

        A search that began on an older version may fail; at its next try it has the newest.
        """
        self.commit()
        with translated("the index cannot be maintained", hint="is the disk full?"):
            began_s = time.monotonic()
            self._table.optimize(cleanup_older_than=ANY_AGE)
        self._commits = 0
        self._has_leftovers = began_s - self._committed_s < ANY_AGE.total_seconds()
        self._begin()

    def _begin(self) -> None:
        """By the writer, when it has nothing to write: from now on it knows what is newer than the rest."""
        if self.unindexed_rows() == 0:
            self._candidates.columns = None  # never two of them
            with translated("the index cannot be read"):
                self._candidates.columns = ColumnCache.of(self._table, self._lexical.begin())

    def size_bytes(self) -> int:
        """On disk, old versions included."""
        return directory_bytes(self.directory)
