"""The gate to models of others: what was previewed or nothing, once, on record first."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from pathlib import Path

import pytest
from cloud_policy import CloudPolicy
from policy_samples import GITHUB_TOKEN, context, fragment

from lsp_debugger.core.errors import AuditUnavailable, EgressRefused
from lsp_debugger.core.model import Message, Sampling
from lsp_debugger.egress.clearance import permit
from lsp_debugger.models.openai_chat import remote_body
from lsp_debugger.policy import remote as remote_module
from lsp_debugger.policy.audit import Audit
from lsp_debugger.policy.audit_verify import verify
from lsp_debugger.policy.budget import Ledger
from lsp_debugger.policy.consent import Consents
from lsp_debugger.policy.gate import Gate
from lsp_debugger.policy.remote import Preview, RemoteGate, in_words
from lsp_debugger.policy.route import Denied
from lsp_debugger.policy.store import PolicyStore

ASKED = context(fragment("def total():\n    return undefined_name\n"), path=None)


class Desk:
    def __init__(self, folder: Path, **change: str) -> None:
        self.cloud = CloudPolicy(folder=folder)
        self.file = folder / "policy.yaml"
        self.write(**change)
        (folder / "policy.pub").write_text(self.cloud.key.public)
        self.audit = Audit(folder / "audit")
        self.store = PolicyStore(user_path=str(self.file), roots=[str(folder)])
        self.gate = Gate(self.store, lambda: self.audit, _render)
        self.ledger = Ledger(folder / "budget.db")
        self.remote = RemoteGate(self.gate, self.ledger, Consents(folder / "consents.json"), remote_body)

    def write(self, attested: str = "", **change: str) -> None:
        self.file.write_text(self.cloud.text(attested, **change))

    async def preview(self, asked: object = ASKED) -> Preview:
        endpoint = self.remote.endpoint()
        assert endpoint is not None
        preview = await self.remote.prepare(asked, endpoint, Sampling())  # type: ignore[arg-type]
        assert isinstance(preview, Preview), preview
        return preview

    def kinds(self) -> list[str]:
        return [str(record["kind"]) for _, record in self.audit.records()]


def _render(asked: object) -> tuple[Message, ...]:
    texts = [each.text for each in asked.fragments]  # type: ignore[attr-defined]
    return (Message("system", "Explain."), Message("user", "\n".join(texts)))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


async def test_what_is_cleared_is_what_was_previewed(desk: Desk) -> None:
    preview = await desk.preview()
    assert "egress_intent" not in desk.kinds()
    cleared = await desk.remote.clear(preview, "once")
    assert cleared.body == preview.body
    assert cleared.prompt_hmac == preview.hmac
    assert json.loads(preview.body)["store"] is False
    assert desk.kinds()[-1] == "egress_intent"
    await desk.remote.finished(cleared, preview, "completed", completion_tokens=10)
    assert desk.kinds()[-1] == "egress_outcome"
    assert verify(desk.audit).code == 0


async def test_a_secret_is_in_neither_bytes_nor_record(desk: Desk) -> None:
    preview = await desk.preview(context(fragment(f'token = "{GITHUB_TOKEN}"'), path=None))
    await desk.remote.clear(preview, "once")
    raw = preview.body + b"".join(p.read_bytes() for p in desk.audit.directory.rglob("*") if p.is_file())
    assert GITHUB_TOKEN.encode() not in raw
    assert sum(preview.redactions.values()) >= 1
    assert GITHUB_TOKEN not in in_words(preview)


async def test_a_preview_is_good_once(desk: Desk) -> None:
    preview = await desk.preview()
    await desk.remote.clear(preview, "once")
    with pytest.raises(EgressRefused, match="not open any more"):
        await desk.remote.clear(preview, "once")


async def test_other_bytes_than_previewed_are_refused(desk: Desk) -> None:
    preview = await desk.preview()
    forged = dataclasses.replace(preview, body=preview.body.replace(b"Explain", b"Exploit"))
    with pytest.raises(EgressRefused, match="not open any more"):
        await desk.remote.clear(forged, "once")
    object.__setattr__(preview, "body", forged.body)
    with pytest.raises(EgressRefused, match="not the bytes that were previewed"):
        await desk.remote.clear(preview, "once")
    assert "egress_intent" not in desk.kinds()


async def test_another_policy_takes_another_preview(desk: Desk) -> None:
    preview = await desk.preview()
    desk.write(budgets="{per_user_day_usd: 6}")
    with pytest.raises(EgressRefused, match="policy has changed"):
        await desk.remote.clear(preview, "once")


@pytest.mark.parametrize("consent", ["", "yes", "Send once"])
async def test_nothing_but_a_known_word_is_consent(desk: Desk, consent: str) -> None:
    with pytest.raises(EgressRefused, match="gate `consent` is closed"):
        await desk.remote.clear(await desk.preview(), consent)
    assert "egress_intent" not in desk.kinds()


async def test_a_gate_that_is_closed_is_named_and_on_record(tmp_path: Path) -> None:
    desk = Desk(tmp_path, obligations="{regions: [us]}")
    endpoint = desk.remote.endpoint()
    assert endpoint is not None
    denied = await desk.remote.prepare(ASKED, endpoint, Sampling())
    assert isinstance(denied, Denied)
    assert "the gate `region` is closed" in denied.reason
    last = list(desk.audit.records())[-1][1]
    assert last["outcome"] == "denied"


async def test_the_budget_is_booked_before_and_corrected_after(tmp_path: Path) -> None:
    desk = Desk(tmp_path, budgets="{per_user_day_tokens: 1500}")
    limits = desk.store.current().policy.grants.budgets
    preview = await desk.preview()
    cleared = await desk.remote.clear(preview, "once")
    left = desk.ledger.left(limits, "2026-11-25").tokens
    assert left is not None
    assert left <= 1500 - preview.tokens - Sampling().max_tokens
    await desk.remote.finished(cleared, preview, "completed", completion_tokens=5)
    assert desk.ledger.left(limits, "2026-11-25").tokens == 1500 - preview.tokens - 5


async def test_without_a_record_nothing_is_booked_or_cleared(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    preview = await desk.preview()
    limits = desk.store.current().policy.grants.budgets
    before = desk.ledger.left(limits, "2026-11-25")
    append = desk.audit.append

    def full(kind: str, *args: object, **kwargs: object) -> int:
        if kind == "egress_intent":
            raise AuditUnavailable("the disk is full")
        return append(kind, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(desk.audit, "append", full)
    with pytest.raises(AuditUnavailable):
        await desk.remote.clear(preview, "once")
    assert desk.ledger.left(limits, "2026-11-25") == before


async def test_a_required_anchor_has_the_intent_before_it_is_cleared(tmp_path: Path) -> None:
    anchor = tmp_path / "worm.jsonl"
    desk = Desk(tmp_path, audit=f"{{anchor: required, anchor_path: {anchor}}}")
    await desk.remote.clear(await desk.preview(), "once")
    assert verify(desk.audit, anchor).code == 0
    anchor.unlink()
    anchor.mkdir()
    with pytest.raises(EgressRefused, match="gate `anchor` is closed"):
        await desk.remote.clear(await desk.preview(), "once")


async def test_a_standing_consent_is_for_this_policy(desk: Desk) -> None:
    await desk.remote.clear(await desk.preview(), "always")
    preview = await desk.preview()
    assert preview.standing
    await desk.remote.clear(preview, "")
    desk.write(budgets="{per_user_day_usd: 6}")
    assert (await desk.preview()).standing == ""


async def test_a_body_that_is_too_large_is_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote_module, "MAX_BODY_BYTES", 100)
    endpoint = desk.remote.endpoint()
    assert endpoint is not None
    denied = await desk.remote.prepare(ASKED, endpoint, Sampling())
    assert isinstance(denied, Denied)
    assert "too many to send" in denied.reason


async def test_several_at_once_are_several_records(desk: Desk) -> None:
    previews = [await desk.preview() for _ in range(4)]
    await asyncio.gather(*(desk.remote.clear(each, "once") for each in previews))
    assert desk.kinds().count("egress_intent") == 4
    assert verify(desk.audit).code == 0


async def test_only_what_the_remote_gate_cleared_may_travel(desk: Desk) -> None:
    cleared = await desk.remote.clear(await desk.preview(), "once")
    with permit(cleared):
        pass
    local = object.__new__(type(cleared))
    with pytest.raises((EgressRefused, AttributeError)), permit(local):
        pass
