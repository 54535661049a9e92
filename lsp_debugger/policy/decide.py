"""How far a request may travel: every rule and every gate is asked, and deny wins wherever it stands.

`observe` looks at the request and the world, once. `conclude` is a pure function of what was seen and of the
policy: the audit keeps both, so that anybody can have the decision made again.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

from lsp_debugger.core.material import Context
from lsp_debugger.core.model import Locality, estimate_tokens
from lsp_debugger.policy import expressions
from lsp_debugger.policy.approvals import approval_for
from lsp_debugger.policy.classify import Classified, Matched, segments
from lsp_debugger.policy.conditions import GateResult, gates_of
from lsp_debugger.policy.document import CLASS_NAMES, Action, PolicyRule
from lsp_debugger.policy.facts import (
    ENGINE_VERSION,
    NO_FACTS,
    NOTHING_FOUND,
    Findings,
    RequestFacts,
    attestation_of,
    roles_of,
    user_groups,
    user_name,
    utc_now,
)
from lsp_debugger.policy.paths import Workspace
from lsp_debugger.policy.store import LoadedPolicy

_log = logging.getLogger(__name__)

# More than this is never looked through for a send that leaves the machine: refused, not cut.
MAX_REQUEST_CHARS = 10_000_000
# Looking through that much takes well below a second; a machine that needs longer sends nothing.
OBSERVE_LIMIT_S = 5.0


@dataclass(frozen=True, slots=True)
class Decision:
    """A function of policy, findings and facts alone.

    rule_id: the rule that made the action what it is; `default` when none applied.
    ceiling: the farthest locality that text may reach. Models on this machine always may.
    """

    action: Action
    rule_id: str
    matched: tuple[Matched, ...]
    ceiling: Locality
    gates: tuple[GateResult, ...]
    policy_sha256: str
    task_name: str
    findings: Findings = NOTHING_FOUND
    facts: RequestFacts = NO_FACTS
    obligations: tuple[str, ...] = ()
    engine_version: int = ENGINE_VERSION

    @property
    def closed(self) -> tuple[GateResult, ...]:
        """The gates that keep this request from a remote model."""
        return tuple(gate for gate in self.gates if not gate.passed)


def decide(
    loaded: LoadedPolicy, context: Context, task_name: str, world: RequestFacts | None = None
) -> Decision:
    """Decide about everything in `context`. Never raises: what goes wrong denies.

    world: what is known about a remote send that is being considered; None for none.
    """
    try:
        return conclude(loaded, *observe(loaded, context, task_name, world))
    except Exception as exc:  # noqa: BLE001 - fail closed, whatever the reason
        _log.warning("deciding failed: %s", type(exc).__name__)
        gate = GateResult("policy", passed=False, why=f"deciding failed ({type(exc).__name__})")
        return _denied(loaded, "error", gate, NOTHING_FOUND, replace(world or NO_FACTS, task=task_name))


def observe(
    loaded: LoadedPolicy, context: Context, task_name: str, world: RequestFacts | None = None
) -> tuple[Findings, RequestFacts]:
    """Look at the request and at who asks, once."""
    begun = time.monotonic()
    pieces = segments(context)
    size = sum(len(piece.text) for piece in pieces)
    facts = replace(
        world or NO_FACTS,
        now=(world.now if world else "") or utc_now(),
        task=task_name,
        language=context.snapshot.language_id,
        repo=_repository(context.snapshot.path, loaded.roots),
        tokens=sum(estimate_tokens(piece.text) for piece in pieces) if size <= MAX_REQUEST_CHARS else 0,
    )
    facts = _with_user(loaded, facts)
    endpoint = loaded.policy.grants.endpoint(facts.endpoint) if facts.endpoint else None
    if endpoint is not None:
        state, digest = attestation_of(endpoint, loaded.keys, facts.now)
        approval = approval_for(loaded.approvals, facts.task, endpoint.name, facts.now[:10])
        facts = replace(facts, attestation=state, attestation_sha256=digest, approval=approval)
    if loaded.unreadable or size > MAX_REQUEST_CHARS:
        return Findings(chars=size), facts
    classified = Classified(loaded.policy, pieces, Workspace(loaded.roots))
    matched = tuple(hit for name in CLASS_NAMES for hit in classified.found(name))
    timed_out = time.monotonic() - begun > OBSERVE_LIMIT_S
    return Findings(matched, classified.outside, size), replace(facts, timed_out=timed_out)


def conclude(loaded: LoadedPolicy, findings: Findings, facts: RequestFacts) -> Decision:
    """Every rule, every gate. Pure."""
    if loaded.unreadable:
        gate = GateResult("policy", passed=False, why=loaded.unreadable)
        return _denied(loaded, "unreadable", gate, findings, facts)
    if findings.chars > MAX_REQUEST_CHARS:
        why = f"{findings.chars} characters are more than can be checked"
        return _denied(loaded, "size", GateResult("size", passed=False, why=why), findings, facts)
    asked = _asked(findings, facts)
    applied = [rule for rule in loaded.policy.rules if rule.condition(asked)]
    action, rule_id = _outcome(applied, findings)
    gates = tuple(gates_of(loaded, findings, facts, action, rule_id))
    ceiling = Locality.DECLARED_PRIVATE
    if action is Action.DENY:
        ceiling = Locality.VERIFIED_LOCAL
    elif all(gate.passed for gate in gates):
        ceiling = Locality.REMOTE
    redact = any(rule.action is Action.REDACT_THEN_ROUTE for rule in applied)
    return Decision(
        action=action,
        rule_id=rule_id,
        matched=findings.matched,
        ceiling=ceiling,
        gates=gates,
        policy_sha256=loaded.sha256,
        task_name=facts.task,
        findings=findings,
        facts=facts,
        # Redaction runs on every route anyway; the obligation says that a rule asks for it too.
        obligations=("redact",) if redact else (),
    )


def _outcome(applied: Sequence[PolicyRule], findings: Findings) -> tuple[Action, str]:
    """The strictest first; the first rule of that action is named."""
    first = dict[Action, str]()
    for rule in applied:
        first.setdefault(rule.action, rule.id)
    # Its name says it, so no rule has to: an entry that a lower layer adds is enough.
    denying = next((hit.entry_id for hit in findings.matched if hit.class_name == "never_send"), None)
    if Action.DENY not in first and denying is not None:
        first[Action.DENY] = denying
    for action in (Action.DENY, Action.CONSIDER_CLOUD, Action.REDACT_THEN_ROUTE):
        if action in first:
            return action, first[action]
    return Action.LOCAL, "default"


def _asked(findings: Findings, facts: RequestFacts) -> expressions.Facts:
    return expressions.Facts(
        matches={hit.class_name for hit in findings.matched}.__contains__,
        task=facts.task,
        language=facts.language,
        repo=facts.repo,
        tokens=facts.tokens,
        endpoint_name=facts.endpoint,
        user_id=facts.user_id,
        user_roles=facts.user_roles,
        confidence=facts.confidence,
    )


def _with_user(loaded: LoadedPolicy, facts: RequestFacts) -> RequestFacts:
    user = facts.user_id or user_name()
    return replace(facts, user_id=user, user_roles=roles_of(loaded.policy.grants.roles, user, user_groups()))


def _repository(path: str | None, roots: tuple[str, ...]) -> str:
    """The name of the folder that holds the file; for a buffer without a file, of the first one."""
    holding = [root for root in roots if path and PurePath(path).is_relative_to(root)]
    return PurePath([*holding, *roots, ""][0]).name


def _denied(
    loaded: LoadedPolicy, rule_id: str, gate: GateResult, findings: Findings, facts: RequestFacts
) -> Decision:
    return Decision(
        Action.DENY, rule_id, (), Locality.VERIFIED_LOCAL, (gate,), loaded.sha256, facts.task, findings, facts
    )
