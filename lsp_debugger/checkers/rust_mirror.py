"""A project without a Cargo.lock, seen from a folder of ours: Cargo writes one beside the manifest.

No option of stable Cargo puts it elsewhere. So the folders down to each manifest are made anew in the
cache with a copy of the manifest, and everything else in them is a link to the project's own.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from lsp_debugger.core.errors import ToolFailed

_SKIPPED = frozenset({"target", "node_modules", ".git"})
_MAX_FOLDERS = 20_000
_PATH = re.compile(r"""(\bpath\s*=\s*)(["'])(\.\.[^"'\n]*)\2""")


def mirrored(root: Path, place: Path) -> Path:
    """Bring the mirror of `root` in `place` up to date; its Cargo.lock is kept. Raises ToolFailed."""
    folders = set[Path]()
    for found in _manifests(root):
        folders.update(each for each in (found.parent, *found.parent.parents) if each.is_relative_to(root))
    try:
        for folder in sorted(folders):
            _mirror(folder, root, place, folders)
    except OSError as error:
        raise ToolFailed(
            "there is no Cargo.lock, and links cannot be made to check without one",
            hint="run `cargo generate-lockfile` in the project",
        ) from error
    return place


def original(path: str, root: Path, place: Path) -> str:
    """A path in the mirror as the project's own."""
    here = Path(path)
    return str(root / here.relative_to(place)) if here.is_relative_to(place) else path


def _manifests(root: Path) -> Iterator[Path]:
    for seen, (base, folders, names) in enumerate(os.walk(root)):
        if seen >= _MAX_FOLDERS:
            return
        folders[:] = [name for name in folders if name not in _SKIPPED and not name.startswith(".")]
        if "Cargo.toml" in names:
            yield Path(base, "Cargo.toml")


def _mirror(folder: Path, root: Path, place: Path, folders: set[Path]) -> None:
    here = place / folder.relative_to(root)
    if here.is_symlink():
        here.unlink()
    here.mkdir(parents=True, exist_ok=True)
    names = {each.name for each in folder.iterdir()} - {"Cargo.lock", "target"}
    for old in here.iterdir():
        if old.name not in names and not (here == place and old.name == "Cargo.lock"):
            _remove(old)
    for name in names:
        own = folder / name
        if own in folders:
            continue
        if name == "Cargo.toml":
            _copy_manifest(own, here / name, root)
        else:
            _link(own, here / name)


def _copy_manifest(own: Path, copy: Path, root: Path) -> None:
    """With the paths that lead out of the project made absolute. Written when it has changed only."""
    text = own.read_text("utf-8", "surrogateescape")

    def absolute(match: re.Match[str]) -> str:
        target = Path(os.path.normpath(own.parent / match[3]))
        kept = target.is_relative_to(root) or match[2] in str(target) or "\\" in str(target)
        return match[0] if kept else f"{match[1]}{match[2]}{target}{match[2]}"

    data = _PATH.sub(absolute, text).encode("utf-8", "surrogateescape")
    if copy.is_symlink() or not copy.is_file() or copy.read_bytes() != data:
        _remove(copy)
        copy.write_bytes(data)


def _link(own: Path, link: Path) -> None:
    if link.is_symlink() and link.readlink() == own:
        return
    _remove(link)
    link.symlink_to(own, target_is_directory=own.is_dir())


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
