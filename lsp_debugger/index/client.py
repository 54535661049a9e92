"""The server's side of the index: starts the worker at the first need, and lives without it.

Everything here runs on the loop and returns at once. While no worker is ready a search is empty; the
in-memory symbols answer then.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from lsp_debugger.core.errors import IndexUnavailable
from lsp_debugger.core.material import Hit
from lsp_debugger.core.ports import Query
from lsp_debugger.index import messages
from lsp_debugger.index.link import Process
from lsp_debugger.index.supervisor import IndexStatus, OnProblem, OnProgress, Supervisor, start_worker
from lsp_debugger.index.unsent import Unsent

_log = logging.getLogger(__name__)

IDLE_S = 600.0
SEARCH_TIMEOUT_S = 2.0
STATUS_TIMEOUT_S = 2.0
FLUSH_S = 0.3  # keystrokes in between travel as one text
_TOUCH_S = 0.05  # the worker waits for quiet by itself
_LOOK_S = 0.05
_MAX_QUERY_CHARS = 100_000
_MAX_BACKLOG = 100
_MAX_SILENCES = 3  # searches without an answer, one after the other


class IndexClient:
    """Implements `core.ports.Retriever` for one workspace folder.

    directory: the workspace's state directory; the index has a folder of its own in it.
    never_index: globs of the policy, relative to the root. known_values: secrets of our
    environment, which the worker does not inherit; they travel over its pipe. watches: the worker looks
    for changes on disk by itself, since nobody will tell. background: nobody waits for a build, so it
    makes way for other work and spares the battery. key: 32 bytes; the index holds no text then, and
    names and words only as hashes with this key. embeddings: off, or the model for vectors, see vectors.py;
    serving: what a worker that asks a server for them has to know.
    disk_mb: no new files once it takes so much, 0 is no limit.
    start: how to start the worker. on_progress, on_problem: see `Supervisor`.
    """

    def __init__(  # noqa: PLR0913 - keyword-only but for two; each is one fact about the folder
        self,
        root: str | Path,
        directory: str | Path,
        *,
        memory_mb: int = 800,
        disk_mb: int = 0,
        never_index: Sequence[str] = (),
        known_values: Sequence[str] = (),
        watches: bool = False,
        background: bool = False,
        key: bytes = b"",
        embeddings: str = "off",
        serving: Mapping[str, object] | None = None,
        idle_s: float = IDLE_S,
        start: Callable[[Path], Process] | None = None,
        on_progress: OnProgress | None = None,
        on_problem: OnProblem | None = None,
    ) -> None:
        opening: messages.Params = {
            "root": str(root),
            "directory": str(Path(directory) / "index"),
            "never_index": list(never_index),
            "known_values": list(known_values),
            "watches": watches,
            "background": background,
            "key": key.hex(),
            "embeddings": embeddings,
            "serving": dict(serving or {}),
            "memory_bytes": memory_mb * 2**20,
            "disk_bytes": disk_mb * 2**20,
            "put_off": "",
        }
        self._silences = 0
        self._unsent = Unsent()
        self._worker = Supervisor(
            opening,
            memory_bytes=memory_mb * 2**20,
            idle_s=idle_s,
            start=start or start_worker,
            started=self._started,
            ready=self._flush,
            on_progress=on_progress,
            on_problem=on_problem,
        )

    @property
    def version(self) -> str:
        """Names what the last search saw; `none` while nothing can answer."""
        return self._worker.version

    @property
    def pid(self) -> int | None:
        """The worker's, while there is one."""
        return self._worker.link.pid if self._worker.link else None

    def warm(self) -> None:
        """Start the worker if there is none. A failure shows in `status`."""
        self._worker.warm()

    async def search(self, query: Query, top_k: int) -> list[Hit]:
        """Nearest first; empty while no worker is ready, when it fails, and after two seconds."""
        self.warm()
        link = self._worker.ready_link()
        if link is None:
            return []
        try:
            return await self.find(query, top_k, SEARCH_TIMEOUT_S)
        except (IndexUnavailable, TimeoutError) as exc:
            _log.info("no answer from the index: %s", type(exc).__name__)
            self._silences += isinstance(exc, TimeoutError)
            if self._silences >= _MAX_SILENCES and link is self._worker.link:
                link.kill()  # it hangs: another one is started
            return []

    async def current(self, wait_s: float) -> bool:
        """Whether nothing is left to read in, also where another editor keeps the index."""
        self.warm()
        deadline_s = time.monotonic() + wait_s
        while not self._worker.is_resting:
            if self._worker.status.state in {"failed", "closed"} or time.monotonic() >= deadline_s:
                return False
            await asyncio.sleep(_LOOK_S)
        return True

    async def find(self, query: Query, top_k: int, timeout_s: float, *, merge: bool = True) -> list[Hit]:
        """As `search`, for a caller who wants to know why there is no answer.

        merge: neighbouring chunks become one hit. Raises IndexUnavailable, TimeoutError.
        """
        link = self._worker.ready_link()
        if link is None:
            raise IndexUnavailable(f"the index cannot answer ({self._worker.status})")
        self._flush()
        wanted = replace(query, text=query.text[:_MAX_QUERY_CHARS])
        params = {**messages.query_to_json(wanted), "top_k": top_k, "merge": merge}
        answer = await link.request("search", params, timeout_s)
        self._silences = 0
        self._worker.answered(answer["version"], answer["resident_bytes"])
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
        if self._worker.link is not None:  # else the next one looks at everything when it starts
            self._unsent.touch(path for path, _ in changes)
            self._flush_soon(_TOUCH_S)

    def put_off(self, why: str = "cancelled") -> None:
        """End the long work of now; the rest of it waits for another client, see `Keeper.put_off`."""
        self._worker.put_off(why)

    async def status(self) -> IndexStatus:
        """What there is now. Starts nothing."""
        link = self._worker.ready_link()
        if link is None:
            return self._worker.status
        try:
            details = await link.request("status", {}, STATUS_TIMEOUT_S)
            return replace(self._worker.status, details=details)
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

    async def aclose(self) -> None:
        """End the worker, within a second as a rule. Nothing starts again after this."""
        await self._worker.aclose()

    async def _asked(self, method: str, timeout_s: float) -> IndexStatus:
        link = self._worker.link
        if link is None:
            raise IndexUnavailable("no index worker is running")
        return replace(self._worker.status, details=await link.request(method, {}, timeout_s))

    def _started(self) -> None:
        self._silences = 0
        self._unsent.start_over()

    def _flush_soon(self, delay_s: float = FLUSH_S) -> None:
        name = f"flush {delay_s}"  # what is told sooner does not wait for what may be told later
        if self._worker.link is not None and not self._worker.is_waiting(name):
            self._worker.later(name, delay_s, self._flush)

    def _flush(self) -> None:
        """Tell the worker what is new, unless it lags behind: then later, with newer texts."""
        link = self._worker.link
        if link is None:
            return
        if link.backlog > _MAX_BACKLOG:
            self._flush_soon()
            return
        for method, params in self._unsent.take():
            link.notify(method, params)
