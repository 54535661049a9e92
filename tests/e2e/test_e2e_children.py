"""The index worker, a real child of the real server: there when it is needed, gone with the server."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from raw_server import RawServer

pytestmark = pytest.mark.thorough

UNTIL_S = 30.0  # tells coming from not coming; nothing depends on when


def workers() -> list[psutil.Process]:
    """Index workers of this test's own state directory."""
    place = os.environ["XDG_STATE_HOME"]
    found: list[psutil.Process] = []
    for process in psutil.process_iter():
        try:
            is_worker = "lsp_debugger.index.worker" in process.cmdline()
            if is_worker and process.environ().get("XDG_STATE_HOME") == place:
                found.append(process)
        except psutil.Error:
            continue  # it ended while we looked, or is not ours to look at
    return found


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + UNTIL_S
    while not condition():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)  # between two looks


def say_exit(server: RawServer) -> None:
    server.send({"method": "exit"})


def kill(server: RawServer) -> None:
    server.process.kill()


def terminate(server: RawServer) -> None:
    server.process.send_signal(signal.SIGTERM)


@pytest.mark.skipif(sys.platform == "win32", reason="looks at other processes as POSIX shows them")
@pytest.mark.parametrize("leave", [say_exit, kill, terminate])
def test_the_worker_comes_with_the_first_look_and_goes_with_the_server(
    leave: Callable[[RawServer], None], tmp_path: Path
) -> None:
    path = tmp_path / "a.py"
    path.write_text("def f():\n    return undefined_name\n")
    uri = path.as_uri()
    place = {"start": {"line": 1, "character": 11}, "end": {"line": 1, "character": 25}}
    with RawServer() as server:
        server.initialize(root=tmp_path)
        document = {"uri": uri, "languageId": "python", "version": 1, "text": path.read_text()}
        found = {"range": place, "severity": 1, "source": "Ruff", "code": "F821", "message": "Undefined name"}
        server.send(
            {"method": "initialized", "params": {}},
            {"method": "textDocument/didOpen", "params": {"textDocument": document}},
            {
                "method": "lspDebugger/foreignDiagnostics",
                "params": {"uri": uri, "version": 1, "complete": True, "diagnostics": [found]},
            },
        )
        server.request("workspace/executeCommand", {"command": "lspDebugger.status", "arguments": []})
        assert workers() == [], "opening a file starts nothing"
        at = {"textDocument": {"uri": uri}, "position": place["start"]}
        assert server.request("textDocument/hover", at)["result"]
        until(workers)
        leave(server)
        until(lambda: not workers())
