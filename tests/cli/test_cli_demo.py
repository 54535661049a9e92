"""`lsp-debugger demo`: what a newcomer sees first, also with the network unplugged."""

from __future__ import annotations

import shutil
import subprocess  # noqa: TID251 - the real program, as a shell starts it
import sys
from pathlib import Path

import pytest

DEMO = [sys.executable, "-m", "lsp_debugger", "demo"]


def run(argv: list[str]) -> str:
    done = subprocess.run(argv, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_it_shows_findings_a_card_a_fix_and_an_answer() -> None:
    shown = run(DEMO)
    assert "F821" in shown
    assert "AttributeError" in shown
    assert "+ import os" in shown
    assert "F821 is gone" in shown
    assert "find_customer" in shown[shown.index("4  Explain") :]


def test_it_leaves_nothing_in_the_temporary_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    run(DEMO)
    assert not list(tmp_path.glob("lsp-debugger-demo-*"))


@pytest.mark.thorough
def test_it_works_with_the_network_unplugged() -> None:
    unshare = shutil.which("unshare")
    ip = shutil.which("ip")
    if unshare is None or ip is None:
        pytest.skip("unshare and ip are not installed: apt-get install util-linux iproute2")
    allowed = subprocess.run([unshare, "-rn", "true"], capture_output=True, check=False)
    if allowed.returncode != 0:
        pytest.skip("this system does not let a user make a network namespace")
    command = f"{ip} link set lo up && exec {' '.join(DEMO)}"
    assert "F821 is gone" in run([unshare, "-rn", "sh", "-c", command])
