"""Files on disk into the table: stat, then hash, then parse; only what changed is written."""

from __future__ import annotations

import hashlib
import os
import stat
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from lsp_debugger.index.chunk import chunk_file
from lsp_debugger.index.kinds import MAX_FILE_BYTES, reason_by_content
from lsp_debugger.index.rows import FileChunks, Mark
from lsp_debugger.index.store import Store
from lsp_debugger.index.walk import Found, Walker

# A batch is one commit. Small enough that its rows do not show in the worker's memory.
MAX_BATCH_FILES = 500
MAX_BATCH_CHARS = 1_000_000
_MAX_BATCH_S = 5.0  # then it is written, so that a search sees it
# A file written this recently may change again without a new time stamp: it is read again next time.
_SETTLED_NS = 2_000_000_000
# Rows that the text index has not seen are scanned at each search; it is brought up to date in steps
# that grow with the table, so that a build stays linear.
_UNINDEXED_ROWS = 4_000
_UNINDEXED_SHARE = 3


@dataclass(frozen=True, slots=True)
class Progress:
    """done of total files; total grows while the workspace is still being listed."""

    phase: str
    done: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class Source:
    """A file's text as it was read. mark.file_hash is of the bytes."""

    text: str
    mark: Mark


class Sync:
    """Owned by one thread, which is the only one that writes. `paths` may be read by others."""

    def __init__(
        self,
        store: Store,
        walker: Walker,
        redact: Callable[[str], str],
        report: Callable[[Progress], None],
        give_way: Callable[[], None] = lambda: None,
    ) -> None:
        """give_way: called between files; returns when nobody more urgent wants to work."""
        self._store = store
        self._walker = walker
        self._redact = redact
        self._report = report
        self._give_way = give_way
        self._marks = store.marks()
        self._unindexed = store.unindexed_rows()
        self.stop = threading.Event()
        self.skipped: Counter[str] = Counter()
        self.paths_number = 0  # changes with the set of paths

    @property
    def paths(self) -> Collection[str]:
        return list(self._marks)

    def mark_of(self, path: str) -> Mark | None:
        return self._marks.get(path)

    def scan(self) -> None:
        """Bring the whole workspace up to date. Raises IndexUnavailable."""
        found: list[Found] = []
        for file in self._walker.walk(self.stop.is_set):
            found.append(file)
            if len(found) % 1_000 == 0:
                self._report(Progress("listing files", len(found), len(found)))
        if self.stop.is_set():
            return
        self.skipped = Counter(self._walker.skipped)
        gone = set(self._marks).difference(file.path for file in found)
        self._update([file for file in found if self._looks_changed(file)], gone)

    def refresh(self, paths: Iterable[str]) -> bool:
        """Look at these files again; True when a folder or an ignore file asks for a `scan` instead."""
        changed: list[Found] = []
        missing: set[str] = set()
        for path in paths:
            looked = self._walker.look(path)
            if isinstance(looked, Found):
                changed.append(looked)
            elif path not in self._marks and (self._walker.root / path).is_dir():
                return True
            else:
                missing.add(path)
        self._update(changed, self._known_in(missing))
        return False

    def _known_in(self, paths: Collection[str]) -> list[str]:
        """The known files that are among `paths`, or below one of them: a folder that went away."""
        wanted = set(paths)
        if not wanted:
            return []
        return [
            path for path in self._marks if path in wanted or any(up in wanted for up in _folders_of(path))
        ]

    def _looks_changed(self, file: Found) -> bool:
        mark = self._marks.get(file.path)
        return mark is None or (mark.size_bytes, mark.mtime_ns) != (file.size_bytes, file.mtime_ns)

    def _update(self, files: list[Found], gone: Collection[str]) -> None:
        for batch in _batches_of(gone):
            self._write(batch)
        batch = _Batch()
        for done, file in enumerate(files):
            if self.stop.is_set():
                return
            self._give_way()
            self._read_into(batch, file)
            if batch.is_full():
                self._write(batch)
                batch = _Batch()
                self._report(Progress("indexing", done + 1, len(files)))
        self._write(batch)
        self._report(Progress("current", len(files), len(files)))

    def _read_into(self, batch: _Batch, file: Found) -> None:
        source = read_source(self._walker.root, file.path)
        reason = source if isinstance(source, str) else ""
        if isinstance(source, Source):
            known = self._marks.get(file.path)
            if known is not None and known.file_hash == source.mark.file_hash:
                self._marks[file.path] = source.mark  # touched, not changed: no need to write that down
                return
            chunks = chunk_file(file.path, self._redact(source.text), source.mark.file_hash)
            if chunks:
                batch.add(FileChunks(file.path, source.mark, tuple(chunks)), len(source.text))
                return
            reason = "empty"
        self.skipped[reason] += 1
        if file.path in self._marks:
            batch.gone.add(file.path)

    def _write(self, batch: _Batch) -> None:
        if not batch.files and not batch.gone:
            return
        self._store.replace(batch.files, batch.gone)
        for path in batch.gone:
            self._marks.pop(path, None)
        self._marks.update((file.path, file.mark) for file in batch.files)
        self.paths_number += 1
        self._unindexed += sum(len(file.chunks) for file in batch.files)
        if self._unindexed > max(_UNINDEXED_ROWS, self._store.count_rows() // _UNINDEXED_SHARE):
            self.optimize()

    def optimize(self) -> None:
        self._store.optimize()
        self._unindexed = 0

    def compact(self) -> None:
        """As `optimize`, and no older version is kept: a reader opens the newest at its next question."""
        self._store.optimize(timedelta(0))
        self._unindexed = 0


class _Batch:
    def __init__(self, gone: Iterable[str] = ()) -> None:
        self.gone = set(gone)
        self.files: list[FileChunks] = []
        self._chars = 0
        self._began_s = time.monotonic()

    def add(self, file: FileChunks, chars: int) -> None:
        self.files.append(file)
        self._chars += chars

    def is_full(self) -> bool:
        return (
            len(self.files) + len(self.gone) >= MAX_BATCH_FILES
            or self._chars >= MAX_BATCH_CHARS
            or (bool(self.files) and time.monotonic() - self._began_s > _MAX_BATCH_S)
        )


def _batches_of(gone: Collection[str]) -> Iterator[_Batch]:
    paths = sorted(gone)
    for start in range(0, len(paths), MAX_BATCH_FILES):
        yield _Batch(paths[start : start + MAX_BATCH_FILES])


def _folders_of(path: str) -> Iterator[str]:
    while path := path.rpartition("/")[0]:
        yield path


def read_source(root: Path, path: str) -> Source | str:
    """A file's text, or in a word why it stays out. Never follows a link, never waits on a pipe."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        handle = os.open(root / path, flags)
    except OSError:
        return "unreadable"
    with os.fdopen(handle, "rb") as file:
        try:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                return "special"
            data = file.read(MAX_FILE_BYTES + 1)
            after = os.fstat(handle)
        except OSError:
            return "unreadable"
    if len(data) > MAX_FILE_BYTES:
        return "too large"
    reason = reason_by_content(path, data)
    if reason:
        return reason
    mark = Mark(hash_of(data), len(data), after.st_mtime_ns)
    if after.st_mtime_ns != status.st_mtime_ns or abs(time.time_ns() - after.st_mtime_ns) < _SETTLED_NS:
        mark = replace(mark, mtime_ns=0)
    return Source(data.decode("utf-8-sig", "replace"), mark)


def hash_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:32]
