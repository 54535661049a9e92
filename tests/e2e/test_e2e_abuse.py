"""The real process under everything that a broken or hostile client can send.

One process takes the whole run: each case must leave it able to serve the next.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from raw_server import RawServer, frame, private_environment, wait_until

# One process for all of them: their log is looked at as a whole.
pytestmark = [pytest.mark.thorough, pytest.mark.xdist_group("abuse")]

WITH_EXTRAS = (sys.executable, str(Path(__file__).parent.parent / "support" / "served_with_extras.py"))
SECRET = "hunter2"
HOVER = {"textDocument": {"uri": "file:///w/a.py"}, "position": {"line": 0, "character": 0}}
# What must not be loaded before somebody needs it; the first two come with the last.
HEAVY = ("lancedb", "pyarrow", "numpy", "openai", "ollama", "httpx", "httpx2", "pydantic")


def hover(request_id: int, **extra: Any) -> bytes:
    message = {
        "jsonrpc": "2.0",
        "id": request_id,
        "method": "textDocument/hover",
        "params": {**HOVER, **extra},
    }
    return json.dumps(message).encode()


@pytest.fixture(scope="module")
def abused(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RawServer]:
    """The process of the cases. At its end: no popup, and no word of the client's in any log."""
    home = tmp_path_factory.mktemp("home")
    project = tmp_path_factory.mktemp("project")
    (project / "a.py").write_text("import os\n")
    with RawServer(env=private_environment(home), cwd=project) as server:
        server.initialize(project)
        server.send({"method": "initialized", "params": {}})
        uri = (project / "a.py").as_uri()
        document = {"uri": uri, "languageId": "python", "version": 1, "text": f"password = '{SECRET}'\n"}
        server.send({"method": "textDocument/didOpen", "params": {"textDocument": document}})
        yield server
        assert "result" in server.request("shutdown", request_id="end")
        server.send({"method": "exit"})
        assert server.exit_code(20) == 0
        assert server.of("window/showMessage") == []
        assert server.of("window/showMessageRequest") == []
        assert [each for each in server.messages if "stray" in each] == []
        logs = [path.read_text("utf-8", "replace") for path in home.rglob("*.log")]
        said = server.stderr() + "".join(logs)
        assert SECRET not in said
        assert "Traceback" not in said


HEADER = "Content-Length: {}\r\n\r\n"
DEEP = b"[" * 900 + b"]" * 900
# name: (bytes, the error code that each request in them is answered with; None: with a result)
CASES: dict[str, tuple[bytes, dict[int | str, int | None]]] = {
    "lower-case header": (frame(hover(1), "content-length: {}\r\n\r\n"), {1: None}),
    "line ends without CR": (frame(hover(2), "Content-Length: {}\n\n"), {2: None}),
    "Content-Type first": (frame(hover(3), "Content-Type: x; charset=utf-8\r\n" + HEADER), {3: None}),
    "a header line of garbage": (frame(hover(4), "X-\x01\x02 nonsense\r\n" + HEADER), {4: None}),
    "length 3 too long": (frame(hover(5), off_by=3) + frame(hover(6)), {5: None, 6: None}),
    "length 3 too short": (frame(hover(7), off_by=-3) + frame(hover(8)), {7: None, 8: None}),
    "length far too long": (frame(hover(9), off_by=10**6), {9: None}),
    "negative length": (frame(hover(10), "Content-Length: -5\r\n\r\n"), {10: None}),
    "length 1e11": (frame(hover(11), "Content-Length: 100000000000\r\n\r\n"), {11: None}),
    "length 1e20": (frame(hover(12), "Content-Length: 100000000000000000000\r\n\r\n"), {12: None}),
    "no number": (frame(hover(13), "Content-Length: many\r\n\r\n"), {13: None}),
    "over the limit": (
        frame(b'{"jsonrpc":"2.0","id":14,"method":"x","params":"' + b"x" * (65 * 1024 * 1024) + b'"}'),
        {14: -32700},
    ),
    "noise between messages": (b"Traceback (most recent call last):\n" + frame(hover(15)), {15: None}),
    "bad JSON": (frame(b'{"jsonrpc":"2.0","id":16,"method":"textDocument/hover",}'), {16: -32700}),
    "no UTF-8": (frame(b'{"jsonrpc":"2.0","id":17,"method":"x","params":["\xff\xfe"]}'), {17: -32700}),
    "UTF-16": (frame('{"jsonrpc":"2.0","id":18,"method":"x"}'.encode("utf-16")), {}),
    "a batch": (frame(b"[" + hover(19) + b"," + hover(20) + b"]"), {19: -32600, 20: -32600}),
    "no jsonrpc": (frame(b'{"id":21,"method":"textDocument/hover","params":{}}'), {21: -32600}),
    "no method": (frame(b'{"jsonrpc":"2.0","id":22}'), {22: -32600}),
    "null id": (frame(b'{"jsonrpc":"2.0","id":null,"method":"textDocument/hover"}'), {}),
    "unknown method": (frame(b'{"jsonrpc":"2.0","id":23,"method":"no/such","params":"hunter2"}'),
                       {23: -32601}),
    "unknown notification": (frame(b'{"jsonrpc":"2.0","method":"no/such","params":"hunter2"}'), {}),
    "bad parameters": (frame(b'{"jsonrpc":"2.0","id":24,"method":"textDocument/hover","params":"hunter2"}'),
                       {24: -32602}),
    "bad parameters of a notification": (
        frame(b'{"jsonrpc":"2.0","method":"textDocument/didChange","params":{"x":"hunter2"}}'), {}),
    "negative position": (frame(hover(25, position={"line": -1, "character": -7})), {25: -32602}),
    "huge position": (frame(hover(26, position={"line": 2**31 - 1, "character": 2**31 - 1})), {26: None}),
    "absurd position": (frame(hover(27, position={"line": 10**30, "character": 0})), {27: -32602}),
    "nested 100,000 deep": (
        frame(b'{"jsonrpc":"2.0","id":28,"method":"x","params":' + b"[" * 10**5 + b"]" * 10**5 + b"}"),
        {28: -32700},
    ),
    "nested 900 deep": (
        frame(b'{"jsonrpc":"2.0","id":29,"method":"textDocument/hover","params":' + DEEP + b"}"),
        {29: -32602},
    ),
    "parameters that look like a message": (
        frame(hover(30, extra={"jsonrpc": "2.0", "id": 99, "error": {"code": "x"}})), {30: None}),
    "a reply that nobody asked for": (frame(b'{"jsonrpc":"2.0","id":31,"result":"hunter2"}'), {}),
    "an error that nobody asked for": (
        frame(b'{"jsonrpc":"2.0","id":null,"error":{"code":-1,"message":"hunter2"}}'), {}),
    "cancels of nothing": (
        frame(b'{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":77}}')
        + frame(b'{"jsonrpc":"2.0","method":"$/cancelRequest","params":"hunter2"}'), {}),
    "a body that is no object": (frame(b'"hunter2"') + frame(b"42") + frame(b""), {}),
    "a change of a document that is not open": (
        frame(b'{"jsonrpc":"2.0","method":"textDocument/didChange","params":{"textDocument":{"uri":"file:///x",'
              b'"version":2},"contentChanges":[{"text":"hunter2"}]}}'), {}),
    "an unknown command": (
        frame(b'{"jsonrpc":"2.0","id":32,"method":"workspace/executeCommand","params":{"command":"hunter2"}}'),
        {32: -32602}),
    "bad arguments of a command": (
        frame(b'{"jsonrpc":"2.0","id":33,"method":"workspace/executeCommand","params":'
              b'{"command":"lspDebugger.explain","arguments":[{"uri":["hunter2"]}]}}'), {33: -32602}),
    "a second initialize": (
        frame(b'{"jsonrpc":"2.0","id":34,"method":"initialize","params":{"processId":null,"capabilities":{}}}'),
        {34: -32600}),
    "random bytes": (bytes(range(256)) * 40, {}),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_it_answers_and_goes_on(abused: RawServer, name: str) -> None:
    data, answers = CASES[name]
    abused.raw(data)
    for request_id, code in answers.items():
        reply = abused.reply(request_id)
        assert SECRET not in json.dumps(reply)
        assert reply.get("error", {}).get("code") == code, reply
    assert "result" in abused.request("textDocument/hover", HOVER, f"after {name}")
    assert [each for each in abused.messages if "id" in each and "method" not in each] == []


def test_what_cannot_be_read_is_named_in_the_log_without_its_text(tmp_path: Path) -> None:
    with RawServer(env=private_environment(tmp_path), cwd=tmp_path) as server:
        server.initialize(tmp_path)
        server.send({"method": "initialized", "params": {}})
        server.raw(CASES["bad JSON"][0])
        assert server.reply(16)["error"]["code"] == -32700
        # The log is opened when the first question has made a session.
        server.request("textDocument/hover", HOVER, 1)
        assert wait_until(lambda: any(tmp_path.rglob("*.log")))
        server.request("shutdown", request_id=2)
        server.send({"method": "exit"})
        assert server.exit_code(20) == 0
    log = "".join(path.read_text("utf-8", "replace") for path in tmp_path.rglob("*.log"))
    assert "a message cannot be read" in log
    assert "textDocument/hover" not in log


def test_before_the_first_message(tmp_path: Path) -> None:
    with RawServer() as server:
        server.raw(b"\r\n\r\nhello\r\n" + frame(b"[]") + frame(b'{"jsonrpc":"2.0","method":"x/y"}'))
        assert server.request("textDocument/hover", HOVER)["error"]["code"] == -32002
        assert server.initialize(tmp_path)["capabilities"]


def test_busy_handlers_do_not_stop_the_input() -> None:
    """pygls reads through a pool of min(32, cores + 4) threads; more than that are busy here."""
    with RawServer(WITH_EXTRAS) as server:
        server.initialize()
        server.send(
            *({"id": number, "method": "test/busy", "params": {"seconds": 3}} for number in range(40))
        )
        assert "result" in server.request("textDocument/hover", HOVER, "hover")
        server.send({"method": "$/cancelRequest", "params": {"id": 7}})
        assert server.reply(7)["error"]["code"] == -32800
        server.send({"method": "exit"})


def test_nothing_but_the_protocol_uses_its_streams() -> None:
    with RawServer(WITH_EXTRAS) as server:
        server.initialize()
        assert server.request("test/print")["result"] == "''"  # and nothing was taken from our input
        assert "result" in server.request("textDocument/hover", HOVER, 2)
        assert [each for each in server.messages if "stray" in each] == []
        assert "a stray print" in server.stderr()
        assert "a stray write" in server.stderr()


def test_nothing_heavy_is_loaded_before_the_initialize_reply() -> None:
    with RawServer((sys.executable, "-X", "importtime", "-m", "lsp_debugger", "serve")) as server:
        server.initialize()
        # The interpreter names every module on stderr as it is imported.
        imported = {line.rpartition("|")[2].strip() for line in server.stderr().splitlines()}
        assert {"pygls.lsp.server", "lsp_debugger.server.handlers"} <= imported
        assert {name for name in imported if name.partition(".")[0] in HEAVY} == set()
        server.send({"method": "exit"})


def test_stderr_is_silent_in_an_orderly_session(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("import os\n")
    with RawServer() as server:
        server.initialize(tmp_path)
        server.send({"method": "initialized", "params": {}})
        uri = (tmp_path / "a.py").as_uri()
        document = {"uri": uri, "languageId": "python", "version": 1, "text": "import os\n"}
        server.send({"method": "textDocument/didOpen", "params": {"textDocument": document}})
        assert "result" in server.request("textDocument/hover", {**HOVER, "textDocument": {"uri": uri}})
        server.request("shutdown", request_id=2)
        server.send({"method": "exit"})
        assert server.exit_code(20) == 0
        assert server.stderr() == ""


def test_traces_go_to_the_client_that_asks() -> None:
    with RawServer() as server:
        server.initialize()
        server.send({"method": "$/setTrace", "params": {"value": "messages"}})
        server.request("textDocument/hover", {**HOVER, "secret": SECRET})
        assert wait_until(lambda: bool(server.of("$/logTrace")))
        said = [each["params"]["message"] for each in server.of("$/logTrace")]
        assert any(re.match(r"received request 1 textDocument/hover$", each) for each in said)
        assert SECRET not in str(said)
        server.send({"method": "exit"})
