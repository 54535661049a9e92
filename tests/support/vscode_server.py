"""VS Code itself, as a server for a browser, with extensions in it: for its tests and its benchmark."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket  # noqa: TID251 - finds a free port for VS Code
import subprocess  # noqa: TID251 - the real tools are what is tested
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

REPO = Path(__file__).resolve().parents[2]
SOURCE = REPO / "editors" / "vscode"
_TOOLS = REPO / ".tools" / "editors" / "vscode"
NODE = str(_TOOLS / "node" / "bin" / "node")
MODULES = str(_TOOLS / "node_modules")
BROWSER = shutil.which("chromium")
_QUIET = {
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
_START = ("--auth", "none", "--disable-telemetry", "--disable-update-check", "--disable-workspace-trust")


def missing() -> str:
    """What is not here to run it; empty when everything is."""
    if not (SOURCE / "node_modules" / ".bin" / "vsce").exists() or shutil.which("npm") is None:
        return "the extension's tools are not installed"
    if not (_TOOLS / "complete").exists() or BROWSER is None:
        return "VS Code or a browser is not installed"
    return ""


def build_package(root: Path) -> Path:
    """Our .vsix, type-checked and built from a copy below `root`. Raises CalledProcessError."""
    folder = root / "editors" / "vscode"
    shutil.copytree(SOURCE, folder, ignore=shutil.ignore_patterns("node_modules", "dist"))
    (folder / "node_modules").symlink_to(SOURCE / "node_modules")
    shutil.copy(REPO / "editors" / "settings.vscode.json", root / "editors")
    shutil.copy(REPO / "LICENSE", root)
    path = os.pathsep.join([str(_TOOLS / "node" / "bin"), os.environ["PATH"]])
    for script in ("check", "package"):
        argv = ["npm", "run", "--silent", script]
        subprocess.run(
            argv,
            cwd=folder,
            env={**os.environ, "PATH": path},
            check=True,
            stdout=subprocess.PIPE,
            timeout=100,
        )
    return folder / "dist" / "lsp-debugger.vsix"


def pack(source: Path, folder: Path) -> Path:
    """The .vsix of an extension that needs no build, in a new folder."""
    copy = shutil.copytree(source, folder / source.name)
    vsce = [NODE, str(SOURCE / "node_modules" / "@vscode" / "vsce" / "vsce"), "package", "--no-dependencies"]
    more = ["--allow-missing-repository", "--skip-license", "--out", f"{copy}.vsix"]
    subprocess.run([*vsce, *more], cwd=copy, check=True, capture_output=True, timeout=60)
    return Path(f"{copy}.vsix")


@contextmanager
def running(
    folder: Path,
    opened: Path,
    extensions: Sequence[Path],
    settings: Mapping[str, Any],
    environment: Mapping[str, str],
) -> Iterator[str]:
    """The address of a VS Code with `opened` in it. Everything of its own is in `folder`."""
    user_settings(folder).parent.mkdir(parents=True)
    user_settings(folder).write_text(json.dumps({**_QUIET, **settings}))
    places = ["--user-data-dir", str(folder / "data"), "--extensions-dir", str(folder / "extensions")]
    argv = [NODE, str(Path(MODULES) / "code-server" / "out" / "node" / "entry.js"), *places]
    for vsix in extensions:
        install = [*argv, "--install-extension", str(vsix)]
        subprocess.run(install, env=dict(environment), check=True, capture_output=True, timeout=60)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (folder / "code-server.log").open("wb") as log:
        started = subprocess.Popen(
            [*argv, *_START, "--bind-addr", f"127.0.0.1:{port}", str(opened)],
            env=dict(environment), stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    try:
        yield f"http://127.0.0.1:{port}/?folder={quote(str(opened))}"
    finally:
        os.killpg(started.pid, signal.SIGTERM)
        try:
            started.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(started.pid, signal.SIGKILL)


def user_settings(folder: Path) -> Path:
    """Their file, of a VS Code that keeps everything in `folder`."""
    return folder / "data" / "User" / "settings.json"
