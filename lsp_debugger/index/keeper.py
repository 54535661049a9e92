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
from typing import Any

from lsp_debugger.core.errors import IndexUnavailable
from lsp_debugger.index import memory
from lsp_debugger.index.attic import Attic
from lsp_debugger.index.brake import LONG_FILES, Brake
from lsp_debugger.index.dirty import DirtyPaths, Work
from lsp_debugger.index.files import Reader
from lsp_debugger.index.holding import Holding
from lsp_debugger.index.ignore import IGNORE_FILES
from lsp_debugger.index.maintenance import Maintenance
from lsp_debugger.index.meter import Meter
from lsp_debugger.index.priority import step_back
from lsp_debugger.index.repository import Repository
from lsp_debugger.index.room import Room
from lsp_debugger.index.rows import Mark
from lsp_debugger.index.store import Store
from lsp_debugger.index.sync import Helpers, Progress, Sync
from lsp_debugger.index.veil import Form
from lsp_debugger.index.verify import verify
from lsp_debugger.index.walk import Walker

_log = logging.getLogger(__name__)
TICK_S = 1.0
PUT_OFF = "put off: "  # and why, in `progress`
_IDLE_S = 5.0  # nothing to do for so long, and maintenance may run
_FIRST_RETRY_S = 1.0  # after a write that failed; each next one waits twice as long
_RETRY_S = 30.0
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
        disk_bytes: int = 0,
    ) -> None:
        """problem: told (message, hint), each one line without source text.

        waits: long work makes way for others and spares the battery. disk_bytes: no new files past it; 0 is
        no limit.
        """
        self.dirty = DirtyPaths()
        self.searching = threading.Event()  # set while a search wants the processor
        self.progress = Progress("starting")
        self.directory = directory
        self.meter = Meter(directory)
        self._walker = walker
        self._reader = reader
        self._helpers = helpers
        self.repository = Repository(walker.root)
        self._fingerprint = fingerprint
        self._report = report
        self._problem = problem
        self._holding = Holding(directory, fingerprint, form, self._new_sync, problem)
        self._stop = threading.Event()
        self._brake = Brake(self._stop, self._paused) if waits else None
        self._room = Room(directory, disk_bytes)
        self._thread = threading.Thread(target=self._run, name="index-keeper", daemon=True)
        self._rebuild = False
        self._put_off: Progress | None = None  # how far the work was that waits for the next start
        self._failures = 0  # one after the other
        self._told = ""
        self._maintenance = Maintenance(self.meter)

    @property
    def is_writer(self) -> bool:
        return self._holding.sync is not None

    @property
    def is_current(self) -> bool:
        return self.progress.phase == "current"

    @property
    def is_put_off(self) -> bool:
        return self._put_off is not None

    @property
    def store(self) -> Store:
        """The open table. Raises IndexUnavailable while a reader waits for the writer's first commit."""
        return self._holding.store

    @property
    def skipped(self) -> Counter[str]:
        return self._holding.skipped

    def open(self, because: str = "need") -> None:
        """Become the writer, or a reader. Takes seconds: this imports LanceDB.

        because: why this process was started, see `Meter`. Raises IndexUnavailable when the index can
        neither be written nor read.
        """
        try:
            if self._holding.become_writer():
                self.meter.started(because)
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
        self._interrupt()
        self.dirty.wake()
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        if self.is_writer:
            self.meter.save()

    def release(self) -> None:
        """After `stop`: let another process become the writer."""
        self._holding.release()

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

    def put_off(self, why: str = "cancelled") -> None:
        """End the long work of now, and begin none: the rest waits for another start of the worker.

        What has rows by now stays current, and so do files that somebody names.
        """
        now = self.progress
        counts = (now.done, now.total) if now.phase.startswith(("indexing", "paused")) else (0, 0)
        self._put_off = self._put_off or Progress(f"{PUT_OFF}{why}", *counts)
        self._interrupt()
        self._note(self._put_off)
        self.dirty.wake()

    def compact(self) -> None:
        """Maintenance by the writing thread, now; see `Maintenance`. Raises IndexUnavailable."""
        if not self.is_writer:
            raise IndexUnavailable("another editor keeps this index", hint="close it, or leave it the work")
        self._maintenance.compaction(self.dirty.wake)

    def verify(self) -> dict[str, int]:
        """See verify.py. Raises IndexUnavailable."""
        return verify(self.store, self._reader, self.mark_of)

    def mark_of(self, path: str) -> Mark | None:
        return self._holding.mark_of(path)

    def marks(self) -> dict[str, Mark]:
        return self._holding.marks()

    def numbered_paths(self) -> tuple[int, Collection[str]]:
        return self._holding.numbered_paths()

    def metrics(self) -> dict[str, Any]:
        """For `index status`, see `Meter.shown`."""
        return {**self.meter.shown(), "peak_bytes": memory.peak_bytes()}

    def let_search(self) -> None:
        """Wait a moment while somebody searches. For any thread that does long work."""
        deadline_s = time.monotonic() + _YIELD_S
        while self.searching.is_set() and time.monotonic() < deadline_s:
            time.sleep(0.002)

    def _new_sync(self, store: Store) -> Sync:
        attic = Attic(self.directory, self._fingerprint, self.repository.identity)
        sync = Sync(store, self._walker, self._reader, self._note, self._give_way, attic, self._helpers)
        if self._stop.is_set():
            sync.stop.set()
        return sync

    def _interrupt(self) -> None:
        if self._holding.sync:
            self._holding.sync.stop.set()

    def _run(self) -> None:
        step_back()
        idle_since_s = time.monotonic()
        while not self._stop.is_set():
            try:
                if not self.is_writer and self._holding.become_writer():
                    self.meter.started("need")
                    self.dirty.add_everything()
                if self.repository.head_moved():
                    self.dirty.add_everything()
                work = self.dirty.take(TICK_S, self._stop)
                if self._holding.sync is None:
                    continue
                if work is not None:
                    self._do(work)
                    self._failures, self._told = 0, ""
                    idle_since_s = time.monotonic()
                elif self._maintenance.is_asked or time.monotonic() - idle_since_s > _IDLE_S:
                    self._maintain(self._holding.sync)
                    idle_since_s = time.monotonic()
                self.store.commit_if_due()
            except IndexUnavailable as exc:
                self._failed(exc)
            except BaseException as exc:  # noqa: BLE001  a bug or a native panic may not end the index for good
                _log.exception("the index keeper stumbled")
                self._failed(IndexUnavailable(f"the index worker failed ({type(exc).__name__})"))
        with contextlib.suppress(IndexUnavailable):  # what is not written is read again
            if self.is_writer:
                self.store.commit()

    def _do(self, work: Work) -> None:
        if self._rebuild:
            self._rebuild = False
            self._holding.make_anew()
        sync = self._holding.sync
        assert sync is not None, "only the writer works"
        limited = self.is_put_off
        paths = sync.paths if limited and work.everything else work.paths
        scans = work.everything and not limited
        if not scans:
            scans = sync.refresh(paths, may_wait=True) and not limited
        if scans:
            sync.scan()
        if sync.stop.is_set() and not self._stop.is_set():  # put off in the middle of it
            sync.stop.clear()
            if limited or (not scans and len(paths) < LONG_FILES):
                self.dirty.add(paths)
        self._note(Progress("current", self.progress.done, self.progress.total))
        if scans and self.store.unindexed_rows() and not self._stop.is_set():
            self._maintenance.optimize(sync)  # those rows are found already, by looking at each
        if work.everything:
            memory.release()
            self._note(self.progress)

    def _maintain(self, sync: Sync) -> None:
        if self._maintenance.run(self.store, sync):
            self._note(self.progress)
        self.meter.save()

    def _failed(self, exc: IndexUnavailable) -> None:
        """A broken table is made anew; for anything else (a full disk) time may help."""
        self._tell(str(exc), exc.hint)
        if self.is_writer and not self._holding.is_readable():
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

    def _note(self, progress: Progress) -> None:
        if self._put_off and progress.phase == "current":
            progress = self._put_off
        self.progress = progress
        self._report(progress)

    def _paused(self, why: str) -> None:
        self._note(Progress(f"paused: {why}", self.progress.done, self.progress.total))

    def _give_way(self, files_left: int) -> None:
        """Between two files: whoever asks a question comes first."""
        if self._brake:
            self._brake.wait(files_left)
        self.let_search()
        sync = self._holding.sync
        if sync and not self.is_put_off and self._room.is_used_up(lambda: self._maintenance.optimize(sync)):
            self.put_off("index.disk_mb is reached")
            self._problem(
                "the index takes as much disk as index.disk_mb allows: no new files come in",
                "raise it, or exclude folders in .gitignore; then restart the server",
            )
