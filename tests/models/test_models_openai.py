"""The official `openai` client against a server that speaks its protocol, faults included."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from clearing import Clear
from model_server import Fault, Model, ModelServer, Reply
from waiting import until

from lsp_debugger.core.errors import (
    BackendUnavailable,
    ContextTooLong,
    EgressRefused,
    LspDebuggerError,
    ModelMissing,
)
from lsp_debugger.core.model import Chunk, Endpoint, Locality, Sampling
from lsp_debugger.models.openai_compat import OpenAiBackend
from lsp_debugger.models.streaming import Limits

OVERFLOW = {
    "error": {
        "code": 400,
        "message": "SECRET request (2021 tokens) exceeds the available context size (1024 tokens)",
        "type": "exceed_context_size_error",
        "n_prompt_tokens": 2021,
        "n_ctx": 1024,
    }
}


def declared(server: ModelServer, **options: object) -> OpenAiBackend:
    endpoint = Endpoint("openai", f"{server.url}/v1")
    return OpenAiBackend(endpoint, local_hosts=(server.url,), **options)  # type: ignore[arg-type]


@pytest.fixture
async def backend(server: ModelServer) -> AsyncIterator[OpenAiBackend]:
    backend = declared(server)
    yield backend
    await backend.aclose()


async def ask(backend: OpenAiBackend, clear: Clear, sampling: Sampling | None = None) -> list[Chunk]:
    cleared = await clear(await backend.describe())
    return [chunk async for chunk in backend.complete(cleared, sampling or Sampling())]


def text_of(chunks: list[Chunk]) -> str:
    return "".join(chunk.text for chunk in chunks)


async def test_a_declared_server_is_private_and_any_other_is_remote(server: ModelServer) -> None:
    info = await declared(server).describe()
    assert (info.model, info.locality, info.context_tokens) == ("coder:7b", Locality.DECLARED_PRIVATE, 8192)
    undeclared = OpenAiBackend(Endpoint("openai", f"{server.url}/v1"))
    assert (await undeclared.describe()).locality is Locality.REMOTE
    with pytest.raises(BackendUnavailable):
        await undeclared.warm()


async def test_a_model_that_is_not_listed_is_missing(server: ModelServer) -> None:
    with pytest.raises(ModelMissing) as caught:
        await declared(server, model="other").describe()
    assert "coder:7b" in caught.value.hint
    server.models = []
    with pytest.raises(ModelMissing):
        await declared(server).describe()


async def test_text_arrives_with_finish_usage_and_logprobs(
    server: ModelServer, backend: OpenAiBackend, clear: Clear
) -> None:
    server.replies = [Reply(pieces=("It ", "fails."), prompt_tokens=33, cached_tokens=30, logprob=-0.5)]
    chunks = await ask(backend, clear)
    assert text_of(chunks) == "It fails."
    assert [chunk.logprob for chunk in chunks if chunk.text] == [-0.5, -0.5]
    assert chunks[-1].finish_reason == "stop"
    usage = next(chunk.usage for chunk in chunks if chunk.usage)
    assert (usage.prompt_tokens, usage.completion_tokens, usage.cached_tokens) == (33, 2, 30)


async def test_the_request_is_reproducible(server: ModelServer, backend: OpenAiBackend, clear: Clear) -> None:
    await ask(backend, clear, Sampling(max_tokens=99, json_schema='{"type": "object"}'))
    asked = server.to("/v1/chat/completions")[0].json
    assert (asked["temperature"], asked["seed"], asked["max_tokens"]) == (0.0, 7, 99)
    assert asked["response_format"]["json_schema"]["schema"] == {"type": "object"}
    assert asked["messages"] == [{"role": "user", "content": "why does this fail?"}]


@pytest.mark.parametrize(
    "reply",
    [
        Reply(thinking=("let me ", "see"), pieces=("because",)),
        Reply(pieces=("<thi", "nk>let me see</th", "ink>", "because")),
    ],
)
async def test_thinking_is_counted_and_never_shown(
    server: ModelServer, backend: OpenAiBackend, clear: Clear, reply: Reply
) -> None:
    server.replies = [reply]
    chunks = await ask(backend, clear)
    assert text_of(chunks) == "because"
    assert sum(chunk.reasoning_tokens for chunk in chunks) > 0


@pytest.mark.parametrize(
    ("said", "meant"), [("length", "length"), ("content_filter", "error"), ("odd", "stop")]
)
async def test_finish_reasons(
    server: ModelServer, backend: OpenAiBackend, clear: Clear, said: str, meant: str
) -> None:
    server.replies = [Reply(finish=said)]
    assert (await ask(backend, clear))[-1].finish_reason == meant


@pytest.mark.parametrize(
    "fault", [Fault.CUT, Fault.MALFORMED, Fault.NOT_AN_OBJECT, Fault.ERROR_EVENT, Fault.NO_FINISH]
)
async def test_a_broken_stream_keeps_its_words_and_raises(
    server: ModelServer, backend: OpenAiBackend, clear: Clear, fault: Fault
) -> None:
    server.replies = [Reply(pieces=("first", "second"), fault=fault)]
    cleared = await clear(await backend.describe())
    chunks = backend.complete(cleared, Sampling())
    assert (await anext(chunks)).text == "first"
    with pytest.raises(BackendUnavailable) as caught:
        await anext(chunks)
    assert caught.value.hint
    assert "SECRET" not in str(caught.value)
    assert len(server.to("/v1/chat/completions")) == 1


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(status=500, error={"error": {"message": "SECRET"}}), BackendUnavailable),
        (Reply(status=404, error={"error": {"message": "SECRET"}}), ModelMissing),
        (Reply(status=401, error={"error": {"message": "SECRET"}}), BackendUnavailable),
        (Reply(status=400, error=OVERFLOW), ContextTooLong),
        (
            Reply(
                status=400, error={"error": {"message": "This model's maximum context length is 9 SECRET"}}
            ),
            ContextTooLong,
        ),
        (Reply(fault=Fault.WRONG_TYPE), BackendUnavailable),
        (Reply(fault=Fault.HANG_UP), BackendUnavailable),
    ],
)
async def test_refusals_are_translated_without_the_servers_words(
    server: ModelServer, backend: OpenAiBackend, clear: Clear, reply: Reply, error: type[LspDebuggerError]
) -> None:
    server.replies = [reply]
    with pytest.raises(error) as caught:
        await ask(backend, clear)
    assert "SECRET" not in str(caught.value)
    assert caught.value.hint


async def test_an_overflow_says_by_how_much(
    server: ModelServer, backend: OpenAiBackend, clear: Clear
) -> None:
    server.replies = [Reply(status=400, error=OVERFLOW)]
    with pytest.raises(ContextTooLong, match="2021 tokens, 1024 fit"):
        await ask(backend, clear)


async def test_a_server_that_rejects_optional_fields_is_asked_without_them(
    server: ModelServer, backend: OpenAiBackend, clear: Clear
) -> None:
    rejected = Reply(status=400, error={"error": {"message": "unknown field logprobs"}})
    server.replies = [rejected, Reply(pieces=("fine",))]
    assert text_of(await ask(backend, clear)) == "fine"
    assert text_of(await ask(backend, clear)) == "fine"
    full, plain, again = (request.json for request in server.to("/v1/chat/completions"))
    assert "logprobs" in full
    assert set(plain) == set(again) == {"model", "messages", "stream", "max_tokens", "temperature"}


async def test_llama_cpp_is_asked_for_progress_because_it_hears_a_cancel_only_then(
    server: ModelServer, backend: OpenAiBackend, clear: Clear
) -> None:
    await ask(backend, clear)
    server.models[0].owned_by = "llamacpp"
    await ask(backend, clear)
    another, llamacpp = (request.json for request in server.to("/v1/chat/completions"))
    assert "return_progress" not in another
    assert llamacpp["return_progress"] is True


async def test_a_redirect_is_not_followed(server: ModelServer, backend: OpenAiBackend, clear: Clear) -> None:
    with ModelServer(models=[Model("coder:7b")]) as other:
        server.replies = [Reply(fault=Fault.REDIRECT, location=f"{other.url}/v1/chat/completions")]
        with pytest.raises(EgressRefused):
            await ask(backend, clear)
        assert other.received == b""


async def test_a_connection_that_was_closed_meanwhile_is_replaced(
    server: ModelServer, backend: OpenAiBackend, clear: Clear
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
    backend = declared(server, limits=limits)
    with pytest.raises(BackendUnavailable, match=r"sent nothing for 0\.5 s"):
        await ask(backend, clear)
    await until(lambda: server.to("/v1/chat/completions")[0].hung_up)
    await backend.aclose()


async def test_closing_the_iterator_hangs_up(
    server: ModelServer, backend: OpenAiBackend, clear: Clear
) -> None:
    server.replies = [Reply(pieces=("on ", "and "), fault=Fault.ENDLESS)]
    chunks = backend.complete(await clear(await backend.describe()), Sampling())
    assert (await anext(chunks)).text == "on "
    await chunks.aclose()
    await until(lambda: server.to("/v1/chat/completions")[0].hung_up)


async def test_cancelling_before_the_first_token_hangs_up(
    server: ModelServer, backend: OpenAiBackend, clear: Clear
) -> None:
    server.replies = [Reply(first_after_s=3600)]
    asking = asyncio.create_task(ask(backend, clear))
    await until(lambda: bool(server.to("/v1/chat/completions")))
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await until(lambda: server.to("/v1/chat/completions")[0].hung_up)


async def test_nothing_of_the_environment_travels(
    server: ModelServer, clear: Clear, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("API_KEY", "ADMIN_KEY", "ORG_ID", "PROJECT_ID", "WEBHOOK_SECRET"):
        monkeypatch.setenv(f"OPENAI_{name}", "of-the-environment")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Custom: of-the-environment")
    monkeypatch.setenv("OUR_KEY", "the-key-that-is-meant")
    backend = declared(server, api_key_env="OUR_KEY")
    await ask(backend, clear)
    assert b"of-the-environment" not in server.received
    for request in server.requests:
        assert request.headers["authorization"] == "Bearer the-key-that-is-meant"
    await backend.aclose()
