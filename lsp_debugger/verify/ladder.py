"""What is checked about a patch before anybody sees it: cheapest first, each rung with its limits."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from lsp_debugger.core.ask import Problem
from lsp_debugger.core.patch import Applied
from lsp_debugger.verify.overlay import Overlay, available
from lsp_debugger.verify.rungs import FINDING, Found, finding_rung, secrets_rung, syntax_rung
from lsp_debugger.verify.silencing import silences
from lsp_debugger.verify.tests_rung import tests_rung
from lsp_debugger.verify.verdict import Result, RungResult, Verdict

TEST_TIMEOUT_S = 120.0

# What the checkers say about these files: of the workspace as it is, or as an overlay shows it.
Checking = Callable[[Sequence[Path], Overlay | None], Awaitable[Found]]


class Ladder:
    """root: the workspace. check: asks the checkers. test: a command whose program is absolute, or None."""

    def __init__(self, root: Path, check: Checking, test: Sequence[str] | None = None) -> None:
        self._root = root
        self._check = check
        self._test = test
        self._before: dict[tuple[Path, ...], Found] = {}

    async def verdict(self, applied: Applied, before: Mapping[str, str], problem: Problem | None) -> Verdict:
        """before: the texts of the files that it changes, by path below the root; unsaved ones included."""
        flags = silences(before, applied.new_texts)
        rungs = [RungResult("applies", Result.PASSED, _applies(applied))]
        rungs.append(secrets_rung(before, applied.new_texts))
        if not rungs[-1].has_failed:
            rungs.append(_timed(lambda: syntax_rung(before, applied.new_texts)))
        if not rungs[-1].has_failed:
            texts = {self._root / path: text for path, text in applied.new_texts.items()}
            with Overlay(self._root, texts) as overlay:
                rungs.append(await self._finding(overlay, problem))
                if self._test is not None and not rungs[-1].has_failed:
                    rungs.append(await tests_rung(overlay, self._test, TEST_TIMEOUT_S))
        return Verdict(tuple(rungs), flags)

    async def _finding(self, overlay: Overlay, problem: Problem | None) -> RungResult:
        if reason := available(self._root):
            return RungResult(FINDING, Result.NOT_CHECKED, f"checkers not asked: {reason}")
        began = time.perf_counter()
        files = tuple(sorted(path for path, text in overlay.texts.items() if text is not None))
        if files not in self._before:
            self._before[files] = await self._check(files, None)
        after = await self._check(files, overlay)
        return replace(finding_rung(problem, self._before[files], after), took_s=time.perf_counter() - began)


def _applies(applied: Applied) -> str:
    files = len(applied.new_texts)
    return "applies" if files == 1 else f"applies to {files} files"


def _timed(rung: Callable[[], RungResult]) -> RungResult:
    began = time.perf_counter()
    result = rung()
    return replace(result, took_s=time.perf_counter() - began)
