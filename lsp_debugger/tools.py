"""Which programs are there: linters, type checkers, compilers, and their versions.

A project's own environment holds programs that its repository chose: it is looked at only when the
user trusts the folder. Everything is started through `spawn`, in an empty private directory.
"""

from __future__ import annotations

import os
import re
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lsp_debugger import spawn
from lsp_debugger.core.errors import LspDebuggerError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]*")
_VERSION = re.compile(r"\d+(?:\.\d+)+(?:[-+.]?[A-Za-z0-9]+)*")
_VERSION_TIMEOUT_S = 20.0  # a type checker on Node may need seconds on a busy machine
_SCRIPTS = "Scripts" if sys.platform == "win32" else "bin"
# How these are asked for their version; all others understand `--version`.
_VERSION_ARGUMENTS = {"go": "version", "gopls": "version"}
_PROJECT_FOLDERS = (f".venv/{_SCRIPTS}", f"venv/{_SCRIPTS}", "node_modules/.bin")

_versions: dict[tuple[str, int], str] = {}
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Tool:
    """A program that is there. untrusted_roots: where it must not come from when it is started."""

    name: str
    path: Path
    untrusted_roots: tuple[Path, ...] = ()

    @property
    def version(self) -> str:
        """Such as `0.17.6`; empty when it does not say. Starts the program once for each build of it:
        call this in a thread.
        """
        try:
            key = (str(self.path), self.path.stat().st_mtime_ns)
        except OSError:
            return ""
        with _lock:
            if key not in _versions:
                _versions[key] = self._ask_version()
            return _versions[key]

    def _ask_version(self) -> str:
        try:
            with spawn.private_directory() as empty:
                said = spawn.run_blocking(
                    [str(self.path), _VERSION_ARGUMENTS.get(self.name, "--version")],
                    cwd=empty,
                    timeout_s=_VERSION_TIMEOUT_S,
                    # Some count their uses there, or ask what the user wants of them.
                    env={"XDG_CACHE_HOME": str(empty), "XDG_CONFIG_HOME": str(empty)},
                    max_output_bytes=64 * 1024,
                    untrusted_roots=self.untrusted_roots,
                )
        except LspDebuggerError:
            return ""
        found = _VERSION.search(said.stdout.decode("utf-8", "replace")) if said.returncode == 0 else None
        return found[0] if found else ""


def find_tool(
    name: str, *, root: Path | None = None, trusted: bool = False, within: Path | None = None
) -> Tool | None:
    """The program `name`, or None. Looks at the disk; starts nothing.

    In this order: the environment of the project at `root`, or of a folder above it up to `within`, if
    that is trusted; beside our own interpreter; then PATH. Without trust nothing below `within` (below
    `root` without it) is taken, however it is reached, except from the environment that this very
    process runs in.
    """
    if not _NAME.fullmatch(name):
        return None
    outermost = within or root
    untrusted = (outermost,) if outermost is not None and not trusted else ()
    for folder in _folders(_up_to(root, outermost) if trusted else (), untrusted):
        for file_name in _file_names(name):
            path = folder / file_name
            if not path.is_file() or not os.access(path, os.X_OK):
                continue
            # Whoever runs us from an environment inside the workspace runs that environment already.
            if folder == _own_folder() or not _lies_below(path, untrusted):
                return Tool(name, path, untrusted)
    return None


def interpreter_of(tool: Tool) -> Path | None:
    """The Python that a script of an environment is started with, by its first line; None for all else."""
    try:
        with tool.path.open("rb") as file:
            first = file.readline(512)
    except OSError:
        return None
    name = os.fsdecode(first[2:].split(b" ")[0].strip()) if first.startswith(b"#!") else ""
    path = Path(name)
    return path if path.is_absolute() and path.name.startswith("python") and path.is_file() else None


def _up_to(root: Path | None, outermost: Path | None) -> tuple[Path, ...]:
    """`root` and the folders above it, the last one `outermost`."""
    if root is None or outermost is None:
        return ()
    first, last = root.absolute(), outermost.absolute()
    return tuple(each for each in (first, *first.parents) if each.is_relative_to(last)) or (first,)


def _folders(trusted_roots: tuple[Path, ...], untrusted: tuple[Path, ...]) -> Iterator[Path]:
    for trusted_root in trusted_roots:
        yield from (trusted_root / folder for folder in _PROJECT_FOLDERS)
    yield _own_folder()
    yield from map(Path, filter(None, spawn.search_path(untrusted).split(os.pathsep)))


def _own_folder() -> Path:
    return Path(sys.executable).parent.absolute()


def _file_names(name: str) -> tuple[str, ...]:
    # Batch files are left out: nothing starts them without a shell.
    return (f"{name}.exe",) if sys.platform == "win32" else (name,)


def _lies_below(path: Path, roots: tuple[Path, ...]) -> bool:
    """True when the path, as written or where its links lead, is inside one of the roots."""
    shapes = (path.absolute(), path.resolve())
    return any(
        shape.is_relative_to(base)
        for shape in shapes
        for root in roots
        for base in (root.absolute(), root.resolve())
    )
