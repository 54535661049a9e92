"""Keeps the table current: the thread that writes, if this process is the one that may.

A second worker on the same workspace opens the table for reading, looks every few seconds whether the
writer has gone, and takes over then.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from pathlib import Path

from lsp_debugger.core.errors import IndexUnavailable
from lsp_debugger.index import memory
from lsp_debugger.index.attic import Attic
from lsp_debugger.index.brake import Brake
from lsp_debugger.index.dirty import DirtyPaths
from lsp_debugger.index.files import Reader
from lsp_debugger.index.ignore import IGNORE_FILES
from lsp_debugger.index.lock import WriterLock
from lsp_debugger.index.priority import step_back
from lsp_debugger.index.quarantine import quarantine
from lsp_debugger.index.repository import Repository
from lsp_debugger.index.rows import Mark
from lsp_debugger.index.store import Store
from lsp_debugger.index.sync import Helpers, Progress, Sync
from lsp_debugger.index.veil import Form
from lsp_debugger.index.verify import verify
from lsp_debugger.index.walk import Walker

_log = logging.getLogger(__name__)
TICK_S = 1.0
_IDLE_S = 5.0  # nothing to do for so long, and maintenance may run
_FIRST_RETRY_S = 1.0  # after a write that failed; each next one waits twice as long
_RETRY_S = 30.0
_COMPACTION_TIMEOUT_S = 600.0
_YIELD_S = 0.25  # longest pause for the sake of a search


class Keeper:
    """`open` first, then `start`. store, marks and status may be asked from another thread."""

    def __init__(  # noqa: PLR0913  its parts, handed in by the desk
        self,
        walker: Walker,
        directory: Path,
        reader: Reader,
        fingerprint: str,
        report: Callable[[Progress], None],
        problem: Callable[[str, str], None],
        *,
        form: Form | None = None,
        helpers: Helpers | None = None,
        waits: bool = False,
    ) -> None:
        """problem: told (message, hint), each one line without source text.

        waits: long work makes way for others and spares the battery.
        """
        self.dirty = DirtyPaths()
        self.searching = threading.Event()  # set while a search wants the processor
        self.progress = Progress("starting")
        self._walker = walker
        self.directory = directory
        self._reader = reader
        self._form = form
        self._helpers = helpers
        self._repository = Repository(walker.root)
        self._fingerprint = fingerprint
        self._report = report
        self._problem = problem
        self._lock = WriterLock(directory)
        self._store: Store | None = None
        self._sync: Sync | None = None
        self._stop = threading.Event()
        self._brake = Brake(self._stop, self._paused) if waits else None
        self._thread = threading.Thread(target=self._run, name="index-keeper", daemon=True)
        self._rebuild = False
        self._failures = 0  # one after the other
        self._told = ""
        self._compaction: threading.Event | None = None  # set by it when it is done
        self._read_marks: tuple[int, dict[str, Mark]] = (-1, {})

    @property
    def is_writer(self) -> bool:
        return self._sync is not None

    @property
    def is_current(self) -> bool:
        return self.progress.phase == "current"

    @property
    def store(self) -> Store:
        """The open table. Raises IndexUnavailable while a reader waits for the writer's first commit."""
        if self._store is None:
            self._store = Store.open(self.directory, self._fingerprint, writable=False, form=self._form)
        return self._store

    @property
    def skipped(self) -> Counter[str]:
        return Counter(self._sync.skipped if self._sync else ())

    def open(self) -> None:
        """Become the writer, or a reader. Takes seconds: this imports LanceDB.

        Raises IndexUnavailable when it can neither be written nor read.
        """
        try:
            if self._become_writer():
                return
        except IndexUnavailable as exc:
            try:  # what was indexed before is still found, where its file is as it was
                _ = self.store
            except IndexUnavailable:
                raise exc from None
            self._tell(str(exc), exc.hint)
            self.progress = Progress("reading: the index cannot be written")
            return
        with contextlib.suppress(IndexUnavailable):  # not there yet: asked again at each search
            _ = self.store
        self.progress = Progress("reading: another editor keeps the index")

    def start(self) -> None:
        self.dirty.add_everything()
        self._thread.start()

    def stop(self, timeout_s: float) -> None:
        self._stop.set()
        if self._sync:
            self._sync.stop.set()
        self.dirty.wake()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def touched(self, paths: Iterable[str]) -> None:
        """Files that may have changed on disk, relative to the root."""
        names = list(paths)
        if any(name.rpartition("/")[2] in IGNORE_FILES for name in names):
            self.dirty.add_everything()
        self.dirty.add(names)

    def rebuild(self) -> None:
        """The table turned out to be broken: put it away and make it anew, when its owner gets to it."""
        self._rebuild = True
        self.dirty.add_everything()

    def compact(self) -> None:
        """Maintenance by the writing thread, now; returns when it is done. Raises IndexUnavailable."""
        if not self.is_writer:
            raise IndexUnavailable("another editor keeps this index", hint="close it, or leave it the work")
        done = self._compaction = threading.Event()
        self.dirty.wake()
        if not done.wait(_COMPACTION_TIMEOUT_S):
            raise IndexUnavailable(
                "the index was not maintained in time", hint="try again when it is current"
            )

    def verify(self) -> dict[str, int]:
        """See verify.py. Raises IndexUnavailable."""
        return verify(self.store, self._reader, self.mark_of)

    def mark_of(self, path: str) -> Mark | None:
        return self._sync.mark_of(path) if self._sync else self._marks_as_reader().get(path)

    def numbered_paths(self) -> tuple[int, Collection[str]]:
        if self._sync:
            return self._sync.paths_number, self._sync.paths
        return self._read_marks[0], self._marks_as_reader()

    def _marks_as_reader(self) -> dict[str, Mark]:
        store = self.store
        version = store.version
        if version != self._read_marks[0]:
            self._read_marks = (version, store.marks())
        return self._read_marks[1]

    def _become_writer(self) -> bool:
        if not self._lock.acquire():
            return False
        self._store = store = self._opened_for_writing()
        if store.repaired:
            self._problem(f"the index is made anew: {store.repaired}", "")
        try:
            self._sync = self._new_sync(store)
        except IndexUnavailable:  # it opens, but some of it cannot be read
            self._make_anew()
        return True

    def _opened_for_writing(self) -> Store:
        return Store.open(self.directory, self._fingerprint, writable=True, form=self._form)

    def _new_sync(self, store: Store) -> Sync:
        attic = Attic(self.directory, self._fingerprint, self._repository.identity)
        sync = Sync(store, self._walker, self._reader, self._note, self._give_way, attic, self._helpers)
        sync.paths_number = self._sync.paths_number + 1 if self._sync else 0
        if self._stop.is_set():
            sync.stop.set()
        return sync

    def _make_anew(self) -> None:
        self._rebuild = False
        quarantine(self.directory)
        self._store = store = self._opened_for_writing()
        self._sync = self._new_sync(store)
        self._problem("the index was broken and is made anew", "")

    def _run(self) -> None:
        step_back()
        idle_since_s = time.monotonic()
        while not self._stop.is_set():
            try:
                if self._sync is None and self._become_writer():
                    self.dirty.add_everything()
                if self._repository.head_moved():
                    self.dirty.add_everything()
                work = self.dirty.take(TICK_S, self._stop)
                if self._sync is None:
                    continue
                if work is not None:
                    self._do(self._sync, everything=work.everything, paths=work.paths)
                    self._failures, self._told = 0, ""
                    idle_since_s = time.monotonic()
                elif self._compaction or time.monotonic() - idle_since_s > _IDLE_S:
                    self._maintain(self._sync)
                    idle_since_s = time.monotonic()
            except IndexUnavailable as exc:
                self._failed(exc)
            except BaseException as exc:  # noqa: BLE001  a bug or a native panic may not end the index for good
                _log.exception("the index keeper stumbled")
                self._failed(IndexUnavailable(f"the index worker failed ({type(exc).__name__})"))

    def _do(self, sync: Sync, *, everything: bool, paths: Collection[str]) -> None:
        if self._rebuild:
            self._make_anew()
            sync = self._sync or sync
        scans = everything or sync.refresh(paths)
        if scans:
            sync.scan()
        self._note(Progress("current", self.progress.done, self.progress.total))
        if scans and self.store.unindexed_rows() and not self._stop.is_set():
            sync.optimize()  # those rows are found already, by looking at each
        if everything:
            memory.release()
            self._note(self.progress)

    def _maintain(self, sync: Sync) -> None:
        compaction, self._compaction = self._compaction, None
        if compaction or self.store.needs_care():
            if compaction:
                try:
                    sync.compact()
                finally:
                    compaction.set()  # who waits for it has to go on, whatever became of it
            else:
                sync.optimize()
            memory.release()
            self._note(self.progress)

    def _failed(self, exc: IndexUnavailable) -> None:
        """A broken table is made anew; for anything else (a full disk) time may help."""
        self._tell(str(exc), exc.hint)
        if self._sync is not None and not self._is_readable():
            self._rebuild = True
        pause_s = min(_RETRY_S, _FIRST_RETRY_S * 2**self._failures)
        self._failures += 1
        if not self._stop.wait(pause_s):
            self.dirty.add_everything()

    def _tell(self, message: str, hint: str) -> None:
        """Once, until it is another one or things have been well in between."""
        if message != self._told:
            self._told = message
            self._problem(message, hint)

    def _is_readable(self) -> bool:
        try:
            self.store.marks()
            self.store.match(["return"], 1)
        except IndexUnavailable:
            return False
        return True

    def _note(self, progress: Progress) -> None:
        self.progress = progress
        self._report(progress)

    def _paused(self, why: str) -> None:
        self._note(Progress(f"paused: {why}", self.progress.done, self.progress.total))

    def _give_way(self, files_left: int) -> None:
        """Between two files: whoever asks a question comes first."""
        if self._brake:
            self._brake.wait(files_left)
        self.let_search()

    def let_search(self) -> None:
        """Wait a moment while somebody searches. For any thread that does long work."""
        deadline_s = time.monotonic() + _YIELD_S
        while self.searching.is_set() and time.monotonic() < deadline_s:
            time.sleep(0.002)
