"""A language server that does on request what real ones do on bad days. Started as a program, by path.

    python child_server.py [CAPABILITIES AS JSON] [FILE THAT GETS EVERY BYTE IT RECEIVES]

Requests: test/echo, test/reply (params: the raw body to answer with), test/sleep, test/flood,
test/large, test/exit, test/signal, test/garbage, test/cut, test/ask, test/say; everything else of LSP
gets an answer that names the method.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any, BinaryIO

CAPABILITIES = (
    json.loads(sys.argv[1]) if len(sys.argv) > 1 else {"hoverProvider": True, "textDocumentSync": 2}
)
RECORD: BinaryIO | None = open(sys.argv[2], "wb", buffering=0) if len(sys.argv) > 2 else None  # noqa: SIM115, PTH123 - for its life
NAME = os.environ.get("CHILD_NAME", "child")


def write(data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(1, view) :]


def send(message: dict[str, Any]) -> None:
    # Spaces, escapes and an odd header: what a proxy that writes JSON anew would change.
    body = json.dumps({"jsonrpc": "2.0", **message}, separators=(" ,  ", " :"), ensure_ascii=True).encode()
    write(
        b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: %d\r\n\r\n%b"
        % (len(body), body)
    )


def read() -> dict[str, Any]:
    length = 0
    while line := sys.stdin.buffer.readline():
        keep(line)
        if not line.strip():
            body = sys.stdin.buffer.read(length)
            keep(body)
            return json.loads(body)
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            length = int(value)
    sys.exit(int(os.environ.get("CHILD_EOF_CODE", "0")))


def keep(data: bytes) -> None:
    if RECORD is not None:
        RECORD.write(data)


def answer(message: dict[str, Any]) -> Any:  # noqa: PLR0911, PLR0912 - one line a wish
    params = message.get("params")
    match message["method"]:
        case "initialize":
            return {"capabilities": CAPABILITIES, "serverInfo": {"name": NAME}}
        case "test/echo":
            return params
        case "test/sleep":
            time.sleep(params)
            return None
        case "test/flood":
            for number in range(params):
                send({"method": "test/drop", "params": {"number": number, "text": "x" * 1000}})
            return None
        case "test/large":
            return "漢" * (params // 3)
        case "test/say":
            print(params, file=sys.stderr, flush=True)
            return None
        case "test/exit":
            return sys.exit(params)
        case "test/signal":
            os.kill(os.getpid(), params)
            return None
        case "test/garbage":
            write(b"what is this?\n\n")
            return None
        case "test/cut":
            write(b"Content-Length: 100\r\n\r\n{")
            return os._exit(0)
        case "test/ask":
            send({"id": params["id"], "method": params["method"], "params": params["params"]})
            reply = read()
            return {"id": reply["id"], "result": reply.get("result")}
        case "test/publish":
            send({"method": "textDocument/publishDiagnostics", "params": params})
            return None
        case "textDocument/codeAction":
            return json.loads(os.environ.get("CHILD_ACTIONS", "null"))
        case "textDocument/hover":
            time.sleep(float(os.environ.get("CHILD_HOVER_S", "0")))
            return {"contents": {"kind": "markdown", "value": f"**{NAME}** é 👍"}}
        case "textDocument/definition":
            return json.loads(os.environ.get("CHILD_PLACES", "null"))
        case "shutdown":
            return None
        case method:
            return {"method": method, "by": NAME, "params": params}


while True:
    given = read()
    if given.get("method") == "exit":
        sys.exit(0)
    if "id" in given and "method" in given:
        send({"id": given["id"], "result": answer(given)})
