"""Names that servers give, as the client knows them: two servers count alike, and are one to it.

Ids of requests, tokens of progress and ids of registrations. The first server's stay as they are; of the
others every request has an id of ours, and a token or registration another name where theirs is taken.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lsp_debugger import rpc
from lsp_debugger.wrap.envelope import Envelope, RequestId
from lsp_debugger.wrap.peer import Peer
from lsp_debugger.wrap.shapes import Json, obj, objects

CANCEL_PROGRESS = "window/workDoneProgress/cancel"
_CREATE_PROGRESS = "window/workDoneProgress/create"
_REGISTER, _UNREGISTER = "client/registerCapability", "client/unregisterCapability"
# The protocol's own misspelling, and what others write.
_UNREGISTERED = ("unregisterations", "unregistrations")


class Names:
    """first: the server whose requests keep their ids. new_id: gives one that no side uses."""

    def __init__(self, first: Peer, new_id: Callable[[], str]) -> None:
        self._first, self._new_id = first, new_id
        self._asked: dict[RequestId, tuple[Peer, RequestId]] = {}
        self._tokens, self._registrations = _Table(), _Table()

    def to_client(self, peer: Peer, given: Envelope) -> bytes:
        """A server's request or notification, with the names that the client knows."""
        params = self._renamed(peer, given)
        if given.id is None or peer is self._first:
            return given.raw if params is None else rpc.encode({**given.message, "params": params})
        request_id = self._new_id()
        self._asked[request_id] = (peer, given.id)
        message = given.message if params is None else {**given.message, "params": params}
        return rpc.encode({**message, "id": request_id})

    def reply(self, given: Envelope) -> tuple[Peer, bytes]:
        """Whom the client answers, and the answer as that server knows it."""
        asked = self._asked.pop(given.id, None) if given.id is not None else None
        if asked is None:
            return self._first, given.raw
        return asked[0], rpc.encode({**given.message, "id": asked[1]})

    def cancelled_progress(self, given: Envelope) -> tuple[Peer, bytes] | None:
        """The same of a progress that the client stops; None when no server has created it."""
        owner = self._tokens.owner(given.params.get("token"))
        if owner is None:
            return None
        peer, token = owner
        return peer, rpc.encode({**given.message, "params": {**given.params, "token": token}})

    def _renamed(self, peer: Peer, given: Envelope) -> Json | None:
        """Other params than the server's; None where its own can stay."""
        match given.method:
            case "$/cancelRequest":
                return self._cancelled(peer, given.params)
            case "$/progress":
                return self._progress(peer, given.params)
            case method if method == _CREATE_PROGRESS:
                return _changed(given.params, "token", self._tokens.give(peer, given.params.get("token")))
            case method if method == _REGISTER:
                return self._registered(peer, given.params)
            case method if method == _UNREGISTER:
                return self._unregistered(peer, given.params)
            case _:
                return None

    def _cancelled(self, peer: Peer, params: Json) -> Json | None:
        if peer is self._first:
            return None
        wanted = (peer, params.get("id"))
        known = next((mine for mine, theirs in self._asked.items() if theirs == wanted), wanted[1])
        return _changed(params, "id", known)

    def _progress(self, peer: Peer, params: Json) -> Json | None:
        token = params.get("token")
        has_ended = obj(params, "value").get("kind") == "end"
        known = self._tokens.take_back(peer, token) if has_ended else self._tokens.known(peer, token)
        return _changed(params, "token", known)

    def _registered(self, peer: Peer, params: Json) -> Json | None:
        listed = objects(params.get("registrations"))
        for each in listed:
            peer.register(str(each.get("id")), str(each.get("method")), obj(each, "registerOptions"))
        names = [self._registrations.give(peer, each.get("id")) for each in listed]
        return _with_ids(params, "registrations", listed, names)

    def _unregistered(self, peer: Peer, params: Json) -> Json | None:
        key = next((each for each in _UNREGISTERED if each in params), _UNREGISTERED[0])
        listed = objects(params.get(key))
        for each in listed:
            peer.unregister(str(each.get("id")))
        names = [self._registrations.take_back(peer, each.get("id")) for each in listed]
        return _with_ids(params, key, listed, names)


class _Table:
    """Names of one kind that are in use: as the client knows them, and whose they are."""

    def __init__(self) -> None:
        self._owners: dict[Any, tuple[Peer, Any]] = {}

    def give(self, peer: Peer, name: Any) -> Any:
        """The client's name for something new of this server."""
        if not isinstance(name, str | int):
            return name
        known, number = name, 2
        while known in self._owners and self._owners[known] != (peer, name):
            known, number = f"{name} ({number})", number + 1
        self._owners[known] = (peer, name)
        return known

    def known(self, peer: Peer, name: Any) -> Any:
        """The client's name; the server's own of what this server has not named."""
        return next((known for known, owner in self._owners.items() if owner == (peer, name)), name)

    def take_back(self, peer: Peer, name: Any) -> Any:
        """The same, for the last time."""
        known = self.known(peer, name)
        if self.owner(known) == (peer, name):
            del self._owners[known]
        return known

    def owner(self, known: Any) -> tuple[Peer, Any] | None:
        return self._owners.get(known) if isinstance(known, str | int) else None


def _changed(params: Json, name: str, value: Any) -> Json | None:
    return None if value == params.get(name) else {**params, name: value}


def _with_ids(params: Json, key: str, listed: list[Json], names: list[Any]) -> Json | None:
    if [each.get("id") for each in listed] == names:
        return None
    return {**params, key: [{**each, "id": name} for each, name in zip(listed, names, strict=True)]}
