"""A failing test for a problem: by a scripted model, run by the real pytest, isolated, before it is shown."""

from __future__ import annotations

import json
import os
import subprocess  # noqa: TID251 - the command line, as somebody types it
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from model_server import Model, ModelServer, Reply
from raw_server import private_environment

from lsp_debugger.verify.overlay import available

pytestmark = pytest.mark.thorough

SOURCE = "def total(prices):\n    return sum(prise)\n\n\ndef first(prices):\n    return prices[0]\n"
OTHERS = "from app import first\n\n\ndef test_first():\n    assert first([1]) == 1\n"
GOOD = """\
```python
from app import total


def test_total_f821():
    assert total([1, 2]) == 3
```
"""


@dataclass(frozen=True)
class Desk:
    root: Path
    home: Path
    environment: dict[str, str]
    models: ModelServer

    def run(self, *args: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "lsp_debugger", "fix", *args]
        return subprocess.run(
            command,
            cwd=self.root,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


@contextmanager
def desk(tmp_path: Path, replies: Sequence[str], others: str = OTHERS) -> Iterator[Desk]:
    root, home = tmp_path / "project", tmp_path / "home"
    (root / "tests").mkdir(parents=True)
    (root / ".git").mkdir()
    (root / "app.py").write_text(SOURCE)
    (root / "conftest.py").write_text("")
    if others:
        (root / "tests" / "test_app.py").write_text(others)
    if reason := available(root):
        pytest.skip(f"no overlay: {reason}; it takes Linux with user namespaces")
    with ModelServer(models=[Model("mine")], replies=[Reply(pieces=(each,)) for each in replies]) as models:
        environment = {**os.environ, **private_environment(home)}
        folder = Path(environment["XDG_CONFIG_HOME"], "lsp-debugger")
        folder.mkdir(parents=True)
        (folder / "config.toml").write_text(f'ollama.url = "{models.url}"\n')
        yield Desk(root, home, environment, models)


def test_a_test_that_fails_for_that_reason_is_added_to_the_projects_own(tmp_path: Path) -> None:
    with desk(tmp_path, [GOOD]) as given:
        done = given.run("app.py:2", "--write-test", "--apply")
        assert done.returncode == 0, done.stderr
        title = done.stdout.splitlines()[0]
        assert title == "Test: add test_total_f821 (fails now with NameError at app.py:2)"
        assert (given.root / "tests" / "test_app.py").read_text() == (
            "from app import first\nfrom app import total\n\n\n"
            "def test_first():\n    assert first([1]) == 1\n\n\n"
            "def test_total_f821():\n    assert total([1, 2]) == 3\n"
        )
        prompt = given.models.received.decode()
        assert "test_total_f821" in prompt
        assert "from app import first" in prompt, "it sees how tests of this project import"


def test_without_tests_a_new_file_begins_them(tmp_path: Path) -> None:
    with desk(tmp_path, [GOOD], others="") as given:
        done = given.run("app.py:2", "--write-test", "--apply")
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("Test: add test_app.py (fails now with NameError at app.py:2)\n")
        assert "def test_total_f821" in (given.root / "tests" / "test_app.py").read_text()


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("    assert True\n", "the test passes; it has to fail with NameError at app.py:2"),
        ("    with pytest.raises(NameError):\n        total([1])\n", "the test passes"),
        ("    assert first([1]) == 2\n", "fails with AssertionError at tests/test_app.py"),
        ("    total()\n", "fails with TypeError at tests/test_app.py"),
        ("    raise NameError('prise')\n", "fails with NameError at tests/test_app.py"),
        ("    assert total([1, 2]) == \n", "the test would not parse"),
    ],
)
def test_what_does_not_fail_for_that_reason_is_never_shown(tmp_path: Path, body: str, why: str) -> None:
    answer = (
        f"```python\nimport pytest\nfrom app import first, total\n\n\ndef test_total_f821():\n{body}```\n"
    )
    with desk(tmp_path, [answer]) as given:
        done = given.run("app.py:2", "--write-test", "--apply")
        assert done.returncode == 1
        assert done.stdout == ""
        assert why in done.stderr
        assert "There is no test that holds." in done.stderr
        assert (given.root / "tests" / "test_app.py").read_text() == OTHERS


def test_a_second_try_is_told_what_was_wrong(tmp_path: Path) -> None:
    with desk(tmp_path, [GOOD.replace("total([1, 2]) == 3", "True"), GOOD]) as given:
        done = given.run("app.py:2", "--write-test")
        assert done.returncode == 0, done.stderr
        assert "fails now with NameError" in done.stdout
        assert "the test passes" in given.models.requests[-1].body.decode()


def test_a_hostile_test_sees_nothing_of_the_user(tmp_path: Path) -> None:
    """It says what it could reach by how it fails: not with the error that is asked for."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "secret").write_text("s")
    hostile = (
        "    import pathlib, socket\n"
        f"    secret = pathlib.Path({str(tmp_path / 'home' / 'secret')!r})\n"
        "    reached = [secret.exists()]\n"
        "    try:\n        pathlib.Path(secret.parent, 'left').write_text('x')\n"
        "    except OSError:\n        pass\n"
        "    try:\n        socket.create_connection(('127.0.0.1', {port}), 2)\n        reached.append(True)\n"
        "    except OSError:\n        pass\n"
        "    assert not any(reached), reached\n"
        "    total([1])\n"
    )
    with desk(tmp_path, []) as given:
        port = given.models.url.rpartition(":")[2].strip("/")
        body = hostile.replace("{port}", port)
        given.models.replies.append(
            Reply(pieces=(f"```python\nfrom app import total\n\n\ndef test_total_f821():\n{body}```\n",))
        )
        done = given.run("app.py:2", "--write-test")
        assert "fails now with NameError at app.py:2" in done.stdout, done.stderr
        assert not (tmp_path / "home" / "left").exists()


FIX = "app.py\n<<<<<<< SEARCH\n    return sum(prise)\n=======\n    return sum(prices)\n>>>>>>> REPLACE\n"
FAILING = "from app import total\n\n\ndef test_total():\n    assert total([1, 2]) == 3\n"


def test_what_makes_a_test_fail_is_fixed_until_it_passes(tmp_path: Path) -> None:
    with desk(tmp_path, [FIX], others=FAILING) as given:
        done = given.run("tests/test_app.py::test_total", "--json")
        assert done.returncode == 0, done.stderr
        [candidate] = json.loads(done.stdout)["candidates"]
        results = {each["name"]: each["result"] for each in candidate["verdict"]["rungs"]}
        assert results["tests pass"] == "passed"
        assert candidate["title"].startswith("Fix: change total (")


def test_a_test_that_passes_needs_no_fix(tmp_path: Path) -> None:
    with desk(tmp_path, []) as given:
        done = given.run("tests/test_app.py::test_first")
        assert (done.returncode, done.stderr.strip()) == (1, "the test passes")
        done = given.run("tests/test_app.py::test_missing")
        assert (done.returncode, done.stderr.strip()) == (
            1,
            "the test was not run: pytest found no such test",
        )


def test_who_uses_what_is_changed_is_listed_with_what_may_break(tmp_path: Path) -> None:
    other = FIX.replace("    return sum(prise)", "def total(prices):\n    return sum(prise)").replace(
        "    return sum(prices)", "def total(prices, tax):\n    return sum(prices) + tax"
    )
    with desk(tmp_path, [other], others=FAILING) as given:
        (given.root / "till.py").write_text(
            "from app import total\n\n\ndef pay(basket):\n    return total(basket)\n"
        )
        done = given.run("app.py:2", "--json")
        assert done.returncode == 0, done.stderr
        callers = json.loads(done.stdout)["callers"]
        why = "does not pass `tax`, which is needed now"
        assert {"path": "till.py", "line": 5, "why": why} in callers, (callers, done.stderr)
        assert {"path": "tests/test_app.py", "line": 5, "why": why} in callers
