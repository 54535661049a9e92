"""Commands: from `lspDebugger.explain` to a shown answer, under every client, however it ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from scripted_client import NAMES, URI, Client, diagnostic, recorded
from scripted_editor import until

TEXT = "import os\nprint(nme)\n"


@pytest.fixture
async def clients(tmp_path: Path) -> AsyncIterator[Any]:
    made = list[Client]()

    async def make(name: str | None = "vscode_1.139_client9", **capabilities: Any) -> Client:
        client = Client(tmp_path, {**(recorded(name) if name else {}), **capabilities})
        made.append(client)
        await client.start()
        client.open(TEXT)
        client.find(diagnostic(0, 7, 9), diagnostic(1, 6, 9, "F821", severity=1))
        return client

    yield make
    for client in made:
        await client.close()


async def idle(client: Client) -> None:
    """Nothing runs any more, in the background neither: what was to be sent has been sent."""
    await until(lambda: not client.server.jobs.running() and len(asyncio.all_tasks()) == 1)


async def explained(client: Client, *arguments: Any) -> str:
    answer = await client.command("explain", *(arguments or (URI, 0)))
    await idle(client)
    return answer["id"]


def text_of(client: Client, answer_id: str) -> str:
    directory = client.server.answers.directory
    assert directory is not None
    return (directory / f"{answer_id}.md").read_text("utf-8")


@pytest.mark.parametrize("name", NAMES)
async def test_a_question_under_every_recorded_client(clients: Any, name: str) -> None:
    client = await clients(name)
    [action] = await client.actions(0, 8)
    command = action["command"]
    answer = await client.request(
        "workspace/executeCommand", {k: command[k] for k in ("command", "arguments")}
    )
    await idle(client)
    written = text_of(client, answer["id"])
    assert written.startswith("# F401: about F401\n")
    assert "The name `os` is unused." in written
    token = client.sent("window/workDoneProgress/create")[0]["token"]
    assert token == "explain F401 #1"
    began, *_, ended = client.progress()
    assert began == (token, "begin", "lsp_debugger: explaining F401")
    assert ended[:2] == (token, "end")
    assert ended[2].startswith("ready")
    assert [each["selection"] for each in client.sent("window/showDocument")] == [
        {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}
    ] * len(client.sent("window/showDocument"))
    facts = client.server.client
    told = [each["message"] for each in client.sent("window/showMessage")]
    has_no_place = not (facts.shows_documents or facts.is_streaming)
    assert told == [f"The answer is in {client.server.answers.path(answer['id'])}"] * has_no_place
    assert client.sent("window/showMessageRequest") == []
    assert len(client.sent("window/showDocument")) == int(facts.shows_documents)
    if not facts.is_streaming:
        assert [each["uri"] for each in client.sent("window/showDocument")] == [
            f"file://{client.server.answers.path(answer['id'])}"
        ] * int(facts.shows_documents)


async def test_the_command_returns_before_the_work_is_done(clients: Any) -> None:
    client = await clients()
    hold = client.session.pipeline.holds[0] = asyncio.Event()
    answer = await client.command("explain", {"uri": URI, "line": 0})
    assert [job.id for job in client.server.jobs.running()] == [answer["id"]]
    hold.set()
    await idle(client)


async def test_the_worst_finding_at_a_position_is_explained(clients: Any) -> None:
    client = await clients()
    answer = await explained(client, {"uri": URI, "position": {"line": 1, "character": 0}})
    assert text_of(client, answer).startswith("# F821")


async def test_nothing_there_is_an_answer_with_a_reason(clients: Any) -> None:
    client = await clients()
    client.find()
    assert await client.command("explain", URI, 0) == {"id": None, "reason": "nothing is reported there"}
    assert await client.command("explain", "untitled:9", 0) == {
        "id": None,
        "reason": "the document is not open and cannot be read",
    }
    empty = {"uri": URI, "diagnostic": diagnostic(0, 0, 1, message=" ")}
    assert (await client.command("explain", empty))["reason"] == "the finding has no message"


async def test_a_document_that_is_not_open_is_read(clients: Any) -> None:
    client = await clients()
    client.session.workspace.files["/w/b c.py"] = TEXT
    answer = await explained(client, {"uri": "file:///w/b%20c.py", "diagnostic": diagnostic(1, 6, 9, "F821")})
    assert "b c.py:2" in text_of(client, answer)


async def test_a_finding_of_an_older_version_is_explained_where_it_is_now(clients: Any) -> None:
    client = await clients()
    client.change("# a\n" + TEXT, 2)
    answer = await explained(client, {"uri": URI, "version": 1, "diagnostic": diagnostic(0, 7, 9)})
    assert "/w/a.py:2" in text_of(client, answer)
    assert "was edited after" not in text_of(client, answer)
    unknown = await explained(client, {"uri": URI, "version": 99, "diagnostic": diagnostic(0, 7, 9)})
    assert "the text was edited after this was found" in text_of(client, unknown)


async def test_a_stale_finding_is_explained_as_one(clients: Any) -> None:
    client = await clients()
    client.change("import oss\nprint(nme)\n", 2)
    [action] = await client.actions(0, 8)
    answer = await explained(client, *action["command"]["arguments"])
    assert "the text was edited after this was found" in text_of(client, answer)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("explain", []),
        ("explain", [{"uri": URI}]),
        ("showAnswer", [{}]),
        ("explain", ["u", "x"]),
    ],
)
async def test_bad_arguments_are_one_clear_error(clients: Any, name: str, arguments: list[Any]) -> None:
    client = await clients()
    params = {"command": f"lspDebugger.{name}", "arguments": arguments}
    error = (await client.reply_to("workspace/executeCommand", params))["error"]
    assert error["code"] == -32602
    assert "needed" in error["message"] or "needs" in error["message"]
    assert client.sent("window/showMessage") == []


async def test_cancel_by_the_progress_button_keeps_what_there_is(clients: Any) -> None:
    client = await clients()
    client.session.pipeline.holds[1] = asyncio.Event()
    answer = await client.command("explain", URI, 0)
    await until(lambda: any(value[1] == "begin" for value in client.progress()))
    await until(lambda: client.server.answers.document(answer["id"]).words)
    client.notify("window/workDoneProgress/cancel", {"token": "explain F401 #1"})
    await idle(client)
    assert client.session.pipeline.closed == 1
    assert client.progress()[-1][1:] == (
        "end",
        "stopped: cancelled; lspDebugger.lastAnswer shows the text so far",
    )
    written = text_of(client, answer["id"])
    assert "The name " in written
    assert "_Stopped: cancelled. This is what there was of it._" in written
    assert client.sent("window/showDocument") == []


LATER = "hover, or the command lspDebugger.lastAnswer, shows it"


async def test_cancel_without_an_id_stops_what_runs(clients: Any) -> None:
    client = await clients()
    assert await client.command("cancel") == {"cancelled": False}
    client.session.pipeline.holds[0] = asyncio.Event()
    answer = await client.command("explain", URI, 0)
    await asyncio.sleep(0)
    assert await client.command("cancel") == {"cancelled": True}
    await idle(client)
    assert await client.command("cancel", answer) == {"cancelled": False}


async def test_cancel_by_command(clients: Any) -> None:
    client = await clients()
    client.session.pipeline.holds[0] = asyncio.Event()
    answer = await client.command("explain", URI, 0)
    await asyncio.sleep(0)
    assert await client.command("cancel", answer) == {"cancelled": True}
    await idle(client)
    assert await client.command("cancel", answer["id"]) == {"cancelled": False}


async def test_asking_again_on_the_line_replaces_the_question(clients: Any) -> None:
    client = await clients()
    client.session.pipeline.holds[0] = asyncio.Event()
    first = await client.command("explain", URI, 0)
    await until(lambda: client.server.answers.document(first["id"]))
    del client.session.pipeline.holds[0]
    second = await explained(client)
    assert "a newer question replaced it" in text_of(client, first["id"])
    assert "`os` is unused." in text_of(client, second)


async def test_nothing_opens_when_the_user_has_typed(clients: Any) -> None:
    client = await clients()
    hold = client.session.pipeline.holds[1] = asyncio.Event()
    answer = await client.command("explain", URI, 0)
    await until(lambda: any(value[1] == "begin" for value in client.progress()))
    client.change(TEXT + "#\n", 2)
    hold.set()
    await idle(client)
    assert client.sent("window/showDocument") == []
    assert client.progress()[-1][2] == f"ready; {LATER}"
    last = await client.command("lastAnswer")
    assert last["id"] == answer["id"]
    assert "The name `os` is unused." in last["text"]
    await until(lambda: client.sent("window/showDocument"))


async def test_nothing_opens_late(clients: Any) -> None:
    client = await clients()
    hold = client.session.pipeline.holds[1] = asyncio.Event()
    await client.command("explain", URI, 0)
    [job] = client.server.jobs.running()
    job.started_s -= 11
    hold.set()
    await idle(client)
    assert client.sent("window/showDocument") == []


async def test_without_a_model_the_card_is_the_answer_and_the_reason_is_said(clients: Any) -> None:
    client = await clients()
    client.session.pipeline.speaks = False
    answer = await explained(client)
    assert client.progress()[-1][2] == "ready, without a model: no model is installed"
    assert "## No explanation by a model" in text_of(client, answer)
    assert len(client.sent("window/showDocument")) == 1


async def test_a_bug_in_the_pipeline_ends_the_progress_and_pops_nothing_up(clients: Any, caplog: Any) -> None:
    client = await clients()
    client.session.pipeline.fails = ValueError("the user's text")
    answer = await explained(client)
    assert client.progress()[-1][2] == "failed, the log says where"
    assert "It failed." in text_of(client, answer)
    assert "The name `os` is unused." in text_of(client, answer)
    assert client.sent("window/showMessage") == []
    assert "the user's text" not in caplog.text


async def test_a_client_that_never_answers_is_not_waited_for(clients: Any) -> None:
    client = await clients()
    for method in ("window/workDoneProgress/create", "window/showDocument"):
        client.replies[method] = Client.NEVER
    await client.command("explain", URI, 0)
    await until(lambda: client.sent("window/showDocument"))
    assert client.progress() == []
    assert await client.hover(0, 8)


async def test_a_client_that_refuses_progress_gets_none(clients: Any) -> None:
    client = await clients()
    client.replies["window/workDoneProgress/create"] = ValueError()
    answer = await explained(client)
    assert client.progress() == []
    assert text_of(client, answer)


async def test_a_client_with_nothing_gets_the_answer_by_command(clients: Any) -> None:
    client = await clients(None)
    answer = await explained(client)
    assert client.sent("$/progress") == []
    assert client.sent("window/showDocument") == []
    shown = await client.command("showAnswer", {"id": answer})
    assert (shown["id"], shown["text"]) == (answer, text_of(client, answer))
    # Asked for by the user, twice, in a client that has no other place.
    told = f"The answer is in {client.server.answers.path(answer)}"
    assert [each["message"] for each in client.sent("window/showMessage")] == [told, told]


async def test_of_a_stopped_answer_nobody_is_told(clients: Any) -> None:
    client = await clients(None)
    client.session.pipeline.holds[1] = asyncio.Event()
    answer = await client.command("explain", {"uri": URI, "line": 0})
    await client.command("cancel", {"id": answer["id"]})
    await idle(client)
    assert client.sent("window/showMessage") == []


async def test_a_document_that_fills_live(clients: Any) -> None:
    client = await clients("vscode_1.139_client11")
    hold = client.session.pipeline.holds[1] = asyncio.Event()
    answer = await client.command("explain", URI, 0)
    uri = client.server.answers.document(answer["id"]).uri
    await until(lambda: client.sent("window/showDocument"))
    await until(lambda: client.sent("workspace/textDocumentContent/refresh"))
    assert client.sent("window/showDocument")[0] == {
        "uri": uri,
        "external": False,
        "takeFocus": False,
        "selection": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}},
    }
    early = (await client.request("workspace/textDocumentContent", {"uri": uri}))["text"]
    assert "The name " in early
    assert early.rstrip().endswith("_Writing…_")
    hold.set()
    await idle(client)
    final = (await client.request("workspace/textDocumentContent", {"uri": uri}))["text"]
    assert final == text_of(client, answer["id"])
    assert len(client.sent("window/showDocument")) == 1
    unknown = await client.request(
        "workspace/textDocumentContent", {"uri": "lspdbg:/answers/000000000000.md"}
    )
    assert unknown["text"].startswith("There is no such answer")


async def test_a_client_that_refuses_the_registration_gets_the_file(tmp_path: Path) -> None:
    client = Client(tmp_path, recorded("vscode_1.139_client11"))
    client.replies["client/registerCapability"] = ValueError()
    await client.start()
    await until(lambda: not client.server.client.streams_documents)
    client.open(TEXT)
    client.find(diagnostic(0, 7, 9))
    await explained(client)
    assert client.sent("window/showDocument")[0]["uri"].startswith("file:")
    await client.close()


async def test_deltas_for_those_who_take_them(clients: Any) -> None:
    client = await clients(experimental={"lspDebugger": {"answerDelta": True}})
    answer = await explained(client)
    sent = client.sent("lspDebugger/answerDelta")
    assert "".join(each["text"] for each in sent) == text_of(client, answer)
    assert sent[-1]["done"]
    assert client.sent("window/showDocument") == []


async def test_the_last_answer_of_an_earlier_session(clients: Any) -> None:
    client = await clients()
    answer = await explained(client)
    later = await clients()
    assert (await later.command("lastAnswer"))["id"] == answer


async def test_no_answer_yet(clients: Any) -> None:
    client = await clients()
    assert await client.command("lastAnswer") == {"id": None, "reason": "there is no answer yet"}
    shown = await client.command("showAnswer", "0123456789ab")
    assert shown == {"id": None, "reason": "there is no such answer; they are kept for seven days"}


async def test_status_and_restart(clients: Any) -> None:
    client = await clients()
    client.session.pipeline.holds[0] = asyncio.Event()
    answer = await client.command("explain", URI, 0)
    assert await client.command("status") == {"backend": "none", "running questions": "1"}
    assert await client.command("restart") == {"restarted": True}
    assert len(client.sessions) == 2
    assert client.session.told_of("closed session")
    assert client.sessions[1].told_of("opened") == [("opened", URI, TEXT)]
    assert client.server.jobs.running() == []
    assert "the server started afresh" in text_of(client, answer["id"])
    assert len(await client.actions(0)) == 1, "findings outlive a restart"


async def test_six_questions_at_once_leave_the_list_and_the_hover_alone(clients: Any) -> None:
    client = await clients()
    hold = client.session.pipeline.holds[0] = asyncio.Event()
    client.open("x\n" * 10, uri="file:///w/m.py")
    client.find(*(diagnostic(line, 0, 1) for line in range(8)), uri="file:///w/m.py")
    for line in range(6):
        await client.command("explain", "file:///w/m.py", line)
    assert await client.hover(0, 8)
    assert len(await client.actions(0)) == 1
    assert len([job for job in client.server.jobs.running() if not job.stopped_because]) == 4
    hold.set()
    await idle(client)
