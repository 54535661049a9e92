"""Failing tests: what makes one fail, and a new one for a problem, written by a model and run."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from lsp_debugger.context.workspace import Workspace
from lsp_debugger.core.ask import Ask, Card, Place, Problem, ProblemKind
from lsp_debugger.core.material import Context, Fragment, FragmentKind
from lsp_debugger.core.model import Sampling
from lsp_debugger.core.text import Snapshot, Span
from lsp_debugger.syntax.tree import parse_view

if TYPE_CHECKING:
    from lsp_debugger.core.events import Phase
    from lsp_debugger.fixing import Fixes
    from lsp_debugger.syntax.outline import Named
    from lsp_debugger.verify.failing_test import Expected, TestWriting
    from lsp_debugger.verify.pytest_runs import Failure
    from lsp_debugger.verify.reduction import Reduced
    from lsp_debugger.wiring.repairs import Asking

_TOKENS = 900
_RUN_TIMEOUT_S = 120.0
_NODE = re.compile(r"(?P<file>[^\s:()\[\]]+\.py)::[\w:]+(?:\[[^\]\s]*\])?")  # a test as pytest names it
_EXAMPLE_CHARS = 1_500
_EXAMPLE_TOKENS = 500
# Findings that can come true in one way only.
_EXCEPTIONS = {
    "F821": "NameError",
    "F823": "UnboundLocalError",
    "name-defined": "NameError",
    "reportUndefinedVariable": "NameError",
}
_INTERPRETERS = (".venv/bin/python", "venv/bin/python", ".venv/Scripts/python.exe", "venv/Scripts/python.exe")
ONLY_PYTHON = "tests are written for Python so far, and run by pytest"


@dataclass(frozen=True, slots=True)
class FailingTest:
    """command: runs this test alone."""

    problem: Problem
    snapshot: Snapshot
    command: tuple[str, ...]


class TestWriter:
    """One per session."""

    __test__ = False  # for pytest, which collects by name

    def __init__(self, asking: Asking, budget_tokens: int, workspace: Workspace) -> None:
        self._asking = asking
        self._budget_tokens = budget_tokens
        self._workspace = workspace

    async def tests(
        self, problem: Problem, snapshot: Snapshot, fix: Mapping[str, str | None]
    ) -> AsyncGenerator[Phase | Fixes, None]:
        """Phases, and last the test as a fix of its file. fix: texts by path of the fix at hand, or empty."""
        from lsp_debugger.features.failing_test import ask
        from lsp_debugger.fixing import Fixes, Fixing, OwnWriter

        root = self._workspace.root_of(snapshot.path)
        if root is None or snapshot.path is None or not snapshot.path.endswith(".py"):
            yield Fixes((), (ONLY_PYTHON,))
            return
        writing = await asyncio.to_thread(self._writing, root, problem, snapshot, fix)
        asked = ask(problem, writing.place.path, exists=writing.place.exists, name=writing.name)
        if asked is None:
            yield Fixes((), ("there is no text in this workspace that could be tested",))
            return

        async def build(asked: Ask, card: Card, snapshot: Snapshot, budget_tokens: int) -> Context:
            return await self._build(root, writing, asked, card, snapshot, budget_tokens)

        fixing = Fixing(
            cards=self._asking.cards,
            writer=OwnWriter(self._asking.choose, self._asking.decide, self._asking.route, self._asking.gate),
            build=build,
            budget_tokens=self._budget_tokens,
            sampling=Sampling(max_tokens=_TOKENS),
            read=writing.read,
            place=lambda patch, _problem, _files: writing.put(patch),
            verdict=lambda applied, _before, _problem: writing.verdict(applied),
        )
        async with aclosing(fixing.run(asked, snapshot, 1)) as steps:
            async for step in steps:
                yield step

    async def failing(self, path: Path, name: str) -> FailingTest | str:
        """What makes a pytest test fail, by running it in isolation; or why there is nothing to say.

        name: as pytest writes it after the file's: `test_it`, `TestThat::test_it[0]`.
        """
        from lsp_debugger.verify.overlay import Overlay
        from lsp_debugger.verify.pytest_runs import run_pytest

        root = self._workspace.root_of(str(path))
        if root is None:
            return "the test is not in this workspace"
        node, python = f"{path.relative_to(root).as_posix()}::{name}", interpreter(root)
        with Overlay(root, dict(_unsaved(root, self._workspace))) as overlay:
            ran = await run_pytest(overlay, python, [node], _RUN_TIMEOUT_S)
        if ran.why_not:
            return f"the test was not run: {ran.why_not}"
        failure = next(iter(ran.failures), None)
        snapshot = (
            self._workspace.read(str(root / failure.innermost.path))
            if failure and failure.innermost
            else None
        )
        if failure is None or failure.innermost is None or snapshot is None:
            return (
                "the test passes"
                if failure is None
                else f"the test fails outside of the project: {failure.words}"
            )
        problem = problem_of(failure, root, snapshot)
        return FailingTest(problem, snapshot, _command(root, node))

    def command_for(self, problem: Problem, snapshot: Snapshot) -> tuple[str, ...] | None:
        """What runs the test that a finding of pytest's is about; None where nothing says which. Blocks."""
        root = self._workspace.root_of(snapshot.path)
        found = self.test_of(problem, snapshot) if problem.source.lower() == "pytest" else None
        if root is None or found is None:
            return None
        path, name = found
        return _command(root, f"{path.relative_to(root).as_posix()}::{name}")

    def test_of(self, problem: Problem, snapshot: Snapshot) -> tuple[Path, str] | None:
        """The test that a problem is about, by its file and its name in there; None for none. Blocks.

        A message of pytest's may name it, it may be where the problem is, or on the way there.
        """
        root = self._workspace.root_of(snapshot.path)
        if root is None:
            return None
        named = _NODE.search(problem.message)
        if named is not None and (root / named["file"]).is_file():
            return root / named["file"], named[0].partition("::")[2]
        related = ((self._workspace.read(str(root / each.path)), each.line) for each in _places(problem))
        places = [(snapshot, problem.line), *((found, line) for found, line in related if found is not None)]
        for found, line in places:
            name = name_around(found, line)
            if name and found.path is not None and Path(found.path).is_relative_to(root):
                return Path(found.path), name
        return None

    async def reduced(self, path: Path, name: str, limit_s: float) -> Reduced | str:
        """The smallest test that fails as this one does, or why there is none. No model; name as above."""
        from lsp_debugger.verify.overlay import Overlay
        from lsp_debugger.verify.reduction import reduce_test

        root = self._workspace.root_of(str(path))
        if root is None:
            return "the test is not in this workspace"
        with Overlay(root, dict(_unsaved(root, self._workspace))) as overlay:
            test_file = path.relative_to(root).as_posix()
            return await reduce_test(overlay, interpreter(root), test_file, name, limit_s)

    def _writing(
        self, root: Path, problem: Problem, snapshot: Snapshot, fix: Mapping[str, str | None]
    ) -> TestWriting:
        """Walks the workspace: in a thread."""
        from lsp_debugger.features.failing_test import name_of_test
        from lsp_debugger.verify.failing_test import TestWriting
        from lsp_debugger.verify.places_of_tests import find_test_place

        source = Path(snapshot.path or "").relative_to(root).as_posix()
        place = find_test_place(root, source)
        kept = self._workspace.read(str(root / place.path)) if place.exists else None
        view = parse_view(snapshot.text, "python")
        scope = view.scope_at(problem.span.start) if view and problem.span else None
        text = kept.text if kept else ""
        taken = frozenset(each.name for each in _functions(text))
        return TestWriting(
            root=root,
            python=interpreter(root),
            place=place,
            name=name_of_test(problem, scope.qualname if scope else Path(source).stem, taken),
            text=text,
            expected=expected(problem, snapshot, source),
            fix=fix,
            buffers=lambda: _unsaved(root, self._workspace),
        )

    async def _build(
        self, root: Path, writing: TestWriting, ask: Ask, card: Card, snapshot: Snapshot, budget_tokens: int
    ) -> Context:
        """With the beginning of a neighbour: how tests of this project import what they test."""
        context = await self._asking.build(ask, card, snapshot, max(budget_tokens - _EXAMPLE_TOKENS, 256))
        example = self._workspace.read(str(root / writing.place.example)) if writing.place.example else None
        if example is None:
            return context
        text = example.text[:_EXAMPLE_CHARS].rpartition("\n")[0]
        view = parse_view(text, "python")
        fragment = Fragment(
            kind=FragmentKind.RELATED,
            text=text,
            path=writing.place.example,
            language_id="python",
            literals=tuple(view.literals(Span(0, len(text)))) if view else (),
        )
        return replace(context, fragments=(*context.fragments, fragment))


def expected(problem: Problem, snapshot: Snapshot, source: str) -> Expected:
    """What has to happen for the problem to be there. source: the path below the root."""
    from lsp_debugger.verify.failing_test import Expected

    first, last = statement_lines(snapshot, problem)
    if problem.kind is ProblemKind.TRACEBACK:
        assertion = snapshot.lines_text(first - 1, last - 1) if problem.code == "AssertionError" else ""
        return Expected(source, (first, last), problem.code.rpartition(".")[2], assertion)
    return Expected(source, (first, last), _EXCEPTIONS.get(problem.code, ""))


def problem_of(failure: Failure, root: Path, snapshot: Snapshot) -> Problem:
    """A test's failure as a traceback, at its innermost line in the project."""
    assert failure.innermost is not None, "the caller has looked"
    line, kind = failure.innermost.line, failure.exception.rpartition(".")[2]
    frames = tuple(Place(str(root / each.path), each.line, each.function) for each in failure.frames)
    return Problem(
        message=f"{kind}: {failure.message.strip()}" if failure.message.strip() else kind,
        kind=ProblemKind.TRACEBACK,
        source="pytest",
        code=failure.exception,
        path=snapshot.path,
        line=line,
        span=snapshot.lines.span_of(line - 1),
        frames=frames,
    )


def name_around(snapshot: Snapshot, line: int) -> str:
    """The test that holds a line (1-based), as pytest writes it after the file's name; empty for none."""
    view = parse_view(snapshot.text, "python")
    span = snapshot.lines.span_of(line - 1)
    scopes = [each for each in view.outline.scopes() if each.span.touches(span)] if view else []
    tests = [each for each in scopes if each.kind != "class" and each.name.startswith("test")]
    return tests[0].qualname.replace(".", "::") if tests else ""


def statement_lines(snapshot: Snapshot, problem: Problem) -> tuple[int, int]:
    """The lines of the smallest statement around the problem, 1-based: a trace names any one of them."""
    import ast

    line = problem.line
    try:
        nodes = [each for each in ast.walk(ast.parse(snapshot.text)) if isinstance(each, ast.stmt)]
    except (SyntaxError, ValueError, RecursionError):
        return line, line
    around = [(each.lineno, each.end_lineno or each.lineno) for each in nodes if not hasattr(each, "body")]
    return min(
        ((first, last) for first, last in around if first <= line <= last),
        key=lambda lines: lines[1] - lines[0],
        default=(line, line),
    )


def interpreter(root: Path) -> Path:
    """The project's own, which has its packages, else ours. It is started in isolation only."""
    own = next((root / name for name in _INTERPRETERS if (root / name).is_file()), None)
    return own or Path(sys.executable)


def _places(problem: Problem) -> tuple[Place, ...]:
    return (*problem.frames, *problem.related)


def _command(root: Path, node: str) -> tuple[str, ...]:
    return (str(interpreter(root)), "-m", "pytest", "-q", node)


def _unsaved(root: Path, workspace: Workspace) -> dict[Path, str]:
    """What is open and not saved: tests are run as the user sees the code."""
    texts = {Path(path): text for path, text in workspace.unsaved().items()}
    return {path: text for path, text in texts.items() if path.is_relative_to(root)}


def _functions(text: str) -> list[Named]:
    view = parse_view(text, "python")
    return list(view.outline.scopes()) if view else []
