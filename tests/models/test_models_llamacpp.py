"""The real llama.cpp engine with a tiny random model: streaming, cancelling, dying, sharing."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import importlib.util
import os
import shutil
import signal
import stat
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest
from clearing import Clear
from tiny_gguf import Shape, write_tiny_gguf
from waiting import until

from lsp_debugger.core.errors import BackendUnavailable, ConfigInvalid, ContextTooLong
from lsp_debugger.core.model import Chunk, Locality, Sampling
from lsp_debugger.models.discovery import Note, Places, read_note
from lsp_debugger.models.llamacpp import LlamaCppBackend
from lsp_debugger.state import State

pytestmark = [
    pytest.mark.engine,
    # Two at a time wait for each other's threads: llama.cpp spins, and two cores are no more than it takes.
    pytest.mark.xdist_group("engine"),
    pytest.mark.skipif(
        importlib.util.find_spec("xllamacpp") is None,
        reason="needs the engine: pip install 'lsp-debugger[llamacpp]'",
    ),
]

LONG = Sampling(max_tokens=1500)


@pytest.fixture(scope="session")
def gguf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_gguf(tmp_path_factory.mktemp("gguf") / "tiny.gguf")


@pytest.fixture
def state() -> Iterator[State]:
    """In a directory whose name is short enough for Unix sockets."""
    directory = Path(tempfile.mkdtemp(prefix="lspd-"))
    yield State(directory)
    shutil.rmtree(directory)


@pytest.fixture
async def editors(state: State, gguf: Path) -> AsyncIterator[Callable[..., LlamaCppBackend]]:
    """Makes backends as different editors would have them; all are closed, and no engine stays."""
    made: list[LlamaCppBackend] = []

    def make(path: Path = gguf, context_tokens: int = 2048) -> LlamaCppBackend:
        made.append(LlamaCppBackend(state, path, context_tokens=context_tokens, threads=1))
        return made[-1]

    yield make
    for backend in made:
        await backend.aclose()
    await until(lambda: note_of(state) is None)


@pytest.fixture
def backend(editors: Callable[..., LlamaCppBackend]) -> LlamaCppBackend:
    return editors()


def places_of(state: State) -> Places:
    return Places(state.engine)


def note_of(state: State) -> Note | None:
    return read_note(places_of(state))


def is_gone(pid: int) -> bool:
    """True also for a child that has ended and was not reaped."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


async def ask(
    backend: LlamaCppBackend, clear: Clear, *texts: str, sampling: Sampling | None = None
) -> list[Chunk]:
    cleared = await clear(await backend.describe(), *texts)
    return [chunk async for chunk in backend.complete(cleared, sampling or Sampling(max_tokens=8))]


def damaged(gguf: Path, directory: Path, damage: Callable[[bytes], bytes]) -> Path:
    broken = directory / "broken.gguf"
    broken.write_bytes(damage(gguf.read_bytes()))
    return broken


def sha256_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def visible_to_all(pid: int) -> bytes:
    """What other users may read of a process, where the system shows it."""
    files = [Path(f"/proc/{pid}/{name}") for name in ("cmdline", "environ")]
    return b"".join(file.read_bytes() for file in files if file.exists())


async def read_all(chunks: AsyncIterator[Chunk]) -> list[Chunk]:
    return [chunk async for chunk in chunks]


def text_of(chunks: list[Chunk]) -> str:
    return "".join(chunk.text for chunk in chunks)


async def metrics(state: State) -> dict[str, float]:
    note = note_of(state)
    assert note is not None
    transport = httpx.AsyncHTTPTransport(uds=str(places_of(state).api_socket))
    async with httpx.AsyncClient(transport=transport, trust_env=False) as client:
        answer = await client.get("http://localhost/metrics", headers={"Authorization": f"Bearer {note.key}"})
    lines = (line.split() for line in answer.text.splitlines() if not line.startswith("#"))
    return {line[0].removeprefix("llamacpp:"): float(line[1]) for line in lines if len(line) == 2}


async def test_it_streams_the_same_words_every_time(backend: LlamaCppBackend, clear: Clear) -> None:
    chunks = await ask(backend, clear)
    assert len([chunk for chunk in chunks if chunk.text]) == 8
    assert chunks[-1].finish_reason == "length"
    usage = next(chunk.usage for chunk in chunks if chunk.usage)
    assert usage.completion_tokens == 8
    assert usage.prompt_tokens > len("why does this fail?")
    assert all(chunk.logprob is not None and chunk.logprob <= 0 for chunk in chunks if chunk.text)
    assert text_of(await ask(backend, clear)) == text_of(chunks)


async def test_it_is_described_before_it_runs(
    backend: LlamaCppBackend, state: State, gguf: Path, clear: Clear
) -> None:
    info = await backend.describe()
    assert note_of(state) is None
    assert info.locality is Locality.OWN
    assert info.digest == "sha256:" + sha256_of(gguf)
    assert (info.model, info.context_tokens) == ("tiny", 2048)
    await backend.warm()
    assert note_of(state) is not None
    assert await backend.describe() == info


async def test_a_json_schema_is_obeyed(backend: LlamaCppBackend, clear: Clear) -> None:
    import json

    schema = json.dumps(
        {
            "type": "object",
            "properties": {"verdict": {"enum": ["yes", "no"]}, "n": {"type": "integer", "maximum": 9}},
            "required": ["verdict", "n"],
            "additionalProperties": False,
        }
    )
    chunks = await ask(backend, clear, sampling=Sampling(max_tokens=200, json_schema=schema))
    assert json.loads(text_of(chunks))["verdict"] in {"yes", "no"}


async def test_a_prompt_that_does_not_fit_is_refused(
    backend: LlamaCppBackend, clear: Clear, state: State
) -> None:
    with pytest.raises(ContextTooLong, match="2048 fit"):
        await ask(backend, clear, "x" * 3000)
    assert text_of(await ask(backend, clear))


async def test_leading_tokens_come_from_the_cache(backend: LlamaCppBackend, clear: Clear) -> None:
    prefix = "the same file " * 40
    await ask(backend, clear, prefix + "first question")
    again = await ask(backend, clear, prefix + "second one")
    usage = next(chunk.usage for chunk in again if chunk.usage)
    assert usage.cached_tokens is not None
    assert usage.cached_tokens >= len(prefix)


async def test_closing_the_iterator_stops_generation(
    backend: LlamaCppBackend, clear: Clear, state: State
) -> None:
    cleared = await clear(await backend.describe())
    chunks = backend.complete(cleared, LONG)
    assert (await anext(chunks)).text
    await chunks.aclose()

    async def idle() -> bool:
        return (await metrics(state))["requests_processing"] == 0

    await until(idle)
    assert text_of(await ask(backend, clear))
    assert (await metrics(state))["tokens_predicted_total"] < LONG.max_tokens


async def test_cancelling_during_the_prompt_stops_the_engine(
    editors: Callable[..., LlamaCppBackend], clear: Clear, state: State, tmp_path: Path
) -> None:
    shape = Shape(layers=8, width=512, heads=8, feed_forward=2048, context_tokens=8192)
    backend = editors(write_tiny_gguf(tmp_path / "slow.gguf", shape), 8192)
    await backend.warm()
    asking = asyncio.create_task(ask(backend, clear, "x" * 8000))

    async def busy() -> bool:
        return (await metrics(state))["requests_processing"] == 1

    await until(busy)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking

    async def idle() -> bool:
        return (await metrics(state))["requests_processing"] == 0

    await until(idle)
    assert (await metrics(state))["prompt_tokens_total"] < 8000


async def test_an_engine_killed_mid_stream_is_an_error_and_comes_back(
    backend: LlamaCppBackend, clear: Clear, state: State
) -> None:
    chunks = backend.complete(await clear(await backend.describe()), LONG)
    assert (await anext(chunks)).text
    first = note_of(state)
    assert first is not None
    os.kill(first.pid, signal.SIGKILL)
    with pytest.raises(BackendUnavailable) as caught:
        await read_all(chunks)
    assert caught.value.hint
    assert text_of(await ask(backend, clear))
    second = note_of(state)
    assert second is not None
    assert second.pid != first.pid
    assert second.key != first.key


async def test_an_engine_killed_between_requests_is_replaced_unnoticed(
    backend: LlamaCppBackend, clear: Clear, state: State
) -> None:
    before = text_of(await ask(backend, clear))
    note = note_of(state)
    assert note is not None
    os.kill(note.pid, signal.SIGKILL)
    assert text_of(await ask(backend, clear)) == before


async def test_two_editors_share_one_engine_which_ends_after_the_last(
    editors: Callable[..., LlamaCppBackend], clear: Clear, state: State
) -> None:
    first, second = editors(), editors()
    await asyncio.gather(first.warm(), second.warm())
    note = note_of(state)
    assert note is not None
    assert text_of(await ask(first, clear)) == text_of(await ask(second, clear))
    await first.aclose()
    await asyncio.sleep(0.7)  # longer than the engine's own grace: it has to stay
    assert not is_gone(note.pid)
    assert text_of(await ask(second, clear))
    await second.aclose()
    await until(lambda: is_gone(note.pid))
    left = {path.name for path in places_of(state).directory.iterdir()}
    assert left <= {"engine.lock", "digests.json"}


async def test_one_editor_that_needs_it_twice_at_once_takes_one_lease(
    backend: LlamaCppBackend, state: State
) -> None:
    await asyncio.gather(backend.warm(), backend.warm(), backend.describe())
    note = note_of(state)
    assert note is not None
    await backend.aclose()
    await until(lambda: is_gone(note.pid))  # a second lease would keep it


async def test_another_model_waits_for_the_first_to_end(
    editors: Callable[..., LlamaCppBackend], clear: Clear, state: State, tmp_path: Path
) -> None:
    first = editors()
    await first.warm()
    other = editors(write_tiny_gguf(tmp_path / "other.gguf", Shape(seed=3)))
    with pytest.raises(BackendUnavailable, match=r"another model \(tiny\.gguf\)"):
        await other.warm()
    await first.aclose()
    assert text_of(await ask(other, clear))


async def test_a_file_that_is_replaced_is_another_model(
    editors: Callable[..., LlamaCppBackend], clear: Clear, tmp_path: Path
) -> None:
    path = write_tiny_gguf(tmp_path / "model.gguf", Shape(seed=1))
    backend = editors(path)
    before, digest = text_of(await ask(backend, clear)), (await backend.describe()).digest
    write_tiny_gguf(path, Shape(seed=2))
    assert (await backend.describe()).digest != digest
    assert text_of(await ask(backend, clear)) != before


async def test_an_engine_whose_only_client_goes_while_loading_ends(
    editors: Callable[..., LlamaCppBackend], state: State, tmp_path: Path
) -> None:
    large = write_tiny_gguf(tmp_path / "large.gguf", Shape(layers=24, width=512, feed_forward=2048))
    backend = editors(large)
    warming = asyncio.create_task(backend.warm())
    await until(lambda: note_of(state) is not None)
    note = note_of(state)
    assert note is not None
    await backend.aclose()
    with contextlib.suppress(asyncio.CancelledError, BackendUnavailable):
        await warming
    await until(lambda: is_gone(note.pid))
    # What it left behind does not hinder the next one.
    again = editors()
    await again.warm()


async def test_cancelling_the_question_lets_the_model_load_on(
    backend: LlamaCppBackend, clear: Clear, state: State
) -> None:
    warming = asyncio.create_task(backend.warm())
    await until(lambda: note_of(state) is not None)
    note = note_of(state)
    warming.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await warming
    await backend.warm()
    assert note_of(state) == note


async def test_what_it_leaves_on_disk_is_private(backend: LlamaCppBackend, state: State) -> None:
    await backend.warm()
    directory = places_of(state).directory
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    for name in ("engine.json", "api.sock", "lease.sock"):
        assert stat.S_IMODE((directory / name).stat().st_mode) & 0o077 == 0, name
    note = note_of(state)
    assert note is not None
    assert note.key.encode() not in visible_to_all(note.pid)


async def test_nobody_without_the_key_gets_anything(backend: LlamaCppBackend, state: State) -> None:
    await backend.warm()
    transport = httpx.AsyncHTTPTransport(uds=str(places_of(state).api_socket))
    async with httpx.AsyncClient(transport=transport, trust_env=False) as client:
        for path in ("/v1/models", "/props", "/metrics", "/slots"):
            assert (await client.get(f"http://localhost{path}")).status_code == 401, path
    reader, writer = await asyncio.open_unix_connection(str(places_of(state).lease_socket))
    writer.write(b"0" * 64 + b"\n")
    assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()


async def test_without_room_for_a_socket_it_uses_loopback(gguf: Path, clear: Clear, tmp_path: Path) -> None:
    state = State(tmp_path / ("a-long-name-" * 8))
    assert not places_of(state).has_sockets
    backend = LlamaCppBackend(state, gguf, context_tokens=2048, threads=1)
    info = await backend.describe()
    assert info.endpoint.url.startswith("http://127.0.0.1:")
    assert text_of(await ask(backend, clear))
    await backend.aclose()
    await until(lambda: note_of(state) is None)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda data: b"", "does not begin with GGUF"),
        (lambda data: data[:40], "ends in the middle"),
        (lambda data: b"NOPE" + data[4:], "does not begin with GGUF"),
        (lambda data: data[:16] + b"\xff" * 8 + data[24:], "damaged"),
    ],
)
async def test_what_is_no_model_is_said_before_loading(
    editors: Callable[..., LlamaCppBackend],
    gguf: Path,
    tmp_path: Path,
    damage: Callable[[bytes], bytes],
    words: str,
) -> None:
    broken = damaged(gguf, tmp_path, damage)
    with pytest.raises(ConfigInvalid, match=words):
        await editors(broken).describe()


async def test_a_missing_file_is_named(editors: Callable[..., LlamaCppBackend], tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match=r"gone\.gguf"):
        await editors(tmp_path / "gone.gguf").describe()


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda data: data[:-1000], "corrupted or incomplete"),
        (lambda data: data.replace(b"llama", b"lxama"), "unknown model architecture"),
    ],
)
async def test_what_llama_cpp_cannot_load_is_said_in_its_words(
    editors: Callable[..., LlamaCppBackend],
    gguf: Path,
    tmp_path: Path,
    damage: Callable[[bytes], bytes],
    words: str,
) -> None:
    broken = damaged(gguf, tmp_path, damage)
    with pytest.raises(BackendUnavailable, match=words):
        await editors(broken).warm()


async def test_a_model_that_does_not_fit_in_memory_is_not_loaded(
    editors: Callable[..., LlamaCppBackend],
) -> None:
    with pytest.raises(BackendUnavailable, match=r"GB of memory") as caught:
        await editors(context_tokens=10**12).warm()
    assert caught.value.hint
