"""The index worker: a process of its own, so that the editor's loop never waits for it.

    python -m lsp_debugger.index.worker     speaks messages.py over stdin and stdout, ends with stdin

Three threads: this one reads messages, one answers them in order, one writes (keeper.py). Memory is
bounded from outside: the client starts a new worker when this one has grown past its cap.
"""

from __future__ import annotations

import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import BinaryIO

from lsp_debugger import guard
from lsp_debugger.core.errors import FrameInvalid, IndexUnavailable, MessageInvalid
from lsp_debugger.core.ports import Embedder
from lsp_debugger.index import messages
from lsp_debugger.index.desk import Desk
from lsp_debugger.index.messages import Params
from lsp_debugger.rpc import Message, encode, read_frames

STOP_TIMEOUT_S = 0.6


class Outbox:
    """Writes whole messages, from any thread. A client that is gone is no error: stdin ends soon."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def send(self, message: Message) -> None:
        try:
            with self._lock:
                self._stream.write(encode(message))
                self._stream.flush()
        except OSError:
            pass


MakeEmbedder = Callable[[Params, str], Embedder]


class Worker:
    """make_embedder: given what `open` said and the name of a model, see `vectors.Vectors`."""

    def __init__(self, outbox: Outbox, make_embedder: MakeEmbedder) -> None:
        self._outbox = outbox
        self._make_embedder = make_embedder
        self._desk: Desk | None = None
        self._waiting: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._cancelled: set[int] = set()

    def run(self, stdin: BinaryIO) -> None:
        """Until stdin ends or `close` is asked."""
        threading.Thread(target=self._answer_all, name="index-answers", daemon=True).start()
        try:
            for frame in read_frames(stdin):  # pyright: ignore[reportArgumentType]  a buffered reader has read1
                try:
                    message = frame.message()
                except MessageInvalid:
                    continue
                if message.get("method") == "close":
                    break
                if message.get("method") == "cancel":
                    self._cancelled.add(message["params"]["id"])
                else:
                    self._waiting.put(message)
        except FrameInvalid:
            pass  # the client is lost either way
        if self._desk is not None:
            self._desk.stop(STOP_TIMEOUT_S)

    def _answer_all(self) -> None:
        while True:
            message = self._waiting.get()
            number = message.get("id")
            try:
                value = self._handle(message)
                if number is not None:
                    self._outbox.send(messages.result(number, value or {}))
            # A bad message, or a panic in native code, which is no Exception: the next one is answered.
            except BaseException as exc:  # noqa: BLE001
                if number is not None:
                    self._outbox.send(messages.failure(number, exc))

    def _handle(self, message: Message) -> Params | None:
        method, params = message["method"], message["params"]
        if message.get("id") in self._cancelled:
            self._cancelled.discard(message["id"])
            raise IndexUnavailable("cancelled")
        if method == "open":
            desk = Desk(params, self._outbox.send, lambda name: self._make_embedder(params, name))
            if params["put_off"]:
                desk.keeper.put_off(params["put_off"])
            opened = desk.open()
            self._desk = desk
            return opened
        if self._desk is None:
            raise IndexUnavailable("no workspace is open")
        handlers: dict[str, Callable[[Params], Params | None]] = {
            "search": self._search,
            "status": self._desk.status,
            "optimize": self._desk.optimize,
            "verify": self._desk.verify,
            "changed": self._desk.changed,
            "touched": self._desk.touched,
            "put_off": self._put_off,
        }
        return handlers[method](params)

    def _search(self, params: Params) -> Params:
        assert self._desk is not None, "asked for once a workspace is open"
        began_s = time.perf_counter()
        answer = self._desk.search(params)
        self._desk.keeper.meter.searched(time.perf_counter() - began_s)
        return answer

    def _put_off(self, params: Params) -> None:
        assert self._desk is not None, "asked for once a workspace is open"
        self._desk.keeper.put_off(params["why"])


def embedded(_: Params, name: str) -> Embedder:
    """The model that needs no server. Raises IndexUnavailable for any other."""
    from lsp_debugger.index.embedding import EmbeddedModel

    if name != "embedded":
        raise IndexUnavailable(f"no model for vectors is called {name}", hint="see index.embeddings")
    return EmbeddedModel()


def main(make_embedder: MakeEmbedder = embedded) -> None:
    guard.install()
    os.umask(0o077)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the client's; it closes our stdin
    sys.setswitchinterval(0.001)  # a search comes through while a file is parsed
    # Whatever a library prints goes to stderr: stdout is for messages alone.
    outbox = Outbox(os.fdopen(os.dup(1), "wb"))
    os.dup2(2, 1)
    Worker(outbox, make_embedder).run(sys.stdin.buffer)
    # Not sys.exit: native threads may be in the middle of a write, which the table survives.
    os._exit(0)


if __name__ == "__main__":
    main()
