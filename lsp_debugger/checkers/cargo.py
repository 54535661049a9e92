"""cargo check, or cargo clippy where it is installed: clippy says all that check says, and more.

Build scripts, procedural macros and .cargo/config.toml run what the repository chose, so both need trust.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from lsp_debugger.checkers.answers import json_lines, unreadable
from lsp_debugger.checkers.checker import Checker, Job
from lsp_debugger.checkers.rust_messages import Reader
from lsp_debugger.checkers.rust_mirror import mirrored, original
from lsp_debugger.checkers.rust_project import cargo_root, has_clippy, package_of, root_within
from lsp_debugger.core.ask import Problem, Severity
from lsp_debugger.core.errors import ToolFailed
from lsp_debugger.spawn import Completed

# With every target, and after an error in one package with the others.
_OPTIONS = ("--message-format=json", "--all-targets", "--keep-going", "--offline")
_SAID_CHARS = 300
_HINTS = {
    "--locked was passed": "run `cargo check` in the project: Cargo.lock does not fit Cargo.toml",
    "--offline": "run `cargo fetch` in the project: crates are not downloaded from here",
    "rustup component add": "run `rustup component add clippy`",
}


def commands(job: Job) -> Iterable[Sequence[str]]:
    program = str(job.tool.path)
    verb = "clippy" if job.tool.name == "cargo-clippy" else "check"
    yield [program, verb, *_OPTIONS, *_where(job)]


def _where(job: Job) -> Iterator[str]:
    top = cargo_root(job.root)
    if (top / "Cargo.lock").is_file():
        manifest = top
        yield "--locked"
    else:
        manifest = mirrored(top, _mirror(job))
    packages = {package_of(path, job.root) for path in job.files}
    if job.whole and top == job.root:
        yield "--workspace"
    elif len(packages) == 1:
        manifest /= packages.pop().relative_to(top)
    elif top != job.root:
        manifest /= job.root.relative_to(top)
    yield from ("--manifest-path", str(manifest / "Cargo.toml"))


def environment(job: Job) -> Mapping[str, str]:
    """Everything is built in our own folder, so that the user's builds neither wait nor start anew.

    A compiler wrapper would be a cache that stays behind as a process; checking gains nothing from it.
    """
    build = str(_cache(job) / "target")
    kept = {name: os.environ[name] for name in ("CARGO_HOME", "RUSTUP_HOME") if os.environ.get(name)}
    return {
        **kept,
        "CARGO_BUILD_BUILD_DIR": build,
        "CARGO_NET_OFFLINE": "true",
        "CARGO_TARGET_DIR": build,
        "CARGO_TERM_COLOR": "never",
        "RUSTC_WRAPPER": "",
        "RUSTUP_AUTO_INSTALL": "0",
        "RUST_BACKTRACE": "0",
    }


def _cache(job: Job) -> Path:
    """One for each project: a check of one does not wait for that of another."""
    return job.cache / hashlib.sha256(os.fsencode(job.root)).hexdigest()[:16]


def _mirror(job: Job) -> Path:
    return _cache(job) / "project"


def read(job: Job, outputs: Sequence[Completed]) -> Iterator[Problem]:
    top = cargo_root(job.root)
    own = top if top.is_relative_to(job.workspace) else job.root
    mirror = _mirror(job)
    reader = Reader(job, lambda path: original(str(top / path), top, mirror), own)
    for done in outputs:
        yield from _problems(job, done, reader)


def _problems(job: Job, done: Completed, reader: Reader) -> Iterator[Problem]:
    """Each once, though the targets that share a file all tell it."""
    seen, foreign, ended, failed = set[tuple[object, ...]](), "", False, False
    try:
        for line in json_lines(done):
            ended |= line.get("reason") == "build-finished"
            if line.get("reason") != "compiler-message":
                continue
            problem = reader.problem(line["message"])
            if problem is None:
                foreign = foreign or _foreign(line)
                continue
            failed |= problem.severity is Severity.ERROR
            key = (problem.path, problem.line, problem.span, problem.code, problem.message.partition("\n")[0])
            if key not in seen:
                seen.add(key)
                yield problem
    except (KeyError, TypeError, AttributeError):
        raise unreadable(job.tool.name, done) from None
    if not ended or (done.returncode != 0 and not failed):
        raise _failure(job, done, foreign)


def _foreign(line: Mapping[str, Any]) -> str:
    """An error in code that is not the user's: nothing that uses it is checked."""
    message = line["message"]
    if message["level"] != "error" or not message["spans"]:
        return ""
    return f"`{line['target']['name']}` does not compile: {message['message']}"


def _failure(job: Job, done: Completed, foreign: str) -> ToolFailed:
    """Cargo's last words: what it wanted, then why that cannot be."""
    told = [line.strip() for line in done.stderr.decode("utf-8", "replace").splitlines()]
    start = next((at for at, line in enumerate(told) if line.startswith("error:")), None)
    if start is None:
        return unreadable(job.tool.name, done)
    causes = [told[at + 1] for at, line in enumerate(told[:-1]) if line == "Caused by:"]
    hint = next((hint for sign, hint in _HINTS.items() if any(sign in line for line in told)), "")
    helps = [line.removeprefix("help: ") for line in told if line.startswith("help: ")]
    place = next((line[4:] for line in told[start + 1 : start + 2] if line.startswith("--> ")), "")
    wanted = f"{told[start].removeprefix('error: ')}{f' ({_shown(job, place)})' if place else ''}"
    said = foreign or ": ".join([wanted, *causes[-1:]]).replace(str(_mirror(job)), str(cargo_root(job.root)))
    return ToolFailed(
        f"{job.tool.name}: {said[:_SAID_CHARS]}",
        hint=hint or (helps[0] if helps else "run it in a terminal to see what is wrong"),
    )


def _shown(job: Job, place: str) -> str:
    """`Cargo.toml:3:1` as the project has it, for a place that Cargo prints from where it was started."""
    path, _, position = place.partition(":")
    top = cargo_root(job.root)
    own = Path(original(os.path.normpath(job.root / path), top, _mirror(job)))
    return f"{own.relative_to(top).as_posix() if own.is_relative_to(top) else own}:{position}"


_TRUST = "building a Rust project runs its build scripts and macros"

CARGO = Checker(
    name="cargo",
    programs=("cargo",),
    suffixes=frozenset({".rs"}),
    markers=("Cargo.toml",),
    needs_marker=True,
    needs_trust=_TRUST,
    project=root_within,
    commands=commands,
    read=read,
    environment=environment,
    is_wanted=lambda root: not has_clippy(root),
    timeout_s=600.0,
    install="https://rustup.rs installs Rust",
)
CLIPPY = Checker(
    name="clippy",
    programs=("cargo-clippy",),
    suffixes=frozenset({".rs"}),
    markers=("Cargo.toml",),
    needs_marker=True,
    needs_trust=_TRUST,
    project=root_within,
    commands=commands,
    read=read,
    environment=environment,
    is_wanted=has_clippy,
    timeout_s=600.0,
    install="rustup component add clippy",
)
