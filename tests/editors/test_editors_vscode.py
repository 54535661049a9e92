"""The VS Code extension: it type-checks, its package is small, and its settings are those of the server."""

from __future__ import annotations

import json
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lsp_debugger.core import installing

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
    properties = {**first["properties"], **own["properties"]}
    # What a repository brings in `.vscode/settings.json` counts for nothing but the output of this extension.
    assert [name for name, each in properties.items() if each["scope"] != "machine"] == [
        "lspDebugger.trace.server"
    ]
    assert manifest["extensionKind"] == ["workspace"]


@pytest.mark.timeout(300)
def test_the_walk(walk: Walk, code_walk: Callable[..., dict[str, Any]]) -> None:
    seen = code_walk(walk, "walk")
    check_walk(seen)
    assert any("explaining F821" in each and "writing" in each for each in seen["progress"]), seen["progress"]
    previews = [label for kind, label in seen["tabs"] if kind.endswith("markdown.preview.editor")]
    assert previews == ["Explain F821, näme.py line 1.md"], seen["tabs"]


@pytest.mark.timeout(300)
def test_a_missing_server_is_installed_after_a_click_and_found(
    walk: Walk, code_walk: Callable[..., dict[str, Any]]
) -> None:
    """uv is a script that does what uv does: a link in ~/.local/bin, which is not on this user's PATH."""
    tools, ours = walk.home / "tools", Path(sys.executable).with_name("lsp-debugger")
    tools.mkdir()
    # What VS Code asks for PATH is a login shell.
    for name in (".profile", ".bash_profile"):
        (walk.home / name).write_text(f'export PATH="{tools}:/usr/bin:/bin"\n')
    uv = tools / "uv"
    uv.write_text(
        '#!/bin/sh\n[ "$1" = --version ] && exit\necho "$@" >"$HOME/asked"\n'
        f'mkdir -p "$HOME/.local/bin" && ln -s "{ours}" "$HOME/.local/bin/lsp-debugger"\n'
    )
    uv.chmod(0o755)
    wanted = "/srv/wheels/lsp_debugger.whl[languages]"
    here = replace(walk, environment={**walk.environment, "WALK_BUTTON": "Install with uv"})
    seen = code_walk(here, "install", {"lspDebugger.server.package": wanted})
    assert seen.get("started") is True, seen
    assert (walk.home / "asked").read_text() == f"tool install {wanted}\n"
    (question,) = seen["questions"]
    assert f"uv tool install {wanted}" in question, "what would be run is said before it is"
    assert set(seen["popups"]) <= {question}


@pytest.mark.timeout(300)
def test_a_missing_server_that_is_in_no_index_is_the_users_to_install(
    walk: Walk, code_walk: Callable[..., dict[str, Any]]
) -> None:
    for name in (".profile", ".bash_profile"):
        (walk.home / name).write_text("export PATH=/usr/bin:/bin\n")
    here = replace(walk, environment={**walk.environment, "WALK_BUTTON": "Set Its Path…"})
    seen = code_walk(here, "install", {})
    assert seen.get("started") is False, seen
    (question,) = seen["questions"]
    assert installing.how() in question
    assert seen["buttons"] == ["Reload Window", "Set Its Path…"], (
        "nothing is installed under a name that is not ours"
    )
