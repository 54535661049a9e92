"""The VS Code extension: it type-checks, its package is small, and its settings are those of the server."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import REPO, Walk, check_walk

pytestmark = pytest.mark.editors
# What vsce adds by itself, and what somebody who installs it needs. Nothing else is anybody's business.
CONTENTS = {
    "[Content_Types].xml", "extension.vsixmanifest", "extension/package.json", "extension/dist/extension.js",
    "extension/readme.md", "extension/LICENSE.txt", "extension/walkthrough.md",
}  # fmt: skip


def test_the_bundle_is_one_small_file(package: Path) -> None:
    with zipfile.ZipFile(package) as archive:
        sizes = {each.filename: each.file_size for each in archive.infolist()}
    assert sizes["extension/dist/extension.js"] < 500_000
    assert sizes.keys() == CONTENTS


def test_the_settings_are_the_servers(package: Path) -> None:
    with zipfile.ZipFile(package) as archive:
        manifest = json.loads(archive.read("extension/package.json"))
    generated = json.loads((REPO / "editors" / "settings.vscode.json").read_text("utf-8"))
    first, own = manifest["contributes"]["configuration"]
    assert first == generated
    assert own["properties"]["lspDebugger.server.path"]["scope"] == "machine"
    assert manifest["extensionKind"] == ["workspace"]


@pytest.mark.timeout(300)
def test_the_walk(walk: Walk, code_walk: Callable[[Walk, str], dict[str, Any]]) -> None:
    seen = code_walk(walk, "walk")
    check_walk(seen)
    assert any("explaining F821" in each and "writing" in each for each in seen["progress"]), seen["progress"]
    assert any(kind.endswith("markdown.preview.editor") for kind in seen["tabs"]), seen["tabs"]
