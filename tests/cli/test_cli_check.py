"""`lsp-debugger check` and `card` as a user runs them: the real program, real tools, no model."""

from __future__ import annotations

import json
import os
import subprocess  # noqa: TID251 - the real program, as a shell starts it
import sys
from pathlib import Path
from typing import Any

import pytest

from lsp_debugger.checkers import Checked
from lsp_debugger.cli.sarif import sarif
from lsp_debugger.core.ask import Place, Problem, Severity
from lsp_debugger.core.text import Snapshot, Span

APP = """\
import sys

名 = "👍"; print(os.getcwd())


def f(items=[]):
    return items
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "shop"\nversion = "0"\n')
    (tmp_path / "a b").mkdir()
    (tmp_path / "a b" / "äpp.py").write_text(APP, "utf-8")
    return tmp_path.resolve()


def run(*args: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "lsp_debugger", *args]
    env = {**os.environ, "PYTHONUTF8": "1"}
    return subprocess.run(
        argv, cwd=cwd, capture_output=True, text=True, timeout=110, check=False, env=env, encoding="utf-8"
    )


def parsed(done: subprocess.CompletedProcess[str], code: int = 1) -> Any:
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout)


def test_findings_a_line_each_and_what_ran(project: Path) -> None:
    before = listing(project)
    done = run("check", "--only", "ruff", cwd=project)
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert "a b/äpp.py:3:16  error  ruff F821  Undefined name `os`" in lines
    assert done.stderr.startswith("ruff ")
    assert f": {len(lines)} findings in " in done.stderr
    assert listing(project) == before


def listing(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_json_places_are_one_based_code_points(project: Path) -> None:
    found = parsed(run("check", "a b/äpp.py", "--json", "--cards", "--only", "ruff,pyright", cwd=project))
    assert [each["name"] for each in found["checkers"]] == ["ruff", "pyright"]
    assert all(each["version"] and not each["not_run"] for each in found["checkers"])
    undefined = next(each for each in found["problems"] if each["code"] == "F821")
    assert undefined["path"] == str(project / "a b" / "äpp.py")
    place = tuple(undefined[name] for name in ("line", "column", "end_line", "end_column"))
    assert place == (3, 16, 3, 18)
    assert undefined["card"]["headline"].startswith("`os` is used as `os.getcwd` but never imported")
    assert undefined["card"]["edit"]["replacements"][0]["new_text"] == "import os\n"
    told = [each for each in found["problems"] if each["line"] == 3]
    assert len(told) == 1, "pyright's word for the same mistake is not told again"


def test_sarif_of_the_real_tools(project: Path) -> None:
    log = parsed(run("check", "--sarif", "--only", "ruff", cwd=project))
    assert log["version"] == "2.1.0"
    [ruff] = log["runs"]
    assert ruff["tool"]["driver"]["name"] == "ruff"
    assert ruff["originalUriBaseIds"]["ROOT"]["uri"] == project.as_uri() + "/"
    for result in ruff["results"]:
        assert ruff["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"] == {"uri": "a%20b/%C3%A4pp.py", "uriBaseId": "ROOT"}
        assert 1 <= place["region"]["startLine"] <= 7


def test_a_clean_file(project: Path) -> None:
    (project / "clean.py").write_text("x = 1\n")
    done = run("check", "clean.py", "--only", "ruff", cwd=project)
    assert (done.returncode, done.stdout) == (0, "")


def test_nothing_that_fits(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    done = run("check", str(tmp_path), cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "No checker fits what is here.\n"


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["check", "nowhere"], "error: there is no nowhere — give a file or a folder\n"),
        (["check", "--only", "nope"], "error: no checker 'nope' — there are "),
        (["check", "--json", "--sarif"], "error: argument --sarif: not allowed with argument --json"),
        (["card", "a b/äpp.py:3"], "error: the following arguments are required: --source"),
        (["card", "--source", "ruff", "a b/äpp.py"], "error: no line given — name the place as PATH:LINE\n"),
        (["card", "--source", "ruff", "nowhere.py:3"], "error: nowhere.py is not a file — "),
        (["card", "--source", "ruff", "a b/äpp.py:0"], "error: lines and columns count from 1 — "),
    ],
)
def test_wrong_usage_is_one_line(project: Path, args: list[str], said: str) -> None:
    done = run(*args, cwd=project)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith(said)
    assert done.stderr.count("\n") == 1


def test_one_card_from_what_a_tool_said(project: Path) -> None:
    args = ["card", "--source", "ruff", "--code", "F821", "--message", "Undefined name `os`", "--json"]
    card = parsed(run(*args, "a b/äpp.py:3", cwd=project), 0)
    assert card["headline"].startswith("`os` is used as `os.getcwd` but never imported")
    assert card["edit"]["title"] == "Add `import os`"
    assert card["href"] == "https://docs.astral.sh/ruff/rules/undefined-name"
    assert card["rule_text"].startswith("undefined-name: ")


@pytest.mark.parametrize("place", ["a b/äpp.py:7:999", "a b/äpp.py:999", "a b/äpp.py:2"])
def test_a_card_for_a_place_that_is_not_there_is_the_message(project: Path, place: str) -> None:
    args = ["card", "--source", "ruff", "--code", "F821", "--message", "Undefined name `os`", "--json"]
    card = parsed(run(*args, place, cwd=project), 0)
    assert card["edit"] is None
    assert "os" in card["headline"]


def test_sarif_of_odd_problems(tmp_path: Path) -> None:
    text = Snapshot("file:///x", "é = 1\n", path=str(tmp_path / "x.py"))
    path = text.path
    problems = (
        Problem("a", source="t", path=path, line=1, span=Span(0, 1), severity=Severity.WARNING),
        Problem("b", source="t", code="R1", path="/else/where.h", line=9, severity=Severity.HINT),
        Problem("c", source="t", code="R2", path=None, line=1, related=(Place("rel.py", 0, "note"),)),
        Problem("d", source="t", code="R1", path=path, line=2, href="https://example.com/R1"),
    )
    ran = Checked("t", tmp_path, problems, "1.0")
    refused = Checked("u", tmp_path, reason="not run: it builds", hint="trust it")
    log = sarif([ran, refused], tmp_path, lambda asked: text if asked == path else None)
    first, second = log["runs"]
    assert [each["id"] for each in first["tool"]["driver"]["rules"]] == ["R1", "R2"]
    levels = [each["level"] for each in first["results"]]
    assert levels == ["warning", "note", "error", "error"]
    assert "ruleId" not in first["results"][0]
    regions = [each["locations"][0]["physicalLocation"]["region"] for each in first["results"]]
    assert regions[0] == {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 2}
    assert regions[1] == {"startLine": 9}
    [related] = first["results"][2]["relatedLocations"]
    assert related["physicalLocation"]["region"] == {"startLine": 1}
    assert related["message"] == {"text": "note"}
    assert second["invocations"][0]["executionSuccessful"] is False
    assert "trust it" in second["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]
    json.dumps(log)


def test_a_secret_in_a_message_is_not_printed(project: Path) -> None:
    key = "AKIA" + "QZ7X" * 4
    (project / "keys.py").write_text(f'print(a.get("{key}"), undefined_{key})\n')
    for form in ([], ["--json"], ["--sarif"], ["--cards"]):
        done = run("check", "keys.py", *form, cwd=project)
        assert done.returncode == 1, done.stderr
        assert key not in done.stdout
        assert key not in done.stderr
