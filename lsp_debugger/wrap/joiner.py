"""Where each message goes. No input or output of its own: frames come in by calls and leave by calls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lsp_debugger import rpc
from lsp_debugger.wrap import capabilities, envelope, watching
from lsp_debugger.wrap.envelope import Envelope
from lsp_debugger.wrap.findings import PULL, PUSH, TOLD, Findings
from lsp_debugger.wrap.gathering import Gatherings, Later
from lsp_debugger.wrap.handshake import Handshake
from lsp_debugger.wrap.names import CANCEL_PROGRESS, Names
from lsp_debugger.wrap.ours import Ours
from lsp_debugger.wrap.peer import Peer
from lsp_debugger.wrap.requests import Requests
from lsp_debugger.wrap.shapes import obj, objects, uri_of

FOREIGN_DIAGNOSTICS = "lspDebugger/foreignDiagnostics"
PUBLISH = "textDocument/publishDiagnostics"
# What our server hears of what the client says.
_FOR_OURS = frozenset({
    "textDocument/didOpen", "textDocument/didChange", "textDocument/didSave", "textDocument/didClose",
    "workspace/didChangeWatchedFiles", "workspace/didChangeWorkspaceFolders",
    "workspace/didChangeConfiguration", "window/workDoneProgress/cancel", "$/cancelRequest", "$/setTrace",
})  # fmt: skip


class Joiner:
    """client: takes whole frames. children: the real servers, in their order; never empty.

    open_ours: starts our server, and returns how to send to it, or None when that failed.
    """

    def __init__(
        self,
        client: Callable[[bytes], None],
        children: Sequence[Peer],
        open_ours: Callable[[], Callable[[bytes], None] | None],
        later: Later,
    ) -> None:
        self._client, self._children = client, children
        self._ours = Ours()
        self._findings = Findings()
        self._gatherings = Gatherings(client, later)
        self._requests = Requests(
            client, children, self._ours, self._findings, self._gatherings, self._tell_ours
        )
        self._handshake = Handshake(client, children, self._ours, self._gatherings, open_ours)
        self._names = Names(children[0], self._ours.new_id)
        self._own_uris: set[str] = set()  # documents with findings of our server
        self.has_exited = False  # whether the client has said `exit`

    # From the client

    def from_client(self, frame: rpc.Frame) -> None:
        given = envelope.read(frame)
        if given.is_broken:
            self._first.send(given.raw)
        elif given.is_reply:
            self._take_reply_of_client(given)
        elif not given.is_request:
            self._take_notification(given)
        elif not self._handshake.takes(given):
            self._requests.take(given)

    @property
    def _first(self) -> Peer:
        return self._children[0]

    def _take_reply_of_client(self, given: Envelope) -> None:
        peer, raw = self._names.reply(given)
        peer.send(raw)

    def _take_notification(self, given: Envelope) -> None:
        if given.method == FOREIGN_DIAGNOSTICS:
            self._take_told(given)
            return
        if given.method.startswith("lspDebugger/"):
            self._ours.tell(given.raw)
            return
        if given.method == CANCEL_PROGRESS and (owner := self._names.cancelled_progress(given)):
            peer, raw = owner
            peer.send(raw)
            return
        for child in self._children:
            if raw := self._notified(child, given):
                child.send(raw)
        match given.method:
            case "textDocument/didChange":
                self._findings.edited(uri_of(given.params))
            case "$/cancelRequest":
                self._requests.cancelled(given.params.get("id"))
            case "exit":
                self.has_exited = True
                self._ours.tell(given.raw)
            case _:
                pass
        if given.method in _FOR_OURS:
            self._ours.tell(given.raw)

    def _notified(self, child: Peer, given: Envelope) -> bytes | None:
        """The frame that this server would get if it stood alone."""
        if given.method != watching.METHOD:
            return given.raw if capabilities.wants(child, given.method) else None
        changes = objects(given.params.get("changes"))
        peers = [*self._children, *([self._ours.peer] if self._ours.peer else ())]
        wanted = watching.wanted(child, peers, changes)
        if len(wanted) == len(changes):
            return given.raw
        return rpc.encode({**given.message, "params": {"changes": wanted}}) if wanted else None

    def _take_told(self, given: Envelope) -> None:
        """What an editor's plugin knows of yet other servers; what ours is told is always complete."""
        uri, version = uri_of(given.params), given.params.get("version")
        self._findings.keep(uri, self._ours_place, TOLD, given.params.get("diagnostics"))
        self._tell_ours(uri, version)

    # From the real servers

    def from_child(self, child: Peer, frame: rpc.Frame) -> None:
        if child.is_left_out:
            return
        given = envelope.read(frame)
        if given.is_reply:
            if not self._gatherings.takes_reply(child.place, given):
                self._client(given.raw)
                self._read_pulled(child, given)
        elif given.method == PUBLISH:
            self._published(child, given)
        else:
            self._client(self._names.to_client(child, given))

    def _published(self, child: Peer, given: Envelope) -> None:
        """A client keeps one list a document and server, and we are one server to it."""
        goes_through = len(self._children) == 1 and not self._own_uris
        if goes_through:
            self._client(given.raw)  # before it is read: large lists take a while
        uri = uri_of(given.params)
        self._findings.keep(uri, child.place, PUSH, given.params.get("diagnostics"))
        if len(self._children) > 1 or uri in self._own_uris:
            self._publish(given, uri)
        elif not goes_through:
            self._client(given.raw)
        self._tell_ours(uri, given.params.get("version"))

    def _publish(self, given: Envelope, uri: str) -> None:
        params = {**given.params, "diagnostics": self._findings.of(uri, way=PUSH)}
        self._client(rpc.encode({**given.message, "params": params}))

    def _read_pulled(self, child: Peer, given: Envelope) -> None:
        uri = self._requests.pulled(given)
        report = obj(given.result) if uri is not None else {}
        if uri is not None and report.get("kind") == "full":
            self._findings.keep(uri, child.place, PULL, report.get("items"))
            self._tell_ours(uri)

    def _tell_ours(self, uri: str, version: Any = None) -> None:
        found = [each for child in self._children for each in self._findings.of(uri, place=child.place)]
        found += self._findings.of(uri, way=TOLD)
        params = {"uri": uri, "diagnostics": found, "complete": True}
        self._ours.notify(
            FOREIGN_DIAGNOSTICS, {**params, "version": version} if isinstance(version, int) else params
        )

    # From our own server

    def from_ours(self, frame: rpc.Frame) -> None:
        given, peer = envelope.read(frame), self._ours.peer
        if given.is_broken or peer is None:
            return
        if given.is_reply:
            if not (self._ours.takes_reply(given) or self._gatherings.takes_own(given)):
                self._requests.take_own_reply(given)
        elif given.method == PUBLISH:
            self._published_by_ours(given)
        else:
            self._client(self._names.to_client(peer, given))

    def _published_by_ours(self, given: Envelope) -> None:
        uri, listed = uri_of(given.params), given.params.get("diagnostics")
        self._findings.keep(uri, self._ours_place, PUSH, listed)
        if listed:
            self._own_uris.add(uri)
        else:
            self._own_uris.discard(uri)
        self._publish(given, uri)

    def ours_ended(self) -> None:
        """From now on the real servers are alone."""
        self._ours.end()
        self._gatherings.ours_ended()
        self._requests.ours_ended()

    @property
    def _ours_place(self) -> int:
        return len(self._children)
