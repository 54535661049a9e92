"""Which checkers are run, in which folders, over which files."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lsp_debugger.checkers.checker import Checker
from lsp_debugger.checkers.files import endless_in, is_inside, own_files


@dataclass(frozen=True, slots=True)
class Share:
    """One checker's part of a plan. files: all of one project; whole: everything that the project has.

    endless: a pipe or device among what the tool may look at; then it is not run.
    """

    checker: Checker
    root: Path
    files: tuple[Path, ...]
    whole: bool
    endless: Path | None = None


def plan(
    target: Path, workspace: Path, checkers: Iterable[Checker], only: Collection[str] | None = None
) -> list[Share]:
    """target: an absolute file, or a folder in `workspace`. only: checkers by name, wanted or not.

    Looks at the disk. A checker whose language does not occur has no share, and nothing has one
    when the target is a link that leads out of the workspace.
    """
    if not is_inside(target, workspace):
        return []
    is_file = os.path.isfile(target)  # noqa: PTH113 - Path.is_file() raises where a folder may not be read
    files = [target] if is_file else own_files(target, workspace)
    endless_in_folder = cache(endless_in)
    shares = list[Share]()
    for checker in checkers:
        if only is not None and checker.name not in only:
            continue
        mine = [path for path in files if path.suffix.lower() in checker.suffixes or checker.takes(path)]
        for root, those in _by_root(mine, checker, workspace).items():
            if only is not None or checker.is_wanted(root):
                whole = not is_file and root.is_relative_to(target)
                folders = _folders(those, workspace)
                endless = next(filter(None, map(endless_in_folder, folders)), None)
                shares.append(Share(checker, root, tuple(those), whole, endless))
    return shares


def _by_root(files: Iterable[Path], checker: Checker, workspace: Path) -> dict[Path, list[Path]]:
    """Files by their project; each folder is looked into once."""
    project_by_folder: dict[Path, Path | None] = {}
    found: dict[Path, list[Path]] = {}
    for path in files:
        root = _project(path.parent, checker, workspace, project_by_folder)
        if root is not None:
            found.setdefault(root, []).append(path)
    return found


def _project(folder: Path, checker: Checker, workspace: Path, known: dict[Path, Path | None]) -> Path | None:
    """The project of what lies right in `folder`; `known` is read and filled."""
    if folder in known:
        return known[folder]
    passed = list[Path]()
    root = None if checker.needs_marker else workspace
    for each in (folder, *folder.parents):
        if each in known:
            root = known[each]
            break
        passed.append(each)
        if any(os.path.isfile(each / marker) for marker in checker.markers):  # noqa: PTH113 - as above
            root = checker.project(each, workspace)
            break
        if each == workspace:
            break
    known.update(dict.fromkeys(passed, root))
    return root


def _folders(files: Iterable[Path], workspace: Path) -> Iterator[Path]:
    """Those of the files, and all between them and the workspace, each once."""
    seen = set[Path]()
    for path in files:
        for folder in path.parents:
            if folder in seen:
                break
            seen.add(folder)
            yield folder
            if folder == workspace:
                break


def root_of(path: Path, checker: Checker, workspace: Path) -> Path | None:
    """The nearest folder up to the workspace that has one of the checker's markers.

    Without one: the workspace, or None for a checker that needs a project of its own.
    """
    return _project(path.parent, checker, workspace, {})


def named(checkers: Sequence[Checker]) -> dict[str, Checker]:
    return {checker.name: checker for checker in checkers}
