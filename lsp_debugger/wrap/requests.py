"""The client's requests: most go to one server as they are; a few are answered by several, or by ours."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lsp_debugger import rpc
from lsp_debugger.wrap import capabilities, results
from lsp_debugger.wrap.envelope import Envelope, RequestId
from lsp_debugger.wrap.findings import PULL, Findings
from lsp_debugger.wrap.gathering import FIRST_TIME_S, NOTHING_ELSE_S, OURS_WITHIN_S, Gathering, Gatherings
from lsp_debugger.wrap.ours import Ours
from lsp_debugger.wrap.peer import Peer
from lsp_debugger.wrap.shapes import Json, obj, objects, uri_of

_OURS = "lspDebugger."  # begins the names of our commands
_SCHEME = "lspdbg:"  # of our documents
_PLACES = frozenset({
    "textDocument/definition", "textDocument/declaration", "textDocument/typeDefinition",
    "textDocument/implementation", "textDocument/references",
})  # fmt: skip
_REQUEST_FAILED = -32803
_GONE = "lsp-debugger is not running; the wrapped server is. Restart the language server to have it back"


class Requests:
    """Everything but `initialize` and `shutdown`."""

    def __init__(
        self,
        client: Callable[[bytes], None],
        children: Sequence[Peer],
        ours: Ours,
        findings: Findings,
        gatherings: Gatherings,
        found: Callable[[str], None],
    ) -> None:
        """found: called with a document about which something new is in `findings`."""
        self._found = found
        self._client, self._children, self._ours = client, children, ours
        self._findings, self._gatherings = findings, gatherings
        self._for_ours: set[RequestId] = set()
        self._pulls: dict[RequestId, str] = {}
        self._is_warm = False  # our server has answered a hover

    def take(self, request: Envelope) -> None:
        match request.method:
            case "textDocument/codeAction":
                self._code_actions(request)
            case "textDocument/hover":
                self._hover(request)
            case "codeAction/resolve":
                self._resolve(request)
            case "workspace/executeCommand":
                self._command(request)
            case "workspace/textDocumentContent" if str(request.params.get("uri")).startswith(_SCHEME):
                self._ask_ours(request)
            case "textDocument/diagnostic":
                self._pull(request)
            case method if len(self._children) > 1 and method in _PLACES:
                self._gather(request, self._providers(method), _join_places)
            case method if len(self._children) > 1 and not self._providers(method):
                # One server's own request: who knows it answers, and the others say that they do not.
                self._gather(request, self._children, _join_first, others_within_s=0)
            case method:
                self._provider(method).send(request.raw)

    def take_own_reply(self, given: Envelope) -> None:
        """Our server's answer to a request that it alone has got. What comes too late goes nowhere."""
        if given.id in self._for_ours:
            self._for_ours.discard(given.id)
            self._client(given.raw)

    def ours_ended(self) -> None:
        waiting, self._for_ours = self._for_ours, set()
        for request_id in waiting:
            self._client(_refusal(request_id))

    def cancelled(self, request_id: Any) -> None:
        """What a server still answers, it may make up: some answer a cancelled pull with an empty report."""
        self._pulls.pop(request_id, None)
        self._gatherings.cancelled(request_id)

    def pulled(self, reply: Envelope) -> str | None:
        """The document whose diagnostics a server's answer holds."""
        return self._pulls.pop(reply.id, None) if reply.id is not None else None

    def _providers(self, method: str) -> list[Peer]:
        return [each for each in self._children if capabilities.provides(each, method)]

    def _provider(self, method: str) -> Peer:
        return next(iter(self._providers(method)), self._children[0])

    def _ask_ours(self, request: Envelope) -> None:
        assert request.id is not None
        if self._ours.peer is None or not self._ours.is_ready:
            self._client(_refusal(request.id))
            return
        self._for_ours.add(request.id)
        self._ours.peer.send(request.raw)

    def _gather(
        self,
        request: Envelope,
        children: Sequence[Peer],
        join: Callable[[Gathering], bytes],
        *,
        with_ours: bool = False,
        own_arrived: Callable[[Gathering], None] | None = None,
        **more: Any,
    ) -> None:
        """more: of the Gathering."""
        peer = self._ours.peer if with_ours and self._ours.is_ready else None
        children = [each for each in children if not each.is_left_out]
        for number, child in enumerate(children):
            child.send(_asked_of(request, number, len(children)))
        if peer is not None:
            peer.send(request.raw)
        self._gatherings.begin(Gathering(request, children, join, own_arrived, peer is not None, **more))

    # Code actions

    def _code_actions(self, request: Envelope) -> None:
        children = self._providers(request.method)
        arrived = self._fetch_edits if children else None
        self._gather(request, children, self._join_actions, with_ours=True, own_arrived=arrived)

    def _fetch_edits(self, gathering: Gathering) -> None:
        """What our actions would write: to leave out those that a real server's action does too."""
        own = objects(gathering.own.result) if gathering.own else []
        for number, action in enumerate(own):
            if results.is_ours(action) and not action.get("edit"):
                gathering.pending.add(number)
                self._ours.ask("codeAction/resolve", action, self._edit_taker(gathering, number))

    def _edit_taker(self, gathering: Gathering, number: int) -> Callable[[Envelope | None], None]:
        def take(reply: Envelope | None) -> None:
            if reply is not None:
                gathering.own_edits[number] = obj(reply.result, "edit")
                gathering.pending.discard(number)
            self._gatherings.check(gathering)

        return take

    def _join_actions(self, gathering: Gathering) -> bytes:
        theirs = [
            action
            for child in gathering.children
            if child.place in gathering.replies
            for action in self._owned(child, objects(gathering.replies[child.place].result))
        ]
        own = objects(gathering.own.result) if gathering.own else []
        mine = [
            action
            for number, action in enumerate(own)
            if number not in gathering.pending
            and not results.is_made(action.get("edit") or gathering.own_edits.get(number), theirs)
        ]
        if not mine and len(gathering.children) == 1 and gathering.first:
            return gathering.first.raw
        if gathering.first and not gathering.results and "error" in gathering.first.message and not mine:
            return gathering.first.raw
        return _answer(gathering.request, [*theirs, *mine])

    def _owned(self, child: Peer, actions: list[Json]) -> list[Json]:
        return actions if len(self._children) == 1 else results.owned(actions, child.place)

    def _resolve(self, request: Envelope) -> None:
        action = request.params
        if results.is_ours(action):
            self._ask_ours(request)
            return
        owner = results.owner_of(action)
        child = self._children[owner[0]] if owner else self._provider(request.method)
        if not capabilities.resolves_actions(child):
            # It never offered to; we announced it for our own actions, and this one is complete.
            self._client(_answer(request, owner[1] if owner else action))
        elif owner:
            child.send(rpc.encode({**request.message, "params": owner[1]}))
        else:
            child.send(request.raw)

    def _command(self, request: Envelope) -> None:
        name = str(request.params.get("command"))
        if name.startswith(_OURS):
            self._ask_ours(request)
            return
        owners = [each for each in self._children if name in capabilities.commands(each)]
        next(iter(owners), self._provider(request.method)).send(request.raw)

    # Hovers and diagnostics

    def _hover(self, request: Envelope) -> None:
        """Ours has something to say only where something is reported: elsewhere nobody waits for it."""
        children = self._providers(request.method)
        asks_ours = not children or self._is_reported(request.params)
        if len(children) == 1 and not asks_ours:
            children[0].send(request.raw)
        else:
            self._gather(
                request,
                children,
                _join_hovers,
                with_ours=asks_ours,
                own_arrived=self._has_hovered,
                patience_s=self._patience_s,
            )

    def _has_hovered(self, _: Gathering) -> None:
        self._is_warm = True

    def _patience_s(self, gathering: Gathering) -> float:
        if not any(gathering.results):
            return NOTHING_ELSE_S
        return OURS_WITHIN_S if self._is_warm else FIRST_TIME_S

    def _is_reported(self, params: dict[str, Any]) -> bool:
        position = obj(params, "position")
        line, character = position.get("line"), position.get("character")
        if not (isinstance(line, int) and isinstance(character, int)):
            return False
        return self._findings.may_touch(uri_of(params), line, character)

    def _pull(self, request: Envelope) -> None:
        identifier = request.params.get("identifier")
        children = self._providers(request.method)
        children = [each for each in children if identifier in each.identifiers] or children
        if len(children) > 1:
            # A report is whole: what is missing in it would stay so until the next edit.
            self._gather(request, children, self._join_reports, is_enough=_never)
            return
        if request.id is not None:
            self._pulls[request.id] = uri_of(request.params)
        (children or self._children)[0].send(request.raw)

    def _join_reports(self, gathering: Gathering) -> bytes:
        """Without result ids: no server could tell which list another one's id stands for."""
        if gathering.first and (gathering.is_cancelled or not gathering.results):
            return gathering.first.raw
        uri = uri_of(gathering.request.params)
        for place, reply in gathering.replies.items():
            if (report := obj(reply.result)).get("kind") == "full":
                self._findings.keep(uri, place, PULL, report.get("items"))
        self._found(uri)
        items = self._findings.of(uri, way=PULL)
        return _answer(gathering.request, {"kind": "full", "items": items})


def _asked_of(request: Envelope, number: int, count: int) -> bytes:
    """A request for several: its progress is the first one's, and what comes in parts cannot be joined."""
    unwanted = {"partialResultToken"} if number == 0 else {"partialResultToken", "workDoneToken"}
    if count == 1 or not unwanted & request.params.keys():
        return request.raw
    params = {name: value for name, value in request.params.items() if name not in unwanted}
    return rpc.encode({**request.message, "params": params})


def _never(_: Gathering) -> bool:
    return False


def _join_hovers(gathering: Gathering) -> bytes:
    own = gathering.own.result if gathering.own else None
    if not own and gathering.first and (len(gathering.children) == 1 or not gathering.results):
        return gathering.first.raw
    return _answer(gathering.request, results.hovers([*gathering.results, own]))


def _join_places(gathering: Gathering) -> bytes:
    if gathering.first and not gathering.results:
        return gathering.first.raw
    return _answer(gathering.request, results.locations(gathering.results))


def _join_first(gathering: Gathering) -> bytes:
    replies = [reply for each in gathering.children if (reply := gathering.replies.get(each.place))]
    return next((each for each in replies if "error" not in each.message), replies[0]).raw


def _answer(request: Envelope, result: Any) -> bytes:
    return rpc.encode({"jsonrpc": "2.0", "id": request.id, "result": result})


def _refusal(request_id: RequestId) -> bytes:
    error = {"code": _REQUEST_FAILED, "message": _GONE}
    return rpc.encode({"jsonrpc": "2.0", "id": request_id, "error": error})
