"""staticcheck, where the user has it. Its configuration (staticcheck.conf) only chooses rules.

It runs nothing of the repository (go_environment.py), so it needs no trust.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from lsp_debugger.checkers.answers import json_lines, unreadable
from lsp_debugger.checkers.checker import Checker, Job
from lsp_debugger.checkers.go_environment import environment
from lsp_debugger.checkers.go_lines import (
    Told,
    failure,
    is_offline,
    once_an_import,
    problem_of,
    told_in,
)
from lsp_debugger.checkers.go_vet import packages
from lsp_debugger.checkers.places import Columns, Position, problem_at
from lsp_debugger.core.ask import Place, Problem, Severity
from lsp_debugger.spawn import Completed
from lsp_debugger.tools import find_tool

_DOCUMENTATION = "https://staticcheck.dev/docs/checks/#"


def commands(job: Job) -> Iterable[Sequence[str]]:
    yield [str(job.tool.path), "-f", "json", *packages(job)]


def read(job: Job, outputs: Sequence[Completed]) -> Iterator[Problem]:
    for done in outputs:
        found = list(json_lines(done))
        if not found and (done.returncode not in (0, 1) or b"err: " in done.stderr):
            raise failure("staticcheck", done)
        try:
            problems = [problem for each in found for problem in _problems(job, each)]
        except (KeyError, TypeError, AttributeError, ValueError):
            raise unreadable("staticcheck", done) from None
        yield from once_an_import(problems)


def _problems(job: Job, found: dict[str, Any]) -> Iterator[Problem]:
    if found["code"] == "compile":
        yield from _compiler(job, found)
        return
    path, start = _place(found["location"])
    end = _place(found["end"])[1]
    related: list[Any] = found.get("related") or []
    yield problem_at(
        job,
        path,
        start,
        end if end > start else None,
        Columns.UTF8,
        message=found["message"],
        source="staticcheck",
        code=found["code"],
        # Only SA is about mistakes; the others are about how something could be written.
        severity=Severity.WARNING if found["code"].startswith("SA") else Severity.INFORMATION,
        href=_DOCUMENTATION + found["code"],
        related=[
            Place(job.absolute(each["location"]["file"]), each["location"]["line"], each["message"])
            for each in related
            if each["location"]["line"] > 0
        ],
    )


def _compiler(job: Job, found: dict[str, Any]) -> Iterator[Problem]:
    """One package's errors in one message, as the compiler prints them; or a place and its words."""
    path, start = _place(found["location"])
    message = found["message"]
    told = [Told(path, start, None, message)] if path and start[0] > 0 else told_in(message)
    for each in told:
        problem = problem_of(job, each) if not is_offline(each.message) else None
        if problem is not None:
            yield problem


def _place(found: dict[str, Any]) -> tuple[str, Position]:
    return found["file"], (found["line"], found["column"])


def is_wanted(_root: Path) -> bool:
    """Nobody has to have it: where it is missing nothing is said about it."""
    return find_tool("staticcheck") is not None


CHECKER = Checker(
    name="staticcheck",
    programs=("staticcheck",),
    suffixes=frozenset({".go"}),
    markers=("go.mod",),
    needs_marker=True,
    commands=commands,
    read=read,
    environment=environment,
    is_wanted=is_wanted,
    timeout_s=300.0,
    install="go install honnef.co/go/tools/cmd/staticcheck@latest",
)
