"""The files of a workspace as a patch leaves them, for rungs that only look."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_MAX_BYTES = 2_000_000


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one look-up. why: empty when it is there; else why it is wrong, or in doubt."""

    why: str = ""
    is_wrong: bool = False

    @classmethod
    def wrong(cls, why: str) -> Self:
        return cls(why, is_wrong=True)


@dataclass(frozen=True, slots=True)
class Files:
    """texts: what stands over the disk, by absolute path below `root`; None: the file is gone."""

    root: Path
    texts: Mapping[Path, str | None]

    def is_file(self, path: Path) -> bool:
        path = _plain(path)
        if path in self.texts:
            return self.texts[path] is not None
        try:
            return path.is_file()
        except OSError:
            return False

    def is_dir(self, path: Path) -> bool:
        path = _plain(path)
        try:
            return path.is_dir() or any(
                each.is_relative_to(path) for each, text in self.texts.items() if text is not None
            )
        except OSError:
            return False

    def text(self, path: Path) -> str:
        """Empty when it cannot be read."""
        path = _plain(path)
        if path in self.texts:
            return self.texts[path] or ""
        try:
            if not path.is_file() or path.stat().st_size > _MAX_BYTES:
                return ""
            return path.read_text("utf-8", "replace")
        except OSError:
            return ""

    def up_from(self, file: Path) -> Iterator[Path]:
        """The folders above a file, up to the root."""
        for folder in file.parents:
            yield folder
            if folder == self.root:
                return


def _plain(path: Path) -> Path:
    """Without `..`, which `Path` keeps."""
    import os.path

    return Path(os.path.normpath(path))
