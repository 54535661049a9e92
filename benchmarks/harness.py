"""What the benchmarks share: a raw LSP client over pipes, a project to open, percentiles, a table.

The client is deliberately naive: no library between the clock and the pipe, so that what is measured is
the server. Absolute times mean little on a busy machine; run a peer beside it and compare.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import math
import os
import subprocess  # noqa: TID251 - spawn.py is the product's door; here the product is what gets started
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

SERVER = (sys.executable, "-m", "lsp_debugger", "serve")
BARE_SERVER = (sys.executable, str(Path(__file__).with_name("bare_server.py")))

# What a plain client says of itself: nothing that makes a server do more than it must.
PLAIN_CAPABILITIES: dict[str, Any] = {
    "general": {"positionEncodings": ["utf-16"]},
    "textDocument": {"codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": []}}}},
    "window": {"workDoneProgress": True},
}


class ResponseError(Exception):
    """The server answered with an error. `code` is JSON-RPC's."""

    def __init__(self, error: Mapping[str, Any]) -> None:
        super().__init__(error.get("message", ""))
        self.code = error.get("code")


@dataclass(frozen=True, slots=True)
class Notification:
    """A message without an id from the server. at_s: time.perf_counter() when it had been read."""

    method: str
    params: Any
    at_s: float


class LspClient:
    """One server process and the client's end of its pipes. Use it in a `with`.

    Requests from the server are answered at once with what a willing client would say.
    `started_at_s` is time.perf_counter() just before the process was spawned.
    """

    def __init__(
        self, argv: Sequence[str] = SERVER, *, cwd: Path | None = None, env: Mapping[str, str] | None = None
    ) -> None:
        self.notifications: list[Notification] = []
        self._answers: dict[int, tuple[dict[str, Any], float]] = {}
        self._arrived = threading.Condition()
        self._writing = threading.Lock()
        self._ids = itertools.count(1)
        self._closed = False
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close(), lives as long as the process
        self.started_at_s = time.perf_counter()
        self.process = subprocess.Popen(
            argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._stderr, cwd=cwd, env=env
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self.process.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def initialize(
        self,
        root: Path | None,
        capabilities: Mapping[str, Any] | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """`initialize` and `initialized`; returns the server's result."""
        uri = root.as_uri() if root else None
        result = self.request(
            "initialize",
            {
                "processId": os.getpid(),
                "clientInfo": {"name": "benchmark", "version": "1"},
                "rootUri": uri,
                "workspaceFolders": [{"uri": uri, "name": root.name}] if root else None,
                "capabilities": capabilities if capabilities is not None else PLAIN_CAPABILITIES,
                "initializationOptions": options,
            },
        )
        self.notify("initialized", {})
        return result

    def open(self, path: Path, language_id: str = "python", text: str | None = None) -> str:
        """`didOpen` at version 1; returns the document's URI."""
        uri = path.as_uri()
        text = path.read_text(encoding="utf-8") if text is None else text
        document = {"uri": uri, "languageId": language_id, "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})
        return uri

    def request(self, method: str, params: Any = None, timeout_s: float = 30.0) -> Any:
        """Raises ResponseError, TimeoutError, ConnectionError when the server is gone."""
        return self.answer(self.send_request(method, params), timeout_s)[0]

    def send_request(self, method: str, params: Any = None) -> int:
        """Send without waiting; the id is for `answer` and `$/cancelRequest`."""
        request_id = next(self._ids)
        self._send({"id": request_id, "method": method, "params": params})
        return request_id

    def notify(self, method: str, params: Any = None) -> None:
        self._send({"method": method, "params": params})

    def answer(self, request_id: int, timeout_s: float = 30.0) -> tuple[Any, float]:
        """The result of a request and time.perf_counter() when it had been read."""
        with self._arrived:
            if not self._arrived.wait_for(lambda: request_id in self._answers or self._closed, timeout_s):
                raise TimeoutError(f"no answer to request {request_id} in {timeout_s} s{self._complaint()}")
            if request_id not in self._answers:
                raise ConnectionError(f"the server closed its output{self._complaint()}")
            message, at_s = self._answers.pop(request_id)
        if "error" in message:
            raise ResponseError(message["error"])
        return message.get("result"), at_s

    def wait_notification(self, method: str, timeout_s: float = 30.0, *, after: int = 0) -> Notification:
        """The first notification of that method at or after index `after` in `notifications`."""

        def found() -> Notification | None:
            return next((each for each in self.notifications[after:] if each.method == method), None)

        with self._arrived:
            if not self._arrived.wait_for(lambda: found() or self._closed, timeout_s):
                raise TimeoutError(f"no {method} in {timeout_s} s{self._complaint()}")
            if (notification := found()) is None:
                raise ConnectionError(f"the server closed its output{self._complaint()}")
            return notification

    def close(self, timeout_s: float = 5.0) -> int:
        """`shutdown`, `exit`, then the end of input; kills what does not leave. Returns the exit code."""
        if self.process.poll() is None:
            with contextlib.suppress(ResponseError, TimeoutError, ConnectionError, OSError):
                self.request("shutdown", timeout_s=timeout_s)
                self.notify("exit")
        with contextlib.suppress(OSError):
            _pipe(self.process.stdin).close()
        try:
            self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self._reader.join(timeout_s)
        _pipe(self.process.stdout).close()
        self._stderr.close()
        return self.process.wait()

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        stdin = _pipe(self.process.stdin)
        with self._writing:
            stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
            stdin.flush()

    def _read(self) -> None:
        stdout = _pipe(self.process.stdout)
        try:
            while (message := _read_message(stdout)) is not None:
                self._take(message, time.perf_counter())
        except (OSError, ValueError):
            pass  # the pipe broke, or what came was no frame: waiters are told below
        with self._arrived:
            self._closed = True
            self._arrived.notify_all()

    def _take(self, message: dict[str, Any], at_s: float) -> None:
        if "method" in message and "id" in message:
            self._send({"id": message["id"], "result": _willing_result(message)})
            return
        with self._arrived:
            if "method" in message:
                self.notifications.append(Notification(message["method"], message.get("params"), at_s))
            else:
                self._answers[message["id"]] = (message, at_s)
            self._arrived.notify_all()

    def _complaint(self) -> str:
        """The end of the server's stderr, for the message of an error."""
        size = os.fstat(self._stderr.fileno()).st_size
        tail = os.pread(self._stderr.fileno(), 2000, max(0, size - 2000)).decode(errors="replace").strip()
        return f"; it said: {tail}" if tail else ""


def _pipe(stream: Any) -> BinaryIO:
    assert stream is not None  # opened with PIPE
    return stream


def _read_message(stream: BinaryIO) -> dict[str, Any] | None:
    """The next message, or None at the end of the stream."""
    size = None
    while line := stream.readline().strip():
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            size = int(value)
    if size is None:
        return None
    return json.loads(stream.read(size))


def _willing_result(message: Mapping[str, Any]) -> Any:
    match message["method"]:
        case "workspace/configuration":
            return [None] * len(message["params"]["items"])
        case "workspace/applyEdit":
            return {"applied": True}
        case "window/showDocument":
            return {"success": True}
        case _:
            return None


@contextlib.contextmanager
def private_environment(**extra: str) -> Iterator[dict[str, str]]:
    """An environment whose home, settings and state are in a temporary directory, and no engine's address."""
    with tempfile.TemporaryDirectory(prefix="lsp-debugger-bench-", ignore_cleanup_errors=True) as home:
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("OLLAMA_", "OPENAI_"))
        }
        places = ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME")
        yield {**kept, "HOME": home, **{name: f"{home}/{name.lower()}" for name in places}, **extra}


def write_project(directory: Path, files: int, functions_per_file: int = 8) -> list[Path]:
    """A Python package of `files` modules that call each other; the same bytes every time."""
    package = directory / "shop"
    package.mkdir(parents=True)
    (directory / "pyproject.toml").write_text('[project]\nname = "shop"\nversion = "0"\n', encoding="utf-8")
    (package / "__init__.py").write_text('"""A shop."""\n', encoding="utf-8")
    paths: list[Path] = []
    for number in range(files):
        path = package / f"orders_{number}.py"
        path.write_text(_module_text(number, files, functions_per_file), encoding="utf-8")
        paths.append(path)
    return paths


def _module_text(number: int, files: int, functions: int) -> str:
    neighbour = (number * 7 + 1) % files
    header = (
        f'"""Orders of warehouse {number}."""\n\n'
        f"from shop import orders_{neighbour}\n\nRATE_{number} = 0.{number + 1}\n"
    )
    return header + "".join(
        f"\n\ndef total_{number}_{index}(prices: list[float], discount: float) -> float:\n"
        f'    """Sum of prices less the discount of step {index}."""\n'
        f"    amount = sum(prices) * (1 - discount * RATE_{number})\n"
        f"    if amount < {index}:\n"
        f"        return orders_{neighbour}.total_{neighbour}_{index}(prices, discount / 2)\n"
        f"    return round(amount, {index % 3})\n"
        for index in range(functions)
    )


def percentile(values: Sequence[float], percent: float) -> float:
    """Nearest rank: always one of the values. percent: 0 < percent <= 100."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def median(values: Sequence[float]) -> float:
    return percentile(values, 50)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a report. within: whether `measured` reached the goal; None where there is none."""

    what: str
    measured: str
    goal: str = ""
    within: bool | None = None


def print_table(title: str, rows: Sequence[Row]) -> bool:
    """Print rows as a Markdown table; returns True when no row missed its goal."""
    print(f"\n### {title}\n\n| what | measured | goal | |\n|---|---|---|---|")
    for row in rows:
        verdict = "" if row.within is None else ("ok" if row.within else "MISSED")
        print(f"| {row.what} | {row.measured} | {row.goal} | {verdict} |")
    return all(row.within is not False for row in rows)
