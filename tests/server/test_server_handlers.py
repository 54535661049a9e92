"""The handlers, over the real server and protocol: what an editor sends, and what it gets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from scripted_client import NAMES, URI, Client, diagnostic, recorded
from scripted_editor import CARD, until

from lsp_debugger.core.ask import Card, CertainEdit, Problem, Replacement
from lsp_debugger.core.text import Snapshot, Span
from lsp_debugger.server import commands, handlers

TEXT = "import os\nprint(nme)\n"


@pytest.fixture
async def clients(tmp_path: Path) -> AsyncIterator[Any]:
    made = list[Client]()

    async def make(name: str | None = "vscode_1.139_client9", **initialize: Any) -> Client:
        client = Client(tmp_path, recorded(name) if name else {}, **initialize)
        made.append(client)
        await client.start()
        return client

    yield make
    for client in made:
        await client.close()


@pytest.fixture
async def client(clients: Any) -> Client:
    client = await clients()
    client.open(TEXT)
    return client


def with_edit(problem: Problem, snapshot: Snapshot) -> Card:
    edit = CertainEdit("Remove the import", snapshot.uri, snapshot.version, (Replacement(Span(0, 10), ""),))
    return replace(CARD, edit=edit) if problem.line == 1 else CARD


# What initialize offers


async def test_what_the_server_offers(tmp_path: Path) -> None:
    client = Client(tmp_path, recorded("vscode_1.139_client11"), rootUri="file:///w")
    offered = (await client.start())["capabilities"]
    assert offered["codeActionProvider"] == {
        "codeActionKinds": ["quickfix", "quickfix.explain", "quickfix.fix"],
        "resolveProvider": True,
    }
    assert offered["hoverProvider"] is True
    assert offered["textDocumentSync"]["save"] == {"includeText": False}
    assert offered["notebookDocumentSync"] == {"notebookSelector": [{"notebook": "*"}], "save": False}
    assert "lspDebugger.explain" in offered["executeCommandProvider"]["commands"]
    assert set(offered["workspace"]["fileOperations"]) == {"didCreate", "didRename", "didDelete"}
    await until(lambda: client.sent("client/registerCapability"))
    [registered] = client.sent("client/registerCapability")
    assert [each["method"] for each in registered["registrations"]] == [
        "workspace/textDocumentContent",
        "workspace/didChangeWatchedFiles",
        "workspace/didChangeConfiguration",
    ]
    assert registered["registrations"][0]["registerOptions"] == {"schemes": ["lspdbg"]}
    await client.close()


def test_every_command_that_is_announced_is_there() -> None:
    assert set(handlers.COMMANDS) == set(commands.COMMANDS)


# The list of actions


async def test_nothing_without_a_finding(client: Client) -> None:
    assert await client.actions(0) == []
    client.find(diagnostic(1, 6, 9, "F821"))
    assert await client.actions(0) == []
    assert await client.actions(0, uri="file:///w/other.py") == []


async def test_one_lazy_question_about_the_worst_finding_of_a_line(client: Client) -> None:
    client.find(diagnostic(0, 7, 9), diagnostic(0, 0, 9, "E1", severity=1), diagnostic(1, 6, 9, "F821"))
    [action] = await client.actions(0, 8)
    command = action.pop("command")
    assert action == {"title": "Explain: E1 about E1", "kind": "quickfix.explain"}
    assert command["command"] == "lspDebugger.explain"
    [given] = command["arguments"]
    assert (given["uri"], given["version"], given["diagnostic"]["code"]) == (URI, 1, "E1")


async def test_long_and_many_lined_messages_make_a_short_title(client: Client) -> None:
    client.find(diagnostic(0, 0, 1, "X", message="first\nsecond \u202e" + "word " * 50))
    [action] = await client.actions(0)
    assert action["title"].startswith("Explain: X first second word")
    assert len(action["title"]) <= 80


async def test_a_title_holds_no_secret(client: Client) -> None:
    found = diagnostic(0, 0, 1, "X", message='password = "hunter2!"')
    client.find(found)
    [action] = await client.actions(0)
    assert action["title"] == 'Explain: X password = "<SECRET_1:assigned>"'
    [given] = action["command"]["arguments"]
    assert given["diagnostic"]["message"] == found["message"], "it goes back to its sender as it is"
    client.session.is_prepared = False
    [action] = await client.actions(0)
    assert action["title"] == "Explain: X"


async def test_an_explanation_is_found_by_the_problem_as_it_was_reported(client: Client) -> None:
    client.session.pipeline.mask = lambda problem: replace(problem, message="masked")
    client.find(diagnostic(0, 7, 9))
    job = (await client.command("explain", URI, 0))["id"]
    await until(lambda: client.server.jobs.running() == [])
    assert "**The model supposes**" in (await client.hover(0, 8))["contents"]["value"]
    assert (client.server.answers.read(job) or "").startswith("# F401: masked\n")


async def test_what_the_client_says_decides_over_the_store(client: Client) -> None:
    client.find(diagnostic(0, 7, 9))
    given = diagnostic(0, 0, 6, "E9", data={"owner": 1})
    [action] = await client.actions(0, diagnostics=[given])
    assert action["title"] == "Explain: E9 about E9"
    assert action["diagnostics"] == [given]
    assert (await client.hover(0, 3))["range"]["end"] == {"line": 0, "character": 6}


@pytest.mark.parametrize(
    ("only", "offered"),
    [
        (None, True),
        ([], True),
        (["quickfix"], True),
        (["quickfix.explain"], True),
        ([""], True),
        (["refactor"], False),
        (["quickfix.explain.more"], False),
        (["quick"], False),
        (["refactor", "quickfix"], True),
    ],
)
async def test_kinds_are_a_hierarchy(client: Client, only: list[str] | None, offered: bool) -> None:
    client.find(diagnostic(0, 7, 9))
    context = {} if only is None else {"only": only}
    assert bool(await client.actions(0, **context)) is offered


async def test_both_ways_of_lsp4ij_find_it(client: Client) -> None:
    client.find(diagnostic(0, 7, 9))
    quick_fix = await client.actions(0, diagnostics=[], only=["quickfix"], triggerKind=2)
    intention = await client.actions(0, 8, diagnostics=[])
    assert [each["kind"] for each in (*quick_fix, *intention)] == ["quickfix.explain"] * 2


async def test_the_setting_takes_explain_away(client: Client) -> None:
    client.find(diagnostic(0, 7, 9))
    client.session.settings = replace(client.session.settings, actions_explain=False)
    assert await client.actions(0) == []


async def test_a_client_without_code_action_literals_gets_the_command(clients: Any) -> None:
    client = await clients(None)
    client.open(TEXT)
    client.find(diagnostic(0, 7, 9))
    [command] = await client.actions(0)
    assert (command["title"], command["command"]) == ("Explain: F401 about F401", "lspDebugger.explain")


async def test_the_list_asks_for_no_card_twice_and_waits_for_none(client: Client) -> None:
    client.find(diagnostic(0, 7, 9))
    before = len(client.messages)
    for _ in range(5):
        # Handled and answered in the same turn of the loop: nothing can have been waited for.
        context = {"diagnostics": [], "triggerKind": 1}
        params = {"textDocument": {"uri": URI}, "range": diagnostic(0, 0, 0)["range"], "context": context}
        client.server.protocol.handle_message(
            {"jsonrpc": "2.0", "id": "now", "method": "textDocument/codeAction", "params": params}
        )
    assert len(client.messages) == before + 5
    await asyncio.sleep(0.01)
    assert client.session.pipeline.cards_made == 1
    assert client.session.told_of("problem seen")


async def test_a_list_that_nobody_asked_for_starts_nothing(client: Client) -> None:
    client.find(diagnostic(0, 7, 9))
    assert len(await client.actions(0, triggerKind=2)) == 1
    await asyncio.sleep(0.01)
    assert client.session.pipeline.cards_made == 0


# Certain edits


async def edit_action(client: Client, **rest: Any) -> dict[str, Any]:
    client.session.pipeline.make_card = with_edit
    client.find(diagnostic(0, 7, 9, **rest))
    await client.hover(0, 8)
    actions = await client.actions(0)
    return actions[0]


async def test_a_certain_edit_is_offered_once_its_card_is_there_and_before_explain(client: Client) -> None:
    client.session.pipeline.make_card = with_edit
    client.find(diagnostic(0, 7, 9))
    assert [each["kind"] for each in await client.actions(0)] == ["quickfix.explain"]
    await client.hover(0, 8)
    first, second = await client.actions(0)
    assert (first["title"], first["kind"], "edit" in first) == ("Remove the import", "quickfix", False)
    assert second["kind"] == "quickfix.explain"
    assert all("isPreferred" not in each for each in (first, second))


async def test_resolving_gives_a_versioned_annotated_edit(client: Client) -> None:
    action = await client.request("codeAction/resolve", await edit_action(client))
    [change] = action["edit"]["documentChanges"]
    assert change["textDocument"] == {"uri": URI, "version": 1}
    [edit] = change["edits"]
    assert (edit["newText"], edit["range"]["end"]) == ("", {"line": 1, "character": 0})
    assert edit["annotationId"] in action["edit"]["changeAnnotations"]


async def test_resolving_in_a_client_without_versions(clients: Any) -> None:
    client = await clients("neovim_0.10.4")
    client.open(TEXT)
    action = await client.request("codeAction/resolve", await edit_action(client))
    assert list(action["edit"]) == ["changes"]


async def test_an_edit_of_an_older_version_is_refused(client: Client) -> None:
    action = await edit_action(client)
    client.change("x = 1\n" + TEXT, 2)
    resolved = await client.request("codeAction/resolve", action)
    assert "edit" not in resolved
    assert resolved["disabled"]["reason"] == "the document has changed since this was offered"


async def test_where_disabled_is_not_known_the_action_comes_back_unchanged(clients: Any) -> None:
    client = await clients("eglot_30.2")
    client.open(TEXT)
    action = await edit_action(client)
    client.change("x = 1\n" + TEXT, 2)
    assert await client.request("codeAction/resolve", action) == action


async def test_a_stale_finding_is_explained_but_never_edited(client: Client) -> None:
    await edit_action(client)
    client.change("import oss\nprint(nme)\n", 2)
    await client.hover(0, 8)
    assert [each["kind"] for each in await client.actions(0)] == ["quickfix.explain"]


async def test_no_edit_where_the_owner_has_sent_one(client: Client) -> None:
    action = await edit_action(client, data={"edits": [{"newText": ""}]})
    assert action["kind"] == "quickfix.explain"


@pytest.mark.parametrize(
    "action",
    [
        {"title": "somebody else's", "kind": "quickfix", "data": {"id": 7}},
        {"title": "no data"},
        {"title": "complete", "edit": {"changes": {}}, "data": {"lspDebugger": {"uri": URI}}},
        {"title": "a command", "command": {"title": "t", "command": "c", "arguments": [1]}},
        {"title": "broken", "data": {"lspDebugger": {"uri": URI, "diagnostic": {"range": 3}}}},
        {"title": "list", "data": [1, 2]},
    ],
)
async def test_resolve_returns_what_is_not_its_own_unchanged(client: Client, action: dict[str, Any]) -> None:
    assert await client.request("codeAction/resolve", action) == action


async def test_a_failing_card_breaks_neither_resolve_nor_hover_nor_the_list(client: Client) -> None:
    action = await edit_action(client)

    def fails(_problem: Problem, _snapshot: Snapshot) -> Card:
        raise ValueError("text of the user's")

    client.change(TEXT + "\n", 2)
    client.session.pipeline.make_card = fails
    assert await client.hover(0, 8) is None
    assert [each["kind"] for each in await client.actions(0)] == ["quickfix.explain"]
    assert "edit" not in await client.request("codeAction/resolve", action)
    assert client.sent("window/showMessage") == []


# Hover


async def test_hover_shows_the_card_inside_the_range_only(client: Client) -> None:
    client.find(diagnostic(0, 7, 9))
    shown = await client.hover(0, 8)
    assert shown["contents"]["kind"] == "markdown"
    assert CARD.headline.split("`")[1] in shown["contents"]["value"]
    assert shown["range"] == diagnostic(0, 7, 9)["range"]
    assert await client.hover(0, 3) is None
    assert await client.hover(1, 3) is None
    assert await client.hover(0, 8, uri="file:///w/other.py") is None


async def test_hover_is_plain_text_where_markdown_is_not_known(clients: Any) -> None:
    client = await clients("eglot_30.2")
    client.open(TEXT)
    client.find(diagnostic(0, 7, 9))
    shown = await client.hover(0, 8)
    assert shown["contents"]["kind"] == "plaintext"
    assert "](" not in shown["contents"]["value"]


async def test_hover_holds_the_explanation_once_there_is_one_and_stays_short(client: Client) -> None:
    client.session.pipeline.pieces = ("The name is unused. ", *(f"Line {n}.\n\n" for n in range(30)))
    client.find(diagnostic(0, 7, 9))
    job = (await client.command("explain", URI, 0))["id"]
    await until(lambda: client.server.jobs.running() == [])
    text = (await client.hover(0, 8))["contents"]["value"]
    assert "**The model supposes** (medium confidence):" in text
    assert "The name is unused." in text
    assert len(text.splitlines()) <= 12
    client.change("# a\n" + TEXT, 2)
    later = (await client.hover(1, 8))["contents"]["value"]
    assert "medium confidence, of version 1" in later
    assert client.session.pipeline.closed == 1, "hover asked no model"
    assert job


async def test_the_hover_setting(client: Client) -> None:
    client.find(diagnostic(0, 7, 9))
    client.session.settings = replace(client.session.settings, hover_card=False)
    assert await client.hover(0, 8) is None


# Documents, files, folders, settings


async def test_documents_reach_the_session_in_order(client: Client) -> None:
    client.change("a\n", 2)
    client.notify("textDocument/didSave", {"textDocument": {"uri": URI}})
    client.notify("textDocument/didClose", {"textDocument": {"uri": URI}})
    assert client.session.told == [
        ("opened", URI, TEXT),
        ("changed", URI, "a\n"),
        ("saved", URI),
        ("closed", URI),
    ]


async def test_documents_opened_before_the_session_reach_it_too(tmp_path: Path) -> None:
    client = Client(tmp_path)
    await client.request("initialize", client._initialize)
    client.open(TEXT)
    client.notify("initialized", {})
    await until(lambda: client.session.told)
    assert client.session.told == [("opened", URI, TEXT)]
    assert client.session.watches  # this client does not tell what changes on disk
    await client.close()


async def test_findings_that_come_before_their_document_wait_for_it(clients: Any) -> None:
    client = await clients()
    client.find(diagnostic(0, 7, 9))
    assert await client.actions(0) == []
    client.open(TEXT)
    assert len(await client.actions(0)) == 1


async def test_findings_of_an_older_version_are_moved(client: Client) -> None:
    client.change("x = 1\n" + TEXT, 2)
    client.find(diagnostic(0, 7, 9), version=1)
    assert await client.actions(0) == []
    assert len(await client.actions(1)) == 1


async def test_findings_of_an_unknown_version_are_stale(client: Client) -> None:
    client.find(diagnostic(0, 7, 9), version=77)
    [finding] = client.server.diagnostics.of(URI)
    assert finding.problem.stale


async def test_findings_outlive_a_close_when_the_text_is_the_same(client: Client) -> None:
    client.find(diagnostic(0, 7, 9))
    client.notify("textDocument/didClose", {"textDocument": {"uri": URI}})
    client.open(TEXT)
    assert len(await client.actions(0)) == 1
    client.notify("textDocument/didClose", {"textDocument": {"uri": URI}})
    client.open("other\n" + TEXT)
    assert await client.actions(0) == []


async def test_bad_findings_are_a_log_line_and_nothing_else(client: Client) -> None:
    for params in (None, [], {"uri": 3}, {"uri": URI, "diagnostics": "x"}):
        client.notify("lspDebugger/foreignDiagnostics", params)
    client.find({"range": 3}, diagnostic(0, 7, 9), None, uri=URI)
    assert len(client.server.diagnostics.of(URI)) == 1
    assert client.sent("window/showMessage") == []


async def test_a_notebook_is_a_document_a_cell(client: Client) -> None:
    cells = [{"uri": f"cell:{n}", "languageId": "python", "version": 1, "text": TEXT} for n in range(2)]
    notebook = {
        "uri": "file:///w/n.ipynb",
        "notebookType": "jupyter-notebook",
        "version": 1,
        "cells": [{"kind": 2, "document": cell["uri"]} for cell in cells],
    }
    client.notify("notebookDocument/didOpen", {"notebookDocument": notebook, "cellTextDocuments": cells})
    client.find(diagnostic(0, 7, 9), uri="cell:1")
    assert len(await client.actions(0, uri="cell:1")) == 1
    place = {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}
    change = {
        "cells": {
            "structure": {
                "array": {"start": 0, "deleteCount": 1, "cells": []},
                "didOpen": [{"uri": "cell:2", "languageId": "python", "version": 1, "text": "new"}],
                "didClose": [{"uri": "cell:0"}],
            },
            "textContent": [
                {"document": {"uri": "cell:1", "version": 2}, "changes": [{"range": place, "text": "#\n"}]}
            ],
        }
    }
    document = {"uri": "file:///w/n.ipynb", "version": 2}
    client.notify("notebookDocument/didChange", {"notebookDocument": document, "change": change})
    texts = {snapshot.uri: snapshot.text for snapshot in client.server.documents}
    assert texts == {URI: TEXT, "cell:1": "#\n" + TEXT, "cell:2": "new"}
    assert len(await client.actions(1, uri="cell:1")) == 1
    closing = {"notebookDocument": {"uri": "file:///w/n.ipynb"}, "cellTextDocuments": [{"uri": "cell:1"}]}
    client.notify("notebookDocument/didClose", closing)
    assert [snapshot.uri for snapshot in client.server.documents] == [URI]
    assert client.session.told_of("closed") == [("closed", f"cell:{n}") for n in (0, 1, 2)]


async def test_files_on_disk(client: Client) -> None:
    changes = [{"uri": f"file:///w/{n}.py", "type": n} for n in (1, 2, 3)]
    client.notify(
        "workspace/didChangeWatchedFiles", {"changes": [*changes, {"uri": "untitled:1", "type": 1}]}
    )
    client.notify("workspace/didCreateFiles", {"files": [{"uri": "file:///w/n.py"}]})
    client.notify(
        "workspace/didRenameFiles", {"files": [{"oldUri": "file:///w/o.py", "newUri": "file:///w/p.py"}]}
    )
    client.notify("workspace/didDeleteFiles", {"files": [{"uri": "file:///w/d.py"}]})
    assert client.session.told_of("files") == [
        ("files", ("/w/1.py", "created"), ("/w/2.py", "changed"), ("/w/3.py", "deleted")),
        ("files", ("/w/n.py", "created")),
        ("files", ("/w/o.py", "deleted"), ("/w/p.py", "created")),
        ("files", ("/w/d.py", "deleted")),
    ]


async def test_folders_come_and_go(clients: Any, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    folder = {"uri": one.as_uri(), "name": "one"}
    client = await clients(workspaceFolders=[folder])
    assert list(client.session.roots) == [one]
    home = {"uri": Path.home().as_uri(), "name": "home"}
    added = [{"uri": two.as_uri(), "name": "two"}, home]
    client.notify("workspace/didChangeWorkspaceFolders", {"event": {"added": added, "removed": []}})
    client.notify("workspace/didChangeWorkspaceFolders", {"event": {"added": [], "removed": [folder]}})
    assert client.session.told_of("roots") == [("roots", str(one), str(two)), ("roots", str(two))]


async def test_settings_come_from_the_client_that_is_asked(tmp_path: Path) -> None:
    client = Client(tmp_path, recorded("vscode_1.139_client9"), initializationOptions={"backend": "auto"})
    client.replies["workspace/configuration"] = [{"backend": "none", "trace": {"server": "off"}}]
    await client.start()
    assert client.sent("workspace/configuration") == [{"items": [{"section": "lspDebugger"}]}]
    assert client.session.editor == {"backend": "none"}
    client.notify("workspace/didChangeConfiguration", {"settings": None})
    await asyncio.sleep(0.01)
    assert len(client.sessions) == 1, "nothing has changed"
    client.replies["workspace/configuration"] = [{"backend": "ollama"}]
    client.notify("workspace/didChangeConfiguration", {"settings": None})
    await until(lambda: len(client.sessions) == 2)
    await until(lambda: client.session.told_of("closed session"))
    assert client.sessions[1].editor == {"backend": "ollama"}
    await client.close()


async def test_settings_that_are_pushed(clients: Any) -> None:
    client = await clients(None, initializationOptions={"lspDebugger": {"model": {"name": "x"}}})
    assert client.session.editor == {"model": {"name": "x"}}
    client.notify("workspace/didChangeConfiguration", {"settings": {"lspDebugger": {"model.name": "y"}}})
    await until(lambda: len(client.sessions) == 2)
    assert client.sessions[1].editor == {"model.name": "y"}
    assert client.sent("workspace/configuration") == []


async def test_a_client_that_refuses_to_say_its_settings(tmp_path: Path) -> None:
    client = Client(tmp_path, recorded("helix_git_2026-07"), initializationOptions={"backend": "none"})
    client.replies["workspace/configuration"] = ValueError()
    await client.start()
    assert client.session.editor == {"backend": "none"}
    await client.close()


@pytest.mark.parametrize("name", NAMES)
async def test_every_recorded_client_starts_and_is_left_in_peace(clients: Any, name: str) -> None:
    client = await clients(name)
    client.open(TEXT)
    client.find(diagnostic(0, 7, 9))
    await client.actions(0)
    assert client.sent("window/showMessage") + client.sent("window/showMessageRequest") == []
