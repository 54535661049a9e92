"""Fix, over the real server and protocol: the action, the command, the edit, and what becomes of each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from scripted_client import URI, Client, diagnostic, recorded
from scripted_editor import answered, until

from lsp_debugger.core.ask import Place
from lsp_debugger.core.patch import Applied
from lsp_debugger.core.text import Span
from lsp_debugger.fixing import Candidate, Fixes
from lsp_debugger.verify.verdict import Result, RungResult, Verdict
from lsp_debugger.wiring.callers import Callers

TEXT = "import os\nprint(nme)\n"
FIXED = "import os\nprint(name)\n"
FOUND = diagnostic(1, 6, 9, "F821", severity=1)
TITLE = "Fix: change a line (parses · F821 gone)"
CLIENT = "vscode_1.139_client9"


def verdict(*more: RungResult, flags: tuple[str, ...] = ()) -> Verdict:
    passed = [RungResult(name, Result.PASSED, name) for name in ("parses", "F821 gone")]
    return Verdict((*passed, *more), flags)


UNSURE = verdict(RungResult("tests pass", Result.NOT_CHECKED, "no tests"))


def fixes(text: str | None = FIXED, checked: Verdict | None = None, **others: str | None) -> Fixes:
    """others: further files, by the name without its suffix."""
    texts = {"a.py": text, **{f"{name}.py": each for name, each in others.items()}}
    return Fixes((Candidate(Applied(texts), checked or verdict(), {"a.py": TEXT}),))


@pytest.fixture
async def clients(tmp_path: Path) -> AsyncIterator[Any]:
    made = list[Client]()

    async def make(
        name: str | dict[str, Any] | None = CLIENT, found: Fixes | None = None, **initialize: Any
    ) -> Client:
        client = Client(tmp_path, recorded(name) if isinstance(name, str) else name, **initialize)
        made.append(client)
        await client.start()
        client.session.repairs.found = found or fixes()
        client.session.no_model = ""
        client.session.settings = replace(client.session.settings, actions_explain=False)
        client.replies["workspace/applyEdit"] = {"applied": True}
        client.open(TEXT)
        client.find(FOUND)
        return client

    yield make
    for client in made:
        await client.close()


async def fixed(client: Client, version: int = 1) -> str:
    """Ask for a fix as the action does, and wait; what its progress ended with, if any."""
    begun = await client.command("fix", {"uri": URI, "version": version, "diagnostic": FOUND})
    assert begun["id"], begun
    await until(lambda: not client.server.jobs.running())
    return client.progress()[-1][-1] if client.progress() else ""


# The action


async def test_fix_is_a_command_where_a_model_is(clients: Any) -> None:
    client = await clients()
    [action] = await client.actions(1)
    command = action.pop("command")
    assert action == {"title": "Fix with the model: F821 about F821", "kind": "quickfix.fix"}
    assert command["command"] == "lspDebugger.fix"
    [given] = command["arguments"]
    assert (given["uri"], given["version"], given["diagnostic"]["code"]) == (URI, 1, "F821")
    assert client.session.repairs.asked == [], "the list asks nobody"


async def test_a_message_that_begins_with_its_code_is_not_given_it_twice(clients: Any) -> None:
    client = await clients()
    client.find(diagnostic(1, 6, 9, "KeyError", message="KeyError: 'x'", severity=1))
    [action] = await client.actions(1)
    assert action["title"] == "Fix with the model: KeyError: 'x'"


async def test_fix_stands_before_explain(clients: Any) -> None:
    client = await clients()
    client.session.settings = replace(client.session.settings, actions_explain=True)
    assert [each["kind"] for each in await client.actions(1)] == ["quickfix.fix", "quickfix.explain"]


@pytest.mark.parametrize(
    ("name", "why", "shown"),
    [
        (CLIENT, None, []),
        (CLIENT, "no model was found", ["no model was found"]),
        ("eglot_30.2", "no model was found", []),
        (None, "no model was found", []),
        (None, "", [None]),
    ],
)
async def test_without_a_model_it_is_disabled_where_that_is_shown(
    clients: Any, name: str | None, why: str | None, shown: list[Any]
) -> None:
    client = await clients(name)
    client.session.no_model = why
    listed = await client.actions(1)
    assert [(each.get("disabled") or {}).get("reason") for each in listed] == shown
    assert all("disabled" not in each or "command" not in each for each in listed)


async def test_a_list_that_the_user_asked_for_has_a_look_for_a_model(clients: Any) -> None:
    client = await clients()
    await client.actions(1, triggerKind=2)
    assert client.session.told_of("look for a model") == []
    await client.actions(1, triggerKind=1)
    assert client.session.told_of("look for a model")


async def test_neither_a_stale_finding_nor_an_untitled_buffer_is_fixed(clients: Any) -> None:
    client = await clients()
    client.change(TEXT.replace("nme", "nmee"), 2)
    assert await client.actions(1) == []
    client.open(TEXT, uri="untitled:1")
    client.find(FOUND, uri="untitled:1")
    assert await client.actions(1, uri="untitled:1") == []


@pytest.mark.parametrize("why", [None, "", "no model was found"])
async def test_what_was_explained_may_be_fixed_elsewhere_with_or_without_a_model(
    clients: Any, why: str | None
) -> None:
    client = await clients()
    client.session.remote_name, client.session.no_model = "corp", why
    # Where there can be an answer from here, it comes first.
    assert ("lspDebugger.escalateFix" in repr(await client.actions(1))) is bool(why)
    explained = client.server.diagnostics.on_lines(client.server.documents.snapshot(URI), Span(17, 17))[0]
    client.server.answers.keep(URI, answered(explained.problem, "It is not defined.", "0" * 12))
    elsewhere = [each for each in await client.actions(1) if "corp" in each["title"]]
    assert [(each["kind"], each["command"]["command"]) for each in elsewhere] == [
        ("quickfix.fix", "lspDebugger.escalateFix")
    ]
    assert elsewhere[0]["title"] == "Fix with corp, which is not on this machine…"
    client.change(TEXT.replace("nme", "nmee"), 2)
    assert "lspDebugger.escalateFix" not in repr(await client.actions(1))


async def test_the_setting_takes_fix_away(clients: Any) -> None:
    client = await clients()
    client.session.settings = replace(client.session.settings, actions_fix=False)
    assert await client.actions(1) == []


async def test_a_checked_fix_is_offered_and_resolves_at_once(clients: Any) -> None:
    client = await clients()
    client.replies["workspace/applyEdit"] = {"applied": False}
    await fixed(client)
    client.session.no_model = "the model is gone"
    [action] = await client.actions(1)
    assert (action["title"], action["kind"], "edit" in action) == (TITLE, "quickfix.fix", False)
    asked = len(client.session.repairs.asked)
    resolved = await client.request("codeAction/resolve", action)
    [step] = resolved["edit"]["documentChanges"]
    assert step["textDocument"] == {"uri": URI, "version": 1}
    assert [each["newText"] for each in step["edits"]] == ["print(name)\n"]
    assert len(client.session.repairs.asked) == asked


async def test_where_nothing_is_resolved_the_edit_is_in_the_list(clients: Any) -> None:
    only = {
        "textDocument": {"codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": []}}}}
    }
    client = await clients(only)
    client.replies["window/showMessageRequest"] = None
    await fixed(client)
    [action] = await client.actions(1)
    assert list(action["edit"]["changes"]) == [URI]


async def test_a_checked_fix_is_for_its_version_only(clients: Any) -> None:
    client = await clients()
    await fixed(client)
    [action] = await client.actions(1)
    client.change("# a\n" + TEXT, 2)
    resolved = await client.request("codeAction/resolve", action)
    assert "edit" not in resolved
    assert resolved["disabled"]["reason"] == "the document has changed since this was offered"
    [again] = await client.actions(2)
    assert again["title"] == "Fix with the model: F821 about F821"


async def test_a_fix_is_for_what_all_of_its_files_were(clients: Any) -> None:
    """Another document of it that was typed in, and one on the disk."""
    client = await clients()
    other = "file:///w/b.py"
    client.session.workspace.files["/w/b.py"] = "then\n"
    found = fixes(b="after\n").candidates[0]
    client.session.repairs.found = Fixes((replace(found, before={"a.py": TEXT, "b.py": "then\n"}),))
    await fixed(client)
    [action] = await client.actions(1)
    assert len((await client.request("codeAction/resolve", action))["edit"]["documentChanges"]) == 2
    client.session.workspace.files["/w/b.py"] = "now\n"
    assert "edit" not in await client.request("codeAction/resolve", action)
    client.session.workspace.files["/w/b.py"] = "then\n"
    item = {"uri": other, "languageId": "python", "version": 7, "text": "typed\n"}
    client.notify("textDocument/didOpen", {"textDocument": item})
    assert "edit" not in await client.request("codeAction/resolve", action)
    [instead] = await client.actions(1)
    assert instead["title"] == "Fix with the model: F821 about F821"


# The command


async def test_a_fix_is_applied_with_its_verdict(clients: Any) -> None:
    client = await clients()
    assert await fixed(client) == TITLE
    [params] = client.sent("workspace/applyEdit")
    assert params["label"] == TITLE
    [note] = params["edit"]["changeAnnotations"].values()
    assert note == {"label": TITLE, "needsConfirmation": False}
    assert client.sent("window/showMessage") + client.sent("window/showMessageRequest") == []
    token, *_ = client.progress()[0]
    assert token == "fix F821 #1"
    client.change(FIXED, 2)
    await until(lambda: client.session.told_of("fix"))
    assert client.session.told_of("fix") == [("fix", "accepted", True, 0, 1.0)]


@pytest.mark.parametrize("checked", [UNSURE, verdict(flags=("noqa",))])
async def test_what_is_not_fully_verified_needs_a_yes(clients: Any, checked: Verdict) -> None:
    client = await clients(found=fixes(checked=checked))
    await fixed(client)
    [params] = client.sent("workspace/applyEdit")
    [note] = params["edit"]["changeAnnotations"].values()
    assert note["needsConfirmation"] is True


async def test_what_may_break_its_callers_needs_a_yes_and_names_them(clients: Any) -> None:
    client = await clients()
    place = Place("/w/b.py", 7, "does not pass `tax`, which is hunter2!")
    client.session.repairs.used_by = Callers((place,), "", is_breaking=True)
    title = TITLE.replace(")", " · may break 1 caller)")
    assert await fixed(client) == title
    [params] = client.sent("workspace/applyEdit")
    [note] = params["edit"]["changeAnnotations"].values()
    effects = "May break: b.py:7 does not pass `tax`, which is <SECRET_1:assigned>"
    assert note == {"label": title, "needsConfirmation": True, "description": effects}
    client = await clients("helix_git_2026-07")
    client.session.repairs.used_by = Callers((place,), "", is_breaking=True)
    client.replies["window/showMessageRequest"] = {"title": "No"}
    assert await fixed(client) == "not applied"
    [asked] = client.sent("window/showMessageRequest")
    assert asked["message"] == f"{title}. It may break its callers. Apply it?"


async def test_neovim_gets_versions_and_annotations_that_it_does_not_announce(clients: Any) -> None:
    client = await clients("neovim_0.12.4", fixes(checked=UNSURE), clientInfo={"name": "Neovim"})
    await fixed(client)
    [params] = client.sent("workspace/applyEdit")
    [step] = params["edit"]["documentChanges"]
    assert step["textDocument"]["version"] == 1
    assert params["edit"]["changeAnnotations"]


async def test_explaining_a_line_and_fixing_it_do_not_stop_each_other(clients: Any) -> None:
    client = await clients()
    client.session.repairs.hold = client.session.pipeline.holds[0] = asyncio.Event()
    await client.command("fix", {"uri": URI, "version": 1, "diagnostic": FOUND})
    await client.command("explain", {"uri": URI, "version": 1, "diagnostic": FOUND})
    assert [each.stopped_because for each in client.server.jobs.running()] == ["", ""]
    client.session.repairs.hold.set()
    await until(lambda: not client.server.jobs.running())


async def test_files_that_the_editor_cannot_create(clients: Any) -> None:
    client = await clients("eglot_30.2", fixes(other="x = 1\n"))
    assert await fixed(client) == "the editor cannot apply it"
    assert client.sent("workspace/applyEdit") == []
    [said] = client.sent("window/showMessage")
    assert "lsp-debugger fix" in said["message"]


async def test_a_file_that_changed_on_disk_gets_no_edit(clients: Any) -> None:
    client = await clients()
    client.session.workspace.files["/w/b.py"] = "now\n"
    found = fixes(b="after\n").candidates[0]
    client.session.repairs.found = Fixes((replace(found, before={"a.py": TEXT, "b.py": "then\n"}),))
    assert await fixed(client) == "the document has changed meanwhile"
    client.session.workspace.files["/w/b.py"] = "then\n"
    assert (await fixed(client)).startswith("Fix: change 2 files (")
    [params] = client.sent("workspace/applyEdit")
    addresses = [each["textDocument"] for each in params["edit"]["documentChanges"]]
    assert addresses == [{"uri": URI, "version": 1}, {"uri": "file:///w/b.py", "version": None}]


async def test_fix_all_asks_about_everything_of_the_rule_in_the_document(clients: Any) -> None:
    client = await clients()
    alike = [diagnostic(0, 0, 6, "F821"), diagnostic(1, 0, 5, "F821"), diagnostic(0, 7, 9, "F401")]
    client.find(FOUND, *alike, diagnostic(0, 3, 4, "F821", source="other"))
    await client.command("fixAll", {"uri": URI, "version": 1, "diagnostic": FOUND})
    await until(lambda: not client.server.jobs.running())
    [(problems, snapshot)] = client.session.repairs.asked
    assert [(each.line, each.code, each.source) for each in problems] == [
        (2, "F821", "ruff"),
        (1, "F821", "ruff"),
        (2, "F821", "ruff"),
    ]
    assert snapshot.text == TEXT
    assert client.progress()[-1][-1] == TITLE.replace("Fix:", "Fix all F821:")


async def test_what_was_edited_or_is_not_open_is_not_fixed(clients: Any) -> None:
    client = await clients()
    client.change(TEXT.replace("nme", "nmee"), 2)
    for name in ("fix", "fixAll"):
        begun = await client.command(name, {"uri": URI, "version": 1, "diagnostic": FOUND})
        assert begun["id"] is None
        assert "edited after this was found" in begun["reason"]
    client.session.workspace.files["/w/b.py"] = TEXT
    begun = await client.command("fix", {"uri": "file:///w/b.py", "diagnostic": FOUND})
    assert begun["id"] is None


# The preview


@pytest.mark.parametrize(("pressed", "count"), [("Apply", 1), ("No", 0), (None, 0)])
async def test_where_the_editor_cannot_ask_about_an_edit_a_preview_is_shown_and_we_ask(
    clients: Any, pressed: str | None, count: int
) -> None:
    client = await clients("helix_git_2026-07", fixes(FIXED + "token = 'hunter2!'\n", UNSURE))
    client.replies["window/showMessageRequest"] = {"title": pressed} if pressed else None
    place = Place("/w/b.py", 7, "calls `f`, which is gone")
    client.session.repairs.used_by = Callers((place,), "the index is not ready")
    said = await fixed(client)
    await until(lambda: client.sent("window/showDocument"))
    [shown] = client.sent("window/showDocument")
    text = client.server.answers.read(shown["uri"].rpartition("/")[2].removesuffix(".md")) or ""
    assert text.startswith("# Fix: change 2 lines (parses · F821 gone)\n")
    assert "- not checked: no tests\n" in text
    assert "- [b.py:7](file:///w/b.py#L7) calls `f`, which is gone\n- the index is not ready\n" in text
    assert "+print(name)\n+token = '<SECRET_1:assigned>'\n" in text
    assert len(client.sent("workspace/applyEdit")) == count
    assert said.startswith("Fix: ") if count else said == "not applied"
    [action] = await client.actions(1)
    assert action["title"].startswith("Fix: change 2 lines"), "it can still be taken, or taken again"


async def test_what_was_verified_in_full_is_applied_without_a_question(clients: Any) -> None:
    client = await clients("helix_git_2026-07")
    assert await fixed(client) == TITLE
    assert client.sent("window/showDocument") + client.sent("window/showMessageRequest") == []
