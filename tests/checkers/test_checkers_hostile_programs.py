"""Programs that a repository brings, under the names of those that are looked for. PATH leads to them."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest
from tripwires import Hostile, Tree, hold

from lsp_debugger.cards.docs import RuleTexts
from lsp_debugger.checkers import CHECKERS
from lsp_debugger.core.ask import Problem
from lsp_debugger.tools import find_tool

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(sys.platform == "win32", reason="the programs made here are shell scripts"),
]

# What checkers look for, and what those programs look for in turn.
HELPERS = (
    "python",
    "python3",
    "node",
    "env",
    "sh",
    "git",
    "go",
    "cargo",
    "rustc",
    "gcc",
    "cc",
    "as",
    "ld",
    "npx",
)
NAMES = tuple(
    dict.fromkeys((*(name for checker in CHECKERS for name in checker.programs), *HELPERS, "cargo-clippy"))
)
FILES = {
    "app.py": "import os\n",
    "main.c": "int main(void) { return missing; }\n",
    "run.sh": "#!/bin/sh\necho $1\n",
    "main.go": "package main\n\nfunc main() { missing() }\n",
    "go.mod": "module example.org/x\n\ngo 1.20\n",
    "web/index.ts": "const count: number = 'three'\n",
    "web/tsconfig.json": '{"compilerOptions": {"strict": true, "noEmit": true, "types": []}}\n',
    "web/package.json": "{}\n",
}


FOLDERS = ("bin", "", "web/node_modules/.bin")


def build(tree: Tree) -> None:
    for name, text in FILES.items():
        tree.write(name, text)
    for folder in FOLDERS:
        for name in NAMES:
            tree.program(os.path.join(folder, name), mark_of(folder, name))  # noqa: PTH118


def mark_of(folder: str, name: str) -> str:
    return f"{name} in {folder.replace('/', '-') or '.'}"


def by_hand(tree: Tree) -> None:
    for folder in FOLDERS:
        for name in NAMES:
            tree.by_hand(str(tree.root / folder / name))


async def test_nothing_of_the_repository_runs(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    marks = frozenset(mark_of(folder, name) for folder in FOLDERS for name in NAMES)
    path = ("bin", ".", "", "web/node_modules/.bin")
    await hold(Hostile("PATH", build, marks, by_hand, path=path, finds=("F401",)), tree, monkeypatch)


@pytest.mark.parametrize(
    "entry", ["", ".", "bin", "./bin", "clone/bin", "../clone/bin", "link", "linked-clone/bin"]
)
def test_no_spelling_of_a_path_entry_leads_into_the_workspace(
    entry: str, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("", "bin/"):
        tree.program(f"{folder}unheard-of", "program")
    (tree.root.parent / "link").symlink_to(tree.root / "bin")
    (tree.root.parent / "linked-clone").symlink_to(tree.root)
    monkeypatch.chdir(tree.root.parent if "clone" in entry else tree.root)
    absolute = str(tree.root.parent / entry) if "link" in entry else entry
    monkeypatch.setenv("PATH", os.pathsep.join([absolute, os.environ["PATH"]]))
    assert find_tool("unheard-of", root=tree.root) is None
    assert find_tool("unheard-of", root=tree.root.parent / "linked-clone") is None
    assert shutil.which("unheard-of") is not None or entry == "../clone/bin", "a shell would take it"


async def test_rule_texts_are_not_asked_of_a_program_above_the_project(
    tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A project inside of the workspace is not all that is not trusted."""
    tree.program("bin/ruff", "ruff", "echo '[]'")
    (tree.root / "inner").mkdir()
    monkeypatch.setenv("PATH", f"{tree.root / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr("sys.executable", str(Path("/nowhere/bin/python")))
    problem = Problem("`os` imported but unused", source="Ruff", code="F401")
    await RuleTexts(None, root=tree.root / "inner", within=tree.root).rule(problem)
    assert tree.fired() == set()
    await RuleTexts(None, root=tree.root / "inner", within=tree.root, trusted=True).rule(problem)
    assert tree.fired() == {"ruff"}
