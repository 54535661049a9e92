"""The real server process with one editor at its other end, and what real tools find."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_lsp
from e2e_editors import CONVERTER, SOURCE, Editor, Tools, basedpyright, ruff
from lsprotocol import types
from pytest_lsp import ClientServerConfig


@pytest_lsp.fixture(
    config=ClientServerConfig(
        server_command=[sys.executable, "-m", "lsp_debugger", "serve"], client_factory=Editor
    ),
)
async def editor(client: Editor, request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[None]:
    """The real server under the profile that the test's `profile` parameter names."""
    client.profile = request.getfixturevalue("profile")
    client.project = tmp_path / "a prøject"
    client.project.mkdir()
    (client.project / "näme 1.py").write_text(SOURCE, "utf-8")
    params = CONVERTER.structure(
        {
            "processId": None,
            "rootUri": client.project.as_uri(),
            "workspaceFolders": [{"uri": client.project.as_uri(), "name": "project"}],
            "capabilities": client.profile.capabilities,
            "initializationOptions": {"backend": "none"},
        },
        types.InitializeParams,
    )
    await client.initialize_session(params)
    yield
    await client.shutdown_session()
    assert client._server is not None
    assert client._server.returncode == 0
    assert client.messages == [], "nobody asked for a message"
    assert client.asked == []


@pytest.fixture(scope="session")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Tools:
    """Runs the real tools once."""
    directory = tmp_path_factory.mktemp("tools")
    path = directory / "a.py"
    path.write_text(SOURCE, "utf-8")
    return Tools([*ruff(path), *basedpyright(path)])
