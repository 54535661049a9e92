"""A server in a thread of this process, and the raw end of its pipes."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from lsp_debugger.server.framing import Frame, FrameParser

if TYPE_CHECKING:
    from lsp_debugger.server.app import DebuggerServer

WAIT_S = 20.0  # how long a test waits for what has to come; nothing depends on it when it comes


class Peer:
    """The client's end: writes any bytes, keeps whatever comes back."""

    def __init__(self, server: DebuggerServer) -> None:
        self.server = server
        self.messages: list[dict[str, Any]] = []
        self.exit_code: int | None = None
        self.endings = 0
        self._arrived = threading.Condition()
        server_in, self.to_server = os.pipe()
        self._from_server, server_out = os.pipe()
        self._server_ends = (server_in, server_out)
        self._serving = threading.Thread(target=self._serve, daemon=True)
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._serving.start()
        self._reading.start()

    def raw(self, data: bytes) -> None:
        os.write(self.to_server, data)

    def send(self, *messages: Any) -> None:
        """All in one write, so that they arrive together."""
        bodies = [json.dumps({"jsonrpc": "2.0", **message}).encode() for message in messages]
        self.raw(b"".join(b"Content-Length: %d\r\n\r\n" % len(body) + body for body in bodies))

    def request(self, method: str, params: Any = None, request_id: int | str = 1) -> dict[str, Any]:
        self.send({"id": request_id, "method": method, "params": params})
        return self.reply(request_id)

    def initialize(self, **params: Any) -> dict[str, Any]:
        reply = self.request("initialize", {"processId": None, "capabilities": {}, **params}, "init")
        self.send({"method": "initialized", "params": {}})
        return reply["result"]

    def reply(self, request_id: int | str) -> dict[str, Any]:
        return self.wait(lambda message: message.get("id") == request_id and "method" not in message)

    def wait(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        def found() -> dict[str, Any] | None:
            return next(filter(wanted, self.messages), None)

        with self._arrived:
            assert self._arrived.wait_for(found, WAIT_S), f"it did not come; these did: {self.messages}"
            message = found()
        assert message
        self.messages.remove(message)
        return message

    def hang_up(self) -> None:
        if self.to_server >= 0:
            os.close(self.to_server)
            self.to_server = -1

    def wait_for_exit(self) -> int:
        self._serving.join(WAIT_S)
        assert self.exit_code is not None, "the server did not end"
        return self.exit_code

    def close(self) -> None:
        self.hang_up()
        self.wait_for_exit()
        for descriptor in self._server_ends:
            os.close(descriptor)
        self._reading.join(WAIT_S)
        os.close(self._from_server)

    def _serve(self) -> None:
        self.exit_code = self.server.serve(*self._server_ends, self._count_ending)

    def _count_ending(self) -> None:
        self.endings += 1

    def _read(self) -> None:
        parser = FrameParser()
        while data := os.read(self._from_server, 65536):
            with self._arrived:
                self.messages += [frame.value for frame in parser.feed(data) if isinstance(frame, Frame)]
                self._arrived.notify_all()


@pytest.fixture
def serve() -> Iterator[Callable[[DebuggerServer], Peer]]:
    peers = list[Peer]()

    def start(server: DebuggerServer) -> Peer:
        peers.append(Peer(server))
        return peers[-1]

    yield start
    for peer in peers:
        peer.close()
