"""The flow of one fix: the question as for an explanation, then read, place, check and rank what came back.

A model's text is never shown: what is shown are edits of the user's files that were placed without a doubt,
each with what was checked about it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Hashable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from lsp_debugger.core.ask import Ask, Card, Problem, Unanswered
from lsp_debugger.core.errors import EgressRefused, LspDebuggerError
from lsp_debugger.core.events import Phase
from lsp_debugger.core.material import Context
from lsp_debugger.core.model import ModelInfo, Sampling
from lsp_debugger.core.patch import Applied, Patch, PatchRefused
from lsp_debugger.core.ports import CardMaker
from lsp_debugger.core.text import Snapshot
from lsp_debugger.pipeline import Choice
from lsp_debugger.policy.decide import Decision
from lsp_debugger.policy.gate import Gate
from lsp_debugger.policy.masked_files import MaskedFiles
from lsp_debugger.policy.route import Denied, Route
from lsp_debugger.reading import Collected, Ready, Writer, Written, room_tokens
from lsp_debugger.verify.candidates import Candidate, normalised, rank
from lsp_debugger.verify.verdict import Verdict

_log = logging.getLogger(__name__)

MAX_CANDIDATES = 5
MAX_REPAIRS = 2  # of each candidate


@dataclass(frozen=True, slots=True)
class Fixes:
    """The end of the flow. candidates: best first. reasons: why there are none, or fewer; one line each."""

    candidates: tuple[Candidate, ...] = ()
    reasons: tuple[str, ...] = ()
    hint: str = ""


@dataclass(slots=True)
class Fixing:
    """The steps, each handed in by wiring.py.

    read: takes the completion and whether it was cut off. place: finds the patch's place in the files as the
    model saw them, and gives the texts of the files that it changes, as the user sees them. verdict: the
    ladder of this workspace.
    """

    cards: CardMaker
    writer: Writer
    build: Callable[[Ask, Card, Snapshot, int], Awaitable[Context]]
    budget_tokens: int
    sampling: Sampling
    read: Callable[[str, bool], Patch | PatchRefused]
    place: Callable[[Patch, Problem, MaskedFiles], tuple[Applied, Mapping[str, str]] | PatchRefused]
    verdict: Callable[[Applied, Mapping[str, str], Problem], Awaitable[Verdict]]
    _reasons: list[str] = field(default_factory=list[str])

    async def run(
        self, ask: Ask, snapshot: Snapshot, count: int, *, every: bool = False
    ) -> AsyncGenerator[Phase | Fixes, None]:
        """Phases, and `Fixes` last. count: how many candidates to ask for, until one holds in full.

        every: ask for all of them, also after one that does.
        """
        try:
            async with aclosing(self._steps(ask, snapshot, count, every=every)) as steps:
                async for step in steps:
                    yield step
        except LspDebuggerError as error:
            _log.warning("no fix: %s", type(error).__name__)
            yield Fixes((), (*self._reasons, str(error)), error.hint)

    async def _steps(
        self, ask: Ask, snapshot: Snapshot, count: int, *, every: bool
    ) -> AsyncGenerator[Phase | Fixes, None]:
        yield Phase("looking for a model")
        ready = await self.writer.ready()
        if isinstance(ready, Unanswered):
            yield Fixes((), (ready.reason,), ready.hint)
            return
        yield Phase("gathering context")
        card = await self.cards.card(ask.problem, snapshot)
        room = room_tokens(ready.context_tokens, self.sampling)
        context = await self.build(ask, card, snapshot, min(self.budget_tokens, room))
        candidates = _Candidates(self, context, ready.may_ask_again)
        count = min(count, MAX_CANDIDATES) if ready.may_ask_again else 1
        for number in range(count):
            nth = f" {number + 1} of {count}" if count > 1 else ""
            yield Phase(f"asking for a fix{nth}")
            # The first as the model means it, the others as far away as makes a difference.
            sampling = replace(
                self.sampling, seed=self.sampling.seed + number, temperature=0.0 if number == 0 else 0.6
            )
            async for phase in candidates.ask(sampling):
                yield phase
            if candidates.is_settled and not every:
                break
        best_first = await asyncio.to_thread(sorted, candidates.found, key=rank)
        yield Fixes(tuple(best_first), tuple(dict.fromkeys(self._reasons)))

    def refused(self, reason: str) -> None:
        self._reasons.append(reason)


@dataclass(slots=True)
class _Candidates:
    """What came of the questions so far. known: what became of patches by what they come to."""

    fixing: Fixing
    context: Context
    may_repair: bool
    found: list[Candidate] = field(default_factory=list[Candidate])
    known: dict[Hashable, str] = field(default_factory=dict[Hashable, str])

    @property
    def is_settled(self) -> bool:
        """One of them passed every rung: another could at most be smaller."""
        return any(each.verdict.is_complete for each in self.found)

    async def ask(self, sampling: Sampling) -> AsyncIterator[Phase]:
        """One candidate more, if it holds; what does not is sent back with what was wrong."""
        failed = await self._try(self.context, sampling, repaired=False)
        for _ in range(MAX_REPAIRS if self.may_repair else 0):
            if not failed:
                break
            self.fixing.refused(failed)
            yield Phase("asking again with what was wrong")
            task = f"{self.context.ask.task} Your last answer was refused: {failed}. Answer again."
            again = replace(self.context, ask=replace(self.context.ask, task=task))
            failed = await self._try(again, sampling, repaired=True)
        if failed:
            self.fixing.refused(failed)
        else:
            yield Phase(f"checked: {self.found[-1].verdict.words}"[:120])

    async def _try(self, context: Context, sampling: Sampling, *, repaired: bool) -> str:
        """Empty when there is a candidate, else what was wrong: a line that a model can do something with."""
        written = await self.fixing.writer.write(context, sampling)
        patch = await asyncio.to_thread(self.fixing.read, written.text, written.cut_off)
        if isinstance(patch, PatchRefused):
            return patch.reason
        problem = context.ask.problem
        placed = await asyncio.to_thread(self.fixing.place, patch, problem, written.files)
        if isinstance(placed, PatchRefused):
            return placed.reason
        applied, before = placed
        if all(before.get(path) == text for path, text in applied.new_texts.items()):
            return "nothing was changed"
        code = await asyncio.to_thread(normalised, applied.new_texts)
        if code not in self.known:
            verdict = await self.fixing.verdict(applied, before, problem)
            self.known[code] = verdict.words if verdict.is_refuted else ""
            if not verdict.is_refuted:
                self.found.append(Candidate(applied, verdict, before, repaired, written.mean_logprob))
        return self.known[code]


@dataclass(slots=True)
class OwnWriter:
    """A model of ours, behind the gate that every prompt passes."""

    choose: Callable[[], Awaitable[Choice]]
    decide: Callable[[Context], Awaitable[Decision]]
    route: Callable[[Decision, ModelInfo], Route | Denied]
    gate: Callable[[], Awaitable[Gate]]
    _choice: Choice | None = None

    async def ready(self) -> Ready | Unanswered:
        choice = self._choice = await self.choose()
        if choice.backend is None or choice.info is None:
            return Unanswered(choice.why, choice.hint)
        return Ready(choice.info.context_tokens)

    async def write(self, context: Context, sampling: Sampling) -> Written:
        choice = self._choice
        assert choice is not None
        assert choice.backend is not None, "it said that it is ready"
        assert choice.info is not None
        decision = await self.decide(context)
        route, gate = self.route(decision, choice.info), await self.gate()
        if isinstance(route, Denied):
            await gate.refused(decision, route, choice.info)
            raise EgressRefused(route.reason, route.hint)
        cleared, collected = await gate.clear(context, decision, route), Collected()
        try:
            await collected.take(choice.backend, cleared, sampling)
        finally:
            outcome = "completed" if collected.finish_reason != "error" else "failed"
            await gate.finished(cleared, outcome, completion_tokens=collected.tokens)
        cut_off = collected.finish_reason != "stop"
        return Written(collected.text, cut_off, cleared.files, collected.mean_logprob)
