"""C and shell repositories that try to run something, or to have something else read. See tripwires.py."""

from __future__ import annotations

import json
import shlex
import sys

import pytest
from tripwires import Hostile, Tree, hold

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(sys.platform == "win32", reason="plugins and links are another matter there"),
]

FAULT = "int main(void) { return missing; }\n"
SECRET = "hunter2_of_another_place"


def plugin(tree: Tree) -> str:
    """A library that leaves its mark when it is loaded, whoever loads it."""
    source = tree.ours / "evil.c"
    library = tree.root / "evil.so"
    source.write_text(
        f"#include <fcntl.h>\n__attribute__((constructor)) static void run(void) "
        f'{{ open("{tree.marks}/plugin", O_CREAT | O_WRONLY, 0600); }}\n'
    )
    tree.by_hand("gcc", "-shared", "-fPIC", "-o", str(library), str(source))
    return str(library)


def database(tree: Tree) -> None:
    """compile_commands.json names the compiler, its plugins, files of arguments and what is written."""
    library = plugin(tree)
    tree.write("main.c", FAULT)
    tree.write("arguments", f"-fplugin={library}\n-o {tree.marks}/output\n")
    tree.program("bin/cc", "compiler")
    command = [
        str(tree.root / "bin/cc"), f"-fplugin={library}", "-Xclang", "-load", "-Xclang", library,
        "@arguments",
        "-wrapper", str(tree.root / "bin/cc"), "-B", str(tree.root / "bin"), "-specs=evil.specs",
        "-o", str(tree.marks / "output"), "-MMD", "-MF", str(tree.marks / "dependencies"), "-c", "main.c",
    ]  # fmt: skip
    entry = {"directory": str(tree.root), "file": "main.c"}
    tree.write("compile_commands.json", json.dumps([entry | {"arguments": command}]))
    tree.write("build/compile_commands.json", json.dumps([entry | {"command": shlex.join(command)}]))


def compile_by_hand(tree: Tree) -> None:
    [entry] = json.loads((tree.root / "compile_commands.json").read_text())
    tree.by_hand(entry["arguments"][0])
    tree.by_hand("gcc", f"-fplugin={tree.root}/evil.so", "-fsyntax-only", "main.c")
    tree.by_hand("gcc", "@arguments", "-c", "main.c")


def tidy_configuration(tree: Tree) -> None:
    library = plugin(tree)
    tree.write("main.c", FAULT)
    tree.write(
        ".clang-tidy",
        "Checks: '*'\nInheritParentConfig: true\n"
        f"ExtraArgs: ['-fplugin={library}', '-Xclang', '-load', '-Xclang', '{library}']\n",
    )
    tree.write(".clangd", f"CompileFlags:\n  Add: [-fplugin={library}]\n  Compiler: {tree.root}/bin/cc\n")
    tree.write("compile_flags.txt", f"-fplugin={library}\n")
    tree.write("Makefile", f"all:\n\t{tree.shell('make')}")
    tree.write("CMakeLists.txt", f'execute_process(COMMAND touch "{tree.marks}/cmake")\n')


def tidy_by_hand(tree: Tree) -> None:
    tree.by_hand("gcc", f"-fplugin={tree.root}/evil.so", "-fsyntax-only", "main.c")
    tree.by_hand("make", "-s")


def shell_files(tree: Tree) -> None:
    """Scripts that would run something when sourced, and a first line that names a program of the tree."""
    tree.write("run.sh", f"#!/bin/sh\n{tree.shell('script')}echo $1\n", executable=True)
    tree.write(".envrc", tree.shell("envrc"))
    tree.write(".bashrc", tree.shell("bashrc"))
    tree.write("tool", f"#!{tree.root}/bin/sh\necho $1\n", executable=True)
    tree.program("bin/sh", "shell")


def shell_by_hand(tree: Tree) -> None:
    tree.by_hand("sh", "./run.sh")
    tree.by_hand("sh", "./.envrc")
    tree.by_hand(str(tree.root / "tool"))


CASES = [
    Hostile(
        "compile_commands.json", database, frozenset({"compiler", "plugin"}), compile_by_hand,
        programs=("gcc",), finds=("missing",),
    ),
    Hostile(
        "configuration of clang-tidy, clangd, make", tidy_configuration, frozenset({"plugin"}), tidy_by_hand,
        programs=("gcc",), finds=("missing",),
    ),
    Hostile(
        "scripts", shell_files, frozenset({"script", "envrc", "shell"}), shell_by_hand,
        programs=("shellcheck",), finds=("SC2086",),
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_nothing_of_the_repository_runs(
    case: Hostile, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    await hold(case, tree, monkeypatch)


async def test_a_database_is_only_data_even_with_trust(tree: Tree) -> None:
    database(tree)
    checked = await tree.checked(trusted=True, only={"gcc", "clang-tidy"})
    assert "missing" in await tree.told(checked, trusted=True)
    assert tree.fired() == set()


async def test_shellcheck_reads_no_other_files(tree: Tree) -> None:
    outside = tree.ours / "private.sh"
    outside.write_text(f"#!/bin/sh\n{SECRET}=1\n")
    tree.write("run.sh", f"#!/bin/sh\n. {outside}\nfor x in $({SECRET}\n")
    tree.write("use.sh", f'#!/bin/sh\n# shellcheck source={outside}\n. "$1"\necho "${SECRET}"\n')
    tree.write(
        ".shellcheckrc",
        f"external-sources=true\nsource-path={tree.ours}\nenable=check-unassigned-uppercase\n",
    )
    checked = await tree.checked(trusted=False, only={"shellcheck"})
    found = {(problem.code, problem.line) for each in checked for problem in each.problems}
    assert ("SC1091", 3) in found, "not followed"
    by_hand = tree.by_hand("shellcheck", "use.sh")
    assert "SC1091" not in by_hand, "its own file of settings has it read"


async def test_a_header_from_elsewhere_is_not_quoted(tree: Tree) -> None:
    (tree.ours / "private.h").write_text(f"{SECRET} {SECRET};\n")
    tree.write("main.c", f'#include "{tree.ours}/private.h"\n{FAULT}')
    checked = await tree.checked(trusted=False, only={"gcc", "clang-tidy"})
    assert SECRET in tree.by_hand("gcc", "-fsyntax-only", "main.c")
    messages = [problem for each in checked for problem in each.problems if SECRET in problem.message]
    assert [problem for problem in messages if not (problem.path or "").startswith(str(tree.root))] == []
