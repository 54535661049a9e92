"""Where a patch can be seen in force: what the rungs need of such a tree, and the one for systems without
overlays, where everything but the patched files is a link to the user's own.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from lsp_debugger.core.errors import LspDebuggerError

# The patched files of a tree, or others that stand over the disk, by absolute path; None: the file is gone.
Texts = Mapping[Path, str | None]


class TreeFailed(LspDebuggerError):
    """The patched tree could not be set up; nothing was checked in it."""


class Tree(Protocol):
    """A workspace with a patch in it.

    root: of the workspace. texts: the patched ones, by absolute path in `root`; None: the file is gone.
    place: where the tree lies; an overlay's is `root` itself.
    """

    root: Path
    texts: Texts

    @property
    def place(self) -> Path: ...

    def plan(self) -> Path:
        """A new folder of ours, gone with the tree."""
        ...

    def argv(self, command: Sequence[str], cwd: Path) -> list[str]:
        """What runs `command` in the tree. cwd: in `place`."""
        ...

    def read(self, path: str) -> str | None:
        """The text of a patched file, or None for a file that the patch leaves alone. path: in `place`."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def located(tree: Tree, path: Path) -> Path:
    """Where in the tree a file of the workspace lies."""
    return tree.place / path.relative_to(tree.root)


def import_path(tree: Tree) -> tuple[Path, ...]:
    """What has to stand first on Python's path: an editable install would lead to the workspace."""
    if tree.place == tree.root:
        return ()
    return tuple(path for path in (tree.place / "src", tree.place) if path.is_dir())


def bytecode_of(path: Path) -> list[Path]:
    """What Python has kept of a file; with the right time and size, or none to compare, it is believed."""
    try:
        kept = list((path.parent / "__pycache__").iterdir()) if path.suffix == ".py" else []
    except OSError:
        return []
    return [each for each in kept if each.name.startswith(f"{path.stem}.")]


class LinkTree:
    """See `Tree`. Use it in a `with`, which raises TreeFailed where links cannot be made.

    Tools that follow links before they look at a file see the user's own instead: a rung that counts on
    more than the patched files needs a proof.
    """

    def __init__(self, root: Path, texts: Texts) -> None:
        self.root = root
        self.texts: Texts = dict(texts)
        self._folder: Path | None = None

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="lsp-debugger-"))
        try:
            self._link(self.root, self.place)
        except OSError as error:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise TreeFailed(
                f"no tree of links: {error.strerror}", "check your rights in the temporary folder"
            ) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._folder is not None, "entered before"
        shutil.rmtree(self._folder, ignore_errors=True)  # it removes links, and follows none

    @property
    def place(self) -> Path:
        assert self._folder is not None, "entered before"
        return self._folder / "tree" / (self.root.name or "root")

    def plan(self) -> Path:
        assert self._folder is not None, "entered before"
        return Path(tempfile.mkdtemp(prefix="plan-", dir=self._folder))

    def argv(self, command: Sequence[str], cwd: Path) -> list[str]:  # noqa: ARG002 - as an overlay has it
        program, *words = command
        return [program, *(self._moved(word) for word in words)]

    def read(self, path: str) -> str | None:
        place = Path(path)
        return self.texts.get(self.root / place.relative_to(self.place)) if self._holds(place) else None

    def _holds(self, path: Path) -> bool:
        return path.is_relative_to(self.place)

    def _moved(self, word: str) -> str:
        path = Path(word)
        inside = path.is_absolute() and path.is_relative_to(self.root)
        return str(self.place / path.relative_to(self.root)) if inside else word

    def _link(self, real: Path, place: Path) -> None:
        """Folders on the way to a patched file are folders of ours; the rest is linked."""
        place.mkdir(parents=True)
        patched = {path.relative_to(real).parts[0] for path in self.texts if path.is_relative_to(real)}
        if real.is_dir():
            with os.scandir(real) as entries:
                for entry in entries:
                    if entry.name not in patched and entry.name != "__pycache__":
                        (place / entry.name).symlink_to(entry.path)
        for name in patched:
            if real / name not in self.texts:
                self._link(real / name, place / name)
            elif (text := self.texts[real / name]) is not None:
                (place / name).write_bytes(text.encode("utf-8"))
                if (real / name).exists():
                    shutil.copymode(real / name, place / name)
