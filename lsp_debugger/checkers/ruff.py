"""ruff: its configuration is data, so it also checks what nobody trusts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from lsp_debugger.checkers.answers import json_of, unreadable
from lsp_debugger.checkers.checker import Checker, Job
from lsp_debugger.checkers.places import Columns, offset_at, problem_at
from lsp_debugger.core.ask import Problem, Replacement, Severity, ToolFix
from lsp_debugger.core.text import Span
from lsp_debugger.spawn import Completed

_BROKEN = frozenset({"invalid-syntax", "E999", ""})
# What fails when it runs; everything else is advice.
_ERRORS = ("F82", "F63", "F70", "E9")


def commands(job: Job) -> Iterable[Sequence[str]]:
    """`--no-cache`: a repository may choose where ruff's cache goes, and ours would not be faster."""
    targets = ["."] if job.whole else [str(path) for path in job.files]
    program = str(job.tool.path)
    yield [program, "check", "--no-cache", "--no-fix", "--exit-zero", "--output-format", "json", *targets]


def read(job: Job, outputs: Sequence[Completed]) -> Iterator[Problem]:
    for done in outputs:
        try:
            for found in json_of("ruff", done):
                yield _problem(job, found)
        except (KeyError, TypeError, AttributeError):
            raise unreadable("ruff", done) from None


def _problem(job: Job, found: dict[str, Any]) -> Problem:
    code = found["code"] or "invalid-syntax"
    is_error = code in _BROKEN or code.startswith(_ERRORS)
    return problem_at(
        job,
        found["filename"],
        _position(found["location"]),
        _position(found["end_location"]),
        Columns.CODE_POINTS,
        message=found["message"],
        source="ruff",
        code=code,
        severity=Severity.ERROR if is_error else Severity.WARNING,
        href=found["url"],
        fix=_fix(job, found),
    )


def _fix(job: Job, found: dict[str, Any]) -> ToolFix | None:
    fix, snapshot = found["fix"], job.read(job.absolute(found["filename"]))
    if fix is None or fix["applicability"] != "safe" or snapshot is None:
        return None
    edits = tuple(
        Replacement(
            Span(
                offset_at(snapshot, _position(edit["location"]), Columns.CODE_POINTS),
                offset_at(snapshot, _position(edit["end_location"]), Columns.CODE_POINTS),
            ),
            edit["content"],
        )
        for edit in fix["edits"]
    )
    return ToolFix(fix["message"] or "Apply ruff's fix", edits)


def _position(place: dict[str, int]) -> tuple[int, int]:
    return place["row"], place["column"]


CHECKER = Checker(
    name="ruff",
    programs=("ruff",),
    suffixes=frozenset({".py", ".pyi", ".ipynb"}),
    markers=("ruff.toml", ".ruff.toml", "pyproject.toml"),
    commands=commands,
    read=read,
    install="pip install ruff",
)
