"""Whether one model may be asked, given what was decided about the request."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from lsp_debugger.core.model import Endpoint, Locality, ModelInfo
from lsp_debugger.policy.decide import Decision
from lsp_debugger.policy.document import Action

_ON_THIS_MACHINE = (Locality.OWN, Locality.VERIFIED_LOCAL)
_PRIVATE_NAMES = ("localhost", "host.docker.internal", "host.containers.internal", "gateway.docker.internal")
_PRIVATE_SUFFIXES = (".localhost", ".local", ".lan", ".internal", ".home.arpa", ".intranet", ".corp")


@dataclass(frozen=True, slots=True)
class Route:
    """A model that may be asked. `why` is one line for the answer's footer."""

    endpoint: Endpoint
    info: ModelInfo
    locality: Locality
    why: str


@dataclass(frozen=True, slots=True)
class Denied:
    """An expected outcome: the card answers alone. `hint` is what the user can do, often a command."""

    reason: str
    hint: str = ""


def route(decision: Decision, info: ModelInfo) -> Route | Denied:
    """Match a model against a decision. On this machine always; beyond it only below the ceiling."""
    if info.locality in _ON_THIS_MACHINE:
        return Route(
            info.endpoint, info, info.locality, f"{info.locality.value}: {info.why_locality}".rstrip(": ")
        )
    if info.locality is Locality.DECLARED_PRIVATE:
        if decision.action is Action.DENY or decision.ceiling is not Locality.DECLARED_PRIVATE:
            return Denied(
                f"{info.backend} at {safe_url(info.endpoint)} may be elsewhere, and {_because(decision)}",
                "choose a model on this machine: `lsp-debugger doctor` lists them",
            )
        return Route(
            info.endpoint, info, info.locality, f"declared private: {info.why_locality}".rstrip(": ")
        )
    return _remote(info)


def _because(decision: Decision) -> str:
    failed = next((gate for gate in decision.gates if gate.name == "policy" and not gate.passed), None)
    return failed.why if failed else f"the policy denies this request ({decision.rule_id})"


def _remote(info: ModelInfo) -> Denied:
    url = safe_url(info.endpoint)
    why = f" ({info.why_locality})" if info.why_locality else ""
    reason = f"{info.backend} at {url} counts as remote{why}, and nothing is sent to remote models"
    if is_near(info.endpoint.url):
        return Denied(reason, f"if that server is yours: lsp-debugger config local add {url}")
    return Denied(reason, "use a model on this machine: `lsp-debugger doctor` lists them")


def safe_url(endpoint: Endpoint) -> str:
    """The address without user name, password, query and control characters, for messages and records."""
    try:
        parts = urlsplit(endpoint.url)
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "an unreadable address"
    shown = f"{parts.scheme}://{host}{port}{parts.path.rstrip('/')}" if parts.scheme else endpoint.name
    return "".join(char for char in shown if char.isprintable() and not char.isspace())[:200]


def is_near(url: str) -> bool:
    """True for loopback and private addresses, by their letters: no name is looked up."""
    try:
        host = (urlsplit(url).hostname or "").rstrip(".").lower()
    except ValueError:
        return False
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host in _PRIVATE_NAMES or host.endswith(_PRIVATE_SUFFIXES) or ("." not in host and bool(host))
    return address.is_loopback or address.is_private or address.is_link_local
