"""The flow of one fix: the question as for an explanation, then read, place, check and rank what came back.

A model's text is never shown: what is shown are edits of the user's files that were placed without a doubt,
each with what was checked about it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher

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
from lsp_debugger.verify.verdict import Verdict

_log = logging.getLogger(__name__)

MAX_CANDIDATES = 5


@dataclass(frozen=True, slots=True)
class Candidate:
    """before: the texts of the files it changes, by path below the root. repaired: a second try."""

    applied: Applied
    verdict: Verdict
    before: Mapping[str, str]
    repaired: bool = False

    @property
    def changed_chars(self) -> int:
        pairs = ((self.before.get(path, ""), text or "") for path, text in self.applied.new_texts.items())
        return sum(changed(old, new) for old, new in pairs)


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

    async def run(self, ask: Ask, snapshot: Snapshot, count: int) -> AsyncGenerator[Phase | Fixes, None]:
        """Phases, and `Fixes` last. count: how many candidates to ask for."""
        try:
            async with aclosing(self._steps(ask, snapshot, count)) as steps:
                async for step in steps:
                    yield step
        except LspDebuggerError as error:
            _log.warning("no fix: %s", type(error).__name__)
            yield Fixes((), (*self._reasons, str(error)), error.hint)

    async def _steps(self, ask: Ask, snapshot: Snapshot, count: int) -> AsyncGenerator[Phase | Fixes, None]:
        yield Phase("looking for a model")
        ready = await self.writer.ready()
        if isinstance(ready, Unanswered):
            yield Fixes((), (ready.reason,), ready.hint)
            return
        yield Phase("gathering context")
        card = await self.cards.card(ask.problem, snapshot)
        room = room_tokens(ready.context_tokens, self.sampling)
        context = await self.build(ask, card, snapshot, min(self.budget_tokens, room))
        found = list[Candidate]()
        count = min(count, MAX_CANDIDATES) if ready.may_ask_again else 1
        for number in range(count):
            nth = f" {number + 1} of {count}" if count > 1 else ""
            yield Phase(f"asking for a fix{nth}")
            sampling = replace(
                self.sampling, seed=self.sampling.seed + number, temperature=0.0 if number == 0 else 0.6
            )
            candidate, failed = await self._candidate(context, sampling)
            if candidate is None and failed and ready.may_ask_again:
                yield Phase("asking again with what was wrong")
                candidate, _ = await self._repaired(context, sampling, failed)
            if candidate is not None and not any(same(candidate, each) for each in found):
                found.append(candidate)
                yield Phase(f"checked: {candidate.verdict.words}"[:120])
        found.sort(key=rank)
        yield Fixes(tuple(found), tuple(dict.fromkeys(self._reasons)))

    async def _candidate(self, context: Context, sampling: Sampling) -> tuple[Candidate | None, str]:
        """A checked candidate, or None and what was wrong, in a line that a model can do something with."""
        written = await self.writer.write(context, sampling)
        patch = self.read(written.text, written.cut_off)
        if isinstance(patch, PatchRefused):
            self._reasons.append(patch.reason)
            return None, patch.reason
        placed = await asyncio.to_thread(self.place, patch, context.ask.problem, written.files)
        if isinstance(placed, PatchRefused):
            self._reasons.append(placed.reason)
            return None, placed.reason
        applied, before = placed
        if all(before.get(path) == text for path, text in applied.new_texts.items()):
            self._reasons.append("the model changed nothing")
            return None, "nothing was changed"
        verdict = await self.verdict(applied, before, context.ask.problem)
        if verdict.is_refuted:
            self._reasons.append(verdict.words)
            return None, verdict.words
        return Candidate(applied, verdict, before), ""

    async def _repaired(
        self, context: Context, sampling: Sampling, failed: str
    ) -> tuple[Candidate | None, str]:
        task = f"{context.ask.task} Your first answer was refused: {failed}. Answer again."
        again = replace(context, ask=replace(context.ask, task=task))
        candidate, failed = await self._candidate(again, sampling)
        return (replace(candidate, repaired=True) if candidate is not None else None), failed


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
        return Written(collected.text, collected.finish_reason != "stop", cleared.files)


def rank(candidate: Candidate) -> tuple[bool, int, int]:
    """Nothing silenced first, then what passed most rungs, then the smallest change."""
    return bool(candidate.verdict.flags), -candidate.verdict.height, candidate.changed_chars


def changed(old: str, new: str) -> int:
    """How many characters of lines are not the same any more."""
    matcher = SequenceMatcher(None, old.splitlines(), new.splitlines(), autojunk=False)
    a, b = old.splitlines(), new.splitlines()
    return sum(
        sum(map(len, a[first:last])) + sum(map(len, b[start:end]))
        for tag, first, last, start, end in matcher.get_opcodes()
        if tag != "equal"
    )


def same(one: Candidate, other: Candidate) -> bool:
    """They come to the same texts, blanks at line ends aside."""
    return _plain(one.applied.new_texts) == _plain(other.applied.new_texts)


def _plain(texts: Mapping[str, str | None]) -> dict[str, Sequence[str]]:
    return {path: [line.rstrip() for line in (text or "").splitlines()] for path, text in texts.items()}
