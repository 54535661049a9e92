"""Repositories that try to have their code run: each payload leaves a mark outside of the tree when it is.

A case is one small tree. It is checked without trust, by every checker together and with the cards of what
they find: no mark may appear and nothing in the tree may change. Its control then does what the payload
waits for, so that each mark is known to appear when somebody is careless.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import subprocess  # noqa: TID251 - a control runs a tool as its user would
import sys
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from lsp_debugger.cards import Cards, plain
from lsp_debugger.cards.docs import RuleTexts
from lsp_debugger.checkers import CHECKERS, Checked, Checker
from lsp_debugger.checkers.run import Runner
from lsp_debugger.context.workspace import Workspace
from lsp_debugger.core.text import Snapshot
from lsp_debugger.state import State
from lsp_debugger.syntax.symbols import SymbolMap
from lsp_debugger.syntax.tree import TreeSitterSyntax
from lsp_debugger.tools import find_tool

# Go locks the cache of modules that the user has anyway, which is where it reads them.
_GO_LOCKS = {"go", "go/pkg", "go/pkg/mod", "go/pkg/mod/cache", "go/pkg/mod/cache/lock"}

_OF_GO = {"go vet", "gopls", "staticcheck"}

Listing = dict[str, tuple[object, ...]]


@dataclass
class Tree:
    """A hostile repository at `root`; its marks go to `marks`, what else is beside it to `ours`.

    kept: caches and state of ours. One for all trees of a session: compilers fill it once.
    """

    root: Path
    marks: Path
    ours: Path
    kept: Path

    def write(self, name: str, text: str, *, executable: bool = False) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755 if executable else 0o644)
        return path

    def python(self, mark: str) -> str:
        """A statement."""
        return f"open({str(self.marks / mark)!r}, 'w').close()\n"

    def shell(self, mark: str) -> str:
        return f": > '{self.marks / mark}'\n"

    def javascript(self, mark: str) -> str:
        return f"require('fs').writeFileSync('{self.marks / mark}', '');\n"

    def rust(self, mark: str) -> str:
        return f'std::fs::write("{self.marks / mark}", "").unwrap();'

    def program(self, name: str, mark: str, then: str = "exit 0") -> Path:
        """A shell script that leaves the mark when it is started."""
        return self.write(name, f"#!/bin/sh\n{self.shell(mark)}{then}\n", executable=True)

    def fired(self) -> set[str]:
        """The marks since the last call."""
        found = {path.name for path in self.marks.iterdir()}
        for name in found:
            path = self.marks / name
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        return found

    def by_hand(
        self,
        program: str,
        *args: str,
        cwd: str | Path = "",
        env: dict[str, str] | None = None,
        timeout_s: float = 60,
    ) -> str:
        """Run a program of the system's or of ours as anybody would, whatever it returns; what it said."""
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        argv = [program if os.sep in program else shutil.which(program, path=path) or program, *args]
        environ = {**os.environ, "PATH": path, **(env or {})}
        done = subprocess.run(
            argv,
            cwd=self.root / cwd,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout_s,
        )
        return done.stdout + done.stderr

    def git(self, *args: str) -> str:
        who = {
            f"GIT_{role}_{what}": "a@example.org"
            for role in ("AUTHOR", "COMMITTER")
            for what in ("NAME", "EMAIL")
        }
        return self.by_hand("git", *args, env=who)

    def commit(self) -> None:
        self.git("init", "-q", "-b", "main")
        self.git("add", "-A", "-f")
        self.git("commit", "-q", "-m", "all")

    async def checked(
        self, *, trusted: bool, only: Collection[str] | None = None, target: str = ""
    ) -> list[Checked]:
        return await runner_of(self, trusted=trusted).check(self.root / target, only)

    async def told(self, checked: Sequence[Checked], *, trusted: bool) -> str:
        """The cards of all that was found, with what the tools themselves say about their rules."""
        workspace = Workspace([self.root], SymbolMap())
        docs = RuleTexts(State(self.kept / "state"), root=self.root, trusted=trusted)
        cards = Cards(docs, workspace.symbols, TreeSitterSyntax(), workspace.read, self.root)
        text = ""
        for problem in (problem for each in checked for problem in each.problems):
            snapshot = workspace.read(problem.path or "") or Snapshot("untitled:none", "")
            workspace.refresh(snapshot)
            text += f"{problem.path}:{problem.line} {problem.message}\n"
            text += plain(await cards.card(problem, snapshot)) + "\n"
        return text


def runner_of(tree: Tree, *, trusted: bool, checkers: Sequence[Checker] = CHECKERS) -> Runner:
    def cache(name: str) -> Path:
        if name in _OF_GO:
            return tree.kept / "go"
        (tree.kept / "cache" / name).mkdir(parents=True, exist_ok=True)
        return tree.kept / "cache" / name

    read = Workspace([tree.root], SymbolMap()).on_disk
    return Runner(tree.root, trusted, cache, read, checkers)


Control = Callable[[Tree], object]


@dataclass(frozen=True)
class Hostile:
    """marks: what the payloads leave when they run, as they do in `control`.

    by_trust: names of checkers that, run with trust, are the control; then there is no other.
    path: folders of the tree that stand in PATH; "" is the empty entry, which means the current folder.
    programs: what the control needs; without them only the first half is held, and the test says so.
    may_fail: checkers that such a tree may break. target: the folder that is checked.
    finds: a code or a part of a message that a checker has to tell in spite of all.
    """

    name: str
    build: Callable[[Tree], object]
    marks: frozenset[str]
    control: Control | None = None
    by_trust: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    finds: tuple[str, ...] = ()
    may_fail: frozenset[str] = frozenset()
    target: str = ""

    def missing(self) -> list[str]:
        return [name for name in self.programs if find_tool(name) is None]


async def hold(case: Hostile, tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both halves of a case."""
    case.build(tree)
    here = str(tree.root)
    entries = [entry if entry in {"", "."} else os.path.join(here, entry) for entry in case.path]  # noqa: PTH118
    monkeypatch.setenv("PATH", os.pathsep.join([*entries, os.environ["PATH"]]))
    monkeypatch.chdir(tree.root)

    before, home = listing(tree.root), listing(Path.home())
    checked = await tree.checked(trusted=False, target=case.target)
    told = await tree.told(checked, trusted=False)
    assert tree.fired() == set(), "ran without trust"
    assert difference(before, listing(tree.root)) == []
    new = difference(home, listing(Path.home()))
    assert "\n".join(name for name in new if name not in _GO_LOCKS) == ""
    failed = {each.checker: each.reason for each in checked if each.broken}
    assert failed.keys() <= case.may_fail, failed
    assert [part for part in case.finds if part not in told] == [], (told, checked)

    if missing := case.missing():
        pytest.skip(f"nothing ran; the control needs {' and '.join(missing)}")
    if case.by_trust:
        checked = await tree.checked(trusted=True, only=case.by_trust, target=case.target)
        assert difference(before, listing(tree.root)) == [], "written into the tree"
    else:
        assert case.control is not None, "a test that cannot fail"
        checked = [case.control(tree)]
    assert tree.fired() >= case.marks, f"the payload is a dud: {checked}"


def listing(root: Path) -> Listing:
    """Everything below `root`: kind, mode, size, time of change, and for files a hash of what is in them."""
    found: Listing = {}
    for base, folders, names in os.walk(root, followlinks=False):
        for name in [*folders, *names]:
            path = Path(base, name)
            status = path.lstat()
            content = hashlib.sha256(path.read_bytes()).digest() if stat.S_ISREG(status.st_mode) else b""
            target = path.readlink() if path.is_symlink() else ""
            found[os.path.relpath(path, root)] = (
                status.st_mode, status.st_size, status.st_mtime_ns, content, target,
            )  # fmt: skip
    return found


def difference(before: Listing, after: Listing) -> list[str]:
    """Names of what is new, gone or changed."""
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
