"""mypy. Its configuration may name plugins, which are code, so without trust it gets none of it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lsp_debugger.checkers import mypy_project
from lsp_debugger.checkers.answers import unreadable
from lsp_debugger.checkers.checker import Checker, Job
from lsp_debugger.checkers.places import Columns, problem_at
from lsp_debugger.checkers.python_project import chose_mypy, interpreter
from lsp_debugger.core.ask import Place, Problem, Severity
from lsp_debugger.core.errors import ToolFailed
from lsp_debugger.core.text import Span
from lsp_debugger.spawn import Completed

DOCUMENTATION = "https://mypy.readthedocs.io/en/stable/_refs.html#code-"
# 1.20 is the first whose JSON says where a finding ends.
_JSON_SINCE = (1, 20)
_TEXT = re.compile(
    r"(?P<file>.{1,4096}?)(?::(?P<line>\d{1,9})(?::(?P<column>\d{1,9})(?::(?P<end_line>\d{1,9})"
    r":(?P<end_column>\d{1,9}))?)?)?: (?P<severity>error|warning|note): (?P<message>.*)$"
)
_TEXT_CODE = re.compile(r"  \[(?P<code>[a-z0-9-]{1,60})\]$")
_OF_COMMENTS = frozenset({"unused-ignore", "ignore-without-code"})
_COMMENT = re.compile(r"#[ \t]*type:[ \t]*ignore(?:\[[^\]\n]{0,500}\])?")
_MAX_LINE_CHARS = 5000
_NUMBERS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class _Said:
    """One line of output. start, end: 1-based, in bytes, the end exclusive; line 0 is the whole file."""

    file: str
    start: tuple[int, int]
    end: tuple[int, int]
    is_note: bool
    message: str
    code: str


def commands(job: Job) -> Iterable[Sequence[str]]:
    """Kept between runs, its cache makes the next one twenty times as fast.

    What a configuration could ask for and we do not want: a download of stubs, reports in the tree.
    """
    version = _version(job.tool.version)
    cache = job.cache / hashlib.sha256(str(job.root).encode("utf-8", "surrogatepass")).hexdigest()[:16]
    how = ["--show-error-end", "--no-pretty", "--show-error-codes", "--hide-error-context"]
    how += ["--no-color-output", "--no-error-summary", "--no-install-types", "--interactive"]
    how += ["--cache-dir", str(cache), "--python-executable", str(interpreter(job))]
    if version >= _JSON_SINCE:
        how += ["--output", "json"]
    if version[:1] == (2,):
        # The parser that is new in 2.0 counts columns wrongly after text that is not ASCII (2.4.1: it takes
        # bytes for characters twice). The one before counts bytes, as all versions had done.
        how += ["--no-native-parser"]
    targets = _with_project(job) if job.trusted else _alone(job)
    if targets is not None:
        yield [str(job.tool.path), *how, *targets]


def _with_project(job: Job) -> list[str] | None:
    """None where the project has excluded all that is to be checked."""
    found = mypy_project.settings(job.root)
    options = mypy_project.reports(found, job.cache / "reports")
    if job.whole:
        return [*options, *(() if mypy_project.says_what(found) else (".",))]
    files = mypy_project.not_excluded(found, job.root, job.files)
    return [*options, *files] if files else None


def _alone(job: Job) -> list[str]:
    """Nor does it look at the project's environment: which of the packages are there is not known."""
    targets = ["."] if job.whole else [str(path) for path in job.files]
    return ["--config-file=", "--ignore-missing-imports", *targets]


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in _NUMBERS.findall(text)[:2])


def read(job: Job, outputs: Sequence[Completed]) -> Iterator[Problem]:
    """Exit code 2 is also that of a file whose syntax is broken."""
    for done in outputs:
        said = list(_said(done.stdout))
        failure = next((each for each in said if each.start[0] < 1 and not each.is_note), None)
        if failure is not None and done.returncode not in (0, 1):
            raise _failed(failure)
        if not said and done.returncode:
            raise unreadable("mypy", done)
        yield from _problems(job, [each for each in said if each.start[0] >= 1])


def _failed(said: _Said) -> ToolFailed:
    first, _, rest = f"{said.file}: {said.message}".partition("\n")
    if "Duplicate module named" in first or "Source file found twice" in first:
        hint = "set `explicit_package_bases` in mypy's configuration, or `exclude` one of the files"
        return ToolFailed(f"mypy: {first[:200]}", hint=hint)
    return ToolFailed(f"mypy: {first[:200]}", hint=rest.partition("\n")[0][:200] or "run it in a terminal")


def _problems(job: Job, said: Iterable[_Said]) -> Iterator[Problem]:
    """A note goes with the error before it: at the same place as a line of it, elsewhere as a place."""
    current: _Said | None = None
    related = list[Place]()
    for each in said:
        if current is not None and each.is_note:
            if (each.file, each.start) == (current.file, current.start):
                current = replace(current, message=f"{current.message}\n{each.message}")
                continue
            if each.message.endswith(("defined here", "called here")):
                related.append(Place(job.absolute(each.file), each.start[0], each.message))
                continue
        if current is not None:
            yield _problem(job, current, related)
        current, related = each, []
    if current is not None:
        yield _problem(job, current, related)


def _problem(job: Job, said: _Said, related: Sequence[Place]) -> Problem:
    # Where it knows only where something begins it points at one character.
    is_point = said.end[0] == said.start[0] and said.end[1] <= said.start[1] + 1
    problem = problem_at(
        job,
        said.file,
        said.start,
        None if is_point else said.end,
        Columns.UTF8,
        message=said.message,
        source="mypy",
        code=said.code,
        severity=Severity.INFORMATION if said.is_note else Severity.ERROR,
        related=related,
        href=f"{DOCUMENTATION}{said.code}" if said.code else None,
    )
    return _at_comment(job, problem) if said.code in _OF_COMMENTS else problem


def _at_comment(job: Job, problem: Problem) -> Problem:
    """Of a comment it names the line alone."""
    snapshot = job.read(problem.path) if problem.path is not None else None
    if snapshot is None or problem.line > len(snapshot.lines):
        return problem
    line = snapshot.lines.span_of(problem.line - 1)
    found = _COMMENT.search(line.of(snapshot.text)[:_MAX_LINE_CHARS])
    if found is None:
        return problem
    return replace(problem, span=Span(line.start + found.start(), line.start + found.end()))


def _said(printed: bytes) -> Iterator[_Said]:
    """Lines of either notation; others are passed over."""
    for line in printed.decode("utf-8", "replace").split("\n"):
        found = _of_json(line) if line.startswith("{") else _of_text(line.rstrip("\r"))
        if found is not None:
            yield found


def _of_json(line: str) -> _Said | None:
    """Lines 1-based, columns 0-based, the end exclusive."""
    try:
        found: Any = json.loads(line)
        message, hint = str(found["message"]), found.get("hint") or ""
        start = (int(found["line"]), int(found["column"]) + 1)
        end = (int(found.get("end_line") or start[0]), int(found.get("end_column") or 0) + 1)
        code = found.get("code") or ""
        whole = f"{message}\n{hint}" if isinstance(hint, str) and hint else message
        return _Said(str(found["file"]), start, end, found["severity"] == "note", whole, str(code))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
        return None


def _of_text(line: str) -> _Said | None:
    """Lines and columns 1-based, the end inclusive."""
    match = _TEXT.match(line)
    if match is None:
        return None
    numbers: Mapping[str, int] = {
        name: int(match[name] or 0) for name in ("line", "column", "end_line", "end_column")
    }
    code = _TEXT_CODE.search(match["message"])
    message = match["message"][: code.start()] if code is not None else match["message"]
    start = (numbers["line"], max(numbers["column"], 1))
    end = (numbers["end_line"] or start[0], numbers["end_column"] + 1)
    return _Said(
        match["file"],
        start,
        end,
        match["severity"] == "note",
        message,
        code["code"] if code is not None else "",
    )


CHECKER = Checker(
    name="mypy",
    programs=("mypy",),
    suffixes=frozenset({".py", ".pyi"}),
    markers=("mypy.ini", ".mypy.ini", "pyproject.toml", "setup.cfg"),
    commands=commands,
    read=read,
    is_wanted=chose_mypy,
    timeout_s=300.0,
    install="pip install mypy",
)
