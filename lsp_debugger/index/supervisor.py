"""Keeps one worker process going: starts it, opens its workspace, replaces it, lets it go when idle.

Everything here runs on the loop and returns at once.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from lsp_debugger import spawn
from lsp_debugger.core.errors import IndexUnavailable, LspDebuggerError
from lsp_debugger.index import messages, priority
from lsp_debugger.index.link import Link, Process

_log = logging.getLogger(__name__)

MAX_RESTARTS = 3
RESTART_WINDOW_S = 600.0
_FIRST_BACKOFF_S = 0.5
_SHED_PAUSE_S = 60.0  # a worker that is past its cap sooner than this is no better than the last one

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

# What begins the phases in which nothing is left to do.
RESTING = ("current", "put off", "reading")

OnProgress = Callable[[str, int, int], None]
OnProblem = Callable[[str, str], None]


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
        vectors = vectors_shown(known.get("vectors"))
        return ", ".join([*parts, *filter(None, [vectors, known.get("problem") or self.reason])])


def vectors_shown(vectors: Mapping[str, Any] | None) -> str:
    """As `Vectors.status` has it; empty where they are off."""
    if not vectors:
        return ""
    shown = f"vectors of {vectors['model']}" if vectors["model"] else "no vectors yet"
    if vectors["done"] < vectors["total"]:
        shown += f" ({vectors['done']:,} of {vectors['total']:,} for {vectors['wanted']})"
    if vectors["refused"]:
        shown += f", {vectors['refused']:,} kept back by policy"
    return f"{shown}: {vectors['problem']}" if vectors["problem"] else shown


class Supervisor:
    """opening: what a worker is told first. started, ready: called when a new one begins, and can answer.

    memory_bytes: a worker past it makes place for a fresh one, which goes on where it stopped.
    on_progress: told (phase, done, total), and as phase how a worker ended. on_problem: (message, hint).
    """

    def __init__(  # noqa: PLR0913 - keyword-only but for the first; each is one fact or one listener
        self,
        opening: messages.Params,
        *,
        memory_bytes: int,
        idle_s: float,
        start: Callable[[Path], Process],
        started: Callable[[], None],
        ready: Callable[[], None],
        on_progress: OnProgress | None,
        on_problem: OnProblem | None,
    ) -> None:
        self._opening = opening
        self._memory_bytes = memory_bytes
        self._idle_s = idle_s
        self._start_process = start
        self._started = started
        self._ready = ready
        self._on_progress = on_progress
        self._on_problem = on_problem
        self.status = IndexStatus("not started")
        self.version = "none"  # of the table, as the last answer said
        self.link: Link | None = None
        self._phase = ""
        self._because = "need"  # why the next worker starts
        self._is_too_big = False  # the one of now, once more
        self._used_s = 0.0
        self._shed_s = -_SHED_PAUSE_S
        self._ends: deque[float] = deque(maxlen=MAX_RESTARTS + 1)  # when workers ended on their own
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def warm(self) -> None:
        """Start the worker if there is none. A failure shows in `status`."""
        self._used_s = time.monotonic()
        if self.status.state in {"not started", "failed"} and self._may_start():
            self._start()

    def ready_link(self) -> Link | None:
        """The worker that can answer now."""
        return self.link if self.status.state == "ready" else None

    def answered(self, version: str, resident_bytes: int) -> None:
        self.version = version
        self._check_memory(resident_bytes)

    async def aclose(self) -> None:
        """End the worker, within a second as a rule. Nothing starts again after this."""
        self.status = IndexStatus("closed")
        self.version = "none"
        self._tell("closed")
        for timer in self._timers.values():
            timer.cancel()
        link, self.link = self.link, None
        if link is not None:
            await link.aclose()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def put_off(self, why: str) -> None:
        """The worker of now and those after it begin no long work. Without one this changes nothing yet."""
        self._opening["put_off"] = why
        if self.link is not None:
            self.link.notify("put_off", {"why": why})

    @property
    def is_resting(self) -> bool:
        """A worker is there and has nothing left to do."""
        return self.ready_link() is not None and self._phase.startswith(RESTING)

    def later(self, name: str, delay_s: float, function: Callable[[], None]) -> None:
        """Call it after a delay; a second call under the same name takes the first one's place."""

        def run() -> None:
            del self._timers[name]
            function()

        if name in self._timers:
            self._timers[name].cancel()
        self._timers[name] = asyncio.get_running_loop().call_later(delay_s, run)

    def is_waiting(self, name: str) -> bool:
        return name in self._timers

    def _may_start(self) -> bool:
        now = time.monotonic()
        return sum(now - ended < RESTART_WINDOW_S for ended in self._ends) <= MAX_RESTARTS

    def _start(self) -> None:
        if self.status.state == "closed" or self.link is not None:
            return
        self._opening["because"] = self._because
        self._because = "need"
        try:
            process = self._start_process(Path(self._opening["directory"]))
        except (LspDebuggerError, OSError) as exc:
            self._failed(f"the index worker cannot be started ({exc})")
            self._tell(self.status.state)
            return
        self.status = IndexStatus("starting")
        self._phase = "starting"
        self._is_too_big = False
        self.link = Link(process, self._notified, self._gone)
        self._spawn(self._open(self.link))
        self._started()
        self._check_idle()

    async def _open(self, link: Link) -> None:
        try:
            opened = await link.request("open", self._opening)
        except IndexUnavailable as exc:
            if link is self.link:  # it said why; when it ended instead, `_gone` has the word
                self.link = None
                self._failed(f"{exc}; {exc.hint}" if exc.hint else str(exc))
                self._tell(self.status.state)
                await link.aclose()
            return
        if link is self.link:
            self.status = IndexStatus("ready", details=opened)
            self._phase = opened["phase"]
            self.version = opened["version"]
            self._ready()

    def _failed(self, reason: str) -> None:
        self.status = IndexStatus("failed", reason)
        self._ends.append(time.monotonic())
        _log.warning("the index cannot be used: %s", reason)

    def _gone(self, link: Link) -> None:
        """A worker ended on its own: another one starts after a pause, three times in ten minutes."""
        if link is not self.link:
            return
        self.link = None
        self.version = "none"
        self._because = "memory" if self._is_too_big else "ended"
        what = "needs more memory than index.memory_mb" if self._is_too_big else "ended"
        self._failed(f"the index worker {what}")
        if self._may_start():
            self.status = IndexStatus("waiting", f"the index worker {what} and is started again")
            self.later("restart", _FIRST_BACKOFF_S * 2 ** (len(self._ends) - 1), self._start)
        self._tell(self.status.state)

    def _notified(self, method: str, params: messages.Params) -> None:
        if method == "problem":
            _log.warning("index: %s; %s", params["message"], params["hint"])
            self.status = replace(self.status, reason=params["message"])
            if self._on_problem:
                self._on_problem(params["message"], params["hint"])
        elif method == "progress":
            self._phase = params["phase"]
            if self._phase == "current":
                self.status = replace(self.status, reason="")
            self._check_memory(params["resident_bytes"])
            self._tell(params["phase"], params["done"], params["total"])

    def _tell(self, phase: str, done: int = 0, total: int = 0) -> None:
        if self._on_progress:
            self._on_progress(phase, done, total)

    def _check_memory(self, resident_bytes: int) -> None:
        """A worker past the cap leaves in order, and a fresh one takes its place: that is no failure."""
        link = self.link
        if link is None or resident_bytes <= self._memory_bytes:
            return
        _log.info("the index worker has grown to %d MB and is started anew", resident_bytes // 2**20)
        if time.monotonic() - self._shed_s < _SHED_PAUSE_S:
            self._is_too_big = True
            link.kill()  # again already: `_gone` counts it, so that this has an end
            return
        self._shed_s = time.monotonic()
        self.link = None
        self.version = "none"
        self._because = "memory"
        self.status = IndexStatus("waiting", "the index worker gives memory back")
        self._spawn(self._replace(link))

    async def _replace(self, link: Link) -> None:
        await link.aclose()
        self._start()

    def _check_idle(self) -> None:
        link = self.link
        if link is None:
            return
        if time.monotonic() - self._used_s < self._idle_s or not self.is_resting:
            self.later("idle", min(self._idle_s, 60.0), self._check_idle)
            return
        self.link = None
        self.version = "none"
        self.status = IndexStatus("not started")
        self._spawn(link.aclose())

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def start_worker(directory: Path, module: str = "lsp_debugger.index.worker") -> Process:
    """The real one, in the index's own folder. Its long work is last in line for the processor."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    return spawn.start(
        spawn.python_argv(module),
        cwd=directory,
        env=_THREAD_CAPS,
        stdin="pipe",
        stdout="pipe",
        stderr="null",
        nice=0 if priority.THREADS_HAVE_THEIR_OWN else priority.LAST_IN_LINE,
    )
