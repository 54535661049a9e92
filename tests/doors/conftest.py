"""What the tests of the two doors share: a guarded child process, a server, and cleared requests."""

from __future__ import annotations

import contextlib
import ssl
import subprocess  # noqa: TID251  the guard is tried from outside, in a child of its own
import sys
import textwrap
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from doors_server import Handler, Request, Server, TcpServer, UnixServer, answer, serving

from lsp_debugger.core.model import Endpoint, Locality, Message, ModelInfo
from lsp_debugger.policy.audit import Audit
from lsp_debugger.policy.gate import Cleared, Gate
from lsp_debugger.policy.route import Route
from lsp_debugger.policy.store import PolicyStore


@pytest.fixture
def guarded() -> Callable[[str], str]:
    """Runs code in a fresh interpreter, because an audit hook cannot be taken out of this one.

    Returns what it printed; its log goes there too. Anything else on stderr, a traceback in a thread
    for instance, fails the test.
    """

    def run(code: str) -> str:
        prologue = (
            "import logging, sys; logging.basicConfig(stream=sys.stdout, format='LOG %(message)s')\n"
            "from lsp_debugger import guard; guard.install()\n"
        )
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", prologue + textwrap.dedent(code)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
        return done.stdout

    return run


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    """Starts servers; they end with the test. unix_path or context: what to listen on, and TLS."""
    with contextlib.ExitStack() as stack:

        def start(
            script: Callable[[Request], bytes | None] = lambda _: answer({}),
            *,
            unix_path: Path | None = None,
            context: ssl.SSLContext | None = None,
        ) -> Server:
            state = Server(script)
            if unix_path is not None:
                listening: TcpServer = UnixServer(str(unix_path), Handler)
                state.url = f"unix://{unix_path}"
            else:
                listening = TcpServer(("127.0.0.1", 0), Handler)
                port = listening.server_address[1]
                state.url = f"{'https' if context else 'http'}://127.0.0.1:{port}"
            listening.context = context
            return stack.enter_context(serving(listening, state))

        yield start


@pytest.fixture
async def cleared(tmp_path: Path) -> AsyncIterator[Callable[..., Awaitable[Cleared]]]:
    """Has the real gate clear one message for an endpoint."""
    gate = Gate(
        PolicyStore(tmp_path / "no policy", None, ()), lambda: Audit(tmp_path / "audit"), lambda _: ()
    )

    async def clear(endpoint: Endpoint, text: str, locality: Locality = Locality.OWN) -> Cleared:
        info = ModelInfo("test", "m", "sha256:0", locality, endpoint, 4096)
        return await gate.clear_constant([Message("user", text)], Route(endpoint, info, locality, "a test"))

    yield clear
    await gate.aclose()
