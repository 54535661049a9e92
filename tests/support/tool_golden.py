"""Golden cases on what a real tool says: the checker runs on all cases at once, and what it printed is kept.

The tool's own output stands in `recorded.raw` beside the cases, with `$ROOT` for the folder: that is what the
quick tests read. Among the thorough ones the tool itself runs where it is here, and the record has to be what
it says; of another version the record is read all the same, and the difference is shown.
"""

from __future__ import annotations

import asyncio
import difflib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from card_golden import GOLDEN, UPDATING, GoldenCase, cases_of

from lsp_debugger.checkers import Checker, Job
from lsp_debugger.checkers.run import run_commands
from lsp_debugger.context.workspace import Workspace
from lsp_debugger.core.ask import Card, Problem
from lsp_debugger.core.text import Snapshot
from lsp_debugger.spawn import Completed
from lsp_debugger.syntax.symbols import SymbolMap
from lsp_debugger.tools import Tool, find_tool

_PART = re.compile(r"^>>> exit (-?\d+), (stdout|stderr)$", re.MULTILINE)
_WORD = re.compile(r"[^\W\d]\w+")


def answers(group: str) -> list[Any]:
    """Parameters of a fixture, for `ToolCases.report`. group: of the tests that share one run."""
    marks = (pytest.mark.thorough, pytest.mark.xdist_group(group))
    return ["recorded", pytest.param("real", marks=marks)]


@dataclass
class Reported:
    """What a checker found in the cases below `root`. here: the tool itself has spoken.

    version: of the tool that the record is from. difference: between the record and what the tool says.
    """

    root: Path
    problems: list[Problem]
    here: bool
    version: str
    difference: str = ""

    def of(self, case: GoldenCase) -> list[Problem]:
        folder = self.root / case.folder
        return [each for each in self.problems if each.path and Path(each.path).is_relative_to(folder)]


@dataclass
class ToolCases:
    """The cases in tests/golden/cards/`folder`, and how their checker is run.

    shared: files that all cases lie under, by path. scrub: takes out of an output what differs from run
    to run. install: what to do where the tool is missing.
    """

    folder: str
    checker: Checker
    shared: dict[str, str] = field(default_factory=dict)
    scrub: Callable[[str], str] = lambda text: text
    install: str = ""

    @property
    def cases(self) -> list[GoldenCase]:
        return cases_of(self.folder)

    def report(self, root: Path, answer: str) -> Reported:
        """Write the cases below `root` and check them. Skips where there is neither tool nor record.

        answer: recorded, or real for the tool's own where it is here.
        """
        root = root.resolve()
        self._write(root)
        tool = self._tool(root)
        asked = answer == "real" or UPDATING
        said = self._run(root, tool) if asked and tool is not None else None
        kept = self._record()
        if said is not None and (UPDATING or kept is None):
            kept = (_version(tool), [self._scrubbed(each, root) for each in said])
            self._keep(*kept)
        if kept is None:
            pytest.skip(f"no {self.checker.name} here: {self.install or self.checker.install}")
        version, outputs = kept
        difference = ""
        if said is not None:
            difference = _difference(outputs, [self._scrubbed(each, root) for each in said])
        # Of another version the golden cards are those of the recorded answer.
        current = said if said is not None and (not difference or version == _version(tool)) else None
        answers = current or [_with_root(each, root) for each in outputs]
        problems = list(self.checker.read(self._job(root, tool), answers))
        return Reported(root, problems, said is not None, version, difference)

    def _write(self, root: Path) -> None:
        for path, text in self.shared.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
        for case in self.cases:
            case.write_files(root / case.folder)

    def _tool(self, root: Path) -> Tool | None:
        found = (find_tool(name, root=root, trusted=True) for name in self.checker.programs)
        return next((tool for tool in found if tool is not None), None)

    def _job(self, root: Path, tool: Tool | None) -> Job:
        workspace = Workspace([root], SymbolMap())
        files = sorted(
            path
            for path in root.rglob("*")
            if path.suffix in self.checker.suffixes or self.checker.takes(path)
        )
        cache = root.parent / f"{root.name}-cache"
        cache.mkdir(exist_ok=True)
        stand_in = tool or Tool(self.checker.programs[0], Path("/") / self.checker.programs[0])
        return Job(stand_in, root, tuple(files), True, root, True, cache, workspace.read)

    def _run(self, root: Path, tool: Tool) -> list[Completed]:
        return asyncio.run(run_commands(self.checker, self._job(root, tool)))

    def _scrubbed(self, done: Completed, root: Path) -> Completed:
        stdout, stderr = (
            self.scrub(part.decode("utf-8", "replace").replace(str(root), "$ROOT")).encode()
            for part in (done.stdout, done.stderr)
        )
        return Completed(done.returncode, stdout, stderr)

    @property
    def _file(self) -> Path:
        return GOLDEN / self.folder / "recorded.raw"

    def _record(self) -> tuple[str, list[Completed]] | None:
        if not self._file.is_file():
            return None
        version, _, body = self._file.read_text(encoding="utf-8").partition("\n")
        parts = _PART.split(body)
        outputs = list[Completed]()
        for at in range(1, len(parts), 6):
            code, _, stdout, _, _, stderr = parts[at : at + 6]
            outputs.append(Completed(int(code), stdout[1:].encode(), stderr[1:].encode()))
        return version, outputs

    def _keep(self, version: str, outputs: Sequence[Completed]) -> None:
        text = version + "\n"
        for done in outputs:
            for name, part in (("stdout", done.stdout), ("stderr", done.stderr)):
                said = part.decode("utf-8")
                text += f">>> exit {done.returncode}, {name}\n{said}"
                text += "" if said.endswith("\n") or not said else "\n"
        self._file.write_text(text, encoding="utf-8")


def check_record(reported: Reported) -> None:
    """The record is what the tool says today."""
    if not reported.here:
        pytest.skip("the tool is not here; its recorded answer was read")
    if reported.difference:
        pytest.fail(
            f"recorded with {reported.version}; UPDATE_GOLDEN=1 records anew\n{reported.difference[:20_000]}"
        )


def names_its_subject(card: Card, problem: Problem, snapshot: Snapshot) -> bool:
    """The first sentence has, in backticks, a name that the tool points at or quotes."""
    pointed = (
        problem.span.of(snapshot.text) if problem.span is not None else snapshot.line_text(problem.line - 1)
    )
    wanted = set(_WORD.findall(pointed)) | set(
        _WORD.findall(" ".join(re.findall(r"[`'\"‘“](.+?)[`'\"’”]", problem.message)))
    )
    shown = " ".join(re.findall(r"`([^`]+)`", card.headline))
    return not wanted or bool(wanted & set(_WORD.findall(shown)))


def _version(tool: Tool | None) -> str:
    return f"{tool.name} {tool.version}" if tool is not None else ""


def _with_root(done: Completed, root: Path) -> Completed:
    return Completed(
        done.returncode,
        done.stdout.replace(b"$ROOT", str(root).encode()),
        done.stderr.replace(b"$ROOT", str(root).encode()),
    )


def _difference(recorded: Sequence[Completed], said: Sequence[Completed]) -> str:
    before, now = (
        [line for done in each for part in (done.stdout, done.stderr) for line in part.decode().splitlines()]
        for each in (recorded, said)
    )
    return "\n".join(difflib.unified_diff(before, now, "recorded", "now", lineterm="", n=1))
