"""A failing test becomes the smallest that fails alike: the real library, the real pytest, in isolation."""

from __future__ import annotations

import ast
import json
import os
import subprocess  # noqa: TID251 - the command line, as somebody types it
import sys
from pathlib import Path

import pytest
from kept_server import served
from raw_server import private_environment, wait_until

from lsp_debugger.verify.overlay import available

pytestmark = pytest.mark.thorough

APP = "def mean(xs):\n    return sum(xs) / len(xs)\n\n\ndef total(xs):\n    return sum(xs)\n"
BIG = '''\
"""Many tests."""
import os
import pytest
from app import mean, total

DATA = {"a": [1, 2, 3], "b": []}


@pytest.fixture
def numbers():
    return [1, 2, 3]


def test_other(numbers):
    assert mean(numbers) == 2


class TestMean:
    def test_empty(self, numbers):
        # a long story
        values = [each for each in DATA["b"] if each in numbers]
        if os.sep:
            assert mean(values) == 0


@pytest.mark.parametrize("xs", [[1], [], [5]])
def test_cases(xs):
    assert mean(xs) >= 0


def test_wrong():
    xs = [1, 2, 3]
    found = total(xs)
    unused = mean(xs)
    assert found == 7


def test_passes():
    assert total([1]) == 1
'''


def reduce(tmp_path: Path, *args: str, given: str = "") -> subprocess.CompletedProcess[str]:
    root = tmp_path / "project"
    root.mkdir(exist_ok=True)
    (root / "pyproject.toml").write_text("")
    (root / "app.py").write_text(APP)
    (root / "test_app.py").write_text(BIG)
    if reason := available(root):
        pytest.skip(f"no overlay: {reason}; it takes Linux with user namespaces")
    environment = {**os.environ, **private_environment(tmp_path / "home")}
    command = [sys.executable, "-m", "lsp_debugger", "reduce", *args]
    done = subprocess.run(
        command,
        cwd=root,
        env=environment,
        input=given,
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    assert (root / "test_app.py").read_text() == BIG, "nothing of the user's is changed"
    return done


def test_what_does_not_matter_is_gone(tmp_path: Path) -> None:
    done = reduce(tmp_path, "test_app.py::TestMean::test_empty", "--json", "--limit", "100")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["failure"] == "ZeroDivisionError at app.py:2"
    source = found["source"]
    ast.parse(source)
    assert len(source.splitlines()) < len(BIG.splitlines()) / 3
    assert "def test_empty" in source
    for gone in ("test_other", "test_wrong", "import os", "total", "assert", "a long story", "unique_name"):
        assert gone not in source, source


def test_of_a_parametrised_test_the_failing_case_is_left(tmp_path: Path) -> None:
    done = reduce(tmp_path, "test_app.py::test_cases[xs1]", "--limit", "100")
    assert done.returncode == 0, done.stderr
    assert "[[]]" in done.stdout.replace(" ", "")
    assert "fails with ZeroDivisionError at app.py:2" in done.stderr


def test_an_assertion_stays_as_it_is_and_a_trace_names_the_test(tmp_path: Path) -> None:
    trace = (
        "____ test_wrong ____\n\n    def test_wrong():\n        xs = [1, 2, 3]\n        found = total(xs)\n"
        ">       assert found == 7\nE       assert 6 == 7\n\ntest_app.py:35: AssertionError\n"
        "=== short test summary info ===\nFAILED test_app.py::test_wrong - assert 6 == 7\n"
    )
    done = reduce(tmp_path, "-", "--limit", "100", given=trace)
    assert done.returncode == 0, done.stderr
    assert "assert found == 7" in done.stdout
    assert "unused" not in done.stdout
    assert "[1, 2, 3]" not in done.stdout, "the input becomes smaller too"


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("test_app.py::test_passes", "not reduced: the test passes"),
        ("test_app.py::test_missing", "not reduced: pytest found no such test"),
        ("test_app.py", "No test is named there"),
    ],
)
def test_what_does_not_fail_is_said(tmp_path: Path, target: str, why: str) -> None:
    done = reduce(tmp_path, target, "--limit", "20")
    assert done.returncode == 1
    assert why in done.stderr


def test_in_an_editor_the_small_test_opens(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (root / "app.py").write_text(APP)
    (root / "test_app.py").write_text(BIG)
    if reason := available(root):
        pytest.skip(f"no overlay: {reason}; it takes Linux with user namespaces")
    with served(tmp_path) as server:
        uri = server.open(root / "test_app.py")
        line = BIG.splitlines().index("    found = total(xs)")
        begun = server.command("reduce", {"uri": uri, "position": {"line": line, "character": 4}})
        assert begun["id"], begun
        assert wait_until(lambda: server.command("showAnswer", {"id": begun["id"]})["id"] is not None, 100)
        shown = server.finished(begun["id"])["text"]
        assert shown.startswith("# Smallest test that fails like test_app.py::test_wrong\n")
        assert "assert found == 7" in shown
        assert "unused" not in shown
    assert (root / "test_app.py").read_text() == BIG
