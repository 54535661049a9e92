"""The engine's process on its own: what it does without anybody."""

from __future__ import annotations

import importlib.util
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tiny_gguf import Shape, write_tiny_gguf
from waiting import until

from lsp_debugger import egress, spawn
from lsp_debugger.models.discovery import Note, Places, Weights, read_note, remove_note, write_note
from lsp_debugger.models.engine import Launch

WEIGHTS = Weights("/models/a.gguf", 10, 20, "ab" * 32)


@pytest.fixture
def places() -> Iterator[Places]:
    directory = Path(tempfile.mkdtemp(prefix="lspd-"))
    yield Places(directory)
    shutil.rmtree(directory)


needs_engine = pytest.mark.skipif(
    importlib.util.find_spec("xllamacpp") is None,
    reason="needs the engine: pip install 'lsp-debugger[llamacpp]'",
)


def launch_of(places: Places, gguf: Path) -> Launch:
    status = gguf.stat()
    weights = Weights(str(gguf), status.st_size, status.st_mtime_ns, "")
    return Launch(str(places.directory), weights, 512, 256, 1)


@pytest.mark.engine
@pytest.mark.xdist_group("engine")
@needs_engine
def test_an_engine_that_nobody_leases_ends(places: Places, tmp_path: Path) -> None:
    launch = launch_of(places, write_tiny_gguf(tmp_path / "tiny.gguf"))
    impatient = "from lsp_debugger.models import engine; engine.FIRST_LEASE_WITHIN_S = 0.05; engine.main()"
    done = spawn.run_blocking(
        [sys.executable, "-c", impatient], cwd=tmp_path, timeout_s=30, stdin=launch.to_json()
    )
    assert (done.returncode, done.stdout) == (0, b"leases\n")
    assert list(places.directory.iterdir()) == []


@pytest.mark.engine
@pytest.mark.xdist_group("engine")
@needs_engine
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the kernel cannot do this")
@pytest.mark.parametrize("when", ["before it loads", "while it loads"])
async def test_a_loading_engine_whose_client_goes_is_ended(places: Places, tmp_path: Path, when: str) -> None:
    large = Shape(layers=24, width=512, feed_forward=2048)
    launch = launch_of(places, write_tiny_gguf(tmp_path / "large.gguf", large))
    child = spawn.start(
        spawn.python_argv("lsp_debugger.models.engine"), cwd=tmp_path, stdin="pipe", stdout="pipe"
    )
    with child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(launch.to_json())
        child.stdin.close()
        assert child.stdout.readline() == b"leases\n"
        note = read_note(places)
        assert note is not None
        lease = await egress.connect_lease(note.lease, note.key)
        assert await lease.status() == {"state": "loading"}
        if when == "while it loads":  # llama.cpp listens before it loads
            await until(places.api_socket.exists)
        await lease.aclose()
        assert child.wait(30) == -signal.SIGTERM


def test_a_launch_survives_its_pipe() -> None:
    launch = Launch("/somewhere", WEIGHTS, 2048, 256, 2)
    assert Launch.from_json(launch.to_json()) == launch


def test_a_note_is_read_back_and_only_its_own_engine_removes_it(places: Places) -> None:
    note = Note(1, "first", str(places.lease_socket), "0" * 64, WEIGHTS)
    write_note(places, note)
    assert read_note(places) == note
    remove_note(places, "second")
    assert read_note(places) == note
    remove_note(places, "first")
    assert read_note(places) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        "null",
        '{"pid": 1}',
        '{"weights": {}}',
        "\xff",
        '{"pid":"1","start_id":1,"lease":null,"key":2,"weights":{"path":"","size_bytes":0,"mtime_ns":0,"sha256":""}}',
    ],
)
def test_a_damaged_note_is_no_note(places: Places, text: str) -> None:
    places.note.write_text(text, "latin-1")
    assert read_note(places) is None


def test_a_long_directory_has_no_room_for_sockets(tmp_path: Path) -> None:
    assert not Places(tmp_path / ("x" * 100)).has_sockets
