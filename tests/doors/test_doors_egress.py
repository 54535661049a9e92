"""The door for connections, with the official clients, against a real server on this machine."""

from __future__ import annotations

import asyncio
import json
import socket  # noqa: TID251  a port that nobody listens on has to be found
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import ollama
import openai
import pytest
from certificates import Certificates
from doors_server import COMPLETION, Request, Server, answer, ask_openai

from lsp_debugger import egress
from lsp_debugger.core.errors import BackendUnavailable, ConfigInvalid, EgressRefused, ModelMissing
from lsp_debugger.core.model import Endpoint, Message, Sampling
from lsp_debugger.egress.door import Door
from lsp_debugger.egress.target import Target
from lsp_debugger.policy.gate import Cleared

Serve = Callable[..., Server]
Clear = Callable[..., Awaitable[Cleared]]
PROMPT = "why does line 3 fail?"


def chat_chunk(text: str) -> bytes:
    line = json.dumps(
        {"model": "m", "message": {"role": "assistant", "content": text}, "done": True, "done_reason": "stop"}
    )
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nContent-Length: {len(line)}\r\n\r\n"
    return (head + line).encode()


async def ask_ollama(endpoint: Endpoint, text: str, **more: Any) -> str:
    client = ollama.AsyncClient(**egress.ollama_options(endpoint, **more))
    try:
        stream = await client.chat("m", [{"role": "user", "content": text}], stream=True)
        return "".join([part.message.content or "" async for part in stream])
    finally:
        await client.close()


async def ask_both(serve: Serve, cleared: Clear, text: str = PROMPT, **more: Any) -> list[Request]:
    """One question through each client; returns what arrived."""
    for_ollama, for_openai = serve(lambda _: chat_chunk("so")), serve(lambda _: COMPLETION)
    with egress.permit(await cleared(for_ollama.endpoint(), text)):
        assert await ask_ollama(for_ollama.endpoint(), text, **more) == "so"
    with egress.permit(await cleared(for_openai.endpoint("/v1"), text)):
        assert await ask_openai(for_openai.endpoint("/v1"), text, **more) == "so"
    return [*for_ollama.requests, *for_openai.requests]


async def test_a_cleared_prompt_arrives_letter_by_letter(serve: Serve, cleared: Clear) -> None:
    text = 'print("naïve 🐍")\n\tx = {1}\u2028'

    one, two = await ask_both(serve, cleared, text)

    assert (one.method, one.path, two.method, two.path) == (
        "POST",
        "/api/chat",
        "POST",
        "/v1/chat/completions",
    )
    for request in (one, two):
        assert json.loads(request.body)["messages"][0]["content"] == text


async def test_nothing_comes_from_the_environment(
    serve: Serve, cleared: Clear, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    other = serve()
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, other.url)
        monkeypatch.setenv(name.lower(), other.url)
    monkeypatch.setenv("OLLAMA_HOST", other.url)
    monkeypatch.setenv("OPENAI_BASE_URL", other.url)
    for name in ("OLLAMA_API_KEY", "OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.setenv(name, "planted")
    netrc = tmp_path / "netrc"
    netrc.write_text("default login planted password planted", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(netrc))

    requests = await ask_both(serve, cleared)

    assert other.connections == 0
    for request in requests:
        assert "planted" not in str(request.headers)
        assert set(request.headers) <= {
            "host", "user-agent", "accept", "accept-encoding", "content-type", "content-length", "connection",
        }  # fmt: skip
        assert request.headers["user-agent"] == "lsp-debugger"


async def test_a_key_of_ours_is_sent(serve: Serve, cleared: Clear) -> None:
    for request in await ask_both(serve, cleared, api_key="ours"):
        assert request.headers["authorization"] == "Bearer ours"


async def test_foreign_text_is_stopped_before_a_connection(serve: Serve, cleared: Clear) -> None:
    server, other = serve(), serve()

    for endpoint in (server.endpoint(), server.endpoint("/v1")):
        for ask in (ask_ollama, ask_openai):
            with pytest.raises(EgressRefused):  # no permit at all
                await ask(endpoint, PROMPT)
            with egress.permit(await cleared(endpoint, "other text")), pytest.raises(EgressRefused):
                await ask(endpoint, PROMPT)
            with egress.permit(await cleared(other.endpoint(), PROMPT)), pytest.raises(EgressRefused):
                await ask(endpoint, PROMPT)  # cleared for somebody else

    assert server.connections == other.connections == 0


async def test_only_the_gate_makes_what_the_door_takes(serve: Serve, cleared: Clear) -> None:
    genuine = await cleared(serve().endpoint(), PROMPT)

    class Lookalike:
        route = genuine.route
        messages = (Message("user", PROMPT),)

    with pytest.raises(EgressRefused, match="not cleared"), egress.permit(Lookalike()):  # type: ignore[arg-type]
        pass


async def test_a_permit_ends_with_its_block(serve: Serve, cleared: Clear) -> None:
    """Also in tasks that were started inside, which carry a copy of the context."""
    server = serve(lambda _: chat_chunk("so"))
    go = asyncio.Event()

    async def later() -> str:
        await go.wait()
        return await ask_ollama(server.endpoint(), PROMPT)

    with egress.permit(await cleared(server.endpoint(), PROMPT)):
        task = asyncio.create_task(later())
        await asyncio.sleep(0)
    go.set()
    with pytest.raises(EgressRefused):
        await task
    assert server.connections == 0


async def test_the_schema_of_the_sampling_travels_with_its_request(serve: Serve, cleared: Clear) -> None:
    server = serve(lambda _: chat_chunk("so"))
    schema = {"type": "object", "properties": {"cause": {"type": "string"}}}
    client = ollama.AsyncClient(**egress.ollama_options(server.endpoint()))
    request: dict[str, Any] = {
        "model": "m",
        "messages": [{"role": "user", "content": PROMPT}],
        "format": schema,
    }
    try:
        with egress.permit(await cleared(server.endpoint(), PROMPT)), pytest.raises(EgressRefused):
            await client.chat(**request)
        with egress.permit(
            await cleared(server.endpoint(), PROMPT), Sampling(json_schema=json.dumps(schema))
        ):
            await client.chat(**request)
    finally:
        await client.close()
    assert json.loads(server.requests[0].body)["format"] == schema


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_refused_and_leads_nowhere(serve: Serve, cleared: Clear, status: int) -> None:
    other = serve()
    server = serve(lambda request: answer({}, status, Location=other.url + request.path))

    for ask in (ask_ollama, ask_openai):
        with (
            egress.permit(await cleared(server.endpoint(), PROMPT)),
            pytest.raises(EgressRefused, match="redirects"),
        ):
            await ask(server.endpoint(), PROMPT)
    with pytest.raises(EgressRefused, match="redirects"):
        await egress.probe_json(server.endpoint(), "GET", "/api/tags")

    assert len(server.requests) == 3
    assert other.connections == 0


@pytest.mark.parametrize(
    "elsewhere",
    [
        "http://127.0.0.1:{other}/api/tags",
        "https://127.0.0.1:{port}/api/tags",
        "http://localhost:{port}/api/tags",
        "http://user:secret@127.0.0.1:{port}/api/tags",
        "http://127.0.0.1:{port}/v1/../api/tags?secret",
        "http://127.0.0.1:{port}/%61pi/tags",
    ],
)
async def test_a_client_stays_at_its_endpoint(serve: Serve, elsewhere: str) -> None:
    server, other = serve(), serve()
    url = elsewhere.format(port=server.url.rpartition(":")[2], other=other.url.rpartition(":")[2])
    options = egress.ollama_options(server.endpoint())

    async with httpx.AsyncClient(transport=options["transport"], follow_redirects=True) as client:
        with pytest.raises(EgressRefused) as refused:
            await client.get(url)

    assert "secret" not in str(refused.value)
    assert server.connections == other.connections == 0


async def test_paths_stay_below_the_endpoint(serve: Serve) -> None:
    server = serve()

    await egress.probe_json(server.endpoint("/team/llm/v1"), "GET", "/v1/models")

    assert [request.path for request in server.requests] == ["/team/llm/v1/models"]
    with pytest.raises(EgressRefused):
        await egress.probe_json(server.endpoint("/team"), "GET", "/../api/tags")


async def test_a_kept_connection_that_went_stale_costs_nothing(serve: Serve) -> None:
    """The server hangs up instead of answering a second request on one connection."""
    answered = list[int]()

    def script(request: Request) -> bytes | None:
        if request.connection in answered:
            return None
        answered.append(request.connection)
        return answer({"models": []})

    server = serve(script)
    client = ollama.AsyncClient(**egress.ollama_options(server.endpoint()))
    try:
        for _ in range(3):
            await client.list()
    finally:
        await client.close()

    assert answered == [1, 2, 3]
    assert [request.connection for request in server.requests] == [1, 1, 2, 3]


async def test_a_fresh_connection_that_breaks_is_not_tried_again(serve: Serve) -> None:
    server = serve(lambda _: None)

    with pytest.raises(BackendUnavailable, match="broke"):
        await egress.probe_json(server.endpoint(), "GET", "/api/tags")

    assert server.connections == 1


async def test_leaving_a_stream_hangs_up(serve: Serve, cleared: Clear) -> None:
    begun = (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nContent-Length: 99999\r\n\r\n"
        b'{"model":"m","message":{"role":"assistant","content":"fir"},"done":false}\n'
    )
    server = serve(lambda _: begun)
    client = ollama.AsyncClient(**egress.ollama_options(server.endpoint()))
    stream: Any = await client.chat("m", [{"role": "user", "content": PROMPT}], stream=True)
    with egress.permit(await cleared(server.endpoint(), PROMPT)):
        assert (await anext(stream)).message.content == "fir"

    await stream.aclose()

    assert await asyncio.to_thread(server.hung_up.wait, 20)
    await client.close()


async def test_a_name_is_looked_up_and_stays_in_the_request(serve: Serve) -> None:
    server = serve(lambda _: answer({"version": "1"}))
    named = Endpoint("named", server.url.replace("127.0.0.1", "localhost"))

    assert await egress.probe_json(named, "GET", "/api/version") == {"version": "1"}
    assert server.requests[0].headers["host"] == f"localhost:{server.url.rpartition(':')[2]}"


async def test_an_address_where_nobody_answers_is_passed_over(serve: Serve) -> None:
    """As ::1 often is, when `localhost` means both."""

    class TwoAddresses(Door):
        async def _addresses(self) -> list[str]:
            return ["::1", "127.0.0.1"]

    server = serve(lambda _: answer({}))
    door = TwoAddresses(httpx, Target.of(server.endpoint()), None)

    async with httpx.AsyncClient(transport=door) as client:  # type: ignore[arg-type]
        assert (await client.get(f"{server.url}/api/tags")).status_code == 200


async def test_a_unix_socket_is_an_endpoint(serve: Serve, cleared: Clear, tmp_path: Path) -> None:
    server = serve(lambda _: COMPLETION, unix_path=tmp_path / "api.sock")

    with egress.permit(await cleared(server.endpoint(), PROMPT)):
        assert await ask_openai(server.endpoint(), PROMPT, api_key="k") == "so"

    assert server.requests[0].path == "/chat/completions"
    assert server.requests[0].headers["authorization"] == "Bearer k"


@pytest.mark.parametrize(
    "url",
    ["ftp://127.0.0.1", "127.0.0.1:11434", "http://", "http://u:p@127.0.0.1", "http://127.0.0.1:99999",
     "http://127.0.0.1/?x=1", "unix://host/path", "unix:relative", ""],
)  # fmt: skip
async def test_an_address_names_one_place(url: str) -> None:
    with pytest.raises(ConfigInvalid) as invalid:
        await egress.probe_json(Endpoint("mine", url), "GET", "/api/tags")
    assert "u:p" not in str(invalid.value)


async def test_certificates_are_checked_and_a_ca_file_names_an_authority(
    serve: Serve, cleared: Clear, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificates = Certificates(tmp_path)
    server = serve(lambda _: COMPLETION, context=certificates.context())
    keys = tmp_path / "session-keys"
    monkeypatch.setenv("SSLKEYLOGFILE", str(keys))

    with pytest.raises(BackendUnavailable, match="not trusted") as unavailable:
        await egress.probe_json(server.endpoint(), "GET", "/v1/models")
    assert "ca_file" in unavailable.value.hint
    assert server.requests == []

    trusted = server.endpoint(ca_file=str(certificates.authority))
    with egress.permit(await cleared(trusted, PROMPT)):
        assert await ask_openai(trusted, PROMPT) == "so"
    assert not keys.exists()

    # The authority is believed, but the certificate is for another name.
    named = Endpoint("named", server.url.replace("127.0.0.1", "localhost"), str(certificates.authority))
    with pytest.raises(BackendUnavailable, match="not trusted"):
        await egress.probe_json(named, "GET", "/v1/models")

    for broken in (tmp_path / "missing", tmp_path / "san"):
        with pytest.raises(ConfigInvalid, match="ca_file"):
            await egress.probe_json(server.endpoint(ca_file=str(broken)), "GET", "/v1/models")


async def test_what_goes_wrong_is_said_without_the_servers_words(serve: Serve, cleared: Clear) -> None:
    server = serve()

    async def check(script: Callable[[Request], bytes | None], expected: str) -> None:
        server.script = script
        with pytest.raises(BackendUnavailable, match=expected) as wrong:
            await egress.probe_json(server.endpoint(), "POST", "/api/show", {"model": "m"})
        assert wrong.value.hint
        assert "SECRET" not in f"{wrong.value!r} {wrong.value.hint}"

    await check(lambda _: answer({"error": "SECRET"}, 500), "answered 500")
    await check(lambda _: answer({"error": "SECRET"}, 401), "refuses us")
    await check(lambda _: answer({"error": "SECRET"}, 404), "does not have this model")
    await check(lambda _: b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nSECRET", "not JSON")
    await check(lambda _: b"SECRET\r\n\r\n", "broke")
    await check(lambda _: answer("x" * (17 << 20)), "more than 16 MiB")

    server.script = lambda _: answer({}, 404)
    with pytest.raises(ModelMissing):
        await egress.probe_json(server.endpoint(), "POST", "/api/show", {"model": "m"})

    server.script = lambda _: answer({"error": "SECRET"}, 500)
    for ask in (ask_ollama, ask_openai):
        with egress.permit(await cleared(server.endpoint(), PROMPT)):
            try:
                await ask(server.endpoint(), PROMPT)
            except (ollama.ResponseError, openai.APIError) as exc:
                ours = egress.translated(exc, server.endpoint())
        assert "answered 500" in str(ours)
        assert "SECRET" not in str(ours)


async def test_silence_is_a_failure_and_so_is_nobody(serve: Serve) -> None:
    server = serve(lambda _: b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n")

    with pytest.raises(BackendUnavailable, match="took too long"):
        await egress.probe_json(server.endpoint(), "GET", "/api/tags", timeout_s=0.2)
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        nobody = Endpoint("nobody", f"http://127.0.0.1:{sock.getsockname()[1]}")
        with pytest.raises(BackendUnavailable, match="nothing answers for nobody"):
            await egress.probe_json(nobody, "GET", "/api/tags")


async def test_only_a_key_travels_in_a_header(serve: Serve) -> None:
    server = serve()

    await egress.probe_json(server.endpoint(), "GET", "/v1/models", headers={"Authorization": "Bearer k"})

    assert server.requests[0].headers["authorization"] == "Bearer k"
    for headers in ({"X-Text": "secret"}, {"Authorization": "Basic secret"}):
        with pytest.raises(EgressRefused):
            await egress.probe_json(server.endpoint(), "GET", "/v1/models", headers=headers)


async def test_a_refusal_inside_of_a_library_comes_out_as_ours() -> None:
    refusal = EgressRefused("no", hint="h")
    wrapped = RuntimeError("outer")
    wrapped.__cause__ = ExceptionGroup("several", [OSError("x"), refusal])

    assert egress.translated(wrapped, Endpoint("e", "http://127.0.0.1")) is refusal


def test_the_door_is_open_under_the_guard_and_nothing_else_is(
    guarded: Callable[[str], str], serve: Serve, tmp_path: Path
) -> None:
    server = serve(lambda _: answer({"version": "1"}))
    over_unix = serve(lambda _: answer({"version": "2"}), unix_path=tmp_path / "api.sock")
    port = server.url.rpartition(":")[2]

    out = guarded(f"""
        import asyncio, threading, urllib.request
        from lsp_debugger import egress
        from lsp_debugger.core.model import Endpoint

        def rogue():
            try:
                urllib.request.urlopen({server.url + "/stolen"!r})
            except OSError as exc:
                print(type(exc.reason).__name__)

        async def main():
            for url in ({server.url!r}, "http://localhost:{port}", {over_unix.url!r}):
                print(await egress.probe_json(Endpoint("e", url), "GET", "/api/version"))
            thread = threading.Thread(target=rogue); thread.start(); thread.join()

        asyncio.run(main())
    """)

    assert [line for line in out.splitlines() if not line.startswith("LOG")] == [
        "{'version': '1'}",
        "{'version': '1'}",
        "{'version': '2'}",
        "ConnectRefused",
    ]
    assert {request.path for request in server.requests} == {"/api/version"}


def test_the_door_closes_behind_a_connection(
    guarded: Callable[[str], str], serve: Serve, tmp_path: Path
) -> None:
    """While an answer is waited for, nobody else gets to that server."""
    asked, tried = tmp_path / "asked", tmp_path / "tried"

    def script(_: Request) -> bytes:
        asked.touch()
        deadline = time.monotonic() + 20
        while not tried.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        return answer({"tried": tried.exists()})

    server = serve(script)
    out = guarded(f"""
        import asyncio, pathlib, socket, time
        from lsp_debugger import egress
        from lsp_debugger.core.model import Endpoint

        def rogue():
            while not pathlib.Path({str(asked)!r}).exists():
                time.sleep(0.01)
            try:
                with socket.socket() as sock:
                    sock.connect(("127.0.0.1", {server.url.rpartition(":")[2]}))
            except OSError as exc:
                print(type(exc).__name__)
            pathlib.Path({str(tried)!r}).touch()

        async def main():
            endpoint = Endpoint("e", {server.url!r})
            probe = egress.probe_json(endpoint, "GET", "/api/version", timeout_s=30)
            print((await asyncio.gather(probe, asyncio.to_thread(rogue)))[0])

        asyncio.run(main())
    """)

    assert [line for line in out.splitlines() if not line.startswith("LOG")] == [
        "ConnectRefused",
        "{'tried': True}",
    ]


def test_the_door_brings_in_no_client_before_it_is_used(guarded: Callable[[str], str]) -> None:
    out = guarded("""
        import lsp_debugger.egress, lsp_debugger.spawn, sys
        heavy = {"httpx", "httpx2", "httpcore", "httpcore2", "truststore", "openai", "ollama", "yaml"}
        print(sorted(heavy & set(sys.modules)))
    """)

    assert out == "[]\n"
