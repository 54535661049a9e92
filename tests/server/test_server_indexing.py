"""Long work on an index in an editor: shown from two seconds on, with counts, and a cancel."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from scripted_client import Client, recorded
from scripted_editor import until

from lsp_debugger.server import indexing

ROOT = Path("/w/shop")


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    made = Client(tmp_path, recorded("vscode_1.139_client9"))
    await made.start()
    yield made
    await made.close()


def values(client: Client) -> list[dict[str, Any]]:
    return [each["value"] for each in client.sent("$/progress")]


async def shown(client: Client) -> str:
    """The token, once the progress is on the screen."""
    await until(lambda: values(client))
    return client.sent("$/progress")[0]["token"]


async def test_counts_percentage_and_an_end(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing, "SHOWN_AFTER_S", 0.0)
    report = client.session.on_progress
    report(ROOT, "listing files", 1000, 1000)
    await shown(client)
    report(ROOT, "indexing", 1200, 6500)
    report(ROOT, "paused: on battery", 1200, 6500)
    report(ROOT, "current", 6500, 6500)
    await until(lambda: values(client)[-1]["kind"] == "end")
    assert values(client) == [
        {"kind": "begin", "title": "Indexing shop", "cancellable": True, "percentage": 0},
        {"kind": "report", "message": "listing files, 1,000 so far", "percentage": 0},
        {"kind": "report", "message": "1,200 of 6,500 files", "percentage": 18},
        {"kind": "report", "message": "paused: on battery, 1,200 of 6,500 files", "percentage": 18},
        {"kind": "end", "message": "done"},
    ]


async def test_what_is_over_soon_is_not_shown(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing, "SHOWN_AFTER_S", 0.05)
    client.session.on_progress(ROOT, "indexing", 1, 2)
    client.session.on_progress(ROOT, "current", 2, 2)
    await asyncio.sleep(0.1)
    assert client.sent("window/workDoneProgress/create") == []


@pytest.mark.parametrize("by", ["button", "command"])
async def test_a_cancel_puts_the_work_off_and_it_is_said(
    client: Client, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    monkeypatch.setattr(indexing, "SHOWN_AFTER_S", 0.0)
    client.session.on_progress(ROOT, "indexing", 1200, 6500)
    token = await shown(client)
    client.notify("window/workDoneProgress/cancel", {"token": "another"})
    assert client.session.told_of("index put off") == []
    if by == "button":
        client.notify("window/workDoneProgress/cancel", {"token": token})
    else:
        assert await client.command("cancel") == {"cancelled": True}
    assert client.session.told_of("index put off") == [("index put off", ROOT)]
    client.session.on_progress(ROOT, "put off: cancelled", 1200, 6500)
    await until(lambda: values(client)[-1]["kind"] == "end")
    said = "put off until the server is started again; 1,200 of 6,500 files can be searched"
    assert values(client)[-1]["message"] == said
    assert await client.command("cancel") == {"cancelled": False}


async def test_a_worker_that_is_gone_leaves_nothing_on_the_screen(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "SHOWN_AFTER_S", 0.0)
    client.session.on_progress(ROOT, "indexing", 1, 6500)
    await shown(client)
    client.session.on_progress(ROOT, "waiting", 0, 0)  # another one starts: it goes on
    client.session.on_progress(ROOT, "indexing", 700, 6500)
    assert values(client)[-1]["message"].startswith("700 of 6,500 files")
    client.session.on_progress(ROOT, "failed", 0, 0)
    await until(lambda: values(client)[-1] == {"kind": "end", "message": "failed"})


async def test_a_client_without_progress_gets_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing, "SHOWN_AFTER_S", 0.0)
    client = Client(tmp_path, {})
    await client.start()
    client.session.on_progress(ROOT, "indexing", 1, 6500)
    await asyncio.sleep(0.05)
    assert client.sent("window/workDoneProgress/create") == []
    assert values(client) == []
    await client.close()
