"""An endpoint that only a proxy leads to: one tunnel, to one host, and the proxy reads nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from certificates import Certificates
from doors_server import COMPLETION, Server, answer, ask_openai
from tunnel_proxy import tunnel_proxy

from lsp_debugger import egress
from lsp_debugger.core.errors import BackendUnavailable, ConfigInvalid
from lsp_debugger.core.model import Endpoint
from lsp_debugger.policy.gate import Cleared

Serve = Callable[..., Server]
Clear = Callable[..., Awaitable[Cleared]]
PROMPT = "why does line 3 fail?"
MODELS = answer({"object": "list", "data": []})


def beyond(serve: Serve, tmp_path: Path) -> tuple[Server, Endpoint]:
    """A server whose name nobody here knows, and how to reach it but for the proxy."""
    certificates = Certificates(tmp_path, "DNS:llm.invalid")
    server = serve(lambda _: MODELS, context=certificates.context())
    return server, Endpoint("corp", "https://llm.invalid/v1", str(certificates.authority))


def port(server: Server) -> int:
    found = urlsplit(server.url).port
    assert found is not None
    return found


async def test_a_tunnel_leads_to_the_endpoint(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, endpoint = beyond(serve, tmp_path)
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    with tunnel_proxy(port(server)) as proxy:
        found = await egress.probe_json(replace(endpoint, proxy=proxy.url), "GET", "/v1/models")
    assert found == {"object": "list", "data": []}
    [request] = server.requests
    assert (request.path, request.headers["host"]) == ("/v1/models", "llm.invalid")
    [head] = proxy.heads
    assert head.startswith("CONNECT llm.invalid:443 HTTP/1.1\r\n")
    assert "python" not in head.lower(), "a proxy learns no more than it has to"


async def test_the_proxy_reads_nothing_and_gets_no_key(serve: Serve, cleared: Clear, tmp_path: Path) -> None:
    server, endpoint = beyond(serve, tmp_path)
    server.script = lambda _: COMPLETION
    with tunnel_proxy(port(server)) as proxy:
        place = replace(endpoint, proxy=proxy.url)
        with egress.permit(await cleared(place, PROMPT)):
            assert await ask_openai(place, PROMPT, api_key="key-of-corp") == "so"
    [request] = server.requests
    assert request.headers["authorization"] == "Bearer key-of-corp"
    assert PROMPT.encode() in request.body
    seen = bytes(proxy.passed) + "".join(proxy.heads).encode()
    assert PROMPT.encode() not in seen
    assert b"key-of-corp" not in seen


async def test_a_proxy_that_refuses_is_said(tmp_path: Path, serve: Serve) -> None:
    server, endpoint = beyond(serve, tmp_path)
    with tunnel_proxy(None) as proxy, pytest.raises(BackendUnavailable, match="the proxy refuses") as refused:
        await egress.probe_json(replace(endpoint, proxy=proxy.url), "GET", "/v1/models")
    assert "for that host" in refused.value.hint
    assert server.connections == 0


async def test_a_certificate_counts_behind_a_proxy_too(serve: Serve, tmp_path: Path) -> None:
    server, endpoint = beyond(serve, tmp_path)
    with tunnel_proxy(port(server)) as proxy:
        for place in (replace(endpoint, ca_file=None), replace(endpoint, url="https://other.invalid/v1")):
            with pytest.raises(BackendUnavailable, match="not trusted"):
                await egress.probe_json(replace(place, proxy=proxy.url), "GET", "/v1/models")
    assert server.requests == []


@pytest.mark.parametrize(
    ("url", "proxy"),
    [
        ("https://llm.invalid", "https://127.0.0.1:3128"),
        ("https://llm.invalid", "http://127.0.0.1"),
        ("https://llm.invalid", "http://user:word@127.0.0.1:3128"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:3128"),
    ],
)
async def test_what_is_no_tunnel_is_no_proxy(url: str, proxy: str) -> None:
    with pytest.raises(ConfigInvalid, match="proxy") as invalid:
        await egress.probe_json(Endpoint("corp", url, proxy=proxy), "GET", "/v1/models")
    assert "word" not in str(invalid.value)


async def test_a_proxy_with_a_name_is_looked_up_here(serve: Serve, tmp_path: Path) -> None:
    server, endpoint = beyond(serve, tmp_path)
    with tunnel_proxy(port(server)) as proxy:
        named = replace(endpoint, proxy=proxy.url.replace("127.0.0.1", "localhost"))
        await egress.probe_json(named, "GET", "/v1/models")
    assert len(server.requests) == 1
