"""The index worker with a model server: texts go through gate and door, and nothing else leaves."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from model_server import Model, ModelServer
from policy_samples import AWS_KEY

from lsp_debugger.config import Settings
from lsp_debugger.core.errors import ConfigInvalid, IndexUnavailable
from lsp_debugger.core.ports import Query
from lsp_debugger.index.client import IndexClient
from lsp_debugger.policy.store import PolicyStore
from lsp_debugger.state import State
from lsp_debugger.wiring.index_worker import make_embedder, model_of, opening_of
from lsp_debugger.wiring.indexes import index_client

MODEL = "nomic-embed-text:latest"
OTHER = "other-embed:latest"


@pytest.fixture
def server() -> Iterator[ModelServer]:
    models = [Model(MODEL, capabilities=("embedding",)), Model(OTHER, capabilities=("embedding",))]
    with ModelServer(models=models) as server:
        yield server


def settings_for(server: ModelServer, model: str = MODEL, **rest: Any) -> Settings:
    given = {"index_embeddings": "ollama", "index_embeddings_model": model, "ollama_url": server.url}
    return replace(Settings(), **{**given, **rest})


def test_the_model_has_one_name_for_the_index() -> None:
    named = {"index_embeddings_model": "m"}
    for backend, name in {
        "off": "off",
        "embedded": "embedded",
        "ollama": "ollama m",
        "openai": "openai m",
    }.items():
        assert model_of(replace(Settings(), index_embeddings=backend, **named)) == name


def test_the_worker_is_told_where_policy_and_servers_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMBED_KEY", "abc")
    settings = replace(
        Settings(),
        index_embeddings="openai",
        index_embeddings_url="http://127.0.0.1:9/v1",
        openai_base_url="http://127.0.0.1:8/v1",
        openai_api_key_env="EMBED_KEY",
        local_hosts=("http://127.0.0.1:9",),
        policy_path=str(tmp_path / "p.yaml"),
    )
    told = opening_of(settings, State(tmp_path / "state"))
    assert json.loads(json.dumps(told)) == {
        "urls": {"ollama": Settings().ollama_url, "openai": "http://127.0.0.1:9/v1"},
        "api_key": "abc",
        "local_hosts": ["http://127.0.0.1:9"],
        "policy_path": str(tmp_path / "p.yaml"),
        "require_org": False,
        "state": str(tmp_path / "state"),
    }


@pytest.mark.parametrize("name", ["ollama", "openai"])
def test_what_is_not_named_is_asked_for(tmp_path: Path, name: str) -> None:
    settings = replace(Settings(), index_embeddings=name)
    params = {"serving": opening_of(settings, State(tmp_path / "state"))}
    with pytest.raises(ConfigInvalid, match="not named") as caught:
        make_embedder(params, name)
    assert "index.embeddings_" in caught.value.hint
    with pytest.raises(IndexUnavailable):
        make_embedder(params, "something else")


class Project:
    def __init__(self, folder: Path) -> None:
        self.root = folder / "project"
        self.state = State(folder / "state")
        (self.root / "shop").mkdir(parents=True)
        (self.root / "shop/money.py").write_text("def convert(amount):\n    return amount * 2\n")
        (self.root / "shop/keys.py").write_text(f"def sign():\n    return '{AWS_KEY}'\n")
        (self.root / "id_rsa").write_text("privateneedle\n")

    def client(self, settings: Settings) -> IndexClient:
        return index_client(self.root, self.state, settings, PolicyStore(roots=[str(self.root)]))

    def records(self) -> list[dict[str, Any]]:
        with sqlite3.connect(self.state.audit / "audit.db") as connection:
            return [json.loads(body) for (body,) in connection.execute("SELECT body FROM records")]


async def ready(client: IndexClient) -> None:
    client.warm()
    async with asyncio.timeout(60):
        while (await client.status()).state != "ready":  # noqa: ASYNC110  another process's state
            await asyncio.sleep(0.05)


async def vectors_of(client: IndexClient, check: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    """The worker's word on vectors, once `check` likes it."""
    import asyncio

    client.warm()
    deadline_s = time.monotonic() + 90
    while time.monotonic() < deadline_s:
        status = await client.status()
        assert status.state not in {"failed", "closed"}, str(status)
        told = status.details.get("vectors")
        if told and check(told):
            return told
        await asyncio.sleep(0.05)
    raise AssertionError(f"it never came true: {await client.status()}")


@pytest.mark.thorough
async def test_the_real_worker_embeds_through_gate_and_door(tmp_path: Path, server: ModelServer) -> None:
    project = Project(tmp_path)
    client = project.client(settings_for(server))
    try:
        told = await vectors_of(client, lambda told: told["model"])
        assert told["model"] == f"ollama {MODEL} sha256:{'ab' * 32}"
        assert (told["done"], told["dimension"], told["problem"]) == (told["total"], 64, "")
        hits = await client.search(Query("convert an amount"), 5)
        assert hits[0].fragment.path == "shop/money.py"
        assert f"vectors of ollama {MODEL}" in str(await client.status())
    finally:
        await client.aclose()
    sent = [text for request in server.to("/api/embed") for text in request.json["input"]]
    assert any("def convert" in text for text in sent)
    assert any("convert an amount" in text for text in sent)
    assert AWS_KEY.encode() not in server.received
    assert b"privateneedle" not in server.received
    records = project.records()
    intents = [record for record in records if record.get("outcome") == "intended"]
    assert len(intents) == len(server.to("/api/embed"))
    assert {record["facts"]["task"] for record in intents} == {"embed"}
    assert "def convert" not in json.dumps(records)
    # Right before each request the daemon was asked what the model is.
    paths = [request.path for request in server.requests]
    assert all(
        "/api/show" in paths[place - 2 : place] for place, path in enumerate(paths) if path == "/api/embed"
    )


@pytest.mark.thorough
async def test_another_model_and_then_none(tmp_path: Path, server: ModelServer) -> None:
    project = Project(tmp_path)
    client = project.client(settings_for(server))
    await vectors_of(client, lambda told: told["model"])
    await client.aclose()
    client = project.client(settings_for(server, OTHER))
    await vectors_of(client, lambda told: OTHER in told["model"])
    await client.aclose()
    index = project.state.workspace(project.root) / "index"
    assert len(list(index.glob("vectors-*.lance"))) == 1
    client = project.client(Settings())
    try:
        await ready(client)
        await client.find(Query("convert"), 5, 60)
        assert (await client.status()).details["vectors"] is None
    finally:
        await client.aclose()
    assert not list(index.glob("vectors*"))


@pytest.mark.thorough
async def test_a_cloud_model_gets_nothing_and_search_goes_on(tmp_path: Path, server: ModelServer) -> None:
    server.models = [Model(MODEL, extra_show={"remote_host": "https://ollama.com:443"})]
    project = Project(tmp_path)
    client = project.client(settings_for(server))
    try:
        told = await vectors_of(client, lambda told: told["problem"])
        assert "not proven to run on this machine" in told["problem"]
        hits = await client.search(Query("convert"), 5)
        assert hits[0].fragment.path == "shop/money.py"
    finally:
        await client.aclose()
    assert not server.to("/api/embed")
    assert b"convert" not in server.received
