"""`go vet`: the compiler's first error of each package, and Go's own analyzers.

It runs nothing of the repository (go_environment.py), so it needs no trust.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, cast

from lsp_debugger.checkers.answers import unreadable
from lsp_debugger.checkers.checker import Checker, Job
from lsp_debugger.checkers.go_environment import environment
from lsp_debugger.checkers.go_lines import (
    failure,
    is_offline,
    once_an_import,
    problem_of,
    told_in,
)
from lsp_debugger.checkers.places import Columns, Position, problem_at
from lsp_debugger.core.ask import Problem, Replacement, Severity, ToolFix
from lsp_debugger.core.text import Span
from lsp_debugger.spawn import Completed

_DOCUMENTATION = "https://pkg.go.dev/golang.org/x/tools/go/analysis/passes/"
# Analyzers whose one suggestion mends what they found and changes nothing else. Others offer choices
# (stringintconv), or delete what somebody has written (unreachable, assign).
_SAFE = frozenset({"printf", "sigchanyzer", "timeformat"})


def commands(job: Job) -> Iterable[Sequence[str]]:
    """Packages, not files: alone, a file does not know the others of its package."""
    yield [str(job.tool.path), "vet", "-json", *packages(job)]


def packages(job: Job) -> list[str]:
    if job.whole:
        return ["./..."]
    folders = dict.fromkeys(path.parent.relative_to(job.root).as_posix() for path in job.files)
    return [f"./{folder}" for folder in folders]


def read(job: Job, outputs: Sequence[Completed]) -> Iterator[Problem]:
    """Go 1.26 prints findings on stdout, older ones among the compiler's words on stderr."""
    for done in outputs:
        told = [each for each in told_in(_text(done.stderr)) if not is_offline(each.message)]
        errors = [problem for each in told if (problem := problem_of(job, each)) is not None]
        try:
            found = [*_findings(job, _text(done.stdout)), *_findings(job, _text(done.stderr))]
        except (KeyError, TypeError, AttributeError, ValueError, RecursionError):
            raise unreadable("go vet", done) from None
        # All of a folder may be for other systems, or left out of builds: nothing to say is no failure.
        is_empty = b"matched no packages" in done.stderr or b"exclude all Go files" in done.stderr
        if done.returncode != 0 and not errors and not found and not is_empty:
            raise failure("go vet", done)
        yield from once_an_import(errors)
        yield from dict.fromkeys(found)


def _text(said: bytes) -> str:
    return said.decode("utf-8", "replace")


def _findings(job: Job, said: str) -> Iterator[Problem]:
    """Objects, one after the other: package → analyzer → its findings, or why it could not run.

    A package and the same with its tests are two, so most findings come twice.
    """
    decoder, at = json.JSONDecoder(), 0
    while (at := _next_object(said, at)) >= 0:
        report, at = decoder.raw_decode(said, at)
        for analyzers in report.values():
            for name, results in analyzers.items():
                if isinstance(results, list):
                    yield from (_problem(job, name, each) for each in cast("list[dict[str, Any]]", results))


def _next_object(said: str, at: int) -> int:
    """Where a line is that begins with a brace."""
    if said.startswith("{", at) and (at == 0 or said[at - 1] == "\n"):
        return at
    found = said.find("\n{", at)
    return found + 1 if found >= 0 else -1


def _problem(job: Job, name: str, found: dict[str, Any]) -> Problem:
    path, start = _position(found["posn"])
    end = _position(found["end"])[1] if found.get("end") else None
    return problem_at(
        job,
        path,
        start,
        end if end is not None and end > start else None,
        Columns.UTF8,
        message=found["message"],
        source="go vet",
        code=name,
        severity=Severity.WARNING,
        href=_DOCUMENTATION + _PAGES.get(name, name),
        fix=_fix(job, name, found),
    )


_PAGES = {"composites": "composite", "copylocks": "copylock"}


def _position(said: str) -> tuple[str, Position]:
    path, line, column = said.rsplit(":", 2)
    return path, (int(line), int(column))


def _fix(job: Job, name: str, found: dict[str, Any]) -> ToolFix | None:
    fixes: list[Any] = found.get("suggested_fixes") or []
    if name not in _SAFE or len(fixes) != 1:
        return None
    path = _position(found["posn"])[0]
    snapshot = job.read(job.absolute(path))
    changes: list[Any] = fixes[0]["edits"]
    if snapshot is None or any(edit["filename"] != path for edit in changes):
        return None
    # Offsets are bytes of the file.
    data = snapshot.text.encode("utf-8", "surrogatepass")
    edits = tuple(
        Replacement(Span(_characters(data, edit["start"]), _characters(data, edit["end"])), edit["new"])
        for edit in changes
    )
    return ToolFix(fixes[0]["message"], edits) if edits else None


def _characters(data: bytes, at: int) -> int:
    return len(data[:at].decode("utf-8", "replace"))


CHECKER = Checker(
    name="go vet",
    programs=("go",),
    suffixes=frozenset({".go"}),
    markers=("go.mod",),
    needs_marker=True,
    commands=commands,
    read=read,
    environment=environment,
    timeout_s=300.0,  # the first time it compiles what the project imports
    install="install Go: https://go.dev/dl/",
)
