"""Typing while a fix is checked or on its way: an edit meets the text that was checked, or nothing."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from edited_files import applied
from hypothesis import given, settings
from hypothesis import strategies as st
from lsprotocol import types
from lsprotocol.converters import get_converter
from scripted_client import URI, Client, diagnostic, recorded
from scripted_editor import until

from lsp_debugger.core.ask import Problem, Replacement
from lsp_debugger.core.events import Phase
from lsp_debugger.core.patch import Applied
from lsp_debugger.core.text import Snapshot, Span
from lsp_debugger.fixing import Candidate, Fixes
from lsp_debugger.server.moves import moved_text
from lsp_debugger.verify.verdict import Result, RungResult, Verdict
from lsp_debugger.wiring.callers import Callers

pytestmark = pytest.mark.thorough

TEXT = "import os\n\nprint(nme)\n\nx = 1\n"
FOUND = diagnostic(2, 6, 9, "F821", severity=1)


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
        client.replies["workspace/applyEdit"] = Client.NEVER
        client.replies["window/showMessageRequest"] = Client.NEVER
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
        result: Any = None
        if message["method"] == "workspace/applyEdit":
            result = {"applied": self._apply(message["params"]["edit"])}
        elif message["method"] == "window/showMessageRequest":
            result = {"title": "Apply"}
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


KEYS = st.tuples(
    st.integers(0, 12), st.sampled_from(["before", "inside", "after"]), st.sampled_from(["#\n", "y"])
)


@settings(max_examples=60, deadline=None)
@given(
    name=st.sampled_from(["vscode_1.139_client9", "eglot_30.2", "helix_25.01.1"]),
    keys=st.lists(KEYS, max_size=6),
    late=st.integers(0, 4),
    turns=st.integers(0, 6),
    is_sure=st.booleans(),
)
def test_no_edit_meets_a_text_that_was_not_checked(
    name: str, keys: list[tuple[int, str, str]], late: int, turns: int, is_sure: bool
) -> None:
    async def scene(directory: Path) -> tuple[Checking, Typist]:
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

    with tempfile.TemporaryDirectory() as directory:
        checking, typist = asyncio.run(scene(Path(directory)))
    assert set(typist.applied) <= set(checking.checked_texts)
    if not keys:
        assert len(typist.applied) == 1, "without anybody typing it is applied"


async def test_a_fix_moves_along_with_what_was_typed_elsewhere(tmp_path: Path) -> None:
    client = Client(tmp_path, recorded("vscode_1.139_client9"))
    await client.start()
    checking = Checking(turns=0, is_sure=True, hold=asyncio.Event())
    client.session.repairs = checking  # type: ignore[assignment]
    client.open(TEXT)
    client.find(FOUND)
    client.replies["workspace/applyEdit"] = {"applied": True}
    await client.command("fix", {"uri": URI, "version": 1, "diagnostic": FOUND})
    client.change("# new\n" + TEXT, 2)
    checking.hold.set()
    await until(lambda: not client.server.jobs.running())
    [params] = client.sent("workspace/applyEdit")
    [step] = params["edit"]["documentChanges"]
    assert step["textDocument"]["version"] == 2
    assert step["edits"][0]["range"]["start"] == {"line": 3, "character": 0}
    assert checking.checked_texts[-1] == ("# new\n" + TEXT, "# new\n" + TEXT.replace("nme", "name"))
    assert client.sent("window/showMessage") == []
    await client.close()


def change(text: str, start: int, end: int, new: str) -> tuple[Snapshot, tuple[Replacement, ...]]:
    return Snapshot(URI, text[:start] + new + text[end:], 2), (Replacement(Span(start, end), new),)


@given(st.integers(0, len(TEXT)), st.integers(0, 4), st.sampled_from(["", "z", "\n", "# a\n"]))
def test_a_moved_fix_is_the_old_one_around_the_new_text(start: int, length: int, new: str) -> None:
    now, edits = change(TEXT, start, min(start + length, len(TEXT)), new)
    text = moved_text(TEXT, TEXT.replace("print(nme)", "print(name)"), edits, now)
    assert text is None or text == now.text.replace("print(nme)", "print(name)")


@pytest.mark.parametrize("offset", [10, 11, 17, 21, 22])
def test_what_was_touched_is_given_up(offset: int) -> None:
    now, edits = change(TEXT, offset, offset, "z")
    wanted = None if 11 <= offset <= 22 else now.text.replace("nme", "name")
    assert moved_text(TEXT, TEXT.replace("nme", "name"), edits, now) == wanted
