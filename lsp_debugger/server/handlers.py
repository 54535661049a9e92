"""Every LSP method and command that we take, each to the part that answers it.

What is not needed for the `initialize` reply is imported after it: an editor waits for that reply.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from lsp_debugger.server import sync
from lsp_debugger.server.capabilities import CODE_ACTION_OPTIONS, FILE_OPERATIONS, SAVE_OPTIONS
from lsp_debugger.server.desk import Desk

if TYPE_CHECKING:
    from lsp_debugger.server.app import DebuggerServer

FOREIGN_DIAGNOSTICS = "lspDebugger/foreignDiagnostics"
COMMANDS = (
    "lspDebugger.explain",
    "lspDebugger.fix",
    "lspDebugger.fixAll",
    "lspDebugger.writeTest",
    "lspDebugger.reduce",
    "lspDebugger.escalate",
    "lspDebugger.escalateFix",
    "lspDebugger.lastAnswer",
    "lspDebugger.showAnswer",
    "lspDebugger.cancel",
    "lspDebugger.status",
    "lspDebugger.restart",
)


def _code_action(desk: Desk, params: types.CodeActionParams) -> Any:
    from lsp_debugger.server import lookups

    return lookups.code_action(desk, params)


async def _resolve_code_action(desk: Desk, action: types.CodeAction) -> types.CodeAction:
    from lsp_debugger.server import lookups

    return await lookups.resolve_code_action(desk, action)


async def _hover(desk: Desk, params: types.HoverParams) -> types.Hover | None:
    from lsp_debugger.server import lookups

    return await lookups.hover(desk, params)


async def _text_document_content(
    desk: Desk, params: types.TextDocumentContentParams
) -> types.TextDocumentContentResult:
    from lsp_debugger.server import lookups

    return await lookups.text_document_content(desk, params)


async def _command(desk: Desk, name: str, arguments: Sequence[object]) -> Any:
    from lsp_debugger.server import commands

    return await commands.COMMANDS[name](desk, arguments)


# Methods with the options that announce them; None where there are none.
_FEATURES: dict[str, tuple[Callable[[Desk, Any], Any], Any]] = {
    types.INITIALIZE: (sync.initialize, None),
    types.INITIALIZED: (sync.initialized, None),
    types.TEXT_DOCUMENT_DID_OPEN: (sync.did_open, None),
    types.TEXT_DOCUMENT_DID_CHANGE: (sync.did_change, None),
    types.TEXT_DOCUMENT_DID_SAVE: (sync.did_save, SAVE_OPTIONS),
    types.TEXT_DOCUMENT_DID_CLOSE: (sync.did_close, None),
    types.NOTEBOOK_DOCUMENT_DID_OPEN: (sync.did_open_notebook, None),
    types.NOTEBOOK_DOCUMENT_DID_CHANGE: (sync.did_change_notebook, None),
    types.NOTEBOOK_DOCUMENT_DID_CLOSE: (sync.did_close_notebook, None),
    types.WORKSPACE_DID_CHANGE_WATCHED_FILES: (sync.did_change_watched_files, None),
    types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: (sync.did_change_folders, None),
    types.WORKSPACE_DID_CHANGE_CONFIGURATION: (sync.did_change_configuration, None),
    types.WORKSPACE_DID_CREATE_FILES: (sync.did_create_files, FILE_OPERATIONS),
    types.WORKSPACE_DID_RENAME_FILES: (sync.did_rename_files, FILE_OPERATIONS),
    types.WORKSPACE_DID_DELETE_FILES: (sync.did_delete_files, FILE_OPERATIONS),
    FOREIGN_DIAGNOSTICS: (sync.foreign_diagnostics, None),
    types.WINDOW_WORK_DONE_PROGRESS_CANCEL: (sync.cancel_progress, None),
    types.TEXT_DOCUMENT_CODE_ACTION: (_code_action, CODE_ACTION_OPTIONS),
    types.CODE_ACTION_RESOLVE: (_resolve_code_action, None),
    types.TEXT_DOCUMENT_HOVER: (_hover, None),
    types.WORKSPACE_TEXT_DOCUMENT_CONTENT: (_text_document_content, None),
}


def register(server: DebuggerServer) -> None:
    """Attach all features and commands. Called once, before `initialize`."""
    desk = Desk(server)
    for method, (handler, options) in _FEATURES.items():
        server.feature(method, options)(partial(handler, desk))
    for name in COMMANDS:
        server.command(name)(_with_arguments(partial(_command, desk, name)))


def _with_arguments(command: Callable[[Sequence[object]], Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """For pygls, which unpacks a command's arguments by its signature; ours reads them itself."""

    async def run(*arguments: Any) -> Any:
        return await command(arguments)

    return run
