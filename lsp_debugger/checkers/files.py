"""Which files below a folder are somebody's own: what git knows, or a walk that leaves out what is not.

A repository may put a pipe, a device or a way out of itself in a file's place, and an index that its
author wrote: nothing that is no plain file right here is taken, and none is waited for.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterable, Iterator
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


def own_files(folder: Path, workspace: Path | None = None) -> list[Path]:
    """Absolute paths, sorted; links and what lies behind one are left out. At most MAX_FILES.

    workspace: git is not taken from there.
    """
    listed = _known_to_git(folder, workspace or folder)
    found = _walked(folder) if listed is None else listed
    return sorted(found)[:MAX_FILES]


def is_plain(path: Path) -> bool:
    """A file itself: no link, no folder, no pipe, no device."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except (OSError, ValueError):  # ValueError: a null character in the path
        return False


def is_inside(path: Path, folder: Path) -> bool:
    """Below the folder, or the folder itself, wherever links lead. The folder may be reached through one."""
    try:
        return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))
    except (OSError, ValueError):
        return False


def endless_in(folder: Path) -> Path | None:
    """Something right in the folder that a reader may wait for, or read, without end: a pipe, a device, a
    link to one.
    """
    try:
        with os.scandir(folder) as entries:
            return next((Path(entry.path) for entry in entries if _is_endless(entry)), None)
    except OSError:
        return None


def _is_endless(entry: os.DirEntry[str]) -> bool:
    if entry.is_symlink():
        leads_to = os.path.realpath(entry.path)
        return leads_to.startswith(("/dev/", "/proc/", "/sys/")) and leads_to != os.devnull
    if entry.is_file(follow_symlinks=False) or entry.is_dir(follow_symlinks=False):
        return False
    try:
        return not stat.S_ISSOCK(entry.stat(follow_symlinks=False).st_mode)  # which cannot be opened at all
    except OSError:
        return False


def head_of(file: Path, max_bytes: int) -> str:
    """How a plain file begins, a link to one included; empty for all else. Never waits for a writer."""
    try:
        descriptor = os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
        with os.fdopen(descriptor, "rb") as opened:
            if stat.S_ISREG(os.fstat(descriptor).st_mode):
                return opened.read(max_bytes).decode("utf-8", "replace")
    except (OSError, ValueError):
        pass
    return ""


def _known_to_git(folder: Path, workspace: Path) -> list[Path] | None:
    """Tracked, or new and not ignored; None where git does not manage the folder."""
    args = ("ls-files", "-z", "--cached", "--others", "--exclude-standard")
    roots = (folder, workspace)
    if any(endless_in(each) for each in (folder, folder / ".git", folder / ".git" / "info")):
        return None  # git would wait for it
    try:
        done = spawn.git_blocking(args, cwd=folder, timeout_s=_GIT_TIMEOUT_S, untrusted_roots=roots)
    except LspDebuggerError:
        return None
    if done.returncode != 0 or done.truncated:
        return None
    names = dict.fromkeys(os.fsdecode(name) for name in done.stdout.split(b"\0") if name)
    paths = (folder / name for name in names if not _is_foreign(name))
    return [path for path in _without_links(paths, folder) if is_plain(path)]


def _is_foreign(name: str) -> bool:
    """Vendored though it is tracked."""
    return any(part in {"node_modules", "site-packages", "vendor", "third_party"} for part in name.split("/"))


def _without_links(paths: Iterable[Path], folder: Path) -> Iterator[Path]:
    """Those whose folders are what they seem: below `folder`, with no link and no `..` on the way."""
    real = Path(os.path.realpath(folder))
    known: dict[Path, bool] = {}
    for path in paths:
        parent = path.parent
        if parent not in known:
            known[parent] = False
            with contextlib.suppress(OSError, ValueError):
                known[parent] = Path(os.path.realpath(parent)) == real / parent.relative_to(folder)
        if known[parent]:
            yield path


def _walked(folder: Path) -> list[Path]:
    found = list[Path]()
    for path in _files_below(folder):
        found.append(path)
        if len(found) >= MAX_FILES:
            break
    return found


def _files_below(folder: Path) -> Iterator[Path]:
    """What the listing of a folder itself says is a file: nothing else is asked of the disk."""
    waiting = [str(folder)]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        if entry.name not in _NOT_OWN and not entry.name.startswith("."):
                            waiting.append(entry.path)
                    elif entry.is_file(follow_symlinks=False):
                        yield Path(entry.path)
        except OSError:
            continue  # gone meanwhile, or not for us to read
