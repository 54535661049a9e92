"""bandit as a checker: exact spans, what is worth showing, and answers that cannot be read."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from lsp_debugger.checkers import Job, bandit
from lsp_debugger.checkers.run import Runner
from lsp_debugger.context.workspace import Workspace
from lsp_debugger.core.ask import Problem, Severity
from lsp_debugger.core.errors import ToolFailed
from lsp_debugger.spawn import Completed
from lsp_debugger.syntax.symbols import SymbolMap
from lsp_debugger.tools import Tool

SOURCE = 'import subprocess\n\n名 = "👍"; subprocess.call(名, shell=True)\nassert 名\n'


def check(root: Path, *, trusted: bool = False) -> list[Problem]:
    cache = root.parent / "cache"
    cache.mkdir(exist_ok=True)
    read = Workspace([root], SymbolMap()).on_disk
    [done] = asyncio.run(Runner(root, trusted, lambda _: cache, read, [bandit.CHECKER]).check(root))
    assert not done.reason
    return list(done.problems)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = (tmp_path / "a prøject").resolve()
    root.mkdir()
    (root / "-äpp.py").write_text(SOURCE, "utf-8")
    return root


def test_it_points_at_the_code_and_says_what_is_worth_it(root: Path):
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*")}
    [problem] = check(root)
    assert problem.span is not None
    assert problem.span.of(SOURCE) == "subprocess.call(名, shell=True)"
    assert (problem.code, problem.severity, problem.line) == ("B602", Severity.ERROR, 3)
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*")} == before


def test_a_project_that_chose_bandit_gets_all_but_asserts_in_tests(root: Path):
    (root / "pyproject.toml").write_text('[tool.bandit]\nskips = ["B404"]\n')
    (root / "test_x.py").write_text("assert 1\n")
    assert {each.code for each in check(root)} == {"B101", "B404", "B602"}
    found = check(root, trusted=True)
    assert {each.code for each in found} == {"B101", "B602"}, "with trust its configuration counts"
    assert not any(each.path and each.path.endswith("test_x.py") for each in found)


def test_a_dot_bandit_counts_with_trust_and_names_no_file_to_write(root: Path):
    text = "[bandit]\nskips = B404,B101\nexclude = /other\noutput = here.json\ntargets = nowhere\n"
    (root / ".bandit").write_text(text)
    (root / "other.py").write_text("import pickle\n")
    assert {each.code for each in check(root)} == {"B101", "B403", "B404", "B602"}
    assert "B404" not in {each.code for each in check(root, trusted=True)}
    assert not (root / "here.json").exists()
    (root / ".bandit").write_text("[bandit\n")
    assert {each.code for each in check(root, trusted=True)} == {"B101", "B403", "B404", "B602"}


@pytest.mark.parametrize(
    "stdout", [b"", b"{", b"null", b"[]", b'{"results": [{}]}', b'{"results": 3}', b"\xff"]
)
def test_answers_that_cannot_be_read(tmp_path: Path, stdout: bytes):
    job = Job(Tool("bandit", Path("/b")), tmp_path, (), True, tmp_path, False, tmp_path, lambda _: None)
    with pytest.raises(ToolFailed):
        list(bandit.read(job, [Completed(0, stdout, b"boom\n")]))


def test_places_past_the_end_and_files_that_are_gone(tmp_path: Path):
    found = {
        "filename": "gone.py", "line_number": 99, "line_range": [], "col_offset": 5, "issue_text": "m",
        "test_id": "B602", "issue_severity": "ODD", "more_info": "https://example.com",
    }  # fmt: skip
    job = Job(Tool("bandit", Path("/b")), tmp_path, (), True, tmp_path, False, tmp_path, lambda _: None)
    [problem] = bandit.read(job, [Completed(1, json.dumps({"results": [found]}).encode(), b"")])
    assert (problem.span, problem.line, problem.severity) == (None, 99, Severity.INFORMATION)
