"""The real process goes when it should, with everything that it started."""

from __future__ import annotations

import os
import signal
import subprocess  # noqa: TID251 - stands in for the client's process
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from raw_server import RawServer, wait_until

pytestmark = pytest.mark.thorough

WITH_EXTRAS = (sys.executable, str(Path(__file__).parent.parent / "support" / "served_with_extras.py"))
# The promise is two seconds. A loaded machine gets more before the test fails, since what it must tell
# apart is leaving from hanging, and every hang here lasts sixty.
WITHIN_S = 10.0
FOREVER = {"seconds": 60}


@pytest.fixture
def client_process() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    yield process
    process.kill()
    process.communicate()


def say_exit(server: RawServer) -> None:
    server.send({"method": "exit"})


def hang_up(server: RawServer) -> None:
    server.hang_up()


def terminate(server: RawServer) -> None:
    server.process.send_signal(signal.SIGTERM)


WAYS: list[Callable[[RawServer], None]] = [say_exit, hang_up]
if sys.platform != "win32":
    WAYS.append(terminate)


@pytest.mark.parametrize("leave", WAYS)
def test_it_goes(leave: Callable[[RawServer], None]) -> None:
    with RawServer() as server:
        server.initialize()
        leave(server)
        assert server.exit_code(WITHIN_S) == 1


def test_it_goes_in_the_orderly_way() -> None:
    with RawServer() as server:
        server.initialize()
        assert server.request("shutdown")["result"] is None
        server.send({"method": "exit"})
        assert server.exit_code(WITHIN_S) == 0
        assert server.stderr() == ""


def test_it_goes_when_the_clients_process_ends(client_process: subprocess.Popen[bytes]) -> None:
    """Its input stays open: this process holds the other end."""
    with RawServer() as server:
        server.initialize(processId=client_process.pid)
        assert server.request("textDocument/hover", {})["error"]["code"] == -32602
        client_process.kill()
        assert server.exit_code(WITHIN_S) == 1


def test_it_stays_when_the_clients_process_was_never_to_be_seen(
    client_process: subprocess.Popen[bytes],
) -> None:
    client_process.kill()
    client_process.wait()
    with RawServer() as server:
        server.initialize(processId=client_process.pid)
        assert server.request("shutdown")["result"] is None
        assert server.process.poll() is None


def test_it_goes_when_nobody_takes_its_output() -> None:
    with RawServer() as server:
        server.initialize()
        assert server.process.stdout
        read, write = os.pipe()
        os.dup2(read, server.process.stdout.fileno())  # the only end that could be read is closed
        os.close(read)

        def is_gone() -> bool:
            with suppress(OSError):
                server.send({"id": 1, "method": "no/such"})
            return server.process.poll() is not None

        # Several, because our own reading thread still waits at the old end and takes the first.
        assert wait_until(is_gone, WITHIN_S)
        assert server.process.returncode == 1
        os.close(write)


@pytest.mark.parametrize("leave", WAYS)
@pytest.mark.parametrize("stuck", ["test/hang", "test/hangInThread", "test/busy"])
def test_it_goes_whatever_hangs(stuck: str, leave: Callable[[RawServer], None]) -> None:
    """A handler that holds the loop, and threads that the interpreter would wait for."""
    with RawServer(WITH_EXTRAS) as server:
        server.initialize()
        server.send({"id": 1, "method": stuck, "params": FOREVER})
        if stuck == "test/hangInThread":
            server.wait(lambda message: message.get("method") == "test/begun")
        leave(server)
        assert server.exit_code(WITHIN_S) == 1


@pytest.mark.parametrize("stuck", [None, "test/hang"])
@pytest.mark.parametrize("leave", WAYS)
def test_its_children_go_with_it(leave: Callable[[RawServer], None], stuck: str | None) -> None:
    with RawServer(WITH_EXTRAS) as server:
        server.initialize()
        child = psutil.Process(server.request("test/spawn")["result"])
        assert child.is_running()
        if stuck:
            server.send({"id": 2, "method": stuck, "params": FOREVER})
        leave(server)
        assert server.exit_code(WITHIN_S) == 1
        assert wait_until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE, WITHIN_S)


def test_no_guard_no_server() -> None:
    """The proof that nothing leaves the machine is not optional."""
    code = (
        "import sys; sys.modules['lsp_debugger.guard'] = None\n"
        "from lsp_debugger.cli.app import main; sys.exit(main(['serve']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=b"", capture_output=True, timeout=WITHIN_S * 3, check=False
    )
    assert done.returncode == 4
    assert done.stdout == b""
    assert b"error: the guard could not be installed (ModuleNotFoundError)" in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="psutil reads another process's limits on Linux only")
def test_it_leaves_no_core_dump() -> None:
    with RawServer() as server:
        server.initialize()
        assert psutil.Process(server.process.pid).rlimit(psutil.RLIMIT_CORE) == (0, 0)
        server.send({"method": "exit"})
