"""A proxy on this machine that leads to one place, whatever it is asked for, and keeps what it was asked."""

from __future__ import annotations

import contextlib
import socket  # noqa: TID251  a proxy connects
import socketserver
import threading
from collections.abc import Generator


class TunnelProxy(socketserver.ThreadingTCPServer):
    """leads_to: the port of the server behind it; None refuses every tunnel with 403."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, leads_to: int | None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.leads_to = leads_to
        self.heads = list[str]()
        self.passed = bytearray()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(socketserver.StreamRequestHandler):
    server: TunnelProxy  # pyright: ignore[reportIncompatibleVariableOverride]
    rbufsize = 0

    def handle(self) -> None:
        head = b""
        while not head.endswith(b"\r\n\r\n") and (byte := self.rfile.read(1)):
            head += byte
        self.server.heads.append(head.decode())
        if self.server.leads_to is None:
            self.wfile.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            return
        with socket.create_connection(("127.0.0.1", self.server.leads_to)) as beyond:
            self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=self._pass, args=(beyond, self.connection), daemon=True)
            back.start()
            self._pass(self.connection, beyond)

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                self.server.passed += data
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def tunnel_proxy(leads_to: int | None) -> Generator[TunnelProxy]:
    proxy = TunnelProxy(leads_to)
    thread = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield proxy
    finally:
        proxy.shutdown()
        thread.join()
        proxy.server_close()
