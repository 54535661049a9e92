"""How near a model is: proven from what its server says about it, never from an address.

Loopback proves nothing: a tunnel or a container may listen there, and Ollama's daemon itself proxies
cloud models, under any name that somebody gave them.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

from lsp_debugger.config.values import origin_of
from lsp_debugger.core.model import Locality

_REMOTE_KEYS = frozenset({"remote_host", "remote_model"})
_SHA256 = re.compile(r"(?:sha256:)?([0-9a-f]{64})\Z")
# The manifest of a proxied model is a few hundred bytes; the smallest useful weights are far larger.
_SMALLEST_WEIGHTS_BYTES = 100_000
_DEPTH = 20


@dataclass(frozen=True, slots=True)
class Finding:
    """A class, and the words that explain it. digest: `sha256:...`, empty unless weights are local."""

    locality: Locality
    why: str
    digest: str = ""


def is_literal_loopback(url: str) -> bool:
    """True for 127.0.0.0/8 and ::1 written in digits. A name, `localhost` included, can point anywhere."""
    try:
        host = urlsplit(url).hostname or ""
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_declared(url: str, local_hosts: Sequence[str]) -> bool:
    """True when the user's or the organisation's own file lists this server (scheme, host and port)."""
    try:
        return origin_of(url) in {origin_of(host) for host in local_hosts}
    except ValueError:
        return False


def of_endpoint(url: str, local_hosts: Sequence[str]) -> Finding:
    """The class of a server that says nothing verifiable about its models."""
    if is_declared(url, local_hosts):
        return Finding(Locality.DECLARED_PRIVATE, f"{origin_of(url)} is listed in local_hosts")
    return Finding(Locality.REMOTE, "nothing proves that this server is yours; local_hosts does not list it")


def of_ollama(model: str, url: str, tags: object, show: object, local_hosts: Sequence[str]) -> Finding:
    """The class of one model of an Ollama daemon.

    tags, show: the raw JSON of /api/tags and /api/show, whatever it is.
    """
    entry = tagged(model, tags)
    if doubt := next(_proxied(model, entry, show), ""):
        return Finding(Locality.REMOTE, doubt)  # also behind a declared daemon: text would travel on
    digest = _digest(entry or {})
    if is_declared(url, local_hosts):
        return Finding(Locality.DECLARED_PRIVATE, f"{origin_of(url)} is listed in local_hosts", digest)
    if doubt := next(_unproven(url, entry, show), ""):
        return Finding(Locality.REMOTE, doubt)
    return Finding(Locality.VERIFIED_LOCAL, "Ollama holds its weights and names no remote host", digest)


def tagged(model: str, tags: object) -> Mapping[str, Any] | None:
    """The entry of /api/tags for `model`; `name` and `name:latest` are the same model."""
    wanted = full_name(model)
    return next((entry for entry in tag_entries(tags) if full_name(entry_name(entry)) == wanted), None)


def tag_entries(tags: object) -> Iterator[Mapping[str, Any]]:
    """The models of a raw /api/tags answer; what is not shaped like one is left out."""
    models: object = cast("Mapping[str, object]", tags).get("models") if isinstance(tags, dict) else None
    for entry in cast("list[object]", models) if isinstance(models, list) else []:
        if isinstance(entry, dict) and entry_name(cast("dict[str, Any]", entry)):
            yield cast("dict[str, Any]", entry)


def entry_name(entry: Mapping[str, Any]) -> str:
    name: object = entry.get("name") or entry.get("model")
    return name if isinstance(name, str) else ""


def full_name(model: str) -> str:
    return model if ":" in model.rpartition("/")[2] else f"{model}:latest"


def is_cloud_name(model: str) -> bool:
    """Ollama's own names for models that it runs elsewhere: `name:cloud`, `name:120b-cloud`."""
    tag = full_name(model).rpartition(":")[2].lower()
    return tag == "cloud" or tag.endswith("-cloud")


def _proxied(model: str, entry: Mapping[str, Any] | None, show: object) -> Iterator[str]:
    """Signs that the daemon sends this model's prompts on to somebody else."""
    if is_cloud_name(model):
        yield "its name says that Ollama runs it in its cloud"
    if _names_remote(entry) or _names_remote(show):
        yield "the daemon says that another host runs it"


def _unproven(url: str, entry: Mapping[str, Any] | None, show: object) -> Iterator[str]:
    """What is missing to call its weights local."""
    if not is_literal_loopback(url):
        yield "its daemon is not on a literal loopback address"
    if entry is None:
        yield "the daemon does not list it"
        return
    if not _digest(entry):
        yield "the daemon gives no digest of its weights"
    size: object = entry.get("size")
    if not isinstance(size, int) or size < _SMALLEST_WEIGHTS_BYTES:
        yield "what the daemon stores is too small to be its weights"
    described = cast("dict[str, object]", show) if isinstance(show, dict) else {}
    if not described.get("details") or not described.get("model_info"):
        yield "the daemon does not describe its weights"


def _digest(entry: Mapping[str, Any]) -> str:
    found = _SHA256.match(str(entry.get("digest", "")))
    return f"sha256:{found[1]}" if found else ""


def _names_remote(value: object, depth: int = 0) -> bool:
    """True when a remote key with any content stands anywhere; too deep to tell counts as remote."""
    if depth > _DEPTH:
        return True
    if isinstance(value, dict):
        for key, inner in cast("dict[str, object]", value).items():
            if (key.lower() in _REMOTE_KEYS and inner) or _names_remote(inner, depth + 1):
                return True
        return False
    if isinstance(value, list):
        return any(_names_remote(inner, depth + 1) for inner in cast("list[object]", value))
    return False
