"""Which files below a folder are somebody's own: what git knows, or a walk that leaves out what is not."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from lsp_debugger import spawn
from lsp_debugger.core.errors import LspDebuggerError

MAX_FILES = 100_000
_GIT_TIMEOUT_S = 20.0
_NOT_OWN = frozenset(
    {
        "node_modules", "site-packages", "__pycache__", "venv", "env", "target", "dist", "build", "vendor",
        "third_party", "bower_components", "coverage",
    }
)  # fmt: skip


def own_files(folder: Path) -> list[Path]:
    """Absolute paths, sorted; links are left out. At most MAX_FILES."""
    listed = _known_to_git(folder)
    found = _walked(folder) if listed is None else listed
    return sorted(found)[:MAX_FILES]


def _known_to_git(folder: Path) -> list[Path] | None:
    """Tracked, or new and not ignored; None where git does not manage the folder."""
    args = ("ls-files", "-z", "--cached", "--others", "--exclude-standard")
    try:
        done = spawn.git_blocking(args, cwd=folder, timeout_s=_GIT_TIMEOUT_S, untrusted_roots=(folder,))
    except LspDebuggerError:
        return None
    if done.returncode != 0 or done.truncated:
        return None
    names = [os.fsdecode(name) for name in done.stdout.split(b"\0") if name]
    paths = [folder / name for name in dict.fromkeys(names) if not _is_foreign(name)]
    return [path for path in paths if path.is_file() and not path.is_symlink()]


def _is_foreign(name: str) -> bool:
    """Vendored though it is tracked."""
    return any(part in {"node_modules", "site-packages", "vendor", "third_party"} for part in name.split("/"))


def _walked(folder: Path) -> list[Path]:
    found = list[Path]()
    for path in _files_below(folder):
        found.append(path)
        if len(found) >= MAX_FILES:
            break
    return found


def _files_below(folder: Path) -> Iterator[Path]:
    for base, folders, names in os.walk(folder, followlinks=False):
        folders[:] = sorted(name for name in folders if name not in _NOT_OWN and not name.startswith("."))
        for name in names:
            path = Path(base, name)
            if path.is_file() and not path.is_symlink():
                yield path
