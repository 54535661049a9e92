"""The gate: nothing is cleared that was not redacted, allowed and on record, and nobody else clears."""

from __future__ import annotations

import asyncio
import copy
import dataclasses
import json
import pickle
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from policy_samples import AWS_KEY, GITHUB_TOKEN, PASSWORD, context, fragment, model

from lsp_debugger.core.ask import Card, CertainEdit, Place, Replacement
from lsp_debugger.core.errors import AuditUnavailable, EgressRefused
from lsp_debugger.core.material import Context, FragmentKind
from lsp_debugger.core.model import Locality, Message
from lsp_debugger.core.text import Span
from lsp_debugger.policy.audit import Audit
from lsp_debugger.policy.audit_verify import verify
from lsp_debugger.policy.decide import Decision, decide
from lsp_debugger.policy.gate import Cleared, Gate, is_cleared
from lsp_debugger.policy.known_values import KnownValues
from lsp_debugger.policy.route import Denied, Route, route
from lsp_debugger.policy.store import PolicyStore

LOCAL = model(Locality.OWN)
NEAR = model(Locality.DECLARED_PRIVATE, "http://u:pw@10.0.0.7:8000/v1")


def render(asked: Context) -> tuple[Message, ...]:
    """Shows everything of a context that a prompt could show."""
    card, problem = asked.card, asked.ask.problem
    edits = [one.new_text for one in card.edit.replacements] if card.edit else []
    notes = [place.note for place in (*card.places, *problem.related, *problem.frames)]
    parts = [*(one.text for one in asked.fragments), *(one.symbol for one in asked.fragments), *edits, *notes]
    parts += [card.headline, *card.notes, card.rule_text, problem.message, asked.snapshot.text]
    return Message("system", "Explain."), Message("user", "\n".join(parts))


class Desk:
    """A gate over real files in a temporary directory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.policy_path = folder / "policy.yaml"
        self.audit = Audit(folder / "audit")
        self.store = PolicyStore(user_path=str(self.policy_path), roots=["/work-space"])
        self.gate = self.gate_with(render)

    def gate_with(self, renders: Callable[[Context], tuple[Message, ...]]) -> Gate:
        return Gate(self.store, lambda: self.audit, renders, KnownValues([str(self.folder)], {}))

    def decision(self, asked: Context) -> Decision:
        return decide(self.store.current(), asked, "explain")

    async def clear(self, asked: Context, info: Any = LOCAL) -> Cleared:
        decision = self.decision(asked)
        return await self.gate.clear(asked, decision, Route(info.endpoint, info, info.locality, "why"))

    def kinds(self) -> list[Any]:
        return [body["kind"] for _, body in self.audit.records()]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    made = Desk(tmp_path)
    yield made
    await made.gate.aclose()
    made.audit.close()


async def test_what_is_cleared_is_redacted_and_on_record(desk: Desk) -> None:
    asked = context(
        fragment(f'password = "{PASSWORD}"\n'), message=f"bad value {PASSWORD!r}: password = '{PASSWORD}'"
    )
    (desk.folder / ".env").write_text(f"DB_PASSWORD={PASSWORD}\n")
    cleared = await desk.clear(asked)
    assert PASSWORD not in repr(cleared.messages)
    assert "SNAPSHOT-TEXT" not in repr(cleared.messages)
    assert 'password = "<SECRET_1:known>"' in cleared.messages[1].text
    assert dict(cleared.redactions) == {"known": 3}
    assert is_cleared(cleared)
    [*_, (_, body)] = desk.audit.records()
    assert body["kind"] == "decision"
    assert (body["request_id"], body["prompt_hmac"]) == (cleared.request_id, cleared.prompt_hmac)
    assert body["policy_sha256"] == cleared.policy_sha256 == desk.store.current().sha256
    assert body["redactions"] == {"known": 3}
    assert desk.kinds() == ["segment", "policy_load", "decision"]


async def test_no_secret_in_any_field_of_a_context_gets_through(desk: Desk) -> None:
    place = Place("a.py", 1, f"at {AWS_KEY}")
    edit = CertainEdit("fix", "file:///a.py", 1, (Replacement(Span(0, 1), f'"{AWS_KEY}"'),))
    asked = context(fragment(AWS_KEY, symbol=AWS_KEY), message=AWS_KEY)
    asked = dataclasses.replace(
        asked,
        card=Card(AWS_KEY, (place,), (AWS_KEY,), edit, AWS_KEY),
        ask=dataclasses.replace(
            asked.ask, problem=dataclasses.replace(asked.ask.problem, related=(place,), frames=(place,))
        ),
    )
    cleared = await desk.clear(asked)
    assert AWS_KEY not in repr(cleared.messages)
    assert cleared.messages[1].text.count("<SECRET_1:aws_key>") == 10
    raw = b"".join(path.read_bytes() for path in desk.audit.directory.rglob("*") if path.is_file())
    assert AWS_KEY.encode() not in raw


async def test_numbers_follow_the_prompt_and_literals_follow_the_text(desk: Desk) -> None:
    seen = list[Context]()

    def remember(asked: Context) -> tuple[Message, ...]:
        seen.append(asked)
        return (Message("user", "x"),)

    scope = fragment(f'k = "{AWS_KEY}"; s = "plain"', literals=(Span(5, 5 + len(AWS_KEY)), Span(33, 38)))
    imports = fragment(f't = "{GITHUB_TOKEN}"', kind=FragmentKind.IMPORTS)
    asked = context(scope, imports)
    decision = desk.decision(asked)
    await desk.gate_with(remember).clear(asked, decision, Route(LOCAL.endpoint, LOCAL, LOCAL.locality, ""))
    [redacted] = seen
    first, second = redacted.fragments
    assert second.text == 't = "<SECRET_1:github_token>"'
    assert [span.of(first.text) for span in first.literals] == ["<SECRET_2:aws_key>", "plain"]


async def test_a_secret_that_two_fragments_make_together_is_found(desk: Desk) -> None:
    def glue(asked: Context) -> tuple[Message, ...]:
        return (Message("user", "".join(one.text for one in asked.fragments)),)

    asked = context(fragment(f'k = "{AWS_KEY[:9]}'), fragment(f'{AWS_KEY[9:]}"'))
    gate = desk.gate_with(glue)
    cleared = await gate.clear(asked, desk.decision(asked), Route(LOCAL.endpoint, LOCAL, LOCAL.locality, ""))
    assert cleared.messages[0].text == 'k = "<SECRET_1:aws_key>"'


async def test_equal_prompts_have_equal_hmacs_and_others_not(desk: Desk) -> None:
    one = await desk.clear(context(fragment("x = 1")))
    same = await desk.clear(context(fragment("x = 1")))
    other = await desk.clear(context(fragment("x = 2")))
    assert one.prompt_hmac == same.prompt_hmac != other.prompt_hmac
    assert one.request_id != same.request_id


async def test_what_leaves_the_machine_is_an_intent(desk: Desk) -> None:
    cleared = await desk.clear(context(fragment("x = 1")), NEAR)
    await desk.gate.finished(cleared, "completed", completion_tokens=7)
    kinds = {body["kind"]: body for _, body in desk.audit.records()}
    assert list(kinds) == ["segment", "policy_load", "egress_intent", "egress_outcome"]
    assert kinds["egress_intent"]["endpoint"] == "http://10.0.0.7:8000/v1"
    assert kinds["egress_outcome"]["request_id"] == cleared.request_id
    assert kinds["egress_outcome"]["completion_tokens"] == 7
    assert verify(desk.audit).code == 0


@pytest.mark.parametrize("info", [NEAR, model(Locality.REMOTE, "https://api.example.com")])
async def test_a_route_is_looked_at_again(desk: Desk, info: Any) -> None:
    desk.policy_path.write_text("rules: [{if: true, action: deny}]\n")
    with pytest.raises(EgressRefused):
        await desk.clear(context(fragment("x = 1")), info)
    assert not desk.audit.path.exists()
    assert await desk.clear(context(fragment("x = 1")), LOCAL)


async def test_a_policy_that_changes_on_the_way_counts(desk: Desk) -> None:
    asked = context(fragment("x = 1"))
    decision = desk.decision(asked)
    allowed = route(decision, NEAR)
    assert isinstance(allowed, Route)
    desk.policy_path.write_text("rules: [{if: true, action: deny}]\n")
    with pytest.raises(EgressRefused, match="denies this request"):
        await desk.gate.clear(asked, decision, allowed)


async def test_an_unreadable_policy_still_answers_here(desk: Desk) -> None:
    desk.policy_path.write_text("nevr_send: []\n")
    with pytest.raises(EgressRefused, match="unknown key 'nevr_send'"):
        await desk.clear(context(fragment("x = 1")), NEAR)
    cleared = await desk.clear(context(fragment(AWS_KEY)), LOCAL)
    assert AWS_KEY not in repr(cleared.messages)


async def test_without_a_record_nothing_is_cleared(desk: Desk) -> None:
    desk.audit.directory.write_text("in the way")
    for info in (LOCAL, NEAR):
        with pytest.raises(AuditUnavailable):
            await desk.clear(context(fragment("x = 1")), info)


async def test_what_cannot_be_made_clean_is_not_cleared(desk: Desk) -> None:
    """Each look finds one `a` more, and there are more of them than looks."""
    desk.policy_path.write_text("classes: {redact_and_allow: [{pattern: '^(?:<[^>]*> ?)*a'}]}\n")
    assert await desk.clear(context(fragment("a a"), message="m"))
    with pytest.raises(EgressRefused, match="left after redaction"):
        await desk.clear(context(fragment("a " * 50)))


async def test_a_constant_prefix_with_a_secret_in_it_is_refused(desk: Desk) -> None:
    near = Route(LOCAL.endpoint, LOCAL, LOCAL.locality, "")
    with pytest.raises(EgressRefused, match="left after redaction"):
        await desk.gate.clear_constant((Message("user", AWS_KEY),), near)


async def test_a_policys_own_patterns_redact(desk: Desk) -> None:
    desk.policy_path.write_text("classes: {redact_and_allow: [{pattern: 'ACME-'}, {pattern: 'badge:'}]}\n")
    cleared = await desk.clear(context(fragment("id ACME-77 badge: blue7")))
    assert "id <SECRET_1:policy> badge: <SECRET_2:policy>" in cleared.messages[1].text


async def test_a_constant_prefix_is_cleared_under_its_own_name(desk: Desk) -> None:
    near = Route(NEAR.endpoint, NEAR, NEAR.locality, "")
    cleared = await desk.gate.clear_constant((Message("system", "You explain."),), near)
    assert is_cleared(cleared)
    assert desk.kinds() == ["segment", "policy_load", "warm_up"]
    remote = model(Locality.REMOTE)
    with pytest.raises(EgressRefused):
        await desk.gate.clear_constant((), Route(remote.endpoint, remote, remote.locality, ""))
    desk.policy_path.write_text("nevr_send: []\n")
    fresh = Desk(desk.folder)
    with pytest.raises(EgressRefused):
        await fresh.gate.clear_constant((), near)
    fresh.audit.close()


async def test_a_refusal_is_on_record(desk: Desk) -> None:
    decision = desk.decision(context())
    denied = route(decision, model(Locality.REMOTE))
    assert isinstance(denied, Denied)
    await desk.gate.refused(decision, denied, model(Locality.REMOTE))
    [*_, (_, body)] = desk.audit.records()
    assert (body["outcome"], body["locality"]) == ("denied", "remote")
    assert json.dumps(body)


async def test_requests_at_once_do_not_mix(desk: Desk) -> None:
    contexts = [context(fragment(f'k{n} = "{GITHUB_TOKEN}{n:03}"')) for n in range(8)]
    cleared = await asyncio.gather(*(desk.clear(one) for one in contexts))
    assert {one.messages[1].text.splitlines()[0] for one in cleared} == {
        f'k{n} = "<SECRET_1:github_token>"' for n in range(8)
    }
    assert verify(desk.audit).code == 0


async def test_nobody_else_makes_or_changes_cleared(desk: Desk) -> None:
    genuine = await desk.clear(context(fragment("x = 1")))
    fields = {
        name: getattr(genuine, name)
        for name in ("request_id", "messages", "route", "policy_sha256", "prompt_hmac", "redactions")
    }
    with pytest.raises(TypeError):
        Cleared(object(), **fields)
    for attempt in (copy.copy, copy.deepcopy, pickle.dumps, dataclasses.replace):
        with pytest.raises(TypeError):
            attempt(genuine)  # type: ignore[operator]
    with pytest.raises(AttributeError):
        genuine.messages = ()  # type: ignore[misc]
    with pytest.raises(AttributeError):
        del genuine.messages
    with pytest.raises(TypeError):
        genuine.redactions["x"] = 1  # type: ignore[index]
    with pytest.raises(TypeError):
        type("Looser", (Cleared,), {})
    forged = object.__new__(Cleared)
    assert not is_cleared(forged)
    assert "x = 1" not in repr(genuine)
