"""`lspDebugger.reduce`, over the real server and protocol: what is asked for, its document, its end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from scripted_client import URI, Client, diagnostic, recorded
from scripted_editor import until

from lsp_debugger.verify.reduction import Reduced

TEXT = "def test_it():\n    assert 1 / 0\n"
MADE = Reduced("def test_it():\n    1 / 0  # hunter2!\n", "ZeroDivisionError at a.py:2", 7, 1.6, True)
SHOWN = """\
# Smallest test that fails like a.py::test_it

It fails with ZeroDivisionError at a.py:2. 7 tries in 2 s, as small as it gets.

```python
def test_it():
    1 / 0  # <SECRET_1:assigned>
```
"""
PLACE = {"uri": URI, "position": {"line": 1, "character": 4}}


@pytest.fixture
async def clients(tmp_path: Path) -> AsyncIterator[Any]:
    made = list[Client]()

    async def make(able: dict[str, Any] | None = None, reduced: Reduced | str = MADE) -> Client:
        client = Client(tmp_path, able or recorded("helix_git_2026-07"))
        made.append(client)
        await client.start()
        client.session.repairs.tests.test = (Path("/w/a.py"), "test_it")
        client.session.repairs.tests.made = reduced
        client.open(TEXT)
        return client

    yield make
    for client in made:
        await client.close()


async def reduced(client: Client, **asked: Any) -> str:
    """Ask, wait for the end, and give the job's id."""
    begun = await client.command("reduce", asked or PLACE)
    assert begun["id"], begun
    await until(lambda: not client.server.jobs.running())
    return begun["id"]


async def test_the_result_opens_as_a_document_without_secrets(clients: Any) -> None:
    client = await clients()
    answer_id = await reduced(client)
    [shown] = client.sent("window/showDocument")
    assert shown["uri"].endswith(f"{answer_id}.md")
    assert client.server.answers.read(answer_id) == SHOWN
    assert client.progress()[0][0] == "reduce test_it #1"
    assert client.progress()[-1][1:] == ("end", "ready")
    assert (await client.command("lastAnswer"))["text"] == SHOWN


async def test_a_client_that_takes_deltas_gets_it_as_one(clients: Any) -> None:
    client = await clients(
        {**recorded("vscode_1.139_client9"), "experimental": {"lspDebugger.answerDelta": True}}
    )
    answer_id = await reduced(client)
    [delta] = client.sent("lspDebugger/answerDelta")
    assert delta == {"id": answer_id, "seq": 0, "text": SHOWN, "done": True}
    assert client.sent("window/showDocument") == []


async def test_a_finding_names_the_place_too(clients: Any) -> None:
    client = await clients()
    found = diagnostic(1, 4, 9, "ZeroDivisionError", source="pytest")
    await reduced(client, uri=URI, version=1, diagnostic=found)
    assert client.sent("window/showDocument")


async def test_nothing_opens_under_somebodys_typing(clients: Any) -> None:
    client = await clients()
    hold = client.session.repairs.tests.hold = asyncio.Event()
    begun = await client.command("reduce", PLACE)
    client.change(f"# a\n{TEXT}", 2)
    hold.set()
    await until(lambda: not client.server.jobs.running())
    assert client.sent("window/showDocument") == []
    assert client.progress()[-1][-1] == "ready; lspDebugger.lastAnswer shows it"
    assert client.server.answers.read(begun["id"]) == SHOWN


@pytest.mark.parametrize("by", ["command", "progress"])
async def test_it_can_be_stopped(clients: Any, by: str) -> None:
    client = await clients()
    client.session.repairs.tests.hold = asyncio.Event()
    begun = await client.command("reduce", PLACE)
    await until(client.progress)
    if by == "command":
        await client.command("cancel", {"id": begun["id"]})
    else:
        client.notify("window/workDoneProgress/cancel", {"token": client.progress()[0][0]})
    await until(lambda: not client.server.jobs.running())
    assert client.progress()[-1][-1] == "stopped: cancelled"
    assert client.sent("window/showDocument") + client.sent("window/showMessage") == []


async def test_why_there_is_none_is_one_line(clients: Any) -> None:
    client = await clients(reduced="the test passes")
    await reduced(client)
    [said] = client.sent("window/showMessage")
    assert said["message"] == "Not reduced: the test passes"


async def test_where_there_is_no_test_nothing_begins(clients: Any) -> None:
    client = await clients()
    client.session.repairs.tests.test = None
    assert await client.command("reduce", PLACE) == {"id": None, "reason": "no pytest test is there"}
    gone = await client.command("reduce", {"uri": "file:///w/gone.py", "position": PLACE["position"]})
    assert gone["id"] is None
