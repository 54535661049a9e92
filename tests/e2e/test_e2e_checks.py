"""Checkers in an editor: what they find is shown once, follows the text, and goes with the document."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from e2e_editors import PROFILES, SOURCE, WAIT_S, Editor, Profile, until
from lsprotocol import types

from lsp_debugger.state import State
from lsp_debugger.trust import Trust

pytestmark = pytest.mark.thorough

NEOVIM = next(each for each in PROFILES if each.name.startswith("neovim_0.12"))
VSCODE = next(each for each in PROFILES if each.name.startswith("vscode_1.139_client11"))
each_of_two = pytest.mark.parametrize("profile", [NEOVIM, VSCODE], ids=lambda profile: profile.name)
one = pytest.mark.parametrize("profile", [NEOVIM], ids=lambda profile: profile.name)


def turn_on(editor: Editor) -> None:
    settings = {"lspDebugger": {"backend": "none", "checkers.run": "on_save"}}
    editor.set_configuration(settings["lspDebugger"], section="lspDebugger")
    editor.workspace_did_change_configuration(types.DidChangeConfigurationParams(settings=settings))


def shown(editor: Editor) -> list[types.Diagnostic]:
    return editor.diagnostics.get(editor.uri, [])


def codes(editor: Editor) -> set[str]:
    return {str(each.code) for each in shown(editor)}


def save(editor: Editor) -> None:
    document = types.TextDocumentIdentifier(editor.uri)
    editor.text_document_did_save(types.DidSaveTextDocumentParams(document))


async def quiet(editor: Editor, wrong: Callable[[], object], seconds: float = 1.5) -> None:
    """Nothing of the kind happens for a while; a run of ruff takes a tenth of that."""
    try:
        async with asyncio.timeout(seconds):
            while not wrong():  # noqa: ASYNC110 - conditions are of things that set no event
                await asyncio.sleep(0.05)
    except TimeoutError:
        return
    raise AssertionError(f"shown: {shown(editor)}")


@each_of_two
async def test_findings_are_published_follow_a_save_and_go_with_the_document(
    editor: Editor, profile: Profile
) -> None:
    assert profile
    Trust(State()).grant(editor.project)
    editor.open()
    turn_on(editor)
    await until(lambda: {"F401", "F821"} <= codes(editor))
    found = next(each for each in shown(editor) if each.code == "F401")
    assert (found.source, found.range.start) == ("ruff", types.Position(0, 7))
    assert found.code_description is not None
    assert found.code_description.href == "https://docs.astral.sh/ruff/rules/unused-import"

    text = SOURCE.replace("import os\n", "import os; os\n")
    document = types.VersionedTextDocumentIdentifier(2, editor.uri)
    change = types.TextDocumentContentChangeWholeDocument(text)
    editor.text_document_did_change(types.DidChangeTextDocumentParams(document, [change]))
    (editor.project / "näme 1.py").write_text(text, "utf-8")
    save(editor)
    await until(lambda: shown(editor) and "F401" not in codes(editor))
    assert "F821" in codes(editor)

    editor.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(editor.uri)))
    await until(lambda: not shown(editor))


@each_of_two
async def test_the_tools_own_fix_is_offered_and_resolves(editor: Editor, profile: Profile) -> None:
    Trust(State()).grant(editor.project)
    editor.open()
    turn_on(editor)
    await until(lambda: "F401" in codes(editor))
    found = next(each for each in shown(editor) if each.code == "F401")
    edits = list[types.CodeAction]()
    async with asyncio.timeout(WAIT_S):
        while not edits:
            actions = await editor.actions(found.range, [found])
            edits = [each for each in actions if each.kind == "quickfix"]
            await asyncio.sleep(0.05)
    [edit] = edits
    assert edit.title == "Remove unused import: `os`"
    resolved = await editor.code_action_resolve_async(edit)
    assert resolved.edit is not None
    if profile.capabilities["workspace"]["workspaceEdit"].get("documentChanges"):
        [document] = resolved.edit.document_changes or ()
        assert isinstance(document, types.TextDocumentEdit)
        changed = document.edits
    else:
        changed = (resolved.edit.changes or {})[editor.uri]
    assert [(each.range.start.line, each.new_text) for each in changed] == [(0, "")]


@one
async def test_another_server_that_reports_the_tool_takes_over(editor: Editor, profile: Profile) -> None:
    assert profile
    Trust(State()).grant(editor.project)
    editor.open()
    turn_on(editor)
    await until(lambda: "F401" in codes(editor))
    ours = next(each for each in shown(editor) if each.code == "F401")
    # An editor package hands on what is published, ours among it: that is nobody else's word.
    editor.tell([ours])
    await quiet(editor, lambda: "F401" not in codes(editor))
    theirs = types.Diagnostic(
        types.Range(types.Position(0, 7), types.Position(0, 9)), "unused: `os`", source="Ruff", code="F401"
    )
    editor.tell([theirs])
    await until(lambda: not any(each.source == "ruff" for each in shown(editor)))
    hover = await editor.hover(types.Position(0, 8))
    assert hover is not None, "what was found is known all the same"


@one
@pytest.mark.parametrize("reason", ["not trusted", "not turned on", "not saved"])
async def test_nothing_is_run(editor: Editor, profile: Profile, reason: str) -> None:
    assert profile
    if reason != "not trusted":
        Trust(State()).grant(editor.project)
    editor.open(SOURCE + "\n\n" if reason == "not saved" else SOURCE)
    if reason != "not turned on":
        turn_on(editor)
    save(editor)
    await quiet(editor, lambda: shown(editor))
