"""The official `ollama` client against a server that speaks its protocol, faults included."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
from clearing import Clear
from model_server import DIGEST, Fault, Model, ModelServer, Reply, Request
from waiting import until

from lsp_debugger.core.errors import BackendUnavailable, ContextTooLong, LspDebuggerError, ModelMissing
from lsp_debugger.core.model import Chunk, Endpoint, Locality, Sampling
from lsp_debugger.models.ollama import OllamaBackend
from lsp_debugger.models.streaming import Limits

SECRET = "the text of the user"


@pytest.fixture
async def backend(server: ModelServer) -> AsyncIterator[OllamaBackend]:
    backend = OllamaBackend(Endpoint("ollama", server.url), "coder:7b")
    yield backend
    await backend.aclose()


async def ask(
    backend: OllamaBackend, clear: Clear, sampling: Sampling | None = None, text: str = SECRET
) -> list[Chunk]:
    cleared = await clear(await backend.describe(), text)
    return [chunk async for chunk in backend.complete(cleared, sampling or Sampling())]


def text_of(chunks: list[Chunk]) -> str:
    return "".join(chunk.text for chunk in chunks)


async def test_a_local_model_is_described_from_the_raw_answers(backend: OllamaBackend) -> None:
    info = await backend.describe()
    assert (info.backend, info.model, info.locality) == ("ollama", "coder:7b", Locality.VERIFIED_LOCAL)
    assert info.digest == f"sha256:{DIGEST}"
    assert info.context_tokens == 8192


async def test_text_arrives_with_finish_and_usage(
    server: ModelServer, backend: OllamaBackend, clear: Clear
) -> None:
    server.replies = [Reply(pieces=("It ", "fails."), prompt_tokens=33)]
    chunks = await ask(backend, clear)
    assert text_of(chunks) == "It fails."
    assert chunks[-1].finish_reason == "stop"
    assert chunks[-1].usage is not None
    assert (chunks[-1].usage.prompt_tokens, chunks[-1].usage.completion_tokens) == (33, 2)


async def test_the_request_is_reproducible_and_loads_one_context_length(
    server: ModelServer, backend: OllamaBackend, clear: Clear
) -> None:
    await backend.warm()
    await ask(backend, clear, Sampling(max_tokens=99, json_schema='{"type": "object"}'))
    warmed, asked = (request.json for request in server.to("/api/chat"))
    assert warmed["messages"] == []
    assert warmed["options"]["num_ctx"] == asked["options"]["num_ctx"] == 8192
    assert asked["options"] == {"num_ctx": 8192, "num_predict": 99, "temperature": 0.0, "seed": 7}
    assert asked["think"] is False
    assert asked["format"] == {"type": "object"}
    assert warmed["keep_alive"] == asked["keep_alive"] == "15m"
    assert asked["messages"] == [{"role": "user", "content": SECRET}]


async def test_logprobs_are_passed_on(server: ModelServer, backend: OllamaBackend, clear: Clear) -> None:
    server.replies = [Reply(pieces=("a", "b"), logprob=-0.25)]
    chunks = await ask(backend, clear)
    assert [chunk.logprob for chunk in chunks if chunk.text] == [-0.25, -0.25]


@pytest.mark.parametrize(
    "reply",
    [
        Reply(thinking=("let me ", "see"), pieces=("because",)),
        Reply(pieces=("<thi", "nk>let me see</th", "ink>", "because")),
    ],
)
async def test_thinking_is_counted_and_never_shown(
    server: ModelServer, backend: OllamaBackend, clear: Clear, reply: Reply
) -> None:
    server.replies = [reply]
    chunks = await ask(backend, clear)
    assert text_of(chunks) == "because"
    assert sum(chunk.reasoning_tokens for chunk in chunks) > 0


async def test_a_cut_off_answer_says_length(
    server: ModelServer, backend: OllamaBackend, clear: Clear
) -> None:
    server.replies = [Reply(finish="length")]
    assert (await ask(backend, clear))[-1].finish_reason == "length"


@pytest.mark.parametrize(
    "fault", [Fault.CUT, Fault.MALFORMED, Fault.NOT_AN_OBJECT, Fault.ERROR_EVENT, Fault.NO_FINISH]
)
async def test_a_broken_stream_keeps_its_words_and_raises(
    server: ModelServer, backend: OllamaBackend, clear: Clear, fault: Fault
) -> None:
    server.replies = [Reply(pieces=("first", "second"), fault=fault)]
    cleared = await clear(await backend.describe())
    chunks = backend.complete(cleared, Sampling())
    assert (await anext(chunks)).text == "first"
    with pytest.raises(BackendUnavailable) as caught:
        await anext(chunks)
    assert caught.value.hint
    assert "SECRET" not in str(caught.value)
    assert len(server.to("/api/chat")) == 1  # a second run would repeat the first words


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(status=500, error={"error": "scripted SECRET"}), BackendUnavailable),
        (Reply(status=404, error={"error": "model not found"}), ModelMissing),
        (Reply(status=400, error={"error": "the input length exceeds the context length"}), ContextTooLong),
        (Reply(status=500, error={"error": "model requires more system memory"}), BackendUnavailable),
        (Reply(fault=Fault.WRONG_TYPE), BackendUnavailable),
        (Reply(fault=Fault.HANG_UP), BackendUnavailable),
    ],
)
async def test_refusals_are_translated_without_the_servers_words(
    server: ModelServer, backend: OllamaBackend, clear: Clear, reply: Reply, error: type[LspDebuggerError]
) -> None:
    server.replies = [reply]
    with pytest.raises(error) as caught:
        await ask(backend, clear)
    assert "SECRET" not in str(caught.value)
    assert caught.value.hint
    assert caught.value.__cause__ is not None


async def test_a_redirect_is_not_followed(server: ModelServer, backend: OllamaBackend, clear: Clear) -> None:
    with ModelServer(models=[Model("coder:7b")]) as other:
        server.replies = [Reply(fault=Fault.REDIRECT, location=f"{other.url}/api/chat")]
        with pytest.raises(LspDebuggerError):
            await ask(backend, clear)
        assert other.received == b""


async def test_a_connection_that_was_closed_meanwhile_is_replaced(
    server: ModelServer, backend: OllamaBackend, clear: Clear
) -> None:
    await ask(backend, clear)
    server.replies = [Reply(fault=Fault.HANG_UP), Reply(pieces=("again",))]
    assert text_of(await ask(backend, clear)) == "again"


@pytest.mark.parametrize(
    ("reply", "limits"),
    [
        (Reply(first_after_s=3600), Limits(first_token_s=0.5)),
        (Reply(fault=Fault.STALL), Limits(between_tokens_s=0.5)),
    ],
)
async def test_waiting_ends(server: ModelServer, clear: Clear, reply: Reply, limits: Limits) -> None:
    server.replies = [reply]
    backend = OllamaBackend(Endpoint("ollama", server.url), "coder:7b", limits=limits)
    with pytest.raises(BackendUnavailable, match=r"sent nothing for 0\.5 s"):
        await ask(backend, clear)
    await until(lambda: server.to("/api/chat")[0].hung_up)
    await backend.aclose()


async def test_closing_the_iterator_hangs_up(
    server: ModelServer, backend: OllamaBackend, clear: Clear
) -> None:
    server.replies = [Reply(pieces=("on ", "and "), fault=Fault.ENDLESS)]
    chunks = backend.complete(await clear(await backend.describe()), Sampling())
    assert (await anext(chunks)).text == "on "
    await chunks.aclose()
    await until(lambda: server.to("/api/chat")[0].hung_up)


async def test_cancelling_before_the_first_token_hangs_up(
    server: ModelServer, backend: OllamaBackend, clear: Clear
) -> None:
    server.replies = [Reply(first_after_s=3600)]
    asking = asyncio.create_task(ask(backend, clear))
    await until(lambda: bool(server.to("/api/chat")))
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await until(lambda: server.to("/api/chat")[0].hung_up)


async def test_nobody_there(clear: Clear) -> None:
    backend = OllamaBackend(Endpoint("ollama", "http://127.0.0.1:1"), "coder:7b")
    with pytest.raises(BackendUnavailable) as caught:
        await backend.describe()
    assert caught.value.hint


async def test_keys_of_the_environment_stay_here(
    server: ModelServer, backend: OllamaBackend, clear: Clear, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_API_KEY", "a-key-of-the-user")
    monkeypatch.setenv("OLLAMA_HOST", "http://127.0.0.1:1")
    await ask(backend, clear)
    assert b"a-key-of-the-user" not in server.received


def names_a_host(model: Model) -> None:
    model.extra_tags = {"remote_host": "https://ollama.com:443"}


def names_a_host_deeply(model: Model) -> None:
    model.extra_show = {"model_info": {"general": [{"Remote_Model": "big"}]}}


def loses_its_digest(model: Model) -> None:
    model.digest = ""


def shrinks(model: Model) -> None:
    model.size = 400


CHANGES = [names_a_host, names_a_host_deeply, loses_its_digest, shrinks]


@pytest.mark.parametrize("change", CHANGES)
async def test_a_model_run_elsewhere_is_remote_and_is_not_warmed(
    server: ModelServer, change: Callable[[Model], None]
) -> None:
    helper = Model("helper:latest")
    change(helper)
    server.models = [helper]
    backend = OllamaBackend(Endpoint("ollama", server.url), "helper")
    assert (await backend.describe()).locality is Locality.REMOTE
    with pytest.raises(BackendUnavailable):
        await backend.warm()
    assert server.to("/api/chat") == []


@pytest.mark.parametrize("change", CHANGES)
async def test_a_model_that_turns_remote_after_clearing_gets_no_byte(
    server: ModelServer, clear: Clear, change: Callable[[Model], None]
) -> None:
    server.models = [Model("helper:latest")]
    backend = OllamaBackend(Endpoint("ollama", server.url), "helper:latest")
    cleared = await clear(await backend.describe(), SECRET)
    change(server.models[0])
    with pytest.raises(BackendUnavailable, match="nothing was sent"):
        _ = [chunk async for chunk in backend.complete(cleared, Sampling())]
    assert server.to("/api/chat") == []
    assert SECRET.encode() not in server.received
    await backend.aclose()


async def test_a_model_that_is_replaced_after_clearing_gets_no_byte(
    server: ModelServer, backend: OllamaBackend, clear: Clear
) -> None:
    cleared = await clear(await backend.describe(), SECRET)
    server.models[0].digest = "cd" * 32
    with pytest.raises(BackendUnavailable, match="changed"):
        _ = [chunk async for chunk in backend.complete(cleared, Sampling())]
    assert SECRET.encode() not in server.received


async def test_the_daemon_is_asked_anew_before_every_request(
    server: ModelServer, backend: OllamaBackend, clear: Clear
) -> None:
    cleared = await clear(await backend.describe())
    order: list[str] = []

    def note(request: Request) -> None:
        order.append(request.path)

    server.before = note
    for _ in range(2):
        _ = [chunk async for chunk in backend.complete(cleared, Sampling())]
    assert [sorted(order[:2]), order[2], sorted(order[3:5]), order[5]] == [
        ["/api/show", "/api/tags"],
        "/api/chat",
        ["/api/show", "/api/tags"],
        "/api/chat",
    ]


async def test_a_prompt_that_ollama_would_cut_is_refused(
    server: ModelServer, backend: OllamaBackend, clear: Clear
) -> None:
    server.models[0].parameters = "num_ctx 10\nstop x"
    with pytest.raises(ContextTooLong):
        await ask(backend, clear, text="word " * 20)
    assert server.to("/api/chat") == []


async def test_a_model_for_embeddings_is_no_backend(server: ModelServer) -> None:
    server.models = [Model("nomic:latest", capabilities=("embedding",))]
    with pytest.raises(ModelMissing):
        await OllamaBackend(Endpoint("ollama", server.url), "nomic").describe()
