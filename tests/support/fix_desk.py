"""A server in a project with one finding, a model with a script, and an editor that takes every edit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from kept_server import STREAMING, KeptServer, diagnostic, served
from model_server import Model, ModelServer, Reply
from raw_server import wait_until

from lsp_debugger.verify.overlay import available

SOURCE = "def total(prices):\n    return sum(prise)\n"
FIXED = "def total(prices):\n    return sum(prices)\n"
FOUND = {
    **diagnostic(1, "Undefined name `prise`", start=15, end=20),
    "source": "ruff",
}
ANNOTATING: dict[str, Any] = {
    **STREAMING,
    "workspace": {
        "applyEdit": True,
        "workspaceEdit": {"documentChanges": True, "changeAnnotationSupport": {"groupsOnLabel": True}},
    },
}


def block(search: str, replace: str, path: str = "app.py") -> str:
    return f"{path}\n<<<<<<< SEARCH\n{search}=======\n{replace}>>>>>>> REPLACE\n"


GOOD = block("    return sum(prise)\n", "    return sum(prices)\n")


@dataclass(frozen=True)
class FixDesk:
    """applied: the parameters of each edit that the editor was sent."""

    server: KeptServer
    applied: list[dict[str, Any]]
    models: ModelServer

    def answer(self, text: str) -> None:
        """What the model says from now on."""
        self.models.replies = [Reply(pieces=(text,))]


@contextmanager
def desk(
    tmp_path: Path, *replies: str, capabilities: dict[str, Any] = ANNOTATING
) -> Iterator[tuple[KeptServer, list[dict[str, Any]]]]:
    with fix_desk(tmp_path, *replies, capabilities=capabilities) as made:
        yield made.server, made.applied


@contextmanager
def fix_desk(tmp_path: Path, *replies: str, capabilities: dict[str, Any] = ANNOTATING) -> Iterator[FixDesk]:
    root = tmp_path / "project"
    root.mkdir(exist_ok=True)
    (root / "app.py").write_text(SOURCE)
    if reason := available(root):
        pytest.skip(f"no overlay: {reason}; it takes Linux with user namespaces")
    with ModelServer(models=[Model("mine")], replies=[Reply(pieces=(each,)) for each in replies]) as models:
        settings = f'ollama.url = "{models.url}"\n'
        with served(tmp_path, settings, capabilities=capabilities) as server:
            applied = list[dict[str, Any]]()

            def apply(params: dict[str, Any]) -> dict[str, bool]:
                applied.append(params)
                return {"applied": True}

            server.answers["workspace/applyEdit"] = apply
            server.asks_user = True
            uri = server.open(root / "app.py")
            server.find(uri, [FOUND])
            assert "prise" in server.card(uri, 1, 16)
            yield FixDesk(server, applied, models)


def uri_of(tmp_path: Path) -> str:
    return (tmp_path / "project" / "app.py").as_uri()


def fix(server: KeptServer, tmp_path: Path, command: str = "fix") -> str:
    """Ask for a fix, and wait for its progress to end; what that said."""
    uri, before = uri_of(tmp_path), len(ends(server))
    begun = server.command(command, {"uri": uri, "version": 1, "diagnostic": FOUND})
    assert begun["id"], begun
    assert wait_until(lambda: len(ends(server)) > before, 90)
    return ends(server)[-1]


def ends(server: KeptServer) -> list[str]:
    said = [each["params"]["value"] for each in server.told if each.get("method") == "$/progress"]
    return [each.get("message", "") for each in said if each["kind"] == "end"]
