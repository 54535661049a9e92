"""The gates' way to the audit log: opened with the first record, shared by both."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from lsp_debugger.core.model import ModelInfo
from lsp_debugger.policy.audit import Audit
from lsp_debugger.policy.chain import Body, Value
from lsp_debugger.policy.decide import Decision
from lsp_debugger.policy.replay import keep_policy
from lsp_debugger.policy.route import safe_url
from lsp_debugger.policy.store import LoadedPolicy

_log = logging.getLogger(__name__)


class Recorder:
    """Blocking: use it from a thread. audit_factory is called once, with the first record."""

    def __init__(self, audit_factory: Callable[[], Audit]) -> None:
        self._factory = audit_factory
        self._audit: Audit | None = None
        self._lock = threading.Lock()
        self._policy_sha256 = ""

    @property
    def audit(self) -> Audit:
        with self._lock:  # requests are cleared in threads, several at once
            if self._audit is None:
                self._audit = self._factory()
            return self._audit

    def append(self, kind: str, body: Body, *, durable: bool = False) -> int:
        """Raises AuditUnavailable."""
        return self.audit.append(kind, body, durable=durable)

    def note_policy(self, loaded: LoadedPolicy) -> None:
        """Record that another policy is in force, and keep it, so that a decision can be made again."""
        if loaded.sha256 == self._policy_sha256:
            return
        self.append("policy_load", {"policy_sha256": loaded.sha256, "problems": len(loaded.problems)})
        try:
            keep_policy(self.audit.directory, loaded)
        except OSError as exc:  # a replay fails later, not this request
            _log.warning("the policy in force could not be kept: %s", type(exc).__name__)
        self.audit.retain(loaded.policy.grants.audit.retain_days)
        self._policy_sha256 = loaded.sha256

    def close(self) -> None:
        if self._audit is not None:
            self._audit.close()


def about_decision(decision: Decision) -> dict[str, Value]:
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


def about_model(info: ModelInfo) -> dict[str, Value]:
    return {
        "backend": info.backend[:80],
        "digest": info.digest[:200],
        "endpoint": safe_url(info.endpoint),
        "locality": info.locality.value,
        "model": info.model[:200],
    }
