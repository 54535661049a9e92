"""mypy as a checker: exact spans, what it is started with, and answers that cannot be read."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import sys
from pathlib import Path

import pytest

from lsp_debugger.checkers import Checked, Job, mypy
from lsp_debugger.checkers.mypy_project import not_excluded, reports, says_what, settings
from lsp_debugger.checkers.run import Runner
from lsp_debugger.context.workspace import Workspace
from lsp_debugger.core.ask import Place, Problem, Severity
from lsp_debugger.core.errors import ToolFailed
from lsp_debugger.spawn import Completed
from lsp_debugger.syntax.symbols import SymbolMap
from lsp_debugger.tools import Tool

SOURCE = """\
from __future__ import annotations


def größe(text: str | None) -> int:
    return len(text)


名 = "👍"; print(名, größe(3), 名.nix)
zahl: int = 3  # type: ignore  # 👍
"""


def write(root: Path, files: dict[str, str]) -> Path:
    root = root.resolve()
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(text.encode())
    return root


def run(root: Path, *, trusted: bool = False, target: Path | None = None) -> Checked:
    cache = root.parent / "cache"
    cache.mkdir(exist_ok=True)
    read = Workspace([root], SymbolMap()).on_disk
    runner = Runner(root, trusted, lambda _: cache, read, [mypy.CHECKER])
    [done] = asyncio.run(runner.check(target or root, {"mypy"}))
    return done


def shown(problem: Problem, text: str = SOURCE) -> str:
    code = problem.span.of(text) if problem.span else ""
    return f"{problem.line} {problem.code}: {code}"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write(tmp_path / "a prøject", {"pkg/äpp.py": SOURCE, "mypy.ini": "[mypy]\nstrict = True\n"})


FOUND = [
    "5 arg-type: text",
    "8 arg-type: 3",
    "8 attr-defined: 名.nix",
    "9 unused-ignore: # type: ignore",
]


def test_it_points_at_the_code_and_leaves_the_tree_alone(root: Path):
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*")}
    done = run(root, trusted=True)
    assert not done.reason
    assert [shown(each) for each in done.problems] == FOUND
    assert all(each.severity is Severity.ERROR and each.source == "mypy" for each in done.problems)
    assert done.problems[1].href == "https://mypy.readthedocs.io/en/stable/_refs.html#code-arg-type"
    assert [shown(each) for each in run(root, trusted=True).problems] == FOUND, "and again, from its cache"
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*")} == before


def test_one_file_with_carriage_returns(root: Path):
    text = SOURCE.replace("\n", "\r\n")
    write(root, {"pkg/äpp.py": text})
    done = run(root, trusted=True, target=root / "pkg/äpp.py")
    assert [shown(each, text) for each in done.problems] == FOUND


def test_without_trust_no_configuration_counts(root: Path):
    write(root, {"mypy.ini": "[mypy]\nplugins = nothing_like_it.py\nstrict = True\n"})
    write(root, {"pkg/b.py": "import not_installed_here\n\nx: int = ''\n"})
    done = run(root)
    assert [each.code for each in done.problems] == ["assignment", "arg-type", "arg-type", "attr-defined"]
    assert [shown(each) for each in done.problems[1:]] == FOUND[:3]
    assert "nothing_like_it" in run(root, trusted=True).reason


def test_what_a_configuration_could_write_or_download(root: Path):
    text = "[mypy]\ninstall_types = True\nnon_interactive = True\ncache_dir = here\npretty = True\n"
    text += "linecount_report = reports\njunit_xml = junit.xml\nshow_error_context = True\noutput = json\n"
    write(root, {"mypy.ini": text})
    before = sorted(root.rglob("*"))
    done = run(root, trusted=True)
    assert not done.reason
    assert [shown(each) for each in done.problems] == FOUND[:3]
    assert sorted(root.rglob("*")) == before


def test_what_the_project_excludes_and_names(root: Path):
    write(root, {"mypy.ini": "[mypy]\nexclude = ^pkg/\nfiles = other\n", "other/c.py": "y: int = ''\n"})
    assert [shown(each, "y: int = ''") for each in run(root, trusted=True).problems] == ["1 assignment: ''"]
    assert run(root, trusted=True, target=root / "pkg/äpp.py").problems == ()


def test_two_files_of_one_name(root: Path):
    write(root, {"a/one.py": "x = 1\n", "b/one.py": "x = 1\n"})
    done = run(root, trusted=True)
    assert done.broken
    assert 'Duplicate module named "one"' in done.reason
    assert "explicit_package_bases" in done.hint


def test_broken_syntax_is_a_finding(root: Path):
    write(root, {"pkg/äpp.py": "def f(:\n"})
    done = run(root, trusted=True)
    assert (done.reason, [each.code for each in done.problems][:1]) == ("", ["syntax"])


def job(tmp_path: Path, version: str = "", **changes: object) -> Job:
    program = tmp_path / "mypy"
    program.write_text(f'#!/bin/sh\necho "mypy {version} (compiled: yes)"\n')
    program.chmod(0o755)
    read = Workspace([tmp_path], SymbolMap()).on_disk
    plain = Job(Tool("mypy", program), tmp_path, (tmp_path / "a.py",), True, tmp_path, True, tmp_path, read)
    return dataclasses.replace(plain, **changes)


@pytest.mark.skipif(sys.platform == "win32", reason="the program made here is a shell script")
@pytest.mark.parametrize(
    ("version", "as_json", "old_parser"),
    [("1.4.1", False, False), ("1.19.1", False, False), ("1.20.2", True, False), ("2.4.1", True, True)],
)
def test_flags_that_the_version_knows(tmp_path: Path, version: str, as_json: bool, old_parser: bool):
    [argv] = mypy.commands(job(tmp_path, version))
    assert ("--output" in argv, "--no-native-parser" in argv) == (as_json, old_parser)
    assert ("--config-file=" in argv, argv[-1]) == (False, ".")
    [argv] = mypy.commands(job(tmp_path, version, trusted=False))
    assert "--config-file=" in argv
    assert argv[argv.index("--python-executable") + 1] == sys.executable


TEXT = """\
app.py:2:9:2:12: error: Name "ab" is not defined  [name-defined]
app.py:2:9:2:12: note: Did you forget to import it?
app.py:3: error: Too many arguments for "f"  [call-arg]
lib.py:7:1:7:3: note: "f" defined here
app.py:4:1: note: Revealed type is "int"
/elsewhere/x.py:1:1:1:1: error: odd: message [with] brackets
Found 3 errors in 1 file (checked 1 source file)
"""


def test_the_text_of_older_versions(tmp_path: Path):
    write(tmp_path, {"app.py": "\nreturn é ab\nf(1)\nx\n"})
    found = list(mypy.read(job(tmp_path), [Completed(1, TEXT.encode(), b"")]))
    assert [(each.line, each.code, each.severity) for each in found] == [
        (2, "name-defined", Severity.ERROR),
        (3, "call-arg", Severity.ERROR),
        (4, "", Severity.INFORMATION),
        (1, "", Severity.ERROR),
    ]
    assert found[0].message == 'Name "ab" is not defined\nDid you forget to import it?'
    assert found[0].span is not None
    assert found[1].related == (Place(str(tmp_path / "lib.py"), 7, '"f" defined here'),)
    assert found[3].path == "/elsewhere/x.py"
    assert (found[3].span, found[3].message) == (None, "odd: message [with] brackets")


def line(**changes: object) -> bytes:
    plain = {"file": "app.py", "line": 1, "column": 0, "end_line": 1, "end_column": 3, "message": "m",
             "hint": None, "code": "misc", "severity": "error"}  # fmt: skip
    return json.dumps({**plain, **changes}).encode() + b"\n"


def test_places_past_the_end_and_files_that_are_gone(tmp_path: Path):
    write(tmp_path, {"app.py": "abc\n"})
    printed = line(line=99, end_line=120) + line(column=50, end_column=2) + line(file="gone.py", new_key=[1])
    found = list(mypy.read(job(tmp_path), [Completed(1, printed, b"")]))
    assert [(each.line, each.span is None) for each in found] == [(99, True), (1, False), (1, True)]


@pytest.mark.parametrize(
    ("code", "stdout"),
    [
        (2, b""),
        (2, b"usage: mypy\nmypy: error: unrecognized arguments: --x\n"),
        (1, b"{broken\n"),
        (1, b'{"file": 3}\n'),
        (1, b""),
        (1, b"\xff\xfe"),
        (1, line(line="x") + line(severity={}, message=None, line=None)),
        (-9, b""),
    ],
)
def test_answers_that_cannot_be_read(tmp_path: Path, code: int, stdout: bytes):
    with pytest.raises(ToolFailed):
        list(mypy.read(job(tmp_path), [Completed(code, stdout, b"boom\n")]))


def test_a_truncated_answer_keeps_what_is_whole(tmp_path: Path):
    printed = line() + line()[:40]
    assert len(list(mypy.read(job(tmp_path), [Completed(1, printed, b"")]))) == 1


def test_nothing_to_say(tmp_path: Path):
    said = Completed(0, b"Success: no issues found in 1 source file\n", b"")
    assert list(mypy.read(job(tmp_path), [said])) == []
    assert list(mypy.read(job(tmp_path), [Completed(0, b"", b"")])) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("mypy.ini", "[mypy]\nfiles = a\nexclude = b/\nhtml_report = c\n"),
        (".mypy.ini", "[mypy]\nfiles = a\nexclude = b/\nhtml_report = c\n"),
        ("setup.cfg", "[metadata]\nname = x\n[mypy]\nfiles = a\nexclude = b/\nhtml_report = c\n"),
        ("pyproject.toml", '[tool.mypy]\nfiles = ["a"]\nexclude = ["(", "b/"]\nhtml_report = "c"\n'),
    ],
)
def test_where_a_project_says_what_it_wants(tmp_path: Path, name: str, text: str):
    (tmp_path / "setup.cfg").write_text("[flake8]\n")
    (tmp_path / name).write_text(text)
    found = settings(tmp_path)
    assert says_what(found)
    assert reports(found, tmp_path) == ["--html-report", str(tmp_path)]
    files = [tmp_path / "b/x.py", tmp_path / "c.py", Path("/elsewhere/b/x.py")]
    assert not_excluded(found, tmp_path, files) == [str(tmp_path / "c.py"), "/elsewhere/b/x.py"]


@pytest.mark.parametrize("text", ["", "[mypy", "[mypy]\nx\n", "\x00", "[tool.mypy]\n", "a = 1\n" * 10])
def test_configurations_that_say_nothing(tmp_path: Path, text: str):
    for name in ("mypy.ini", "pyproject.toml"):
        (tmp_path / name).write_text(text)
    assert not says_what(settings(tmp_path))
