"""gcc: the warnings of a compilation, and for C the paths that its analyzer follows.

Each file is compiled to assembler in our own cache, since half of -Wall only sees code that was generated:
a missing return, a variable without a value, an index past the end. Nothing is assembled, linked or run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from lsp_debugger.checkers import c_problems, c_project
from lsp_debugger.checkers.answers import unreadable
from lsp_debugger.checkers.c_gcc_repeats import told_once
from lsp_debugger.checkers.c_text import Said, messages, unplaced
from lsp_debugger.checkers.checker import Checker, Job
from lsp_debugger.core.ask import Problem
from lsp_debugger.core.errors import StateUnavailable
from lsp_debugger.spawn import Completed

MAX_FILES = 300
_ANALYZER = "-Wanalyzer-"
_PLAIN_SINCE, _ANALYZER_SINCE = 11, 10
_DOCUMENTATION = "https://gcc.gnu.org/onlinedocs/gcc"
_FLAG = re.compile(r"-W(?P<name>[a-z0-9+-]+)")


def commands(job: Job) -> Iterable[Sequence[str]]:
    flags, common = c_project.Flags(job), _common(job)
    for file, analyzes in _runs(job):
        is_cpp = c_project.is_cpp(job, file)
        language = "c++" if is_cpp else "c"
        # A header is only parsed: compiling it would write a precompiled one.
        header = c_project.is_header(file)
        depth = ["-fsyntax-only"] if header else ["-S", "-O0" if analyzes else "-O2"]
        yield [
            *common,
            *(["-fanalyzer"] if analyzes else ["-Wall", "-Wextra"]),
            *depth,
            "-o",
            str(job.cache / "unused.s"),
            *flags.of(file),
            "-x",
            f"{language}-header" if header else language,
            str(file),
        ]


def _runs(job: Job) -> Iterator[tuple[Path, bool]]:
    """Files, and whether the analyzer looks at them. It knows C, and nothing of C++."""
    has_analyzer = _major(job) >= _ANALYZER_SINCE
    for file in c_project.sources(job)[:MAX_FILES]:
        yield file, False
        if has_analyzer and not c_project.is_header(file) and not c_project.is_cpp(job, file):
            yield file, True


def _common(job: Job) -> list[str]:
    plain = ["-fdiagnostics-plain-output"] if _major(job) >= _PLAIN_SINCE else []
    shown = ["-fdiagnostics-show-caret", "-fdiagnostics-show-line-numbers", "-fdiagnostics-color=never"]
    columns = ["-fdiagnostics-column-unit=byte"] if plain else []
    # An include before all others keeps gcc from loading a precompiled header that lies in the tree.
    return [str(job.tool.path), *plain, *shown, *columns, "-fmax-errors=40", "-include", str(_nothing(job))]


def _nothing(job: Job) -> Path:
    """An empty header of ours. Raises StateUnavailable."""
    file = job.cache / "nothing.h"
    try:
        file.write_bytes(b"")
    except OSError as exc:
        raise StateUnavailable("the cache of gcc cannot be written") from exc
    return file


def _major(job: Job) -> int:
    """The compiler's version; one that does not tell is taken for a current one."""
    number = job.tool.version.partition(".")[0]
    return int(number) if number.isdecimal() else _PLAIN_SINCE


def read(job: Job, outputs: Sequence[Completed]) -> Iterator[Problem]:
    files = c_project.sources(job)
    runs = list(zip(_runs(job), outputs, strict=False))
    said_of = dict[Path, list[Said]]()
    failed = 0
    for (file, analyzes), done in runs:
        printed = done.stderr.decode("utf-8", "replace")
        found = messages(printed)
        if done.returncode != 0 and not any("error" in said.level for said in found):
            failed += 1
            if failed == len(runs):
                raise unreadable("gcc", done)
            if not analyzes:
                why = next(unplaced(printed), f"it ended with {done.returncode}")
                yield c_problems.unfinished(job, file, source="gcc", why=why)
            continue
        said_of.setdefault(file, []).extend(
            said for said in found if said.code.startswith(_ANALYZER) == analyzes
        )
    for file, said in said_of.items():
        yield from c_problems.problems(job, file, told_once(said), source="gcc", href=address)
    yield from c_problems.beyond(job, files, MAX_FILES, source="gcc")


def address(code: str) -> str | None:
    """Of the flag's description; anchors leave out what stands behind a `=`."""
    match = _FLAG.match(code)
    if match is None:
        return None
    page = "Static-Analyzer-Options" if code.startswith(_ANALYZER) else "Warning-Options"
    return f"{_DOCUMENTATION}/{page}.html#index-W{match['name']}"


CHECKER = Checker(
    name="gcc",
    programs=("gcc",),
    suffixes=c_project.SUFFIXES,
    markers=c_project.MARKERS,
    commands=commands,
    read=read,
    memory_bytes=4 * 1024 * 1024 * 1024,
    install="install gcc with the system's package manager",
)
