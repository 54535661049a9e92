"""How far a request may travel: every rule and every gate is asked, and deny wins wherever it stands.

`observe` looks at the request and the world, once. `conclude` is a pure function of what was seen and of the
policy: the audit keeps both, so that anybody can have the decision made again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

from lsp_debugger.core.material import Context
from lsp_debugger.core.model import Locality, estimate_tokens
from lsp_debugger.policy import expressions
from lsp_debugger.policy.approvals import approval_for
from lsp_debugger.policy.classify import Classified, Matched, segments
from lsp_debugger.policy.document import (
    CLASS_NAMES,
    Action,
    CloudEndpoint,
    Grants,
    Mode,
    PolicyRule,
    Retention,
)
from lsp_debugger.policy.facts import (
    ATTESTED,
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
# What only the last moment can tell; until then these are open, and nothing is sent.
LATE_GATES = frozenset({"redaction", "budget", "consent", "anchor"})


@dataclass(frozen=True, slots=True)
class GateResult:
    """One condition for a remote send. `why` is one line, without text of the request."""

    name: str
    passed: bool
    why: str


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
    return Findings(matched, classified.outside, size), facts


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
    gates = tuple(_gates(loaded, findings, facts, action, rule_id))
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


def _gates(
    loaded: LoadedPolicy, findings: Findings, facts: RequestFacts, action: Action, rule_id: str
) -> Iterator[GateResult]:
    mode, grants = loaded.policy.mode, loaded.policy.grants
    yield GateResult("policy", True, loaded.source)
    yield GateResult("mode", mode is Mode.ENFORCE, f"mode is {mode.value}")
    yield GateResult("rule", action is Action.CONSIDER_CLOUD, f"{rule_id}: {action.value}")
    inside = "a path lies outside the workspace" if findings.outside else "every path is in the workspace"
    yield GateResult("workspace", not findings.outside, inside)
    yield GateResult("size", True, "all of it was checked")
    endpoint = grants.endpoint(facts.endpoint)
    if endpoint is None:
        why = f"the policy has no endpoint {facts.endpoint!r}" if facts.endpoint else "no endpoint was chosen"
        yield GateResult("endpoint", False, why)
        return
    served = facts.model in endpoint.models
    yield GateResult(
        "endpoint", served, f"{endpoint.name} {'serves' if served else 'is not for'} {facts.model}"
    )
    yield from (gate(grants, endpoint, facts) for gate in _REMOTE_GATES)


def _role(grants: Grants, _: CloudEndpoint, facts: RequestFacts) -> GateResult:
    if grants.roles is None:
        return GateResult("role", True, "the policy has no roles")
    allowed = [role.name for role in grants.roles if role.cloud and role.name in facts.user_roles]
    held = f"the role {allowed[0]}" if allowed else "no role with cloud: true"
    return GateResult("role", bool(allowed), f"{facts.user_id or 'this user'} has {held}")


def _task(grants: Grants, endpoint: CloudEndpoint, facts: RequestFacts) -> GateResult:
    if grants.tasks is None:
        return GateResult("task", True, "the policy has no tasks")
    limits = next((task for task in grants.tasks if task.name == facts.task), None)
    if limits is None:
        return GateResult("task", False, f"{facts.task} is not among the policy's tasks")
    if limits.endpoints and endpoint.name not in limits.endpoints:
        return GateResult("task", False, f"{facts.task} may not go to {endpoint.name}")
    if limits.max_tokens is not None and facts.tokens > limits.max_tokens:
        why = f"about {facts.tokens} tokens; {facts.task} may send {limits.max_tokens}"
        return GateResult("task", False, why)
    return GateResult("task", True, f"{facts.task} may go there")


def _attestation(_: Grants, endpoint: CloudEndpoint, facts: RequestFacts) -> GateResult:
    if facts.attestation == ATTESTED and endpoint.attestation is not None:
        attested = endpoint.attestation
        return GateResult("attestation", True, f"by {attested.by}, until {attested.expires_at}")
    return GateResult("attestation", False, f"the attestation of {endpoint.name} is {facts.attestation}")


def _region(grants: Grants, endpoint: CloudEndpoint, _: RequestFacts) -> GateResult:
    regions = grants.obligations.regions
    stated = endpoint.region or "no region"
    return GateResult("region", not regions or endpoint.region in regions, f"{endpoint.name} states {stated}")


def _terms(grants: Grants, endpoint: CloudEndpoint, _: RequestFacts) -> GateResult:
    """What the policy obliges every endpoint to, as far as its record states it: silence is a no."""
    wanted = grants.obligations
    missing = [
        words
        for asked, kept, words in (
            (wanted.zero_retention, endpoint.retention is Retention.ZERO, "zero retention"),
            (wanted.no_training, endpoint.trains_on_data is False, "no training on data"),
            (wanted.private_link, endpoint.private_link is True, "a private link"),
        )
        if asked and not kept
    ]
    why = f"{endpoint.name} does not state {', '.join(missing)}" if missing else "as the policy asks"
    return GateResult("terms", not missing, why)


def _approval(grants: Grants, _: CloudEndpoint, facts: RequestFacts) -> GateResult:
    if facts.task not in grants.approvals:
        return GateResult("approval", True, f"{facts.task} needs none")
    return GateResult("approval", bool(facts.approval), facts.approval or f"nobody has approved {facts.task}")


def _budget(grants: Grants, _: CloudEndpoint, facts: RequestFacts) -> GateResult:
    limits = grants.budgets
    if limits == type(limits)():
        return GateResult("budget", True, "the policy has no budget")
    for limited, left, needed, unit in (
        (limits.day_tokens is not None, facts.budget_left_tokens, facts.tokens, "tokens"),
        (
            limits.day_micro_usd is not None or limits.month_micro_usd is not None,
            facts.budget_left_micro_usd,
            facts.cost_micro_usd,
            "millionths of a US dollar",
        ),
    ):
        if limited and (left is None or needed > left):
            shown = "what is left is not known" if left is None else f"{needed} {unit} needed, {left} left"
            return GateResult("budget", False, shown)
    return GateResult("budget", True, "enough is left")


def _redaction(_: Grants, __: CloudEndpoint, facts: RequestFacts) -> GateResult:
    why = {
        True: "nothing is left to redact",
        False: "something secret would be left",
        None: "not redacted yet",
    }
    return GateResult("redaction", facts.redaction_clean is True, why[facts.redaction_clean])


def _consent(_: Grants, __: CloudEndpoint, facts: RequestFacts) -> GateResult:
    return GateResult("consent", bool(facts.consent), facts.consent or "the user has not agreed")


def _anchor(grants: Grants, _: CloudEndpoint, facts: RequestFacts) -> GateResult:
    if not grants.audit.anchor_required:
        return GateResult("anchor", True, "the policy needs none")
    why = "acknowledged" if facts.anchored else "the anchor has not acknowledged the audit log"
    return GateResult("anchor", facts.anchored is True, why)


_REMOTE_GATES: tuple[Callable[[Grants, CloudEndpoint, RequestFacts], GateResult], ...] = (
    _role, _task, _attestation, _region, _terms, _approval, _budget, _redaction, _consent, _anchor,
)  # fmt: skip


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
