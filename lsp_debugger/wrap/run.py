"""The processes and the loop: pipes to the client, to the real servers and to ours."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import IO, Literal

from lsp_debugger import rpc, spawn
from lsp_debugger.core.errors import LspDebuggerError, ToolFailed
from lsp_debugger.wrap.joiner import Joiner
from lsp_debugger.wrap.peer import Peer
from lsp_debugger.wrap.pipes import Inlet, Outlet

# How long a server may go on by itself after the client has gone.
_LEAVE_WITHIN_S = 10.0
# How long what a server said last may be on its way after its end.
_LAST_WORDS_S = 1.0
# Beyond this much that our server has not read, it is of no use any more.
_MAX_UNSENT_BYTES = 64 * 1024 * 1024
_SIGNALS = ("SIGTERM", "SIGINT", "SIGHUP")


def run(servers: Sequence[spawn.Child], own_argv: Sequence[str], stdin: int, stdout: int) -> int:
    """Join running servers until one of them ends; returns its exit code, negative for a signal.

    own_argv: how to start ours. stdin, stdout: descriptors of the client's pipes. Raises ToolFailed.
    """

    async def joined() -> int:
        return await _Joining(servers, own_argv).until_the_end(stdin, stdout)

    return asyncio.run(joined())


class _Joining:
    """Everything on the loop but the threads that wait for the ends of processes."""

    def __init__(self, servers: Sequence[spawn.Child], own_argv: Sequence[str]) -> None:
        self._servers, self._own_argv = servers, own_argv
        self._loop = asyncio.get_running_loop()
        self._code: asyncio.Future[int] = self._loop.create_future()
        self._sent = 0  # frames, to anybody
        self._is_leaving = False
        self._client_in = Inlet(self._from_client, self._lost_client, self._leave)
        self._client_out = Outlet(full=self._hold, drained=self._release, gone=self._client_closed)
        self._outs = [Outlet(full=self._client_in.hold, drained=self._client_in.release) for _ in servers]
        peers = [Peer(place, self._counted(out.send)) for place, out in enumerate(self._outs)]
        self._said_all = [asyncio.Event() for _ in servers]
        self._ins = [
            Inlet(partial(self._from_server, peer), self._lost_server, self._said_all[peer.place].set)
            for peer in peers
        ]
        self._client = self._counted(self._client_out.send)
        self._all_sent = asyncio.Event()
        self._joiner = Joiner(self._client, peers, self._open_ours, self._loop.call_later)
        self._first = peers[0]
        self._ours: spawn.Child | None = None
        self._ours_in: Inlet | None = None
        self._ours_out: Outlet | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def until_the_end(self, stdin: int, stdout: int) -> int:
        self._heed_signals()
        try:
            await self._client_out.open(_unbuffered(stdout, "wb"))
            for server, inlet, outlet in zip(self._servers, self._ins, self._outs, strict=True):
                await outlet.open(_pipe(server.stdin))
                await inlet.open(_pipe(server.stdout))
            await self._client_in.open(_unbuffered(stdin, "rb"))
        except ValueError as exc:
            raise ToolFailed(
                "wrap speaks over pipes, and its input or output is a file",
                hint="let an editor start it: its command for a language server",
            ) from exc
        for place in range(len(self._servers)):
            threading.Thread(target=self._await_end, args=(place,), daemon=True).start()
        code = await self._code
        await self._close()
        return code

    # Frames

    def _from_client(self, frame: rpc.Frame) -> None:
        self._safely(partial(self._joiner.from_client, frame), partial(self._first.send, frame.raw))

    def _from_server(self, peer: Peer, frame: rpc.Frame) -> None:
        self._safely(partial(self._joiner.from_child, peer, frame), partial(self._client, frame.raw))

    def _from_ours(self, frame: rpc.Frame) -> None:
        self._safely(partial(self._joiner.from_ours, frame), lambda: None)

    def _safely(self, work: Callable[[], None], pass_on: Callable[[], None]) -> None:
        """A fault of ours costs what we would have added, never a message of somebody else's."""
        before = self._sent
        try:
            work()
        except Exception as fault:  # noqa: BLE001 - see above
            where = fault.__traceback__
            while where is not None and where.tb_next is not None:
                where = where.tb_next
            line = f"{where.tb_frame.f_code.co_name}:{where.tb_lineno}" if where else "?"
            _say(f"passed a message on as it was: {type(fault).__name__} in {line}")
            if self._sent == before:
                pass_on()

    def _counted(self, send: Callable[[bytes], None]) -> Callable[[bytes], None]:
        def count(data: bytes) -> None:
            self._sent += 1
            send(data)

        return count

    def _lost_client(self, data: bytes) -> None:
        """What is no frame is for the first server to judge."""
        self._drop_ours("the client sent what is no message")
        self._first.send(data)

    def _lost_server(self, data: bytes) -> None:
        """Nothing of ours may get between bytes that cannot be told apart."""
        self._drop_ours("a wrapped server sent what is no message")
        self._client(data)

    def _hold(self) -> None:
        for inlet in (*self._ins, *([self._ours_in] if self._ours_in else ())):
            inlet.hold()

    def _release(self) -> None:
        for inlet in (*self._ins, *([self._ours_in] if self._ours_in else ())):
            inlet.release()

    # Our server

    def _open_ours(self) -> Callable[[bytes], None] | None:
        try:
            child = spawn.start(
                self._own_argv,
                cwd=Path.cwd(),
                env=dict(os.environ),
                stdin="pipe",
                stdout="pipe",
                stderr="inherit",
            )
        except (LspDebuggerError, OSError) as error:
            _say(f"{error}; the wrapped server goes on alone")
            return None
        self._ours = child
        self._ours_out = Outlet()
        self._ours_in = Inlet(
            self._from_ours, lambda _: self._drop_ours("it sent what is no message"), self._ours_ended
        )
        task = self._loop.create_task(self._connect_ours(child, self._ours_in, self._ours_out))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return self._send_to_ours

    async def _connect_ours(self, child: spawn.Child, inlet: Inlet, outlet: Outlet) -> None:
        await outlet.open(_pipe(child.stdin))
        await inlet.open(_pipe(child.stdout))

    def _send_to_ours(self, data: bytes) -> None:
        if self._ours_out is None:
            return
        if self._ours_out.unsent_bytes > _MAX_UNSENT_BYTES:
            self._drop_ours("it does not read what it is sent")
        else:
            self._ours_out.send(data)

    def _ours_ended(self) -> None:
        if self._ours is not None and not self._is_leaving:
            self._drop_ours("its process has ended")

    def _drop_ours(self, why: str) -> None:
        if self._ours is None:
            return
        _say(f"our own server is gone, the wrapped one goes on alone: {why}")
        ours, self._ours = self._ours, None
        ours.kill_group()
        if self._ours_out is not None:
            self._ours_out.close()
        self._ours_in = self._ours_out = None
        self._joiner.ours_ended()

    # The end

    def _client_closed(self) -> None:
        self._all_sent.set()
        self._leave()

    def _leave(self) -> None:
        """The client has closed a pipe: the servers see the same, and get time to leave."""
        if self._is_leaving:
            return
        self._is_leaving = True
        for outlet in (*self._outs, *([self._ours_out] if self._ours_out else ())):
            outlet.close()
        self._loop.call_later(_LEAVE_WITHIN_S, spawn.kill_all)

    def _heed_signals(self) -> None:
        for name in _SIGNALS:
            number = getattr(signal, name, None)
            with contextlib.suppress(NotImplementedError, RuntimeError):
                if number is not None:
                    self._loop.add_signal_handler(number, self._pass_signal, number)

    def _pass_signal(self, number: int) -> None:
        for server in self._servers:
            if server.poll() is None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(server.pid, number)
        self._loop.call_later(_LEAVE_WITHIN_S, spawn.kill_all)

    def _await_end(self, place: int) -> None:
        code = self._servers[place].wait()
        with contextlib.suppress(RuntimeError):  # the loop has closed
            self._loop.call_soon_threadsafe(self._server_ended, place, code or 0)

    def _server_ended(self, place: int, code: int) -> None:
        """The end of the first server is ours; another one's is too, unless the client wanted it."""
        if place > 0 and (self._is_leaving or self._joiner.has_exited):
            return
        task = self._loop.create_task(self._settle(place, code))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _settle(self, place: int, code: int) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._said_all[place].wait(), _LAST_WORDS_S)
        if not self._code.done():
            self._code.set_result(code)

    async def _close(self) -> None:
        """Let the client have what it was sent, and everybody else the end of their input."""
        self._leave()
        self._client_out.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._all_sent.wait(), _LEAVE_WITHIN_S)
        if self._ours is not None:
            await asyncio.to_thread(self._ours.wait, _LAST_WORDS_S)
        spawn.kill_all()


def _unbuffered(descriptor: int, mode: Literal["rb", "wb"]) -> IO[bytes]:
    return open(descriptor, mode, buffering=0)


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None  # started with "pipe"
    return pipe


def _say(line: str) -> None:
    with contextlib.suppress(OSError, ValueError):
        print(f"lsp-debugger wrap: {line}", file=sys.stderr, flush=True)
