"""gopls as a checker: severities, related places, and what is told by `go vet` too."""

from __future__ import annotations

from pathlib import Path

import pytest
from go_job import Module, module_of, printed, told
from tripwires import difference, listing

from lsp_debugger.checkers import go_vet, gopls
from lsp_debugger.core.ask import Severity
from lsp_debugger.core.errors import ToolFailed
from lsp_debugger.tools import find_tool

needs_gopls = pytest.mark.skipif(
    find_tool("gopls") is None or find_tool("go") is None, reason="no gopls here"
)
pytestmark = [pytest.mark.xdist_group("go"), pytest.mark.timeout(300)]


@pytest.fixture
def module(tmp_path: Path, request: pytest.FixtureRequest) -> Module:
    return module_of(tmp_path, request)


def test_errors_are_asked_for_alone(module: Module):
    first, second = gopls.commands(module.job("a.go", "b/b.go"))
    assert first[1:3] == ["check", "-severity=error"]
    assert second[1:3] == ["check", "-severity=warning"]
    assert first[3:] == second[3:] == [str(module.root / "a.go"), str(module.root / "b/b.go")]


def test_so_many_files_that_no_program_could_be_started(module: Module):
    names = [f"{'x' * 200}{number}.go" for number in range(20_000)]
    for command in gopls.commands(module.job(*names)):
        assert sum(len(each) + 1 for each in command) < 600_000


def test_what_only_the_second_says_is_a_warning(module: Module):
    module.write("a.go", "package a\n\nfunc f() { größe := 1; x() }\n")
    error = f"{module.root}/a.go:3:26-27: undefined: x\n"
    warning = f"{module.root}/a.go:3:1-2: unreachable code\n"
    problems = list(gopls.read(module.job(), [printed(error), printed(error + warning)]))
    assert [(each.message, each.severity, each.source) for each in problems] == [
        ("undefined: x", Severity.ERROR, "compiler"),
        ("unreachable code", Severity.WARNING, "gopls"),
    ]
    assert module.pointed(problems[0]) == "x"


def test_a_private_name_that_is_told_in_other_words_the_second_time_is_told_once(module: Module):
    module.write("a.go", "package a\n\nvar X = store.limit\n")
    place = f"{module.root}/a.go:3:15-20:"
    said = [f"{place} undefined: store.limit\n", f"{place} name limit not exported by package store\n"]
    for first, second in (said, said[::-1]):
        problems = list(gopls.read(module.job(), [printed(first), printed(second)]))
        assert [each.message for each in problems] == [first.removeprefix(place).strip()]


def test_related_places_belong_to_the_finding_above(module: Module):
    module.write("a.go", "package a\n\nvar X = 1\n")
    module.write("b.go", "package a\n\nvar X = 2\n")
    said = (
        f"{module.root}/a.go:3:5-6: X redeclared in this block (this error: other declaration of X)\n"
        f"{module.root}/b.go:3:5-6: - \n"
        f"{module.root}/b.go:3:5-6: X redeclared in this block\n"
        f"{module.root}/a.go:3:5-6: - other declaration of X\n"
    )
    (problem,) = gopls.read(module.job(), [printed(said), printed(said)])
    assert told([problem]) == ["b.go:3 compiler"]
    (place,) = problem.related
    assert (place.path, place.line, place.note) == (str(module.root / "a.go"), 3, "other declaration of X")


def test_ends_on_another_line_and_lines_without_a_column(module: Module):
    text = "package a\n\nfunc f() {\n\tx(\n\t\t1)\n}\n"
    module.write("a.go", text)
    said = f"{module.root}/a.go:4:2-5:5: whole call\n{module.root}/a.go:7: expected ';', found 'EOF'\n"
    first, second = gopls.read(module.job(), [printed(said)])
    assert module.pointed(first) == "x(\n\t\t1)"
    assert (second.line, second.code) == (7, "syntax")


def test_imports_of_modules_that_were_not_downloaded_are_left_to_vet(module: Module):
    module.write("go.mod", "module example.com/shop\n\ngo 1.24\n\nrequire (\n\texample.org/lib v1.0.0\n)\n")
    said = "".join(
        f"{module.root}/a{n}.go:3:8-20: could not import {path} (no required module provides package)\n"
        for n, path in enumerate(["example.org/lib/x", "example.org/library", "example.org/library"])
    )
    assert told(list(gopls.read(module.job(), [printed(said)]))) == ["a1.go:3 BrokenImport"]


def test_a_project_that_cannot_be_loaded(module: Module):
    said = (
        "2026/01/01 Error: packages.Load error: err: exit status 1: stderr: "
        "go: go.mod requires go >= 1.99 (running go 1.26; GOTOOLCHAIN=local)\n"
    )
    with pytest.raises(ToolFailed, match=r"gopls: go: go.mod requires go >= 1\.99"):
        list(gopls.read(module.job(), [printed("", said), printed("", said)]))


@pytest.mark.parametrize("text", ["", "\n", "a.go", "a.go:x:1: y", "\x00\xff", "- \n- ", "a.go:1:1-0: - "])
def test_odd_lines(module: Module, text: str):
    for problem in gopls.read(module.job(), [printed(text), printed(text)]):
        assert problem.message is not None


@needs_gopls
async def test_told_once_and_an_unchanged_tree(module: Module):
    module.write("go.mod", "module example.com/shop\n\ngo 1.24\n")
    module.write(
        "a/a.go", 'package a\n\nfunc F() int {\n\tgröße := 1\n\tundefinedName("größe")\n\treturn missing\n}\n'
    )
    module.write("b/b.go", 'package b\n\nimport "example.org/none"\n\nvar X = none.X\n')
    module.write("c/c.go", "package c\n\nfunc F() {\n\treturn\n\tprintln()\n}\n")
    before = listing(module.root)
    done = await module.checked(go_vet.CHECKER, gopls.CHECKER)
    assert difference(before, listing(module.root)) == []
    vet, server = (list(each.problems) for each in done)
    assert told(vet) == ["b.go:3 BrokenImport"], "a missing package ends `go vet`"
    assert told(server) == ["a.go:4 compiler", "a.go:5 compiler", "a.go:6 compiler", "c.go:5 gopls"]
    assert [module.pointed(each) for each in server[:3]] == ["größe", "undefinedName", "missing"]
