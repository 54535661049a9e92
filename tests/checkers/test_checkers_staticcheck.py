"""staticcheck as a checker: its own findings, and the compiler's in its words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from go_job import Module, module_of, printed, told
from tripwires import difference, listing

from lsp_debugger.checkers import go_vet, staticcheck
from lsp_debugger.core.ask import Severity
from lsp_debugger.core.errors import ToolFailed
from lsp_debugger.tools import find_tool

needs_staticcheck = pytest.mark.skipif(
    find_tool("staticcheck") is None or find_tool("go") is None, reason="no staticcheck here"
)
pytestmark = [pytest.mark.xdist_group("go"), pytest.mark.timeout(300)]
_TEXT = 'package a\n\nfunc F(größe bool) bool { println("größe"); return größe == true }\n'


@pytest.fixture
def module(tmp_path: Path, request: pytest.FixtureRequest) -> Module:
    return module_of(tmp_path, request)


def finding(code: str, line: int = 3, column: int = 1, **more: Any) -> str:
    place = {"file": "a.go", "line": line, "column": column}
    return (
        json.dumps(
            {"code": code, "severity": "error", "location": place, "end": place, "message": "m", **more}
        )
        + "\n"
    )


def test_command(module: Module):
    assert list(staticcheck.commands(module.job("a.go"))) == [["/nowhere/go", "-f", "json", "./..."]]


def test_only_mistakes_are_warnings(module: Module):
    module.write("a.go", _TEXT)
    output = finding("SA4006") + finding("S1002") + finding("ST1005")
    problems = list(staticcheck.read(module.job(), [printed(output, code=1)]))
    assert [each.severity for each in problems] == [
        Severity.WARNING,
        Severity.INFORMATION,
        Severity.INFORMATION,
    ]
    assert problems[0].href == "https://staticcheck.dev/docs/checks/#SA4006"


def test_related_places(module: Module):
    module.write("a.go", _TEXT)
    other = {"location": {"file": str(module.root / "b.go"), "line": 7, "column": 1}, "message": "see"}
    (problem,) = staticcheck.read(module.job(), [printed(finding("SA5011", related=[other]))])
    assert [(place.path, place.line, place.note) for place in problem.related] == [
        (str(module.root / "b.go"), 7, "see")
    ]


def test_errors_of_the_compiler_are_taken_apart(module: Module):
    module.write("a/a.go", "package a\n")
    nowhere = {"file": "", "line": 0, "column": 0}
    many = "too many arguments\n\thave ()\n\twant (int)"
    said = f"# example.com/shop/a\na/a.go:1:1: undefined: x\na/a.go:1:2: {many}"
    output = finding("compile", location=nowhere, end=nowhere, message=said)
    problems = list(staticcheck.read(module.job(), [printed(output, code=1)]))
    assert [each.message for each in problems] == [
        "undefined: x",
        "too many arguments\n\thave ()\n\twant (int)",
    ]
    place = {"file": "a/a.go", "line": 3, "column": 8}
    missing = "no required module provides package example.org/x"
    (problem,) = staticcheck.read(
        module.job(), [printed(finding("compile", location=place, message=missing))]
    )
    assert (problem.code, problem.line) == ("BrokenImport", 3)


def test_offline_modules_are_left_to_vet(module: Module):
    output = finding("compile", message="module lookup disabled by GOPROXY=off")
    assert list(staticcheck.read(module.job(), [printed(output, code=1)])) == []


@pytest.mark.parametrize("output", ['{"code": "SA1"}\n', '{"code": "SA1", "location": []}\n', '{"new": 1}\n'])
def test_broken_output(module: Module, output: str):
    with pytest.raises(ToolFailed):
        list(staticcheck.read(module.job(), [printed(output)]))


@pytest.mark.parametrize("output", ["", "\n", "not json\n", '{"code": "SA1', "[1]\n"])
def test_lines_that_are_no_findings(module: Module, output: str):
    assert list(staticcheck.read(module.job(), [printed(output)])) == []


def test_a_project_that_cannot_be_loaded(module: Module):
    said = "err: exit status 1: stderr: go: errors parsing go.mod:\n"
    with pytest.raises(ToolFailed, match=r"errors parsing go\.mod"):
        list(staticcheck.read(module.job(), [printed("", said, 1)]))


def test_nothing_is_said_where_it_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(staticcheck, "find_tool", lambda _name: None)
    assert not staticcheck.is_wanted(tmp_path)


@needs_staticcheck
async def test_exact_places_and_an_unchanged_tree(module: Module):
    module.write("a.go", _TEXT)
    module.write("b/b.go", 'package b\n\nimport "fmt"\n\nfunc F() { fmt.Printf("%d", "x") }\n')
    module.write("staticcheck.conf", 'checks = ["all"]\n')
    before = listing(module.root)
    done = await module.checked(go_vet.CHECKER, staticcheck.CHECKER)
    assert difference(before, listing(module.root)) == []
    vet, own = (list(each.problems) for each in done)
    assert told(vet) == ["b.go:5 printf"]
    assert "b.go:5 SA5009" not in told(own), "that is what vet has told"
    (simple,) = [each for each in own if each.code == "S1002"]
    assert module.pointed(simple) == "größe == true"
