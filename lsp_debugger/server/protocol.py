"""JSON-RPC on top of pygls: always an answer or a log line, never a popup, no text of the user's in a log.

pygls brings the LSP types, the registry of features and the requests to the client. How messages are
taken, run, cancelled and answered is here, because there it structures every nested object, loses
requests with bad parameters, shows errors to the user and logs whole bodies.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from lsprotocol import types
from pygls.capabilities import ServerCapabilitiesBuilder
from pygls.protocol import lsp_method
from pygls.uris import from_fs_path
from pygls.workspace import Workspace

from lsp_debugger.server.calls import Caller, Handler, Steps
from lsp_debugger.server.capabilities import NOTEBOOK_SYNC
from lsp_debugger.server.errors import refusal, response_error
from lsp_debugger.server.framing import BadFrame, Frame, RequestId
from lsp_debugger.server.logs import TRAFFIC
from lsp_debugger.server.streams import InputEnded, Item, Withdrawn
from lsp_debugger.server.wire import BadParams, Wire, is_id, named, plain_method

if TYPE_CHECKING:
    from cattrs import Converter

    from lsp_debugger.server.app import DebuggerServer

_log = logging.getLogger(__name__)
_PARSE_ERROR = types.ErrorCodes.ParseError.value
_INVALID_REQUEST = types.ErrorCodes.InvalidRequest.value
_METHOD_NOT_FOUND = types.ErrorCodes.MethodNotFound.value
_INVALID_PARAMS = types.ErrorCodes.InvalidParams.value
_NOT_INITIALIZED = types.ErrorCodes.ServerNotInitialized.value
_CANCELLED = types.LSPErrorCodes.RequestCancelled.value

# server/documents.py keeps the documents: pygls splits lines at form feeds and clamps wrongly.
_NOT_BY_PYGLS = (
    types.TEXT_DOCUMENT_DID_OPEN,
    types.TEXT_DOCUMENT_DID_CHANGE,
    types.TEXT_DOCUMENT_DID_CLOSE,
    types.NOTEBOOK_DOCUMENT_DID_OPEN,
    types.NOTEBOOK_DOCUMENT_DID_CHANGE,
    types.NOTEBOOK_DOCUMENT_DID_CLOSE,
)


class DebuggerProtocol(Wire):
    """One connection. Everything but `write` happens on the loop."""

    _server: DebuggerServer  # pyright: ignore[reportIncompatibleVariableOverride]  # pygls hands in ours

    def __init__(self, server: DebuggerServer, converter: Converter) -> None:
        super().__init__(server, converter)
        self._manager = cast("Any", self.fm)  # untyped in pygls
        self._features: dict[str, Handler] = self._manager.features
        self._builtin: dict[str, Handler] = self._manager.builtin_features
        for method in _NOT_BY_PYGLS:
            self._builtin.pop(method, None)
        self._caller = Caller(lambda: server.thread_pool)
        self._running: dict[RequestId, asyncio.Future[Any]] = {}
        self._initialized = False

    @property
    def is_shut_down(self) -> bool:
        """Whether `shutdown` has been received."""
        return self._shutdown

    # What comes in

    def receive(self, item: Item) -> None:
        match item:
            case Frame():
                if item.repaired:
                    _log.warning("repaired the length of a message of %d bytes", item.size_bytes)
                self.handle_message(item.value)
            case BadFrame():
                _log.warning("a message cannot be read: %s (request %s)", item.reason, named(item.request_id))
                self._refuse(item.request_id, _PARSE_ERROR, item.reason)
            case Withdrawn():
                TRAFFIC.debug("request %s cancelled before it began", named(item.request_id))
                self._refuse(item.request_id, _CANCELLED)
            case InputEnded():
                self._server.leave("the input ended")

    def handle_message(self, message: Any) -> None:
        """One JSON value as it came."""
        if isinstance(message, list):
            self._refuse_batch(cast("list[object]", message))
            return
        given = cast("dict[str, Any]", message)
        method, request_id = given.get("method"), given.get("id")
        if given.get("jsonrpc") != self.VERSION:
            self._refuse_message(given, "jsonrpc must be 2.0")
        elif method is None and ("result" in given or "error" in given):
            self._handle_response(request_id, given)
        elif not isinstance(method, str):
            self._refuse_message(given, "method must be a string")
        elif "id" not in given:
            self._take_notification(method, given)
        elif is_id(request_id):
            self._take_request(request_id, method, given)
        else:
            self._refuse_message(given, "id must be a string or an integer")

    def _refuse_batch(self, batch: list[object]) -> None:
        """LSP has no batches; each request in one gets its own answer, so that nobody waits for it."""
        _log.warning("refused a batch of %d messages", len(batch))
        for each in batch:
            if isinstance(each, dict) and "method" in each:
                request_id = cast("dict[str, object]", each).get("id")
                if is_id(request_id):
                    self._refuse(request_id, _INVALID_REQUEST, "LSP has no batches")

    def _refuse_message(self, given: Mapping[str, Any], reason: str) -> None:
        request_id = given.get("id")
        _log.warning("not a message: %s (request %s)", reason, named(request_id))
        if is_id(request_id) and "result" not in given and "error" not in given:
            self._refuse(request_id, _INVALID_REQUEST, reason)

    # Requests and notifications

    def _take_request(self, request_id: RequestId, method: str, given: Mapping[str, Any]) -> None:
        TRAFFIC.debug("received request %s %s", named(request_id), plain_method(method))
        handler = self._handler(method)
        if self._shutdown:
            self._refuse(request_id, _INVALID_REQUEST, "the server is shutting down")
        elif not self._initialized and method != types.INITIALIZE:
            self._refuse(request_id, _NOT_INITIALIZED)
        elif self._initialized and method == types.INITIALIZE:
            self._refuse(request_id, _INVALID_REQUEST, "initialize was already received")
        elif handler is None:
            self._refuse(request_id, _METHOD_NOT_FOUND, f"no such method: {plain_method(method)}")
        else:
            answer = partial(self._answer, request_id, method, time.perf_counter())
            self._run(method, handler, given, answer, request_id)

    def _take_notification(self, method: str, given: Mapping[str, Any]) -> None:
        TRAFFIC.debug("received notification %s", plain_method(method))
        handler = self._handler(method)
        if method == types.CANCEL_REQUEST:
            self._cancel(given)
        elif handler is not None and (method == types.EXIT or (self._initialized and not self._shutdown)):
            self._run(method, handler, given, partial(self._check, method))
        elif handler is None and not method.startswith("$/"):
            _log.info("ignored notification %s", plain_method(method))

    def _handler(self, method: str) -> Handler | None:
        return self._builtin.get(method) or self._features.get(method)

    def _run(
        self,
        method: str,
        handler: Handler,
        given: Mapping[str, Any],
        done: _Done,
        request_id: RequestId | None = None,
    ) -> None:
        """Call the handler; `done` gets its value or its exception, at once or later."""
        try:
            params = self._params(method, given)
            context = contextvars.copy_context()
            context.run(self._ctx_msg_id.set, request_id)
            value = context.run(self._caller.call, handler, (params,), {})
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - the other handlers go on
            done(None, error)
            return
        if not isinstance(value, asyncio.Future):
            done(value, None)
            return
        pending = cast("asyncio.Future[Any]", value)
        if request_id is not None:
            self._running[request_id] = pending
        pending.add_done_callback(lambda ended: self._ended(request_id, ended, done))

    def _ended(self, request_id: RequestId | None, ended: asyncio.Future[Any], done: _Done) -> None:
        if request_id is not None and self._running.get(request_id) is ended:
            del self._running[request_id]
        if ended.cancelled():
            done(None, asyncio.CancelledError())
        elif error := ended.exception():
            done(None, error)
        else:
            done(ended.result(), None)

    def _params(self, method: str, given: Mapping[str, Any]) -> Any:
        """Typed by LSP; for methods that are not LSP's, plain JSON. Raises BadParams."""
        message_type = self.get_message_type(method)
        if message_type is None or method in (types.SHUTDOWN, types.EXIT):
            return given.get("params")
        message: dict[str, Any] = {**given, "params": {} if given.get("params") is None else given["params"]}
        try:
            return self._converter.structure(message, message_type).params
        except Exception as error:
            raise BadParams from error  # cattrs quotes the values: its words go nowhere

    def _cancel(self, given: Mapping[str, Any]) -> None:
        params = given.get("params")
        request_id = cast("dict[str, object]", params).get("id") if isinstance(params, dict) else None
        if is_id(request_id) and (running := self._running.get(request_id)):
            running.cancel()

    # What goes out

    def _answer(
        self, request_id: RequestId, method: str, began_s: float, value: Any, error: BaseException | None
    ) -> None:
        match error:
            case None:
                self._send_response(request_id, value)
            case BadParams():
                self._refuse(request_id, _INVALID_PARAMS)
            case _:
                self._send_response(request_id, error=response_error(error))
        if error is not None:
            self._report(f"request {named(request_id)} {method}", error)
        took_ms = (time.perf_counter() - began_s) * 1000
        TRAFFIC.debug("answered request %s %s after %.1f ms", named(request_id), method, took_ms)

    def _check(self, method: str, _value: Any, error: BaseException | None) -> None:
        if error is not None:
            self._report(f"notification {method}", error)

    def _refuse(self, request_id: RequestId | None, code: int, reason: str = "") -> None:
        if request_id is not None:
            self._send_response(request_id, error=refusal(code, reason))

    # What every server does

    @lsp_method(types.INITIALIZE)
    def lsp_initialize(self, params: types.InitializeParams) -> Steps:
        """As in pygls, with an encoding that we can rely on."""
        self._server.process_id = params.process_id
        self.client_capabilities = params.capabilities
        encoding = ServerCapabilitiesBuilder.choose_position_encoding(params.capabilities)
        self._server.encoding = cast("Any", getattr(encoding, "value", encoding))
        root_uri = params.root_uri or (from_fs_path(params.root_path) if params.root_path else None)
        sync_kind = types.TextDocumentSyncKind.Incremental
        self._workspace = Workspace(root_uri, sync_kind, params.workspace_folders or [], encoding)
        if params.trace is not None:
            self._trace(params.trace)
        if (handler := self._features.get(types.INITIALIZE)) is not None:
            yield handler, (params,), None
        self.server_capabilities = ServerCapabilitiesBuilder(
            self.client_capabilities,
            {*self._features, *self._builtin},
            self._manager.feature_options,
            list(self._manager.commands),
            sync_kind,
            NOTEBOOK_SYNC,
            encoding,
        ).build()
        self._server.watch_client(params.process_id)
        self._initialized = True
        return types.InitializeResult(self.server_capabilities, self.server_info)

    @lsp_method(types.SHUTDOWN)
    def lsp_shutdown(self, *args: Any) -> Steps:
        """From here on only `exit` counts; what is running is cancelled, this request is not."""
        self._shutdown = True
        for running in list(self._running.values()):
            running.cancel()
        if (handler := self._features.get(types.SHUTDOWN)) is not None:
            yield handler, args, None

    @lsp_method(types.EXIT)
    def lsp_exit(self, *args: Any) -> Steps:
        if (handler := self._features.get(types.EXIT)) is not None:
            yield handler, args, None
        self._server.leave("the client said exit")

    @lsp_method(types.SET_TRACE)
    def lsp_set_trace(self, params: types.SetTraceParams) -> Steps:
        self._trace(params.value)
        if (handler := self._features.get(types.SET_TRACE)) is not None:
            yield handler, (params,), None

    def _trace(self, value: types.TraceValue | str) -> None:
        self.trace = types.TraceValue(value)
        self.tracer.set(self.trace.value)


# Gets a handler's value, or None and what it raised.
_Done = Callable[[Any, BaseException | None], None]
