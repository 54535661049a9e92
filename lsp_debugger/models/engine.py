"""The embedded engine: llama.cpp in a process of its own, one for each user, not for each editor.

It lives as long as somebody holds a lease, which is an open connection: when an editor or its server
dies, the kernel closes it. What to load comes on standard input; the key of the API is made here and
is found in the note only (0600), never in arguments or the environment.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import importlib
import json
import os
import re
import secrets
import select
import signal
import sys
import tempfile
import time
from collections.abc import Generator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from lsp_debugger.core import installing
from lsp_debugger.core.errors import BackendUnavailable
from lsp_debugger.models.discovery import Note, Places, Weights, remove_note, write_note

FIRST_LEASE_WITHIN_S = 20.0
# Long enough for a restarted server to take over, short enough to be gone 1 s after the last editor.
_GRACE_S = 0.5
# Small batches: llama.cpp reports progress, and so notices a closed connection, between batches only:
# this is how fast a cancel is noticed during prefill. No measurable cost in speed.
_BATCH_TOKENS = 64
# Lets the prompt of one file survive a question about another.
_PROMPT_CACHE_MIB = 512
# What llama.cpp needs besides weights and KV cache.
_OVERHEAD_BYTES = 256 << 20
_MAX_LAUNCH_BYTES = 64 * 1024
_COMPLAINT = re.compile(r"(?:error loading model: |E (?=\w*: failed to allocate))([^\n]{1,200})")


@dataclass(frozen=True, slots=True)
class Launch:
    """What the process that starts the engine tells it. threads: 0 means physical cores."""

    directory: str
    weights: Weights
    context_tokens: int
    kv_bytes_per_token: int
    threads: int

    def to_json(self) -> bytes:
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_json(cls, data: bytes) -> Launch:
        raw: dict[str, Any] = json.loads(data)
        raw["weights"] = Weights(**raw["weights"])
        return cls(**raw)


class Engine:
    """One model behind one API address, for as long as there are leases."""

    def __init__(self, launch: Launch) -> None:
        self._launch = launch
        self._places = Places(Path(launch.directory))
        self._key = secrets.token_hex(32)
        self._start_id = secrets.token_hex(8)
        self._leases: set[asyncio.StreamWriter] = set()
        self._leased = asyncio.Event()
        self._status: dict[str, Any] = {"state": "loading"}
        self._server: Any = None  # keeps llama.cpp's threads alive

    async def run(self) -> None:
        """Serve until the last lease is gone; then the process ends, wherever llama.cpp stands."""
        lease = await self._listen()
        write_note(self._places, Note(os.getpid(), self._start_id, lease, self._key, self._launch.weights))
        sys.stdout.buffer.write(b"leases\n")
        sys.stdout.buffer.flush()
        try:
            async with asyncio.timeout(FIRST_LEASE_WITHIN_S):
                await self._leased.wait()
        except TimeoutError:
            self._end()
        self._status = self._load()
        for writer in self._leases:
            _send(writer, self._status)
        if os.name == "posix":
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self._end)
        await asyncio.Event().wait()

    async def _listen(self) -> str | int:
        if self._places.has_sockets:
            path = str(self._places.lease_socket)
            await asyncio.start_unix_server(self._lease, path)
            return path
        server = await asyncio.start_server(self._lease, "127.0.0.1", 0)
        port: int = server.sockets[0].getsockname()[1]
        return port

    async def _lease(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client: its key, then nothing until it goes."""
        try:
            async with asyncio.timeout(5):
                line = await reader.readline()
            if not hmac.compare_digest(line.strip(), self._key.encode()):
                return
            self._leases.add(writer)
            _send(writer, self._status)
            self._leased.set()
            while await reader.read(64):
                pass
        except (OSError, TimeoutError, ValueError):
            pass  # a client that goes or misbehaves has no lease; nothing else follows from it
        finally:
            writer.close()
            if writer in self._leases:
                self._leases.discard(writer)
                asyncio.get_running_loop().call_later(_GRACE_S, self._end_if_unused)

    def _end_if_unused(self) -> None:
        if not self._leases:
            self._end()

    def _end(self) -> None:
        """End now. The note goes first: a client that comes later starts a new engine."""
        remove_note(self._places, self._start_id)
        os._exit(0)  # llama.cpp's destructor would wait for a running generation

    def _load(self) -> dict[str, Any]:
        """Load the model on this thread; returns the status for the leases.

        The constructor holds the interpreter's lock all the time, so another thread would not help.
        """
        try:
            self._check_memory()
            with _ended_by_hang_up(self._leases), _native_messages() as messages:
                try:
                    self._server = self._serve()
                except RuntimeError as exc:
                    raise BackendUnavailable(_reason(messages)) from exc
        except BackendUnavailable as wrong:
            return {"state": "failed", "reason": str(wrong), "hint": wrong.hint}
        except ImportError:
            return {
                "state": "failed",
                "reason": "the embedded engine is not installed",
                "hint": installing.how("llamacpp"),
            }
        address: str = self._server.listening_address
        return {"state": "ready", "url": address, "context_tokens": self._launch.context_tokens}

    def _check_memory(self) -> None:
        """Refuse what would push the machine into swapping. Raises BackendUnavailable."""
        import psutil

        launch = self._launch
        needed = (
            launch.weights.size_bytes + launch.context_tokens * launch.kv_bytes_per_token + _OVERHEAD_BYTES
        )
        available = psutil.virtual_memory().available
        if needed > available:
            raise BackendUnavailable(
                f"the model needs about {needed / 1e9:.1f} GB of memory, {available / 1e9:.1f} GB are free",
                "close something, or set llamacpp.model_path to a smaller model",
            )

    def _serve(self) -> Any:
        """Start llama.cpp's server by the measured recipe. Raises RuntimeError."""
        xllamacpp: Any = importlib.import_module("xllamacpp")  # native, without types
        params = xllamacpp.CommonParams()
        params.model.path = self._launch.weights.path
        params.n_ctx = self._launch.context_tokens
        params.n_batch = params.n_ubatch = _BATCH_TOKENS
        params.n_parallel = 1
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = self._threads()
        params.fit_params = False  # would change the context length behind our back
        params.cache_prompt = True
        params.cache_ram_mib = _PROMPT_CACHE_MIB
        params.warmup = True
        params.verbosity = 1  # errors while loading; afterwards nobody listens, see _native_messages
        params.api_keys = [self._key]
        params.cors_origins = ""
        params.cors_credentials = False
        params.ui = False
        params.endpoint_slots = False  # shows prompts
        params.endpoint_props = False
        params.endpoint_metrics = True  # counts only
        if self._places.has_sockets:
            with contextlib.suppress(FileNotFoundError):
                self._places.api_socket.unlink()
            params.hostnames = [str(self._places.api_socket)]
        return xllamacpp.Server(params)

    def _threads(self) -> int:
        import psutil

        return self._launch.threads or psutil.cpu_count(logical=False) or os.cpu_count() or 1


def _send(writer: asyncio.StreamWriter, status: dict[str, Any]) -> None:
    writer.write(json.dumps(status).encode() + b"\n")


@contextlib.contextmanager
def _ended_by_hang_up(leases: set[asyncio.StreamWriter]) -> Generator[None]:
    """Let the kernel end this process when its only client goes while the model is being loaded.

    Loading keeps Python from noticing for as long as it takes. Linux can signal that a socket hung
    up; elsewhere the process ends right after loading instead.
    """
    if sys.platform != "linux" or len(leases) != 1:
        yield
        return
    import fcntl

    descriptor: int = next(iter(leases)).get_extra_info("socket").fileno()
    flags = fcntl.fcntl(descriptor, fcntl.F_GETFL)
    fcntl.fcntl(descriptor, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGTERM)
    fcntl.fcntl(descriptor, fcntl.F_SETFL, flags | os.O_ASYNC)
    if select.select([descriptor], [], [], 0)[0]:  # a client says nothing more: it went before that
        os.kill(os.getpid(), signal.SIGTERM)
    try:
        yield
    finally:
        fcntl.fcntl(descriptor, fcntl.F_SETFL, flags)


@contextlib.contextmanager
def _native_messages() -> Generator[BinaryIO]:
    """Collect what native code writes to standard output and error while loading; then drop it all.

    After loading there are prompts, and no message about a prompt may land anywhere.
    """
    with tempfile.TemporaryFile() as messages:
        for descriptor in (1, 2):
            os.dup2(messages.fileno(), descriptor)
        try:
            yield messages
        finally:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            for descriptor in (1, 2):
                os.dup2(nowhere, descriptor)
            os.close(nowhere)


def _reason(messages: BinaryIO) -> str:
    """One line from llama.cpp's own words about why it could not load; a thread of its writes them."""
    for _ in range(20):
        messages.seek(0)
        found = _COMPLAINT.search(messages.read(_MAX_LAUNCH_BYTES).decode("utf-8", "replace"))
        if found:
            words = "".join(each for each in found[1] if each.isprintable())
            return f"the model could not be loaded: {words}"
        time.sleep(0.025)
    return "the model could not be loaded, and llama.cpp gives no reason"


def main() -> int:
    """Read the launch from standard input and serve."""
    os.umask(0o077)
    launch = Launch.from_json(sys.stdin.buffer.read(_MAX_LAUNCH_BYTES))
    asyncio.run(Engine(launch).run())
    return 0


if __name__ == "__main__":
    sys.exit(main())
