"""From a path in somebody's text to a file of the workspace.

A text can name any path at all, so paths are judged by their letters: nothing is asked of the file
system about network shares, devices or anything else outside the root.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urlsplit

from lsp_debugger.core.text import Snapshot

_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
# Installed code and the standard library: never the user's own, wherever it was installed.
_LIBRARY = re.compile(
    r"(?:^|/)(?:site-packages|dist-packages|node_modules|\.venv|\.tox|\.nox|__pypackages__)/"
    r"|(?:^|/)lib(?:64)?/python\d(?:\.\d+)?/"
    r"|(?:^|/)Python\d+/Lib/",
    re.IGNORECASE,
)
# In every project at the top, so that the name alone proves nothing about where it came from.
_COMMON = frozenset(
    {"__init__.py", "__main__.py", "setup.py", "conftest.py", "main.py", "app.py", "manage.py"}
)
_MAX_PARTS = 40
_MAX_MEMORY = 2000


class PathMap:
    """Maps the paths of one text. A prefix that fitted once (a container's) is tried first after that."""

    def __init__(self, root: Path | None, read: Callable[[str], Snapshot | None]) -> None:
        self._root = root
        self._read = read
        self._known: dict[str, str | None] = {}
        self._prefixes: list[tuple[str, ...]] = []

    def shown(self, path: str) -> str:
        """The file of the workspace as an absolute path, else the path as it stands in the text."""
        return self._mapped(path) or path

    def is_own(self, path: str) -> bool:
        """True for a file of the workspace that is no installed library."""
        return self._mapped(path) is not None

    def snapshot(self, shown: str) -> Snapshot | None:
        """The text behind what `shown` returned; None for a path that was not mapped."""
        return self._read(shown) if shown in self._known.values() else None

    def _mapped(self, path: str) -> str | None:
        if path not in self._known:
            if len(self._known) >= _MAX_MEMORY:
                return None
            self._known[path] = self._find(path)
        return self._known[path]

    def _find(self, path: str) -> str | None:
        local = local_path(path)
        if self._root is None or local is None:
            return None
        parts = _parts(local)
        if not parts or len(parts) > _MAX_PARTS:
            return None
        if not _is_absolute(local):
            return None if _LIBRARY.search("/".join(parts)) else self._existing(parts)
        root_parts = _parts(str(self._root))
        if parts[: len(root_parts)] == root_parts:
            inner = parts[len(root_parts) :]
            return None if not inner or _LIBRARY.search("/".join(inner)) else self._existing(inner)
        if _LIBRARY.search("/" + "/".join(parts)):
            return None
        return self._by_suffix(parts)

    def _by_suffix(self, parts: tuple[str, ...]) -> str | None:
        """The longest end of the path that is a file below the root."""
        for prefix in self._prefixes:
            if parts[: len(prefix)] == prefix and (found := self._existing(parts[len(prefix) :])):
                return found
        for start in range(1, len(parts)):
            suffix = parts[start:]
            if len(suffix) == 1 and suffix[0] in _COMMON:
                return None
            if found := self._existing(suffix):
                self._prefixes.append(parts[:start])
                return found
        return None

    def _existing(self, parts: tuple[str, ...]) -> str | None:
        assert self._root is not None
        place = str(self._root.joinpath(*parts))
        return place if parts and self._read(place) is not None else None


def local_path(path: str) -> str | None:
    r"""`path` without its `file:` address; None for what is no plain local file.

    Shares (`\\host\x`, `//host/x`, `file://host/x`), devices (`\\.\x`), other addresses,
    pseudo files (`<stdin>`), parent steps and control characters are none.
    """
    if "://" in path or path.startswith("file:"):
        try:
            parts = urlsplit(path)
        except ValueError:  # `https://[`
            return None
        if parts.scheme != "file" or parts.netloc not in ("", "localhost"):
            return None
        path = unquote(parts.path)
        if _DRIVE.match(path[1:]):
            path = path[1:]
    is_pseudo = path.startswith("<") and path.endswith(">")
    if not path or is_pseudo or path[:2].replace("\\", "/") == "//" or not path.isprintable():
        return None
    return None if ".." in re.split(r"[\\/]", path) else path


def _is_absolute(path: str) -> bool:
    return path.startswith(("/", "\\")) or _DRIVE.match(path) is not None


def _parts(path: str) -> tuple[str, ...]:
    """Names from the top; backslashes divide only where the path looks like one of Windows."""
    is_windows = _DRIVE.match(path) is not None or ("\\" in path and "/" not in path)
    names = re.split(r"[\\/]" if is_windows else "/", path)
    return tuple(name for name in names if name not in ("", "."))
