"""Rows of contents that the workspace had before, or that another worktree of the repository has.

A branch that is checked out again, or a new worktree, finds its rows here instead of parsing. All of
this is only an economy: where something is wrong with it, files are parsed.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Mapping
from pathlib import Path

from lsp_debugger.core.errors import IndexUnavailable
from lsp_debugger.index.rows import ArrowTable, Mark
from lsp_debugger.index.tables import ATTIC_NAME, TABLE_NAME, RowTable, concatenated

_log = logging.getLogger(__name__)
_REPOSITORY_FILE = "repository"
_MIN_ROWS = 20_000
_MAX_SIBLINGS = 8


class Attic:
    """Owned by the thread that writes the index in `directory`.

    repository: names the repository that the workspace is a tree of, or is empty; siblings are found by it.
    """

    def __init__(self, directory: Path, fingerprint: str, repository: str) -> None:
        self._directory = directory
        self._fingerprint = fingerprint
        self._repository = repository
        self._own: RowTable | None = None
        self._sources: list[RowTable] | None = None
        self._known: dict[str, dict[str, RowTable]] = {}  # path → hash of its content → where

    def known(self, path: str) -> Mapping[str, object]:
        """The hashes of a file's contents whose rows are at hand."""
        if self._sources is None:
            self._open()
        return self._known.get(path, {})

    def keep(self, rows: ArrowTable, max_rows: int) -> None:
        """Remember rows that are about to be replaced. Too many, and all the old ones are forgotten."""
        try:
            own = self._own = self._own or RowTable.create(self._directory, ATTIC_NAME, self._fingerprint)
            if own.count_rows() + rows.num_rows > max(max_rows, _MIN_ROWS):
                own.clear()
                self._forget(own)
            own.append(rows)
            self._note(own, rows)
        except IndexUnavailable as exc:
            _log.info("old rows are not kept: %s", exc)
            self._give_up()

    def rows(self, wanted: Mapping[str, Mark]) -> ArrowTable | None:
        """The rows of these contents, under the marks that their files have now; some may be missing."""
        by_source: dict[RowTable, list[str]] = {}
        for path, mark in wanted.items():
            source = self._known.get(path, {}).get(mark.file_hash)
            if source is not None:
                by_source.setdefault(source, []).append(path)
        found: list[ArrowTable] = []
        for source, paths in by_source.items():
            try:
                found.append(_with_marks(source.rows_of(paths), wanted))
            except IndexUnavailable:
                self._forget(source)
        return concatenated(found) if found else None

    def optimize(self) -> None:
        if self._own is not None:
            try:
                self._own.optimize()
            except IndexUnavailable:
                self._give_up()

    def _open(self) -> None:
        self._sources = []
        for directory, name in ((self._directory, ATTIC_NAME), *self._siblings()):
            table = RowTable.existing(directory, name, self._fingerprint)
            if table is None:
                if directory == self._directory:
                    self._give_up()  # broken, or of another kind
                continue
            try:
                contents = table.contents()
            except IndexUnavailable:
                continue
            self._sources.append(table)
            for path, file_hash in contents:
                self._known.setdefault(path, {})[file_hash] = table
            if directory == self._directory:
                self._own = table

    def _siblings(self) -> list[tuple[Path, str]]:
        """Tables of other trees of the same repository, by a file that each index directory has."""
        mark = self._directory / _REPOSITORY_FILE
        try:
            mark.write_text(self._repository, "utf-8")
            if not self._repository:
                return []
            places = sorted(self._directory.parents[1].glob(f"*/{self._directory.name}/{_REPOSITORY_FILE}"))
            same = [place.parent for place in places if place.read_text("utf-8") == self._repository]
        except (OSError, ValueError, IndexError):
            return []
        others = [each for each in same if each != self._directory][:_MAX_SIBLINGS]
        return [(each, name) for each in others for name in (TABLE_NAME, ATTIC_NAME)]

    def _note(self, source: RowTable, rows: ArrowTable) -> None:
        columns = (rows.column(name).to_pylist() for name in ("path", "file_hash"))
        for path, file_hash in zip(*columns, strict=True):
            self._known.setdefault(path, {})[file_hash] = source

    def _forget(self, source: RowTable) -> None:
        for hashes in self._known.values():
            for file_hash in [each for each, where in hashes.items() if where is source]:
                del hashes[file_hash]

    def _give_up(self) -> None:
        """Whatever is wrong with our own table: nobody needs it."""
        if self._own is not None:
            self._forget(self._own)
        self._own = None
        shutil.rmtree(self._directory / f"{ATTIC_NAME}.lance", ignore_errors=True)


def _with_marks(rows: ArrowTable, marks: Mapping[str, Mark]) -> ArrowTable:
    """Those of the rows that are of the wanted contents, each once, with size and time as they are now."""
    columns = (rows.column(name).to_pylist() for name in ("id", "path", "file_hash"))
    chosen: dict[str, int] = {}
    for number, (row_id, path, file_hash) in enumerate(zip(*columns, strict=True)):
        if path in marks and marks[path].file_hash == file_hash:
            chosen.setdefault(row_id, number)
    found = rows.take(list(chosen.values()))
    of_rows = [marks[path] for path in found.column("path").to_pylist()]
    for name in ("size_bytes", "mtime_ns"):
        position, kind = found.schema.get_field_index(name), found.schema.field(name)
        values = [[getattr(mark, name) for mark in of_rows]]
        found = found.set_column(position, kind, values)
    return found
