"""A small Go module on disk, and the job in which a checker looks at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from lsp_debugger.checkers.checker import Checked, Checker, Job
from lsp_debugger.checkers.go_environment import environment
from lsp_debugger.checkers.run import Runner
from lsp_debugger.context.workspace import Workspace
from lsp_debugger.core.ask import Problem
from lsp_debugger.spawn import Completed
from lsp_debugger.syntax.symbols import SymbolMap
from lsp_debugger.tools import Tool

MODULE = "module example.com/shop\n\ngo 1.24\n"


class Module:
    """root: its folder. kept: caches, outside of it. build: what was compiled of Go's own library."""

    def __init__(self, folder: Path, build: Path) -> None:
        self.root, self.kept, self.build = folder / "shop", folder / "kept", build
        self.root.mkdir()
        self.kept.mkdir()
        self.write("go.mod", MODULE)

    def write(self, name: str, text: str, newline: str = "\n") -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline=newline)
        return path

    def job(self, *names: str, trusted: bool = False, whole: bool = True) -> Job:
        read = Workspace([self.root], SymbolMap()).on_disk
        files = tuple(self.root / name for name in names)
        tool = Tool("go", Path("/nowhere/go"))
        return Job(tool, self.root, files, whole, self.root, trusted, self.kept, read)

    async def checked(self, *checkers: Checker, target: str = "", trusted: bool = False) -> list[Checked]:
        quick = [
            replace(each, environment=lambda job: {**environment(job), "GOCACHE": str(self.build)})
            for each in checkers
        ]
        read = Workspace([self.root], SymbolMap()).on_disk
        runner = Runner(self.root, trusted, lambda _: self.kept, read, quick)
        return await runner.check(self.root / target, [each.name for each in quick])

    async def found(self, *checkers: Checker, target: str = "") -> list[Problem]:
        done = await self.checked(*checkers, target=target)
        assert not any(each.reason for each in done), done
        return [problem for each in done for problem in each.problems]

    def pointed(self, problem: Problem) -> str:
        """The text that a problem points at."""
        text = Path(str(problem.path)).read_bytes().decode("utf-8")
        assert problem.span is not None
        return problem.span.of(text)


def module_of(tmp_path: Path, request: pytest.FixtureRequest) -> Module:
    assert request.config.cache is not None
    return Module(tmp_path, request.config.cache.mkdir("go-build"))


def printed(stdout: str = "", stderr: str = "", code: int = 0) -> Completed:
    return Completed(code, stdout.encode(), stderr.encode())


def told(problems: Sequence[Problem]) -> list[str]:
    return [f"{Path(str(each.path)).name}:{each.line} {each.code or each.source}" for each in problems]
