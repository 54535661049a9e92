"""A policy that lets a question go to one endpoint, and what it takes; each part can be changed."""

from __future__ import annotations

import tempfile
from functools import cached_property
from pathlib import Path

from policy_samples import ROOT

from lsp_debugger.policy.facts import RequestFacts
from lsp_debugger.policy.schema import read_policy
from lsp_debugger.policy.signing import ATTESTATION, SigningKey, signing_key
from lsp_debugger.policy.store import LoadedPolicy

SECTIONS = {
    "mode": "enforce",
    "rules": "[{if: \"task == 'explain'\", action: consider_cloud}]",
    "roles": "{dev: {users: ['*'], cloud: true}}",
    "tasks": "{explain: {max_tokens: 100000, endpoints: [corp]}}",
    "budgets": "{per_user_day_tokens: 1000000, per_user_day_usd: 5}",
    "obligations": "{regions: [eu], zero_retention: true, no_training: true}",
}


class CloudPolicy:
    """url: of the endpoint `corp`, which serves the model `big`."""

    def __init__(self, url: str = "https://llm.example.com/v1", folder: Path | None = None) -> None:
        self.url = url
        self.folder = folder or Path(tempfile.mkdtemp())

    @cached_property
    def key(self) -> SigningKey:
        return signing_key(self.folder / "policy.key")

    def text(self, attested: str = "", **change: str) -> str:
        """attested: what is wrong with the attestation, if anything."""
        unsigned = self._text("", attested, change)
        if attested in {"missing", "unsigned"}:
            return unsigned
        key = signing_key(self.folder / "other.key") if attested == "another key" else self.key
        [endpoint] = read_policy(unsigned.encode(), "policy.yaml", "user").grants.endpoints
        assert endpoint.attestation is not None
        signature = key.sign(ATTESTATION, endpoint.attestation.statement)
        signed = self._text(signature, attested, change)
        return signed.replace("region-note", "changed") if attested == "changed since" else signed

    def policy(self, attested: str = "", **change: str) -> LoadedPolicy:
        policy = read_policy(self.text(attested, **change).encode(), "policy.yaml", "user")
        return LoadedPolicy(policy, "0" * 64, roots=(ROOT,), keys=(self.key.public,))

    @property
    def ready(self) -> RequestFacts:
        """Everything that opens the last gates."""
        return RequestFacts(
            now="2026-11-25T10:00:00.000+00:00",
            endpoint="corp",
            model="big",
            cost_micro_usd=10,
            budget_left_tokens=100_000,
            budget_left_micro_usd=5_000_000,
            redaction_clean=True,
            consent="once",
        )

    def _text(self, signature: str, attested: str, change: dict[str, str]) -> str:
        sections = "".join(f"{name}: {value}\n" for name, value in {**SECTIONS, **change}.items())
        attestation = (
            "    attestation:\n      by: A. Person\n      evidence: region-note\n"
            "      verified_at: 2026-11-01\n      expires_at: 2030-12-31\n"
        )
        if attested == "missing":
            attestation = ""
        elif signature:
            attestation += f'      signature: "{signature}"\n'
        return (
            f"{sections}endpoints:\n  corp:\n    provider: self_hosted\n    base_url: {self.url}\n"
            "    models: [big]\n    api_key_env: CORP_KEY\n"
            "    retention: {mode: zero, days: 0}\n    training: {used: false}\n"
            "    residency: {processing: eu}\n"
            "    price: {input_usd_per_million: 2, output_usd_per_million: 8}\n"
            f"{attestation}"
        )
