"""Test commands that mean it ill or are none: each ends, says so in a line, and leaves the tree as it was."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import patched_tests
import psutil
import pytest

from lsp_debugger.verify import enclosure, isolated, ladder, overlay
from lsp_debugger.verify.verdict import Result

pytestmark = pytest.mark.thorough

OLD, NEW = "x = 1\n", "x = 2\n"
TIMEOUT_S = 4.0
FORKS = "import os, time\nfor _ in range(200): os.fork() or time.sleep(300)\ntime.sleep(300)\n"
FILLS = """\
import app
def test_it():
    with open("big", "wb") as file:
        while True: file.write(b"x" * 2**20)
"""
ASKS = "import app\n\n\ndef test_it():\n    assert input('name? ')\n"
HIDES = """\
import app, os, subprocess, sys
def test_it():
    code = "import os, time; os.setsid(); time.sleep(3600) # left behind"
    subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
"""
PYTEST = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")
SHELL = ("/bin/sh", "-c")


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits that are reached soon; what is held to them is the same."""
    monkeypatch.setattr(ladder, "TEST_TIMEOUT_S", TIMEOUT_S)
    monkeypatch.setattr(isolated, "MAX_PROCESSES", 40)
    monkeypatch.setattr(overlay, "DISK", enclosure.DISK.replace("1g", "32m"))


@pytest.mark.parametrize(
    ("command", "test", "result", "said"),
    [
        (PYTEST, f"import app\n{FORKS}", Result.FAILED, "it started more than 40 processes"),
        (PYTEST, FILLS, Result.FAILED, "the tests fail (1 failed"),
        (PYTEST, ASKS, Result.FAILED, "the tests fail (1 failed"),
        (PYTEST, "import time\ntime.sleep(3600)\n", Result.FAILED, "the tests did not end: "),
        ((*SHELL, "while :; do :; done"), "", Result.FAILED, "the tests did not end: "),
        ((*SHELL, "trap '' TERM INT HUP; sleep 3600"), "", Result.FAILED, "the tests did not end: "),
        ((*SHELL, "yes"), "", Result.FAILED, "the tests did not end: "),
        ((*SHELL, "kill -9 $$"), "", Result.FAILED, "the tests fail ("),
        ((*SHELL, "kill -9 -1"), "", Result.FAILED, "the tests fail ("),
        ((*SHELL, "read answer && exit 0"), "", Result.FAILED, "the tests fail ("),
        ((*SHELL, "exec no-such-runner"), "", Result.NOT_CHECKED, "tests not run ("),
        (("/nowhere/runner",), "", Result.NOT_CHECKED, "tests not run"),
        ((*SHELL, "exec ./app.py"), "", Result.NOT_CHECKED, "tests not run ("),
        ((*SHELL, "printf '\\377\\376\\000'; exit 1"), "", Result.FAILED, "the tests fail ("),
        ((*SHELL, "rm -rf ./* ./.* 2>/dev/null; exit 1"), "", Result.FAILED, "the tests fail ("),
    ],
    ids=[
        "forks", "fills the disk", "asks", "never ends", "is busy", "ignores signals", "prints for ever",
        "kills itself", "kills all", "asks in a shell", "missing", "no such program", "not executable",
        "prints no text", "removes all",
    ],
)  # fmt: skip
async def test_it_ends_and_says_so(
    tmp_path: Path, command: Sequence[str], test: str, result: Result, said: str
) -> None:
    root = patched_tests.workspace(tmp_path, {"app.py": OLD, "test_app.py": test})
    found = await patched_tests.run_tests(root, {"app.py": NEW}, command)
    assert found.result is result, found
    assert said in found.said
    assert "\n" not in found.said


async def test_what_it_leaves_running_is_ended(tmp_path: Path) -> None:
    root = patched_tests.workspace(tmp_path, {"app.py": OLD, "test_app.py": HIDES})
    found = await patched_tests.run_tests(root, {"app.py": NEW}, PYTEST)
    assert found.result is Result.PASSED, found
    lines = [" ".join(each.info["cmdline"] or ()) for each in psutil.process_iter(["cmdline"])]
    assert not [line for line in lines if "# left behind" in line]
