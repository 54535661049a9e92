"""How far a request may travel: every rule is asked, and deny wins wherever it stands."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import PurePath

from lsp_debugger.core.material import Context
from lsp_debugger.core.model import Locality, estimate_tokens
from lsp_debugger.policy.classify import Classified, Matched, Segment, segments
from lsp_debugger.policy.document import CLASS_NAMES, Action, Mode, PolicyRule
from lsp_debugger.policy.expressions import Facts
from lsp_debugger.policy.paths import Workspace
from lsp_debugger.policy.store import LoadedPolicy

_log = logging.getLogger(__name__)

# More than this is never looked through for a send that leaves the machine: refused, not cut.
MAX_REQUEST_CHARS = 10_000_000


@dataclass(frozen=True, slots=True)
class GateResult:
    """One condition for a remote send. `why` is one line, without text of the request."""

    name: str
    passed: bool
    why: str


@dataclass(frozen=True, slots=True)
class Decision:
    """A function of policy, request and task alone.

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


def decide(loaded: LoadedPolicy, context: Context, task_name: str) -> Decision:
    """Decide about everything in `context`. Never raises: what goes wrong denies."""
    try:
        return _decide(loaded, context, task_name)
    except Exception as exc:  # noqa: BLE001 - fail closed, whatever the reason
        _log.warning("deciding failed: %s", type(exc).__name__)
        gate = GateResult("policy", passed=False, why=f"deciding failed ({type(exc).__name__})")
        return _denied(loaded, task_name, "error", gate)


def _decide(loaded: LoadedPolicy, context: Context, task_name: str) -> Decision:
    if loaded.unreadable:
        return _denied(
            loaded, task_name, "unreadable", GateResult("policy", passed=False, why=loaded.unreadable)
        )
    pieces = segments(context)
    size = sum(len(piece.text) for piece in pieces)
    if size > MAX_REQUEST_CHARS:
        why = f"{size} characters are more than can be checked"
        return _denied(loaded, task_name, "size", GateResult("size", passed=False, why=why))
    classified = Classified(loaded.policy, pieces, Workspace(loaded.roots))
    facts = _facts(loaded, context, task_name, pieces, classified)
    applied = [rule for rule in loaded.policy.rules if rule.condition(facts)]
    action, rule_id = _outcome(applied, classified)
    return Decision(
        action=action,
        rule_id=rule_id,
        matched=tuple(hit for name in CLASS_NAMES for hit in classified.found(name)),
        ceiling=Locality.VERIFIED_LOCAL if action is Action.DENY else Locality.DECLARED_PRIVATE,
        gates=_gates(loaded, action, rule_id, classified),
        policy_sha256=loaded.sha256,
        task_name=task_name,
    )


def _facts(
    loaded: LoadedPolicy, context: Context, task_name: str, pieces: list[Segment], classified: Classified
) -> Facts:
    return Facts(
        matches=classified.matches,
        task=task_name,
        repo=_repository(context.snapshot.path, loaded.roots),
        language=context.snapshot.language_id,
        tokens=sum(estimate_tokens(piece.text) for piece in pieces),
    )


def _repository(path: str | None, roots: tuple[str, ...]) -> str:
    """The name of the folder that holds the file; for a buffer without a file, of the first one."""
    holding = [root for root in roots if path and PurePath(path).is_relative_to(root)]
    return PurePath([*holding, *roots, ""][0]).name


def _outcome(applied: list[PolicyRule], classified: Classified) -> tuple[Action, str]:
    """The strictest denial first, then eligibility; the first rule of that action is named."""
    for action in (Action.DENY, Action.CONSIDER_CLOUD, Action.REDACT_THEN_ROUTE):
        rule = next((rule for rule in applied if rule.action is action), None)
        if rule is not None:
            return action, rule.id
        # The name says it, so no rule has to: an entry that a lower layer adds is enough.
        if action is Action.DENY and (hits := classified.found("never_send")):
            return Action.DENY, hits[0].entry_id
    return Action.LOCAL, "default"


def _gates(
    loaded: LoadedPolicy, action: Action, rule_id: str, classified: Classified
) -> tuple[GateResult, ...]:
    mode = loaded.policy.mode
    eligible = action is Action.CONSIDER_CLOUD
    inside = not classified.outside
    return (
        GateResult("policy", True, loaded.source),
        GateResult("mode", mode is Mode.ENFORCE, f"mode is {mode.value}"),
        GateResult("rule", eligible, f"{rule_id}: {action.value}"),
        GateResult(
            "workspace",
            inside,
            "every path is in the workspace" if inside else "a path lies outside the workspace",
        ),
        GateResult("size", True, "all of it was checked"),
        GateResult("remote", False, "sending to remote models is not part of this version"),
    )


def _denied(loaded: LoadedPolicy, task_name: str, rule_id: str, gate: GateResult) -> Decision:
    return Decision(Action.DENY, rule_id, (), Locality.VERIFIED_LOCAL, (gate,), loaded.sha256, task_name)
