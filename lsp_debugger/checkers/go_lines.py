"""The lines in which Go's tools tell of problems, `file.go:line:column: message`, as problems."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import PurePath

from lsp_debugger.checkers.checker import Job
from lsp_debugger.checkers.places import Columns, Position, problem_at
from lsp_debugger.core.ask import Place, Problem, Severity
from lsp_debugger.core.errors import ToolFailed
from lsp_debugger.spawn import Completed

_PLACE = re.compile(
    r"(?P<path>(?:[A-Za-z]:[\\/])?[^:\n]{1,1000}):(?P<line>\d{1,9})(?::(?P<column>\d{1,9}))?"
    r"(?:-(?:(?P<last>\d{1,9}):)?(?P<end>\d{1,9}))?: (?P<message>.*)"
)
_MORE = re.compile(r" \(and \d+ more errors?\)$")
_EXPECTED = re.compile(r"expected .{1,80}, found |syntax error: ")
_IMPORT = re.compile(
    r"could not import (?P<import>\S+)"
    r"|no required module provides package (?P<package>[^\s;]+)"
    r"|package (?P<std>\S+) is not in std"
    r"|cannot find module providing package (?P<module>[^\s:;]+)"
)
_OFFLINE = re.compile(r"module lookup disabled by GOPROXY=off|missing go\.sum entry")
_DOWNLOADING = re.compile(r"go: downloading (\S+ \S+)$", re.MULTILINE)
_SUM = re.compile(r"missing go\.sum entry for module providing package ([^\s;]+)")
_SAID_CHARS = 300


@dataclass(frozen=True, slots=True)
class Told:
    """One line of a tool, with the lines that belong to it; `end` where the tool says where it ends.

    Without a column, as at a file's end, it is about the line.
    """

    path: str
    start: Position
    end: Position | None
    message: str
    related: tuple[Place, ...] = ()  # as the tool names the files


def told_in(text: str) -> Iterator[Told]:
    """Lines without a place are passed over; those that begin with a tab go on with the message above, and
    a message that begins with a dash is about it.
    """
    last: Told | None = None
    for line in text.splitlines():
        if last is not None and line.startswith("\t"):
            last = replace(last, message=f"{last.message}\n{line}")
            continue
        told = _told(line.removeprefix("vet: "))
        if last is not None and told is not None and told.message.startswith("- "):
            place = Place(told.path, told.start[0], told.message.removeprefix("- "))
            last = replace(last, related=(*last.related, place))
            continue
        if last is not None:
            yield last
        last = told
    if last is not None:
        yield last


def _told(line: str) -> Told | None:
    match = _PLACE.match(line)
    if match is None:
        return None
    row, end = int(match["line"]), None
    if match["end"]:
        end = (int(match["last"] or row), int(match["end"]))
    return Told(match["path"], (row, int(match["column"] or 1)), end, _MORE.sub("", match["message"]))


def problem_of(
    job: Job, told: Told, *, source: str = "compiler", severity: Severity = Severity.ERROR
) -> Problem | None:
    """None for what is told of files that are not the project's: Go's own, and the module cache's.

    What is wrong with the text or with an import gets a code, for several tools tell it in other words.
    """
    if not _is_inside(job, told.path):
        return None
    code = ""
    if source == "compiler" and _EXPECTED.match(told.message):
        source, code = "syntax", "syntax"
    elif _IMPORT.search(told.message) and severity is Severity.ERROR:
        source, code = "go list", "BrokenImport"
    return problem_at(
        job,
        told.path,
        told.start,
        told.end,
        Columns.UTF8,
        message=told.message,
        related=[replace(each, path=job.absolute(each.path)) for each in told.related if each.note],
        source=source,
        code=code,
        severity=severity,
    )


def _is_inside(job: Job, path: str) -> bool:
    return PurePath(job.absolute(path)).is_relative_to(job.root) and ".." not in PurePath(path).parts


def once_an_import(problems: Iterable[Problem]) -> Iterator[Problem]:
    """A package that is missing is told of where it is imported first, and not in 200 files."""
    seen = set[str]()
    for problem in problems:
        package = missing_package(problem.message) if problem.code == "BrokenImport" else ""
        if not package or package not in seen:
            yield problem
        seen.add(package)


def missing_package(message: str) -> str:
    match = _IMPORT.search(message)
    return next((each for each in match.groups() if each), "") if match is not None else ""


def is_offline(message: str) -> bool:
    """A module that go.mod asks for has not been downloaded: that is not the file's fault."""
    return _OFFLINE.search(message) is not None


def failure(name: str, done: Completed) -> ToolFailed:
    """Why the tool could not do its work, in one line; what go.mod lacks is said together."""
    said = done.stderr.decode("utf-8", "replace")
    missing = [*dict.fromkeys([*_DOWNLOADING.findall(said), *_SUM.findall(said)])]
    if is_offline(said) and missing:
        rest = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        return ToolFailed(
            f"{name}: not downloaded yet: {', '.join(missing[:3])}{rest}",
            hint="run `go mod download`: nothing is downloaded from here",
        )
    lines = [line.strip() for line in said.splitlines() if line.strip() and not line.startswith("#")]
    first = next((line for line in lines if line.startswith("go: ") or "go: " in line), "")
    line = (first or next(iter(lines), "it said nothing"))[:_SAID_CHARS]
    line = line[line.find("go: ") :] if "go: " in line else line
    return ToolFailed(f"{name}: {line}", hint=_hint(line))


def _hint(line: str) -> str:
    if "GOTOOLCHAIN=local" in line:
        return "install that version of Go: nothing is downloaded from here"
    if is_offline(line) or "updates to go.mod" in line:
        return "run `go mod tidy`: nothing is downloaded or written from here"
    return "run it in a terminal to see what is wrong"
