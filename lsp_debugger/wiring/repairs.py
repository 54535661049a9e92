"""Fixes as callers see them: asked for, checked, and made when the first one is wanted."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from lsp_debugger.config import Settings
from lsp_debugger.context.workspace import Workspace
from lsp_debugger.core.ask import Ask, Card, Problem, ProblemKind
from lsp_debugger.core.material import Context
from lsp_debugger.core.model import ModelInfo, Sampling
from lsp_debugger.core.text import Snapshot
from lsp_debugger.state import State
from lsp_debugger.trust import Trust
from lsp_debugger.wiring.cards import FreshCards

if TYPE_CHECKING:
    from lsp_debugger.core.events import Phase
    from lsp_debugger.core.ports import Retriever
    from lsp_debugger.escalation import Agree, Closable
    from lsp_debugger.fixing import Candidate, Fixes, Fixing
    from lsp_debugger.pipeline import Choice
    from lsp_debugger.policy.decide import Decision
    from lsp_debugger.policy.document import CloudEndpoint
    from lsp_debugger.policy.gate import Gate
    from lsp_debugger.policy.remote import RemoteGate
    from lsp_debugger.policy.route import Denied, Route
    from lsp_debugger.verify.ladder import Consent
    from lsp_debugger.wiring.callers import Callers
    from lsp_debugger.wiring.covering import CoveringTests
    from lsp_debugger.wiring.test_writing import TestWriter

_FIX_TOKENS = 1_500
_MAX_AT_ONCE = 200  # findings of one rule in one file
# Imported in a thread before the first question; where they are used they are named again.
FOR_QUESTIONS = (
    "lsp_debugger.context.build",
    "lsp_debugger.models.choose",
    "lsp_debugger.policy.decide",
    "lsp_debugger.policy.route",
)


@dataclass(frozen=True, slots=True)
class FixOptions:
    """How a fix is wanted.

    count, every: see `Fixing.run`. test: a command that may run in the patched tree, isolated. also_on:
    further lines with the same finding, to be fixed too. agree: ask the service that the policy names, once,
    if the user agrees. unisolated: asks whether one patch may be run where nothing is isolated, after its
    diff was shown; it is asked only where the settings allow it and the folder is trusted. index_wait_s: for
    an index that is being made, which names the tests to run where no `test` is given.
    """

    count: int = 1
    every: bool = False
    test: Sequence[str] | None = None
    also_on: Sequence[int] = ()
    agree: Agree | None = None
    unisolated: Consent | None = None
    index_wait_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Asking:
    """The steps of a question that fixes share with explanations."""

    cards: FreshCards
    choose: Callable[[], Awaitable[Choice]]
    build: Callable[[Ask, Card, Snapshot, int], Awaitable[Context]]
    decide: Callable[[Context], Awaitable[Decision]]
    route: Callable[[Decision, ModelInfo], Route | Denied]
    gate: Callable[[], Awaitable[Gate]]
    index: Callable[[Path], Awaitable[Retriever | None]]
    remote_gate: Callable[[], Awaitable[RemoteGate]]
    remote_backend: Callable[[CloudEndpoint], Awaitable[Closable]]


class Repairs:
    """One per session."""

    def __init__(
        self, asking: Asking, settings: Settings, workspace: Workspace, state: State, trust: Trust
    ) -> None:
        self._asking = asking
        self._settings = settings
        self._workspace = workspace
        self._state = state
        self._trust = trust

    async def fixes(
        self, problem: Problem, snapshot: Snapshot, options: FixOptions
    ) -> AsyncGenerator[Phase | Fixes, None]:
        """Phases, and the checked fixes last."""
        from lsp_debugger.features.fix import ask
        from lsp_debugger.fixing import Fixes

        asked, root = ask(problem, options.also_on), self._workspace.root_of(snapshot.path)
        if asked is None or root is None:
            yield Fixes((), ("there is no text in this workspace that could be fixed",))
            return
        if not options.test:
            test = await asyncio.to_thread(self.tests.command_for, problem, snapshot)
            options = replace(options, test=test)
        fixing = await asyncio.to_thread(self._make_fixing, root, snapshot, options)
        async with aclosing(fixing.run(asked, snapshot, options.count, every=options.every)) as steps:
            async for step in steps:
                yield step

    async def fixes_of_all(
        self, problems: Sequence[Problem], snapshot: Snapshot
    ) -> AsyncGenerator[Phase | Fixes, None]:
        """As `fixes`, for all that one rule found in a file: certain edits if there are any."""
        from lsp_debugger.core.events import Phase
        from lsp_debugger.features.fix import combined
        from lsp_debugger.fixing import Fixes

        root, first = self._workspace.root_of(snapshot.path), problems[0]
        if root is None or snapshot.path is None:
            yield Fixes((), ("there is no text in this workspace that could be fixed",))
            return
        yield Phase("looking for certain edits")
        cards = [await self._asking.cards.card(each, snapshot) for each in problems[:_MAX_AT_ONCE]]
        edits = [card.edit.replacements for card in cards if card.edit is not None]
        if not edits:
            options = FixOptions(also_on=[each.line for each in problems])
            async with aclosing(self.fixes(first, snapshot, options)) as steps:
                async for step in steps:
                    yield step if isinstance(step, Phase) else await self._counted(step, root)
            return
        path = Path(snapshot.path).relative_to(root).as_posix()
        yield Phase("checking")
        candidate = await self.checked(
            {path: combined(snapshot.text, edits)}, {path: snapshot.text}, None, root
        )
        yield (Fixes((), (candidate.verdict.words,)) if candidate.verdict.is_refuted else Fixes((candidate,)))

    async def _counted(self, fixes: Fixes, root: Path) -> Fixes:
        """The best candidate with how many findings it takes away, where one was asked about."""
        if not fixes.candidates:
            return fixes
        best, *others = fixes.candidates
        again = await self.checked(best.applied.new_texts, best.before, None, root)
        return replace(fixes, candidates=(replace(best, verdict=again.verdict), *others))

    @cached_property
    def tests(self) -> TestWriter:
        """What writes failing tests."""
        from lsp_debugger.wiring.test_writing import TestWriter

        return TestWriter(self._asking, self._settings.context_budget_tokens, self._workspace)

    def covering(self, root: Path, wait_s: float = 0.0) -> CoveringTests:
        """What finds the tests of a patch. wait_s: for an index that is being made."""
        from lsp_debugger.wiring.covering import CoveringTests

        return CoveringTests(root, self._workspace, self._asking.index, wait_s)

    async def callers(self, candidate: Candidate, root: Path, wait_s: float = 0.0) -> Callers:
        """Who uses what a fix changes, and what may break there. wait_s: for an index that is being made."""
        from lsp_debugger.wiring.callers import callers

        retriever = await self._asking.index(root)
        return await callers(
            candidate.before, candidate.applied.new_texts, root, self._workspace, retriever, wait_s
        )

    async def checked(
        self, texts: Mapping[str, str | None], before: Mapping[str, str], problem: Problem | None, root: Path
    ) -> Candidate:
        """An edit that no model made, or that was moved to a newer text, with what the ladder says of it.

        texts, before: by path below the root, as a patch has them. problem: None for more than one.
        """
        from lsp_debugger.core.patch import Applied
        from lsp_debugger.fixing import Candidate
        from lsp_debugger.wiring.verification import ladder

        applied = Applied(texts)
        climbed = ladder(root, self._workspace, self._state, self._trust, self.covering(root))
        return Candidate(applied, await climbed.verdict(applied, before, problem), before)

    def _make_fixing(self, root: Path, snapshot: Snapshot, options: FixOptions) -> Fixing:
        """In a thread: it imports what only fixes need."""
        for name in FOR_QUESTIONS:
            importlib.import_module(name)
        from lsp_debugger.escalation import RemoteWriter
        from lsp_debugger.fixing import Fixing, OwnWriter
        from lsp_debugger.wiring.verification import Placing, ladder

        asking, placing = self._asking, Placing(root, self._workspace, snapshot)
        may_ask = self._settings.allow_unisolated and self._trust.trusted(root)
        unisolated = options.unisolated if may_ask else None
        test = options.test or self.covering(root, options.index_wait_s)
        checks = ladder(root, self._workspace, self._state, self._trust, test, unisolated=unisolated)
        own = OwnWriter(asking.choose, asking.decide, asking.route, asking.gate)
        return Fixing(
            cards=asking.cards,
            writer=own
            if options.agree is None
            else RemoteWriter(asking.remote_gate, asking.remote_backend, options.agree),
            build=asking.build,
            budget_tokens=self._settings.context_budget_tokens,
            sampling=Sampling(max_tokens=max(self._settings.answer_max_tokens, _FIX_TOKENS)),
            read=placing.read,
            place=placing.place,
            verdict=lambda applied, before, problem: checks.verdict(applied, before, _reported(problem)),
        )


def _reported(problem: Problem) -> Problem | None:
    """What a checker can be asked about again; a test or a program that failed has to be run for that."""
    from_run = problem.kind is not ProblemKind.DIAGNOSTIC or problem.source.lower() == "pytest"
    return None if from_run else problem
