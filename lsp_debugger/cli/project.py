"""Which folder a command line means, and the settings that hold in it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from lsp_debugger.config import REPOSITORY_FILE, Loaded, load
from lsp_debugger.state import State

_MARKERS = (REPOSITORY_FILE, "pyproject.toml", "package.json", "Cargo.toml", "go.mod", ".git")


def root_of(path: Path) -> Path:
    """The nearest folder at or above `path` that looks like a project, else the folder itself."""
    path = path.absolute()
    folder = path if path.is_dir() else path.parent
    for parent in (folder, *folder.parents):
        if any(os.path.exists(parent / marker) for marker in _MARKERS):  # noqa: PTH110 - never raises
            return parent
    return folder


def load_settings(folder: Path, environ: Mapping[str, str] = os.environ) -> Loaded:
    """Settings as a server opened in `folder` would have them, without what an editor may send."""
    return load(repo_paths=[root_of(folder) / REPOSITORY_FILE], environ=environ)


def open_state(loaded: Loaded) -> State:
    """The state directory that these settings name. Touches nothing yet."""
    chosen = loaded.settings.state_directory
    return State(Path(chosen) if chosen else None)
