"""A small LSP client over a child's pipes: what the demo uses to talk to the real server.

Requests of the server are answered at once with what a willing editor would say.
"""

from __future__ import annotations

import itertools
import queue
import threading
import time
from collections.abc import Callable
from io import BufferedReader
from pathlib import Path
from typing import Any, Self, cast

from lsp_debugger import rpc, spawn
from lsp_debugger.core.errors import ToolFailed

# What a streaming editor says of itself.
CAPABILITIES: dict[str, Any] = {
    "general": {"positionEncodings": ["utf-32", "utf-16"]},
    "textDocument": {
        "hover": {"contentFormat": ["markdown", "plaintext"]},
        "codeAction": {
            "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}},
            "dataSupport": True,
            "resolveSupport": {"properties": ["edit"]},
        },
    },
    "workspace": {"applyEdit": True, "workspaceEdit": {"documentChanges": True}},
    "window": {"workDoneProgress": True, "showDocument": {"support": True}},
    "experimental": {"lspDebugger": {"answerDelta": True}},
}
_ANSWERS: dict[str, Any] = {
    "window/showDocument": {"success": True},
    "workspace/applyEdit": {"applied": True},
    "workspace/configuration": [None],
}


class LspClient:
    """One server process. Use it in a `with`; leaving it shuts the server down."""

    def __init__(self, argv: list[str], root: Path) -> None:
        self._root = root
        self._child = spawn.start(argv, cwd=root, stdin="pipe", stdout="pipe", stderr="inherit")
        self._ids = itertools.count(1)
        self._replies: dict[int, queue.Queue[dict[str, Any]]] = {}
        self.notifications: queue.Queue[tuple[str, Any]] = queue.Queue()
        self._write_lock = threading.Lock()
        self._reader = threading.Thread(target=self._read, name="lsp-client", daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        self.initialize_result: dict[str, Any] = self.request(
            "initialize",
            {
                "processId": None,
                "clientInfo": {"name": "lsp-debugger demo"},
                "rootUri": self._root.as_uri(),
                "workspaceFolders": [{"uri": self._root.as_uri(), "name": self._root.name}],
                "capabilities": CAPABILITIES,
            },
        )
        self.notify("initialized", {})
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.request("shutdown", None, timeout_s=5)
            self.notify("exit", None)
            self._child.wait(5)
        except (ToolFailed, OSError):
            pass  # a server that is gone already needs no goodbye
        finally:
            self._child.kill_group()
            self._reader.join(2)
            self._child.close()

    def request(self, method: str, params: Any, timeout_s: float = 30) -> Any:
        """The result. Raises ToolFailed on an error reply, a dead server or no reply in time."""
        number = next(self._ids)
        replies = self._replies[number] = queue.Queue()
        self._send({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        try:
            reply = replies.get(timeout=timeout_s)
        except queue.Empty:
            raise ToolFailed(f"the server did not answer {method} within {timeout_s:g} s") from None
        finally:
            del self._replies[number]
        if "error" in reply:
            raise ToolFailed(f"the server refused {method}: {reply['error'].get('message', '')}")
        return reply.get("result")

    def notify(self, method: str, params: Any) -> None:
        self._send({"jsonrpc": "2.0", "method": method, "params": params})

    def wait_for(self, accept: Callable[[str, Any], bool], timeout_s: float) -> None:
        """Take notifications until `accept` returns True. Raises ToolFailed when time is up."""
        end = time.monotonic() + timeout_s
        while True:
            try:
                method, params = self.notifications.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                raise ToolFailed(f"the server said nothing more for {timeout_s:g} s") from None
            if method == "":
                raise ToolFailed("the server ended", "its log is where `lsp-debugger state where` says")
            if accept(method, params):
                return

    def _send(self, message: dict[str, Any]) -> None:
        with self._write_lock:
            assert self._child.stdin is not None
            self._child.stdin.write(rpc.encode(message))
            self._child.stdin.flush()

    def _read(self) -> None:
        assert self._child.stdout is not None
        try:
            for frame in rpc.read_frames(cast("BufferedReader", self._child.stdout)):
                self._take(frame.message())
        except (OSError, ValueError):
            pass  # the pipe was closed under us: the end, as below
        self.notifications.put(("", None))
        for replies in list(self._replies.values()):
            replies.put({"error": {"message": "the server ended"}})

    def _take(self, message: dict[str, Any]) -> None:
        method = message.get("method")
        if method is None:
            waiting = self._replies.get(message.get("id", -1))
            if waiting is not None:
                waiting.put(message)
        elif "id" in message:
            self._send({"jsonrpc": "2.0", "id": message["id"], "result": _ANSWERS.get(method)})
        else:
            self.notifications.put((method, message.get("params")))
