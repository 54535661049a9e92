"""What a git repository tells without starting git: when HEAD moves, and which trees belong together."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

_MAX_BYTES = 4_096
_MAX_UP = 40
_LOG = "logs/HEAD"
_HEAD_FILES = ("HEAD", _LOG)
_LOG_BYTES = 64_000


class Repository:
    """The repository around `root`, if there is one. A few `stat` a call; nothing raises."""

    def __init__(self, root: Path) -> None:
        self._directory = _git_directory(root)
        self._stamp = self._now()
        self._written: tuple[tuple[int, int, int] | None, float | None] = (None, None)

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

    def tree_written_s(self) -> float | None:
        """When git last wrote files here (a checkout, a pull, a rebase, a reset), in seconds since the epoch.

        A commit writes none. None where no log tells.
        """
        if self._directory is None:
            return None
        stamp = _stamp(self._directory / _LOG)
        if stamp is None:
            return None
        if stamp != self._written[0]:
            self._written = (stamp, _last_writing(_end_of(self._directory / _LOG)))
        return self._written[1]

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


def _last_writing(log: bytes) -> float | None:
    """A line is `OLD NEW WHO SECONDS ZONE`, a tab, and what was done; the newest is the last."""
    seconds: float | None = None
    for line in reversed(log.splitlines()):
        who, _, action = line.partition(b"\t")
        try:
            seconds = float(who.split()[-2])
        except (IndexError, ValueError):
            continue  # the first line of the part that was read, or nothing of git's
        if not action.startswith(b"commit"):
            break
    return seconds


def _end_of(place: Path) -> bytes:
    try:
        with open(place, "rb", opener=_without_waiting) as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - _LOG_BYTES))
            return file.read(_LOG_BYTES)
    except (OSError, ValueError):
        return b""


def _text(place: Path) -> str:
    """The beginning of a small file; empty for anything else, such as a pipe that nobody writes to."""
    try:
        with open(place, "rb", opener=_without_waiting) as file:
            return (file.read(_MAX_BYTES) or b"").decode("utf-8", "surrogateescape").strip()
    except (OSError, ValueError):
        return ""


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _stamp(place: Path) -> tuple[int, int, int] | None:
    try:
        status = place.lstat()
    except (OSError, ValueError):
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
