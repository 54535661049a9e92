"""One question through the real gate, policy and audit; only the model's words are scripted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from scripted_backend import ScriptedBackend

from lsp_debugger.context import build
from lsp_debugger.context.workspace import Workspace
from lsp_debugger.core.ask import Answer, Ask, Card, Confidence, Place, Problem, Unanswered, Verified
from lsp_debugger.core.errors import BackendUnavailable, ContextTooLong
from lsp_debugger.core.events import CardReady, Delta, Event, Finished, Phase
from lsp_debugger.core.material import Context
from lsp_debugger.core.model import Locality, Sampling
from lsp_debugger.core.text import Snapshot, Span
from lsp_debugger.features.explain import EXPLAIN
from lsp_debugger.models.choose import Choice
from lsp_debugger.models.prompt import render
from lsp_debugger.pipeline import Pipeline
from lsp_debugger.policy.audit import Audit
from lsp_debugger.policy.decide import Decision, decide
from lsp_debugger.policy.gate import Gate
from lsp_debugger.policy.route import route
from lsp_debugger.policy.store import PolicyStore
from lsp_debugger.syntax.symbols import SymbolMap
from lsp_debugger.syntax.tree import TreeSitterSyntax

KEY = "AKIA" + "Q2W3E4R5T6Y7U2I3"
TEXT = f'def f(a):\n    key = "{KEY}"\n    return undefined\n'


class FixedCard:
    async def card(self, problem: Problem, snapshot: Snapshot) -> Card:
        return Card(f"`{snapshot.text[28:31]}` is about {problem.code}.", places=(Place("app.py", 3),))


@dataclass
class House:
    """The pipeline with real parts around a scripted model."""

    folder: Path
    backend: ScriptedBackend | None = field(default_factory=ScriptedBackend)
    user_policy: str = ""
    before_clearing: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        policy = self.folder / "policy.yaml"
        policy.write_text(self.user_policy or "rules:\n  - default: local\n")
        self.store = PolicyStore(user_path=str(policy), roots=[str(self.folder)])
        self.audit = Audit(self.folder / "audit")
        self.the_gate = Gate(self.store, lambda: self.audit, render)
        space = Workspace([self.folder], SymbolMap())
        self.sources = build.Sources(TreeSitterSyntax(), space.symbols, None, space.read, self.folder)
        path = self.folder / "app.py"
        self.snapshot = Snapshot(path.as_uri(), TEXT, 5, str(path), "python")
        span = Span(TEXT.index("undefined"), len(TEXT) - 1)
        self.problem = Problem("Undefined name", code="F821", path="app.py", line=3, span=span)
        self.pipeline = Pipeline(
            cards=FixedCard(),
            choose=self._choose,
            build=self._build,
            decide=self._decide,
            route=route,
            gate=self._gate,
            budget_tokens=2000,
            sampling=Sampling(),
            offer=lambda _: "nothing was sent",
        )

    async def _choose(self) -> Choice:
        if self.backend is None:
            return Choice(None, None, "no model was found", "start one")
        return Choice(self.backend, await self.backend.describe(), "scripted")

    async def _build(self, ask: Ask, card: Card, snapshot: Snapshot, budget_tokens: int) -> Context:
        return await build.build(self.sources, ask, card, snapshot, budget_tokens)

    async def _decide(self, context: Context) -> Decision:
        return decide(self.store.current(), context, context.ask.task_name)

    async def _gate(self) -> Gate:
        self.before_clearing()
        return self.the_gate

    async def ask(self) -> list[Event]:
        async with aclosing(self.pipeline.run(EXPLAIN, self.problem, self.snapshot, "id-1")) as events:
            return [event async for event in events]

    def records(self) -> list[tuple[str, object]]:
        return [(str(body["kind"]), body.get("outcome")) for _, body in self.audit.records()]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    made = House(tmp_path)
    yield made
    await made.the_gate.aclose()


def finished(events: list[Event]) -> Verified:
    assert isinstance(events[-1], Finished)
    return events[-1].verified


def answer(events: list[Event]) -> Answer:
    reply = finished(events).reply
    assert isinstance(reply, Answer)
    return reply


def unanswered(events: list[Event]) -> Unanswered:
    reply = finished(events).reply
    assert isinstance(reply, Unanswered)
    return reply


async def test_the_card_comes_first_and_the_text_as_it_arrives(house: House) -> None:
    events = await house.ask()
    assert isinstance(events[0], CardReady)
    assert [event.name for event in events if isinstance(event, Phase)] == [
        "looking for a model",
        "gathering context",
        "clearing",
        "reading the prompt",
        "writing",
    ]
    assert "".join(event.text for event in events if isinstance(event, Delta)) == "All good."
    assert answer(events).markdown == "All good."
    assert finished(events).version == 5


async def test_an_answer_names_all_that_it_came_from(house: House) -> None:
    source = answer(await house.ask()).provenance
    (cleared,) = house.backend.received  # pyright: ignore[reportOptionalMemberAccess]
    assert (source.model, source.digest, source.locality) == ("tiny", "sha256:00ff", "own")
    assert source.policy_sha256 == house.store.current().sha256
    assert source.prompt_hmac == cleared.prompt_hmac != ""
    assert (source.answer_id, source.index_version) == ("id-1", "none")


async def test_a_secret_of_the_file_does_not_reach_the_model(house: House) -> None:
    await house.ask()
    (cleared,) = house.backend.received  # pyright: ignore[reportOptionalMemberAccess]
    sent = "".join(message.text for message in cleared.messages)
    assert KEY not in sent
    assert "<SECRET_1:" in sent
    assert "return undefined" in sent


async def test_evidence_is_what_the_model_names_and_was_shown(house: House) -> None:
    house.backend.script = ("The name at app.py:3 is not ", "defined; see other.py:9.")  # pyright: ignore[reportOptionalMemberAccess]
    reply = answer(await house.ask())
    assert reply.evidence == (Place("app.py", 3),)
    assert reply.confidence is Confidence.HIGH


async def test_without_a_model_the_card_and_the_reason_stand(house: House) -> None:
    house.backend = None
    events = await house.ask()
    assert unanswered(events).reason == "no model was found"
    assert finished(events).card.headline.startswith("`")


@pytest.mark.parametrize("error", [BackendUnavailable("it is gone", "start it"), ContextTooLong("too long")])
async def test_a_broken_backend_leaves_the_card_and_says_why(house: House, error: Exception) -> None:
    house.backend.script = (error,)  # pyright: ignore[reportOptionalMemberAccess]
    assert unanswered(await house.ask()).reason == str(error)
    assert house.records()[-1] == ("decision", "failed")


async def test_a_stream_that_breaks_keeps_its_words(house: House) -> None:
    house.backend.script = ("Because of ", BackendUnavailable("gone"))  # pyright: ignore[reportOptionalMemberAccess]
    reply = answer(await house.ask())
    assert reply.markdown == "Because of "
    assert (reply.complete, reply.finish_reason, reply.confidence) == (False, "error", Confidence.LOW)


async def test_a_remote_model_is_refused_with_the_reason(house: House) -> None:
    house.backend = ScriptedBackend(locality=Locality.REMOTE)
    reply = unanswered(await house.ask())
    assert "counts as remote" in reply.reason
    assert reply.hint.startswith("if that server is yours: lsp-debugger config local add")
    assert house.backend.received == []


async def test_deny_stops_a_declared_server_and_not_one_on_this_machine(tmp_path: Path) -> None:
    deny = (
        "classes:\n  never_send:\n    - path: app.py\n"
        "rules:\n  - if: input.matches(classes.never_send)\n    action: deny\n"
    )
    private = House(tmp_path, ScriptedBackend(locality=Locality.DECLARED_PRIVATE), deny)
    assert "the policy denies this request" in unanswered(await private.ask()).reason
    private.backend = own = ScriptedBackend()
    assert answer(await private.ask()).markdown == "All good."
    assert len(own.received) == 1
    await private.the_gate.aclose()


async def test_nothing_is_sent_when_the_record_cannot_be_written(house: House) -> None:
    def break_it() -> None:
        (house.folder / "audit").rmdir() if (house.folder / "audit").exists() else None
        (house.folder / "audit").write_text("a file where the directory should be")

    house.before_clearing = break_it
    reply = unanswered(await house.ask())
    assert "audit" in reply.reason.lower()
    assert house.backend.received == []  # pyright: ignore[reportOptionalMemberAccess]


async def test_closing_the_events_stops_the_model_and_is_on_record(house: House) -> None:
    house.backend = ScriptedBackend(("First ", None))
    events = house.pipeline.run(EXPLAIN, house.problem, house.snapshot, "id-2")
    async for event in events:
        if isinstance(event, Delta):
            break
    assert house.backend.is_generating
    await events.aclose()
    assert not house.backend.is_generating
    assert house.records()[-1] == ("decision", "cancelled")


async def test_cancelling_while_the_model_is_silent_stops_it(house: House) -> None:
    house.backend = ScriptedBackend((None,))
    task = asyncio.ensure_future(house.ask())
    await asyncio.wait_for(house.backend.began.wait(), 20)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not house.backend.is_generating


async def test_a_problem_without_words_asks_nothing(house: House) -> None:
    house.problem = replace(house.problem, message="  ")
    assert "nothing to ask" in unanswered(await house.ask()).reason
    assert house.backend.received == []  # pyright: ignore[reportOptionalMemberAccess]
