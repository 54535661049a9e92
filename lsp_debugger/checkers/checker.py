"""What a checker is: a program, what it is good for, how it is asked and how its answer is read."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from lsp_debugger.core.ask import Problem
from lsp_debugger.core.text import Snapshot
from lsp_debugger.spawn import Completed
from lsp_debugger.tools import Tool


@dataclass(frozen=True, slots=True)
class Job:
    """One run of one tool.

    root: the nearest folder that the tool takes for a project; it is started there.
    files: absolute paths of what is to be checked, all of one project. whole: they are all that the
      project has, so a tool that takes folders may be given the root instead.
    workspace: what the user trusts or does not; root lies in it. trusted: configuration and environment
      of the repository may run code. Where it is False the tool gets neither.
    cache: a folder of ours that is kept between runs, the only place that the tool may write to.
    read: a file as it is on the disk, or None: what the tool has seen.
    """

    tool: Tool
    root: Path
    files: tuple[Path, ...]
    whole: bool
    workspace: Path
    trusted: bool
    cache: Path
    read: Callable[[str], Snapshot | None]

    def absolute(self, path: str) -> str:
        """A path as the tool printed it, without `..`.

        Tools see where they are with links resolved: the workspace keeps the name that its user has for it.
        """
        written = os.path.normpath(self.root / path)
        real, known = _real(self.workspace), str(self.workspace)
        if real != known and (written + os.sep).startswith(real + os.sep):
            return known + written.removeprefix(real)
        return written


@lru_cache(maxsize=16)  # asked for each finding; a folder that has moved meanwhile has no findings left
def _real(folder: Path) -> str:
    return os.path.realpath(folder)


@dataclass(frozen=True, slots=True)
class Checker:
    """A tool. Its `name` is also the source of its problems unless it tells them apart itself.

    programs: what to look for, the first that is found counts. suffixes: of the files it takes.
    markers: files that make a folder its project; without one the workspace itself is it.
    commands: what to start, one after the other. read: problems out of what those printed, in the tool's
      order; raises ToolFailed when that cannot be understood.
    needs_trust: why it is not run where the workspace is not trusted; empty: it is.
    is_wanted: whether it is run without being asked for by name, looking at the root's files.
    takes: files that it takes though their suffix does not tell.
    needs_marker: without a project of its own there is nothing that it could do.
    project: the folder to take for the project, given the one with the marker and the workspace: a
      package may belong to a larger project above it.
    """

    name: str
    programs: tuple[str, ...]
    suffixes: frozenset[str]
    commands: Callable[[Job], Iterable[Sequence[str]]]
    read: Callable[[Job, Sequence[Completed]], Iterable[Problem]]
    markers: tuple[str, ...] = ()
    needs_marker: bool = False
    project: Callable[[Path, Path], Path] = lambda marked, _: marked
    needs_trust: str = ""
    environment: Callable[[Job], Mapping[str, str]] = lambda _: {}
    is_wanted: Callable[[Path], bool] = lambda _: True
    takes: Callable[[Path], bool] = lambda _: False
    timeout_s: float = 120.0
    memory_bytes: int | None = None
    max_output_bytes: int = 64 * 1024 * 1024
    install: str = ""  # what to do when the program is not there


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of one checker in one project.

    reason: why there are no problems, in a line for the user; empty when it ran. It may quote the tool:
      it is shown and never logged. hint: what to do about it.
    """

    checker: str
    root: Path
    problems: tuple[Problem, ...] = ()
    version: str = ""
    took_s: float = 0.0
    reason: str = ""
    hint: str = ""
    broken: bool = False  # it ran and failed, as opposed to: was not run
