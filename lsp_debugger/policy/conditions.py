"""The conditions for a remote send, each with a name and a reason: all of them have to pass.

Every gate is a pure function of the policy, of what was found and of the facts on record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lsp_debugger.policy.document import Action, CloudEndpoint, Grants, Mode, Retention
from lsp_debugger.policy.facts import ATTESTED, Findings, RequestFacts
from lsp_debugger.policy.store import LoadedPolicy

# What only the last moment can tell; until then these are open, and nothing is sent.
LATE_GATES = frozenset({"redaction", "budget", "consent", "anchor"})


@dataclass(frozen=True, slots=True)
class GateResult:
    """One condition for a remote send. `why` is one line, without text of the request."""

    name: str
    passed: bool
    why: str


def gates_of(
    loaded: LoadedPolicy, findings: Findings, facts: RequestFacts, action: Action, rule_id: str
) -> Iterator[GateResult]:
    mode, grants = loaded.policy.mode, loaded.policy.grants
    yield GateResult("policy", True, loaded.source)
    yield GateResult("mode", mode is Mode.ENFORCE, f"mode is {mode.value}")
    yield GateResult("rule", action is Action.CONSIDER_CLOUD, f"{rule_id}: {action.value}")
    inside = "a path lies outside the workspace" if findings.outside else "every path is in the workspace"
    yield GateResult("workspace", not findings.outside, inside)
    yield GateResult("size", True, "all of it was checked")
    in_time = (
        "it took too long to look at all of it" if facts.timed_out else "all of it was looked at in time"
    )
    yield GateResult("time", not facts.timed_out, in_time)
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
