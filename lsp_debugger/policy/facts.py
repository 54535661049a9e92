"""What a decision is made from: captured once, put on record, and enough to make the same decision again."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from functools import cache
from typing import Any, cast

from lsp_debugger.policy.chain import Value
from lsp_debugger.policy.classify import Matched
from lsp_debugger.policy.document import CloudEndpoint, Role
from lsp_debugger.policy.signing import ATTESTATION, verified

# Rises when the same facts may lead to another decision.
ENGINE_VERSION = 2
_NEW_IN_2 = frozenset({"timed_out"})

ATTESTED = "valid"


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found in the request. outside: a path lies in no workspace folder."""

    matched: tuple[Matched, ...] = ()
    outside: bool = False
    chars: int = 0

    def body(self) -> dict[str, Value]:
        hits: list[Value] = [[hit.class_name, hit.entry_id, hit.fragment, hit.line] for hit in self.matched]
        return {"matched": hits, "outside": self.outside, "chars": self.chars}

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> Findings:
        return cls(tuple(Matched(*hit) for hit in body["matched"]), body["outside"], body["chars"])


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """Everything else. Empty where nothing remote is considered; None where it is not known yet.

    now: UTC, ISO 8601. user_roles: names of the policy's roles that hold the user. attestation: `valid` or
    what is wrong with it. tokens: an upper estimate of the prompt's. budget_left_*: before this request, None
    without a limit. cost_micro_usd: of this request, at most. consent: how the user agreed, empty before.
    timed_out: the request was not looked through in time.
    """

    now: str = ""
    task: str = ""
    language: str = ""
    repo: str = ""
    tokens: int = 0
    user_id: str = ""
    user_roles: tuple[str, ...] = ()
    endpoint: str = ""
    model: str = ""
    digest: str = ""
    locality: str = ""
    attestation: str = ""
    attestation_sha256: str = ""
    approval: str = ""
    confidence: str = ""
    cost_micro_usd: int = 0
    budget_left_tokens: int | None = None
    budget_left_micro_usd: int | None = None
    detectors_sha256: str = ""
    known_values_hmac: str = ""
    redaction_clean: bool | None = None
    consent: str = ""
    anchored: bool | None = None
    timed_out: bool = False

    def body(self) -> dict[str, Value]:
        raw = asdict(self)
        raw["user_roles"] = list(self.user_roles)
        return raw

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> RequestFacts:
        """Raises KeyError and TypeError for a record that is not one of ours."""
        names = [each.name for each in fields(cls)]
        known = {name: body[name] for name in names if name in body or name not in _NEW_IN_2}
        known["user_roles"] = tuple(cast("list[str]", known["user_roles"]))
        return cls(**known)


NOTHING_FOUND = Findings()
NO_FACTS = RequestFacts()


def utc_now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def user_name() -> str:
    """As the system knows the user: what an environment variable says is anybody's to choose."""
    try:
        import pwd

        return pwd.getpwuid(os.getuid()).pw_name
    except (ImportError, KeyError):
        import getpass

        try:
            return getpass.getuser()
        except (OSError, KeyError):
            return ""


@cache
def user_groups() -> tuple[str, ...]:
    """Names of the system's groups that the user is in; none where the system has no such thing."""
    try:
        import grp
    except ImportError:
        return ()
    names = list[str]()
    for number in sorted({os.getgid(), *os.getgroups()}):
        try:
            names.append(grp.getgrgid(number).gr_name)
        except KeyError:
            continue
    return tuple(names)


def roles_of(roles: tuple[Role, ...] | None, user: str, groups: tuple[str, ...]) -> tuple[str, ...]:
    """Names of the roles that hold this user, in the policy's order."""
    return tuple(
        role.name
        for role in roles or ()
        if "*" in role.users or user in role.users or set(groups) & set(role.groups)
    )


def attestation_of(endpoint: CloudEndpoint, keys: tuple[str, ...], now: str) -> tuple[str, str]:
    """`valid` or what is wrong with it, and the digest of what it states."""
    attested = endpoint.attestation
    if attested is None:
        return "missing", ""
    digest = hashlib.sha256(attested.statement).hexdigest()
    if not attested.signature:
        return "not signed", digest
    if not verified(keys, ATTESTATION, attested.statement, attested.signature):
        return "not signed by a key that this policy trusts", digest
    today = now[:10]
    if today > attested.expires_at:
        return f"expired on {attested.expires_at}", digest
    if today < attested.verified_at:
        return f"not valid before {attested.verified_at}", digest
    return ATTESTED, digest
