"""`lsp-debugger policy report`: what a compliance questionnaire asks about each endpoint."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsp_debugger.cli.app import OK
from lsp_debugger.cli.arguments import Arguments
from lsp_debugger.cli.policies import in_force

if TYPE_CHECKING:
    from lsp_debugger.policy.document import CloudEndpoint
    from lsp_debugger.policy.store import LoadedPolicy

HELP = """\
lsp-debugger policy report [--policy FILE] [--json]

For each endpoint of the policy: who operates it, what it keeps and for how long, whether it trains on what
it gets, where it processes and stores, private link, own keys, certificates, who attested that, on which
evidence and until when. It repeats what the policy's attestations state; it asks no server.
Exit codes: 0 done, 2 the policy cannot be read."""

_UNSTATED = "not stated"


def run(args: Sequence[str]) -> int:
    parser = Arguments("lsp-debugger policy report")
    parser.add_argument("--policy", type=Path, metavar="FILE")
    parser.add_argument("--json", action="store_true")
    parsed = parser.parse_args(list(args))
    loaded = in_force(parsed.policy, Path.cwd())
    rows = [_answers(loaded, endpoint) for endpoint in loaded.policy.grants.endpoints]
    if parsed.json:
        print(json.dumps({"policy_sha256": loaded.sha256, "endpoints": rows}, indent=2))
        return OK
    print(f"{loaded.source} ({loaded.sha256[:12]}), mode {loaded.policy.mode.value}")
    if not rows:
        print("No endpoint: nothing is sent to a service of somebody else.")
    for row in rows:
        print()
        width = max(map(len, row))
        for question, answer in row.items():
            print(f"  {question:<{width}}  {answer}")
    return OK


def _answers(loaded: LoadedPolicy, endpoint: CloudEndpoint) -> dict[str, Any]:
    from lsp_debugger.policy.facts import attestation_of, utc_now

    state, digest = attestation_of(endpoint, loaded.keys, utc_now())
    attested = endpoint.attestation
    days = _UNSTATED if endpoint.retention_days is None else f"{endpoint.retention_days} days"
    return {
        "endpoint": endpoint.name,
        "address": endpoint.base_url,
        "operator": endpoint.provider or _UNSTATED,
        "account": ", ".join(f"{key} {value}" for key, value in endpoint.account) or _UNSTATED,
        "models": ", ".join(endpoint.models),
        "retention": f"{endpoint.retention.value}, {days}",
        "people look at requests": _yes(endpoint.human_review),
        "trains on requests": _yes(endpoint.trains_on_data),
        "processes in": endpoint.region or _UNSTATED,
        "stores in": endpoint.at_rest or _UNSTATED,
        "private link": _yes(endpoint.private_link),
        "customer-managed keys": _yes(endpoint.customer_keys),
        "certificates": ", ".join(endpoint.certificates) or _UNSTATED,
        "attested by": attested.by if attested else _UNSTATED,
        "evidence": attested.evidence if attested else _UNSTATED,
        "valid": f"{attested.verified_at} to {attested.expires_at}" if attested else _UNSTATED,
        "attestation": state,
        "statement SHA-256": digest or _UNSTATED,
    }


def _yes(answer: bool | None) -> str:
    return {True: "yes", False: "no", None: _UNSTATED}[answer]
