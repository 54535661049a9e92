"""The one place where text becomes fit to be sent: redacted, scanned again, and on record first.

`Cleared` is what backends and egress accept. Only this module makes one.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import weakref
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Literal, NoReturn, Protocol, TypeGuard

from lsp_debugger.core.errors import EgressRefused
from lsp_debugger.core.material import Context
from lsp_debugger.core.model import Locality, Message, ModelInfo
from lsp_debugger.policy.audit import Audit, Body, Value, canonical
from lsp_debugger.policy.decide import Decision, decide
from lsp_debugger.policy.known_values import KnownValues
from lsp_debugger.policy.redact import Redactor
from lsp_debugger.policy.redact_context import redacted_context
from lsp_debugger.policy.replay import keep_policy
from lsp_debugger.policy.route import Denied, Route, route, safe_url
from lsp_debugger.policy.store import LoadedPolicy, PolicyStore

_log = logging.getLogger(__name__)

Outcome = Literal["completed", "cancelled", "failed"]

_SEAL = object()
_genuine: weakref.WeakSet[Cleared] = weakref.WeakSet()


class Cleared:
    """Messages that may go to `route` and nowhere else. Immutable, and only the gate can make one.

    redactions: how many values were replaced, by label. created: UTC, ISO 8601.
    """

    __slots__ = (
        *("__weakref__", "created", "messages", "policy_sha256"),
        *("prompt_hmac", "redactions", "request_id", "route"),
    )

    request_id: str
    messages: tuple[Message, ...]
    route: Route
    policy_sha256: str
    prompt_hmac: str
    redactions: Mapping[str, int]
    created: str

    def __init__(
        self,
        seal: object,
        *,
        request_id: str,
        messages: tuple[Message, ...],
        route: Route,
        policy_sha256: str,
        prompt_hmac: str,
        redactions: Mapping[str, int],
    ) -> None:
        if seal is not _SEAL:
            raise TypeError("only the gate makes Cleared")
        fields = {
            "request_id": request_id,
            "messages": messages,
            "route": route,
            "policy_sha256": policy_sha256,
            "prompt_hmac": prompt_hmac,
            "redactions": MappingProxyType(dict(redactions)),
            "created": datetime.now(UTC).isoformat(timespec="milliseconds"),
        }
        for name, value in fields.items():
            object.__setattr__(self, name, value)
        _genuine.add(self)

    def __init_subclass__(cls) -> None:
        raise TypeError("Cleared has no subclasses")

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("Cleared does not change")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("Cleared does not change")

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("Cleared is neither copied nor stored")

    def __repr__(self) -> str:
        return (
            f"<Cleared {self.request_id}: {len(self.messages)} messages for {safe_url(self.route.endpoint)}>"
        )


def is_cleared(value: object) -> TypeGuard[Cleared]:
    """True for what the gate itself has made, and for nothing that only looks like it."""
    return type(value) is Cleared and value in _genuine


class Render(Protocol):
    def __call__(self, context: Context, /) -> tuple[Message, ...]: ...


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
        self._audit_factory = audit_factory
        self._render = render
        self._known_values = known_values or KnownValues()
        self._audit: Audit | None = None
        self._lock = threading.Lock()
        self._loaded_sha256 = ""

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
        await asyncio.to_thread(self._append, kind, body, _leaves(cleared.route))

    async def refused(self, decision: Decision, denied: Denied, info: ModelInfo) -> None:
        """Record that a model was not asked. Raises AuditUnavailable."""
        body = {**_about_decision(decision), **_about_model(info), "outcome": "denied"}
        body["because"] = denied.reason[:300]
        await asyncio.to_thread(self._append, "decision", body, False)

    async def aclose(self) -> None:
        if self._audit is not None:
            await asyncio.to_thread(self._audit.close)

    def _clear(self, context: Context, decision: Decision, chosen: Route) -> Cleared:
        loaded = self._store.current()
        if loaded.sha256 != decision.policy_sha256 or bool(loaded.unreadable):
            decision = decide(
                loaded, context, decision.task_name
            )  # it changed on the way: the new one counts
        allowed = _allowed(decision, chosen)
        redactor = self._redactor(loaded)
        messages, clean = self._messages(context, redactor)
        return self._sealed(
            "egress_intent" if _leaves(allowed) else "decision",
            messages,
            clean,
            allowed,
            loaded,
            dict(redactor.counts),
            _about_decision(decision),
        )

    def _messages(self, context: Context, redactor: Redactor) -> tuple[tuple[Message, ...], bool]:
        """Each piece first, for exact spans; then the prompt as a whole, where pieces have met."""
        redacted, clean = redacted_context(context, redactor)
        messages = list[Message]()
        for message in self._render(redacted):
            whole = redactor.redact(message.text)
            # Without a finding, the scan was of this very text.
            clean = clean and whole.clean and (not whole.findings or redactor.is_clean(whole.text))
            messages.append(Message(message.role, whole.text))
        return tuple(messages), clean

    def _clear_constant(self, messages: tuple[Message, ...], chosen: Route) -> Cleared:
        loaded = self._store.current()
        if chosen.info.locality is Locality.REMOTE or (loaded.unreadable and _leaves(chosen)):
            raise EgressRefused(
                "warming up would reach a model that nothing may be sent to", loaded.unreadable
            )
        redactor = self._redactor(loaded)
        clean = all(redactor.is_clean(message.text) for message in messages)
        return self._sealed("warm_up", messages, clean, chosen, loaded, {}, {})

    def _redactor(self, loaded: LoadedPolicy) -> Redactor:
        patterns = [entry.regex for entry in loaded.policy.redact_and_allow if entry.regex is not None]
        return Redactor(self._known_values.scanner(), patterns)

    def _sealed(
        self,
        kind: str,
        messages: tuple[Message, ...],
        clean: bool,
        chosen: Route,
        loaded: LoadedPolicy,
        redactions: dict[str, int],
        about: dict[str, Value],
    ) -> Cleared:
        if not clean:
            raise EgressRefused(
                "something secret was left after redaction, so nothing was sent", "ask about less text"
            )
        request_id = os.urandom(8).hex()
        wire = canonical({"messages": [[message.role, message.text] for message in messages]})
        prompt_hmac = self._opened_audit().hmac_of(wire.encode("utf-8"))
        self._note_policy(loaded)
        body: dict[str, Value] = {
            **about,
            **_about_model(chosen.info),
            "request_id": request_id,
            "outcome": "intended",
            "policy_sha256": loaded.sha256,
            "prompt_hmac": prompt_hmac,
            "prompt_chars": sum(len(message.text) for message in messages),
            "redactions": dict(redactions),
        }
        self._append(kind, body, _leaves(chosen))
        return Cleared(
            _SEAL,
            request_id=request_id,
            messages=messages,
            route=chosen,
            policy_sha256=loaded.sha256,
            prompt_hmac=prompt_hmac,
            redactions=redactions,
        )

    def _note_policy(self, loaded: LoadedPolicy) -> None:
        if loaded.sha256 != self._loaded_sha256:
            body: Body = {"policy_sha256": loaded.sha256, "problems": len(loaded.problems)}
            self._append("policy_load", body, False)
            self._keep_policy(loaded)
            self._loaded_sha256 = loaded.sha256

    def _keep_policy(self, loaded: LoadedPolicy) -> None:
        """So that a decision can be made again. What fails is a replay later, not this request."""
        try:
            keep_policy(self._opened_audit().directory, loaded)
        except OSError as exc:
            _log.warning("the policy in force could not be kept: %s", type(exc).__name__)

    def _append(self, kind: str, body: Body, durable: bool) -> None:
        self._opened_audit().append(kind, body, durable=durable)

    def _opened_audit(self) -> Audit:
        with self._lock:  # requests are cleared in threads, several at once
            if self._audit is None:
                self._audit = self._audit_factory()
            return self._audit


def _allowed(decision: Decision, chosen: Route) -> Route:
    """The route, looked at again: a Route is a value that anybody can make."""
    again = route(decision, chosen.info)
    if isinstance(again, Denied):
        raise EgressRefused(again.reason, again.hint)
    return again


def _leaves(chosen: Route) -> bool:
    return chosen.info.locality not in (Locality.OWN, Locality.VERIFIED_LOCAL)


def _about_decision(decision: Decision) -> dict[str, Value]:
    """All that it takes to make the decision again, and what it was."""
    return {
        "action": decision.action.value,
        "ceiling": decision.ceiling.value,
        "engine_version": decision.engine_version,
        "facts": decision.facts.body(),
        "findings": decision.findings.body(),
        "gates": {gate.name: gate.passed for gate in decision.gates},
        "policy_sha256": decision.policy_sha256,
        "rule_id": decision.rule_id,
        "task": decision.task_name,
    }


def _about_model(info: ModelInfo) -> dict[str, Value]:
    return {
        "backend": info.backend[:80],
        "digest": info.digest[:200],
        "endpoint": safe_url(info.endpoint),
        "locality": info.locality.value,
        "model": info.model[:200],
    }
