"""A small HTTP server on this machine that does what a test tells it, and keeps what it received."""

from __future__ import annotations

import contextlib
import json
import socket  # noqa: TID251  for the name of a constant
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import openai

from lsp_debugger import egress
from lsp_debugger.core.model import Endpoint


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    connection: int  # 1 for the first connection that the server saw


def answer(body: Any, status: int = 200, **headers: str) -> bytes:
    data = json.dumps(body).encode()
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return (
        f"HTTP/1.1 {status} Scripted\r\nContent-Type: application/json\r\n{lines}"
        f"Content-Length: {len(data)}\r\n\r\n"
    ).encode() + data


@dataclass
class Server:
    """Speaks HTTP/1.1 and does what `script` says: bytes are sent as they are, None hangs up."""

    script: Callable[[Request], bytes | None] = lambda _: answer({})
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    hung_up: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    def endpoint(self, prefix: str = "", ca_file: str | None = None) -> Endpoint:
        return Endpoint("the server", self.url + prefix, ca_file)


class Handler(socketserver.StreamRequestHandler):
    server: Any

    def handle(self) -> None:
        state: Server = self.server.state
        state.connections += 1
        number = state.connections
        with contextlib.suppress(OSError):  # the client went
            while request := self._read(number):
                state.requests.append(request)
                reply = state.script(request)
                if reply is None:
                    return
                self.wfile.write(reply)
                self.wfile.flush()
        state.hung_up.set()

    def _read(self, connection: int) -> Request | None:
        words = self.rfile.readline().decode().split()
        if not words:
            return None
        headers = dict[str, str]()
        while line := self.rfile.readline().decode().strip():
            name, _, value = line.partition(": ")
            headers[name.lower()] = value
        body = self.rfile.read(int(headers.get("content-length", 0)))
        return Request(words[0], words[1], headers, body, connection)


class TcpServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    state: Server
    context: ssl.SSLContext | None = None

    def get_request(self) -> Any:
        sock, address = super().get_request()
        if self.context is not None:
            try:
                sock = self.context.wrap_socket(sock, server_side=True)
            except OSError:
                sock.close()
                raise
        return sock, address


class UnixServer(TcpServer):
    address_family = socket.AF_UNIX


@contextlib.contextmanager
def serving(server: Any, state: Server) -> Iterator[Server]:
    server.state = state
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


COMPLETION = answer(
    {
        "id": "1",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "so"}}],
    }
)


async def ask_openai(endpoint: Endpoint, text: str, **more: Any) -> str:
    client = openai.AsyncOpenAI(
        api_key="unused",
        base_url=egress.base_url(endpoint),
        http_client=egress.openai_http_client(endpoint, **more),
        max_retries=0,
    )
    async with client:
        done = await client.chat.completions.create(model="m", messages=[{"role": "user", "content": text}])
    return done.choices[0].message.content or ""
