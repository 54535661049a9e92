"""Asking the user before anything leaves the machine: after their click, in fixed words; silence is a no."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from lsp_debugger.server.answers import file_uri

if TYPE_CHECKING:
    from lsp_debugger.policy.remote import Preview

PREVIEW = "Preview"
SEND_ONCE = "Send once"
ALWAYS = "Always in this workspace for this task"
NO = "No"
TIMEOUT_S = 180.0
_MEANINGS = {SEND_ONCE: "once", ALWAYS: "always"}
_MAX_PREVIEWS = 8


class Asking(Protocol):
    """The part of the client that this needs."""

    async def ask(self, message: str, titles: tuple[str, ...], timeout_s: float) -> str | None: ...
    async def show(self, uri: str) -> bool: ...
    def message(self, text: str) -> None: ...


async def agreed(editor: Asking, preview: Preview, folder: Path, *, can_show: bool) -> str:
    """`once`, `always`, or empty for no. folder: private, for the file that shows the exact bytes.

    can_show: the client opens documents; else the file's path stands in the message.
    """
    from lsp_debugger.policy.remote import in_words

    path = await asyncio.to_thread(_written, folder, preview)
    choices, message = (PREVIEW, SEND_ONCE, ALWAYS, NO), in_words(preview)
    try:
        while True:
            chosen = await editor.ask(message, choices, TIMEOUT_S)
            if chosen != PREVIEW:
                return _MEANINGS.get(chosen or "", "")
            if not can_show or not await editor.show(file_uri(path)):
                message = f"{in_words(preview)} The exact bytes are in {path}"
    finally:
        await asyncio.to_thread(path.unlink, missing_ok=True)


def _written(folder: Path, preview: Preview) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for old in sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime)[:-_MAX_PREVIEWS]:
        old.unlink(missing_ok=True)
    path = folder / f"{preview.request_id}.json"
    path.touch(mode=0o600)
    path.write_bytes(preview.body)
    return path
