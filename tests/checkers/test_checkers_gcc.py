"""gcc as a checker: what it is started with, what its text means, and what it finds in small projects."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from tripwires import Tree, difference, listing

from lsp_debugger.checkers import clang_tidy, gcc
from lsp_debugger.checkers.c_project import data_flags
from lsp_debugger.checkers.c_text import messages
from lsp_debugger.checkers.checker import Checker, Job
from lsp_debugger.checkers.run import Runner
from lsp_debugger.checkers.twice import told_once
from lsp_debugger.context.workspace import Workspace
from lsp_debugger.core.ask import Problem, Severity
from lsp_debugger.core.errors import ToolFailed
from lsp_debugger.spawn import Completed
from lsp_debugger.syntax.symbols import SymbolMap
from lsp_debugger.tools import Tool, find_tool

needs_gcc = pytest.mark.skipif(find_tool("gcc") is None, reason="no gcc here")
WRONG = "int f(void) { return missing; }\n"


def job_of(tree: Tree, *names: str, trusted: bool = False, whole: bool = False) -> Job:
    tool = Tool("gcc", Path("/nowhere/gcc"))
    files = tuple(tree.root / name for name in names)
    read = Workspace([tree.root], SymbolMap()).read
    return Job(tool, tree.root, files, whole, tree.root, trusted, tree.ours, read)


def runner_of(tree: Tree, *checkers: Checker, trusted: bool = False) -> Runner:
    read = Workspace([tree.root], SymbolMap()).on_disk
    return Runner(tree.root, trusted, lambda _: tree.ours, read, checkers or (gcc.CHECKER,))


async def found(tree: Tree, target: str = "", *, trusted: bool = False) -> list[Problem]:
    (checked,) = await runner_of(tree, trusted=trusted).check(tree.root / target)
    assert not checked.reason, checked.reason
    return list(checked.problems)


def lines(problems: Sequence[Problem], tree: Tree) -> list[str]:
    return [
        f"{Path(str(each.path)).relative_to(tree.root)}:{each.line} {each.code}: {each.message}"
        for each in problems
    ]


def pointed(problem: Problem, text: str) -> str:
    return problem.span.of(text) if problem.span is not None else ""


# --- reading


ODD = [
    "",
    "\n\n",
    "garbage",
    "a.c:1:5: error",
    "a.c:1:5: error: ",
    ":1:1: error: x",
    "a.c:99999999999999999999:1: error: x",
    "a.c:1:5: note: a note with nothing before it",
    "    3 | int x\n      |   ~~^~~",
    "In file included from a.c:1,\n                 from b.c",
    "a.c:5:1:   required from here",
    "a.c:0:0: warning: nowhere [-Wx]",
    "\x00\xff",
    "a.c:1:5: warning: " + "x" * 100_000 + " [-Wx]",
    "a" * 100_000 + ":1:1: error: x",
    "a:" * 50_000 + ":1:1: error: x",
]


@pytest.mark.parametrize("printed", ODD, ids=range(len(ODD)))
def test_odd_text_is_read_or_passed_over(printed: str, tree: Tree):
    tree.write("a.c", "int x;\n")
    for _ in messages(printed):
        pass
    job = job_of(tree, "a.c")
    done = Completed(0, b"", printed.encode("utf-8", "replace"))
    for problem in gcc.read(job, [done, done]):
        assert problem.path is not None
        assert problem.line >= 1


def test_a_message_with_all_its_parts():
    printed = (
        "In file included from /w/a.h:3,\n                 from /w/a.c:1:\n"
        "/w/b.h: In instantiation of ‘int f(T)’:\n"
        "/w/a.c:9:14:   required from ‘int g()’\n"
        "/w/a.c:12:5:   required from here\n"
        "/w/b.h:4:9: warning: unused ‘x’ [CWE-457] [-Wunused-variable]\n"
        "    4 |     int abc = 3;\n      |         ^~~\n"
        "/w/a.c:2:1: note: declared here\n"
        "/w/a.c:7: error: no column\n"
    )
    first, second = messages(printed)
    assert (first.level, first.code, first.spot.text) == ("warning", "-Wunused-variable", "unused ‘x’")
    assert (first.spot.line, first.spot.column, first.width) == (4, 9, 3)
    assert [(spot.path, spot.line) for spot in first.chain] == [("/w/a.c", 9), ("/w/a.c", 12)]
    assert [(spot.path, spot.line) for spot in first.included] == [("/w/a.h", 3), ("/w/a.c", 1)]
    assert [note.text for note in first.notes] == ["declared here"]
    assert (second.spot.line, second.spot.column, second.chain) == (7, 0, ())


def test_columns_are_bytes_and_places_past_the_end_are_none(tree: Tree):
    text = "int é = 1;\r\nint ü, missing;\r\n"
    (tree.root / "a.c").write_bytes(text.encode())
    printed = (
        f"{tree.root}/a.c:2:9: warning: here [-Wx]\n"
        f"{tree.root}/a.c:2:999: warning: past the line [-Wx]\n"
        f"{tree.root}/a.c:999:1: warning: past the file [-Wx]\n"
        f"{tree.root}/gone.c:1:1: warning: gone [-Wx]\n"
    )
    done = Completed(0, b"", printed.encode())
    here, past_line, past_file, gone = gcc.read(job_of(tree, "a.c"), [done])
    assert pointed(here, text) == "missing"
    assert past_line.span is not None
    assert past_line.span.start <= len(text)
    assert (past_file.span, past_file.line) == (None, 999)
    assert gone.span is None


def test_a_run_that_failed_says_so(tree: Tree):
    tree.write("a.c", WRONG)
    tree.write("b.c", WRONG)
    job = job_of(tree, "a.c", "b.c")
    fine = Completed(0, b"", b"")
    killed = Completed(-9, b"", b"cc1: out of memory allocating 65536 bytes\n")
    unknown = Completed(1, b"", b"gcc: error: unrecognized command-line option '-fanalyzer'\n")
    with pytest.raises(ToolFailed, match="out of memory"):
        list(gcc.read(job, [killed] * 4))
    (problem,) = gcc.read(job, [killed, killed, fine, fine])
    assert problem.path == str(tree.root / "a.c")
    assert problem.message == "gcc did not get through this file: it ended with -9"
    # Without an analyzer the warnings are told all the same.
    assert list(gcc.read(job, [fine, unknown, fine, unknown])) == []


def test_files_beyond_the_limit_are_told(tree: Tree, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(gcc, "MAX_FILES", 2)
    for name in ("a.c", "b.c", "c.c"):
        tree.write(name, "int x;\n")
    job = job_of(tree, "a.c", "b.c", "c.c")
    assert len(list(gcc.commands(job))) == 4
    (problem,) = gcc.read(job, [Completed(0, b"", b"")] * 4)
    assert (problem.path, problem.severity) == (str(tree.root / "c.c"), Severity.INFORMATION)
    assert "2 of 3 files" in problem.message


# --- the command line


HARMFUL = [
    "-fplugin=./evil.so", "@flags.txt", "-specs=evil.specs", "-B./bin", "-wrapper", "sh,-c", "-o",
    "/tmp/out",
    "-MF", "deps", "-MD", "-save-temps", "-fdump-tree-all", "-Xclang", "-load", "./evil.so", "-E",
    "--param", "x=1", "-fprofile-use=x", "-I@flags.txt", "-include", "@flags.txt", "-isystem",
    "-fplugin=evil.so", "-std=c11 -fplugin=x", "-dumpdir", "x", "-x", "none", "a.c",
]  # fmt: skip


def test_only_data_is_taken_from_a_compile_command():
    wanted = [
        "-Iinc",
        "-I",
        "/abs",
        "-isystem",
        "sys",
        "-DA=1",
        "-D",
        "B",
        "-UC",
        "-std=c++20",
        "-include",
        "pre.h",
    ]
    assert data_flags([*HARMFUL, *wanted], Path("/w/build")) == [
        "-I/w/build/inc", "-I/abs", "-isystem", "/w/build/sys", "-DA=1", "-DB", "-UC", "-std=c++20",
        "-include", "pre.h",
    ]  # fmt: skip
    assert data_flags(["-I"], Path("/w")) == []
    assert data_flags(["-D", "-fplugin=x"], Path("/w")) == []


@pytest.mark.parametrize("checker", [gcc, clang_tidy], ids=["gcc", "clang-tidy"])
@pytest.mark.parametrize(
    "database",
    [
        "",
        "[",
        "{}",
        "[1, null, {}]",
        '[{"directory": 3, "file": "a.c", "arguments": ["x"]}]',
        '[{"directory": "relative", "file": "a.c", "command": "cc -DX"}]',
        '[{"directory": "/", "file": "a.c", "command": "cc \\"open"}]',
    ],
)
def test_a_broken_database_is_none(checker: object, database: str, tree: Tree):
    tree.write("a.c", WRONG)
    tree.write("compile_commands.json", database)
    assert isinstance(checker, type(gcc))
    assert list(checker.commands(job_of(tree, "a.c", trusted=True)))


@pytest.mark.parametrize("checker", [gcc, clang_tidy], ids=["gcc", "clang-tidy"])
def test_a_database_counts_with_trust_only(checker: object, tree: Tree):
    tree.write("a.c", WRONG)
    tree.write("b.c", WRONG)
    entry = {
        "directory": str(tree.root),
        "file": "a.c",
        "arguments": ["cc", *HARMFUL, "-DFROM_PROJECT", "-c", "a.c"],
    }
    tree.write("build/compile_commands.json", json.dumps([entry]))
    assert isinstance(checker, type(gcc))
    for trusted in (False, True):
        for argv in checker.commands(job_of(tree, "a.c", "b.c", trusted=trusted)):
            assert not [each for each in argv if "plugin" in each or each.startswith("@") or "specs" in each]
            assert ("-DFROM_PROJECT" in argv) is trusted  # a neighbour's flags are better than none


def test_the_folders_of_a_project_never_hide_the_systems_headers(tree: Tree):
    tree.write("lib/src/a.c", WRONG)
    (tree.root / "include").mkdir()
    argv = next(iter(gcc.commands(job_of(tree, "lib/src/a.c"))))
    assert f"-I{tree.root}/include" in argv
    assert argv[argv.index("-iquote") + 1] == f"{tree.root}/lib/src"
    assert f"-I{tree.root}" not in argv


def test_headers_are_read_alone_only_when_asked_for(tree: Tree):
    for name in ("a.h", "b.c"):
        tree.write(name, "int x;\n")
    both = list(gcc.commands(job_of(tree, "a.h", "b.c")))
    assert {argv[-1] for argv in both} == {str(tree.root / "b.c")}
    (alone,) = gcc.commands(job_of(tree, "a.h"))
    assert "-fsyntax-only" in alone
    assert alone[-2:] == ["c-header", str(tree.root / "a.h")]
    tree.write("a.h", "class A;\n")
    (alone,) = gcc.commands(job_of(tree, "a.h"))
    assert alone[-2] == "c++-header"
    assert list(gcc.commands(job_of(tree, "a.h", whole=True))) == []


# --- the real one


@needs_gcc
async def test_exact_places_behind_other_letters(tree: Tree):
    text = 'const char *é = "😀"; int f(void) { return /* ünï */ missing; }\n'
    tree.write("a.c", text)
    (problem,) = await found(tree)
    assert pointed(problem, text) == "missing"
    assert (problem.code, problem.severity, problem.source) == ("error", Severity.ERROR, "gcc")


@needs_gcc
async def test_nothing_new_in_the_tree(tree: Tree):
    tree.write("a.c", WRONG)
    tree.write("b.c", "#include <stdlib.h>\nint g(void) { int *p = malloc(4); return p ? 1 : 0; }\n")
    tree.write("c.cpp", "#include <string>\nint h(std::string s) { return s.sizes(); }\n")
    tree.write("d.h", "#pragma once\nint k(unknown x);\n")
    before = listing(tree.root)
    problems = await found(tree) + await found(tree, "d.h")
    assert difference(before, listing(tree.root)) == []
    assert {Path(str(each.path)).name for each in problems} == {"a.c", "b.c", "c.cpp", "d.h"}
    assert not [each for each in problems if "pragma once" in each.message]


@needs_gcc
async def test_a_precompiled_header_in_the_tree_is_not_loaded(tree: Tree):
    tree.write("a.h", "int from_the_binary(void);\n")
    tree.write("a.c", '#include "a.h"\nint f(void) { return from_the_binary() + from_the_text(); }\n')
    tree.by_hand("gcc", "a.h", "-o", "a.h.gch", cwd=tree.root)
    assert (tree.root / "a.h.gch").is_file()
    tree.write("a.h", "int from_the_text(void);\n")
    loaded = tree.by_hand("gcc", "-S", "-o", "/dev/null", "a.c", cwd=tree.root)
    assert "from_the_text" in loaded, "gcc itself takes the precompiled one"
    told = lines(await found(tree), tree)
    assert len(told) == 1
    assert "from_the_binary" in told[0]


@needs_gcc
async def test_one_missing_header_is_one_finding(tree: Tree):
    tree.write("a.c", '#include "none.h"\n#include <alsonone.h>\nint f(own x) { return g(x) + missing; }\n')
    assert lines(await found(tree), tree) == ["a.c:1 error: none.h: No such file or directory"]


@needs_gcc
async def test_a_headers_error_is_told_at_its_include_when_the_file_is_asked_for(tree: Tree):
    tree.write("a.h", "int f(unknown x);\n")
    tree.write("a.c", '#include "a.h"\n')
    assert [line.partition(": ")[0] for line in lines(await found(tree), tree)] == ["a.h:1 error"]
    (problem,) = await found(tree, "a.c")
    assert (problem.path, problem.line) == (str(tree.root / "a.c"), 1)
    assert [(place.path, place.line) for place in problem.related] == [(str(tree.root / "a.h"), 1)]


@needs_gcc
async def test_a_librarys_error_is_told_at_the_users_line(tree: Tree):
    body = "void f(std::list<int> &a) { std::sort(a.begin(), a.end()); }\n"
    tree.write("a.cpp", f"#include <algorithm>\n#include <list>\n{body}")
    problems = await found(tree)
    assert [(each.line, each.path) for each in problems] == [(3, str(tree.root / "a.cpp"))]


@needs_gcc
async def test_a_path_is_its_events(tree: Tree):
    text = (
        "#include <stdlib.h>\nvoid f(int n) {\n  char *p = malloc(n);\n  if (n > 3) free(p);\n  free(p);\n}\n"
    )
    tree.write("a.c", text)
    (problem,) = await found(tree)
    assert (problem.code, problem.line) == ("-Wanalyzer-double-free", 5)
    assert {place.line for place in problem.related} == {3, 4}
    assert all(place.path == str(tree.root / "a.c") for place in problem.related)


@needs_gcc
async def test_gcc_and_clang_tidy_tell_one_mistake_once(tree: Tree):
    if find_tool("clang-tidy") is None:
        pytest.skip("no clang-tidy here")
    tree.write(
        "a.c", "int f(int a) {\n    int unused = 3;\n    int n;\n    if (a) n = 1;\n    return n;\n}\n"
    )
    tree.write("b.c", "int g(void) {\n    return missing\n}\n")
    tree.write("c.c", "#include <stdlib.h>\nint h(char *p) {\n    free(p);\n    return p[0];\n}\n")
    checked = await runner_of(tree, gcc.CHECKER, clang_tidy.CHECKER).check(tree.root)
    assert [each.reason for each in checked] == ["", ""]
    told = [line for each in told_once(checked) for line in lines(each.problems, tree)]
    assert len([line for line in told if line.startswith("a.c:2")]) == 1
    assert len([line for line in told if line.startswith("c.c:4")]) == 1
    assert {each.source for each in checked[0].problems} == {"gcc"}
    assert not [each for each in checked[1].problems if each.code == "clang-diagnostic-error"]


@needs_gcc
@pytest.mark.skipif(sys.platform != "linux", reason="limits hold on Linux")
async def test_a_file_that_never_ends_costs_its_limit_only(tree: Tree):
    tens = "".join(f"#define T{n + 1} {' '.join([f'T{n}'] * 10)}\n" for n in range(8))
    tree.write("a.c", f"#define T0 1,\n{tens}int a[] = {{ T8 }};\n")
    tree.write("b.c", WRONG)
    limited = replace(gcc.CHECKER, memory_bytes=256 * 1024 * 1024)
    (checked,) = await runner_of(tree, limited).check(tree.root)
    told = lines(checked.problems, tree)
    assert [line for line in told if line.startswith("b.c:1 error")]
    assert [line for line in told if line.startswith("a.c:1 : gcc did not get through this file")]
