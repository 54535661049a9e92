"""A GGUF file, the embedded engine and the real server: it streams, a cancel stops it, nothing stays."""

from __future__ import annotations

import importlib.util
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tiny_gguf import Shape, write_tiny_gguf

from lsp_debugger import spawn
from lsp_debugger.cli.lsp_client import LspClient

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.engine,
    # Two at a time wait for each other's threads: llama.cpp spins, and two cores are no more than it takes.
    pytest.mark.xdist_group("engine"),
    pytest.mark.skipif(
        importlib.util.find_spec("xllamacpp") is None,
        reason="the embedded engine is not installed: pip install 'lsp-debugger[llamacpp]'",
    ),
]
TEXT = "def f():\n    return undefined_name\n"
DIAGNOSTIC: dict[str, Any] = {
    "range": {"start": {"line": 1, "character": 11}, "end": {"line": 1, "character": 25}},
    "severity": 1,
    "source": "Ruff",
    "code": "F821",
    "message": "Undefined name `undefined_name`",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project, and user settings that name a model file with a long context."""
    model = write_tiny_gguf(tmp_path / "tiny.gguf", Shape(context_tokens=8192))
    settings = Path(os.environ["XDG_CONFIG_HOME"]) / "lsp-debugger" / "config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text(
        f'backend = "llamacpp"\n[llamacpp]\nmodel_path = "{model}"\n[answer]\nmax_tokens = 4000\n'
        '[index]\nenabled = false\n[model]\npreload = "never"\n'
    )
    root = tmp_path / "project"
    root.mkdir()
    (root / "pyproject.toml").write_text("[project]\nname = 'x'\nversion = '0'\n")
    (root / "a.py").write_text(TEXT)
    return root


@pytest.fixture
def client(project: Path) -> Iterator[LspClient]:
    with LspClient(spawn.python_argv("lsp_debugger", "serve"), project) as client:
        document = {"uri": uri(project), "languageId": "python", "version": 1, "text": TEXT}
        client.notify("textDocument/didOpen", {"textDocument": document})
        yield client


def uri(project: Path) -> str:
    return (project / "a.py").as_uri()


def ask(client: LspClient, project: Path) -> str:
    argument = {"uri": uri(project), "position": DIAGNOSTIC["range"]["start"], "diagnostic": DIAGNOSTIC}
    reply = client.request(
        "workspace/executeCommand", {"command": "lspDebugger.explain", "arguments": [argument]}
    )
    return reply["id"]


class Deltas:
    """What of one answer has arrived."""

    def __init__(self, answer_id: str) -> None:
        self.answer_id = answer_id
        self.texts: list[str] = []
        self.phases: list[str] = []
        self.done = False

    def take(self, method: str, params: Any) -> None:
        if method == "lspDebugger/answerDelta" and params["id"] == self.answer_id:
            self.texts.append(params["text"])
            self.done = self.done or bool(params.get("done"))
        elif method == "$/progress" and params["value"].get("message"):
            self.phases.append(params["value"]["message"])


def engine_processes() -> list[int]:
    """Processes that run our engine for this test's own state directory."""
    place = os.environ["XDG_STATE_HOME"].encode()
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            if (
                b"lsp_debugger.models.engine" in (entry / "cmdline").read_bytes()
                and place in (entry / "environ").read_bytes()
            ):
                found.append(int(entry.name))
        except OSError:
            continue  # it ended while we looked
    return found


def until(condition: Any, timeout_s: float = 30) -> None:
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)


def test_it_streams_and_a_cancel_stops_the_engine(client: LspClient, project: Path) -> None:
    first = Deltas(ask(client, project))

    def some_words(method: str, params: Any) -> bool:
        first.take(method, params)
        return sum(len(text) for text in first.texts[1:]) > 5

    client.wait_for(some_words, 60)
    assert not first.done, "words came before the end"
    assert len(engine_processes()) == 1
    stopped = client.request(
        "workspace/executeCommand", {"command": "lspDebugger.cancel", "arguments": [{"id": first.answer_id}]}
    )
    assert stopped

    def ended(method: str, params: Any) -> bool:
        first.take(method, params)
        return first.done

    client.wait_for(ended, 30)
    assert "Stopped" in "".join(first.texts)
    # The engine is free: with one slot a second question is answered only after the first has ended.
    second = Deltas(ask(client, project))
    client.wait_for(lambda method, params: second.take(method, params) or len(second.texts) > 2, 60)


def test_the_engine_is_gone_with_the_last_editor(project: Path) -> None:
    with LspClient(spawn.python_argv("lsp_debugger", "serve"), project) as client:
        document = {"uri": uri(project), "languageId": "python", "version": 1, "text": TEXT}
        client.notify("textDocument/didOpen", {"textDocument": document})
        deltas = Deltas(ask(client, project))
        client.wait_for(lambda method, params: deltas.take(method, params) or len(deltas.texts) > 2, 60)
        assert len(engine_processes()) == 1
    until(lambda: engine_processes() == [])
