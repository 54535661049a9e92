"""From a real finding to a shown answer, over the real process, as each editor does it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from e2e_editors import ENCODINGS, PROFILES, SOURCE, Editor, Profile, Tools, units, until
from lsprotocol import types

each_editor = pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
each_encoding = pytest.mark.parametrize("profile", ENCODINGS, ids=lambda profile: profile.encoding)
_LINES = SOURCE.split("\n")


def named(found: list[types.Diagnostic], code: str) -> types.Diagnostic:
    return next(each for each in found if each.code == code)


def kinds(actions: Iterable[types.CodeAction]) -> list[str]:
    return [str(getattr(each.kind, "value", each.kind)) for each in actions]


@each_editor
async def test_from_a_finding_to_the_answer(editor: Editor, profile: Profile, tools: Tools) -> None:
    found = tools.diagnostics(profile.encoding)
    unused, undefined = named(found, "F401"), named(found, "F821")
    editor.open()
    editor.tell(found)
    for ask in profile.asks:
        actions = await editor.actions(unused.range, found, ask)
        assert kinds(actions)[-1] == "quickfix.explain"
        assert all(each.is_preferred is None for each in actions)
        assert kinds(await editor.actions(types.Range(*2 * [types.Position(5, 0)]), found, ask)) == []

    [explain] = [each for each in await editor.actions(undefined.range, found) if each.command]
    assert await editor.code_action_resolve_async(explain) == explain
    answer = await editor.run(explain.command)
    await until(lambda: editor.progress_of(types.WorkDoneProgressEnd))

    assert list(editor.progress_reports) == [f"explain {explain.title.split()[1]} #1"]
    [began] = editor.progress_of(types.WorkDoneProgressBegin)
    assert (began.title, began.cancellable) == (f"lsp_debugger: explaining {explain.title.split()[1]}", True)
    [ended] = editor.progress_of(types.WorkDoneProgressEnd)
    assert ended.message.startswith("ready, without a model: ")
    shown = await editor.command("lastAnswer") if not profile.shows_documents else None
    if shown is None:
        await until(lambda: editor.shown_documents)
        [opened] = editor.shown_documents
        assert (opened.take_focus, opened.external) == (False, False)
        assert opened.selection == types.Range(types.Position(0, 0), types.Position(0, 0))
        text = await _text(editor, opened.uri)
    else:
        text = shown["text"]
        told = f"The answer is in {_path(shown['uri'])}"
        assert [each.message for each in editor.messages] == [told, told], "at its end, and by the command"
        editor.messages.clear()  # it was asked for
    assert text.startswith(f"# {explain.title.split()[1]}: ")
    assert "`undefined_name`" in text.split("\n## ")[0]
    assert "## No explanation by a model" in text
    assert f"Answer `{answer['id']}` · of version 1" in text


async def _text(editor: Editor, uri: str) -> str:
    if not editor.profile.streams:
        return _path(uri).read_text("utf-8")
    await until(lambda: "\n---\n" in (editor.read_again.get(uri) or [""])[-1])
    return editor.read_again[uri][-1]


def _path(uri: str) -> Path:
    return Path(unquote(urlsplit(uri).path))


@each_encoding
async def test_positions_in_every_encoding(editor: Editor, profile: Profile, tools: Tools) -> None:
    found = tools.diagnostics(profile.encoding)
    undefined = named(found, "reportUndefinedVariable")
    line = undefined.range.start.line
    editor.open()
    editor.tell([undefined])

    inside = await editor.hover(undefined.range.start)
    assert inside is not None
    assert inside.range == undefined.range
    before = types.Position(line, undefined.range.start.character - 2)
    assert await editor.hover(before) is None

    # Typed before the finding, on its own line: the range moves by that in the client's units.
    typed, at = "語👍 = 1; ", types.Position(line, 0)
    change = types.TextDocumentContentChangePartial(types.Range(at, at), typed)
    document = types.VersionedTextDocumentIdentifier(2, editor.uri)
    editor.text_document_did_change(types.DidChangeTextDocumentParams(document, [change]))
    moved = units(typed, profile.encoding)
    later = types.Position(line, undefined.range.start.character + moved)
    shown = await editor.hover(later)
    assert shown is not None
    assert shown.range is not None
    assert shown.range.start == later
    assert await editor.hover(types.Position(line, later.character - 2)) is None


@pytest.mark.parametrize("profile", [PROFILES[-2], ENCODINGS[0]], ids=lambda profile: profile.name)
async def test_a_certain_edit_from_the_list_to_the_text(
    editor: Editor, profile: Profile, tools: Tools
) -> None:
    found = tools.diagnostics(profile.encoding)
    undefined = next(each for each in found if "`math`" in each.message)
    editor.open()
    editor.tell([undefined])
    # The first list has the card made, a later one finds the edit in it.
    edits = list[types.CodeAction]()
    async with asyncio.timeout(30):
        while not edits:
            actions = await editor.actions(undefined.range, [undefined])
            edits = [each for each in actions if each.kind == "quickfix"]
            await asyncio.sleep(0.05)
    assert kinds(each for each in actions if not each.disabled) == ["quickfix", "quickfix.explain"]
    resolved = await editor.code_action_resolve_async(edits[0])
    assert resolved.edit is not None
    if profile.capabilities["workspace"]["workspaceEdit"].get("documentChanges"):
        [change] = resolved.edit.document_changes or ()
        assert isinstance(change, types.TextDocumentEdit)
        assert change.text_document.version == 1
        changed = change.edits
    else:
        changed = (resolved.edit.changes or {})[editor.uri]
    text = applied(SOURCE, list(changed), profile.encoding)
    assert [line for line in text.split("\n") if line not in _LINES] == ["import math"]


@pytest.mark.parametrize("profile", [PROFILES[0]], ids=lambda profile: profile.name)
async def test_what_is_in_force(editor: Editor, profile: Profile) -> None:
    assert profile
    status = await editor.command("status")
    assert "none" in status["model"]
    assert status["running questions"] == "0"
    assert await editor.command("restart") == {"restarted": True}
    assert re.fullmatch(r"there is no answer yet", (await editor.command("lastAnswer"))["reason"])


def applied(text: str, edits: list[types.TextEdit], encoding: str) -> str:
    """As a client applies them, from the last to the first."""
    lines = text.split("\n")

    def offset(position: types.Position) -> int:
        before = sum(len(line) + 1 for line in lines[: position.line])
        line = lines[position.line]
        column = next(n for n in range(len(line) + 1) if units(line[:n], encoding) >= position.character)
        return before + column

    for edit in sorted(
        edits, key=lambda each: (each.range.start.line, each.range.start.character), reverse=True
    ):
        text = text[: offset(edit.range.start)] + edit.new_text + text[offset(edit.range.end) :]
    return text
