"""Questions that run in the background: bounded, the latest wins, each with progress and a cancel."""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from lsp_debugger.server.documents import key_of
from lsp_debugger.server.editor import Editor
from lsp_debugger.server.logs import fault_of

_log = logging.getLogger(__name__)
_MAX_RUNNING = 4
_CLOSE_TIMEOUT_S = 0.8  # app.py gives one second to everything that closes
_REPORT_EVERY_S = 0.25


@dataclass(eq=False, slots=True)
class Job:
    """One running question.

    id: names its answer, also in files. token: the progress token, which some editors show as it is.
    key: verb, document and 0-based line; a newer question with the same key replaces this one.
    stopped_because: why it was cancelled, empty while it was not.
    is_settled: the answer stands and is being shown; it is too late to cancel.
    """

    id: str
    number: int
    label: str
    key: tuple[str, str, int]
    started_s: float
    stopped_because: str = ""
    is_settled: bool = False
    task: asyncio.Task[None] | None = field(default=None, repr=False)

    @property
    def token(self) -> str:
        return f"{self.key[0]} {self.label} #{self.number}"

    def stop(self, because: str) -> bool:
        """Cancel once; a second cancel would interrupt the tidying up. False when it was too late."""
        if self.stopped_because or self.is_settled or self.task is None or self.task.done():
            return False
        self.stopped_because = because
        return self.task.cancel()


class Jobs:
    """All running questions, each in a task of the loop; model work never runs on pygls' threads."""

    def __init__(self, max_running: int = _MAX_RUNNING) -> None:
        self._max_running = max_running
        self._numbers = itertools.count(1)
        self._running: dict[str, Job] = {}

    def start(
        self, uri: str, line: int, label: str, work: Callable[[Job], Awaitable[None]], verb: str = "explain"
    ) -> Job:
        """Begin `work` and return at once.

        The same place's earlier question of this kind is stopped, and the oldest one when too many run.
        """
        key = (verb, key_of(uri), line)
        for earlier in self.running():
            if earlier.key == key:
                earlier.stop("a newer question replaced it")
        active = [each for each in self.running() if not each.stopped_because]
        for oldest in active[: max(0, len(active) - self._max_running + 1)]:
            oldest.stop("too many questions at once")
        loop = asyncio.get_running_loop()
        job = Job(os.urandom(6).hex(), next(self._numbers), label, key, loop.time())
        self._running[job.id] = job
        job.task = loop.create_task(self._run(job, work), name=f"question {job.id}")
        # Not in the task itself: one that is cancelled before its first step never runs.
        job.task.add_done_callback(lambda _: self._running.pop(job.id, None))
        return job

    def running(self) -> list[Job]:
        """Oldest first; stopped ones stay until they have tidied up."""
        return list(self._running.values())

    def cancel(self, answer_id: str) -> bool:
        job = self._running.get(answer_id)
        return job is not None and job.stop("cancelled")

    def cancel_token(self, token: object) -> bool:
        """For `window/workDoneProgress/cancel`."""
        return any(job.stop("cancelled") for job in self.running() if job.token == token)

    async def wait(self, answer_id: str) -> None:
        """Until the question is answered or stopped, tidying up included."""
        job = self._running.get(answer_id)
        if job is not None and job.task is not None:
            await asyncio.wait([job.task])

    async def stop_all(self, because: str) -> None:
        """Stop everything and wait a moment for it."""
        tasks = [job.task for job in self.running() if job.task is not None]
        for job in self.running():
            job.stop(because)
        if tasks:
            _, slow = await asyncio.wait(tasks, timeout=_CLOSE_TIMEOUT_S)
            for task in slow:
                task.cancel()

    async def aclose(self) -> None:
        await self.stop_all("the server is closing")

    async def _run(self, job: Job, work: Callable[[Job], Awaitable[None]]) -> None:
        try:
            await work(job)
        except Exception as error:  # noqa: BLE001 - one failing question leaves the others running
            _log.error("question %s failed: %s", job.id, fault_of(error))


class Progress:
    """A progress bar that never delays the work: the client is asked for it meanwhile."""

    def __init__(self, editor: Editor, token: str, title: str, *, is_offered: bool) -> None:
        self._editor, self._token, self._title = editor, token, title
        self._created = asyncio.ensure_future(self._begin()) if is_offered else None
        self._message = ""
        self._phase = ""
        self._reported_s = float("-inf")

    def report(self, phase: str, tokens_per_s: float | None = None) -> None:
        """Show a phase; the speed within one phase at most four times a second."""
        self._message = phase if tokens_per_s is None else f"{phase}, {tokens_per_s:.1f} tokens/s"
        now = asyncio.get_running_loop().time()
        if not self._is_shown() or (phase == self._phase and now - self._reported_s < _REPORT_EVERY_S):
            return
        self._phase, self._reported_s = phase, now
        self._editor.report_progress(self._token, self._message)

    async def end(self, message: str) -> None:
        """Take it away; the client that has not answered by now never gets it."""
        if self._created is None:
            return
        if not self._created.done():
            await asyncio.wait([self._created], timeout=_REPORT_EVERY_S)
        if self._is_shown():
            self._editor.end_progress(self._token, message)
        else:
            self._created.cancel()

    async def _begin(self) -> bool:
        if not await self._editor.create_progress(self._token):
            return False
        self._editor.begin_progress(self._token, self._title)
        if self._message:
            self._editor.report_progress(self._token, self._message)
        return True

    def _is_shown(self) -> bool:
        created = self._created
        return created is not None and created.done() and not created.cancelled() and created.result()
