"""go vet as a checker: what it may do, what its two kinds of output mean, and what it finds."""

from __future__ import annotations

import json
import os
import subprocess  # noqa: TID251 - a control runs go as its user would
from pathlib import Path
from typing import Any

import pytest
from go_job import Module, module_of, printed, told
from tripwires import difference, listing

from lsp_debugger.checkers import go_vet
from lsp_debugger.checkers.go_environment import environment
from lsp_debugger.checkers.go_lines import told_in
from lsp_debugger.core.ask import Severity
from lsp_debugger.core.errors import ToolFailed
from lsp_debugger.tools import find_tool

needs_go = pytest.mark.skipif(find_tool("go") is None, reason="no go here")
pytestmark = [pytest.mark.xdist_group("go"), pytest.mark.timeout(300)]
_PRINT = 'package a\n\nimport "fmt"\n\nfunc F(größe string) {\n\tfmt.Printf("größe 😀 %d\\n", größe)\n}\n'


@pytest.fixture
def module(tmp_path: Path, request: pytest.FixtureRequest) -> Module:
    return module_of(tmp_path, request)


def finding(**more: Any) -> dict[str, Any]:
    return {"posn": "a.go:6:24", "end": "a.go:6:26", "message": "wrong", **more}


def report(*findings: dict[str, Any]) -> str:
    return json.dumps({"example.com/shop": {"printf": list(findings)}}, indent="\t")


# --- commands and environment


def test_packages_are_named_not_files(module: Module):
    assert list(go_vet.commands(module.job("a.go"))) == [["/nowhere/go", "vet", "-json", "./..."]]
    job = module.job("a.go", "b/c.go", "b/d.go", whole=False)
    assert list(go_vet.commands(job)) == [["/nowhere/go", "vet", "-json", "./.", "./b"]]


def test_without_trust_there_is_no_cgo(module: Module):
    assert environment(module.job())["CGO_ENABLED"] == "0"
    assert "CGO_ENABLED" not in environment(module.job(trusted=True))


@pytest.mark.parametrize("trusted", [False, True])
def test_nothing_is_downloaded_and_nobody_elses_flags_count(
    module: Module, monkeypatch: pytest.MonkeyPatch, trusted: bool
):
    monkeypatch.setenv("GOFLAGS", "-toolexec=/bin/evil")
    monkeypatch.setenv("GOPROXY", "direct")
    monkeypatch.setenv("GOTOOLCHAIN", "auto")
    monkeypatch.setenv("GOPACKAGESDRIVER", "/bin/evil")
    found = environment(module.job(trusted=trusted))
    assert found["GOFLAGS"] == "-buildvcs=false"
    assert (found["GOPROXY"], found["GOTOOLCHAIN"], found["GOPACKAGESDRIVER"]) == ("off", "local", "off")
    assert (found["GOVCS"], found["GONOPROXY"], found["GOSUMDB"]) == ("*:off", "none", "off")
    for name in ("GOCACHE", "GOPLSCACHE", "STATICCHECK_CACHE"):
        assert Path(found[name]).is_relative_to(module.kept)


def test_the_users_own_places_are_kept(module: Module, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("GOPATH", os.pathsep.join([str(tmp_path / "go"), str(tmp_path / "more")]))
    monkeypatch.setenv("GOMODCACHE", "relative/place")
    monkeypatch.setenv("GOWORK", "off")
    monkeypatch.setenv("GOROOT", str(module.root / "goroot"))
    monkeypatch.setenv("GOENV", str(module.root / "env"))
    found = environment(module.job())
    assert found["GOPATH"].startswith(str(tmp_path / "go"))
    assert found["GOWORK"] == "off"
    assert "GOMODCACHE" not in found
    assert "GOROOT" not in found, "its tools would be run out of the tree"
    assert found.get("GOENV") != str(module.root / "env")
    assert environment(module.job(trusted=True))["GOROOT"] == str(module.root / "goroot")


# --- reading


def test_spans_are_bytes_in_the_output(module: Module):
    module.write("a.go", _PRINT)
    line = _PRINT.splitlines()[5].encode()
    column = line.index(b"%d") + 1
    output = report(finding(posn=f"{module.root}/a.go:6:{column}", end=f"{module.root}/a.go:6:{column + 2}"))
    (problem,) = go_vet.read(module.job(), [printed(output)])
    assert module.pointed(problem) == "%d"
    assert (problem.source, problem.code, problem.severity) == ("go vet", "printf", Severity.WARNING)
    assert problem.href == "https://pkg.go.dev/golang.org/x/tools/go/analysis/passes/printf"


def test_older_versions_print_findings_among_the_errors(module: Module):
    module.write("a.go", _PRINT)
    output = f"# example.com/shop\n{report(finding(end=None))}\n# other\nvet: ./a.go:1:1: undefined: x\n"
    assert told(list(go_vet.read(module.job(), [printed("", output)]))) == [
        "a.go:1 compiler",
        "a.go:6 printf",
    ]


def test_a_package_and_its_tests_tell_a_finding_once(module: Module):
    module.write("a.go", _PRINT)
    output = report(finding()) + "\n" + report(finding())
    assert len(list(go_vet.read(module.job(), [printed(output)]))) == 1


def test_windows_line_ends(module: Module):
    module.write("a.go", _PRINT, newline="\r\n")
    column = _PRINT.splitlines()[5].encode().index(b"%d") + 1
    output = report(finding(posn=f"a.go:6:{column}", end=f"a.go:6:{column + 2}"))
    (problem,) = go_vet.read(module.job(), [printed(output)])
    assert module.pointed(problem) == "%d"


@pytest.mark.parametrize("place", ["a.go:9999:1", "a.go:1:9999", "gone.go:3:1", "a.go:0:0"])
def test_places_that_are_not_there(module: Module, place: str):
    module.write("a.go", _PRINT)
    (problem,) = go_vet.read(module.job(), [printed(report(finding(posn=place, end=place)))])
    assert problem.line >= 1
    assert problem.span is None or problem.span.end <= len(_PRINT)


@pytest.mark.parametrize(
    "output",
    [
        '{"p": {"printf": [{"posn": "a.go:1:1"}]}}',
        '{"p": {"printf": [{"posn": "a.go", "message": "x"}]}}',
        '{"p": {"printf": [{"posn": 3, "message": "x"}]}}',
        '{"p": [1]}',
        '{"p": {"printf": [{"posn": "a.go:1:1", "mess',
        "{" * 50_000,
    ],
)
def test_broken_output_is_a_tool_that_failed(module: Module, output: str):
    with pytest.raises(ToolFailed):
        list(go_vet.read(module.job(), [printed(output)]))


@pytest.mark.parametrize(
    "output", ["", "{}", '{"p": {}}', '{"p": {"printf": {"error": "x"}}, "new": {"a": []}}']
)
def test_nothing_found(module: Module, output: str):
    assert list(go_vet.read(module.job(), [printed(output)])) == []


def test_unknown_keys_are_passed_over(module: Module):
    module.write("a.go", _PRINT)
    output = report(finding(related=[{"posn": "b.go:1:1"}], suggested_fixes=[], new={"a": 1}))
    assert told(list(go_vet.read(module.job(), [printed(output)]))) == ["a.go:6 printf"]


def test_errors_of_the_compiler(module: Module):
    module.write("a.go", _PRINT)
    said = (
        "# example.com/shop\nvet: ./a.go:3:8: expected ')', found '{' (and 3 more errors)\n"
        "a.go:6:2: too many arguments in call to F\n\thave (string)\n\twant ()\n"
        "/usr/lib/go/src/fmt/print.go:1:1: undefined: y\n../other/b.go:1:1: undefined: z\n"
    )
    first, second = go_vet.read(module.job(), [printed("", said, 1)])
    assert (first.message, first.source, first.code) == ("expected ')', found '{'", "syntax", "syntax")
    assert second.message == "too many arguments in call to F\n\thave (string)\n\twant ()"
    assert (second.source, second.code, second.severity) == ("compiler", "", Severity.ERROR)


def test_a_missing_package_is_told_once(module: Module):
    said = "".join(
        f"a{n}.go:3:8: no required module provides package example.org/x; to add it:\n\tgo get x\n"
        for n in range(200)
    )
    assert told(list(go_vet.read(module.job(), [printed("", said, 1)]))) == ["a0.go:3 BrokenImport"]


def test_missing_modules_are_one_line(module: Module):
    said = "go: downloading example.org/lib v1.0.0\ngo: downloading example.org/b v2.0.0\n" + "".join(
        f"a{n}.go:3:8: module lookup disabled by GOPROXY=off\n" for n in range(200)
    )
    with pytest.raises(
        ToolFailed, match=r"not downloaded yet: example.org/lib v1.0.0, example.org/b v2.0.0$"
    ):
        list(go_vet.read(module.job(), [printed("", said, 1)]))


@pytest.mark.parametrize(
    "text", ["a:" * 100_000, "x" * 1_000_000, "a.go:1:1: " + "\n\t" * 50_000, "\t\n- \n: - :\n"]
)
def test_long_text_is_no_trouble(text: str):
    assert len(list(told_in(text))) <= 1


# --- the real tool


def by_hand(module: Module, *argv: str, **env: str) -> None:
    """As its user would, to see that a trap can spring."""
    subprocess.run(argv, cwd=module.root, env={**os.environ, **env}, check=False, capture_output=True)


@needs_go
async def test_findings_at_exact_places_and_an_unchanged_tree(module: Module):
    module.write("a/a.go", _PRINT)
    module.write("c/c.go", "package c\n")
    module.write("c/c_test.go", 'package c\n\nimport "testing"\n\nfunc TestF(t *testing.T) { F(1) }\n')
    module.write("b/b.go", "package b\n\nfunc G() int {\n}\n")
    before = listing(module.root)
    problems = await module.found(go_vet.CHECKER)
    assert difference(before, listing(module.root)) == []
    assert told(problems) == ["a.go:6 printf", "b.go:4 compiler", "c_test.go:5 compiler"]
    assert module.pointed(problems[0]) == "%d"
    assert told(await module.found(go_vet.CHECKER, target="b/b.go")) == ["b.go:4 compiler"]


@needs_go
async def test_a_module_that_is_not_there(module: Module, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """It is said in one line, and nobody is asked for it: neither a proxy nor, through GOPRIVATE, git."""
    asked = tmp_path / "asked"
    (tmp_path / "bin").mkdir()
    git = tmp_path / "bin" / "git"
    git.write_text(f"#!/bin/sh\necho \"$*\" >> '{asked}'\nexit 1\n", encoding="utf-8")
    git.chmod(0o755)
    monkeypatch.setenv("PATH", f"{git.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("GOPRIVATE", "example.org")
    monkeypatch.setenv("GOMODCACHE", str(tmp_path / "mod"))
    module.write("go.mod", "module example.com/shop\n\ngo 1.24\n\nrequire example.org/lib.git v1.0.0\n")
    sums = "example.org/lib.git v1.0.0 h1:FEBLx1zS214owpjy7qsBeixbURkuhQAwrK5UwLGTwt4=\n"
    module.write("go.sum", sums + sums.replace("v1.0.0 ", "v1.0.0/go.mod "))
    for name in "abc":
        module.write(
            f"{name}/{name}.go", f'package {name}\n\nimport "example.org/lib.git"\n\nvar X = lib.X\n'
        )
    (done,) = await module.checked(go_vet.CHECKER)
    assert done.broken
    assert "example.org/lib.git" in done.reason
    assert "\n" not in done.reason
    assert "download" in done.hint
    assert not asked.exists()
    by_hand(module, "go", "vet", "./...", GOFLAGS="", GOPROXY="off", GOCACHE=str(module.build))
    assert "example.org" in asked.read_text(encoding="utf-8"), "the trap is a dud"


@needs_go
async def test_another_toolchain_is_refused(module: Module):
    module.write("go.mod", "module example.com/shop\n\ngo 1.99\n\ntoolchain go1.99.1\n")
    module.write("a.go", "package a\n")
    (done,) = await module.checked(go_vet.CHECKER)
    assert "requires go >= 1.99" in done.reason
    assert "install that version of Go" in done.hint


@needs_go
async def test_an_empty_module_is_no_failure(module: Module):
    module.write("a.go", "//go:build ignore\n\npackage a\n")
    assert await module.found(go_vet.CHECKER) == []
    assert await module.found(go_vet.CHECKER, target="a.go") == []


@needs_go
async def test_the_vendor_folder_is_taken(module: Module):
    """`-mod=readonly` would pass it by, and every import of another module would be missing."""
    module.write("go.mod", "module example.com/shop\n\ngo 1.24\n\nrequire example.org/lib v1.0.0\n")
    module.write("vendor/modules.txt", "# example.org/lib v1.0.0\n## explicit\nexample.org/lib\n")
    module.write("vendor/example.org/lib/lib.go", "package lib\n\nfunc F(a int) {}\n")
    module.write("a.go", 'package a\n\nimport "example.org/lib"\n\nfunc G() { lib.F("x") }\n')
    problems = await module.found(go_vet.CHECKER)
    assert told(problems) == ["a.go:5 compiler"]


@needs_go
async def test_nothing_of_the_repository_is_run(
    module: Module, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    """cgo with a compiler of the tree, `go:generate`, a `tool`, assembly, settings of go, a workspace."""
    marks = tmp_path / "marks"
    marks.mkdir()
    evil = module.write("evil.sh", f"#!/bin/sh\n: > '{marks}/'$(basename \"$1\" 2>/dev/null)x\nexit 0\n")
    evil.chmod(0o755)
    module.write("go.mod", "module example.com/shop\n\ngo 1.24\n\ntool example.com/shop/tool\n")
    module.write(
        "tool/main.go", f'package main\n\nimport "os"\n\nfunc main() {{ os.Create("{marks}/tool") }}\n'
    )
    module.write(
        "c/c.go",
        f"package c\n\n// #cgo CFLAGS: -B{module.root}\n// #cgo pkg-config: x\n// int f() {{ return 1; }}\n"
        'import "C"\n\nfunc F() { C.f() }\n',
    )
    module.write("g/g.go", f"package g\n\n//go:generate {evil}\n\nfunc F(x int) {{ x = x }}\n")
    module.write("s/s.go", "package s\n\nfunc Add(a, b int) int\n")
    module.write("s/s_amd64.s", "TEXT ·Add(SB),0,$0\n\tRET\n")
    module.write("env", f"GOFLAGS=-toolexec={evil}\nCC={evil}\nCXX={evil}\nPKG_CONFIG={evil}\n")
    module.write("go.work", "go 1.24\n\nuse .\n")
    monkeypatch.setenv("GOENV", str(module.root / "env"))
    monkeypatch.setenv("CC", str(evil))
    monkeypatch.setenv("PKG_CONFIG", str(evil))
    monkeypatch.setenv("GOFLAGS", f"-toolexec={evil}")
    before = listing(module.root)
    problems = await module.found(go_vet.CHECKER)
    assert list(marks.iterdir()) == []
    assert difference(before, listing(module.root)) == []
    assert "g.go:5 assign" in told(problems), "it did look at the rest"
    by_hand(module, "go", "vet", "./...", GOCACHE=str(tmp_path / "other"))
    assert list(marks.iterdir()), "the trap is a dud"
