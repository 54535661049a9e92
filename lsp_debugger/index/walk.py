"""Which files of a workspace belong into the index, and why the others do not."""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from lsp_debugger.core.errors import IndexUnavailable
from lsp_debugger.index.ignore import IgnoreRules, is_ignored
from lsp_debugger.index.kinds import VENDORED_MARKS, reason_by_kind, reason_by_name

_MAX_DEPTH = 60

# (folder, its rules), outermost first; folders are relative to the root and end in `/`, or are "".
_Layers = tuple[tuple[str, IgnoreRules], ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A file that belongs into the index. path: relative to the root, with `/`."""

    path: str
    size_bytes: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Skipped:
    """reason: one of a few words, for counts."""

    reason: str


class Walker:
    """Looks at names and sizes, never into links, never outside of the root.

    never_index: told a path relative to the root, says whether policy keeps it out.
    excluded: folders that are ours, such as a state directory inside the workspace.
    """

    def __init__(
        self, root: Path, never_index: Callable[[str], bool], excluded: Collection[Path] = ()
    ) -> None:
        self.root = root
        self._never_index = never_index
        self._excluded = {os.path.realpath(path) for path in excluded}
        self.skipped: Counter[str] = Counter()
        self.folders: tuple[str, ...] = ()  # where the last whole walk went; the same object while they are

    def walk(self, stop: Callable[[], bool] = lambda: False) -> Iterator[Found]:
        """Every file that belongs, folder by folder, in order of names. `skipped` counts the rest.

        Raises IndexUnavailable when the root cannot be read: that is no empty workspace.
        """
        self.skipped.clear()
        entered: list[str] = []
        waiting: list[tuple[str, _Layers]] = [("", ())]
        while waiting and not stop():
            folder, layers = waiting.pop()
            try:
                with os.scandir(self.root / folder) as listing:
                    entries = sorted(listing, key=lambda entry: entry.name)
            except OSError as exc:
                if not folder:
                    raise IndexUnavailable("the workspace folder cannot be read") from exc
                self.skipped["unreadable"] += 1
                continue
            if folder and any(entry.name in VENDORED_MARKS for entry in entries):
                self.skipped["vendored"] += 1
                continue
            entered.append(folder)
            layers = self._with_rules(folder, layers)
            below: list[str] = []
            for entry in entries:
                path = f"{folder}{entry.name}"
                judged = self._judge(path, _status(entry), layers)
                if isinstance(judged, Found):
                    yield judged
                elif judged is not None:
                    self.skipped[judged.reason] += 1
                else:
                    below.append(f"{path}/")
            waiting.extend((name, layers) for name in reversed(below))
        if not waiting and tuple(entered) != self.folders:
            self.folders = tuple(entered)

    def look(self, path: str) -> Found | Skipped:
        """What `walk` would say about one file, without looking at its neighbours."""
        layers: _Layers = ()
        folder = ""
        for name in path.split("/")[:-1]:
            layers = self._with_rules(folder, layers)
            folder = f"{folder}{name}/"
            judged = self._judge(folder[:-1], _status_of(self.root / folder), layers)
            if judged is not None:
                return judged if isinstance(judged, Skipped) else Skipped("gone")
            if any((self.root / folder / mark).exists() for mark in VENDORED_MARKS):
                return Skipped("vendored")
        layers = self._with_rules(folder, layers)
        return self._judge(path, _status_of(self.root / path), layers) or Skipped("special")

    def is_forbidden(self, path: str) -> bool:
        """Whether policy keeps a file out, or a folder around it, whoever asks."""
        parts = path.split("/")
        return any(self._never_index("/".join(parts[:count])) for count in range(1, len(parts) + 1))

    def _with_rules(self, folder: str, layers: _Layers) -> _Layers:
        rules = IgnoreRules.of(self.root / folder)
        return (*layers, (folder, rules)) if rules else layers

    def _judge(self, path: str, status: os.stat_result | None, layers: _Layers) -> Found | Skipped | None:
        """None: a folder to go into."""
        if status is None:
            return Skipped("gone")
        name = path.rpartition("/")[2]
        is_folder = stat.S_ISDIR(status.st_mode)
        reason = reason_by_kind(name, status.st_mode)
        if not reason and is_folder and (path.count("/") >= _MAX_DEPTH or self._is_ours(path)):
            reason = "ours or too deep"
        if not reason and is_ignored(path, layers, is_folder=is_folder):
            reason = "ignored"
        if not reason and not is_folder:
            reason = reason_by_name(name, status.st_size)
        if not reason and self._never_index(path):
            reason = "never_index"
        if reason:
            return Skipped(reason)
        return None if is_folder else Found(path, status.st_size, status.st_mtime_ns)

    def _is_ours(self, path: str) -> bool:
        return bool(self._excluded) and os.path.realpath(self.root / path) in self._excluded


def _status(entry: os.DirEntry[str]) -> os.stat_result | None:
    try:
        return entry.stat(follow_symlinks=False)
    except OSError:  # gone since it was listed
        return None


def _status_of(place: Path) -> os.stat_result | None:
    try:
        return place.lstat()
    except (OSError, ValueError):  # ValueError: a NUL in the name
        return None
