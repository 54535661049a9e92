"""The VS Code extension: it type-checks, its package is small, and its settings are those of the server."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket  # noqa: TID251 - finds a free port for VS Code
import subprocess  # noqa: TID251 - the real tools are what is tested
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from editor_terminal import PICTURES
from engine_watch import EngineWatch

from .conftest import EDITORS, HOW, REPO, Walk, check_walk, engine_stopped

pytestmark = pytest.mark.editors
SOURCE = REPO / "editors" / "vscode"
SCRIPTS = Path(__file__).parent
BIN = Path(sys.executable).parent
NODE = str(EDITORS / "vscode" / "node" / "bin" / "node")
QUIET = {
    "security.workspace.trust.enabled": False,
    "workbench.startupEditor": "none",
    "telemetry.telemetryLevel": "off",
    "update.mode": "none",
    "extensions.autoUpdate": "off",
    "extensions.autoCheckUpdates": False,
    "chat.disableAIFeatures": True,
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "window.commandCenter": False,
}


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The .vsix, built from a copy."""
    if not (SOURCE / "node_modules" / ".bin" / "vsce").exists() or shutil.which("npm") is None:
        pytest.skip(f"the extension's tools are not installed: {HOW}")
    root = tmp_path_factory.mktemp("package")
    folder = root / "editors" / "vscode"
    shutil.copytree(SOURCE, folder, ignore=shutil.ignore_patterns("node_modules", "dist"))
    (folder / "node_modules").symlink_to(SOURCE / "node_modules")
    shutil.copy(REPO / "editors" / "settings.vscode.json", root / "editors")
    shutil.copy(REPO / "LICENSE", root)
    path = os.pathsep.join([str(EDITORS / "vscode" / "node" / "bin"), os.environ["PATH"]])
    for script in ("check", "package"):
        argv = ["npm", "run", "--silent", script]
        environment = {**os.environ, "PATH": path}
        done = subprocess.run(
            argv, cwd=folder, env=environment, capture_output=True, text=True, timeout=100, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
    return folder / "dist" / "lsp-debugger.vsix"


def test_the_bundle_is_one_small_file(package: Path) -> None:
    with zipfile.ZipFile(package) as archive:
        sizes = {each.filename: each.file_size for each in archive.infolist()}
    assert sizes["extension/dist/extension.js"] < 500_000
    assert [name for name in sizes if name.endswith((".js", ".ts"))] == ["extension/dist/extension.js"]


def test_the_settings_are_the_servers(package: Path) -> None:
    with zipfile.ZipFile(package) as archive:
        manifest = json.loads(archive.read("extension/package.json"))
    generated = json.loads((REPO / "editors" / "settings.vscode.json").read_text("utf-8"))
    first, own = manifest["contributes"]["configuration"]
    assert first == generated
    assert own["properties"]["lspDebugger.server.path"]["scope"] == "machine"
    assert manifest["extensionKind"] == ["workspace"]


@pytest.fixture
def server(package: Path, walk: Walk, tmp_path: Path) -> Iterator[str]:
    """VS Code as a server, with our package and the walk installed; its address."""
    code, browser = EDITORS / "vscode" / "node_modules" / "code-server", shutil.which("chromium")
    if not (EDITORS / "vscode" / "complete").exists() or browser is None:
        pytest.skip(f"VS Code or a browser is not installed: {HOW}")
    folder = tmp_path / "walk"
    shutil.copytree(SCRIPTS / "vscode_walk", folder)
    vsce = [NODE, str(SOURCE / "node_modules" / "@vscode" / "vsce" / "vsce"), "package", "--no-dependencies"]
    tested = tmp_path / "walk.vsix"
    more = ["--allow-missing-repository", "--skip-license", "--out", str(tested)]
    subprocess.run([*vsce, *more], cwd=folder, check=True, capture_output=True, timeout=60)
    settings = tmp_path / "data" / "User" / "settings.json"
    settings.parent.mkdir(parents=True)
    # By its path: VS Code asks a login shell for PATH.
    settings.write_text(json.dumps({**QUIET, "lspDebugger.server.path": str(BIN / "lsp-debugger")}))
    places = ["--user-data-dir", str(tmp_path / "data"), "--extensions-dir", str(tmp_path / "extensions")]
    argv = [NODE, str(code / "out" / "node" / "entry.js"), *places]
    environment = {**walk.environment, "WALK_RUFF": str(BIN / "ruff")}
    for vsix in (package, tested):
        install = [*argv, "--install-extension", str(vsix)]
        subprocess.run(install, env=environment, check=True, capture_output=True, timeout=60)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    quiet = ["--auth", "none", "--disable-telemetry", "--disable-update-check", "--disable-workspace-trust"]
    with (tmp_path / "code-server.log").open("wb") as log:
        running = subprocess.Popen(
            [*argv, *quiet, "--bind-addr", f"127.0.0.1:{port}", str(walk.root)],
            env=environment, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    yield f"http://127.0.0.1:{port}/?folder={quote(str(walk.root))}"
    os.killpg(running.pid, signal.SIGTERM)
    try:
        running.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(running.pid, signal.SIGKILL)


@pytest.mark.timeout(300)
def test_the_walk(server: str, walk: Walk) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    drive = [NODE, str(SCRIPTS / "vscode_drive.mjs"), str(EDITORS / "vscode" / "node_modules")]
    with EngineWatch(walk.home) as engine:
        done = subprocess.run(
            [*drive, str(shutil.which("chromium")), server, str(PICTURES)], env=dict(walk.environment),
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=280, check=False,
        )  # fmt: skip
        assert walk.results.exists(), done.stdout + done.stderr
        seen = json.loads(walk.results.read_text("utf-8"))
        seen["engine"] = engine_stopped(engine, seen.get("cancelled_at"))
    notified = json.loads(done.stdout)
    check_walk({**seen, **notified})
    assert any("explaining F821" in each and "writing" in each for each in notified["progress"]), notified
    assert any(kind.endswith("markdown.preview.editor") for kind in seen["tabs"]), seen["tabs"]
