"""clang-tidy as a checker: without trust nothing of the project's configuration, and exact places."""

from __future__ import annotations

from pathlib import Path

import pytest
from tripwires import Tree, difference, listing

from lsp_debugger.checkers import clang_tidy
from lsp_debugger.checkers.checker import Job
from lsp_debugger.checkers.run import Runner
from lsp_debugger.context.workspace import Workspace
from lsp_debugger.core.ask import Problem, Severity
from lsp_debugger.core.errors import ToolFailed
from lsp_debugger.spawn import Completed
from lsp_debugger.syntax.symbols import SymbolMap
from lsp_debugger.tools import Tool, find_tool

needs_clang_tidy = pytest.mark.skipif(find_tool("clang-tidy") is None, reason="no clang-tidy here")


def job_of(tree: Tree, *names: str, trusted: bool = False) -> Job:
    files = tuple(tree.root / name for name in names)
    read = Workspace([tree.root], SymbolMap()).read
    tool = Tool("clang-tidy", Path("/nowhere/clang-tidy"))
    return Job(tool, tree.root, files, False, tree.root, trusted, tree.ours, read)


async def found(tree: Tree, target: str = "", *, trusted: bool = False) -> list[Problem]:
    read = Workspace([tree.root], SymbolMap()).on_disk
    runner = Runner(tree.root, trusted, lambda _: tree.ours, read, (clang_tidy.CHECKER,))
    (checked,) = await runner.check(tree.root / target)
    assert not checked.reason, checked.reason
    return list(checked.problems)


def codes(problems: list[Problem]) -> list[str]:
    return [f"{each.line} {each.code}" for each in problems]


def test_its_configuration_counts_with_trust_only(tree: Tree):
    tree.write("src/a.c", "int x;\n")
    tree.write(".clang-tidy", "Checks: '*'\n")
    (untrusted,) = clang_tidy.commands(job_of(tree, "src/a.c"))
    assert "--config={}" in untrusted
    assert f"--checks={clang_tidy.CHECKS}" in untrusted
    (trusted,) = clang_tidy.commands(job_of(tree, "src/a.c", trusted=True))
    assert not [each for each in trusted if each.startswith(("--config", "--checks"))]
    (tree.root / ".clang-tidy").unlink()
    (without,) = clang_tidy.commands(job_of(tree, "src/a.c", trusted=True))
    assert "--config={}" in without


def test_behind_the_dashes_it_looks_for_no_database(tree: Tree):
    tree.write("a.cpp", "int x;\n")
    (argv,) = clang_tidy.commands(job_of(tree, "a.cpp"))
    at = argv.index("--")
    assert argv[at - 1] == str(tree.root / "a.cpp")
    assert argv[at + 1 : at + 3] == ["-x", "c++"]


def test_a_path_is_no_pattern(tree: Tree):
    tree.root = tree.root / "c++ (old) [1]"
    tree.root.mkdir()
    tree.write("a.c", "int x;\n")
    (argv,) = clang_tidy.commands(job_of(tree, "a.c"))
    (pattern,) = [each for each in argv if each.startswith("--header-filter=")]
    assert r"c\+\+ \(old\) \[1\]/" in pattern


@pytest.mark.parametrize(
    "printed", ["", "x", "a.c:1:1: warning", ("/w/a.c:1:1: warning: [x]"), "\x00", "1 warning\n"]
)
def test_odd_text_is_passed_over(printed: str, tree: Tree):
    tree.write("a.c", "int x;\n")
    assert [
        each.code for each in clang_tidy.read(job_of(tree, "a.c"), [Completed(0, printed.encode(), b"")])
    ] in (
        [],
        [""],
    )


def test_a_run_that_failed_says_so(tree: Tree):
    tree.write("a.c", "int x;\n")
    tree.write("b.c", "int x;\n")
    bad = Completed(1, b"", b"error: unknown argument: '-x'\n")
    with pytest.raises(ToolFailed, match="unknown argument"):
        list(clang_tidy.read(job_of(tree, "a.c"), [bad]))
    (problem,) = clang_tidy.read(job_of(tree, "a.c", "b.c"), [bad, Completed(0, b"", b"")])
    assert problem.message == "clang-tidy did not get through this file: error: unknown argument: '-x'"


def test_checks_of_the_same_mistake_are_told_once(tree: Tree):
    text = "void f() {}\n"
    tree.write("a.cpp", text)
    path = tree.root / "a.cpp"
    printed = (
        f"{path}:1:6: warning: one [bugprone-use-after-move]\n"
        f"{path}:1:6: warning: two [clang-analyzer-cplusplus.Move]\n"
        f"{path}:1:6: warning: three [bugprone-x,cert-y]\n"
    )
    told = list(clang_tidy.read(job_of(tree, "a.cpp"), [Completed(0, printed.encode(), b"")]))
    assert [each.code for each in told] == ["bugprone-use-after-move", "bugprone-x"]
    assert told[0].href == "https://clang.llvm.org/extra/clang-tidy/checks/bugprone/use-after-move.html"
    assert told[0].span is not None
    assert told[0].span.of(text) == "f"


@needs_clang_tidy
async def test_the_systems_headers_are_found(tree: Tree):
    tree.write(
        "a.c", '#include <stdio.h>\n#include <stddef.h>\nint f(size_t n) { return printf("%zu", n); }\n'
    )
    tree.write(
        "b.cpp",
        "#include <string>\n#include <vector>\nint f(const std::string &s) { return s.size() > 3; }\n",
    )
    assert await found(tree) == []


@needs_clang_tidy
async def test_exact_places_behind_other_letters(tree: Tree):
    text = 'const char *é = "😀"; int f(void) { return /* ünï */ missing; }\r\n'
    tree.write("a.c", text)
    (problem,) = await found(tree)
    assert problem.span is not None
    assert problem.span.of(text) == "missing"
    assert (problem.code, problem.severity) == ("clang-diagnostic-error", Severity.ERROR)


@needs_clang_tidy
async def test_nothing_new_in_the_tree(tree: Tree):
    tree.write("a.c", "#include <stdlib.h>\nint f(char *p) { free(p); return p[0]; }\n")
    tree.write(
        "b.cpp",
        "#include <utility>\n#include <string>\nint g(std::string s) { auto t = "
        "std::move(s); return s.size(); }\n",
    )
    before = listing(tree.root)
    told = codes(await found(tree))
    assert difference(before, listing(tree.root)) == []
    assert "2 clang-analyzer-unix.Malloc" in told
    assert "3 bugprone-use-after-move" in told


@needs_clang_tidy
async def test_one_missing_header_is_one_finding(tree: Tree):
    tree.write("a.cpp", '#include "none.h"\nint f(own x) { return g(x) + missing; }\n')
    assert codes(await found(tree)) == ["1 clang-diagnostic-error"]


@needs_clang_tidy
async def test_a_configuration_is_read_with_trust(tree: Tree):
    """And its flags reach the compiler, which is why it is not read without."""
    tree.write(".clang-tidy", "Checks: '-*,bugprone-integer-division'\nExtraArgs: ['-DPLANTED=1']\n")
    tree.write("a.c", "#ifdef PLANTED\n#error planted\n#endif\nint f(int a) { int unused; return a; }\n")
    assert codes(await found(tree)) == ["4 clang-diagnostic-unused-variable"]
    assert codes(await found(tree, trusted=True))[0] == "2 clang-diagnostic-error"


@needs_clang_tidy
async def test_a_header_by_itself(tree: Tree):
    tree.write("a.h", "#pragma once\n#include <string>\nstruct A { std::string s; int f() { return t; } };\n")
    assert codes(await found(tree, "a.h")) == ["3 clang-diagnostic-error"]
