"""The server's side of the index: starts the worker at the first need, and lives without it.

Everything here runs on the loop and returns at once. While no worker is ready a search is empty; the
in-memory symbols answer then.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from lsp_debugger import spawn
from lsp_debugger.core.errors import IndexUnavailable, LspDebuggerError
from lsp_debugger.core.material import Hit
from lsp_debugger.core.ports import Query
from lsp_debugger.index import messages
from lsp_debugger.index.link import Link, Process
from lsp_debugger.index.unsent import Unsent

_log = logging.getLogger(__name__)

IDLE_S = 600.0
SEARCH_TIMEOUT_S = 2.0
STATUS_TIMEOUT_S = 2.0
FLUSH_S = 0.3  # keystrokes in between travel as one text
MAX_RESTARTS = 3
RESTART_WINDOW_S = 600.0
_FIRST_BACKOFF_S = 0.5
_MAX_QUERY_CHARS = 100_000
_MAX_BACKLOG = 100
_MAX_SILENCES = 3  # searches without an answer, one after the other

# Native libraries would start a thread a core each. LANCE_IO_THREADS stays as it is: LanceDB waits
# for itself when it has too few of them.
_THREAD_CAPS = {
    "RAYON_NUM_THREADS": "2",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "TOKIO_WORKER_THREADS": "2",
    "LANCE_CPU_THREADS": "2",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "MALLOC_ARENA_MAX": "2",
    "LANCEDB_LOG": "error",
}


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """state: not started | starting | ready | waiting | failed | closed. reason: why, where it is bad.

    details: what the worker says of itself, see `Desk.status`; empty while none is ready.
    """

    state: str
    reason: str = ""
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def __str__(self) -> str:
        if not self.details:
            return f"{self.state}: {self.reason}" if self.reason else self.state
        known = self.details
        phase = known["phase"]
        if phase == "indexing":
            phase += f" {known['done']:,} of {known['total']:,}"
        memory_mb = known["resident_bytes"] // 2**20
        parts = [
            f"{known['files']:,} files",
            f"{known['chunks']:,} chunks",
            phase,
            f"{memory_mb} MB in memory",
        ]
        return ", ".join([*parts, *filter(None, [known.get("problem") or self.reason])])


class IndexClient:
    """Implements `core.ports.Retriever` for one workspace folder.

    directory: the workspace's state directory; the index has a folder of its own in it.
    never_index: globs of the policy, relative to the root. known_values: secrets of our
    environment, which the worker does not inherit; they travel over its pipe. start: how to start the worker.
    on_progress: told (phase, done, total).
    """

    def __init__(  # noqa: PLR0913 - keyword-only but for two; each is one fact about the folder
        self,
        root: str | Path,
        directory: str | Path,
        *,
        memory_mb: int = 800,
        never_index: Sequence[str] = (),
        known_values: Sequence[str] = (),
        idle_s: float = IDLE_S,
        start: Callable[[Path], Process] | None = None,
        on_progress: Callable[[str, int, int], None] | None = None,
    ) -> None:
        self._root = Path(root)
        self._directory = Path(directory) / "index"
        self._memory_bytes = memory_mb * 2**20
        self._never_index = list(never_index)
        self._known_values = list(known_values)
        self._idle_s = idle_s
        self._start_process = start or start_worker
        self._on_progress = on_progress
        self._status = IndexStatus("not started")
        self._version = "none"
        self._phase = ""
        self._used_s = 0.0
        self._silences = 0
        self._link: Link | None = None
        self._unsent = Unsent()
        self._ends: deque[float] = deque(maxlen=MAX_RESTARTS + 1)  # when workers ended on their own
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def version(self) -> str:
        """Names what the last search saw; `none` while nothing can answer."""
        return self._version

    @property
    def pid(self) -> int | None:
        """The worker's, while there is one."""
        return self._link.pid if self._link else None

    def warm(self) -> None:
        """Start the worker if there is none. A failure shows in `status`."""
        self._used_s = time.monotonic()
        if self._status.state in {"not started", "failed"} and self._may_start():
            self._start()

    async def search(self, query: Query, top_k: int) -> list[Hit]:
        """Nearest first; empty while no worker is ready, when it fails, and after two seconds."""
        self.warm()
        link = self._link
        if link is None or self._status.state != "ready":
            return []
        try:
            return await self.find(query, top_k, SEARCH_TIMEOUT_S)
        except (IndexUnavailable, TimeoutError) as exc:
            _log.info("no answer from the index: %s", type(exc).__name__)
            self._silences += isinstance(exc, TimeoutError)
            if self._silences >= _MAX_SILENCES and link is self._link:
                link.kill()  # it hangs: `_gone` starts another
            return []

    async def find(self, query: Query, top_k: int, timeout_s: float, *, merge: bool = True) -> list[Hit]:
        """As `search`, for a caller who wants to know why there is no answer.

        merge: neighbouring chunks become one hit. Raises IndexUnavailable, TimeoutError.
        """
        link = self._link
        if link is None or self._status.state != "ready":
            raise IndexUnavailable(f"the index cannot answer ({self._status})")
        self._flush()
        wanted = replace(query, text=query.text[:_MAX_QUERY_CHARS])
        params = {**messages.query_to_json(wanted), "top_k": top_k, "merge": merge}
        answer = await link.request("search", params, timeout_s)
        self._silences = 0
        self._version = answer["version"]
        self._check_memory(answer["resident_bytes"])
        return [messages.hit_from_json(hit) for hit in answer["hits"]]

    def changed(self, path: str, text: str | None) -> None:
        """A buffer's text as it is now, or None: the disk's text is true again."""
        self._unsent.buffer(path, text)
        self._flush_soon()

    def saved(self, path: str) -> None:
        self.watched([(path, "changed")])

    def deleted(self, path: str) -> None:
        self._unsent.buffer(path, None)
        self.watched([(path, "deleted")])

    def moved(self, old: str, new: str) -> None:
        self.watched([(old, "deleted"), (new, "created")])

    def watched(self, changes: Iterable[tuple[str, str]]) -> None:
        """(path, created | changed | deleted) on disk; folders too. The worker looks for itself."""
        if self._link is not None:  # else the next one looks at everything when it starts
            self._unsent.touch(path for path, _ in changes)
            self._flush_soon()

    async def status(self) -> IndexStatus:
        """What there is now. Starts nothing."""
        link = self._link
        if link is None or self._status.state != "ready":
            return self._status
        try:
            return replace(self._status, details=await link.request("status", {}, STATUS_TIMEOUT_S))
        except (IndexUnavailable, TimeoutError):
            return IndexStatus("waiting", "the index worker is busy")

    async def compact(self, timeout_s: float) -> IndexStatus:
        """Index new rows, join fragments, drop every old version; the state after it.

        Raises IndexUnavailable, TimeoutError.
        """
        return await self._asked("optimize", timeout_s)

    async def verify(self, timeout_s: float) -> IndexStatus:
        """Hold every row against its file, see `Keeper.verify`. Raises IndexUnavailable, TimeoutError."""
        return await self._asked("verify", timeout_s)

    async def _asked(self, method: str, timeout_s: float) -> IndexStatus:
        if self._link is None:
            raise IndexUnavailable("no index worker is running")
        return replace(self._status, details=await self._link.request(method, {}, timeout_s))

    async def aclose(self) -> None:
        """End the worker, within a second as a rule. Nothing starts again after this."""
        self._status = IndexStatus("closed")
        self._version = "none"
        for timer in self._timers.values():
            timer.cancel()
        link, self._link = self._link, None
        if link is not None:
            await link.aclose()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _may_start(self) -> bool:
        now = time.monotonic()
        return sum(now - ended < RESTART_WINDOW_S for ended in self._ends) <= MAX_RESTARTS

    def _start(self) -> None:
        if self._status.state == "closed" or self._link is not None:
            return
        try:
            process = self._start_process(self._directory)
        except (LspDebuggerError, OSError) as exc:
            self._failed(f"the index worker cannot be started ({exc})")
            return
        self._status = IndexStatus("starting")
        self._silences = 0
        self._phase = "starting"
        self._link = Link(process, self._notified, self._gone)
        self._spawn(self._open(self._link))
        self._unsent.start_over()
        self._check_idle()

    async def _open(self, link: Link) -> None:
        params = {
            "root": str(self._root),
            "directory": str(self._directory),
            "never_index": self._never_index,
            "known_values": self._known_values,
        }
        try:
            opened = await link.request("open", params)
        except IndexUnavailable as exc:
            if link is self._link:  # it said why; when it ended instead, `_gone` has the word
                self._link = None
                self._failed(f"{exc}; {exc.hint}" if exc.hint else str(exc))
                await link.aclose()
            return
        if link is self._link:
            self._status = IndexStatus("ready", details=opened)
            self._version = opened["version"]
            self._flush()

    def _failed(self, reason: str) -> None:
        self._status = IndexStatus("failed", reason)
        self._ends.append(time.monotonic())
        _log.warning("the index cannot be used: %s", reason)

    def _gone(self, link: Link) -> None:
        """A worker ended on its own: another one starts after a pause, three times in ten minutes."""
        if link is not self._link:
            return
        self._link = None
        self._version = "none"
        self._failed("the index worker ended")
        if self._may_start():
            self._status = IndexStatus("waiting", "the index worker ended and is started again")
            self._later("restart", _FIRST_BACKOFF_S * 2 ** (len(self._ends) - 1), self._start)

    def _notified(self, method: str, params: messages.Params) -> None:
        if method == "problem":
            _log.warning("index: %s", params["message"])
            self._status = replace(self._status, reason=params["message"])
        elif method == "progress":
            self._phase = params["phase"]
            if self._phase == "current":
                self._status = replace(self._status, reason="")
            self._check_memory(params["resident_bytes"])
            if self._on_progress:
                self._on_progress(params["phase"], params["done"], params["total"])

    def _check_memory(self, resident_bytes: int) -> None:
        """A worker past the cap is ended; the next one goes on where it stopped."""
        if resident_bytes > self._memory_bytes and self._link is not None:
            _log.info("the index worker has grown to %d MB and is started anew", resident_bytes // 2**20)
            self._link.kill()

    def _check_idle(self) -> None:
        link = self._link
        if link is None:
            return
        if time.monotonic() - self._used_s < self._idle_s or self._phase != "current":
            self._later("idle", min(self._idle_s, 60.0), self._check_idle)
            return
        self._link = None
        self._version = "none"
        self._status = IndexStatus("not started")
        self._spawn(link.aclose())

    def _flush_soon(self) -> None:
        if self._link is not None and "flush" not in self._timers:
            self._later("flush", FLUSH_S, self._flush)

    def _flush(self) -> None:
        """Tell the worker what is new, unless it lags behind: then later, with newer texts."""
        if self._link is None:
            return
        if self._link.backlog > _MAX_BACKLOG:
            self._flush_soon()
            return
        for method, params in self._unsent.take():
            self._link.notify(method, params)

    def _later(self, name: str, delay_s: float, function: Callable[[], None]) -> None:
        def run() -> None:
            del self._timers[name]
            function()

        if name in self._timers:
            self._timers[name].cancel()
        self._timers[name] = asyncio.get_running_loop().call_later(delay_s, run)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def start_worker(directory: Path) -> Process:
    """The real one: last in line for the processor, in the index's own folder."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    return spawn.start(
        spawn.python_argv("lsp_debugger.index.worker"),
        cwd=directory,
        env=_THREAD_CAPS,
        stdin="pipe",
        stdout="pipe",
        stderr="null",
        nice=19,
    )
