"""clang-tidy: clang's own warnings, its analyzer's paths, and checks for what is bug-prone or slow.

Its configuration can hand flags to the compiler, and among them may be a plugin: without trust it is not
read, and never a compile_commands.json but through our own reader.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from lsp_debugger.checkers import c_problems, c_project
from lsp_debugger.checkers.answers import unreadable
from lsp_debugger.checkers.c_text import Said, Spot, messages, unplaced
from lsp_debugger.checkers.checker import Checker, Job
from lsp_debugger.core.ask import Problem
from lsp_debugger.spawn import Completed

MAX_FILES = 100
# What is left out has a finding in nearly every file of C: parameters of equal types, memcpy instead of
# memcpy_s, the size of enums, bits of an `int`; and names that only the standard forbids.
_LEFT_OUT = (
    "clang-analyzer-security.insecureAPI.DeprecatedOrUnsafeBufferHandling",
    "bugprone-assignment-in-if-condition",
    "bugprone-easily-swappable-parameters",
    "bugprone-narrowing-conversions",
    "bugprone-reserved-identifier",
    "bugprone-signed-bitwise",
    "performance-enum-size",
)
_TAKEN = "-*,clang-diagnostic-*,clang-analyzer-*,bugprone-*,performance-*"
CHECKS = ",-".join((_TAKEN, *_LEFT_OUT))
_DOCUMENTATION = "https://clang.llvm.org/extra/clang-tidy/checks"
_CHECK = re.compile(r"(?P<group>clang-analyzer|[a-z0-9]+)-(?P<name>[\w.+-]+)$")
_CLANG = "clang-diagnostic-"
# The same mistake seen twice: the finding of the first is kept.
_SAME = (
    ("bugprone-use-after-move", "clang-analyzer-cplusplus.Move"),
    ("clang-diagnostic-parentheses", "bugprone-assignment-in-selection-statement"),
    ("clang-diagnostic-return-stack-address", "clang-analyzer-core.StackAddressEscape"),
    ("clang-diagnostic-uninitialized", "clang-analyzer-core.UndefinedBinaryOperatorResult"),
    ("clang-diagnostic-uninitialized", "clang-analyzer-core.uninitialized.UndefReturn"),
    ("clang-diagnostic-unused-variable", "clang-analyzer-deadcode.DeadStores"),
    ("clang-diagnostic-unused-but-set-variable", "clang-analyzer-deadcode.DeadStores"),
    ("clang-diagnostic-parentheses", "clang-analyzer-deadcode.DeadStores"),
    ("clang-diagnostic-sometimes-uninitialized", "clang-analyzer-core.uninitialized.UndefReturn"),
    ("clang-diagnostic-sometimes-uninitialized", "clang-analyzer-core.UndefinedBinaryOperatorResult"),
    ("clang-diagnostic-sometimes-uninitialized", "clang-analyzer-core.CallAndMessage"),
    ("clang-diagnostic-int-conversion", "performance-no-int-to-ptr"),
    ("clang-diagnostic-dangling-gsl", "bugprone-dangling-handle"),
    ("bugprone-suspicious-semicolon", "clang-diagnostic-empty-body"),
    ("bugprone-exception-escape", "clang-diagnostic-exceptions"),
    ("bugprone-switch-missing-default-case", "bugprone-unhandled-code-paths"),
    ("performance-for-range-copy", "clang-diagnostic-range-loop-construct"),
    ("clang-diagnostic-array-bounds", "clang-analyzer-security.ArrayBound"),
)


def commands(job: Job) -> Iterable[Sequence[str]]:
    """`--` and flags behind it: then it looks for no compile_commands.json by itself."""
    flags = c_project.Flags(job)
    for file in c_project.sources(job)[:MAX_FILES]:
        language = "c++" if c_project.is_cpp(job, file) else "c"
        yield [
            str(job.tool.path),
            "--quiet",
            *([] if _has_own_configuration(job, file) else ["--config={}", f"--checks={CHECKS}"]),
            f"--header-filter=^{_literal(str(job.workspace))}/",
            str(file),
            "--",
            "-x",
            f"{language}-header" if c_project.is_header(file) else language,
            "-Wall",
            "-Wextra",
            "-Wno-unknown-warning-option",
            "-Wno-pragma-once-outside-header",
            "-ferror-limit=40",
            *flags.of(file),
        ]


def _has_own_configuration(job: Job, file: Path) -> bool:
    """Only with trust: then the project's choice of checks is what counts."""
    folders = (each for each in file.parents if each.is_relative_to(job.workspace))
    return job.trusted and any((folder / ".clang-tidy").is_file() for folder in folders)


def _literal(path: str) -> str:
    """For LLVM's regular expressions."""
    return re.sub(r"([\\^$.|?*+()\[\]{}])", r"\\\1", path)


def read(job: Job, outputs: Sequence[Completed]) -> Iterator[Problem]:
    files = c_project.sources(job)
    runs = list(zip(files[:MAX_FILES], outputs, strict=False))
    failed = 0
    for file, done in runs:
        found = messages(done.stdout.decode("utf-8", "replace"))
        if done.returncode != 0 and not any("error" in said.level for said in found):
            failed += 1
            if failed == len(runs):
                raise unreadable("clang-tidy", done)
            said = unplaced(done.stderr.decode("utf-8", "replace"))
            why = next(said, f"it ended with {done.returncode}")
            yield c_problems.unfinished(job, file, source="clang-tidy", why=why)
            continue
        yield from c_problems.problems(job, file, _once(found), source="clang-tidy", href=address)
    yield from c_problems.beyond(job, files, MAX_FILES, source="clang-tidy")


def _once(found: Sequence[Said]) -> list[Said]:
    seen = {(spot.path, spot.line, said.code) for said in found for spot in (said.spot, *_uses(said))}
    firsts = {second: {first for first, other in _SAME if other == second} for _, second in _SAME}
    return [
        said
        for said in found
        if not any((said.spot.path, said.spot.line, first) in seen for first in firsts.get(said.code, ()))
    ]


def _uses(said: Said) -> list[Spot]:
    """Where it shows, for what clang tells at its cause."""
    return [note for note in said.notes if note.text.endswith("uninitialized use occurs here")]


def address(code: str) -> str | None:
    """A check's page; a compiler's warning has a list of its own."""
    if code.startswith(_CLANG):
        flag = code.removeprefix(_CLANG)
        is_flag = flag != "error" and re.fullmatch(r"[a-z0-9-]+", flag)
        return f"https://clang.llvm.org/docs/DiagnosticsReference.html#w{flag}" if is_flag else None
    match = _CHECK.match(code)
    return f"{_DOCUMENTATION}/{match['group']}/{match['name']}.html" if match is not None else None


CHECKER = Checker(
    name="clang-tidy",
    programs=("clang-tidy",),
    suffixes=c_project.SUFFIXES,
    markers=c_project.MARKERS,
    commands=commands,
    read=read,
    memory_bytes=6 * 1024 * 1024 * 1024,
    install="pip install clang-tidy",
)
