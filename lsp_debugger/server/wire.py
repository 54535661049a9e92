"""What we send, and the replies of the client to it."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeGuard

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.protocol import LanguageServerProtocol

from lsp_debugger.core.errors import LspDebuggerError
from lsp_debugger.server import framing
from lsp_debugger.server.errors import response_error
from lsp_debugger.server.framing import RequestId
from lsp_debugger.server.logs import TRAFFIC, Tracer, fault_of

if TYPE_CHECKING:
    from cattrs import Converter
    from pygls.lsp.server import LanguageServer

_log = logging.getLogger(__name__)
_METHOD_NAME = re.compile(r"[\w/$.-]{1,80}")


class BadParams(Exception):
    """Parameters that are not what the method takes."""


class Wire(LanguageServerProtocol):
    """The sending half of a connection. `_write` may be called from any thread, all else on the loop."""

    def __init__(self, server: LanguageServer, converter: Converter) -> None:
        super().__init__(server, converter)
        self.tracer = Tracer(self._send_trace)

    def _send_response(
        self, msg_id: RequestId, result: Any | None = None, error: types.ResponseError | None = None
    ) -> None:
        outcome = {"result": result} if error is None else {"error": error}
        message = {"jsonrpc": self.VERSION, "id": msg_id, **outcome}
        try:
            body = self._body(message)
        except Exception as fault:  # noqa: BLE001 - a result that is no JSON; whoever asked still gets an answer
            self._report(f"the answer to request {named(msg_id)}", fault)
            body = self._body({"jsonrpc": self.VERSION, "id": msg_id, "error": response_error(fault)})
        self._write(body)

    def _send_data(self, data: Any) -> None:
        """Requests and notifications of ours."""
        try:
            body = self._body(data)
        except Exception as fault:  # noqa: BLE001 - a bug of one caller; if it waits for a reply, it hears of it
            self._report("sending", fault)
            if (asked := self._request_futures.get(getattr(data, "id", ""))) is not None:
                asked.set_exception(fault)
            return
        if TRAFFIC.isEnabledFor(logging.DEBUG) and data.method != types.LOG_TRACE:
            TRAFFIC.debug("sent %s %s", data.method, named(getattr(data, "id", None)))
        self._write(body)

    def _body(self, message: Any) -> str:
        # Escaped, so that half a surrogate pair from an editor travels back as it came.
        return json.dumps(message, default=self._serialize_message, separators=(",", ":"), allow_nan=False)

    def _write(self, body: str) -> None:
        if self.writer is None:
            _log.error("nothing to write to")
            return
        self.writer.write(framing.encode(body))

    def _send_trace(self, message: str) -> None:
        self.notify(types.LOG_TRACE, types.LogTraceParams(message=message))

    def send_request(
        self,
        method: str,
        params: Any | None = None,
        callback: Callable[[Any], None] | None = None,
        msg_id: RequestId | None = None,
    ) -> Future[Any]:
        """As in pygls; a reply that comes after the request was cancelled is no error."""
        request_id = msg_id or str(uuid.uuid4())
        future = super().send_request(method, params, callback, request_id)
        future.add_done_callback(lambda _: self._forget(request_id))
        return future

    def _forget(self, request_id: RequestId) -> None:
        self._request_futures.pop(request_id, None)
        self._result_types.pop(request_id, None)

    def _handle_response(  # pyright: ignore[reportIncompatibleMethodOverride]  # ours alone calls it
        self, msg_id: object, given: Mapping[str, Any]
    ) -> None:
        future = self._request_futures.get(msg_id) if is_id(msg_id) else None
        if future is None or future.done() or not is_id(msg_id):
            _log.info("a reply that nobody waits for any more")
            return
        result_type = self._result_types.get(msg_id)
        try:
            if given.get("error") is not None:
                error = self._converter.structure(given["error"], types.ResponseError)
                future.set_exception(JsonRpcException.from_error(error))
            elif result_type is None:
                future.set_result(given.get("result"))
            else:
                future.set_result(self._converter.structure({"result": None, **given}, result_type).result)
        except Exception as fault:  # noqa: BLE001 - whoever waits hears that the client talks nonsense
            self._report("a reply of the client", fault)
            if not future.done():
                future.set_exception(JsonRpcException("the client's reply cannot be read"))

    def _report(self, what: str, error: BaseException) -> None:
        """An expected failure was told to whoever asked; only the others are worth a look."""
        if isinstance(error, asyncio.CancelledError):
            return
        expected = isinstance(error, LspDebuggerError | JsonRpcException | BadParams)
        _log.log(logging.INFO if expected else logging.ERROR, "%s failed: %s", what, fault_of(error))


def is_id(value: object) -> TypeGuard[RequestId]:
    return isinstance(value, int | str) and not isinstance(value, bool)


def named(request_id: object) -> str:
    """An id for a log line: a client may put anything into it."""
    return ascii(request_id)[:40] if is_id(request_id) else "without an id"


def plain_method(method: str) -> str:
    return method if _METHOD_NAME.fullmatch(method) else "with a strange name"
