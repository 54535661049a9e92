"""What the user has in front of them: open documents over files on disk, and the names in them.

Nothing is read or parsed when a document opens or changes: names are brought up to date when
somebody asks about a problem, for that file and for the files that it imports.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from pathlib import Path

from lsp_debugger.context.disk import MAX_READ_BYTES, read_file
from lsp_debugger.context.neighbours import neighbours
from lsp_debugger.core.text import Snapshot
from lsp_debugger.syntax.grammars import language_of
from lsp_debugger.syntax.symbols import SymbolMap

_MAX_CACHED_FILES = 64
# The nearest folder with one of these decides about interpreter and tools.
PROJECT_MARKERS = ("pyproject.toml", "package.json", "Cargo.toml", "go.mod")


class Workspace:
    """Safe to use from several threads. roots: absolute workspace folders; empty in single-file mode."""

    def __init__(self, roots: Sequence[Path], symbols: SymbolMap) -> None:
        self.roots = tuple(roots)
        self.symbols = symbols
        self._open: dict[str, Snapshot] = {}
        self._disk: OrderedDict[str, tuple[tuple[int, int], Snapshot]] = OrderedDict()
        self._known: dict[str, object] = {}
        self._lock = threading.Lock()

    def opened(self, snapshot: Snapshot) -> None:
        """Its text wins over the disk's from now on; also for every later version."""
        if snapshot.path is not None:
            self._open[snapshot.path] = snapshot

    def closed(self, path: str) -> None:
        self._open.pop(path, None)

    def root_of(self, path: str | None) -> Path | None:
        """The deepest workspace folder that holds `path`; None when none does."""
        if path is None:
            return None
        holding = [root for root in self.roots if Path(path).is_relative_to(root)]
        return max(holding, key=lambda root: len(root.parts), default=None)

    def project_of(self, path: str | None) -> Path | None:
        """The nearest folder up to the root that looks like a project of its own; else the root."""
        root = self.root_of(path)
        if root is None or path is None:
            return None
        for folder in Path(path).parents:
            if any((folder / marker).is_file() for marker in PROJECT_MARKERS):
                return folder
            if folder == root:
                break
        return root

    def read(self, path: str) -> Snapshot | None:
        """`path` (absolute, or relative to a root) as the user sees it; None when it cannot be read.

        Only files inside a workspace folder, or beside an open document when there is none; a link that
        leads out of it does not count as inside.
        """
        for place in self._candidates(path):
            if (snapshot := self._open.get(str(place))) is not None:
                return snapshot
            if self._may_read(place) and (snapshot := self._from_disk(place)) is not None:
                return snapshot
        return None

    def on_disk(self, path: str) -> Snapshot | None:
        """As `read`, but what was saved: that is what tools see."""
        for place in self._candidates(path):
            if self._may_read(place) and (snapshot := self._from_disk(place)) is not None:
                return snapshot
        return None

    def unsaved(self) -> dict[str, str]:
        """Texts of open documents that are not what the disk has, by path. Reads the disk, so in a thread."""
        found = dict[str, str]()
        for path, snapshot in list(self._open.items()):
            kept = self.on_disk(path)
            if kept is None or kept.text != snapshot.text:
                found[path] = snapshot.text
        return found

    def refresh(self, snapshot: Snapshot) -> None:
        """Bring the names of this file and of what it imports up to date; CPU and disk, so in a thread."""
        self._feed(snapshot, snapshot.version if snapshot.version is not None else hash(snapshot.text))
        if snapshot.path is None:
            return
        for path in neighbours(snapshot, self.root_of(snapshot.path)):
            neighbour = self.read(str(path))
            if neighbour is not None:
                self._feed(neighbour, hash(neighbour.text))

    def _feed(self, snapshot: Snapshot, mark: object) -> None:
        key = snapshot.path or snapshot.uri
        with self._lock:
            if self._known.get(key) == mark:
                return
            self._known[key] = mark
        self.symbols.update(snapshot)

    def _candidates(self, path: str) -> Iterator[Path]:
        if "\0" in path:
            return
        # Normalised by its letters: `root/../x` is not below root, and nothing is asked of the disk yet.
        if Path(path).is_absolute():
            yield Path(os.path.normpath(path))
        else:
            yield from (Path(os.path.normpath(root / path)) for root in self.roots)

    def _may_read(self, place: Path) -> bool:
        if self.roots:
            root = self.root_of(str(place))
            # The root itself may be reached through a link; what lies in it may not lead away.
            return root is not None and _real(place).is_relative_to(_real(root))
        folders = {Path(path).parent for path in list(self._open)}
        return place.parent in folders and _real(place).parent == _real(place.parent)

    def _from_disk(self, place: Path) -> Snapshot | None:
        try:
            found = place.stat()
            mark = (found.st_mtime_ns, found.st_size)
            with self._lock:
                cached = self._disk.get(str(place))
            if cached is not None and cached[0] == mark:
                return cached[1]
        except OSError:
            return None
        data = read_file(place, MAX_READ_BYTES)
        if data is None:
            return None
        text = data.decode("utf-8", "replace")
        snapshot = Snapshot(place.as_uri(), text, None, str(place), language_of(str(place)))
        with self._lock:
            self._disk[str(place)] = (mark, snapshot)
            self._disk.move_to_end(str(place))
            while len(self._disk) > _MAX_CACHED_FILES:
                self._disk.popitem(last=False)
        return snapshot


def _real(place: Path) -> Path:
    return Path(os.path.realpath(place))
