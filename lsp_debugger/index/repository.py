"""What a git repository tells without starting git: when HEAD moves, and which trees belong together."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

_MAX_BYTES = 4_096
_MAX_UP = 40
_HEAD_FILES = ("HEAD", "logs/HEAD")


class Repository:
    """The repository around `root`, if there is one. A few `stat` a call; nothing raises."""

    def __init__(self, root: Path) -> None:
        self._directory = _git_directory(root)
        self._stamp = self._now()

    @property
    def identity(self) -> str:
        """The same for all worktrees of a repository; empty where there is none."""
        if self._directory is None:
            return ""
        common = _text(self._directory / "commondir")
        place = os.path.realpath(self._directory / common if common else self._directory)
        return hashlib.sha256(place.encode("utf-8", "surrogateescape")).hexdigest()[:32]

    def head_moved(self) -> bool:
        """True once after each checkout, commit, rebase step, reset or pull: the files follow HEAD."""
        before, self._stamp = self._stamp, self._now()
        return before != self._stamp

    def _now(self) -> tuple[tuple[int, int, int] | None, ...]:
        if self._directory is None:
            return ()
        return tuple(_stamp(self._directory / name) for name in _HEAD_FILES)


def _git_directory(root: Path) -> Path | None:
    """`.git`, or what a worktree's and a submodule's file of this name says."""
    for folder in (root, *list(root.parents)[:_MAX_UP]):
        place = folder / ".git"
        if place.is_dir():
            return place
        named = _text(place)
        if named.startswith("gitdir:"):
            return folder / named.removeprefix("gitdir:").strip()
    return None


def _text(place: Path) -> str:
    """The beginning of a small file; empty for anything else, such as a pipe that nobody writes to."""
    try:
        with open(place, "rb", opener=lambda path, flags: os.open(path, flags | _NO_WAIT)) as file:
            return (file.read(_MAX_BYTES) or b"").decode("utf-8", "surrogateescape").strip()
    except (OSError, ValueError):
        return ""


_NO_WAIT = getattr(os, "O_NONBLOCK", 0)


def _stamp(place: Path) -> tuple[int, int, int] | None:
    try:
        status = place.lstat()
    except (OSError, ValueError):
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
