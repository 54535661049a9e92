"""Decisions made again from the record: the same policy, the same facts, the same outcome.

A policy that was in force is kept beside the audit log, by its digest: a decision of last month is looked at
with last month's policy.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lsp_debugger.core.errors import PolicyInvalid
from lsp_debugger.policy.audit import Audit
from lsp_debugger.policy.decide import Decision, conclude
from lsp_debugger.policy.facts import Findings, RequestFacts
from lsp_debugger.policy.signing import write_new_private
from lsp_debugger.policy.store import LoadedPolicy, rebuilt

_FOLDER = "policies"


@dataclass(frozen=True, slots=True)
class Replayed:
    """said: empty when the decision came out the same, else what differs or why it cannot be made again."""

    seq: int
    said: str = ""


def keep_policy(directory: Path, loaded: LoadedPolicy) -> None:
    """Remember a policy that came into force. Raises OSError."""
    path = directory / _FOLDER / f"{loaded.sha256}.json"
    if path.exists():
        return
    kept = {
        "roots": list(loaded.roots),
        "require_org": loaded.require_org,
        "unreadable": loaded.unreadable,
        "keys": list(loaded.keys),
        "layers": [[name, grants, base64.b64encode(data).decode()] for name, grants, data in loaded.layers],
    }
    write_new_private(path, json.dumps(kept, sort_keys=True).encode())


def kept_policy(directory: Path, sha256: str) -> LoadedPolicy | None:
    """A policy by its digest; None when it was not kept or is not what it was.

    Raises OSError.
    """
    path = directory / _FOLDER / f"{sha256}.json"
    if not sha256.isalnum() or not path.exists():
        return None
    try:
        kept = json.loads(path.read_bytes())
        layers = [(name, grants, base64.b64decode(data)) for name, grants, data in kept["layers"]]
        loaded = rebuilt(
            layers,
            roots=tuple(kept["roots"]),
            keys=tuple(kept["keys"]),
            require_org=kept["require_org"],
            unreadable=kept["unreadable"],
        )
    except (ValueError, KeyError, TypeError, PolicyInvalid):
        return None
    return loaded if loaded.sha256 == sha256 else None


def replay(audit: Audit) -> Iterator[Replayed]:
    """Each decision in the log, made again. Raises AuditUnavailable, OSError."""
    policies = dict[str, LoadedPolicy | None]()
    for seq, record in audit.records():
        if "facts" not in record or "findings" not in record:
            continue
        sha256 = str(record.get("policy_sha256"))
        if sha256 not in policies:
            policies[sha256] = kept_policy(audit.directory, sha256)
        yield Replayed(seq, _difference(policies[sha256], record))


def _difference(loaded: LoadedPolicy | None, record: Mapping[str, Any]) -> str:
    if loaded is None:
        return f"the policy {str(record.get('policy_sha256'))[:12]} was not kept"
    try:
        findings, facts = Findings.read(record["findings"]), RequestFacts.read(record["facts"])
    except (KeyError, TypeError):
        return "the record lacks facts that this version needs"
    again = _comparable(conclude(loaded, findings, facts))
    differs = [name for name, value in again.items() if record.get(name) != value]
    return f"differs in {', '.join(differs)}" if differs else ""


def _comparable(decision: Decision) -> dict[str, Any]:
    return {
        "action": decision.action.value,
        "ceiling": decision.ceiling.value,
        "rule_id": decision.rule_id,
        "gates": {gate.name: gate.passed for gate in decision.gates},
    }
