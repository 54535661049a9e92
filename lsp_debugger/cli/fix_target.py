"""What `lsp-debugger fix` is to fix: the finding at a place, what a trace tells of, or what fails a test."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from lsp_debugger.cli.card import snapshot_of
from lsp_debugger.cli.explain import problems_in, worst_at
from lsp_debugger.cli.project import root_of
from lsp_debugger.cli.target import target_of
from lsp_debugger.core.ask import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lsp_debugger.core.text import Snapshot
    from lsp_debugger.wiring import Session

_MAX_STDIN_CHARS = 10_000_000


@dataclass(frozen=True, slots=True)
class Found:
    """others: what else was found in the file. test: the command that has to succeed, if there is one."""

    problem: Problem
    snapshot: Snapshot
    others: tuple[Problem, ...] = ()
    test: Sequence[str] | None = field(default=None)


def root_of_target(text: str) -> Path:
    """Raises ConfigInvalid when it names no file."""
    if text == "-":
        return root_of(Path.cwd())
    return root_of(target_of(text.partition("::")[0]).path)


async def found_at(text: str, root: Path, session: Session) -> Found | str:
    """The problem with its text, or why there is none."""
    if text == "-":
        return _in_trace(root, session)
    if "::" in text:
        return await _in_test(text, session)
    place = target_of(text)
    snapshot, problems = snapshot_of(place.path), await problems_in(place, session)
    problem = worst_at(place, snapshot, problems)
    if problem is None:
        return "No problem found there."
    return Found(problem, snapshot, tuple(each for each in problems if each is not problem))


def _in_trace(root: Path, session: Session) -> Found | str:
    from lsp_debugger.context.locate import from_text

    problem = from_text(sys.stdin.read(_MAX_STDIN_CHARS), root, session.read)
    snapshot = session.read(str(root / problem.path)) if problem is not None and problem.path else None
    if problem is None or snapshot is None:
        return "No error of a file in this workspace was found in that text."
    return Found(problem, snapshot)


async def _in_test(text: str, session: Session) -> Found | str:
    path, _, name = text.partition("::")
    failing = await session.repairs.tests.failing(target_of(path).path, name)
    if isinstance(failing, str):
        return failing
    return Found(failing.problem, failing.snapshot, test=failing.command)
