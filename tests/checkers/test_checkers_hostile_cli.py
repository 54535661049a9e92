"""The command line in the worst repository of all: nothing of it runs, and nobody is called."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess  # noqa: TID251 - the product as its users start it
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tripwires import Tree, difference, listing

from lsp_debugger.state import State

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(sys.platform == "win32", reason="the programs made here are shell scripts"),
]

PROGRAM = Path(sys.executable).parent / "lsp-debugger"
LOOPBACK = re.compile(r"^(?:127\.|::1$|0\.0\.0\.0$|::$)")
SHIMS = (
    "python",
    "python3",
    "ruff",
    "mypy",
    "basedpyright",
    "bandit",
    "node",
    "tsc",
    "eslint",
    "git",
    "go",
    "cargo",
)


def worst(tree: Tree) -> None:
    """A payload of each kind, side by side."""
    tree.write("app.py", "import os\n\ncount: int = 'three'\n")
    tree.write("evil.py", tree.python("plugin"))
    tree.write("mypy.ini", "[mypy]\nplugins = ./evil.py\n")
    for name in ("json", "ast", "sitecustomize", "usercustomize", "conftest", "lsp_debugger"):
        tree.write(f"{name}.py", tree.python(name))
    for folder in (".venv/bin", "venv/bin", "node_modules/.bin", "."):
        for name in SHIMS:
            tree.program(f"{folder}/{name}", name)
    tree.write("web/index.ts", "const count: number = 'three';\n")
    tree.write("web/tsconfig.json", '{"compilerOptions": {"strict": true, "types": [], "noEmit": true}}\n')
    tree.write("web/eslint.config.js", tree.javascript("eslint") + "module.exports = [];\n")
    tree.write("rust/Cargo.toml", '[package]\nname = "x"\nversion = "0.1.0"\nbuild = "build.rs"\n')
    tree.write("rust/build.rs", f"fn main() {{ {tree.rust('build')} }}\n")
    tree.write("rust/src/lib.rs", "pub fn one() -> u8 { two }\n")
    tree.write("main.c", "int main(void) { return missing; }\n")
    tree.write("run.sh", f"#!/bin/sh\n{tree.shell('script')}echo $1\n", executable=True)
    tree.write("service/go.mod", "module example.org/x\n\ngo 1.21\n\ntoolchain go1.99.9\n")
    tree.write("service/main.go", "package main\n\nfunc main() {\n\tcount := 1\n\tcount = count\n}\n")
    tree.write(".lsp-debugger.toml", 'checkers.run = "on_save"\nbackend = "none"\n')
    tree.git("init", "-q")
    tree.git("config", "core.fsmonitor", str(tree.program(".git/hooks/watch", "fsmonitor", "exit 1")))


@pytest.fixture
def command(tree: Tree, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    worst(tree)
    caches = State(tmp_path / "state/lsp-debugger").workspace(tree.root) / "checkers"
    caches.mkdir()
    for name in ("go vet", "gopls", "staticcheck"):
        (caches / name).symlink_to(tree.kept / "go")
    path = os.pathsep.join([".", "", f"{tree.root}/.venv/bin", os.environ["PATH"]])
    hostile = {"PATH": path, "NODE_OPTIONS": "", "MYPYPATH": str(tree.root), "LSP_DEBUGGER_BACKEND": "none"}
    environ = {**os.environ, "XDG_STATE_HOME": str(tmp_path / "state"), **hostile}

    def run(*args: str, before: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*before, str(PROGRAM), *args],
            cwd=tree.root, env=environ, capture_output=True, text=True, check=False, timeout=110,
        )  # fmt: skip

    return run


def test_nothing_runs_nothing_changes(
    tree: Tree, command: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    before = listing(tree.root)
    done = command("check", "--json", "--cards")
    report = json.loads(done.stdout)
    codes = {problem["code"] for problem in report["problems"]}
    assert {"F401", "TS2322"} <= codes, done.stderr
    states = {each["name"]: each["not_run"] for each in report["checkers"]}
    assert states["eslint"] == "not run: its configuration is a program"
    assert "build scripts" in states["clippy" if "clippy" in states else "cargo"]
    for verb in (("doctor",), ("card", "app.py:1:8", "--source", "Ruff", "--code", "F401")):
        assert command(*verb).returncode in (0, 1), verb
    assert tree.fired() == set()
    assert difference(before, listing(tree.root)) == []
    tree.git("status")
    tree.by_hand("mypy", "app.py", "--cache-dir", os.devnull)
    tree.by_hand("node", "web/eslint.config.js")
    tree.by_hand(".venv/bin/ruff")
    assert tree.fired() >= {"fsmonitor", "plugin", "eslint", "ruff"}, "each of them would"


def test_nobody_is_called(
    tree: Tree, tmp_path: Path, command: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    """By system call, of every child, with trust too: then builds may want what is not there."""
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("needs strace (apt-get install strace)")
    log = tmp_path / "calls"
    (tree.root / ".venv").rename(tree.ours / "venv")
    for folder in ("venv", "node_modules"):
        shutil.rmtree(tree.root / folder)
    (tree.root / "rust/Cargo.toml").write_text(
        '[package]\nname = "x"\nversion = "0.1.0"\n[dependencies]\nserde = "1"\n'
    )
    (tree.root / "service/main.go").write_text(
        'package main\n\nimport _ "example.com/not/there"\n\nfunc main() {}\n'
    )
    (tree.root / "service/go.mod").write_text("module x.org/x\n\ngo 1.21\n\nrequire example.com/not v1.0.0\n")
    before = (strace, "-f", "-qq", "-e", "trace=connect,sendto,sendmsg,sendmmsg", "-o", str(log))
    command("trust", str(tree.root))
    done = command("check", "--json", before=before)
    assert "F401" in done.stdout, done.stderr
    seen = log.read_text("utf-8", "replace")
    assert [line for line in seen.splitlines() if is_outside(line)] == []
    by_hand = "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(('192.0.2.1', 53))"
    subprocess.run([*before, sys.executable, "-c", by_hand], check=False, timeout=30)
    assert any(map(is_outside, log.read_text("utf-8", "replace").splitlines())), "it would be seen"


def is_outside(line: str) -> bool:
    hosts = re.findall(r'inet_addr\("([^"]+)"\)|AF_INET6[^"]*"([^"]+)"', line)
    return "AF_INET" in line and any(not LOOPBACK.match(four or six) for four, six in hosts)
