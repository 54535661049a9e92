"""The workspace with a patch in it, at its own path, seen by one process and nobody else.

An overlay is mounted over the workspace in a mount namespace of the process that needs it: tools find the
same paths, the same environment and the same untracked files, and the user's tree is not touched. Where the
system has no such thing there is no overlay, and what would need one is said to be not checked.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Self

from lsp_debugger import spawn
from lsp_debugger.core.errors import LspDebuggerError
from lsp_debugger.verify.enclosure import DISK, ENCLOSE, ENTER, INNER, START, Enclosure, needed, programs_of
from lsp_debugger.verify.trees import Texts, bytecode_of

_SHELL = "/bin/sh"
_PROBE_TIMEOUT_S = 10.0
_SPACES = ("--user", "--map-root-user", "--mount", "--ipc", "--net")
_PROCESSES = ("--pid", "--fork", "--kill-child", "--mount-proc")
# Characters that end a path in the mount options of an overlay.
_SPECIAL = set(":,\\\n'\"")


class Overlay:
    """Patched texts over a workspace. Use it in a `with`; `argv` makes a command run in it.

    texts: by absolute path in `root`; None removes the file.
    """

    def __init__(self, root: Path, texts: Texts) -> None:
        self.root = root
        self.texts: Texts = dict(texts)
        self._folder: Path | None = None

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="lsp-debugger-"))
        for name in ("patched", "ours"):
            (self._folder / name).mkdir()
        for path, text in self.texts.items():
            if text is not None:
                place = self._folder / "patched" / path.relative_to(self.root)
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(text.encode("utf-8"))
                if path.exists():
                    shutil.copymode(path, place)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def place(self) -> Path:
        return self.root

    @property
    def folder(self) -> Path:
        """Of ours, as long as the overlay is entered."""
        assert self._folder is not None, "entered before"
        return self._folder

    def argv(self, command: Sequence[str], cwd: Path) -> list[str]:
        """The command that runs `command` in the patched tree, with all else that this user has in sight."""
        return self._argv(command, cwd, self.plan(), f"{ENTER}\n{START}", _SPACES)

    def enclosed(self, command: Sequence[str], cwd: Path, enclosure: Enclosure, plan: Path) -> list[str]:
        """As `argv`, with nothing of the user's but the workspace. Raises ValueError for odd paths.

        plan: from `plan`. Afterwards its file `started` has a line if the command was begun, and its folder
        `left` what that wrote into `enclosure.LEFT`.
        """
        kept = {*enclosure.keep, *programs_of(command), Path(sys.prefix), Path(sys.base_prefix)}
        copied = [path for path in enclosure.copied if path.is_dir() and not _SPECIAL & set(str(path))]
        Enclosure(tuple(kept), enclosure.writable, tuple(copied)).write_plan(plan, self.root)
        return self._argv(command, cwd, plan, f"{ENTER}\n{ENCLOSE}", (*_SPACES, *_PROCESSES))

    def launch(self, enclosure: Enclosure) -> Callable[[Sequence[str], Path], list[str]]:
        """`enclosed` for whoever has a command and a folder, and nothing to read afterwards."""
        return lambda command, cwd: self.enclosed(command, cwd, enclosure, self.plan())

    def plan(self) -> Path:
        """A new folder with what the shell text of one command reads and leaves."""
        folder = Path(tempfile.mkdtemp(prefix="plan-", dir=self.folder))
        gone = [path for path, text in self.texts.items() if text is None]
        gone += [cache for path in self.texts for cache in bytecode_of(path)]
        names = (path.relative_to(self.root) for path in gone)
        (folder / "gone").write_text("".join(f"{name}\n" for name in names), "utf-8")
        return folder

    def read(self, path: str) -> str | None:
        """The text of a patched file, or None for a file that the patch leaves alone."""
        return self.texts.get(Path(path))

    def _argv(
        self, command: Sequence[str], cwd: Path, plan: Path, script: str, spaces: Sequence[str]
    ) -> list[str]:
        names = {"disk": DISK, **needed()}
        places = [str(self.root), str(self.folder), str(plan), str(cwd), INNER % names]
        return [names["unshare"], *spaces, "--", _SHELL, "-c", script % names, "sh", *places, *command]


@cache
def available(root: Path) -> str:
    """Why there is no overlay over this folder, or empty when there is: it is tried once. Blocks."""
    if not sys.platform.startswith("linux"):
        return "overlays need Linux"
    if not needed()["unshare"]:
        return "there is no unshare here (util-linux)"
    if _SPECIAL & set(str(root)):
        return "the workspace's path has characters that an overlay cannot take"
    with Overlay(root, {root / ".lsp-debugger-probe": "ok"}) as overlay:
        return _tried(overlay, overlay.argv(["/bin/cat", str(root / ".lsp-debugger-probe")], root))


@cache
def isolation(root: Path) -> str:
    """Why nothing can be isolated in this folder, or empty: as `available`, which it includes."""
    if reason := available(root):
        return reason
    if missing := [name for name, path in needed().items() if not path]:
        return f"there is no {missing[0]} here (util-linux)"
    with Overlay(root, {root / ".lsp-debugger-probe": "ok"}) as overlay:
        command = ["/bin/cat", str(root / ".lsp-debugger-probe")]
        try:
            return _tried(overlay, overlay.enclosed(command, root, Enclosure(), overlay.plan()))
        except ValueError as error:
            return f"{error} cannot be handed on"


def _tried(overlay: Overlay, argv: Sequence[str]) -> str:
    try:
        done = spawn.run_blocking(argv, cwd=overlay.root, timeout_s=_PROBE_TIMEOUT_S)
    except LspDebuggerError as error:
        return f"it could not be tried: {error}"
    return "" if done.stdout == b"ok" else "this system does not let users set it up"
