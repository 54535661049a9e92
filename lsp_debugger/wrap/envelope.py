"""What a message is, told from as few of its bytes as possible."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from lsp_debugger import rpc
from lsp_debugger.core.errors import MessageInvalid
from lsp_debugger.wrap.shapes import Json, obj

RequestId = int | str

# Up to here reading everything costs less than a millisecond, and is certain.
_SMALL_BYTES = 64 * 1024
_OPENING = re.compile(rb"\s*\{")
_MEMBER = re.compile(rb'\s*"(jsonrpc|id|method)"\s*:\s*(?:"([^"\\]*)"|(-?[0-9]{1,18}))\s*,')
_OUTCOME = re.compile(rb'\s*"(?:result|error)"\s*:')
# Large ones that are never requests: an id need not be looked for at their far end.
_NOTIFICATIONS = frozenset({
    b"textDocument/didOpen", b"textDocument/didChange", b"textDocument/didSave",
    b"textDocument/publishDiagnostics", b"workspace/didChangeWatchedFiles", b"window/logMessage",
})  # fmt: skip


@dataclass(frozen=True)
class Envelope:
    """One message. method: empty for replies and for what is no message. id: None for notifications.

    is_broken: no JSON object, or one that is no JSON-RPC; it still goes on to whom it was meant for.
    """

    frame: rpc.Frame
    method: str = ""
    id: RequestId | None = None
    is_broken: bool = False

    @property
    def raw(self) -> bytes:
        return self.frame.raw

    @property
    def is_request(self) -> bool:
        return bool(self.method) and self.id is not None

    @property
    def is_reply(self) -> bool:
        return not self.method and not self.is_broken

    @cached_property
    def message(self) -> rpc.Message:
        """The whole of it; empty for what is broken."""
        try:
            return self.frame.message()
        except MessageInvalid:
            return {}

    @property
    def params(self) -> Json:
        return obj(self.message.get("params"))

    @property
    def result(self) -> Any:
        """Of a reply; None for an error."""
        return self.message.get("result")


def read(frame: rpc.Frame) -> Envelope:
    """The envelope of a frame. Large bodies are not parsed if their beginning tells enough."""
    peeked = _peek(frame) if len(frame.body) > _SMALL_BYTES else None
    return peeked or _parse(frame)


def _peek(frame: rpc.Frame) -> Envelope | None:
    """From the members before `params` or `result`; None when they leave anything open."""
    opening = _OPENING.match(frame.body)
    members: dict[bytes, str | int] = {}
    place = opening.end() if opening else 0
    while opening and (member := _MEMBER.match(frame.body, place)):
        name, text, number = member.groups()
        members[name] = int(number) if text is None else text.decode("utf-8", "replace")
        place = member.end()
    method, request_id = members.get(b"method"), members.get(b"id")
    if isinstance(method, str) and method and (request_id is not None or method.encode() in _NOTIFICATIONS):
        return Envelope(frame, method, request_id)
    if method is None and request_id is not None and _OUTCOME.match(frame.body, place):
        return Envelope(frame, "", request_id)
    return None


def _parse(frame: rpc.Frame) -> Envelope:
    try:
        message = frame.message()
    except MessageInvalid:
        return Envelope(frame, is_broken=True)
    method, request_id = message.get("method", ""), message.get("id")
    is_id = isinstance(request_id, int | str) and not isinstance(request_id, bool)
    is_message = isinstance(method, str) and (bool(method) or "result" in message or "error" in message)
    envelope = Envelope(frame, method, request_id if is_id else None) if is_message else None
    if envelope is None:
        return Envelope(frame, is_broken=True)
    envelope.__dict__["message"] = message  # what cached_property would find out again
    return envelope
