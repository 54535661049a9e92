"""The worker's end of its helpers: long builds use the other processors too."""

from __future__ import annotations

import contextlib
import os
import queue
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from lsp_debugger import spawn
from lsp_debugger.core.errors import FrameInvalid, LspDebuggerError, MessageInvalid
from lsp_debugger.index.chunker import outcome_from_json
from lsp_debugger.index.files import Outcome
from lsp_debugger.index.link import Process
from lsp_debugger.index.sync import Wanted
from lsp_debugger.rpc import Message, encode, read_frames

MIN_FILES = 400  # fewer are done before a helper has started
_UNIT_FILES = 16
_MAX_HELPERS = 3
_MAX_RESULTS = 8  # units that wait for the writer
_POLL_S = 0.1


class Chunkers:
    """Implements `sync.Helpers`. opening: what each helper is told first, see chunker.py.

    busy: nobody is to be disturbed by more processes now.
    """

    def __init__(
        self,
        opening: Message,
        busy: Callable[[], bool] = lambda: False,
        start: Callable[[], Process] | None = None,
        count: int | None = None,
    ) -> None:
        self._opening = opening
        self._busy = busy
        self._start = start or start_helper
        processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        self._count = min(_MAX_HELPERS, processors - 1) if count is None else count

    def outcomes(self, files: Sequence[Wanted], read: Callable[[Wanted], Outcome]) -> Iterator[Outcome]:
        """Every file's outcome once, in no order. What a helper leaves undone is read here."""
        if len(files) < MIN_FILES or self._count < 1 or self._busy():
            yield from map(read, files)
            return
        work = _Work(files)
        helpers = [_Helper(self._opening, work, self._start) for _ in range(self._count)]
        try:
            for helper in helpers:
                helper.start()
            yield from _shared(work, read)
        finally:
            work.stop.set()
            for helper in helpers:
                helper.end()


def _shared(work: _Work, read: Callable[[Wanted], Outcome]) -> Iterator[Outcome]:
    left = work.files
    while left:
        with contextlib.suppress(queue.Empty):
            while True:
                done = work.results.get_nowait()
                left -= len(done)
                yield from done
        unit = work.next()
        if unit:
            for file in unit:
                yield read(file)
            left -= len(unit)
        elif left:
            with contextlib.suppress(queue.Empty):
                done = work.results.get(timeout=_POLL_S)
                left -= len(done)
                yield from done


class _Work:
    def __init__(self, files: Sequence[Wanted]) -> None:
        self.files = len(files)
        self.stop = threading.Event()
        self.results: queue.Queue[list[Outcome]] = queue.Queue(_MAX_RESULTS)
        self._units = deque(files[at : at + _UNIT_FILES] for at in range(0, len(files), _UNIT_FILES))

    def next(self) -> Sequence[Wanted]:
        """Empty when all of it is in somebody's hands."""
        try:
            return self._units.popleft()
        except IndexError:
            return ()

    def give_back(self, unit: Sequence[Wanted]) -> None:
        self._units.append(unit)

    def deliver(self, outcomes: list[Outcome]) -> None:
        while not self.stop.is_set():
            with contextlib.suppress(queue.Full):
                self.results.put(outcomes, timeout=_POLL_S)
                return


class _Helper:
    """One process, and the thread that feeds it."""

    def __init__(self, opening: Message, work: _Work, start: Callable[[], Process]) -> None:
        self._opening = opening
        self._work = work
        self._start_process = start
        self._process: Process | None = None
        self._thread = threading.Thread(target=self._run, name="index-helper", daemon=True)

    def start(self) -> None:
        with contextlib.suppress(LspDebuggerError, OSError):  # then there is one fewer
            self._process = self._start_process()
            self._thread.start()

    def end(self) -> None:
        if self._process is not None:
            self._process.kill_group()
            self._thread.join()
            self._process.close()

    def _run(self) -> None:
        unit: Sequence[Wanted] = ()
        try:
            stdin, stdout = self._process.stdin, self._process.stdout  # type: ignore[union-attr]
            assert stdin is not None
            stdin.write(encode(self._opening))
            frames = read_frames(stdout)  # pyright: ignore[reportArgumentType]  a buffered reader has read1
            while not self._work.stop.is_set() and (unit := self._work.next()):
                stdin.write(encode({"files": unit}))
                stdin.flush()
                read: list[list[Any]] = next(frames).message()["read"]
                outcomes = list(map(outcome_from_json, read))
                unit = ()
                self._work.deliver(outcomes)
        except (OSError, ValueError, StopIteration, FrameInvalid, MessageInvalid):
            if unit:
                self._work.give_back(unit)


def start_helper() -> Process:
    """In no folder of the workspace; as low in line for the processor as the worker itself."""
    return spawn.start(
        spawn.python_argv("lsp_debugger.index.chunker"),
        cwd=Path(os.sep),
        stdin="pipe",
        stdout="pipe",
        stderr="null",
        nice=19,
    )
