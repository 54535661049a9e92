"""Files on disk into the table: stat, then hash, then parse; only what changed is written."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from lsp_debugger.index.attic import Attic
from lsp_debugger.index.files import KNOWN, Outcome, Reader
from lsp_debugger.index.rows import FileChunks, Mark
from lsp_debugger.index.store import Store
from lsp_debugger.index.walk import Found, Walker

# A batch is one commit. Small enough that its rows do not show in the worker's memory.
MAX_BATCH_FILES = 500
MAX_BATCH_CHARS = 1_000_000
_MAX_BATCH_S = 5.0  # then it is written, so that a search sees it
# Rows that the text index has not seen are scanned at each search. In the middle of long work it is brought
# up to date only when it knows less than half of the rows: that keeps a build linear, and a branch switch
# is over before its rows are indexed.
_UNINDEXED_ROWS = 4_000
_UNINDEXED_SHARE = 2
# Each commit leaves a version behind, and files that never rest long enough for maintenance leave many.
_MAX_COMMITS = 120
# So many files at once were not saved by hand: their old contents may come back.
_BULK_FILES = 8
_LONG_FILES = 1_500
_FEW_FILES = 50  # whose rows may wait for a commit
_REPORT_S = 0.25

# A file and the hashes of contents that need no parsing.
Wanted = tuple[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Progress:
    """done of total files; total grows while the workspace is still being listed."""

    phase: str
    done: int = 0
    total: int = 0


class Helpers(Protocol):
    """Reads many files with more processors than one, see chunkers.py."""

    def outcomes(self, files: Sequence[Wanted], read: Callable[[Wanted], Outcome]) -> Iterator[Outcome]: ...


class Sync:
    """Owned by one thread, which is the only one that writes. `paths` may be read by others."""

    def __init__(
        self,
        store: Store,
        walker: Walker,
        reader: Reader,
        report: Callable[[Progress], None],
        give_way: Callable[[int], None] = lambda _: None,
        attic: Attic | None = None,
        helpers: Helpers | None = None,
    ) -> None:
        """give_way: called between files with how many are left; returns when nobody more urgent waits."""
        self._store = store
        self._walker = walker
        self._reader = reader
        self._report = report
        self._give_way = give_way
        self._attic = attic
        self._helpers = helpers
        self._marks = store.marks()
        self._unindexed = store.unindexed_rows()
        self._reported_s = 0.0
        self._is_bulk = False
        self.stop = threading.Event()
        self._listed: Counter[str] = Counter()  # what the last scan left out by name, size or rule
        self._rejected: dict[str, str] = {}  # path → why, for what was left out after a look inside
        self.paths_number = 0  # changes with the set of paths

    @property
    def paths(self) -> Collection[str]:
        return list(self._marks)

    @property
    def marks(self) -> dict[str, Mark]:
        """A copy."""
        return dict(self._marks)

    @property
    def skipped(self) -> Counter[str]:
        return self._listed + Counter(list(self._rejected.values()))

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
        self._listed = Counter(self._walker.skipped)
        self._rejected.clear()
        gone = set(self._marks).difference(file.path for file in found)
        self._update([file.path for file in found if self._looks_changed(file)], gone)

    def refresh(self, paths: Iterable[str], *, may_wait: bool = False) -> bool:
        """Look at these files again; True when a folder or an ignore file asks for a `scan` instead.

        may_wait: see `Store.replace`.
        """
        changed: list[str] = []
        missing: set[str] = set()
        for path in paths:
            self._rejected.pop(path, None)
            looked = self._walker.look(path)
            if isinstance(looked, Found):
                changed.append(looked.path)
            elif path not in self._marks and (self._walker.root / path).is_dir():
                return True
            else:
                missing.add(path)
        gone = self._known_in(missing)
        self._update(changed, gone, may_wait=may_wait and len(changed) + len(gone) <= _FEW_FILES)
        return False

    def optimize(self) -> None:
        self._store.optimize()
        self._unindexed = 0
        if self._attic:
            self._attic.optimize()

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

    def _update(self, paths: list[str], gone: Collection[str], *, may_wait: bool = False) -> None:
        self._is_bulk = len(gone) + sum(path in self._marks for path in paths) >= _BULK_FILES
        for part in _parts(sorted(gone)):
            self._write(_Batch(part), may_wait=may_wait)
        batch = _Batch()
        for done, outcome in enumerate(self._outcomes(paths)):
            if self.stop.is_set():
                return
            self._take(batch, outcome)
            if batch.is_full():
                self._write(batch, is_long=len(paths) >= _LONG_FILES)
                batch = _Batch()
            self._report_now_and_then(Progress("indexing", done + 1, len(paths)))
        self._write(batch, may_wait=may_wait)
        self._report(Progress("current", len(paths), len(paths)))

    def _report_now_and_then(self, progress: Progress) -> None:
        now = time.monotonic()
        if now - self._reported_s >= _REPORT_S:
            self._reported_s = now
            self._report(progress)

    def _outcomes(self, paths: Sequence[str]) -> Iterator[Outcome]:
        files = [(path, self._hashes_at_hand(path)) for path in paths]
        left = len(files)

        def read(file: Wanted) -> Outcome:
            nonlocal left
            self._give_way(left)
            left -= 1
            return self._reader.read(*file)

        if self._helpers is None:
            return map(read, files)
        return self._helpers.outcomes(files, read)

    def _hashes_at_hand(self, path: str) -> list[str]:
        mark = self._marks.get(path)
        seen = self._attic.known(path) if self._attic else ()
        return [*seen, *([mark.file_hash] if mark else [])]

    def _take(self, batch: _Batch, outcome: Outcome) -> None:
        path, mark, known = outcome.path, outcome.mark, self._marks.get(outcome.path)
        if mark is not None and outcome.reason == KNOWN:
            if known is not None and known.file_hash == mark.file_hash:
                self._marks[path] = mark  # touched, not changed: no need to write that down
            else:
                batch.again[path] = mark
        elif mark is not None and outcome.chunks:
            batch.add(FileChunks(path, mark, outcome.chunks), outcome.chars)
        else:
            self._rejected[path] = outcome.reason
            if known is not None:
                batch.gone.add(path)

    def _write(self, batch: _Batch, *, may_wait: bool = False, is_long: bool = False) -> None:
        if not batch:
            return
        if (
            self._unindexed > max(_UNINDEXED_ROWS, self._store.count_rows() // _UNINDEXED_SHARE)
            or self._store.commits > _MAX_COMMITS
        ):
            self.optimize()  # before the commit: a version that is a second old can be dropped
        rows = self._attic.rows(batch.again) if self._attic and batch.again else None
        found = set(rows.column("path").to_pylist()) if rows is not None else set[str]()
        for path in batch.again.keys() - found:  # it was there a moment ago
            self._take(batch, self._reader.read(path))
        again = {path: mark for path, mark in batch.again.items() if path in found}
        self._keep_old([*batch.gone, *again, *(file.path for file in batch.files)])
        self._store.replace(batch.files, batch.gone, rows, may_wait=may_wait, is_long=is_long)
        self._remember(batch.gone, {**again, **{file.path: file.mark for file in batch.files}})
        self._unindexed += sum(len(file.chunks) for file in batch.files)
        self._unindexed += rows.num_rows if rows is not None else 0

    def _remember(self, gone: Collection[str], marks: Mapping[str, Mark]) -> None:
        """A save changes no path, and what is worked out from all paths stays as it is."""
        if not (marks.keys() <= self._marks.keys() and self._marks.keys().isdisjoint(gone)):
            self.paths_number += 1
        for path in gone:
            self._marks.pop(path, None)
        self._marks.update(marks)

    def _keep_old(self, paths: Collection[str]) -> None:
        """What a branch switch replaces comes back with the next one."""
        old = [path for path in paths if path in self._marks]
        if self._attic and old and self._is_bulk:
            self._attic.keep(self._store.rows_of(old), self._store.count_rows())


class _Batch:
    """files: with new chunks. again: contents whose rows the attic has."""

    def __init__(self, gone: Iterable[str] = ()) -> None:
        self.gone = set(gone)
        self.files: list[FileChunks] = []
        self.again: dict[str, Mark] = {}
        self._chars = 0
        self._began_s = time.monotonic()

    def __bool__(self) -> bool:
        return bool(self.gone or self.files or self.again)

    def add(self, file: FileChunks, chars: int) -> None:
        self.files.append(file)
        self._chars += chars

    def is_full(self) -> bool:
        return (
            len(self.files) + len(self.gone) + len(self.again) >= MAX_BATCH_FILES
            or self._chars >= MAX_BATCH_CHARS
            or (bool(self) and time.monotonic() - self._began_s > _MAX_BATCH_S)
        )


def _parts(paths: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(paths), MAX_BATCH_FILES):
        yield paths[start : start + MAX_BATCH_FILES]


def _folders_of(path: str) -> Iterator[str]:
    while path := path.rpartition("/")[0]:
        yield path
