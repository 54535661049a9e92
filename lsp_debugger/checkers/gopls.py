"""`gopls check`: all errors of the type checker, where `go vet` tells of the first one of each package.

Also what a broken import stops in `go vet`. What both tell is told once, by `go vet` (twice.py). It reads
no configuration of a repository and runs nothing of it (go_environment.py), so it needs no trust.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from lsp_debugger.checkers.checker import Checker, Job
from lsp_debugger.checkers.go_environment import environment
from lsp_debugger.checkers.go_lines import (
    failure,
    missing_package,
    once_an_import,
    problem_of,
    told_in,
)
from lsp_debugger.core.ask import Problem, Severity
from lsp_debugger.spawn import Completed

# It prints no severities: errors alone are asked for first. The second time it has all that it needs.
_SEVERITIES = (Severity.ERROR, Severity.WARNING)
# The same error once more, at the place that it is related to.
_MIRRORED = re.compile(r"\(this error: [^\n]{1,500}\)$")
# A private name of another package: which is said depends on how much of that package was loaded by then.
_PRIVATE = re.compile(r"(?:undefined: \w+\.(?P<told>\w+)|name (?P<named>\w+) not exported by package \w+)$")
_MAX_ARGUMENT_CHARS = 500_000
_REQUIRED = re.compile(r"^[ \t]*(?:require[ \t]+)?(?P<module>[\w./~-]+\.[\w./~-]+)[ \t]+v\d", re.MULTILINE)


def commands(job: Job) -> Iterable[Sequence[str]]:
    """It takes files only. So many that no system starts a program with them are left to `go vet`."""
    files, room = list[str](), _MAX_ARGUMENT_CHARS
    for path in map(str, job.files):
        room -= len(path) + 1
        if room < 0:
            break
        files.append(path)
    for severity in _SEVERITIES:
        yield [str(job.tool.path), "check", f"-severity={severity.name.lower()}", *files]


def read(job: Job, outputs: Sequence[Completed]) -> Iterator[Problem]:
    """It ends with 0 whatever happens: a project that it could not load has no findings and many words."""
    required = _required(job)
    seen = set[tuple[str, int, str]]()
    for severity, done in zip(_SEVERITIES, outputs, strict=False):
        text = done.stdout.decode("utf-8", "replace")
        told = list(told_in(text))
        if not told and (done.returncode != 0 or b"packages.Load error" in done.stderr):
            raise failure("gopls", done)
        problems = list[Problem]()
        for each in told:
            # An analyzer that has an edit for an error tells it once more.
            key = (each.path, each.start[0], _subject(each.message))
            known = severity is not Severity.ERROR and key in seen
            if known or _MIRRORED.search(each.message) or _is_required(each.message, required):
                continue
            seen.add(key)
            source = "compiler" if severity is Severity.ERROR else "gopls"
            problem = problem_of(job, each, source=source, severity=severity)
            problems += [problem] if problem is not None else []
        yield from once_an_import(problems)


def _subject(message: str) -> str:
    """What is the same in both of its calls."""
    private = _PRIVATE.match(message)
    return f"undefined: {private['told'] or private['named']}" if private else message


def _required(job: Job) -> tuple[str, ...]:
    """Modules that go.mod names. What is missing of one was not downloaded, which `go vet` says once."""
    snapshot = job.read(str(job.root / "go.mod"))
    return tuple(match["module"] for match in _REQUIRED.finditer(snapshot.text)) if snapshot else ()


def _is_required(message: str, required: tuple[str, ...]) -> bool:
    package = missing_package(message)
    return any(package == module or package.startswith(f"{module}/") for module in required)


CHECKER = Checker(
    name="gopls",
    programs=("gopls",),
    suffixes=frozenset({".go"}),
    markers=("go.mod",),
    needs_marker=True,
    commands=commands,
    read=read,
    environment=environment,
    timeout_s=300.0,
    install="go install golang.org/x/tools/gopls@latest",
)
