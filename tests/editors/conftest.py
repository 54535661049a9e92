"""A project with a real bug, a real engine with a tiny model, and where the real editors are."""

from __future__ import annotations

import json
import os
import subprocess  # noqa: TID251 - the real editors are what is tested
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tiny_gguf import Shape, write_tiny_gguf

REPO = Path(__file__).resolve().parents[2]
EDITORS = REPO / ".tools" / "editors"
HOW = "tools/install_editors.sh brings it"
# The import is missing for certain; what stands before counts differently in each encoding. The comment
# makes room: Neovim 0.10 takes a column in bytes that is past a line's length in UTF-16 for the line's end.
TEXT = 'hello = "👍🏽 漢字"; print(hello, math.pi)  # half of what many would want\n'
COLUMN = TEXT.index("math")  # in code points
FIXED = f"import math\n\n{TEXT}"


@dataclass(frozen=True)
class Walk:
    """Where an editor is walked through. environment: of the editor and all it starts."""

    root: Path
    file: Path
    environment: Mapping[str, str]
    results: Path

    def run(self, argv: list[str], timeout_s: float = 100) -> dict[str, Any]:
        """Run an editor's script to its end, and read what it has written down: one JSON object."""
        done = subprocess.run(
            argv, cwd=self.root, env=dict(self.environment), stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=timeout_s, check=False,
        )  # fmt: skip
        said = f"{done.stdout[-3000:]}\n{done.stderr[-6000:]}"
        assert self.results.exists(), f"it ended with {done.returncode} and without results: {said}"
        return {**json.loads(self.results.read_text("utf-8")), "said": said}


@pytest.fixture
def walk(tmp_path: Path) -> Walk:
    return _walk(tmp_path, "a prøject", "näme.py")


@pytest.fixture
def ascii_walk(tmp_path: Path) -> Walk:
    """For Eglot of Emacs 30, which takes other characters in a server's file names for bytes."""
    return _walk(tmp_path, "a project", "name.py")


def _walk(tmp_path: Path, folder: str, name: str) -> Walk:
    """User settings that name a model file, and a project with one faulty file."""
    home = tmp_path / "home"
    settings = home / ".config" / "lsp-debugger" / "config.toml"
    settings.parent.mkdir(parents=True)
    model = write_tiny_gguf(tmp_path / "tiny.gguf", Shape(context_tokens=8192))
    settings.write_text(
        f'backend = "llamacpp"\n[llamacpp]\nmodel_path = "{model}"\n[answer]\nmax_tokens = 6000\n'
        '[index]\nenabled = false\n[model]\npreload = "never"\n'
    )
    root = tmp_path / folder
    root.mkdir()
    (root / "pyproject.toml").write_text("[project]\nname = 'x'\nversion = '0'\n")
    file = root / name
    file.write_text(TEXT, "utf-8")
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    kept = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    environment = {
        **kept, "HOME": str(home), "PATH": path, "LANG": "C.UTF-8", "TERM": "xterm-256color",
        "WALK_FILE": str(file), "WALK_RESULTS": str(tmp_path / "results.json"), "WALK_COLUMN": str(COLUMN),
        "WALK_PACKAGES": str(REPO / "editors"),
    }  # fmt: skip
    return Walk(root, file, environment, tmp_path / "results.json")


@pytest.fixture
def editor() -> Callable[[str], str]:
    """The path of an editor's program; skips the test when it is not there."""

    def find(name: str) -> str:
        found = EDITORS / "bin" / name
        if not found.exists():
            pytest.skip(f"{name} is not installed: {HOW}")
        return str(found)

    return find
