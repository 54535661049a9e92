"""`lsp-debugger explain` as a user runs it: the real program, real tools, no model."""

from __future__ import annotations

import json
import os
import subprocess  # noqa: TID251 - the real program, as a shell starts it
import sys
from pathlib import Path
from typing import Any

import pytest

APP = """\
from shop import find_customer


def load(folder):
    return os.path.join(folder, "x")


def discount(name: str) -> float:
    return find_customer(name).discount
"""
SHOP = """\
from dataclasses import dataclass


@dataclass
class Customer:
    discount: float


def find_customer(name: str) -> Customer | None:
    return {}.get(name)
"""
TRACE = """\
Traceback (most recent call last):
  File "app.py", line 9, in discount
    return find_customer(name).discount
AttributeError: 'NoneType' object has no attribute 'discount'
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "shop"\nversion = "0"\n')
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "shop.py").write_text(SHOP)
    return tmp_path


def explain(*args: str, cwd: Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "lsp_debugger", "explain", *args]
    # No daemon of the machine that runs the tests is asked.
    home = Path(os.environ["XDG_CONFIG_HOME"]) / "lsp-debugger"
    home.mkdir(parents=True, exist_ok=True)
    (home / "config.toml").write_text('backend = "none"\n')
    return subprocess.run(
        argv, cwd=cwd, input=stdin, capture_output=True, text=True, timeout=110, check=False
    )


def parts(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_real_ruff_finding_gets_its_card(project: Path) -> None:
    done = explain("app.py:5", cwd=project)
    assert done.returncode == 0, done.stderr
    assert "`os`" in done.stdout
    assert "import os" in done.stdout
    assert "No model: models are turned off" in done.stdout


def test_a_real_pyright_finding_says_where_none_comes_from(project: Path) -> None:
    found = parts(explain("app.py:9", "--json", "--no-model", cwd=project))
    assert found["problem"]["code"] == "reportOptionalMemberAccess"
    assert "find_customer" in found["card"]["headline"]
    places = {(Path(each["path"]).name, each["line"]) for each in found["card"]["places"]}
    assert ("shop.py", 9) in places


def test_a_traceback_from_a_pipe_is_placed_in_the_project(project: Path) -> None:
    found = parts(explain("-", "--json", cwd=project, stdin=TRACE))
    assert Path(found["problem"]["path"]).name == "app.py"
    assert found["problem"]["line"] == 9
    assert "find_customer" in found["card"]["headline"]
    assert found["reply"]["reason"].startswith("models are turned off")


def test_a_line_without_a_problem_says_so(project: Path) -> None:
    done = explain("shop.py:1", cwd=project)
    assert (done.returncode, done.stdout) == (1, "")
    assert "No problem found" in done.stderr


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (["missing.py"], 2, "missing.py is not a file"),
        (["a", "b"], 2, "one PATH or -"),
        (["--fix", "app.py"], 2, "unknown option --fix"),
        (["."], 2, "is not a file"),
    ],
)
def test_wrong_usage_is_one_line(project: Path, args: list[str], code: int, says: str) -> None:
    done = explain(*args, cwd=project)
    assert done.returncode == code
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_text_without_an_error_says_so(project: Path) -> None:
    done = explain("-", cwd=project, stdin=" \n")
    assert done.returncode == 1
    assert "No error found" in done.stderr
