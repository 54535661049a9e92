"""The flow of one fix: the question as for an explanation, then read, place, check and rank what came back.

A model's text is never shown: what is shown are edits of the user's files that were placed without a doubt,
each with what was checked about it.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from typing import Any

from lsp_debugger.core.ask import Ask, Card, Problem
from lsp_debugger.core.errors import EgressRefused, LspDebuggerError
from lsp_debugger.core.events import Phase
from lsp_debugger.core.material import Context
from lsp_debugger.core.model import ModelInfo, Sampling
from lsp_debugger.core.patch import Applied, Patch, PatchRefused
from lsp_debugger.core.ports import Backend, CardMaker
from lsp_debugger.core.text import Snapshot
from lsp_debugger.pipeline import Choice
from lsp_debugger.policy.cleared import Cleared
from lsp_debugger.policy.decide import Decision
from lsp_debugger.policy.gate import Gate
from lsp_debugger.policy.route import Denied, Route
from lsp_debugger.reading import room_tokens
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

    read: takes the completion and whether it was cut off. place: also gives the texts of the files that the
    patch changes, as the user sees them. verdict: the ladder of this workspace.
    """

    cards: CardMaker
    choose: Callable[[], Awaitable[Choice]]
    build: Callable[[Ask, Card, Snapshot, int], Awaitable[Context]]
    decide: Callable[[Context], Awaitable[Decision]]
    route: Callable[[Decision, ModelInfo], Route | Denied]
    gate: Callable[[], Awaitable[Gate]]
    budget_tokens: int
    sampling: Sampling
    read: Callable[[str, bool], Patch | PatchRefused]
    place: Callable[[Patch, Problem], tuple[Applied, Mapping[str, str]] | PatchRefused]
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
        choice = await self.choose()
        if choice.backend is None or choice.info is None:
            yield Fixes((), (choice.why,), choice.hint)
            return
        yield Phase("gathering context")
        card = await self.cards.card(ask.problem, snapshot)
        room = room_tokens(choice.info.context_tokens, self.sampling)
        context = await self.build(ask, card, snapshot, min(self.budget_tokens, room))
        found = list[Candidate]()
        for number in range(min(count, MAX_CANDIDATES)):
            nth = f" {number + 1} of {count}" if count > 1 else ""
            yield Phase(f"asking for a fix{nth}")
            sampling = replace(
                self.sampling, seed=self.sampling.seed + number, temperature=0.0 if number == 0 else 0.6
            )
            candidate, failed = await self._candidate(choice.backend, choice.info, context, sampling)
            if candidate is None and failed:
                yield Phase("asking again with what was wrong")
                candidate, _ = await self._repaired(choice.backend, choice.info, context, sampling, failed)
            if candidate is not None and not any(same(candidate, each) for each in found):
                found.append(candidate)
                yield Phase(f"checked: {candidate.verdict.words}"[:120])
        found.sort(key=rank)
        yield Fixes(tuple(found), tuple(dict.fromkeys(self._reasons)))

    async def _candidate(
        self, backend: Backend[Cleared], info: ModelInfo, context: Context, sampling: Sampling
    ) -> tuple[Candidate | None, str]:
        """A checked candidate, or None and what was wrong, in a line that a model can do something with."""
        completion, cut_off = await self._completion(backend, info, context, sampling)
        patch = self.read(completion, cut_off)
        if isinstance(patch, PatchRefused):
            self._reasons.append(patch.reason)
            return None, patch.reason
        placed = self.place(patch, context.ask.problem)
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
        self,
        backend: Backend[Cleared],
        info: ModelInfo,
        context: Context,
        sampling: Sampling,
        failed: str,
    ) -> tuple[Candidate | None, str]:
        task = f"{context.ask.task} Your first answer was refused: {failed}. Answer again."
        again = replace(context, ask=replace(context.ask, task=task))
        candidate, failed = await self._candidate(backend, info, again, sampling)
        return (replace(candidate, repaired=True) if candidate is not None else None), failed

    async def _completion(
        self, backend: Backend[Cleared], info: ModelInfo, context: Context, sampling: Sampling
    ) -> tuple[str, bool]:
        """The model's words, as they are: they are read as edits, and never shown."""
        decision = await self.decide(context)
        route, gate = self.route(decision, info), await self.gate()
        if isinstance(route, Denied):
            await gate.refused(decision, route, info)
            raise EgressRefused(route.reason, route.hint)
        cleared = await gate.clear(context, decision, route)
        parts, finish, tokens = list[str](), "error", 0
        try:
            completion: Any = backend.complete(cleared, sampling)
            async with aclosing(completion) as chunks:
                async for chunk in chunks:
                    parts.append(chunk.text)
                    tokens += bool(chunk.text)
                    finish = chunk.finish_reason or finish
        finally:
            outcome = "completed" if finish != "error" else "failed"
            await gate.finished(cleared, outcome, completion_tokens=tokens)
        return "".join(parts), finish != "stop"


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
