"""Our end of the embedded engine: find it or start it, hold a lease, learn when it dies."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lsp_debugger import egress, spawn
from lsp_debugger.core.errors import BackendUnavailable
from lsp_debugger.core.model import Endpoint
from lsp_debugger.models.discovery import Note, Places, read_note, remove_note
from lsp_debugger.models.engine import Launch
from lsp_debugger.models.streaming import Dropped, Limits
from lsp_debugger.state import State

_log = logging.getLogger(__name__)

ENGINE_NAME = "the embedded engine"
_START_WITHIN_S = 15.0
# An engine without leases is gone well within this; one that stays is in use.
_OTHER_ENDS_WITHIN_S = 2.0
_LOOK_AGAIN_S = 0.05
# Opens a connection without taking a lease: the engine turns it away.
_NO_KEY = "0" * 64


@dataclass(frozen=True, slots=True)
class Lease:
    """A connection that keeps a ready engine alive; the engine ends soon after its last one."""

    endpoint: Endpoint
    key: str
    context_tokens: int
    _connection: egress.Lease
    _ended: asyncio.Task[None]

    @property
    def alive(self) -> bool:
        """False once the engine is known to be gone; it may be gone a moment earlier."""
        return not self._ended.done()

    def release(self) -> None:
        self._connection.close()
        self._ended.cancel()

    async def aclose(self) -> None:
        self.release()
        await asyncio.gather(self._ended, return_exceptions=True)
        await self._connection.aclose()


class EngineClient:
    """Leases on the one engine of this user, for one model. Safe to use from several tasks."""

    def __init__(self, state: State, places: Places, launch: Launch, limits: Limits) -> None:
        self.places = places
        self._state = state
        self._launch = launch
        self._ready_within_s = limits.first_token_s
        self._lease: Lease | None = None
        self._connecting: asyncio.Task[Lease] | None = None
        self._child: spawn.Child | None = None

    @property
    def held(self) -> Lease | None:
        """The lease in hand, if its engine lives."""
        return self._lease if self._lease is not None and self._lease.alive else None

    async def acquire(self) -> Lease:
        """The lease in hand, or one on a running engine, or on a new one. Waits until it is ready.

        Cancelling does not stop the loading: whoever asks next finds it done.
        Raises Dropped when the engine dies meanwhile, and BackendUnavailable: not installed, not
        loadable, too little memory, another model in use.
        """
        if (held := self.held) is not None:
            return held
        if self._connecting is None:
            self.release()
            self._connecting = asyncio.create_task(self._connect())
            self._connecting.add_done_callback(self._connected)
        return await asyncio.shield(self._connecting)

    def release(self) -> None:
        """Give the lease back; the engine ends unless others hold one."""
        if self._connecting is not None:
            self._connecting.cancel()
        lease, self._lease = self._lease, None
        if lease is not None:
            lease.release()

    async def aclose(self) -> None:
        """Give the lease back and wait until our end of it is gone."""
        lease, connecting = self._lease, self._connecting
        self.release()
        if connecting is not None:
            await asyncio.gather(connecting, return_exceptions=True)
        if lease is not None:
            await lease.aclose()

    def _connected(self, task: asyncio.Task[Lease]) -> None:
        self._connecting = None
        # Looking at the exception also says that it was seen, when everybody who waited has gone.
        if not task.cancelled() and task.exception() is None:
            self._lease = task.result()

    async def _connect(self) -> Lease:
        loop = asyncio.get_running_loop()
        give_up = loop.time() + _OTHER_ENDS_WITHIN_S
        while True:
            async with _held(self._state, self.places.lock):
                note, connection = await self._join() or await self._start()
            try:
                status = await self._until_ready(connection)
            except _TurnedAway:
                connection.close()
                if loop.time() > give_up:
                    raise
                await asyncio.sleep(_LOOK_AGAIN_S)
                continue
            except BaseException:
                connection.close()
                raise
            endpoint = (
                self.places.endpoint if self.places.has_sockets else Endpoint("llamacpp", status["url"])
            )
            ended = asyncio.create_task(connection.ended())
            return Lease(endpoint, note.key, status["context_tokens"], connection, ended)

    async def _join(self) -> _Joined | None:
        """Connect to the engine that left a note. None when there is none any more."""
        loop = asyncio.get_running_loop()
        give_up = loop.time() + _OTHER_ENDS_WITHIN_S
        while (note := read_note(self.places)) is not None:
            same = note.weights == self._launch.weights
            connection = await _connection(note, note.key if same else _NO_KEY)
            if connection is None:
                remove_note(self.places, note.start_id)  # it died without cleaning up
                return None
            if same:
                return note, connection
            connection.close()
            if loop.time() > give_up:
                other = Path(note.weights.path).name
                raise BackendUnavailable(
                    f"another editor uses the engine with another model ({other})",
                    "close that editor, or set llamacpp.model_path to the same file",
                )
            await asyncio.sleep(_LOOK_AGAIN_S)
        return None

    async def _start(self) -> _Joined:
        if self._child is not None:
            self._child.poll()  # reap the one before
        child = self._child = spawn.start(
            spawn.python_argv("lsp_debugger.models.engine"),
            cwd=self.places.directory,
            stdin="pipe",
            stdout="pipe",
            detached=True,
        )
        try:
            note, connection = await self._first_lease(child)
        except BaseException:
            child.kill_group()  # also when cancelled: nobody else knows of it yet
            raise
        _log.info("started the engine, process %d", child.pid)
        return note, connection

    async def _first_lease(self, child: spawn.Child) -> _Joined:
        """Tell a new engine what to load, and connect to it."""
        told = asyncio.ensure_future(asyncio.to_thread(_tell, child, self._launch))
        try:
            async with asyncio.timeout(_START_WITHIN_S):
                said = await asyncio.shield(told)
        except (TimeoutError, OSError) as exc:
            raise _not_started() from exc
        note = read_note(self.places)
        if said != b"leases\n" or note is None or note.pid != child.pid:
            raise _not_started()
        connection = await _connection(note, note.key)
        if connection is None:
            raise _not_started()
        return note, connection

    async def _until_ready(self, connection: egress.Lease) -> dict[str, Any]:
        """Read what the engine says of itself until the model is loaded."""
        ended: type[Dropped] = _TurnedAway
        try:
            async with asyncio.timeout(self._ready_within_s):
                while status := await connection.status():
                    if status["state"] == "ready":
                        return status
                    if status["state"] == "failed":
                        raise BackendUnavailable(status["reason"], status["hint"])
                    ended = Dropped
        except TimeoutError as exc:
            raise BackendUnavailable(
                f"loading the model takes longer than {self._ready_within_s:g} s",
                "raise answer.first_token_timeout_s, or use a smaller model",
            ) from exc
        raise ended(
            f"{ENGINE_NAME} ended while loading the model", "the file may be damaged, or memory too short"
        )


class _TurnedAway(Dropped):
    """Ended before its first word: an engine that was just about to end took the connection."""


_Joined = tuple[Note, egress.Lease]


async def _connection(note: Note, key: str) -> egress.Lease | None:
    try:
        return await egress.connect_lease(note.lease, key)
    except BackendUnavailable:
        return None


@contextlib.asynccontextmanager
async def _held(state: State, path: Path) -> AsyncGenerator[None, None]:
    """Hold a file lock: one process at a time looks for an engine and starts one."""
    lock = state.lock(path)
    entering = asyncio.ensure_future(asyncio.to_thread(lock.__enter__))
    try:
        await asyncio.shield(entering)
    except asyncio.CancelledError:
        # The thread goes on waiting; what it gets has to be given back.
        entering.add_done_callback(lambda done: done.exception() or lock.__exit__(None, None, None))
        raise
    try:
        yield
    finally:
        lock.__exit__(None, None, None)


def _tell(child: spawn.Child, launch: Launch) -> bytes:
    """Hand over the launch; returns the engine's first line, empty when it died. Blocks."""
    assert child.stdin is not None
    assert child.stdout is not None
    with child.stdin, child.stdout:
        child.stdin.write(launch.to_json())
        child.stdin.close()
        return child.stdout.readline()


def _not_started() -> BackendUnavailable:
    return BackendUnavailable(
        f"{ENGINE_NAME} could not be started", "see what `lsp-debugger doctor` says about it"
    )
