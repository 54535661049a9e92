"""What is checked about a patch before anybody sees it: cheapest first, each rung with its limits."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from lsp_debugger.core.ask import Problem, Severity
from lsp_debugger.core.patch import Applied
from lsp_debugger.verify import proof
from lsp_debugger.verify.imports import IMPORTS, Environment, imports_rung
from lsp_debugger.verify.isolated import Isolated, run_isolated, run_unisolated
from lsp_debugger.verify.modules import Files
from lsp_debugger.verify.overlay import Overlay, available
from lsp_debugger.verify.rungs import (
    FINDING,
    OTHERS,
    SECRETS,
    SYNTAX,
    Found,
    finding_rung,
    others_rung,
    secrets_rung,
    syntax_rung,
)
from lsp_debugger.verify.silencing import silences
from lsp_debugger.verify.tests_rung import CHECK, TESTS, check_rung, tests_rung
from lsp_debugger.verify.trees import LinkTree, Texts, Tree, TreeFailed, located
from lsp_debugger.verify.verdict import APPLIES, Result, RungResult, Verdict
from lsp_debugger.verify.written_secrets import written_secrets

CHECK_TIMEOUT_S = 120.0
TEST_TIMEOUT_S = 120.0
FOUND_TESTS_TIMEOUT_S = 60.0  # those that nobody named
# In the order in which they are climbed.
RUNGS = (APPLIES, SECRETS, SYNTAX, IMPORTS, FINDING, OTHERS, CHECK, TESTS)

# What the checkers say about files (absolute, in the workspace) as a tree shows them.
Checking = Callable[[Sequence[Path], Tree], Awaitable[Found]]
Consent = Callable[[Applied, Mapping[str, str]], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Allowed:
    """What may be run in the patched tree, each command an absolute program and its arguments.

    check: ends with 0 when it is content. test: likewise, and has to run the patched files. tests_of: finds
    a test command for a patch (texts after it and before it, by absolute path), None and why where there
    is none, and no word where there is to be none. caches: folders that a toolchain reads from its earlier
    runs and writes to in a copy, by the variable that names each. unisolated: asks the user about one patch,
    after its diff was shown, where nothing can be isolated; None: then nothing is run.
    """

    check: Sequence[str] | None = None
    test: Sequence[str] | None = None
    tests_of: Callable[[Texts, Texts], Awaitable[tuple[Sequence[str] | None, str]]] | None = None
    caches: Mapping[str, Path] = field(default_factory=dict[str, Path])
    unisolated: Consent | None = None


NOTHING = Allowed()


class Ladder:
    """root: the workspace. check: asks the checkers. environment: what is installed for it.

    unsaved: texts that are open and not saved, by absolute path in `root`: they are in every tree.
    """

    def __init__(
        self,
        root: Path,
        check: Checking,
        allowed: Allowed = NOTHING,
        environment: Environment = Environment(),  # noqa: B008 - it cannot be changed
        unsaved: Callable[[], Texts] = dict,
    ) -> None:
        self.root = root
        self.allowed = allowed
        self.environment = environment
        self.check = check
        self._unsaved = unsaved
        self._found: dict[tuple[object, ...], Found] = {}

    async def verdict(
        self,
        applied: Applied,
        before: Mapping[str, str],
        problem: Problem | None,
        line: int | None = None,
    ) -> Verdict:
        """before: the texts of the files that it changes, by path below the root; unsaved ones included.

        line: where the problem is that has no name yet, 1-based, in the first file that changes.
        """
        climb = _Climb(self, applied, before, await asyncio.to_thread(self._unsaved))
        rungs = [RungResult(APPLIES, Result.PASSED, APPLIES)]
        for rung in (climb.secrets, climb.syntax, climb.imports):
            rungs.append(await asyncio.to_thread(_timed, rung))
            if rungs[-1].has_failed:
                break
        else:
            rungs += await climb.in_trees(problem, line)
        own = self._below(problem.path) if problem is not None and problem.path else ""
        flags = await asyncio.to_thread(silences, before, applied.new_texts, own)
        secrets = await asyncio.to_thread(written_secrets, before, applied.new_texts)
        return Verdict(tuple(rungs), flags, secrets)

    def _below(self, path: str) -> str:
        """As a patch has it."""
        place = self.root / path
        return place.relative_to(self.root).as_posix() if place.is_relative_to(self.root) else path

    async def before(self, files: tuple[Path, ...], plain: Tree) -> Found:
        """What the checkers say without the patch; asked once for the same texts."""
        key = (files, tuple(sorted(plain.texts.items())))
        if key not in self._found:
            self._found[key] = await self.check(files, plain)
        return self._found[key]

    def tree(self, texts: Texts) -> Tree:
        """Blocks. A tree of links has to have a file of its own for each that is looked at."""
        if available(self.root):
            return LinkTree(self.root, texts)
        return Overlay(self.root, {path: text for path, text in texts.items() if text != _on_disk(path)})


class _Climb:
    """One patch on its way up."""

    def __init__(self, ladder: Ladder, applied: Applied, before: Mapping[str, str], unsaved: Texts) -> None:
        root = ladder.root
        self._ladder, self._applied, self._before = ladder, applied, before
        self._patched: Texts = {root / path: text for path, text in applied.new_texts.items()}
        self._new = {**unsaved, **self._patched}
        self._was: Texts = {root / path: before.get(path) for path in applied.new_texts}
        self._old = {**unsaved, **self._was}
        self._agreed: bool | None = None

    def secrets(self) -> RungResult:
        return secrets_rung(self._before, self._applied.new_texts)

    def syntax(self) -> RungResult:
        return syntax_rung(self._before, self._applied.new_texts)

    def imports(self) -> RungResult:
        files = Files(self._ladder.root, self._new)
        return imports_rung(files, self._before, self._applied.new_texts, self._ladder.environment)

    async def in_trees(self, problem: Problem | None, line: int | None) -> list[RungResult]:
        """The rungs for which something is started."""
        with ExitStack() as entered:
            try:
                patched, plain = await asyncio.to_thread(
                    lambda: [
                        entered.enter_context(self._ladder.tree(each)) for each in (self._new, self._old)
                    ]
                )
            except TreeFailed as error:
                return [RungResult(FINDING, Result.NOT_CHECKED, f"checkers not asked: {error}")]
            rungs = await self._finding(patched, plain, problem, line)
            for rung in (self._check, self._tests):
                if not rungs[-1].has_failed and (result := await rung(patched, plain)) is not None:
                    rungs.append(result)
            return rungs

    async def _finding(
        self, patched: Tree, plain: Tree, problem: Problem | None, line: int | None
    ) -> list[RungResult]:
        began = time.perf_counter()
        files = tuple(sorted(path for path, text in self._patched.items() if text is not None))
        before = await self._ladder.before(files, plain)
        after = await self._ladder.check(files, patched)
        if problem is None and line is not None:
            problem = _on_line(before, self._ladder.root / next(iter(self._applied.new_texts)), line)
        if problem is not None and problem.path:
            problem = replace(problem, path=str(self._ladder.root / problem.path))
        finding = replace(finding_rung(problem, before, after), took_s=time.perf_counter() - began)
        return [finding] if finding.has_failed else [finding, others_rung(before, after)]

    async def _check(self, patched: Tree, plain: Tree) -> RungResult | None:
        command = self._ladder.allowed.check
        if command is None:
            return None
        return await check_rung(patched, plain, command, CHECK_TIMEOUT_S, self._run)

    async def _tests(self, patched: Tree, plain: Tree) -> RungResult | None:
        allowed = self._ladder.allowed
        if allowed.test is not None:
            return await tests_rung(patched, allowed.test, TEST_TIMEOUT_S, self._patched, self._run, None)
        if allowed.tests_of is None:
            return None
        command, why = await allowed.tests_of(self._patched, self._was)
        if command is None:
            return RungResult(TESTS, Result.NOT_CHECKED, why) if why else None
        return await tests_rung(patched, command, FOUND_TESTS_TIMEOUT_S, self._patched, self._run, plain)

    async def _run(self, tree: Tree, command: Sequence[str], timeout_s: float, patched: Texts) -> Isolated:
        """Isolated, or as the user agreed for this very patch, or not at all. No `patched`: no proof."""
        was = {located(tree, path): self._was[path] for path in patched}
        now = {located(tree, path): text for path, text in patched.items()}
        env, hooks = (proof.environment(now, was), proof.HOOKS) if patched else ({}, {})
        if isinstance(tree, Overlay):
            caches = self._ladder.allowed.caches
            env |= {name: str(path) for name, path in caches.items() if path.is_dir()}
            run = await run_isolated(tree, command, timeout_s, hooks, env, tuple(caches.values()))
        else:
            run = Isolated(why_not=f"no isolation ({available(self._ladder.root)})")
        if run.done is not None or run.failed or not await self._is_agreed():
            return run
        return await run_unisolated(tree, command, timeout_s, hooks, env)

    async def _is_agreed(self) -> bool:
        ask = self._ladder.allowed.unisolated
        if self._agreed is None:
            self._agreed = ask is not None and await ask(self._applied, self._before)
        return self._agreed


def _on_disk(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def _on_line(found: Found, path: Path, line: int) -> Problem | None:
    """The worst that the checkers said about a line."""
    there = [each for each in found.problems if each.path == str(path) and each.line == line]
    return min(there, key=lambda each: each.severity or Severity.ERROR, default=None)


def _timed(rung: Callable[[], RungResult]) -> RungResult:
    began = time.perf_counter()
    result = rung()
    return replace(result, took_s=time.perf_counter() - began)
