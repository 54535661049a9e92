"""bandit: security smells. Its configuration is data; without trust it gets none of it all the same."""

from __future__ import annotations

import configparser
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from lsp_debugger.checkers.answers import json_of, unreadable
from lsp_debugger.checkers.checker import Checker, Job
from lsp_debugger.checkers.places import Columns, problem_at
from lsp_debugger.checkers.python_project import tables_in
from lsp_debugger.core.ask import Problem, Severity
from lsp_debugger.spawn import Completed

_SEVERITIES = {"HIGH": Severity.ERROR, "MEDIUM": Severity.WARNING}
_MAX_FILES_A_CALL = 500
_MAX_CONFIG_BYTES = 100_000
_ASSERT = "B101"


def commands(job: Job) -> Iterable[Sequence[str]]:
    """Every file by its name: of a folder bandit would also read what git ignores, and a `.bandit` in it."""
    # A project that has chosen nothing gets what is worth a look, not every `assert` and `subprocess`.
    how = ["--format", "json", "--quiet", "--exit-zero"]
    how += [] if _is_configured(job.root) else ["--severity-level", "medium"]
    if job.trusted and "bandit" in tables_in(job.root):
        how += ["--configfile", str(job.root / "pyproject.toml")]
    how += _chosen(job.root / ".bandit") if job.trusted else []
    files = [str(path) for path in job.files]
    for first in range(0, len(files), _MAX_FILES_A_CALL):
        yield [str(job.tool.path), *how, *files[first : first + _MAX_FILES_A_CALL]]


def _chosen(file: Path) -> list[str]:
    """What a `.bandit` leaves out or asks for. bandit itself reads one only with `-r`, and would also let
    it name a file to write to.
    """
    parser = configparser.RawConfigParser()
    try:
        with file.open("rb") as opened:
            parser.read_string(opened.read(_MAX_CONFIG_BYTES).decode("utf-8", "replace"))
        section = dict(parser.items("bandit"))
    except (OSError, ValueError, configparser.Error):
        return []
    options = {"skips": "--skip", "tests": "--tests", "exclude": "--exclude"}
    return [
        part
        for key, option in options.items()
        if section.get(key, "").strip()
        for part in (option, section[key].strip())
    ]


def read(job: Job, outputs: Sequence[Completed]) -> Iterator[Problem]:
    for done in outputs:
        report = json_of("bandit", done)
        try:
            problems = [_problem(job, found) for found in report["results"]]
        except (KeyError, TypeError, AttributeError, ValueError, IndexError):
            raise unreadable("bandit", done) from None
        yield from (each for each in problems if not (each.code == _ASSERT and _is_test(each.path or "")))


def _problem(job: Job, found: dict[str, Any]) -> Problem:
    line, lines = int(found["line_number"]), [int(each) for each in found["line_range"]]
    start, end = int(found["col_offset"]), int(found.get("end_col_offset") or 0)
    last = max(lines, default=line)
    return problem_at(
        job,
        str(found["filename"]),
        (line, start + 1),
        (last, end + 1) if (last, end) > (line, start) else None,
        Columns.UTF8,
        message=str(found["issue_text"]),
        source="bandit",
        code=str(found["test_id"]),
        severity=_SEVERITIES.get(str(found["issue_severity"]), Severity.INFORMATION),
        href=str(found["more_info"]),
    )


def _is_test(path: str) -> bool:
    name = Path(path).name
    return name.startswith("test_") or name.endswith("_test.py") or "tests" in Path(path).parts


def _is_configured(root: Path) -> bool:
    return (root / ".bandit").is_file() or "bandit" in tables_in(root)


CHECKER = Checker(
    name="bandit",
    programs=("bandit",),
    suffixes=frozenset({".py"}),
    markers=(".bandit", "pyproject.toml", "setup.cfg"),
    commands=commands,
    read=read,
    # Its plugin loader keeps a list of what is installed.
    environment=lambda job: {"XDG_CACHE_HOME": str(job.cache)},
    install="pip install bandit",
)
