"""shellcheck as a checker: which files are its, what it may read without trust, exact spans, safe edits."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lsp_debugger.checkers import Job, shellcheck
from lsp_debugger.checkers.run import Runner
from lsp_debugger.context.workspace import Workspace
from lsp_debugger.core.ask import Problem, Severity, ToolFix
from lsp_debugger.core.errors import ToolFailed
from lsp_debugger.core.text import Snapshot
from lsp_debugger.spawn import Completed
from lsp_debugger.syntax.symbols import SymbolMap
from lsp_debugger.tools import Tool, find_tool

needs_shellcheck = pytest.mark.skipif(
    find_tool("shellcheck") is None, reason=f"no shellcheck here: {shellcheck.CHECKER.install}"
)


def check(root: Path, *, trusted: bool = False) -> list[Problem]:
    cache = root.parent / "cache"
    cache.mkdir(exist_ok=True)
    read = Workspace([root], SymbolMap()).on_disk
    done = asyncio.run(Runner(root, trusted, lambda _: cache, read, [shellcheck.CHECKER]).check(root))
    assert not any(each.reason for each in done), done
    return [problem for each in done for problem in each.problems]


def job_for(
    root: Path,
    *files: Path,
    trusted: bool = False,
    read: Callable[[str], Snapshot | None] = lambda _: None,
) -> Job:
    tool = Tool("shellcheck", Path("/opt/shellcheck"))
    return Job(tool, root, files, False, root, trusted, root, read)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = (tmp_path / "a prøject").resolve()
    root.mkdir()
    return root


@needs_shellcheck
def test_it_points_at_the_code_and_leaves_the_tree_alone(root: Path):
    text = "#!/bin/bash\r\n\techo '👍é名' $1\r\n"
    (root / "-ä $x'.sh").write_bytes(text.encode())
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*")}
    found = {each.code: each for each in check(root)}
    assert found["SC2086"].span is not None
    assert found["SC2086"].span.of(text) == "$1"
    assert found["SC2086"].line == 2
    assert found["SC2086"].severity is Severity.INFORMATION
    assert found["SC2086"].href == "https://www.shellcheck.net/wiki/SC2086"
    assert found["SC1017"].severity is Severity.ERROR
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*")} == before


@needs_shellcheck
def test_without_trust_a_repository_does_not_choose_what_is_read(root: Path):
    (root.parent / "outside.sh").write_text("#!/bin/sh\nif\n")
    (root / ".shellcheckrc").write_text("external-sources=true\ndisable=SC2086\nenable=all\n")
    (root / "run.sh").write_text("#!/bin/bash\n. ../outside.sh\necho $1\n")
    untrusted = {each.code for each in check(root)}
    assert "SC2086" in untrusted, "its configuration does not count"
    assert "SC2250" not in untrusted
    assert "SC1091" in untrusted, "what it sources is not read"
    assert "SC1094" not in untrusted
    trusted = {each.code for each in check(root, trusted=True)}
    assert "SC2086" not in trusted
    assert "SC1094" in trusted, "the sourced file is read, and found to be broken"


def test_the_command_line(tmp_path: Path):
    file = tmp_path / "a.sh"
    file.write_text("#!/bin/sh\n")
    [untrusted] = shellcheck.commands(job_for(tmp_path, file))
    [trusted] = shellcheck.commands(job_for(tmp_path, file, trusted=True))
    assert "--norc" in untrusted
    assert "--external-sources" not in untrusted
    assert "--norc" not in trusted
    assert untrusted[-1] == trusted[-1] == str(file)


def test_many_files_are_several_commands(tmp_path: Path):
    files = [tmp_path / f"{number:04}{'x' * 150}.sh" for number in range(450)]
    for file in files:
        file.write_text("echo\n")
    commands = [list(each) for each in shellcheck.commands(job_for(tmp_path, *files))]
    assert [path for command in commands for path in command if path.endswith(".sh")] == list(map(str, files))
    assert all(sum(map(len, command)) < 30_000 for command in commands)
    assert 4 < len(commands) < 10
    assert list(shellcheck.commands(job_for(tmp_path))) == []


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (b"#!/bin/sh\n", "sh"),
        (b"#! /bin/bash -e\n", "bash"),
        (b"#!/usr/bin/env bash\n", "bash"),
        (b"#!/usr/bin/env -S FOO=1 dash -e\n", "dash"),
        (b"#!/bin/busybox sh\n", "sh"),
        (b"#!/usr/bin/env zsh\n", "zsh"),
        (b"#!/usr/bin/python3\n", "python3"),
        (b"#!\n", ""),
        (b"#!", ""),
        (b"#!/usr/bin/env\n", ""),
        (b"", ""),
        (b"\n#!/bin/sh\n", ""),
        (b"\xff\xfe#\x00", ""),
        (b"#!" + b" " * 500 + b"/bin/sh\n", ""),
    ],
)
def test_the_shell_of_the_first_line(tmp_path: Path, start: bytes, expected: str):
    file = tmp_path / "script"
    file.write_bytes(start)
    assert shellcheck.shell_of(file) == expected
    assert shellcheck.takes(file) == (expected in {"sh", "bash", "dash"})


def test_what_it_does_not_take(tmp_path: Path):
    script = b"#!/bin/sh\n"
    for name, data in {"configure": script + b"#" * 70_000, "a.txt": script, ".profile": script}.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")  # opening it would wait for ever
    for name in ("configure", "a.txt", ".profile", "folder", "pipe", "gone", "odd\0name"):
        assert not shellcheck.takes(tmp_path / name), name


def test_scripts_that_are_not_its_own_are_not_given_to_it(tmp_path: Path):
    texts = {
        "zsh.sh": b"#!/bin/zsh\n", "python.sh": b"#!/usr/bin/env python3\n", "huge.sh": b"#" * 2_000_000,
        "empty.sh": b"", "none.sh": b"echo\n", "ksh.ksh": b"#!/bin/ksh93\n",
    }  # fmt: skip
    for name, data in texts.items():
        (tmp_path / name).write_bytes(data)
    [command] = shellcheck.commands(
        job_for(tmp_path, *(tmp_path / name for name in texts), tmp_path / "gone.sh")
    )
    assert [Path(path).name for path in command if path.startswith(str(tmp_path))] == ["none.sh", "ksh.ksh"]


@needs_shellcheck
def test_a_file_that_is_gone_meanwhile_costs_only_itself(root: Path):
    (root / "a.sh").write_text("#!/bin/sh\necho $1\n")
    tool = find_tool("shellcheck")
    assert tool is not None
    from lsp_debugger import spawn

    argv = [str(tool.path), "--format=json1", "--norc", str(root / "gone.sh"), str(root / "a.sh")]
    done = spawn.run_blocking(argv, cwd=root, timeout_s=60)
    assert done.returncode == 2
    assert [each.code for each in shellcheck.read(job_for(root), [done])] == ["SC2086"]


@pytest.mark.parametrize(
    "stdout",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'{"comments": [{}]}',
        b'{"comments": 3}',
        b'{"comments": [3]}',
        b"\xff",
        b'{"comments": [{"file": "a.sh", "line": "x", "column": 1, "endLine": 1, "endColumn": 1}]}',
    ],
)
def test_answers_that_cannot_be_read(tmp_path: Path, stdout: bytes):
    with pytest.raises(ToolFailed):
        list(shellcheck.read(job_for(tmp_path), [Completed(1, stdout, b"boom\n")]))


def test_a_run_that_failed_says_why(tmp_path: Path):
    with pytest.raises(ToolFailed, match="unrecognized option"):
        list(shellcheck.read(job_for(tmp_path), [Completed(3, b"", b"unrecognized option `--x'\n")]))


def comment(text: str = "", **changed: Any) -> dict[str, Any]:
    return {
        "file": "a.sh", "line": 1, "endLine": 1, "column": 1, "endColumn": 1 + len(text), "level": "style",
        "code": 2006, "message": "m", "fix": None, **changed,
    }  # fmt: skip


def fix_of(text: str, found: dict[str, Any], root: Path) -> ToolFix | None:
    snapshot = Snapshot("file:///a.sh", text, None, str(root / "a.sh"), "shellscript")
    stdout = json.dumps({"comments": [found], "extra": 1}).encode()
    [problem] = shellcheck.read(job_for(root, read=lambda _: snapshot), [Completed(1, stdout, b"")])
    return problem.fix


def backticks(start: int, end: int) -> dict[str, Any]:
    pieces = [(start, start + 1, "$("), (end - 1, end, ")")]
    replacements = [
        {"line": 1, "endLine": 1, "column": a, "endColumn": b, "replacement": new, "precedence": 1}
        for a, b, new in pieces
    ]
    return {"replacements": replacements}


@pytest.mark.parametrize(
    ("text", "is_safe"),
    [
        ("x=`date`", True),
        ('x=`dirname "$0"`', True),
        (r"x=`echo \$y`", False),
        ("x=`(cd y)`", False),
        ("x=`ls # all`", False),
        ("x=`cat <<E`", False),
        ("x=`case y in z) ;; esac`", False),
        ("x=`date\ufffd`", False),
        ("x=`date`\r#", False),
        ("; `ls`", False),
    ],
)
def test_backticks_are_changed_only_where_both_mean_the_same(tmp_path: Path, text: str, is_safe: bool):
    start, end = text.index("`") + 1, text.rindex("`") + 2
    fix = backticks(start, end)
    found = comment(column=start, endColumn=end, fix=fix)
    assert (fix_of(text, found, tmp_path) is not None) == is_safe


def test_quotes_and_other_edits_that_change_what_is_run_are_none(tmp_path: Path):
    for code in (2086, 2046, 2164, 2244, 2248, 2268, 2292, 2321, 2336, 9999):
        found = comment(code=code, column=3, endColumn=9, fix=backticks(3, 9))
        assert fix_of("x=`date`", found, tmp_path) is None


@pytest.mark.parametrize(
    "fix", [{"replacements": []}, {"replacements": [*backticks(3, 9)["replacements"]] * 2}]
)
def test_edits_that_overlap_or_are_none(tmp_path: Path, fix: dict[str, Any]):
    assert fix_of("x=`date`", comment(column=3, endColumn=9, fix=fix), tmp_path) is None


def test_a_minus_a_that_means_and_stays(tmp_path: Path):
    text = "[ x -a y ]"
    piece = {"line": 1, "endLine": 1, "column": 5, "endColumn": 7, "replacement": "-e", "precedence": 1}
    found = comment(code=2331, column=5, endColumn=7, fix={"replacements": [piece]})
    assert fix_of(text, found, tmp_path) is None


def test_places_past_the_end_and_files_that_are_gone(tmp_path: Path):
    found = comment(line=99, endLine=99, level="odd", fix=backticks(1, 5))
    done = Completed(1, json.dumps({"comments": [found]}).encode(), b"")
    [problem] = shellcheck.read(job_for(tmp_path), [done])
    assert (problem.span, problem.line, problem.severity) == (None, 99, Severity.WARNING)
    assert problem.path == str(tmp_path / "a.sh")
    snapshot = Snapshot("file:///a.sh", "x", None, str(tmp_path / "a.sh"))
    [problem] = shellcheck.read(job_for(tmp_path, read=lambda _: snapshot), [done])
    assert problem.span is None


@needs_shellcheck
def test_where_its_lines_are_not_an_editors_it_has_no_span(root: Path):
    (root / "a.sh").write_bytes(b"#!/bin/bash\n\n\n: 'a\rb'\necho $1\n")
    found = {each.code: each for each in check(root)}
    assert (found["SC2086"].line, found["SC2086"].span) == (5, None)
