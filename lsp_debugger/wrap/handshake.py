"""`initialize` and `shutdown`: the requests that every server gets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lsp_debugger import rpc
from lsp_debugger.wrap import capabilities
from lsp_debugger.wrap.envelope import Envelope
from lsp_debugger.wrap.gathering import Gathering, Gatherings
from lsp_debugger.wrap.ours import Ours
from lsp_debugger.wrap.peer import Peer
from lsp_debugger.wrap.shapes import obj

_DEFAULT_ENCODING = "utf-16"
# Once the first server has answered, the others have this long. Helix waits 20 s at all, Eglot 30.
_BEGIN_WITHIN_S, _LEAVE_WITHIN_S = 10.0, 1.0
_WARNING = 2


class Handshake:
    """Our server is started once the client has its answer: the real ones start undisturbed by it."""

    def __init__(
        self,
        client: Callable[[bytes], None],
        children: Sequence[Peer],
        ours: Ours,
        gatherings: Gatherings,
        open_ours: Callable[[], Callable[[bytes], None] | None],
    ) -> None:
        self._client, self._children, self._ours = client, children, ours
        self._gatherings, self._open_ours = gatherings, open_ours

    def takes(self, request: Envelope) -> bool:
        """Whether it was one of the two."""
        match request.method:
            case "initialize":
                self._send_to_all(self._offered(request))
                self._gatherings.begin(self._of_all(request, self._introduced, _BEGIN_WITHIN_S))
            case "shutdown":
                self._send_to_all(request.raw)
                self._ours.ask("shutdown", None, lambda _: None)
                self._gatherings.begin(self._of_all(request, _first_answer, _LEAVE_WITHIN_S))
            case _:
                return False
        return True

    def _of_all(
        self, request: Envelope, join: Callable[[Gathering], bytes], others_within_s: float
    ) -> Gathering:
        children = [each for each in self._children if not each.is_left_out]
        first = self._children[0].place
        return Gathering(
            request,
            children,
            join,
            is_enough=lambda gathering: first in gathering.replies,
            others_within_s=others_within_s,
        )

    def _send_to_all(self, raw: bytes) -> None:
        for child in self._children:
            child.send(raw)

    def _offered(self, request: Envelope) -> bytes:
        """Several servers have to count characters alike, and UTF-16 is what each of them can do."""
        if len(self._children) == 1:
            return request.raw
        given = obj(request.params, "capabilities")
        general = {**obj(given, "general"), "positionEncodings": [_DEFAULT_ENCODING]}
        params = {**request.params, "capabilities": {**given, "general": general}}
        return rpc.encode({**request.message, "params": params})

    def _introduced(self, gathering: Gathering) -> bytes:
        first = gathering.replies[self._children[0].place]
        if "error" in first.message:
            return first.raw  # it refused; there will be no session
        for child in self._children:
            self._introduce(child, gathering.replies.get(child.place))
        together = capabilities.merged([*(each.capabilities for each in self._children), capabilities.ours()])
        result = {**obj(first.result), "capabilities": together}
        # After the answer: its own start competes with nothing the client waits for.
        self._begin_ours(gathering.request.params, together.get("positionEncoding") or _DEFAULT_ENCODING)
        return rpc.encode({**first.message, "result": result})

    def _introduce(self, child: Peer, reply: Envelope | None) -> None:
        """One of several that does not come is not worth the others."""
        if reply is not None and "error" not in reply.message:
            child.capabilities = obj(reply.result, "capabilities")
            return
        child.leave_out()
        why = "refused `initialize`" if reply else f"did not answer `initialize` in {_BEGIN_WITHIN_S:.0f} s"
        said = f"lsp-debugger wrap: server {child.place + 1} {why} and is left out"
        params = {"type": _WARNING, "message": said}
        self._client(rpc.encode({"jsonrpc": "2.0", "method": "window/logMessage", "params": params}))

    def _begin_ours(self, params: dict[str, Any], encoding: str) -> None:
        send = self._open_ours()
        if send is not None:
            self._ours.begin(Peer(len(self._children), send), params, encoding)


def _first_answer(gathering: Gathering) -> bytes:
    first = gathering.first
    return first.raw if first else b""
