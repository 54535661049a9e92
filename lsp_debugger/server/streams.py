"""The threads at the two pipes: the loop never waits for the editor, nor the editor for the loop."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import cast

from lsp_debugger.server.framing import BadFrame, Frame, FrameParser, RequestId

_log = logging.getLogger(__name__)
_READ_BYTES = 64 * 1024
# Beyond this much that the loop has not taken yet, the editor has to wait.
_MAX_WAITING_BYTES = 256 * 1024 * 1024
# Beyond this much that the client has not read, it is taken for dead.
_MAX_UNSENT_BYTES = 64 * 1024 * 1024
_FLUSH_TIMEOUT_S = 0.3
# What decides the exit code is handled even when `exit` has been read already.
_BEFORE_EXIT = ("initialize", "shutdown")


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A request that was cancelled before it was looked at."""

    request_id: RequestId


@dataclass(frozen=True, slots=True)
class InputEnded:
    """The editor has closed our input."""


Item = Frame | BadFrame | Withdrawn | InputEnded


class Inbox:
    """What was read and not handled yet. The loop takes one item a turn, in order, except that a cancel
    overtakes everything and withdraws a request that still waits here, and `exit` overtakes what it makes
    pointless.

    One a turn, because then what a handler has started runs its first step before the next message is
    handled: a request sees the documents as they were when it was sent.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, handle: Callable[[Item], None]) -> None:
        self._loop, self._handle = loop, handle
        self._lock = threading.Condition()
        self._urgent: deque[Item] = deque()
        self._waiting: deque[Item] = deque()
        self._waiting_bytes = 0
        self._scheduled = False
        self._closed = False

    def put(self, item: Item) -> None:
        """From the reading thread. Blocks while far too much is waiting."""
        with self._lock:
            self._lock.wait_for(lambda: self._closed or self._waiting_bytes < _MAX_WAITING_BYTES)
            if self._closed:
                return
            self._sort_in(item)
            if not self._scheduled:
                self._scheduled = True
                self._loop.call_soon_threadsafe(self._next)

    def close(self) -> None:
        """Take nothing more. On the loop, while it still runs."""
        with self._lock:
            self._closed = True
            self._urgent.clear()
            self._waiting.clear()
            self._lock.notify_all()

    def _sort_in(self, item: Item) -> None:
        method = method_of(item)
        if method == "$/cancelRequest":
            self._urgent.append(self._withdraw(item) or item)
            return
        if method == "exit":
            self._waiting = deque(each for each in self._waiting if method_of(each) in _BEFORE_EXIT)
            self._waiting_bytes = sum(map(_size_bytes, self._waiting))
        self._waiting.append(item)
        self._waiting_bytes += _size_bytes(item)

    def _withdraw(self, cancel: Item) -> Withdrawn | None:
        wanted = _member(_member(_value_of(cancel), "params"), "id")
        if not isinstance(wanted, int | str):
            return None
        for position, item in enumerate(self._waiting):
            if method_of(item) and _member(_value_of(item), "id") == wanted:
                self._waiting_bytes -= _size_bytes(item)
                del self._waiting[position]
                return Withdrawn(wanted)
        return None

    def _next(self) -> None:
        with self._lock:
            if self._urgent:
                item = self._urgent.popleft()
            elif self._waiting:
                item = self._waiting.popleft()
                self._waiting_bytes -= _size_bytes(item)
                self._lock.notify_all()
            else:
                self._scheduled = False
                return
        try:
            self._handle(item)
        finally:
            self._loop.call_soon(self._next)


class StdinReader(threading.Thread):
    """Owns the pipe from the editor, so that input is read whatever the loop and its threads do.

    ending: called from this thread as soon as `exit` or the end of the input has been read.
    """

    def __init__(self, descriptor: int, put: Callable[[Item], None], ending: Callable[[], None]) -> None:
        super().__init__(name="stdin", daemon=True)
        self._descriptor, self._put, self._ending = descriptor, put, ending

    def run(self) -> None:
        parser = FrameParser()
        try:
            while data := self._read():
                self._deliver(parser.feed(data))
            self._deliver(parser.finish())
        finally:
            self._ending()
            self._put(InputEnded())

    def _read(self) -> bytes:
        try:
            return os.read(self._descriptor, _READ_BYTES)
        except OSError:
            return b""

    def _deliver(self, items: Iterable[Frame | BadFrame]) -> None:
        for item in items:
            if method_of(item) == "exit":
                self._ending()
            self._put(item)


class StdoutWriter:
    """Owns the pipe to the editor. `write` returns at once; one thread writes everything in order.

    lost: called once, from any thread, when the client is gone or has stopped reading for good.
    """

    def __init__(
        self, descriptor: int, lost: Callable[[], None], *, max_unsent_bytes: int = _MAX_UNSENT_BYTES
    ) -> None:
        self._descriptor, self._lost, self._max_unsent_bytes = descriptor, lost, max_unsent_bytes
        self._changed = threading.Condition()
        self._unsent: deque[bytes] = deque()
        self._unsent_bytes = 0
        self._is_lost = False
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="stdout", daemon=True)
        self._thread.start()

    def write(self, data: bytes) -> None:
        with self._changed:
            if self._is_lost or self._closing:
                return
            self._unsent.append(data)
            self._unsent_bytes += len(data)
            overdue = self._unsent_bytes > self._max_unsent_bytes
            self._changed.notify()
        if overdue:
            _log.warning("the client does not read what it asked for")
            self._give_up()

    def close(self) -> None:
        """Take nothing more, and wait a moment for what is unsent."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join(_FLUSH_TIMEOUT_S)

    def _run(self) -> None:
        while (data := self._take()) is not None:
            try:
                while data:
                    data = data[os.write(self._descriptor, data) :]
            except OSError:
                self._give_up()
                return

    def _take(self) -> memoryview | None:
        with self._changed:
            self._changed.wait_for(lambda: self._unsent or self._closing or self._is_lost)
            if self._is_lost or not self._unsent:
                return None
            data = b"".join(self._unsent)
            self._unsent.clear()
            self._unsent_bytes = 0
            return memoryview(data)

    def _give_up(self) -> None:
        with self._changed:
            if self._is_lost:
                return
            self._is_lost = True
            self._unsent.clear()
            self._changed.notify()
        self._lost()


def method_of(item: Item) -> str:
    """The method of a request or notification, else empty."""
    method = _member(_value_of(item), "method")
    return method if isinstance(method, str) else ""


def _value_of(item: Item) -> object:
    return item.value if isinstance(item, Frame) else None


def _size_bytes(item: Item) -> int:
    return item.size_bytes if isinstance(item, Frame) else 0


def _member(value: object, name: str) -> object:
    return cast("dict[str, object]", value).get(name) if isinstance(value, dict) else None
