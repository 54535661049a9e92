"""The ends of pipes on the loop: what arrives is handed on in the same turn, what cannot leave yet waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import IO, Any

from lsp_debugger import rpc
from lsp_debugger.core.errors import FrameInvalid

# A wrapped server may send what it likes; what no memory holds ends the joining, not the server.
MAX_BODY_BYTES = 1 << 30


class Inlet(asyncio.Protocol):
    """Bytes of one pipe as frames.

    take: gets each frame. lost: gets the bytes from where frames cannot be followed any more, and all that
    come later. ended: called once, at the end.
    """

    def __init__(
        self, take: Callable[[rpc.Frame], None], lost: Callable[[bytes], None], ended: Callable[[], None]
    ) -> None:
        self._take, self._lost, self._ended = take, lost, ended
        self._parser = rpc.FrameParser(MAX_BODY_BYTES)
        self._is_lost = False
        self._transport: asyncio.ReadTransport | None = None
        self._holds = 0

    async def open(self, pipe: IO[bytes]) -> None:
        """Raises ValueError when it is no pipe, socket or terminal."""
        await asyncio.get_running_loop().connect_read_pipe(lambda: self, pipe)

    def hold(self) -> None:
        """Stop reading until as many `release` as `hold` have been called."""
        self._holds += 1
        if self._holds == 1 and self._transport is not None and not self._transport.is_closing():
            self._transport.pause_reading()

    def release(self) -> None:
        self._holds -= 1
        if self._holds == 0 and self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        if self._holds:
            transport.pause_reading()

    def data_received(self, data: bytes) -> None:
        if self._is_lost:
            self._lost(data)
            return
        try:
            for frame in self._parser.frames(data):
                self._take(frame)
        except FrameInvalid:
            self._is_lost = True
            self._lost(self._parser.unread)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        if not self._is_lost:
            try:
                self._parser.finish()
            except FrameInvalid:  # it ended inside a message: whoever reads gets as much as there was
                self._lost(self._parser.unread)
        self._ended()


class Outlet(asyncio.BaseProtocol):
    """The writing end of a pipe. `send` never blocks; bytes leave in order.

    full, drained: called when more waits than a pipe holds, and when that is over. gone: once, when the
    reader has closed.
    """

    def __init__(
        self,
        *,
        full: Callable[[], None] = lambda: None,
        drained: Callable[[], None] = lambda: None,
        gone: Callable[[], None] = lambda: None,
    ) -> None:
        self._full, self._drained, self._gone = full, drained, gone
        self._transport: asyncio.WriteTransport | None = None
        self._early: list[bytes] = []
        self._is_full = self._is_closed = False

    async def open(self, pipe: IO[bytes]) -> None:
        """Raises ValueError when it is no pipe, socket or terminal."""
        await asyncio.get_running_loop().connect_write_pipe(lambda: self, pipe)

    @property
    def unsent_bytes(self) -> int:
        waiting = self._transport.get_write_buffer_size() if self._transport else 0
        return waiting + sum(map(len, self._early))

    def send(self, data: bytes) -> None:
        if self._transport is None:
            self._early.append(data)
        elif not self._transport.is_closing():
            self._transport.write(data)

    def close(self) -> None:
        """After what is still to leave."""
        self._is_closed = True
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        for data in self._early:
            transport.write(data)
        self._early.clear()
        if self._is_closed:
            transport.close()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        if self._is_full:
            self.resume_writing()
        self._gone()

    def pause_writing(self) -> None:
        self._is_full = True
        self._full()

    def resume_writing(self) -> None:
        self._is_full = False
        self._drained()
