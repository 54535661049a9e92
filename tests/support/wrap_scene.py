"""A client, servers and ours around the joiner: no processes, and a clock that the test turns."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from lsp_debugger import rpc
from lsp_debugger.wrap import capabilities
from lsp_debugger.wrap.joiner import Joiner
from lsp_debugger.wrap.peer import Peer

URI = "file:///a.py"
HERE = {"start": {"line": 1, "character": 0}, "end": {"line": 1, "character": 4}}
FINDING = {"range": HERE, "message": "Undefined name", "source": "Ruff", "code": "F821", "data": {"own": 1}}
AT = {"textDocument": {"uri": URI}, "position": {"line": 1, "character": 2}}
ELSEWHERE = {"textDocument": {"uri": URI}, "position": {"line": 7, "character": 0}}
LISTING = {"textDocument": {"uri": URI}, "range": HERE, "context": {"diagnostics": []}}
EXPLAIN = {
    "title": "Explain: F821",
    "kind": "quickfix.explain",
    "command": {"title": "", "command": "lspDebugger.explain"},
}
FIX = {"title": "Import it", "kind": "quickfix", "data": {"lspDebugger": {"uri": URI}}}
EDIT = {"changes": {URI: [{"range": HERE, "newText": "x"}]}}
ABLE = {"hoverProvider": True, "codeActionProvider": True, "textDocumentSync": 2, "diagnosticProvider": {}}


class End:
    """What one side has been sent, and how it speaks."""

    def __init__(self) -> None:
        self.raw: list[bytes] = []
        self.speak: Callable[[rpc.Frame], None] = lambda _: None

    def take(self, data: bytes) -> None:
        self.raw.append(data)

    def say(self, message: dict[str, Any]) -> bytes:
        # Not as rpc.encode writes it, so that a message that was written anew shows.
        body = json.dumps({"jsonrpc": "2.0", **message}, indent=1).encode()
        raw = b"content-length: %d\n\n%b" % (len(body), body)
        self.speak(rpc.Frame(raw, body))
        return raw

    def ask(self, number: int | str, method: str, params: Any = None) -> bytes:
        return self.say({"id": number, "method": method, "params": params})

    def answer(self, number: Any, result: Any) -> bytes:
        return self.say({"id": number, "result": result})

    @property
    def heard(self) -> list[dict[str, Any]]:
        return [
            json.loads(raw.split(b"\n\n" if b"\r" not in raw[:40] else b"\r\n\r\n", 1)[1]) for raw in self.raw
        ]

    @property
    def last(self) -> dict[str, Any]:
        return self.heard[-1]

    def clear(self) -> None:
        self.raw.clear()


class Timer:
    def __init__(self, delay_s: float, act: Callable[[], None]) -> None:
        self.delay_s, self.act, self.is_cancelled = delay_s, act, False

    def cancel(self) -> None:
        self.is_cancelled = True


class Scene:
    """A client, servers and ours, past `initialize`; short of it where a server is silent, by its place."""

    def __init__(
        self,
        *announced: dict[str, Any],
        ours_starts: bool = True,
        offered: Any = None,
        silent: Sequence[int] = (),
    ) -> None:
        self.client, self.ours = End(), End()
        self.servers = [End() for _ in announced]
        self.timers: list[Timer] = []
        peers = self.peers = [Peer(place, server.take) for place, server in enumerate(self.servers)]
        self.joiner = Joiner(
            self.client.take, peers, lambda: self.ours.take if ours_starts else None, self._later
        )
        self.client.speak = self.joiner.from_client
        self.ours.speak = self.joiner.from_ours
        for peer, server in zip(peers, self.servers, strict=True):
            server.speak = lambda frame, peer=peer: self.joiner.from_child(peer, frame)
        self.hello = self.client.ask(0, "initialize", offered or {"capabilities": {}})
        for place, (server, each) in enumerate(zip(self.servers, announced, strict=True)):
            if place not in silent:
                server.answer(0, {"capabilities": each, "serverInfo": {"name": "real"}})
        self.introduced = None
        if silent:
            return
        self.introduced = self.client.last["result"]
        if ours_starts:
            self.begun = self.ours.last
            self.ours.answer(self.begun["id"], {"capabilities": dict(capabilities.ours())})
        self.client.say({"method": "initialized", "params": {}})

    @property
    def server(self) -> End:
        return self.servers[0]

    def _later(self, delay_s: float, act: Callable[[], None]) -> Timer:
        self.timers.append(Timer(delay_s, act))
        return self.timers[-1]

    def ring(self) -> float:
        """The next alarm goes off; says how long it would have taken."""
        timer = next(each for each in self.timers if not each.is_cancelled)
        timer.is_cancelled = True
        timer.act()
        return timer.delay_s

    def passes_back(self, number: int, result: Any) -> bool:
        """Whether the server's answer arrives as it was."""
        answered = self.server.answer(number, result)
        return self.client.raw[-1] == answered

    def publish(self, *found: dict[str, Any], server: int = 0, **more: Any) -> bytes:
        params = {"uri": URI, "diagnostics": list(found), **more}
        return self.servers[server].say({"method": "textDocument/publishDiagnostics", "params": params})
