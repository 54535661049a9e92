"""The VS Code extension: it type-checks, its package is small, and its settings are those of the server."""

from __future__ import annotations

import json
import os
import shutil
import subprocess  # noqa: TID251 - the real tools are what is tested
import zipfile
from pathlib import Path

import pytest

from .conftest import EDITORS, HOW, REPO

pytestmark = pytest.mark.editors
SOURCE = REPO / "editors" / "vscode"


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
