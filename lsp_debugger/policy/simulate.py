"""Questions to a policy without a request: what would it say to this text, from this file, for this task?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lsp_debugger.core.ask import Ask, Card, Problem
from lsp_debugger.core.material import Context, Fragment, FragmentKind
from lsp_debugger.core.text import Snapshot
from lsp_debugger.policy.conditions import LATE_GATES, GateResult
from lsp_debugger.policy.decide import Decision, decide
from lsp_debugger.policy.document import PolicyTest
from lsp_debugger.policy.facts import RequestFacts
from lsp_debugger.policy.store import LoadedPolicy

# What a test may expect beside the actions: every gate that can be known beforehand is open.
REMOTE = "remote"


@dataclass(frozen=True, slots=True)
class Outcome:
    """said: empty when the test holds, else what came instead."""

    test: PolicyTest
    decision: Decision
    said: str


def ask(loaded: LoadedPolicy, text: str, task: str, path: str = "", endpoint: str = "") -> Decision:
    """The decision about `text`. endpoint: empty for the first that the policy names."""
    endpoints = loaded.policy.grants.endpoints
    chosen = loaded.policy.grants.endpoint(endpoint) if endpoint else next(iter(endpoints), None)
    world = RequestFacts(
        endpoint=endpoint or (chosen.name if chosen else ""), model=chosen.models[0] if chosen else ""
    )
    return decide(loaded, _context(loaded, text, task, path), task, world)


def closed_beforehand(decision: Decision) -> tuple[GateResult, ...]:
    """The closed gates that no preview, no consent and no redaction can open."""
    return tuple(gate for gate in decision.closed if gate.name not in LATE_GATES)


def run_tests(loaded: LoadedPolicy) -> Iterator[Outcome]:
    """Each of the `tests:` in the policy."""
    for test in loaded.policy.grants.tests:
        decision = ask(loaded, test.text, test.task, test.path, test.endpoint)
        yield Outcome(test, decision, _difference(test, decision))


def _difference(test: PolicyTest, decision: Decision) -> str:
    action = decision.action.value
    closed = closed_beforehand(decision)
    if test.action == REMOTE:
        if closed:
            return f"the gate `{closed[0].name}` is closed: {closed[0].why}"
    elif action != test.action:
        return f"{action} ({decision.rule_id}), not {test.action}"
    # A test names a rule without its layer, which depends on where the file lies.
    known = {decision.rule_id, decision.rule_id.partition(".")[2]}
    if test.rule and test.rule not in known:
        return f"decided by {decision.rule_id}, not by {test.rule}"
    return ""


def _context(loaded: LoadedPolicy, text: str, task: str, path: str) -> Context:
    root = Path(loaded.roots[0]) if loaded.roots else Path.cwd()
    absolute = str(root / path) if path else None
    problem = Problem("", path=absolute)
    snapshot = Snapshot((root / (path or "untitled")).as_uri(), "", 1, absolute, "")
    fragment = Fragment(FragmentKind.SCOPE, text, path or None, 1)
    return Context(Ask(problem, "", task), Card(""), snapshot, (fragment,))
