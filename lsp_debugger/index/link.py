"""The server's end of one worker process: messages out, answers in, never a wait on the loop.

Two threads sit on the pipes. That is the same on every platform, and a worker that does not read
cannot hold the editor up.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import queue
import threading
from collections.abc import Callable
from typing import IO, Any, Protocol

from lsp_debugger.core.errors import FrameInvalid, IndexUnavailable
from lsp_debugger.index import messages
from lsp_debugger.rpc import Message, encode, read_frames

_EXIT_TIMEOUT_S = 0.8  # for a worker to leave by itself
_KILL_TIMEOUT_S = 2.0


class Process(Protocol):
    """What `spawn.start` returns, as far as it matters here."""

    @property
    def pid(self) -> int: ...
    @property
    def stdin(self) -> IO[bytes] | None: ...
    @property
    def stdout(self) -> IO[bytes] | None: ...
    def kill_group(self) -> None: ...
    def close(self) -> None: ...


class Link:
    """Made, used and closed on the loop. `gone` is called once, there, when the process has ended."""

    def __init__(
        self,
        process: Process,
        notified: Callable[[str, messages.Params], None],
        gone: Callable[[Link], None],
    ) -> None:
        self._process = process
        self._notified = notified
        self._gone = gone
        self._loop = asyncio.get_running_loop()
        self._numbers = itertools.count(1)
        self._pending: dict[int, asyncio.Future[messages.Params]] = {}
        self._outgoing: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self._ended = asyncio.Event()
        self._writer = threading.Thread(target=self._write, name="index-link-out", daemon=True)
        self._writer.start()
        threading.Thread(target=self._read, name="index-link-in", daemon=True).start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def backlog(self) -> int:
        """Messages that the worker has not taken yet."""
        return self._outgoing.qsize()

    def notify(self, method: str, params: messages.Params) -> None:
        self._outgoing.put(messages.notification(method, params))

    async def request(
        self, method: str, params: messages.Params, timeout_s: float | None = None
    ) -> messages.Params:
        """The answer. Raises IndexUnavailable (the worker's own, or that it ended), TimeoutError."""
        if self._ended.is_set():
            raise IndexUnavailable("the index worker has ended")
        number = next(self._numbers)
        future: asyncio.Future[messages.Params] = self._loop.create_future()
        self._pending[number] = future
        self._outgoing.put(messages.request(number, method, params))
        try:
            return await asyncio.wait_for(future, timeout_s)
        except (asyncio.CancelledError, TimeoutError):
            self.notify("cancel", {"id": number})
            raise
        finally:
            self._pending.pop(number, None)

    def kill(self) -> None:
        self._process.kill_group()

    async def aclose(self) -> None:
        """End it: by its end of input, else by force. Within a second, as a rule."""
        self._outgoing.put(None)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._ended.wait(), _EXIT_TIMEOUT_S)
            return
        self.kill()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._ended.wait(), _KILL_TIMEOUT_S)

    def _write(self) -> None:
        stream = self._process.stdin
        if stream is None:
            return
        with contextlib.suppress(OSError):  # it has ended: the reading thread sees that too
            while (message := self._outgoing.get()) is not None:
                stream.write(encode(message))
                stream.flush()
        with contextlib.suppress(OSError):
            stream.close()

    def _read(self) -> None:
        stream: Any = self._process.stdout
        with contextlib.suppress(FrameInvalid, OSError, ValueError):
            for frame in read_frames(stream):
                self._call(self._received, frame.message())
        self._outgoing.put(None)
        self._process.kill_group()  # no more answers: it is of no use
        self._writer.join(_KILL_TIMEOUT_S)
        self._process.close()
        self._call(self._finished)

    def _call(self, function: Callable[..., None], *arguments: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self._loop.call_soon_threadsafe(function, *arguments)

    def _received(self, message: Message) -> None:
        number = message.get("id")
        if number is None:
            self._notified(message["method"], message["params"])
            return
        future = self._pending.get(number)
        if future is None or future.done():
            return
        error = messages.error_of(message)
        if error:
            future.set_exception(error)
        else:
            future.set_result(message["result"])

    def _finished(self) -> None:
        self._ended.set()
        for future in self._pending.values():
            if not future.done():
                future.set_exception(IndexUnavailable("the index worker has ended"))
        self._gone(self)
