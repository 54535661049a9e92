r"""Paths, judged by their letters before any system call.

Traces, diagnostics and patches carry paths that an attacker may have written. Asking the system about
`\\host\share\x` sends the user's credentials to `host`; asking about an automount point blocks.
"""

from __future__ import annotations

# ruff: noqa: PTH117, PTH118  letters are compared here; pathlib would normalise some of them away
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote, urlsplit

_DRIVE = re.compile(r"[A-Za-z]:")
_DEVICE_NAME = re.compile(r"(?i)(?:con|prn|aux|nul|com[0-9]|lpt[0-9]|conin\$|conout\$)(?:\..*)?\Z")
# Kernel interfaces and automount points: reading them acts, or asks another machine.
_ACTING_FOLDERS = ("/dev/", "/proc/", "/sys/", "/net/", "/afs/", "/misc/")


@dataclass(frozen=True, slots=True)
class Names:
    """All names under which a path is known to globs. outside: not below any workspace folder."""

    names: tuple[str, ...]
    outside: bool


class Workspace:
    """Folders that paths are taken relative to. No folder means that every absolute path is outside."""

    def __init__(self, roots: Sequence[str]) -> None:
        self._roots = tuple(roots)

    @cached_property
    def _all_roots(self) -> tuple[str, ...]:
        # A root may itself be a link, and tools report either name.
        return tuple(dict.fromkeys([*self._roots, *(os.path.realpath(root) for root in self._roots)]))

    def names_of(self, path: str) -> Names:
        """The path as given and its real path, each also relative to the folder that holds it."""
        local = local_path(path)
        if local is None:
            return Names((_slashed(path),), outside=True)
        if not os.path.isabs(local):
            if not self._roots:
                tidy = os.path.normpath(local)
                return Names((_slashed(local), _slashed(tidy)), outside=tidy.startswith(os.pardir))
            found = [self._below(os.path.join(root, local)) for root in self._roots]
            names = (name for one in found for name in one.names)
            return Names(tuple(dict.fromkeys([_slashed(local), *names])), all(one.outside for one in found))
        return self._below(local)

    def _below(self, absolute: str) -> Names:
        tidy = os.path.normpath(absolute)
        names = {_slashed(absolute): None, _slashed(tidy): None}
        given = self._relative(tidy)
        if given is None:
            return Names(tuple(names), outside=True)  # not ours: no reason to ask the system about it
        names[given] = None
        real = os.path.realpath(tidy)
        names[_slashed(real)] = None
        inside = self._relative(real)
        if inside is not None:
            names[inside] = None
        return Names(tuple(names), outside=inside is None)

    def _relative(self, absolute: str) -> str | None:
        for root in self._all_roots:
            folder = root.rstrip("/\\") + os.sep
            if os.path.normcase(absolute).startswith(os.path.normcase(folder)):
                return _slashed(absolute[len(folder) :])
        return None


def local_path(path: str) -> str | None:
    """The path of an ordinary file on this machine, or None when asking about it is not safe.

    Accepts `file:` URIs. None: UNC and device paths, other hosts, streams (`a.txt:x`), NUL bytes.
    """
    if "\0" in path or not path:
        return None
    if path[:5].lower() == "file:":
        parts = urlsplit(path)
        if parts.netloc.lower() not in ("", "localhost"):
            return None
        path = unquote(parts.path)
        if re.match(r"/[A-Za-z]:", path):
            path = path[1:]
        if "\0" in path or not path:
            return None
    slashed = path.replace("\\", "/")
    if slashed.startswith("//") or (sys.platform != "win32" and slashed.startswith(_ACTING_FOLDERS)):
        return None
    rest = slashed[2:] if _DRIVE.match(slashed) else slashed
    if sys.platform == "win32" and (":" in rest or any(_DEVICE_NAME.match(p) for p in rest.split("/"))):
        return None
    return path


def _slashed(path: str) -> str:
    return path.replace("\\", "/") if os.sep == "\\" or _DRIVE.match(path) or path[:2] == "\\\\" else path
