"""Exceptions → LSP errors: a code, one line, and what to do next. No source text in any of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from lsp_debugger.core import errors

_FAILED: Final = types.LSPErrorCodes.RequestFailed.value
_CANCELLED: Final = types.LSPErrorCodes.RequestCancelled.value
_INTERNAL: Final = types.ErrorCodes.InternalError.value
_MAX_MESSAGE_CHARS = 300
_PACKAGE_DIRECTORY = Path(__file__).resolve().parent.parent

# `kind` is for editor packages: it stays when the wording changes.
TRANSLATIONS: Mapping[type[errors.LspDebuggerError], tuple[int, str]] = {
    errors.LspDebuggerError: (_INTERNAL, "internal"),
    errors.ConfigInvalid: (_FAILED, "config-invalid"),
    errors.PolicyInvalid: (_FAILED, "policy-invalid"),
    errors.AuditUnavailable: (_FAILED, "audit-unavailable"),
    errors.EgressRefused: (_FAILED, "egress-refused"),
    errors.SpawnRefused: (_FAILED, "spawn-refused"),
    errors.ToolFailed: (_FAILED, "tool-failed"),
    errors.BackendUnavailable: (_FAILED, "backend-unavailable"),
    errors.ModelMissing: (_FAILED, "model-missing"),
    errors.ContextTooLong: (_FAILED, "context-too-long"),
    errors.IndexUnavailable: (_FAILED, "index-unavailable"),
    errors.StateUnavailable: (_FAILED, "state-unavailable"),
    errors.FrameInvalid: (_FAILED, "frame-invalid"),
    errors.MessageInvalid: (_FAILED, "message-invalid"),
}

# What JSON-RPC and LSP call them, for exceptions whose own words may quote the client.
_PLAIN: Mapping[int, str] = {
    types.ErrorCodes.ParseError: "the message cannot be read",
    types.ErrorCodes.InvalidRequest: "not a valid request",
    types.ErrorCodes.MethodNotFound: "no such method",
    types.ErrorCodes.InvalidParams: "invalid parameters",
    types.ErrorCodes.ServerNotInitialized: "the server is not initialized",
    types.LSPErrorCodes.ContentModified: "the document has changed",
    types.LSPErrorCodes.RequestCancelled: "cancelled",
    types.LSPErrorCodes.ServerCancelled: "cancelled by the server",
}


def response_error(error: BaseException) -> types.ResponseError:
    """What a request is answered with when its handler raised `error`."""
    if isinstance(error, errors.LspDebuggerError):
        code, kind = next(TRANSLATIONS[each] for each in type(error).__mro__ if each in TRANSLATIONS)
        return refusal(code, str(error), {"kind": kind, "hint": error.hint})
    if isinstance(error, asyncio.CancelledError):
        return refusal(_CANCELLED)
    if isinstance(error, JsonRpcException):
        return refusal(error.code, error.message if _is_raised_by_us(error) else "")
    return refusal(_INTERNAL, f"internal error ({type(error).__name__}); the log says where")


def refusal(code: int, message: str = "", data: Mapping[str, Any] | None = None) -> types.ResponseError:
    """An error with the message on one line; without one, what the code means."""
    line = " ".join(message.split())[:_MAX_MESSAGE_CHARS]
    return types.ResponseError(code, line or _PLAIN.get(code, "the request failed"), data)


def _is_raised_by_us(error: BaseException) -> bool:
    """Whether the innermost frame is ours: libraries' own messages quote what they could not read."""
    trace = error.__traceback__
    if trace is None:
        return False
    while trace.tb_next is not None:
        trace = trace.tb_next
    return Path(trace.tb_frame.f_code.co_filename).is_relative_to(_PACKAGE_DIRECTORY)
