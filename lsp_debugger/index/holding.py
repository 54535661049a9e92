"""What this process has of an index: the table with the right to write it, or to read it alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from pathlib import Path

from lsp_debugger.core.errors import IndexUnavailable
from lsp_debugger.index.lock import WriterLock
from lsp_debugger.index.quarantine import quarantine
from lsp_debugger.index.rows import Mark
from lsp_debugger.index.store import Store
from lsp_debugger.index.sync import Sync
from lsp_debugger.index.veil import Form


class Holding:
    """make_sync: what writes into an open table. problem: told (message, hint), a line each.

    Reading is safe in any thread; becoming the writer, and making the table anew, is the writing thread's.
    """

    def __init__(
        self,
        directory: Path,
        fingerprint: str,
        form: Form | None,
        make_sync: Callable[[Store], Sync],
        problem: Callable[[str, str], None],
    ) -> None:
        self.directory = directory
        self.sync: Sync | None = None  # the writer has one
        self._fingerprint = fingerprint
        self._form = form
        self._make_sync = make_sync
        self._problem = problem
        self._lock = WriterLock(directory)
        self._store: Store | None = None
        self._read_marks: tuple[int, dict[str, Mark]] = (-1, {})

    @property
    def store(self) -> Store:
        """The open table. Raises IndexUnavailable while a reader waits for the writer's first commit."""
        if self._store is None:
            self._store = Store.open(self.directory, self._fingerprint, writable=False, form=self._form)
        return self._store

    @property
    def skipped(self) -> Counter[str]:
        return Counter(self.sync.skipped if self.sync else ())

    def become_writer(self) -> bool:
        """False while another process is the writer. Raises IndexUnavailable when nobody could be."""
        if not self._lock.acquire():
            return False
        self._store = store = self._opened_for_writing()
        if store.repaired:
            self._problem(f"the index is made anew: {store.repaired}", "")
        try:
            self.sync = self._new_sync(store)
        except IndexUnavailable:  # it opens, but some of it cannot be read
            self.make_anew()
        return True

    def make_anew(self) -> None:
        """Put the table away and begin another one. Raises IndexUnavailable."""
        quarantine(self.directory)
        self._store = store = self._opened_for_writing()
        self.sync = self._new_sync(store)
        self._problem("the index was broken and is made anew", "")

    def release(self) -> None:
        """Let another process become the writer."""
        self._lock.release()

    def mark_of(self, path: str) -> Mark | None:
        return self.sync.mark_of(path) if self.sync else self._marks_as_reader().get(path)

    def marks(self) -> dict[str, Mark]:
        """Of all files that have rows; a copy."""
        return self.sync.marks if self.sync else self._marks_as_reader()

    def numbered_paths(self) -> tuple[int, Collection[str]]:
        """The paths that have rows, under a number that changes with them."""
        if self.sync:
            return self.sync.paths_number, self.sync.paths
        return self._read_marks[0], self._marks_as_reader()

    def is_readable(self) -> bool:
        try:
            self.store.marks()
            self.store.match(["return"], 1)
        except IndexUnavailable:
            return False
        return True

    def _opened_for_writing(self) -> Store:
        return Store.open(self.directory, self._fingerprint, writable=True, form=self._form)

    def _new_sync(self, store: Store) -> Sync:
        sync = self._make_sync(store)
        sync.paths_number = self.sync.paths_number + 1 if self.sync else 0
        return sync

    def _marks_as_reader(self) -> dict[str, Mark]:
        store = self.store
        version = store.version
        if version != self._read_marks[0]:
            self._read_marks = (version, store.marks())
        return self._read_marks[1]
