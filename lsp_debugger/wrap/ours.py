"""Our own server as just the last child: nothing of the others waits for it or ends with it."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from lsp_debugger import rpc
from lsp_debugger.wrap.envelope import Envelope, RequestId
from lsp_debugger.wrap.peer import Peer
from lsp_debugger.wrap.shapes import obj

Reply = Callable[[Envelope | None], None]

_MAX_BACKLOG_BYTES = 64 * 1024 * 1024
_SECTION = "lspDebugger"


class Ours:
    """From not started over starting to ready, and to gone from anywhere.

    What it is told while it starts waits here. peer: None before it is started and after its end.
    """

    def __init__(self) -> None:
        self.peer: Peer | None = None
        self.is_ready = False
        self._backlog: list[bytes] = []
        self._backlog_bytes = 0
        self._prefix = f"lsp-debugger:{os.urandom(4).hex()}:"
        self._number = 0
        self._waiting: dict[RequestId, Reply] = {}

    def begin(self, peer: Peer, params: dict[str, Any], encoding: str) -> None:
        """params: the client's, of `initialize`. encoding: what the real servers use."""
        self.peer = peer
        peer.ask(self._next_id(self._begun), "initialize", initialize_params(params, encoding))

    def tell(self, raw: bytes) -> None:
        """Send a notification's frame, now or when it is ready."""
        if self.peer is None:
            return
        if self.is_ready:
            self.peer.send(raw)
        elif self._backlog_bytes + len(raw) <= _MAX_BACKLOG_BYTES:
            self._backlog.append(raw)
            self._backlog_bytes += len(raw)

    def notify(self, method: str, params: Any) -> None:
        self.tell(rpc.encode({"jsonrpc": "2.0", "method": method, "params": params}))

    def ask(self, method: str, params: Any, reply: Reply) -> None:
        """A request of our own; `reply` gets None when there will be no answer."""
        if self.peer is None or not self.is_ready:
            reply(None)
        else:
            self.peer.ask(self._next_id(reply), method, params)

    def new_id(self) -> str:
        """An id that no other side uses."""
        self._number += 1
        return f"{self._prefix}{self._number}"

    def takes_reply(self, envelope: Envelope) -> bool:
        """Whether this was the answer to a request of `ask`."""
        reply = self._waiting.pop(envelope.id, None) if envelope.id is not None else None
        if reply is not None:
            reply(envelope)
        return reply is not None

    def end(self) -> None:
        """It is gone. Everybody who waits hears so."""
        self.peer, self.is_ready = None, False
        self._backlog.clear()
        waiting, self._waiting = self._waiting, {}
        for reply in waiting.values():
            reply(None)

    def _next_id(self, reply: Reply) -> str:
        request_id = self.new_id()
        self._waiting[request_id] = reply
        return request_id

    def _begun(self, envelope: Envelope | None) -> None:
        if envelope is None or self.peer is None:
            return
        if "error" in envelope.message:
            self.end()
            return
        self.peer.capabilities = obj(envelope.result, "capabilities")
        self.is_ready = True
        self.peer.tell("initialized", {})
        for raw in self._backlog:
            self.peer.send(raw)
        self._backlog.clear()


def initialize_params(params: dict[str, Any], encoding: str) -> dict[str, Any]:
    """The client's own, as far as they are about the client: the options are another server's."""
    capabilities = obj(params, "capabilities")
    general = {**obj(capabilities, "general"), "positionEncodings": [encoding]}
    return {
        **params,
        "processId": os.getpid(),
        "capabilities": {**capabilities, "general": general},
        "initializationOptions": {_SECTION: obj(params, "initializationOptions", _SECTION)},
    }
