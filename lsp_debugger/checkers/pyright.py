"""basedpyright, or a pyright that brings its own program. Their configuration is data."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from lsp_debugger.checkers.answers import json_of, unreadable
from lsp_debugger.checkers.checker import Checker, Job
from lsp_debugger.checkers.places import Columns, problem_at
from lsp_debugger.checkers.python_project import chose_mypy, chose_pyright, interpreter
from lsp_debugger.core.ask import Problem, Severity
from lsp_debugger.spawn import Completed

_SEVERITIES = {"error": Severity.ERROR, "warning": Severity.WARNING, "information": Severity.INFORMATION}

_STANDARD_WARNINGS = frozenset(
    {
        "reportMissingModuleSource",
        "reportPossiblyUnbound",
        "reportPossiblyUnboundVariable",
        "reportUnsupportedDunderAll",
        "reportUnusedCoroutine",
        "reportUnusedExcept",
        "reportUnusedExpression",
    }
)


def commands(job: Job) -> Iterable[Sequence[str]]:
    """It starts the interpreter that it is given, so that is the project's own only with trust."""
    # Without a configuration of its own, one of a folder above would say what is checked.
    whole = () if chose_pyright(job.root) else (".",)
    # It reads a backslash as a slash, and one file that is not there ends the whole run.
    named = tuple(str(path) for path in job.files if os.sep == "\\" or "\\" not in path.name)
    if not job.whole and not named:
        return
    targets = whole if job.whole else named
    yield [str(job.tool.path), "--outputjson", "--pythonpath", str(interpreter(job)), *targets]


def read(job: Job, outputs: Sequence[Completed]) -> Iterator[Problem]:
    for done in outputs:
        report = json_of(job.tool.name, done)
        try:
            found = [each for each in report["generalDiagnostics"] if "range" in each]
            problems = [_problem(job, each) for each in found]
        except (KeyError, TypeError, AttributeError):
            raise unreadable(job.tool.name, done) from None
        configured = chose_pyright(job.root)
        yield from (each for each in problems if configured or _is_standard(each))


def _is_standard(problem: Problem) -> bool:
    """A project that has chosen nothing gets pyright's standard rules, not all of basedpyright's advice."""
    return problem.severity is Severity.ERROR or problem.code in _STANDARD_WARNINGS


def _problem(job: Job, found: dict[str, Any]) -> Problem:
    start, end = found["range"]["start"], found["range"]["end"]
    return problem_at(
        job,
        found["file"],
        (start["line"] + 1, start["character"] + 1),
        (end["line"] + 1, end["character"] + 1),
        Columns.UTF16,
        message=found["message"],
        source=job.tool.name,
        code=found.get("rule", ""),
        severity=_SEVERITIES.get(found["severity"], Severity.INFORMATION),
    )


def is_wanted(root: Path) -> bool:
    """Unless the project has chosen mypy, and not pyright."""
    return chose_pyright(root) or not chose_mypy(root)


CHECKER = Checker(
    name="pyright",
    # Not PyPI's `pyright`, which downloads the real program when it is first run.
    programs=("basedpyright",),
    suffixes=frozenset({".py", ".pyi"}),
    markers=("pyrightconfig.json", "pyproject.toml", "setup.cfg", "setup.py"),
    commands=commands,
    read=read,
    # Elsewhere basedpyright brings the project's baseline up to date, which is a file of the tree.
    environment=lambda _: {"CI": "true"},
    is_wanted=is_wanted,
    install="pip install basedpyright",
)
