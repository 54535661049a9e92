"""The real server as a process, at the raw end of its pipes: any bytes in, every message out kept."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess  # noqa: TID251 - the real process is what is tested
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Self, cast

from lsp_debugger.server.framing import Frame, FrameParser

SERVE = (sys.executable, "-m", "lsp_debugger", "serve")
WAIT_S = 30.0  # for what has to come; nothing depends on it when it comes


def frame(body: bytes, header: str = "Content-Length: {}\r\n\r\n", *, off_by: int = 0) -> bytes:
    return header.format(len(body) + off_by).encode() + body


class RawServer:
    """Use it in a `with`. Requests from the server are left unanswered, as by the rudest client."""

    def __init__(
        self, argv: Sequence[str] = SERVE, *, env: Mapping[str, str] | None = None, cwd: Path | None = None
    ) -> None:
        self.messages: list[dict[str, Any]] = []
        self._stderr = cast("BinaryIO", tempfile.TemporaryFile())  # noqa: SIM115 - closed by close()
        self._arrived = threading.Condition()
        self.process = subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            env=env,
            cwd=cwd,
            bufsize=0,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def raw(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(self.stdin, view) :]

    def send(self, *messages: Mapping[str, Any]) -> None:
        self.raw(b"".join(frame(json.dumps({"jsonrpc": "2.0", **message}).encode()) for message in messages))

    def request(self, method: str, params: Any = None, request_id: int | str = 1) -> dict[str, Any]:
        """The whole reply, with its `result` or `error`."""
        self.send({"id": request_id, "method": method, "params": params})
        return self.reply(request_id)

    def initialize(self, root: Path | None = None, **params: Any) -> dict[str, Any]:
        given = {"processId": None, "rootUri": root.as_uri() if root else None, "capabilities": {}, **params}
        return self.request("initialize", given, "initialize")["result"]

    def reply(self, request_id: int | str) -> dict[str, Any]:
        return self.wait(lambda message: message.get("id") == request_id and "method" not in message)

    def wait(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        def found() -> dict[str, Any] | None:
            return next(filter(wanted, self.messages), None)

        with self._arrived:
            assert self._arrived.wait_for(found, WAIT_S), f"it did not come; stderr: {self.stderr()}"
            message = found()
            assert message
            self.messages.remove(message)
        return message

    def received(self, message: dict[str, Any]) -> None:
        """Called with each message, on the reading thread, before anybody waiting sees it."""

    def of(self, method: str) -> list[dict[str, Any]]:
        return [message for message in self.messages if message.get("method") == method]

    @property
    def stdin(self) -> int:
        assert self.process.stdin
        return self.process.stdin.fileno()

    def hang_up(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()

    def stderr(self) -> str:
        """What it has said so far; the process goes on writing behind it."""
        size = os.fstat(self._stderr.fileno()).st_size
        return os.pread(self._stderr.fileno(), size, 0).decode(errors="replace")

    def exit_code(self, within_s: float) -> int:
        """Fails when the process has not ended by itself after that time."""
        return self.process.wait(within_s)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.hang_up()
        try:
            self.process.wait(WAIT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        finally:
            self._reader.join(WAIT_S)
            assert self.process.stdout
            self.process.stdout.close()
            self._stderr.close()

    def _read(self) -> None:
        assert self.process.stdout
        parser = FrameParser()
        while data := os.read(self.process.stdout.fileno(), 65536):
            found = parser.feed(data)
            # Anything but a frame here is a stray byte in the stream, which no client survives.
            messages = [each.value if isinstance(each, Frame) else {"stray": each} for each in found]
            for message in messages:
                self.received(message)
            with self._arrived:
                self.messages += messages
                self._arrived.notify_all()


def private_environment(home: Path) -> dict[str, str]:
    """For processes that outlive one test: the fixture of tests/conftest.py covers one test only."""
    places = ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OLLAMA_", "OPENAI_"))}
    return {**kept, "HOME": str(home), **{name: str(home / name.lower()) for name in places}}


def wait_until(condition: Callable[[], bool], within_s: float = WAIT_S) -> bool:
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True
