"""Patches that try to have their code run; each payload leaves a mark outside of the tree when it is."""

from __future__ import annotations

import asyncio
import os
import subprocess  # noqa: TID251 - a control runs a tool as its user would
import sys
from dataclasses import dataclass
from pathlib import Path

from patched_tests import RUST_HOMES

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


@dataclass(frozen=True)
class Fired:
    """Whether the mark appeared. isolated: None where nothing can be. control: None without its tool."""

    judged: bool
    isolated: bool | None
    control: bool | None


async def spring(case: Case, folder: Path) -> Fired:
    """Judge the patch without trust and consent, run it isolated, then do what its payload waits for."""
    root, mark = _root_of(folder, case), folder / "mark"
    text, state = case.text.format(mark=str(mark)), State(folder / "state")
    made = ladder(root, Workspace([root], SymbolMap()), state, Trust(state))
    await made.verdict(Applied({case.path: text}), {}, None)
    judged, isolated = _fired(mark), None
    tool = find_tool(case.control[0])
    program = case.control[0] if case.control[0].startswith("/") else str(tool.path) if tool else None
    argv = [program or case.control[0], *case.control[1:]]
    if not isolation(root):
        tested = Ladder(root, _nothing, Allowed(test=argv))
        said = await tested.verdict(Applied({case.path: text}), {}, None)
        assert said.rungs[-1].name == TESTS
        isolated = _fired(mark)
    if program is None:
        return Fired(judged, isolated, None)
    (root / case.path).parent.mkdir(parents=True, exist_ok=True)
    (root / case.path).write_text(text)
    environment = {**os.environ, **RUST_HOMES}
    await asyncio.to_thread(
        subprocess.run, argv, cwd=root, env=environment, check=False, timeout=120, capture_output=True
    )
    return Fired(judged, isolated, _fired(mark))


def _root_of(folder: Path, case: Case) -> Path:
    root = folder / "work"
    root.mkdir()
    for name, text in case.beside:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def _fired(mark: Path) -> bool:
    """And it is laid again."""
    found = mark.exists()
    mark.unlink(missing_ok=True)
    return found


async def _nothing(*_: object) -> Found:
    """No checker, whose findings would end the climb."""
    return Found()
