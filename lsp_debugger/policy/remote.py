"""The gate to models of others: prepare, show, ask, look at every gate again, record, and only then seal.

A preview is the request itself, byte for byte. What is sealed later is that preview or nothing: another
policy, another endpoint or other bytes mean another preview. Each preview is good for one request.
"""

from __future__ import annotations

import asyncio
import os
import weakref
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from lsp_debugger.core.errors import AuditUnavailable, EgressRefused
from lsp_debugger.core.material import Context
from lsp_debugger.core.model import Locality, Message, ModelInfo, Sampling, estimate_tokens
from lsp_debugger.policy.anchor import acknowledge
from lsp_debugger.policy.budget import Ledger, cost
from lsp_debugger.policy.chain import Body
from lsp_debugger.policy.cleared import SEAL, Cleared
from lsp_debugger.policy.conditions import LATE_GATES, GateResult
from lsp_debugger.policy.consent import Consents, Scope
from lsp_debugger.policy.decide import Decision, decide
from lsp_debugger.policy.document import CloudEndpoint
from lsp_debugger.policy.facts import RequestFacts, utc_now
from lsp_debugger.policy.gate import Gate, Outcome
from lsp_debugger.policy.recorder import about_decision, about_model
from lsp_debugger.policy.rendered import Rendered, rendered
from lsp_debugger.policy.route import Denied, Route
from lsp_debugger.policy.store import LoadedPolicy

# Of a body that leaves the machine; what a decision looks through is limited separately, in characters.
MAX_BODY_BYTES = 10_000_000
# Consent that was given in advance, on a command line.
BY_FLAG = "flag"

Serialize = Callable[[tuple[Message, ...], str, Sampling], bytes]
_offered: weakref.WeakSet[Preview] = weakref.WeakSet()


@dataclass(frozen=True, eq=False)
class Preview:
    """A request as it would be sent. Made by RemoteGate, good once.

    body: the exact bytes. hmac: over the bytes, where they go and the policy. redactions: by label.
    tokens: an upper estimate of the prompt's. cost_micro_usd: at most. standing: a consent that covers this.
    """

    request_id: str
    endpoint: CloudEndpoint
    model: str
    body: bytes
    hmac: str
    redactions: dict[str, int]
    tokens: int
    cost_micro_usd: int
    standing: str
    scope: Scope
    context: Context
    decision: Decision
    prompt: Rendered
    sampling: Sampling

    @property
    def host(self) -> str:
        return urlsplit(self.endpoint.base_url).netloc


class RemoteGate:
    """serialize: the body for these messages, this model and this sampling; pure."""

    def __init__(self, gate: Gate, ledger: Ledger, consents: Consents, serialize: Serialize) -> None:
        self._gate = gate
        self._ledger = ledger
        self._consents = consents
        self._serialize = serialize

    def endpoint(self, name: str = "") -> CloudEndpoint | None:
        """The endpoint of that name, or the policy's first."""
        grants = self._gate.policy().policy.grants
        return grants.endpoint(name) if name else next(iter(grants.endpoints), None)

    async def prepare(
        self, context: Context, endpoint: CloudEndpoint, sampling: Sampling
    ) -> Preview | Denied:
        """What would be sent, or the gate that is closed. Nothing has left, nothing is booked.

        Raises AuditUnavailable.
        """
        return await asyncio.to_thread(self._prepare, context, endpoint, sampling)

    async def clear(self, preview: Preview, consent: str) -> Cleared:
        """Look at every gate again with the consent, book, record, and seal exactly what was previewed.

        consent: `once`, `always` or `flag`. Raises EgressRefused, naming the gate, and AuditUnavailable.
        """
        return await asyncio.to_thread(self._clear, preview, consent)

    async def finished(
        self, cleared: Cleared, preview: Preview, outcome: Outcome, *, completion_tokens: int
    ) -> None:
        """Record how it ended, and correct what was booked. Raises AuditUnavailable."""
        await self._gate.finished(cleared, outcome, completion_tokens=completion_tokens)
        spent = cost(preview.endpoint, preview.tokens, completion_tokens)
        await asyncio.to_thread(
            self._ledger.settle, cleared.request_id, preview.tokens + completion_tokens, spent
        )

    async def declined(self, preview: Preview) -> None:
        """Record that the user said no. Raises AuditUnavailable."""
        body: Body = {"request_id": preview.request_id, "consent": "no", "endpoint": preview.endpoint.name}
        await asyncio.to_thread(self._gate.recorder.append, "consent", body)

    def _prepare(self, context: Context, endpoint: CloudEndpoint, sampling: Sampling) -> Preview | Denied:
        loaded = self._gate.policy()
        world = self._world(loaded, endpoint, 0, sampling)
        decision = decide(loaded, context, context.ask.task_name, world)
        if (closed := _closed(decision, early=True)) is not None:
            return self._refused(decision, closed)
        redactor = self._gate.redactor(loaded, cloud=True)
        prompt = rendered(context, redactor, self._gate.render)
        model = endpoint.models[0]
        body = self._serialize(prompt.messages, model, sampling)
        clean = prompt.clean and prompt.is_clean(body.decode("utf-8"))
        tokens = estimate_tokens(body.decode("utf-8"))
        world = replace(self._world(loaded, endpoint, tokens, sampling), redaction_clean=clean)
        decision = decide(loaded, context, context.ask.task_name, world)
        closed = _closed(decision, early=False)
        if closed is not None and closed.name not in {"consent", "anchor"}:
            return self._refused(decision, closed)
        if len(body) > MAX_BODY_BYTES:
            return Denied(f"{len(body)} bytes are too many to send", "ask about less text")
        scope = _scope(loaded, context, endpoint, model)
        preview = Preview(
            request_id=os.urandom(8).hex(),
            endpoint=endpoint,
            model=model,
            body=body,
            hmac=self._hmac(body, scope),
            redactions=dict(prompt.redactions),
            tokens=tokens,
            cost_micro_usd=world.cost_micro_usd,
            standing=self._consents.standing(scope),
            scope=scope,
            context=context,
            decision=decision,
            prompt=prompt,
            sampling=sampling,
        )
        _offered.add(preview)
        return preview

    def _clear(self, preview: Preview, consent: str) -> Cleared:
        if preview not in _offered:
            raise EgressRefused("this preview is not open any more", "ask again")
        _offered.discard(preview)
        loaded = self._gate.policy()
        if loaded.sha256 != preview.scope.policy_sha256:
            raise EgressRefused("the policy has changed since the preview", "ask again, and look at it again")
        if self._hmac(preview.body, preview.scope) != preview.hmac:
            raise EgressRefused("these are not the bytes that were previewed", "ask again")
        world = replace(
            self._world(loaded, preview.endpoint, preview.tokens, preview.sampling),
            redaction_clean=preview.prompt.is_clean(preview.body.decode("utf-8")),
            consent=self._consent(preview, consent),
            anchored=self._anchored(loaded),
        )
        decision = decide(loaded, preview.context, preview.context.ask.task_name, world)
        if (closed := _closed(decision, early=False)) is not None:
            denied = self._refused(decision, closed)
            raise EgressRefused(denied.reason, denied.hint)
        self._book(loaded, preview, world)
        info = _info(preview.endpoint, preview.model)
        self._intent(loaded, preview, decision, info)
        return Cleared(
            SEAL,
            preview.prompt,
            request_id=preview.request_id,
            route=Route(info.endpoint, info, Locality.REMOTE, f"consent {decision.facts.consent}"),
            policy_sha256=loaded.sha256,
            prompt_hmac=preview.hmac,
            body=preview.body,
        )

    def _intent(self, loaded: LoadedPolicy, preview: Preview, decision: Decision, info: ModelInfo) -> None:
        """On disk, and where the policy asks for it on the anchor, before the first byte leaves."""
        recorder = self._gate.recorder
        body: Body = {
            **about_decision(decision),
            **about_model(info),
            "request_id": preview.request_id,
            "outcome": "intended",
            "endpoint_name": preview.endpoint.name,
            "prompt_hmac": preview.hmac,
            "body_bytes": len(preview.body),
            "redactions": dict(preview.redactions),
            "cost_micro_usd": preview.cost_micro_usd,
        }
        try:
            recorder.note_policy(loaded)
            recorder.append("egress_intent", body, durable=True)
            rules = loaded.policy.grants.audit
            if rules.anchor_required:
                acknowledge(recorder.audit, Path(rules.anchor_path))
        except AuditUnavailable:
            self._ledger.settle(preview.request_id, 0, 0)
            raise

    def _book(self, loaded: LoadedPolicy, preview: Preview, world: RequestFacts) -> None:
        limits = loaded.policy.grants.budgets
        most = preview.tokens + preview.sampling.max_tokens
        args = (preview.request_id, preview.endpoint.name, most, preview.cost_micro_usd)
        self._ledger.reserve(*args, limits, world.now or preview.decision.facts.now)

    def _consent(self, preview: Preview, consent: str) -> str:
        """How the user agreed, in a word for the record; empty when nobody did."""
        if preview.standing and preview.standing == self._consents.standing(preview.scope):
            return f"standing {preview.standing}"
        if consent == "always":
            self._consents.remember(preview.scope)
            return f"standing {preview.scope.id}"
        return f"{consent} {preview.hmac[:16]}" if consent in {"once", BY_FLAG} else ""

    def _anchored(self, loaded: LoadedPolicy) -> bool | None:
        rules = loaded.policy.grants.audit
        if not rules.anchor_required:
            return None
        try:
            acknowledge(self._gate.recorder.audit, Path(rules.anchor_path))
        except AuditUnavailable:
            return False
        return True

    def _world(
        self, loaded: LoadedPolicy, endpoint: CloudEndpoint, tokens: int, sampling: Sampling
    ) -> RequestFacts:
        now = utc_now()
        left = self._ledger.left(loaded.policy.grants.budgets, now)
        return RequestFacts(
            now=now,
            endpoint=endpoint.name,
            model=endpoint.models[0],
            locality=Locality.REMOTE.value,
            cost_micro_usd=cost(endpoint, tokens, sampling.max_tokens),
            budget_left_tokens=left.tokens,
            budget_left_micro_usd=left.micro_usd,
            detectors_sha256=self._gate.detectors_sha256(loaded),
            known_values_hmac=self._gate.known_values_hmac(),
        )

    def _refused(self, decision: Decision, closed: GateResult) -> Denied:
        denied = Denied(
            f"the gate `{closed.name}` is closed: {closed.why}",
            "lsp-debugger policy explain shows every gate; a model on this machine needs none of them",
        )
        body: Body = {**about_decision(decision), "outcome": "denied", "because": denied.reason[:300]}
        self._gate.recorder.append("decision", body)
        return denied

    def _hmac(self, body: bytes, scope: Scope) -> str:
        about = f"{scope.address}\n{scope.model}\n{scope.policy_sha256}\n".encode()
        return self._gate.recorder.audit.hmac_of(about + body)


def in_words(preview: Preview) -> str:
    """Counts and names from the policy; nothing of the request's text."""
    redacted = sum(preview.redactions.values())
    kinds = ", ".join(f"{count} {label}" for label, count in sorted(preview.redactions.items()))
    masked = f"{redacted} values are masked ({kinds})." if redacted else "Nothing in it had to be masked."
    through = f" through {proxy.removeprefix('http://')}" if (proxy := preview.endpoint.proxy) else ""
    dollars = preview.cost_micro_usd / 1_000_000
    price = f" At most ${dollars:.4f}." if preview.cost_micro_usd else ""
    return (
        f"Send this question to {preview.endpoint.name} ({preview.model} at {preview.host}{through})? "
        f"{len(preview.body)} bytes leave this machine. {masked}{price}"
    )


def _closed(decision: Decision, *, early: bool) -> GateResult | None:
    return next((gate for gate in decision.closed if not early or gate.name not in LATE_GATES), None)


def _scope(loaded: LoadedPolicy, context: Context, endpoint: CloudEndpoint, model: str) -> Scope:
    path = context.snapshot.path or ""
    inside = [root for root in loaded.roots if path and Path(path).is_relative_to(root)]
    workspace = [*inside, *loaded.roots, ""][0]
    return Scope(workspace, context.ask.task_name, endpoint.name, endpoint.base_url, model, loaded.sha256)


def _info(endpoint: CloudEndpoint, model: str) -> ModelInfo:
    """What the policy says about the model. Its server is not asked: nothing is sent before consent."""
    return ModelInfo(
        backend="openai",
        model=model,
        digest="",
        locality=Locality.REMOTE,
        endpoint=endpoint.place,
        context_tokens=endpoint.context_tokens,
        why_locality=f"{endpoint.provider or 'a service'} outside of this machine",
        chosen_because=f"you asked for {endpoint.name}",
    )
