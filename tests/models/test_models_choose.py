"""Which backend answers: the setting first, then what is proven near, and always with a reason."""

from __future__ import annotations

import dataclasses
import importlib.util
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from model_server import Model, ModelServer
from tiny_gguf import write_tiny_gguf

from lsp_debugger.config import Settings
from lsp_debugger.core.model import Locality
from lsp_debugger.models.choose import Choice, choose
from lsp_debugger.models.detect import detect_servers
from lsp_debugger.models.preference import Candidate, family_of, ranked
from lsp_debugger.models.preload import preload_allowed
from lsp_debugger.state import State

NOBODY = "http://127.0.0.1:1"
GB = 1_000_000_000
needs_engine = pytest.mark.skipif(
    importlib.util.find_spec("xllamacpp") is None,
    reason="needs the engine: pip install 'lsp-debugger[llamacpp]'",
)


@pytest.fixture
async def chosen(tmp_path: Path) -> AsyncIterator[Callable[..., Awaitable[Choice]]]:
    """`await chosen(backend="ollama", ...)`: the choice under these settings; Ollama is nowhere."""
    made: list[Choice] = []

    async def choose_with(**values: Any) -> Choice:
        settings = dataclasses.replace(Settings(), **{"ollama_url": NOBODY, **values})
        made.append(await choose(settings, State(tmp_path / "state")))
        return made[-1]

    yield choose_with
    for choice in made:
        if choice.backend is not None:
            await choice.backend.aclose()


async def test_nothing_there_says_what_to_do(chosen: Callable[..., Awaitable[Choice]]) -> None:
    choice = await chosen()
    assert choice.backend is None
    assert choice.why == "no model was found on this machine"
    assert "llamacpp.model_path" in choice.hint
    assert [line.partition(":")[0] for line in choice.problems] == ["ollama"]


async def test_none_looks_at_nothing(chosen: Callable[..., Awaitable[Choice]], server: ModelServer) -> None:
    choice = await chosen(backend="none", ollama_url=server.url)
    assert choice.backend is None
    assert "turned off" in choice.why
    assert server.requests == []


async def test_ollama_comes_first(chosen: Callable[..., Awaitable[Choice]], server: ModelServer) -> None:
    server.models = [Model("mistral:7b"), Model("qwen2.5-coder:7b"), Model("nomic-embed-text:latest")]
    choice = await chosen(ollama_url=server.url)
    assert choice.info is not None
    assert (choice.info.backend, choice.info.model) == ("ollama", "qwen2.5-coder:7b")
    assert choice.info.locality is Locality.VERIFIED_LOCAL
    assert "model.name" in choice.why
    assert choice.info.chosen_because == choice.why
    assert choice.others == ("ollama: mistral:7b",)
    assert all(request.method == "GET" or request.path == "/api/show" for request in server.requests)


async def test_a_model_run_elsewhere_is_passed_over(
    chosen: Callable[..., Awaitable[Choice]], server: ModelServer
) -> None:
    elsewhere = {"remote_host": "https://ollama.com:443", "remote_model": "qwen3-coder:480b"}
    server.models = [
        Model("qwen3-coder:latest", extra_show=elsewhere),
        Model("gpt-oss:120b-cloud", size=300),
        Model("embedder:latest", capabilities=("embedding",)),
        Model("zephyr:7b"),
    ]
    choice = await chosen(ollama_url=server.url)
    assert choice.info is not None
    assert choice.info.model == "zephyr:7b"


async def test_only_models_run_elsewhere_is_nothing(
    chosen: Callable[..., Awaitable[Choice]], server: ModelServer
) -> None:
    server.models = [Model("helper:latest", extra_tags={"remote_host": "https://ollama.com"})]
    choice = await chosen(ollama_url=server.url)
    assert choice.backend is None
    assert choice.problems == ("ollama: it has no model whose weights are on this machine",)


async def test_a_named_model_is_taken(chosen: Callable[..., Awaitable[Choice]], server: ModelServer) -> None:
    server.models = [Model("qwen2.5-coder:7b"), Model("mine:latest")]
    choice = await chosen(ollama_url=server.url, model_name="mine")
    assert choice.info is not None
    assert choice.info.model == "mine:latest"
    assert "model.name asks for it" in choice.why
    missing = await chosen(backend="ollama", ollama_url=server.url, model_name="gone")
    assert missing.backend is None
    assert "gone" in missing.why
    assert "model.name" in missing.hint


async def test_a_named_remote_model_is_only_taken_where_its_backend_was_named_too(
    chosen: Callable[..., Awaitable[Choice]], server: ModelServer
) -> None:
    server.models = [Model("helper:latest", extra_tags={"remote_host": "https://ollama.com"})]
    assert (await chosen(ollama_url=server.url, model_name="helper")).backend is None
    explicit = await chosen(backend="ollama", ollama_url=server.url, model_name="helper")
    assert explicit.info is not None
    assert explicit.info.locality is Locality.REMOTE  # the policy denies it, with this reason:
    assert "another host" in explicit.info.why_locality


async def test_an_ollama_elsewhere_is_not_even_asked(
    chosen: Callable[..., Awaitable[Choice]], server: ModelServer
) -> None:
    choice = await chosen(backend="ollama", ollama_url=f"http://localhost:{server.port}")
    assert choice.backend is None
    assert "config local add" in choice.hint
    assert server.requests == []


async def test_a_declared_ollama_is_private_but_its_cloud_models_are_not(
    chosen: Callable[..., Awaitable[Choice]], server: ModelServer
) -> None:
    url = f"http://localhost:{server.port}"
    server.models = [Model("a:latest", extra_tags={"remote_host": "https://ollama.com"}), Model("b:latest")]
    choice = await chosen(ollama_url=url, local_hosts=(url,))
    assert choice.info is not None
    assert (choice.info.model, choice.info.locality) == ("b:latest", Locality.DECLARED_PRIVATE)


@needs_engine
async def test_a_model_file_is_next(chosen: Callable[..., Awaitable[Choice]], tmp_path: Path) -> None:
    path = write_tiny_gguf(tmp_path / "tiny.gguf")
    choice = await chosen(llamacpp_model_path=str(path))
    assert choice.info is not None
    assert (choice.info.backend, choice.info.locality) == ("llamacpp", Locality.OWN)
    assert "llamacpp.model_path" in choice.why
    assert not (tmp_path / "state" / "engine" / "engine.json").exists()  # choosing loads nothing


@needs_engine
async def test_a_broken_model_file_is_a_reason(
    chosen: Callable[..., Awaitable[Choice]], tmp_path: Path
) -> None:
    (tmp_path / "broken.gguf").write_bytes(b"no model")
    choice = await chosen(backend="llamacpp", llamacpp_model_path=str(tmp_path / "broken.gguf"))
    assert choice.backend is None
    assert "broken.gguf" in choice.why
    assert choice.hint


async def test_a_server_needs_its_owners_word(
    chosen: Callable[..., Awaitable[Choice]], server: ModelServer
) -> None:
    url = f"{server.url}/v1"
    assert (await chosen(openai_base_url=url)).backend is None
    assert server.requests == []
    declared = await chosen(openai_base_url=url, local_hosts=(server.url,))
    assert declared.info is not None
    assert (declared.info.backend, declared.info.locality) == ("openai", Locality.DECLARED_PRIVATE)
    explicit = await chosen(backend="openai", openai_base_url=url)
    assert explicit.info is not None
    assert explicit.info.locality is Locality.REMOTE


@pytest.mark.parametrize(
    ("backend", "names"), [("llamacpp", "llamacpp.model_path"), ("openai", "openai.base_url")]
)
async def test_a_backend_without_its_setting_names_the_setting(
    chosen: Callable[..., Awaitable[Choice]], backend: str, names: str
) -> None:
    choice = await chosen(backend=backend)
    assert choice.backend is None
    assert names in choice.hint


async def test_servers_are_found_and_the_command_is_ready(server: ModelServer) -> None:
    usual = [
        ("ollama", server.url, "/api/tags"),
        ("LM Studio", server.url, "/v1/models"),
        ("vLLM", NOBODY, "/v1/models"),
    ]
    ollama, studio = await detect_servers((), usual)
    assert (ollama.models, ollama.command) == (("coder:7b",), "")
    assert studio.models == ("coder:7b",)
    assert studio.command == f"lsp-debugger config local add {server.url}"
    _, declared = await detect_servers((server.url,), usual)
    assert (declared.declared, declared.command) == (True, "")
    assert {request.method for request in server.requests} == {"GET"}


@pytest.mark.parametrize(
    ("sizes_gb", "memory_gb", "expected"),
    [
        ({"llama3:8b": 5, "qwen2.5-coder:7b": 5}, 32, ["qwen2.5-coder:7b", "llama3:8b"]),
        ({"qwen2.5-coder:3b": 2, "qwen2.5-coder:7b": 5}, 32, ["qwen2.5-coder:7b", "qwen2.5-coder:3b"]),
        ({"qwen2.5-coder:3b": 2, "qwen2.5-coder:7b": 5}, 8, ["qwen2.5-coder:3b", "qwen2.5-coder:7b"]),
        ({"qwen2.5-coder:32b": 20, "mistral:7b": 4}, 64, ["mistral:7b", "qwen2.5-coder:32b"]),
        ({"zeta:7b": 4, "alpha:7b": 4}, 32, ["alpha:7b", "zeta:7b"]),
        (
            {"hf.co/someone/Qwen3-Coder-GGUF:q4": 4, "mistral": 4},
            32,
            ["hf.co/someone/Qwen3-Coder-GGUF:q4", "mistral"],
        ),
        ({"nomic-embed-text": 1}, 32, []),
    ],
)
def test_the_order_of_models(sizes_gb: dict[str, int], memory_gb: int, expected: list[str]) -> None:
    candidates = [Candidate(name, size * GB) for name, size in sizes_gb.items()]
    assert [each.name for each in ranked(candidates, memory_gb * GB)] == expected
    assert [each.name for each in ranked(reversed(candidates), memory_gb * GB)] == expected


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("deepseek-coder-v2:16b", "deepseek-coder-v2"),
        ("qwen3:8b", "qwen3"),
        ("qwen3-coder", "qwen3-coder"),
        ("x", None),
    ],
)
def test_the_longest_family_name_counts(name: str, family: str | None) -> None:
    assert family_of(name) == family


@pytest.mark.parametrize(
    ("preload", "at_start", "size_bytes", "allowed"),
    [
        ("never", False, 0, False),
        ("never", True, 0, False),
        ("start", True, 0, True),
        ("first_problem", True, 0, False),
        ("first_problem", False, 10**15, False),
    ],
)
def test_preloading(preload: str, at_start: bool, size_bytes: int, allowed: bool) -> None:
    settings = dataclasses.replace(Settings(), model_preload=preload)
    decision = preload_allowed(settings, at_start=at_start, size_bytes=size_bytes)
    assert decision.allowed is allowed
    assert decision.why
