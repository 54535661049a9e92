"""Long work on an index, as progress in the editor: counts, time left, and a button that puts the rest off.

What is over within two seconds is not shown.
"""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path
from typing import TYPE_CHECKING

from lsp_debugger.index.pace import Pace, described
from lsp_debugger.index.supervisor import RESTING
from lsp_debugger.server.editor import Editor

if TYPE_CHECKING:
    from lsp_debugger.server.desk import Desk

SHOWN_AFTER_S = 2.0
_OVER = (*RESTING, "failed", "closed")
_PUT_OFF = "put off until the server is started again"


class Indexing:
    """One for the server. `report` is called on the loop, and returns at once."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._numbers = itertools.count(1)
        self._works: dict[Path, _Work] = {}

    def report(self, root: Path, phase: str, done: int, total: int) -> None:
        """phase, done, total: as the index worker says them, see `index.keeper`."""
        work = self._works.get(root)
        if phase.startswith(_OVER):
            if work is not None:
                del self._works[root]
                work.end(_last_words(phase, done, total))
        elif work is not None:
            work.report(phase, done, total)
        elif self._desk.server.client.shows_progress:
            name = root.name or str(root)
            work = self._works[root] = _Work(self._desk.editor, f"lspdbg-index-{next(self._numbers)}", name)
            work.report(phase, done, total)
            self._desk.in_background(work.show())

    def cancel(self, token: object = None) -> bool:
        """Put off the work of this token, without one all that is shown. False when there is none."""
        session = self._desk.server.session
        found = [root for root, work in self._works.items() if work.is_shown and token in {None, work.token}]
        for root in found:
            if session is not None:
                session.put_off_index(root)
        return bool(found)


class _Work:
    """From the first report until it is over."""

    def __init__(self, editor: Editor, token: str, name: str) -> None:
        self.token = token
        self.is_shown = False
        self._editor = editor
        self._title = f"Indexing {name}"
        self._pace = Pace()
        self._message = ""
        self._percentage = 0
        self._over: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def report(self, phase: str, done: int, total: int) -> None:
        message = described(phase, done, total, self._pace.left_s(phase, done, total))
        if phase != "listing files" and total:
            self._percentage = done * 100 // total
        if message != self._message:
            self._message = message
            self._tell()

    def end(self, message: str) -> None:
        self._over.set_result(message)

    async def show(self) -> None:
        over, _ = await asyncio.wait({self._over}, timeout=SHOWN_AFTER_S)
        if over or not await self._editor.create_progress(self.token):
            return
        self._editor.begin_progress(self.token, self._title, self._percentage)
        self.is_shown = True
        self._tell()
        message = await self._over
        self.is_shown = False
        self._editor.end_progress(self.token, message)

    def _tell(self) -> None:
        if self.is_shown:
            self._editor.report_progress(self.token, self._message, self._percentage)


def _last_words(phase: str, done: int, total: int) -> str:
    if phase.startswith("put off"):
        why = phase.partition(": ")[2]
        said = _PUT_OFF if why == "cancelled" else f"stopped: {why}"
        return f"{said}; {done:,} of {total:,} files can be searched" if total else said
    return "done" if phase.startswith(RESTING) else phase
