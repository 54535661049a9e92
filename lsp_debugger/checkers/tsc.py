"""tsc, the compiler of TypeScript: it reads configuration and sources and runs nothing of them.

Its plain output has no ends and no related places, so its pretty one is read: colours and frames that
never change, the code between them passed over.
"""

from __future__ import annotations

import hashlib
import os.path
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from lsp_debugger.checkers import node_project
from lsp_debugger.checkers.answers import unreadable
from lsp_debugger.checkers.checker import Checker, Job
from lsp_debugger.checkers.files import head_of
from lsp_debugger.checkers.places import Columns, problem_at
from lsp_debugger.core.ask import Place, Problem, Severity
from lsp_debugger.core.errors import ToolFailed
from lsp_debugger.spawn import Completed
from lsp_debugger.syntax.jsonc import parsed

MARKERS = ("tsconfig.json", "jsconfig.json")
_MAX_REFERENCES = 50
_MAX_CONFIG_BYTES = 1024 * 1024
_SEVERITIES = {"error": Severity.ERROR, "warning": Severity.WARNING}

_AT = r"\x1b\[96m(?P<path>[^\x1b]*)\x1b\[0m:\x1b\[93m(?P<line>\d+)\x1b\[0m:\x1b\[93m(?P<column>\d+)\x1b\[0m"
_HEAD = re.compile(
    rf"(?:{_AT} - )?\x1b\[9\dm(?P<kind>\w+)\x1b\[0m\x1b\[90m TS(?P<code>\d+): \x1b\[0m(?P<message>.*)"
)
# The native compiler puts the words behind the place, the other one below the code.
_RELATED = re.compile(rf"  {_AT}(?: - (?P<message>.*))?")
_CODE_LINE = re.compile(
    r" {0,4}\x1b\[7m *(?P<line>\d+|\.\.\.| *)\x1b\[0m(?: \x1b\[9\dm(?P<marks>[ ~]*)\x1b\[0m)?"
)
_LIBRARY = re.compile(r"(?:^|/)lib\.[\w.]+\.d\.ts$")


def configurations(job: Job) -> list[Path]:
    """The root's own, and those that it refers to under names that make no project by themselves."""
    first = next((job.root / name for name in MARKERS if (job.root / name).is_file()), job.root / MARKERS[0])
    found = {first: _is_solution(first)}
    waiting, workspace = [first], job.workspace.resolve()
    while waiting and len(found) < _MAX_REFERENCES:
        for place in _references(waiting.pop(0)):
            if place not in found and place.name not in MARKERS and place.is_relative_to(workspace):
                found[place] = _is_solution(place)
                waiting.append(place)
    return [place for place, is_solution in found.items() if not is_solution] or [first]


def _references(config: Path) -> Iterator[Path]:
    references = relaxed_json(config).get("references")
    for each in cast("list[Any]", references) if isinstance(references, list) else []:
        path = cast("dict[str, Any]", each).get("path") if isinstance(each, dict) else None
        if isinstance(path, str) and "\0" not in path:
            place = (config.parent / path).resolve()
            yield place if place.suffix == ".json" else place / MARKERS[0]


def _is_solution(config: Path) -> bool:
    """It has no files, only references to what has."""
    options = relaxed_json(config)
    return options.get("files") == [] and "include" not in options and bool(options.get("references"))


def relaxed_json(file: Path) -> dict[str, Any]:
    """A file with comments; empty where it cannot be understood."""
    return parsed(head_of(file, _MAX_CONFIG_BYTES).removeprefix("\ufeff"))


def commands(job: Job) -> Iterable[Sequence[str]]:
    """`--noEmit` alone still writes the state of an incremental project beside its output.

    To forbid that (`--composite false`) breaks configurations that build on it, so the state comes to us,
    and the next run is faster for it.
    """
    for config in configurations(job):
        name = hashlib.sha256(str(config).encode("utf-8", "surrogatepass")).hexdigest()[:24]
        state = job.cache / f"{name}.tsbuildinfo"
        yield [
            str(job.tool.path),
            *("--project", str(config), "--noEmit", "--pretty", "true", "--locale", "en"),
            *("--generateTrace", "null"),  # a configuration could have a trace written anywhere
            *("--incremental", "true", "--tsBuildInfoFile", str(state)),
        ]


def read(job: Job, outputs: Sequence[Completed]) -> Iterator[Problem]:
    own = node_project.in_project(job, MARKERS)
    configs = configurations(job)
    for at, done in enumerate(outputs):
        found = _findings(done.stdout.decode("utf-8", "replace"))
        if done.returncode not in (0, 1, 2) or (done.returncode != 0 and not found):
            raise unreadable("tsc", done)
        if found and not any(each.path for each in found):
            raise ToolFailed(f"tsc: {found[0].message.splitlines()[0]}", hint="look into the configuration")
        config = configs[min(at, len(configs) - 1)]
        problems = (each.problem(job, config) for each in found)
        yield from (problem for problem in problems if own(problem.path))


@dataclass
class _Finding:
    """One of tsc's, as its lines come in. related: path, line and words."""

    path: str
    start: tuple[int, int]
    severity: Severity
    code: str
    message: str
    end: tuple[int, int] | None = None
    related: list[tuple[str, int, str]] = field(default_factory=list[tuple[str, int, str]])

    def problem(self, job: Job, config: Path) -> Problem:
        """What is about no place is about the configuration."""
        path = _absolute(job, self.path or str(config))
        snapshot = job.read(path)
        return problem_at(
            job,
            path,
            node_project.position(snapshot, *self.start),
            node_project.position(snapshot, *self.end) if self.end is not None else None,
            Columns.UTF16,
            message=self.message,
            source="tsc",
            code=f"TS{self.code}",
            severity=self.severity,
            related=[
                Place(_absolute(job, path), line, words)
                for path, line, words in dict.fromkeys(self.related)
                # Nobody can do anything about the compiler's own declarations.
                if not _LIBRARY.search(path)
            ],
        )


def _absolute(job: Job, path: str) -> str:
    """Without `..`: what lies beside the project must not look as if it were in it."""
    return os.path.normpath(job.absolute(path))


class _Reader:
    """Line by line: a message and what follows it, its code with marks below, related places with theirs."""

    def __init__(self) -> None:
        self.found: list[_Finding] = []
        self._in_message = False
        self._shown_line = 0

    def take(self, line: str) -> None:
        if head := _HEAD.match(line):
            self.found.append(_begun(head))
            self._in_message = True
        elif self.found:
            self._in_message = self._goes_on(self.found[-1], line)

    def _goes_on(self, finding: _Finding, line: str) -> bool:
        """Whether the line is one of the message's."""
        if match := _RELATED.match(line):
            finding.related.append((match["path"], int(match["line"]), match["message"] or ""))
        elif code := _CODE_LINE.match(line):
            if code["line"].isdigit():
                self._shown_line = int(code["line"])
            elif code["marks"] and not finding.related:
                finding.end = (self._shown_line, len(code["marks"]) + 1)
        elif finding.related:
            path, at, words = finding.related[-1]
            finding.related[-1] = (path, at, words or line.strip())
        elif self._in_message and line:
            finding.message += f"\n{line}"
            return True
        return False


def _findings(printed: str) -> list[_Finding]:
    reader = _Reader()
    for line in printed.split("\n"):
        reader.take(line.removesuffix("\r"))
    return reader.found


def _begun(head: re.Match[str]) -> _Finding:
    start = (int(head["line"]), int(head["column"])) if head["path"] else (1, 1)
    severity = _SEVERITIES.get(head["kind"], Severity.INFORMATION)
    return _Finding(head["path"] or "", start, severity, head["code"], head["message"])


CHECKER = Checker(
    name="tsc",
    programs=("tsc",),
    suffixes=node_project.SCRIPTS,
    markers=MARKERS,
    needs_marker=True,
    commands=commands,
    read=read,
    environment=lambda _: node_project.ENVIRONMENT,
    install="npm install --save-dev typescript",
)
