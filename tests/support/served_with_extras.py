"""The real `serve`, with features that no server should have: what they do must not hurt the rest."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

from lsp_debugger.cli import serve
from lsp_debugger.server import app

_create_server = app.create_server


def create_server(*args: Any) -> app.DebuggerServer:
    server = _create_server(*args)
    children = list[Any]()

    @server.feature("test/busy")
    @server.thread()
    def busy(params: Any) -> None:
        threading.Event().wait(params["seconds"])

    @server.feature("test/hang")
    def hang(params: Any) -> None:
        time.sleep(params["seconds"])

    @server.feature("test/hangInThread")
    async def hang_in_thread(params: Any) -> None:
        running = asyncio.get_running_loop().run_in_executor(None, time.sleep, params["seconds"])
        server.protocol.notify("test/begun")
        await running

    @server.feature("test/print")
    async def stray(params: Any) -> str:
        print("a stray print")
        os.write(1, b"a stray write\n")
        return repr(sys.stdin.read() if sys.stdin else "")

    @server.feature("test/spawn")
    async def spawn_child(params: Any) -> int:
        from lsp_debugger import spawn

        children.append(spawn.start([sys.executable, "-c", "import time; time.sleep(60)"], cwd=Path.cwd()))
        return children[-1].pid

    return server


if __name__ == "__main__":
    app.create_server = create_server
    sys.exit(serve.run([]))
