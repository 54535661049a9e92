"""Patches that try to have their code run: each is judged without trust and without a test command, then run
in isolation, and leaves its mark nowhere. Its control then does what the payload waits for, so that each mark
is known to appear.
"""

from __future__ import annotations

import os
import subprocess  # noqa: TID251 - a control runs a tool as its user would
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from lsp_debugger.context.workspace import Workspace
from lsp_debugger.core.patch import Applied
from lsp_debugger.state import State
from lsp_debugger.syntax.symbols import SymbolMap
from lsp_debugger.tools import find_tool
from lsp_debugger.trust import Trust
from lsp_debugger.verify.ladder import Allowed, Ladder
from lsp_debugger.verify.overlay import isolation
from lsp_debugger.verify.rungs import Found
from lsp_debugger.verify.tests_rung import TESTS
from lsp_debugger.wiring.verification import ladder

pytestmark = pytest.mark.thorough

# The tests have a home of their own; the compiler does not lie in it.
RUST_HOMES = {
    "RUSTUP_HOME": os.environ.get("RUSTUP_HOME", str(Path.home() / ".rustup")),
    "CARGO_HOME": os.environ.get("CARGO_HOME", str(Path.home() / ".cargo")),
}
PYTHON = "open({mark!r}, 'w').close()\n"
SHELL = ": > '{mark}'\n"
NODE = "require('fs').writeFileSync('{mark}', '');\n"
RUST = 'fn main() {{ std::fs::write("{mark}", "").unwrap(); }}\n'
PYTEST = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")


@dataclass(frozen=True)
class Case:
    """path, text: what the patch writes; beside: other files of the tree. control: runs the payload."""

    path: str
    text: str
    control: tuple[str, ...]
    beside: tuple[tuple[str, str], ...] = ()


TEST = ("test_a.py", "def test_a(): ...\n")
PACKAGE = '{{"name": "a", "version": "1.0.0", "scripts": {{"{script}": "touch \'{mark}\'"}}}}\n'


def package(script: str) -> str:
    return PACKAGE.replace("{script}", script)


CASES = [
    Case("conftest.py", PYTHON, PYTEST, (TEST,)),
    Case("test_a.py", PYTHON + "def test_a(): ...\n", PYTEST),
    Case("sub/conftest.py", PYTHON, PYTEST, (("sub/test_a.py", TEST[1]),)),
    Case("plugin.py", PYTHON, (*PYTEST, "-p", "plugin"), (TEST,)),
    Case("sitecustomize.py", PYTHON, (sys.executable, "-c", "import sitecustomize")),
    Case("usercustomize.py", PYTHON, (sys.executable, "-c", "import usercustomize")),
    Case("a.pth", "import os; " + PYTHON, (sys.executable, "-c", "import site; site.addsitedir('.')")),
    Case("setup.py", PYTHON, (sys.executable, "setup.py")),
    Case("app.py", PYTHON, (sys.executable, "app.py")),
    Case("pkg/__init__.py", PYTHON, (sys.executable, "-c", "import pkg")),
    Case("pkg/__main__.py", PYTHON, (sys.executable, "-m", "pkg"), (("pkg/__init__.py", ""),)),
    Case("json.py", PYTHON, (sys.executable, "-c", "import json"), ()),
    Case("build_hook.py", PYTHON, (sys.executable, "-c", "import build_hook")),
    Case("mypy_plugin.py", PYTHON, (sys.executable, "-c", "import mypy_plugin"), (
        ("mypy.ini", "[mypy]\nplugins = mypy_plugin\n"), ("a.py", "x = 1\n"))),
    Case("noxfile.py", PYTHON, (sys.executable, "noxfile.py")),
    Case("tasks.py", PYTHON, (sys.executable, "-c", "import tasks")),
    Case("manage.py", PYTHON, (sys.executable, "manage.py")),
    Case("run.sh", SHELL, ("/bin/sh", "run.sh")),
    Case("configure", SHELL, ("/bin/sh", "configure")),
    Case("gradlew", SHELL, ("/bin/sh", "gradlew")),
    Case("Makefile", "all:\n\t" + SHELL, ("make",)),
    Case("index.js", NODE, ("node", "index.js")),
    Case("eslint.config.js", NODE, ("node", "eslint.config.js"), (("a.js", "1\n"),)),
    Case("jest.config.js", NODE, ("node", "jest.config.js")),
    Case(".eslintrc.js", NODE, ("node", ".eslintrc.js"), (("a.js", "1\n"), ("package.json", "{}"))),
    Case("ts-plugin/index.js", NODE, ("node", "ts-plugin"), (
        ("tsconfig.json", '{"compilerOptions": {"plugins": [{"name": "./ts-plugin"}]}}'), ("a.ts", ""))),
    Case("package.json", package("test"), ("npm", "test", "--silent")),
    Case("package.json", package("preinstall"), ("npm", "run", "preinstall", "--silent")),
    Case("package.json", package("prepare"), ("npm", "run", "prepare", "--silent")),
    Case("build.rs", RUST, ("cargo", "build", "--offline", "--quiet"), (
        ("Cargo.toml", '[package]\nname = "a"\nversion = "0.1.0"\n'), ("src/lib.rs", ""))),
    Case("gen.go", 'package main\n\nimport "os"\n\nfunc main() {{ os.WriteFile("{mark}", nil, 0o600) }}\n',
         ("go", "run", "gen.go"), (("go.mod", "module a\n\ngo 1.21\n"),)),
]  # fmt: skip


def root_of(tmp_path: Path, case: Case) -> Path:
    root = tmp_path / "work"
    root.mkdir()
    for name, text in case.beside:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.path}-{CASES.index(case)}")
async def test_nothing_of_a_patch_runs(case: Case, tmp_path: Path) -> None:
    root, mark = root_of(tmp_path, case), tmp_path / "mark"
    text = case.text.format(mark=str(mark))
    state = State(tmp_path / "state")
    made = ladder(root, Workspace([root], SymbolMap()), state, Trust(state))
    await made.verdict(Applied({case.path: text}), {}, None)
    assert not mark.exists(), "ran without trust and consent"
    if not isolation(root):
        test = find_tool(case.control[0]) if not case.control[0].startswith("/") else None
        command = [str(test.path) if test else case.control[0], *case.control[1:]]
        said = await Ladder(root, nothing, Allowed(test=command)).verdict(
            Applied({case.path: text}), {}, None
        )
        assert said.rungs[-1].name == TESTS
        assert not mark.exists(), "left its isolation"
    control(case, root, text)
    assert mark.exists(), "the payload is a dud"


async def nothing(*_: object) -> Found:
    """No checker, whose findings would end the climb."""
    return Found()


def control(case: Case, root: Path, text: str) -> None:
    program = case.control[0] if case.control[0].startswith("/") else None
    tool = find_tool(case.control[0]) if program is None else None
    if program is None and tool is None:
        pytest.skip(f"nothing ran; the control needs {case.control[0]}")
    (root / case.path).parent.mkdir(parents=True, exist_ok=True)
    (root / case.path).write_text(text)
    argv = [program or str(tool and tool.path), *case.control[1:]]
    subprocess.run(argv, cwd=root, env={**os.environ, **RUST_HOMES}, check=False, timeout=120)
