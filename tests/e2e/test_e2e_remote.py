"""Whoever is not proven local, or declared by the user, gets not one byte of text from the real process."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from kept_server import KeptServer, diagnostic, served
from model_server import Fault, Model, ModelServer, Reply, Request

pytestmark = pytest.mark.thorough

MARKER = "confidential_marker"
SOURCE = f"def {MARKER}():\n    return undefined_name\n"
FOUND = diagnostic(1, f"Undefined name `undefined_name` in {MARKER}")
REMOTE = {"remote_host": "https://ollama.com:443", "remote_model": "helper"}


class Redirecting(ModelServer):
    """Sends every request elsewhere, with its body if the client is foolish enough."""

    location = ""

    async def _answer(self, request: Request, writer: asyncio.StreamWriter) -> bool:
        where = f"Location: {self.location}{request.path}\r\n"
        writer.write(f"HTTP/1.1 307 Elsewhere\r\n{where}Content-Length: 0\r\n\r\n".encode())
        await writer.drain()
        return True


def answer_of(server: KeptServer, tmp_path: Path) -> str:
    """Everything that could make text travel, and the text of the answer."""
    uri = server.open(tmp_path / "project" / "a.py", SOURCE)
    server.find(uri, [FOUND])
    assert "undefined_name" in server.card(uri, 1)
    server.actions(uri, 1)
    server.command("status")
    answers = [server.explain(uri, FOUND) for _ in range(2)]
    server.command("restart")  # and its warming up
    server.find(uri, [FOUND])
    server.actions(uri, 1)
    text: str = [*answers, server.explain(uri, FOUND)][-1]["text"]
    assert "undefined_name" in text, "the card stands, whatever the model is"
    return text


def prompts(models: ModelServer) -> list[Request]:
    """Requests that carry text. Loading a model does not."""
    return [each for each in models.to("/api/chat") if each.json["messages"]] + models.to(
        "/v1/chat/completions"
    )


def assert_no_text(models: ModelServer) -> None:
    assert prompts(models) == []
    for word in (MARKER, "undefined_name", "You explain problems", "Undefined name"):
        assert word.encode() not in models.received, word


PLACES: dict[str, dict[str, Any]] = {
    "in the description": {"extra_show": REMOTE},
    "in the list": {"extra_tags": REMOTE},
    "the host alone": {"extra_show": {"remote_host": "https://ollama.com"}},
    "the model alone": {"extra_tags": {"remote_model": "gpt-oss:120b"}},
    "nested": {
        "extra_show": {"details": {"format": "gguf", "parent": {"remote_host": "https://ollama.com"}}}
    },
    "nested in a list": {"extra_show": {"layers": [{"a": 1}, {"remote_host": "https://ollama.com"}]}},
    "in other letters": {"extra_show": {"Remote_Host": "https://ollama.com"}},
    "no weights": {"digest": "", "size": 0},
}


@pytest.mark.parametrize("place", PLACES)
def test_a_model_that_runs_elsewhere_gets_nothing(tmp_path: Path, place: str) -> None:
    """Also when it is the very one that was asked for."""
    with ModelServer(models=[Model("helper:latest", **PLACES[place])]) as models:
        settings = f'backend = "ollama"\nollama.url = "{models.url}"\nmodel.name = "helper"\n'
        with served(tmp_path, settings) as server:
            text = answer_of(server, tmp_path)
        assert "## No explanation by a model" in text
        assert_no_text(models)
        assert models.to("/api/chat") == [], "it is not even loaded"
        assert models.to("/api/tags"), "it was asked what it is"


def test_a_daemon_that_has_no_other_gets_nothing(tmp_path: Path) -> None:
    offered = [Model(f"helper{number}:latest", **each) for number, each in enumerate(PLACES.values())]
    with ModelServer(models=offered) as models:
        with served(tmp_path, f'ollama.url = "{models.url}"\n') as server:
            text = answer_of(server, tmp_path)
        assert "## No explanation by a model" in text
        assert_no_text(models)
        assert len(models.to("/api/show")) >= len(offered), "each was looked at"


@pytest.mark.parametrize("shows", range(7))
def test_a_model_that_moves_away_gets_nothing_from_then_on(tmp_path: Path, shows: int) -> None:
    """The description is local `shows` times; whatever comes after has to be refused."""
    with ModelServer(models=[Model("helper:latest")]) as models:
        seen = 0
        late = list[Request]()

        def before(request: Request) -> None:
            nonlocal seen
            seen += request.path == "/api/show"
            if seen > shows:
                models.models[0].extra_show = REMOTE
                late.extend([request] if request.path == "/api/chat" and request.json["messages"] else [])

        models.before = before
        with served(tmp_path, f'ollama.url = "{models.url}"\n') as server:
            text = answer_of(server, tmp_path)
        assert "## No explanation by a model" in text
        assert late == []
        assert seen > shows


def test_a_proven_local_model_does_get_the_text(tmp_path: Path) -> None:
    """So that silence above means something."""
    with ModelServer(models=[Model("helper:latest")]) as models:
        with served(tmp_path, f'ollama.url = "{models.url}"\n') as server:
            text = answer_of(server, tmp_path)
        assert "It fails here." in text
        assert MARKER.encode() in models.received


@pytest.mark.parametrize("backend", ["auto", "openai"])
def test_a_server_on_loopback_that_nobody_declared_gets_nothing(tmp_path: Path, backend: str) -> None:
    with ModelServer(models=[Model("helper")]) as models, ModelServer() as ollama:
        settings = (
            f'backend = "{backend}"\nopenai.base_url = "{models.url}/v1"\nollama.url = "{ollama.url}"\n'
            'model.name = "helper"\n'
        )
        with served(tmp_path, settings) as server:
            text = answer_of(server, tmp_path)
        assert "## No explanation by a model" in text
        assert backend == "auto" or f"lsp-debugger config local add {models.url}" in text
        assert_no_text(models)
        assert_no_text(ollama)


def test_a_declared_one_does(tmp_path: Path) -> None:
    with ModelServer(models=[Model("helper")]) as models:
        settings = (
            f'backend = "openai"\nopenai.base_url = "{models.url}/v1"\nlocal_hosts = ["{models.url}"]\n'
        )
        with served(tmp_path, settings) as server:
            text = answer_of(server, tmp_path)
        assert "It fails here." in text
        assert MARKER.encode() in models.received


@pytest.mark.parametrize("kind", ["ollama", "openai"])
def test_nothing_follows_a_redirected_answer(tmp_path: Path, kind: str) -> None:
    with ModelServer(models=[Model("helper")]) as models, ModelServer(models=[Model("helper")]) as elsewhere:
        path = "/api/chat" if kind == "ollama" else "/v1/chat/completions"
        models.replies = [Reply(fault=Fault.REDIRECT, location=f"{elsewhere.url}{path}")]
        settings = (
            f'backend = "{kind}"\nollama.url = "{models.url}"\nopenai.base_url = "{models.url}/v1"\n'
            f'local_hosts = ["{models.url}", "{elsewhere.url}"]\n'
        )
        with served(tmp_path, settings) as server:
            text = answer_of(server, tmp_path)
        assert "## No explanation by a model" in text
        assert prompts(models), "it was sent to the one that is known"
        assert elsewhere.received == b""


@pytest.mark.parametrize("kind", ["auto", "ollama", "openai"])
def test_nothing_follows_a_daemon_that_redirects_everything(tmp_path: Path, kind: str) -> None:
    with Redirecting() as models, ModelServer(models=[Model("helper")]) as elsewhere:
        models.location = elsewhere.url
        settings = (
            f'backend = "{kind}"\nollama.url = "{models.url}"\nopenai.base_url = "{models.url}/v1"\n'
            f'local_hosts = ["{models.url}"]\nmodel.name = "helper"\n'
        )
        with served(tmp_path, settings) as server:
            text = answer_of(server, tmp_path)
        assert "## No explanation by a model" in text
        assert elsewhere.received == b""
        assert_no_text(models) if kind != "openai" else None
        assert models.requests


def test_no_proxy_of_the_environment_is_used(tmp_path: Path) -> None:
    with ModelServer(models=[Model("helper")]) as models, ModelServer() as proxy:
        names = ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "HTTPS_PROXY", "https_proxy")
        environment = {**dict.fromkeys(names, proxy.url), "NO_PROXY": "", "no_proxy": ""}
        with served(tmp_path, f'ollama.url = "{models.url}"\n', env=environment) as server:
            text = answer_of(server, tmp_path)
        assert "It fails here." in text
        assert proxy.received == b""
