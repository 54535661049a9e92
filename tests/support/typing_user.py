"""A user who types while a fix is checked or on its way: the real server, its protocol, a scripted check."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edited_files import applied
from lsprotocol import types
from lsprotocol.converters import get_converter
from scripted_client import URI, Client, diagnostic, recorded
from scripted_editor import until

from lsp_debugger.core.ask import Problem
from lsp_debugger.core.events import Phase
from lsp_debugger.core.patch import Applied
from lsp_debugger.core.text import Snapshot
from lsp_debugger.fixing import Candidate, Fixes
from lsp_debugger.verify.verdict import Result, RungResult, Verdict
from lsp_debugger.wiring.callers import Callers

TEXT = "import os\n\nprint(nme)\n\nx = 1\n"
FOUND = diagnostic(2, 6, 9, "F821", severity=1)
EDITORS = ("vscode_1.139_client9", "eglot_30.2", "helix_git_2026-07")
PLACES = ("before", "inside", "after")  # of the name that the fix changes

# Turns of the loop to wait, where to type, and what.
Key = tuple[int, str, str]


@dataclass(eq=False)
class Checking:
    """Checking takes a few turns of the loop. checked_texts: every pair of a text and the patched one."""

    turns: int
    is_sure: bool
    hold: asyncio.Event | None = None
    checked_texts: list[tuple[str, str]] = field(default_factory=list)

    async def callers(self, _candidate: Candidate, _root: Path, _wait_s: float) -> Callers:
        return Callers()

    async def fixes(
        self, _problem: Problem, snapshot: Snapshot, _count: int
    ) -> AsyncGenerator[Phase | Fixes, None]:
        yield Phase("asking for a fix")
        fixed = snapshot.text.replace("nme", "name", 1)
        candidate = await self.checked({"a.py": fixed}, {"a.py": snapshot.text}, None, Path("/w"))
        yield Fixes((candidate,))

    async def checked(
        self, texts: Mapping[str, str], before: Mapping[str, str], _problem: Problem | None, _root: Path
    ) -> Candidate:
        for _ in range(self.turns):
            await asyncio.sleep(0)
        if self.hold is not None:
            await self.hold.wait()
        self.checked_texts.append((before["a.py"], texts["a.py"]))
        rungs = [RungResult("syntax", Result.PASSED, "parses")]
        if not self.is_sure:
            rungs.append(RungResult("tests", Result.NOT_CHECKED, "no tests"))
        return Candidate(Applied(texts), Verdict(tuple(rungs)), before)


class Typist:
    """An editor with a user: applies an edit to the version that it names, delivers in order what is typed.

    late: turns of the loop between the editor and the server, both ways.
    """

    def __init__(self, client: Client, late: int) -> None:
        self.client, self.late = client, late
        self.text, self.version = TEXT, 1
        self.applied: list[tuple[str, str]] = []
        self.pending = 0
        self._reply = client._reply
        client._reply = self._asked  # type: ignore[method-assign]  # answers late, as a real one does

    def type(self, offset: int, text: str) -> None:
        self._become(self.text[:offset] + text + self.text[offset:])

    def _become(self, text: str) -> None:
        self.text, self.version = text, self.version + 1
        document = {"uri": URI, "version": self.version}
        change = {"textDocument": document, "contentChanges": [{"text": text}]}
        self._later(lambda: self.client.notify("textDocument/didChange", change))

    def _later(self, act: Any) -> None:
        self.pending += 1

        def turn(left: int) -> None:
            if left:
                asyncio.get_running_loop().call_soon(turn, left - 1)
            else:
                self.pending -= 1
                act()

        turn(self.late)

    def _asked(self, message: dict[str, Any]) -> None:
        self._later(lambda: self._answer(message))

    def _answer(self, message: dict[str, Any]) -> None:
        if message["method"] == "workspace/applyEdit":
            result: dict[str, Any] = {"applied": self._apply(message["params"]["edit"])}
        elif message["method"] == "window/showMessageRequest":
            result = {"title": "Apply"}
        else:
            self._reply(message)
            return
        reply = {"jsonrpc": "2.0", "id": message["id"], "result": result}
        self._later(lambda: self.client.server.protocol.handle_message(reply))

    def _apply(self, given: dict[str, Any]) -> bool:
        edit = get_converter().structure(given, types.WorkspaceEdit)
        [step] = edit.document_changes or ()
        assert isinstance(step, types.TextDocumentEdit)
        if step.text_document.version != self.version:
            return False
        after = applied(edit, {URI: self.text})[URI]
        self.applied.append((self.text, after))
        self._become(after)
        return True


async def typed_while_fixed(
    directory: Path, name: str, keys: Sequence[Key], late: int, turns: int, *, is_sure: bool
) -> tuple[Checking, Typist]:
    """name: of the editor. turns: how long a check takes. is_sure: nothing has to be asked before."""
    client = Client(directory, recorded(name))
    await client.start()
    checking = Checking(turns, is_sure)
    client.session.repairs = checking  # type: ignore[assignment]
    client.open(TEXT)
    client.find(FOUND)
    typist = Typist(client, late)
    await client.command("fix", {"uri": URI, "version": 1, "diagnostic": FOUND})
    for wait, where, text in keys:
        for _ in range(wait):
            await asyncio.sleep(0)
        place = typist.text.find("nme")
        offset = {"before": 0, "inside": max(place, 0) + 1, "after": len(typist.text)}[where]
        typist.type(offset, text)
    await until(lambda: not client.server.jobs.running() and not typist.pending)
    await client.close()
    return checking, typist
