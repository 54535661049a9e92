"""The ladder on small programs: who comes first, and how long it takes."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness import median, percentile
from patch_changes import Change, mutants

from lsp_debugger.checkers.run import Runner
from lsp_debugger.context.workspace import Workspace
from lsp_debugger.core.patch import Applied
from lsp_debugger.core.text import Snapshot
from lsp_debugger.syntax.symbols import SymbolMap
from lsp_debugger.verify.candidates import Candidate, rank
from lsp_debugger.verify.ladder import Allowed, Ladder
from lsp_debugger.verify.overlay import Overlay, isolation
from lsp_debugger.verify.rungs import Found
from lsp_debugger.verify.tests_rung import TESTS
from lsp_debugger.verify.trees import Tree
from lsp_debugger.verify.verdict import Result

_MUTANTS = 4
_RUNS = 40


@dataclass(frozen=True)
class Ranked:
    programs: int
    with_test: int
    without_test: int
    passed: int


@dataclass(frozen=True)
class Overhead:
    total_p50_ms: float
    own_p50_ms: float
    p50_ms: float
    p95_ms: float


class _Ruff:
    """ruff alone, so that what is measured is the ladder."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._read = Workspace([root], SymbolMap()).on_disk

    async def check(self, files: Sequence[Path], tree: Tree) -> Found:
        assert isinstance(tree, Overlay)
        runner = self._runner(tree if tree.texts else None)
        checked = [each for path in files for each in await runner.check(path, ["ruff"])]
        return Found(tuple(problem for each in checked for problem in each.problems), frozenset({"ruff"}))

    def _runner(self, tree: Overlay | None) -> Runner:
        def read(path: str) -> Snapshot | None:
            text = tree.read(path) if tree is not None else None
            return self._read(path) if text is None else Snapshot(Path(path).as_uri(), text, None, path)

        return Runner(self._root, False, self._cache, read, launch=tree.argv if tree is not None else None)

    def _cache(self, name: str) -> Path:
        folder = self._root.parent / "cache" / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    async def alone_s(self, file: Path) -> float:
        """How long it takes over a file, without a tree and without us."""
        began = time.perf_counter()
        await self._runner(None).check(file, ["ruff"])
        return time.perf_counter() - began


async def ranking(programs: Sequence[Change]) -> Ranked:
    first_with = first_without = passed = 0
    with tempfile.TemporaryDirectory() as folder:
        root = _workspace(folder, programs)
        if reason := isolation(root):
            sys.exit(f"no isolation here: {reason}")
        for program in programs:
            wrong = mutants(program, _MUTANTS)
            if len(wrong) < _MUTANTS:
                sys.exit(f"{program.name} has only {len(wrong)} mutants that its test kills")
            ladder = Ladder(root, _Ruff(root).check, Allowed(test=[sys.executable, str(root / program.name)]))
            # The true fix stands last, where nothing but its rank can bring it to the front.
            candidates = [await _candidate(ladder, program, text) for text in (*wrong, program.new)]
            passed += sum(not each.verdict.is_refuted for each in candidates[:-1])
            first_with += _is_first(candidates)
            first_without += _is_first([_untested(each) for each in candidates])
    return Ranked(len(programs), first_with, first_without, passed)


async def _candidate(ladder: Ladder, program: Change, text: str) -> Candidate:
    applied, before = Applied({program.name: text}), {program.name: program.old}
    return Candidate(applied, await ladder.verdict(applied, before, None), before)


def _workspace(folder: str, programs: Sequence[Change]) -> Path:
    root = Path(folder, "work")
    root.mkdir()
    for program in programs:
        (root / program.name).write_text(program.old)
    return root


def _is_first(candidates: Sequence[Candidate]) -> bool:
    return min(candidates, key=rank).applied == candidates[-1].applied


def _untested(candidate: Candidate) -> Candidate:
    rungs = tuple(rung for rung in candidate.verdict.rungs if rung.name != TESTS)
    return replace(candidate, verdict=replace(candidate.verdict, rungs=rungs))


async def overhead(programs: Sequence[Change]) -> Overhead:
    """In each run the checker's own time is taken right beside, twice over: before and after the patch."""
    totals, owns = list[float](), list[float]()
    with tempfile.TemporaryDirectory() as folder:
        root = _workspace(folder, programs)
        for number in range(_RUNS + 2):
            program = programs[number % len(programs)]
            ruff = _Ruff(root)
            own_s = await ruff.alone_s(root / program.name) + await ruff.alone_s(root / program.name)
            ladder = Ladder(root, ruff.check)
            began = time.perf_counter()
            verdict = await ladder.verdict(
                Applied({program.name: program.new}), {program.name: program.old}, None
            )
            total_s = time.perf_counter() - began
            assert all(rung.result is Result.PASSED for rung in verdict.rungs), verdict
            if number >= 2:  # the first ones import and probe
                totals.append(total_s * 1000)
                owns.append(own_s * 1000)
    added = [total - own for total, own in zip(totals, owns, strict=True)]
    return Overhead(median(totals), median(owns), median(added), percentile(added, 95))
