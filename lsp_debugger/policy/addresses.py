"""Where a policy lets text go: one host over TLS, and at most one proxy on the way."""

from __future__ import annotations

from urllib.parse import urlsplit

from lsp_debugger.policy import fields
from lsp_debugger.policy.yamltree import Node

_LOOPBACK = ("127.0.0.1", "::1")


def tls_address(node: Node) -> str:
    """An exact host over TLS; plain HTTP only to this machine's own literal address."""
    address = fields.short_text(node)
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        node.fail("not an address")
    if not host or parts.username is not None or parts.query or parts.fragment or "*" in host:
        node.fail("expected https://host[:port]/path, without user name, query or wildcard")
    if parts.scheme != "https" and not (parts.scheme == "http" and host in _LOOPBACK):
        node.fail("only https, or http to 127.0.0.1")
    return address.rstrip("/")


def proxy_address(node: Node, base_url: str) -> str:
    """It carries a tunnel, so it sees the endpoint's name and the size of what passes, and no more."""
    proxy = fields.short_text(node)
    try:
        parts = urlsplit(proxy)
        host, port = parts.hostname, parts.port
    except ValueError:
        node.fail("not an address")
    plain = not (parts.username or parts.path.strip("/") or parts.query or parts.fragment)
    if parts.scheme != "http" or not host or port is None or not plain:
        node.fail("expected http://host:port, without user name and path")
    if not base_url.startswith("https:"):
        node.fail("a proxy is for an https endpoint")
    return proxy.rstrip("/")
