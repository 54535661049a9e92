"""An endpoint, taken apart: the one place that a client of it may talk to."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from lsp_debugger.core.errors import ConfigInvalid
from lsp_debugger.core.model import Endpoint

_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Target:
    """Where an endpoint's requests go. root: path before the API's own, without the `/v1`.

    unix_path: of the socket, instead of host and port, which are only decoration then.
    proxy: host and port of the proxy that a tunnel goes through.
    """

    endpoint: Endpoint
    scheme: str
    host: str
    port: int
    root: str = ""
    prefix: str = ""
    unix_path: str | None = None
    proxy: tuple[str, int] | None = None

    @classmethod
    def of(cls, endpoint: Endpoint) -> Target:
        """Raises ConfigInvalid for an address that names no single place, or carries a password."""
        try:
            parts = urlsplit(endpoint.url)
            port = parts.port
        except ValueError as exc:
            raise _invalid(endpoint) from exc
        if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
            raise _invalid(endpoint)
        if parts.scheme == "unix":
            if parts.netloc or not parts.path.startswith("/"):
                raise _invalid(endpoint)
            return cls(endpoint, "http", "localhost", 80, unix_path=parts.path)
        if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
            raise _invalid(endpoint)
        prefix = parts.path.rstrip("/")
        root = prefix.removesuffix("/v1")
        port = port or _DEFAULT_PORTS[parts.scheme]
        proxy = _proxy(endpoint) if endpoint.proxy else None
        return cls(endpoint, parts.scheme, parts.hostname, port, root, prefix, proxy=proxy)

    @property
    def hop(self) -> tuple[str, int]:
        """Host and port that a connection is made to."""
        return self.proxy or (self.host, self.port)

    @property
    def origin(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        default = self.port == _DEFAULT_PORTS[self.scheme]
        return f"{self.scheme}://{host}" if default else f"{self.scheme}://{host}:{self.port}"

    def is_port(self, port: int | None) -> bool:
        """Clients leave a scheme's usual port out."""
        return (port or _DEFAULT_PORTS[self.scheme]) == self.port

    @property
    def shown(self) -> str:
        """For messages: no more than the address."""
        return self.unix_path or self.origin


def base_url(endpoint: Endpoint) -> str:
    """What to give a client as its base address: the endpoint's, also where that is a Unix socket."""
    target = Target.of(endpoint)
    return target.origin + target.prefix


def _proxy(endpoint: Endpoint) -> tuple[str, int]:
    """Only tunnels: a proxy that could read a request would be another endpoint."""
    parts = urlsplit(endpoint.proxy or "")
    if parts.scheme != "http" or not parts.hostname or parts.port is None or parts.username is not None:
        raise _unusable_proxy(endpoint, "it looks like http://proxy.example.com:3128, without user name")
    if not endpoint.url.startswith("https:"):
        raise _unusable_proxy(endpoint, "a proxy is for an https address")
    return parts.hostname, parts.port


def _unusable_proxy(endpoint: Endpoint, hint: str) -> ConfigInvalid:
    return ConfigInvalid(f"the proxy of {endpoint.name} is not usable", hint=hint)


def _invalid(endpoint: Endpoint) -> ConfigInvalid:
    return ConfigInvalid(
        f"the address of {endpoint.name} is not usable",
        hint="it looks like http://127.0.0.1:11434, without user name, password or query",
    )
