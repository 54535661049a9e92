"""What an answer says about models of others: that nothing was sent, why it could not be, or how to ask."""

from __future__ import annotations

from lsp_debugger.policy.conditions import LATE_GATES
from lsp_debugger.policy.decide import Decision
from lsp_debugger.policy.document import Mode
from lsp_debugger.policy.store import LoadedPolicy


def offer(loaded: LoadedPolicy, decision: Decision | None) -> str:
    """One line. decision: about this request and the policy's endpoint; None when none was made."""
    endpoints = loaded.policy.grants.endpoints
    if not endpoints:
        return "Nothing was sent to another service: your policy names none, so only your own models answer."
    if loaded.policy.mode is not Mode.ENFORCE:
        return f"Nothing was sent to another service: the policy's mode is {loaded.policy.mode.value}."
    name = decision.facts.endpoint if decision and decision.facts.endpoint else endpoints[0].name
    closed = [gate for gate in decision.closed if gate.name not in LATE_GATES] if decision else []
    if closed:
        return (
            f"Nothing was sent to {name}: the gate `{closed[0].name}` is closed ({closed[0].why}). "
            "`lsp-debugger policy explain` shows every gate; your policy.yaml opens them."
        )
    return (
        f"Nothing was sent to {name}. The command lspDebugger.escalate on the same line shows what would be "
        "sent, byte for byte, and asks you first."
    )
