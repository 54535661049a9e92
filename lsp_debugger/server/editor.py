"""The client, as something that one may ask. It may answer late, wrongly or never."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Sequence
from typing import Any, Protocol, TypeVar

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer

_log = logging.getLogger(__name__)
_T = TypeVar("_T")
_REPLY_TIMEOUT_S = 5.0
_SETTINGS_TIMEOUT_S = 2.0
# A client that asks its user about an annotated edit answers when they have.
_APPLY_TIMEOUT_S = 180.0
_TOP = types.Range(types.Position(0, 0), types.Position(0, 0))


class Editor(Protocol):
    """What answers need of the client. Nothing here raises because of the client."""

    async def create_progress(self, token: str) -> bool: ...
    def begin_progress(self, token: str, title: str, percentage: int | None = None) -> None: ...
    def report_progress(self, token: str, message: str, percentage: int | None = None) -> None: ...
    def end_progress(self, token: str, message: str) -> None: ...
    async def show(self, uri: str) -> bool: ...
    def message(self, text: str) -> None: ...
    async def refresh(self, uri: str) -> bool: ...
    def notify(self, method: str, params: dict[str, Any]) -> None: ...


class LspEditor:
    """The client at the other end of the pipe.

    Every wait ends by a timeout, and the request behind it is left alone: cancelling it would make
    pygls fail on the late reply. One real client never answers showDocument without a selection.
    """

    def __init__(self, server: LanguageServer, reply_timeout_s: float = _REPLY_TIMEOUT_S) -> None:
        self._server = server
        self._timeout_s = reply_timeout_s
        self._asked: set[asyncio.Future[Any]] = set()

    async def create_progress(self, token: str) -> bool:
        """True when the client took the token; only then may progress be sent for it."""
        params = types.WorkDoneProgressCreateParams(token=token)
        create = self._server.window_work_done_progress_create_async(params)
        return (
            await self._reply(types.WINDOW_WORK_DONE_PROGRESS_CREATE, create, default=_NO_REPLY)
            is not _NO_REPLY
        )

    def begin_progress(self, token: str, title: str, percentage: int | None = None) -> None:
        """percentage: without one here, clients may pass over those of reports."""
        begin = types.WorkDoneProgressBegin(title=title, cancellable=True, percentage=percentage)
        self._progress(token, begin)

    def report_progress(self, token: str, message: str, percentage: int | None = None) -> None:
        self._progress(token, types.WorkDoneProgressReport(message=message, percentage=percentage))

    def end_progress(self, token: str, message: str) -> None:
        self._progress(token, types.WorkDoneProgressEnd(message=message))

    async def show(self, uri: str) -> bool:
        """Ask for a document beside what the user does: without the focus, at its top."""
        params = types.ShowDocumentParams(uri=uri, external=False, take_focus=False, selection=_TOP)
        shown = await self._reply(
            types.WINDOW_SHOW_DOCUMENT, self._server.window_show_document_async(params), default=None
        )
        return shown is not None and shown.success

    async def refresh(self, uri: str) -> bool:
        """Have the client read a `lspdbg:` document again."""
        params = types.TextDocumentContentRefreshParams(uri=uri)
        method = types.WORKSPACE_TEXT_DOCUMENT_CONTENT_REFRESH
        request = self._server.workspace_text_document_content_refresh_async(params)
        return await self._reply(method, request, default=_NO_REPLY) is not _NO_REPLY

    async def register(self, registrations: Sequence[types.Registration]) -> bool:
        """Register dynamically; False when the client refused."""
        params = types.RegistrationParams(registrations)
        request = self._server.client_register_capability_async(params)
        return (
            await self._reply(types.CLIENT_REGISTER_CAPABILITY, request, default=_NO_REPLY) is not _NO_REPLY
        )

    async def configuration(self, section: str) -> Any:
        """The settings that the client has for us; None when it has none or does not say in time."""
        params = types.ConfigurationParams([types.ConfigurationItem(section=section)])
        request = self._server.workspace_configuration_async(params)
        given = await self._reply(
            types.WORKSPACE_CONFIGURATION, request, default=None, timeout_s=_SETTINGS_TIMEOUT_S
        )
        return given[0] if given else None

    async def ask(self, message: str, titles: tuple[str, ...], timeout_s: float) -> str | None:
        """Put a question with buttons; the title of the one that was pressed, None for none in time.

        Only ever as the answer to a command of the user's.
        """
        actions = [types.MessageActionItem(title) for title in titles]
        params = types.ShowMessageRequestParams(types.MessageType.Info, message, actions)
        request = self._server.window_show_message_request_async(params)
        chosen = await self._reply(
            types.WINDOW_SHOW_MESSAGE_REQUEST, request, default=None, timeout_s=timeout_s
        )
        return chosen.title if chosen is not None else None

    async def apply(self, edit: types.WorkspaceEdit, label: str) -> bool:
        """Have the client change its documents; False when it would not, or did not say."""
        request = self._server.workspace_apply_edit_async(types.ApplyWorkspaceEditParams(edit, label=label))
        applied = await self._reply(
            types.WORKSPACE_APPLY_EDIT, request, default=None, timeout_s=_APPLY_TIMEOUT_S
        )
        return applied is not None and applied.applied

    def message(self, text: str) -> None:
        """Show a line. Only ever as the answer to a command of the user's."""
        self._server.window_show_message(types.ShowMessageParams(types.MessageType.Info, text))

    def notify(self, method: str, params: dict[str, Any]) -> None:
        self._server.protocol.notify(method, params)

    async def _reply(
        self, method: str, request: Awaitable[_T], default: _T | object, timeout_s: float | None = None
    ) -> Any:
        asked = asyncio.ensure_future(request)
        self._asked.add(asked)
        asked.add_done_callback(self._answered)
        try:
            return await asyncio.wait_for(asyncio.shield(asked), timeout_s or self._timeout_s)
        except TimeoutError:
            _log.info("no reply to %s", method)
        except JsonRpcException as refused:
            _log.info("the client refused %s: %s", method, type(refused).__name__)
        return default

    def _progress(self, token: str, value: object) -> None:
        self._server.progress(types.ProgressParams(token, value))

    def _answered(self, request: asyncio.Future[Any]) -> None:
        self._asked.discard(request)
        if not request.cancelled():
            request.exception()  # seen, so that a late refusal is not reported as lost


_NO_REPLY = object()
