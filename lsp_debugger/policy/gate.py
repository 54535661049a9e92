"""The one place where text becomes fit to be sent: redacted, scanned again, and on record first.

`Cleared` is what backends and egress accept. Only this module makes one.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from typing import Literal

from lsp_debugger.core.errors import EgressRefused
from lsp_debugger.core.material import Context
from lsp_debugger.core.model import Locality, Message, ModelInfo
from lsp_debugger.policy.audit import Audit
from lsp_debugger.policy.chain import Body, canonical
from lsp_debugger.policy.cleared import SEAL, Cleared, is_cleared
from lsp_debugger.policy.decide import Decision, decide
from lsp_debugger.policy.known_values import KnownValues
from lsp_debugger.policy.masked_files import MaskedFiles
from lsp_debugger.policy.recorder import Recorder, about_decision, about_model
from lsp_debugger.policy.redact import Redactor
from lsp_debugger.policy.rendered import Render, Rendered, rendered
from lsp_debugger.policy.route import Denied, Route, route
from lsp_debugger.policy.store import LoadedPolicy, PolicyStore

__all__ = ["Cleared", "Gate", "Outcome", "Render", "is_cleared"]

Outcome = Literal["completed", "cancelled", "failed"]


class Gate:
    """Clears requests. audit_factory is called once, with the first record; render must be pure."""

    def __init__(
        self,
        store: PolicyStore,
        audit_factory: Callable[[], Audit],
        render: Render,
        known_values: KnownValues | None = None,
    ) -> None:
        self._store = store
        self.recorder = Recorder(audit_factory)
        self.render = render
        self._known_values = known_values or KnownValues()

    async def clear(self, context: Context, decision: Decision, route: Route) -> Cleared:
        """Redact, render, scan again, write the record, seal: in a thread, and in this order.

        Raises AuditUnavailable when the record cannot be written, EgressRefused when the policy in
        force does not allow the route or a secret would remain.
        """
        return await asyncio.to_thread(self._clear, context, decision, route)

    async def clear_constant(self, messages: Sequence[Message], route: Route) -> Cleared:
        """Seal messages that are our own words only, to warm an engine up. Raises as `clear` does."""
        return await asyncio.to_thread(self._clear_constant, tuple(messages), route)

    async def finished(self, cleared: Cleared, outcome: Outcome, *, completion_tokens: int = 0) -> None:
        """Record how it ended. Raises AuditUnavailable."""
        kind = "egress_outcome" if _leaves(cleared.route) else "decision"
        body: Body = {
            "request_id": cleared.request_id,
            "outcome": outcome,
            "completion_tokens": completion_tokens,
        }
        durable = _leaves(cleared.route)
        await asyncio.to_thread(self.recorder.append, kind, body, durable=durable)

    async def refused(self, decision: Decision, denied: Denied, info: ModelInfo) -> None:
        """Record that a model was not asked. Raises AuditUnavailable."""
        body = {**about_decision(decision), **about_model(info), "outcome": "denied"}
        body["because"] = denied.reason[:300]
        await asyncio.to_thread(self.recorder.append, "decision", body)

    async def aclose(self) -> None:
        await asyncio.to_thread(self.recorder.close)

    def _clear(self, context: Context, decision: Decision, chosen: Route) -> Cleared:
        loaded = self._store.current()
        if loaded.sha256 != decision.policy_sha256 or bool(loaded.unreadable):
            # It changed on the way: the new one counts.
            decision = decide(loaded, context, decision.task_name, replace(decision.facts, now=""))
        allowed = _allowed(decision, chosen)
        prompt = rendered(context, self.redactor(loaded), self.render)
        kind = "egress_intent" if _leaves(allowed) else "decision"
        return self._sealed(kind, prompt, allowed, loaded, about_decision(decision))

    def _clear_constant(self, messages: tuple[Message, ...], chosen: Route) -> Cleared:
        loaded = self._store.current()
        if chosen.info.locality is Locality.REMOTE or (loaded.unreadable and _leaves(chosen)):
            raise EgressRefused(
                "warming up would reach a model that nothing may be sent to", loaded.unreadable
            )
        redactor = self.redactor(loaded)
        clean = all(redactor.is_clean(message.text) for message in messages)
        return self._sealed(
            "warm_up",
            Rendered(messages, clean, {}, redactor.is_clean, redactor.placeholders, MaskedFiles(redactor)),
            chosen,
            loaded,
            {},
        )

    def policy(self) -> LoadedPolicy:
        """The policy in force now. Costs a few stats."""
        return self._store.current()

    def redactor(self, loaded: LoadedPolicy, *, cloud: bool = False) -> Redactor:
        """For one request. cloud: for a model of somebody else, where literals are masked too."""
        patterns = [entry.regex for entry in loaded.policy.redact_and_allow if entry.regex is not None]
        return Redactor(self._known_values.scanner(), patterns, cloud=cloud)

    def detectors_sha256(self, loaded: LoadedPolicy) -> str:
        """Which detectors look at a request: the built-in set and the policy's own patterns."""
        own = [entry.pattern for entry in loaded.policy.redact_and_allow if entry.pattern]
        return hashlib.sha256("\n".join([_builtin_rules(), *own]).encode()).hexdigest()

    def known_values_hmac(self) -> str:
        """Which known values are looked for, without saying one."""
        return self.recorder.audit.hmac_of(self._known_values.fingerprint())

    def _sealed(
        self, kind: str, prompt: Rendered, chosen: Route, loaded: LoadedPolicy, about: Body
    ) -> Cleared:
        if not prompt.clean:
            raise EgressRefused(
                "something secret was left after redaction, so nothing was sent", "ask about less text"
            )
        request_id = os.urandom(8).hex()
        wire = canonical({"messages": [[message.role, message.text] for message in prompt.messages]})
        prompt_hmac = self.recorder.audit.hmac_of(wire.encode("utf-8"))
        self.recorder.note_policy(loaded)
        body: Body = {
            **about,
            **about_model(chosen.info),
            "request_id": request_id,
            "outcome": "intended",
            "policy_sha256": loaded.sha256,
            "prompt_hmac": prompt_hmac,
            "prompt_chars": sum(len(message.text) for message in prompt.messages),
            "redactions": dict(prompt.redactions),
        }
        self.recorder.append(kind, body, durable=_leaves(chosen))
        return Cleared(
            SEAL,
            prompt,
            request_id=request_id,
            route=chosen,
            policy_sha256=loaded.sha256,
            prompt_hmac=prompt_hmac,
        )


@cache
def _builtin_rules() -> str:
    from lsp_debugger.policy.rules import ALL

    return hashlib.sha256("\n".join(f"{rule.id} {rule.pattern}" for rule in ALL).encode()).hexdigest()


def _allowed(decision: Decision, chosen: Route) -> Route:
    """The route, looked at again: a Route is a value that anybody can make."""
    again = route(decision, chosen.info)
    if isinstance(again, Denied):
        raise EgressRefused(again.reason, again.hint)
    return again


def _leaves(chosen: Route) -> bool:
    return chosen.info.locality not in (Locality.OWN, Locality.VERIFIED_LOCAL)
