"""ruff and pyright as checkers: real runs, exact spans, and answers that cannot be read."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from lsp_debugger.checkers import Checked, Checker, Job, pyright, ruff
from lsp_debugger.checkers.python_project import chose_mypy, chose_pyright, interpreter, tables_in
from lsp_debugger.checkers.run import Runner
from lsp_debugger.context.workspace import Workspace
from lsp_debugger.core.ask import Problem, Severity
from lsp_debugger.core.errors import ToolFailed
from lsp_debugger.spawn import Completed
from lsp_debugger.syntax.symbols import SymbolMap
from lsp_debugger.tools import Tool

SOURCE = """\
import sys

名 = "👍"; print(名, os.getcwd())


def length(text: str | None) -> int:
    return len(text)
"""


def write(root: Path, files: dict[str, str]) -> Path:
    root = root.resolve()
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    return root


def check(root: Path, checker: Checker, *, trusted: bool = False) -> Checked:
    cache = root.parent / "cache"
    cache.mkdir(exist_ok=True)
    read = Workspace([root], SymbolMap()).on_disk
    runner = Runner(root, trusted, lambda _: cache, read, [checker])
    [done] = asyncio.run(runner.check(root))
    return done


def shown(problem: Problem, text: str = SOURCE) -> str:
    code = problem.span.of(text) if problem.span else ""
    return f"{problem.line} {problem.source} {problem.code} {problem.severity.name}: {code}"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write(tmp_path / "a prøject", {"pkg/äpp.py": SOURCE})


def test_ruff_points_at_the_code(root: Path):
    done = check(root, ruff.CHECKER)
    assert [shown(each) for each in done.problems if each.code.startswith("F")] == [
        "1 ruff F401 WARNING: sys",
        "3 ruff F821 ERROR: os",
    ]
    [unused] = [each for each in done.problems if each.code == "F401"]
    assert unused.href == "https://docs.astral.sh/ruff/rules/unused-import"
    assert unused.fix is not None
    assert unused.fix.title == "Remove unused import: `sys`"
    [edit] = unused.fix.replacements
    assert (edit.span.of(SOURCE), edit.new_text) == ("import sys\n", "")
    assert done.version


def test_pyright_points_at_the_code(root: Path):
    done = check(root, pyright.CHECKER)
    assert [shown(each) for each in done.problems] == [
        "3 basedpyright reportUndefinedVariable ERROR: os",
        "7 basedpyright reportArgumentType ERROR: text",
    ]


def test_a_project_that_chose_pyright_gets_all_that_it_says(root: Path):
    write(root, {"pyrightconfig.json": '{"reportUnusedImport": "warning"}'})
    codes = {each.code for each in check(root, pyright.CHECKER).problems}
    assert "reportUnusedImport" in codes


def test_the_tree_is_as_it_was(root: Path):
    write(root, {"pyproject.toml": '[tool.ruff]\ncache-dir = "here"\n'})
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*")}
    for checker in (ruff.CHECKER, pyright.CHECKER):
        assert not check(root, checker).reason
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*")} == before


@pytest.mark.parametrize("checker", [ruff.CHECKER, pyright.CHECKER], ids=lambda checker: checker.name)
@pytest.mark.parametrize(
    "stdout",
    [
        b"",
        b"{",
        b"null",
        b"3",
        b"[3]",
        b'[{"code": "F401"}]',
        b'{"generalDiagnostics": [{"range": 3}]}',
        b"\xff",
    ],
)
def test_answers_that_cannot_be_read(tmp_path: Path, checker: Checker, stdout: bytes):
    with pytest.raises(ToolFailed) as caught:
        list(
            checker.read(
                job_in(tmp_path), [Completed(2 if not stdout else 0, stdout, b"boom: no such file\n")]
            )
        )
    assert caught.value.hint


def job_in(root: Path, *, trusted: bool = False) -> Job:
    tool = Tool("basedpyright", Path("/bin/basedpyright"))
    return Job(tool, root, (), True, root, trusted, root, lambda _: None)


def test_ruff_on_a_file_that_is_gone_and_rules_without_a_name(tmp_path: Path):
    finding = {
        "code": None,
        "filename": "gone.py",
        "location": {"row": 1, "column": 1},
        "end_location": {"row": 1, "column": 2},
        "message": "SyntaxError: x",
        "fix": None,
        "url": None,
    }
    [problem] = ruff.read(job_in(tmp_path), [Completed(1, json.dumps([finding]).encode(), b"")])
    assert (problem.code, problem.severity, problem.span) == ("invalid-syntax", Severity.ERROR, None)
    assert problem.path == str(tmp_path / "gone.py")


@pytest.mark.parametrize(
    ("files", "mypy", "based"),
    [
        ({}, False, False),
        ({"mypy.ini": ""}, True, False),
        ({"setup.cfg": "[mypy]\n"}, True, False),
        ({"setup.cfg": "[flake8]\n"}, False, False),
        ({"pyproject.toml": "[tool.mypy]\n"}, True, False),
        ({"pyproject.toml": "[tool.pyright]\n[tool.mypy]\n"}, True, True),
        ({"pyproject.toml": "[tool.basedpyright]\n"}, False, True),
        ({"pyproject.toml": "tool = 3\n"}, False, False),
        ({"pyproject.toml": "not toml [\n"}, False, False),
        ({"pyrightconfig.json": "{}"}, False, True),
    ],
)
def test_what_a_project_has_chosen(tmp_path: Path, files: dict[str, str], mypy: bool, based: bool):
    root = write(tmp_path, files)
    assert (chose_mypy(root), chose_pyright(root)) == (mypy, based)
    assert pyright.CHECKER.is_wanted(root) is (based or not mypy)


def test_tables_of_a_folder_instead_of_a_file(tmp_path: Path):
    (tmp_path / "pyproject.toml").mkdir()
    assert tables_in(tmp_path) == set()


def test_only_with_trust_the_projects_own_interpreter(tmp_path: Path):
    root = write(tmp_path, {".venv/bin/python": "", "pkg/a.py": ""})
    trusted = Job(Tool("x", Path("/x")), root / "pkg", (), True, root, True, root, lambda _: None)
    assert interpreter(trusted) == root / ".venv/bin/python"
    assert not interpreter(job_in(root)).is_relative_to(root)
