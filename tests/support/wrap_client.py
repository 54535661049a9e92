"""A client at the raw ends of a wrapped server's pipes: keeps every frame as it came and as it went."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import signal
import subprocess  # noqa: TID251 - the real program is what is tested
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from lsp_debugger import rpc

SUPPORT = Path(__file__).parent
WRAP = (sys.executable, "-m", "lsp_debugger", "wrap", "--")
CHILD = (sys.executable, "-S", str(SUPPORT / "child_server.py"))
WAIT_S = 30.0


def recorded_capabilities(name: str) -> dict[str, Any]:
    path = SUPPORT.parent / "data" / "client_capabilities" / f"{name}.json"
    return json.loads(path.read_text("utf-8"))


class WrapClient:
    """Use it in a `with`. Requests of the servers are answered as a willing editor would.

    sent, received: all frames. asked: requests of the servers, with the ids that they had.
    """

    def __init__(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        answers: Mapping[str, Any] | None = None,
    ) -> None:
        self.sent: list[bytes] = []
        self.received: list[rpc.Frame] = []
        self.messages: list[dict[str, Any]] = []
        self.asked: list[dict[str, Any]] = []
        self.stray = b""
        self._answers = {"window/showDocument": {"success": True}, "workspace/applyEdit": {"applied": True}}
        self._answers.update(answers or {})
        self._ids = itertools.count(1)
        self._arrived = threading.Condition()
        self._writing = threading.Lock()
        self._ended = False
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close()
        self.process = subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            cwd=cwd,
            env={**os.environ, **(env or {})},
            bufsize=0,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def initialize(self, root: Path | None = None, client: str = "eglot_30.1", **more: Any) -> dict[str, Any]:
        """`initialize` and `initialized`; returns the capabilities."""
        uri = root.as_uri() if root else None
        folders = [{"uri": uri, "name": "x"}] if uri else None
        params = {
            "processId": os.getpid(),
            "rootUri": uri,
            "workspaceFolders": folders,
            "capabilities": recorded_capabilities(client),
            **more,
        }
        result = self.request("initialize", params)
        self.notify("initialized", {})
        return result["capabilities"]

    def open(self, uri: str, text: str, language: str = "python") -> None:
        document = {"uri": uri, "languageId": language, "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})

    def request(self, method: str, params: Any = None) -> Any:
        reply = self.reply(self.ask(method, params))
        assert "error" not in reply, reply["error"]
        return reply.get("result")

    def ask(self, method: str, params: Any = None) -> int:
        number = next(self._ids)
        self.send({"id": number, "method": method, "params": params})
        return number

    def notify(self, method: str, params: Any = None) -> None:
        self.send({"method": method, "params": params})

    def command(self, name: str, argument: Any = None) -> Any:
        arguments = [] if argument is None else [argument]
        return self.request("workspace/executeCommand", {"command": name, "arguments": arguments})

    def send(self, message: dict[str, Any]) -> None:
        self.raw(rpc.encode({"jsonrpc": "2.0", **message}))

    def raw(self, data: bytes) -> None:
        assert self.process.stdin
        with self._writing:
            self.sent.append(data)
            view = memoryview(data)
            while view:
                view = view[os.write(self.process.stdin.fileno(), view) :]

    def reply(self, number: int | str, wait_s: float = WAIT_S) -> dict[str, Any]:
        return self.wait(lambda message: message.get("id") == number and "method" not in message, wait_s)

    def wait(self, wanted: Any, wait_s: float = WAIT_S) -> dict[str, Any]:
        """The first message that is wanted, also of those that came before."""

        def found() -> dict[str, Any] | None:
            return next(filter(wanted, self.messages), None)

        with self._arrived:
            assert self._arrived.wait_for(lambda: found() or self._ended, wait_s), self._complaint()
            message = found()
        assert message, self._complaint()
        return message

    def raw_of(self, number: int) -> bytes:
        """The frame of the reply to a request."""
        self.reply(number)
        (frame,) = (
            each for each, message in zip(self.received, self.messages, strict=False)
            if message.get("id") == number and "method" not in message
        )  # fmt: skip
        return frame.raw

    def of(self, method: str) -> list[dict[str, Any]]:
        return [each for each in self.messages if each.get("method") == method]

    def ours_is_ready(self) -> None:
        """Wait until our server beside it answers."""
        end = time.monotonic() + WAIT_S
        while "error" in self.reply(self.ask("workspace/executeCommand", {"command": "lspDebugger.status"})):
            assert time.monotonic() < end, self._complaint()
            time.sleep(0.05)

    def leave(self) -> int:
        """`shutdown`, `exit`, the end of input; returns the exit code."""
        self.request("shutdown")
        self.notify("exit")
        assert self.process.stdin
        self.process.stdin.close()
        return self.process.wait(WAIT_S)

    def stderr(self) -> str:
        size = os.fstat(self._stderr.fileno()).st_size
        return os.pread(self._stderr.fileno(), size, 0).decode(errors="replace")

    def close(self) -> None:
        assert self.process.stdin
        assert self.process.stdout
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(WAIT_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.stdin.close()
        self.process.wait()
        self._reader.join(WAIT_S)
        self.process.stdout.close()
        self._stderr.close()

    def _complaint(self) -> str:
        return f"it did not come; stderr: {self.stderr()[-3000:]}"

    def _read(self) -> None:
        assert self.process.stdout
        parser = rpc.FrameParser(1 << 30)
        while data := os.read(self.process.stdout.fileno(), 1 << 20):
            if self.stray:
                self.stray += data
                continue
            try:
                for frame in parser.frames(data):
                    self._take(frame)
            except rpc.FrameInvalid:
                self.stray = parser.unread
        if not self.stray:
            with contextlib.suppress(rpc.FrameInvalid):
                parser.finish()
            self.stray = parser.unread
        with self._arrived:
            self._ended = True
            self._arrived.notify_all()

    def _take(self, frame: rpc.Frame) -> None:
        message = frame.message()
        if "method" in message and "id" in message:
            self.asked.append(message)
            result = self._answers.get(message["method"])
            if message["method"] == "workspace/configuration" and result is None:
                result = [None] * len(message["params"]["items"])
            with contextlib.suppress(OSError, ValueError):  # it has ended meanwhile
                self.send({"id": message["id"], "result": result})
        with self._arrived:
            self.received.append(frame)
            self.messages.append(message)
            self._arrived.notify_all()


def own_servers(client: WrapClient) -> list[int]:
    """Processes of our server below a wrapping one."""
    tasks = Path(f"/proc/{client.process.pid}/task").iterdir()
    children = [child for task in tasks for child in (task / "children").read_text().split()]
    return [
        int(child)
        for child in children
        if b"serve" in Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
    ]
