"""The same verbs on a laptop and in CI: nox -s fix | lint | types | test | e2e | generate.

Sessions use the environment that nox itself runs in; README says how to make one.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import nox

# Programs of this environment also when it is not activated: `.venv/bin/nox` is enough.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])

nox.options.default_venv_backend = "none"
nox.options.sessions = ["lint", "types", "test"]


@nox.session
def fix(session: nox.Session) -> None:
    """Repair what can be repaired without thinking."""
    session.run("ruff", "check", "--fix", ".")
    session.run("ruff", "format", ".")


@nox.session
def lint(session: nox.Session) -> None:
    """Style, layers, and generated files that follow from what they are generated from."""
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("lint-imports")
    session.run("python", "tools/generate.py", "--check")


@nox.session
def types(session: nox.Session) -> None:
    """pyright, strict."""
    session.run("pyright", "--pythonpath", sys.executable, *session.posargs)


@nox.session
def test(session: nox.Session) -> None:
    """Everything but the real process under recorded clients; arguments go to pytest."""
    session.run("pytest", "--ignore=tests/e2e", "--ignore=tests/editors", *session.posargs)


@nox.session
def e2e(session: nox.Session) -> None:
    """The real process under the recorded capabilities of real editors."""
    session.run("pytest", "tests/e2e", "-m", "not editors", *session.posargs)


@nox.session
def generate(session: nox.Session) -> None:
    """Write the schema, the editors' settings and README's table from lsp_debugger/config/settings.py."""
    session.run("python", "tools/generate.py")
