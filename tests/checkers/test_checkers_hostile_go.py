"""Go repositories that try to run something. See tests/support/tripwires.py."""

from __future__ import annotations

import os
import shutil
import sys

import pytest
from tripwires import Hostile, Tree, hold

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(sys.platform == "win32", reason="the programs made here are shell scripts"),
]

# Without imports: the standard library needs not be compiled.
FAULT = "package main\n\nfunc main() {\n\tcount := 1\n\tcount = count\n}\n"
FOUND = "self-assignment"


def module(tree: Tree, more: str = "") -> None:
    tree.write("go.mod", f"module example.org/app\n\ngo 1.21\n{more}")
    tree.write("main.go", FAULT)


def directives(tree: Tree) -> None:
    module(tree, "\ntool example.org/app/evil\n")
    tree.write("go.mod", (tree.root / "go.mod").read_text().replace("1.21", "1.24"))
    tree.write("gen.go", "package main\n\n//go:generate ./bin/generator\n")
    tree.program("bin/generator", "generator")
    body = f'syscall.Open("{tree.marks}/tool", syscall.O_CREAT|syscall.O_WRONLY, 0o600)'
    run = f'package main\n\nimport "syscall"\n\nfunc init() {{ {body} }}\n'
    tree.write("evil/main.go", run + "\nfunc main() {}\n")
    tree.write(".go-version", "9.9.9\n")


def run_directives(tree: Tree) -> None:
    # Built where our own vet has compiled the standard library already.
    env = {"GOCACHE": str(tree.kept / "go/build"), "GOFLAGS": "-buildvcs=false", "GOPROXY": "off"}
    tree.by_hand("go", "generate", "./...", env=env)
    tree.by_hand("go", "run", "./evil", env=env)


def cgo(tree: Tree) -> None:
    module(tree)
    tree.write(
        "native.go",
        "package main\n\n// #cgo CFLAGS: -fplugin=./evil.so\n// #cgo pkg-config: evil\n// int one(void);\n"
        'import "C"\n\nvar one = C.one()\n',
    )
    tree.write("native.c", "int one(void) { return 1; }\n")
    for name in ("pkg-config", "gopackagesdriver"):
        tree.program(f"bin/{name}", name, "exit 1")
    for name in ("gcc", "cc"):
        tree.program(f"bin/{name}", name, f'exec "{shutil.which("gcc")}" "$@"')


def run_cgo(tree: Tree) -> None:
    tree.by_hand(
        "go", "list", "-e", "-deps", "-compiled", ".", env={"CGO_ENABLED": "1", "GOFLAGS": "-buildvcs=false"}
    )
    tree.by_hand("gopls", "check", "main.go", env={"GOCACHE": str(tree.kept / "go/build")})


def toolchain(tree: Tree) -> None:
    module(tree, "\ntoolchain go1.99.9\n")
    tree.program("bin/go1.99.9", "toolchain")
    tree.program("bin/go", "go")
    tree.write("go.work", "go 1.21\n\ntoolchain go1.99.9\n\nuse .\n")


def variables(tree: Tree) -> None:
    """What an activated environment has set; and a file of settings in the tree."""
    module(tree)
    tree.program("bin/exec", "exec", 'exec "$@"')
    tree.write("env", f"GOFLAGS=-toolexec={tree.root}/bin/exec\n")


CASES = [
    Hostile(
        "go:generate and tool", directives, frozenset({"generator", "tool"}), run_directives,
        programs=("go",), finds=(FOUND,),
    ),
    Hostile(
        "cgo and a driver", cgo, frozenset({"pkg-config", "gopackagesdriver"}), run_cgo, path=("bin",),
        programs=("go", "gopls"), may_fail=frozenset({"go vet", "gopls", "staticcheck"}),
    ),
    Hostile(
        "a toolchain", toolchain, frozenset({"toolchain"}), path=("bin",), programs=("go",), finds=(FOUND,),
        control=lambda tree: tree.by_hand(REAL_GO, "version", env={"GOTOOLCHAIN": "path"}),
    ),
]  # fmt: skip
REAL_GO = next(
    (path for each in os.environ["PATH"].split(os.pathsep) if os.access(path := f"{each}/go", os.X_OK)), "go"
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_nothing_of_the_repository_runs(
    case: Hostile, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    await hold(case, tree, monkeypatch)


async def test_variables_that_lead_into_the_tree_do_not_reach_go(
    tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    variables(tree)
    monkeypatch.setenv("GOFLAGS", f"-toolexec={tree.root}/bin/exec")
    monkeypatch.setenv("GOENV", str(tree.root / "env"))
    checked = await tree.checked(trusted=False, only={"go vet"})
    assert FOUND in await tree.told(checked, trusted=False)
    assert tree.fired() == set()
    tree.by_hand("go", "vet", ".", env={"GOCACHE": str(tree.kept / "go/build")})
    assert tree.fired() == {"exec"}
