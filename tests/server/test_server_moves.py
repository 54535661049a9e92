"""Typing while a fix is checked or on its way: an edit meets the text that was checked, or nothing."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scripted_client import URI, Client, recorded
from scripted_editor import until
from typing_user import EDITORS, FOUND, PLACES, TEXT, Checking, Key, typed_while_fixed

from lsp_debugger.core.ask import Replacement
from lsp_debugger.core.text import Snapshot, Span
from lsp_debugger.server.moves import moved_text

pytestmark = pytest.mark.thorough

KEYS = st.tuples(st.integers(0, 12), st.sampled_from(PLACES), st.sampled_from(["#\n", "y"]))


@settings(max_examples=60, deadline=None)
@given(
    name=st.sampled_from(EDITORS),
    keys=st.lists(KEYS, max_size=6),
    late=st.integers(0, 4),
    turns=st.integers(0, 6),
    is_sure=st.booleans(),
)
def test_no_edit_meets_a_text_that_was_not_checked(
    name: str, keys: list[Key], late: int, turns: int, is_sure: bool
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        checking, typist = asyncio.run(
            typed_while_fixed(Path(directory), name, keys, late, turns, is_sure=is_sure)
        )
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
