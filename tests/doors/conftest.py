"""What the tests of the two doors share: a child process with the real guard, and its verdict."""

from __future__ import annotations

import subprocess  # noqa: TID251  the guard is tried from outside, in a child of its own
import sys
import textwrap
from collections.abc import Callable

import pytest


@pytest.fixture
def guarded() -> Callable[[str], str]:
    """Runs code in a fresh interpreter, because an audit hook cannot be taken out of this one.

    Returns what it printed; its log goes there too. Anything else on stderr, a traceback in a thread
    for instance, fails the test.
    """

    def run(code: str) -> str:
        prologue = (
            "import logging, sys; logging.basicConfig(stream=sys.stdout, format='LOG %(message)s')\n"
            "from lsp_debugger import guard; guard.install()\n"
        )
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", prologue + textwrap.dedent(code)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
        return done.stdout

    return run
