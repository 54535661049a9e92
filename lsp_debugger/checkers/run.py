"""Run checkers over a file or a folder, and say of each what became of it."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import time
from collections.abc import AsyncGenerator, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path

from lsp_debugger import spawn
from lsp_debugger.checkers import CHECKERS
from lsp_debugger.checkers.checker import Checked, Checker, Job
from lsp_debugger.checkers.files import is_inside
from lsp_debugger.checkers.plan import Share, plan
from lsp_debugger.checkers.twice import told_once
from lsp_debugger.core.ask import Problem
from lsp_debugger.core.errors import LspDebuggerError, SpawnRefused, StateUnavailable, ToolFailed
from lsp_debugger.core.text import Snapshot
from lsp_debugger.state import Lock
from lsp_debugger.tools import Tool, find_tool

ENVIRONMENT = {
    "LC_ALL": "C.UTF-8",
    "NO_COLOR": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONUTF8": "1",
    "TERM": "dumb",
}
MAX_PROBLEMS = 20_000
_LOOK_AGAIN_S = 0.05
_FILES_AT_HAND = 64
_INSTALLED = frozenset({"node_modules", "site-packages"})


Launch = Callable[[Sequence[str], Path], Sequence[str]]


@dataclass(frozen=True)
class Runner:
    """workspace: the folder that is trusted or not. cache: where checkers may keep things, by name.

    read: a file as it is on the disk. launch: makes a command and its folder into one that runs elsewhere,
    in a tree with a patch for example; `read` has to see the same.
    """

    workspace: Path
    trusted: bool
    cache: Callable[[str], Path]
    read: Callable[[str], Snapshot | None]
    checkers: Sequence[Checker] = CHECKERS
    launch: Launch | None = None

    @cached_property
    def _turn(self) -> asyncio.Semaphore:
        """Tools of a project side by side, and a core left for whoever works here."""
        return asyncio.Semaphore(max((os.cpu_count() or 2) - 1, 1))

    async def check(self, target: Path, only: Collection[str] | None = None) -> list[Checked]:
        """What every checker that fits has to say about `target`, in the order of the listing.

        Cancelling ends them. What a tool says about other files than the target's is left out.
        """
        shares = await asyncio.to_thread(plan, target, self.workspace, self.checkers, only)
        done = await asyncio.gather(*map(self.run, shares))
        return told_once(await asyncio.to_thread(self._own, done, target))

    def _own(self, done: Sequence[Checked], target: Path) -> list[Checked]:
        """Without problems of other files. Tools follow links: what lies behind one that leads out is not
        the workspace's, and not for its messages to quote.
        """
        known: dict[str, bool] = {}

        def is_own(problem: Problem) -> bool:
            path = problem.path
            if path is None:
                return False
            if path not in known:
                place = Path(os.path.normpath(path))
                known[path] = (
                    place.is_relative_to(target)
                    # A type checker reads installed packages along, and finds faults in them.
                    and not _INSTALLED & set(place.relative_to(target).parts)
                    and is_inside(place, self.workspace)
                )
            return known[path]

        return [replace(each, problems=tuple(filter(is_own, each.problems))) for each in done]

    async def run(self, share: Share) -> Checked:
        """Never raises for what a tool, a file or an installation does."""
        checker = share.checker
        if checker.needs_trust and not self.trusted:
            return Checked(
                checker.name,
                share.root,
                reason=f"not run: {checker.needs_trust}",
                hint=f"if you trust what is in it: lsp-debugger trust {self.workspace}",
            )
        if share.endless is not None:
            return Checked(
                checker.name,
                share.root,
                reason=f"not run: {share.endless} is a pipe or a device, which may never end",
                hint="remove it, or check a folder without it",
            )
        tool = await asyncio.to_thread(self._tool, checker, share.root)
        if tool is None:
            names = " or ".join(checker.programs)
            return Checked(checker.name, share.root, reason=f"no {names} here", hint=checker.install)
        return await self._run(share, tool)

    def _tool(self, checker: Checker, root: Path) -> Tool | None:
        found = (
            find_tool(name, root=root, trusted=self.trusted, within=self.workspace)
            for name in checker.programs
        )
        return next((tool for tool in found if tool is not None), None)

    async def _run(self, share: Share, tool: Tool) -> Checked:
        checker, started = share.checker, time.perf_counter()
        try:
            cache = await asyncio.to_thread(self.cache, checker.name)
            job = Job(
                tool=tool,
                root=share.root,
                files=share.files,
                whole=share.whole,
                workspace=self.workspace,
                trusted=self.trusted,
                cache=cache,
                read=lru_cache(_FILES_AT_HAND)(self.read),  # asked for several times for each finding
            )
            async with _alone(cache, share.root, checker.timeout_s), self._turn:
                started = time.perf_counter()
                outputs = await run_commands(checker, job, self.launch)
            problems = await asyncio.to_thread(_problems, checker, job, outputs)
        except SpawnRefused as error:
            return Checked(checker.name, share.root, reason=f"not run: {error}", hint=error.hint)
        except LspDebuggerError as error:
            took_s = time.perf_counter() - started
            return Checked(
                checker.name, share.root, took_s=took_s, reason=str(error), hint=error.hint, broken=True
            )
        except Exception as error:  # noqa: BLE001 - a fault of ours in one checker leaves the others running
            took_s = time.perf_counter() - started
            reason = f"what {checker.name} said could not be read ({type(error).__name__})"
            return Checked(
                checker.name, share.root, took_s=took_s, reason=reason, hint="report this", broken=True
            )
        took_s = time.perf_counter() - started
        version = await asyncio.to_thread(lambda: tool.version)
        return Checked(checker.name, share.root, problems, version, took_s)


@contextlib.asynccontextmanager
async def _alone(cache: Path, root: Path, patience_s: float) -> AsyncGenerator[None]:
    """No other run of this tool in this project meanwhile, of any process: a command line beside an editor.
    Not every tool's cache bears two (mypy 2.4 ends with an internal error).

    Raises StateUnavailable.
    """
    name = hashlib.sha256(os.fsencode(root)).hexdigest()[:16]
    file, deadline = cache / f"{name}.lock", time.monotonic() + patience_s
    with contextlib.ExitStack() as held:
        while True:
            try:
                held.enter_context(Lock(file, 0))
                break
            except StateUnavailable:
                if time.monotonic() >= deadline or not file.exists():  # a disk that cannot be written
                    raise
            await asyncio.sleep(_LOOK_AGAIN_S)
        yield


async def run_commands(checker: Checker, job: Job, launch: Launch | None = None) -> list[spawn.Completed]:
    """What the checker's commands print. Raises SpawnRefused and ToolFailed."""
    outputs = list[spawn.Completed]()
    for argv in await asyncio.to_thread(lambda: list(checker.commands(job))):
        if launch is not None:
            spawn.check_program(argv, job.tool.untrusted_roots)
        done = await spawn.run(
            argv if launch is None else launch(argv, job.root),
            cwd=job.root,
            timeout_s=checker.timeout_s,
            env={**ENVIRONMENT, **checker.environment(job)},
            max_output_bytes=checker.max_output_bytes,
            memory_bytes=checker.memory_bytes,
            untrusted_roots=job.tool.untrusted_roots,
        )
        if done.truncated:
            raise ToolFailed(
                f"{checker.name} printed more than {checker.max_output_bytes >> 20} MB",
                hint="check a smaller folder",
            )
        outputs.append(done)
    return outputs


def _problems(checker: Checker, job: Job, outputs: Sequence[spawn.Completed]) -> tuple[Problem, ...]:
    """In the order of files and lines; one that two commands tell is told once."""
    found = dict.fromkeys(checker.read(job, outputs))
    return tuple(sorted(found, key=_place)[:MAX_PROBLEMS])


def _place(problem: Problem) -> tuple[str, int, int, str]:
    return (
        problem.path or "",
        problem.line,
        problem.span.start if problem.span is not None else 0,
        problem.code,
    )
