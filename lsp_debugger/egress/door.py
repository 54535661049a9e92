"""The transport under every client: checks a request, then lets it through to one address.

One class serves httpx and httpx2, whose transports are alike: it is handed the module.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import ssl
from collections.abc import Sequence
from types import ModuleType
from typing import Any, Self

from lsp_debugger import guard
from lsp_debugger.core.errors import BackendUnavailable, ConfigInvalid, EgressRefused
from lsp_debugger.egress import bodies
from lsp_debugger.egress.clearance import current_permit
from lsp_debugger.egress.target import Target

_MAX_CONNECTIONS = 4
_KEEPALIVE_S = 30.0


class Door:
    """An httpx or httpx2 transport for one endpoint. Raises what theirs raise, and EgressRefused."""

    def __init__(self, module: ModuleType, target: Target, api_key: str | None) -> None:
        self._httpx: Any = module
        self._target = target
        self._authorization = f"Bearer {api_key}" if api_key else None
        self._tls = _tls_context(target)
        # By the proxy's address; one pair where there is none.
        self._transports = dict[str, tuple[Any, Any]]()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        for pair in self._transports.values():
            for transport in pair:
                await transport.aclose()
        self._transports.clear()

    async def handle_async_request(self, request: Any) -> Any:
        body: bytes = await request.aread()
        self._check(request, body)
        permit = current_permit()
        # Letter for letter what was previewed: a client may spell the same JSON in another way.
        exact = permit.exact if permit is not None and body else None
        response = await self._send(request, exact or body)
        if 300 <= response.status_code < 400:
            await response.aclose()
            raise EgressRefused(
                f"{self._target.endpoint.name} at {self._target.shown} redirects, which is never followed",
                hint="configure the address that it redirects to, if you know it",
            )
        return response

    def _check(self, request: Any, body: bytes) -> None:
        target, url = self._target, request.url
        if (
            url.userinfo
            or (url.scheme, url.host) != (target.scheme, target.host)
            or not target.is_port(url.port)
        ):
            raise EgressRefused(
                f"a request to another place than {target.shown} was refused",
                hint="report this: a client of lsp-debugger left its endpoint",
            )
        raw_path: str = url.raw_path.decode("ascii")
        path = raw_path.removeprefix(target.root) if raw_path.startswith(target.root) else ""
        bodies.check(target.endpoint, request.method, path, body, current_permit())

    async def _send(self, request: Any, body: bytes) -> Any:
        """Try the addresses of the host in turn; only an address that nobody answers at is passed over."""
        *first, last = await self._addresses()
        for address in first:
            try:
                return await self._send_to(address, request, body)
            except (self._httpx.ConnectError, self._httpx.ConnectTimeout):
                continue
        return await self._send_to(last, request, body)

    async def _addresses(self) -> Sequence[str]:
        """Look the name up here, once, and connect to what came back and nothing else."""
        target = self._target
        host, port = target.hop
        if target.unix_path is not None or _is_address(host):
            return (host,)
        with guard.permit_connect(host, port):
            try:
                found = await asyncio.get_running_loop().getaddrinfo(host, port)
            except OSError as exc:
                whose = "the proxy's name" if target.proxy else "the name"
                raise BackendUnavailable(
                    f"{whose} of {target.endpoint.name} at {target.shown} is not known here",
                    hint="check the address, or that the network it belongs to is up",
                ) from exc
        return list(dict.fromkeys(str(each[4][0]) for each in found))

    async def _send_to(self, address: str, request: Any, body: bytes) -> Any:
        """Send, and once more on a fresh connection if a kept one had been closed by the server.

        Nothing of an answer was received then. A connection that was made for this very request and
        breaks is a failure.
        """
        stale = (self._httpx.RemoteProtocolError, self._httpx.ReadError, self._httpx.WriteError)
        kept_alive, fresh = self._pair(address)
        with _Connecting(self._target, address) as connecting:
            try:
                return await kept_alive.handle_async_request(self._outgoing(request, body, connecting))
            except stale:
                if connecting.has_begun:
                    raise
            return await fresh.handle_async_request(self._outgoing(request, body, connecting))

    def _outgoing(self, request: Any, body: bytes, connecting: _Connecting) -> Any:
        """The request with our headers instead of the client's.

        Clients describe the machine in theirs, and take keys from the environment.
        """
        target = self._target
        headers = {
            "Host": target.origin.partition("://")[2],
            "User-Agent": "lsp-debugger",
            "Accept": request.headers.get("Accept", "*/*"),
            "Accept-Encoding": "identity",
        }
        if body:
            headers["Content-Type"] = "application/json"
        if self._authorization:
            headers["Authorization"] = self._authorization
        return self._httpx.Request(
            request.method,
            # A tunnel's far end is found by the proxy; otherwise the name was looked up here.
            request.url if target.proxy else request.url.copy_with(host=connecting.address),
            headers=headers,
            content=body or None,
            extensions={
                "timeout": request.extensions.get("timeout", {}),
                "sni_hostname": target.host,
                "trace": connecting.trace,
            },
        )

    def _pair(self, address: str) -> tuple[Any, Any]:
        """One that keeps connections, and one that uses none twice, so that none can have gone stale."""
        proxy = ""
        if self._target.proxy is not None:
            shown = f"[{address}]" if ":" in address else address
            proxy = f"http://{shown}:{self._target.proxy[1]}"
        if proxy not in self._transports:
            self._transports[proxy] = (self._transport(2, proxy), self._transport(0, proxy))
        return self._transports[proxy]

    def _transport(self, keepalive: int, proxy: str) -> Any:
        return self._httpx.AsyncHTTPTransport(
            proxy=self._httpx.Proxy(proxy, headers={"User-Agent": "lsp-debugger"}) if proxy else None,
            verify=self._tls,
            trust_env=False,
            http2=False,
            retries=0,
            uds=self._target.unix_path,
            limits=self._httpx.Limits(
                max_connections=_MAX_CONNECTIONS,
                max_keepalive_connections=keepalive,
                keepalive_expiry=_KEEPALIVE_S,
            ),
        )


class _Connecting:
    """Opens the guard for one address while a connection to it is being made, and no longer."""

    def __init__(self, target: Target, address: str) -> None:
        self.address = address
        self.has_begun = False
        self._target = target
        self._permits = contextlib.ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._permits.close()

    async def trace(self, event: str, _: object) -> None:
        """Called by httpcore: connection.connect_tcp.started, ...complete, ...failed, and many others."""
        if not event.startswith(("connection.connect_tcp.", "connection.connect_unix_socket.")):
            return
        if event.endswith(".started"):
            self.has_begun = True
            unix_path = self._target.unix_path
            self._permits.enter_context(
                guard.permit_unix(unix_path)
                if unix_path is not None
                else guard.permit_connect(self.address, self._target.hop[1])
            )
        else:
            self._permits.close()


def _tls_context(target: Target) -> ssl.SSLContext:
    """What certificates are believed. There is no way to believe all of them."""
    if target.scheme == "http":  # never used; this one is cheap to make and would accept nothing
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    ca_file = target.endpoint.ca_file
    if ca_file is None:
        import truststore

        context: ssl.SSLContext = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    else:
        # Not create_default_context(): that one writes session keys to where SSLKEYLOGFILE points.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        try:
            context.load_verify_locations(cafile=ca_file)
        except (OSError, ssl.SSLError) as exc:
            raise ConfigInvalid(
                f"the ca_file of {target.endpoint.name} cannot be read",
                hint="it is a file with certificates in PEM form",
            ) from exc
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
