"""The server over its two pipes: every message gets an answer or a log line, and none a popup."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.feature_manager import is_thread_function
from pygls.protocol import JsonRPCProtocol, LanguageServerProtocol

from lsp_debugger.core.errors import PolicyInvalid
from lsp_debugger.server.app import DebuggerServer, SessionFactory, create_server
from lsp_debugger.server.protocol import DebuggerProtocol
from lsp_debugger.server.wire import Wire

SECRET = "hunter2"
NOWHERE = {"textDocument": {"uri": "file:///w/a.py"}, "position": {"line": 0, "character": 0}}
HOVER = {"id": 1, "method": "textDocument/hover", "params": NOWHERE}


class Opened:
    """A session that was opened: what the server asks of one."""

    def __init__(self, roots: Sequence[Path], editor: Mapping[str, Any] | None) -> None:
        self.roots, self.editor = roots, editor
        self.closed = 0

    async def aclose(self) -> None:
        self.closed += 1


def make(session_factory: Any = Opened) -> DebuggerServer:
    """A server with one feature of each kind."""
    server = DebuggerServer(cast("SessionFactory", session_factory))

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def hover(params: types.HoverParams) -> types.Hover:
        return types.Hover(f"at {params.position.line}")

    @server.feature("test/echo")
    def echo(params: Any) -> Any:
        return params

    @server.feature("test/raise")
    def fail(params: dict[str, Any]) -> None:
        raise {"stop": StopIteration, "policy": PolicyInvalid}.get(params["kind"], ValueError)(SECRET)

    @server.feature("test/raiseLater")
    async def fail_later(params: Any) -> None:
        await asyncio.sleep(0)
        raise ValueError(SECRET)

    @server.feature("test/object")
    def unserialisable(params: Any) -> Any:
        return {"set": {SECRET}} if params else float("nan")

    return server


@pytest.fixture(autouse=True)
def _nothing_of_the_users_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Holds for every test in this file, at every level."""
    caplog.set_level(logging.DEBUG)
    yield
    assert SECRET not in "\n".join(f"{each.getMessage()} {each.exc_info}" for each in caplog.records)


@pytest.fixture
def peer(serve: Callable[[DebuggerServer], Any]) -> Iterator[Any]:
    peer = serve(make())
    yield peer
    assert [each for each in peer.messages if each.get("method") == "window/showMessage"] == []


@pytest.fixture
def ready(peer: Any) -> Any:
    peer.initialize()
    return peer


def error_of(reply: dict[str, Any]) -> int:
    assert SECRET not in str(reply)
    assert reply["error"]["message"]
    return reply["error"]["code"]


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (["utf-8", "utf-16"], "utf-8"),
        (["utf-32", "utf-8", "utf-16"], "utf-32"),
        (["utf-7", "utf-32"], "utf-32"),
        (["utf-7"], "utf-16"),
        ([], "utf-16"),
        (None, "utf-16"),
    ],
)
def test_the_first_encoding_that_we_know(peer: Any, offered: list[str] | None, chosen: str) -> None:
    general = {} if offered is None else {"general": {"positionEncodings": offered}}
    result = peer.initialize(capabilities=general)
    assert result["capabilities"]["positionEncoding"] == chosen
    assert peer.server.encoding == chosen
    assert result["serverInfo"]["name"] == "lsp-debugger"


def test_requests_before_initialize_are_refused_and_notifications_dropped(peer: Any) -> None:
    peer.send({"method": "initialized", "params": {}})
    assert error_of(peer.request("textDocument/hover", NOWHERE)) == -32002
    assert peer.initialize()["capabilities"]


def test_initialize_comes_once(ready: Any) -> None:
    assert error_of(ready.request("initialize", {"processId": None, "capabilities": {}})) == -32600


def test_bad_initialize_parameters_can_be_corrected(peer: Any) -> None:
    assert error_of(peer.request("initialize", {"processId": SECRET, "capabilities": {}})) == -32602
    assert peer.initialize()["capabilities"]


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("test/unknown", {}, -32601),
        ("$/unknown", {}, -32601),
        ("odd\n" + SECRET, {}, -32601),
        ("textDocument/hover", SECRET, -32602),
        ("textDocument/hover", [SECRET], -32602),
        ("textDocument/hover", None, -32602),
        ("textDocument/hover", {"textDocument": {"uri": 5}, "position": SECRET}, -32602),
        ("textDocument/hover", {**NOWHERE, "position": {"line": -1, "character": 0}}, -32602),
        ("textDocument/hover", {**NOWHERE, "position": {"line": 2**40, "character": 0}}, -32602),
        ("workspace/executeCommand", {"command": SECRET}, -32602),
        ("test/raise", {"kind": "value"}, -32603),
        ("test/raise", {"kind": "stop"}, -32603),
        ("test/raise", {}, -32603),
        ("test/raiseLater", {}, -32603),
        ("test/object", {"x": 1}, -32603),
        ("test/object", None, -32603),
    ],
)
def test_what_goes_wrong_is_answered(ready: Any, method: str, params: Any, code: int) -> None:
    assert error_of(ready.request(method, params)) == code
    assert ready.request("textDocument/hover", NOWHERE, 2)["result"] == {"contents": "at 0"}


def test_an_error_of_ours_brings_its_hint(serve: Callable[[DebuggerServer], Any]) -> None:
    server = make()

    @server.feature("test/policy")
    async def policy(params: Any) -> None:
        raise PolicyInvalid("unknown key `clases`", hint="did you mean `classes`?")

    peer = serve(server)
    peer.initialize()
    assert peer.request("test/policy")["error"] == {
        "code": -32803,
        "message": "unknown key `clases`",
        "data": {"kind": "policy-invalid", "hint": "did you mean `classes`?"},
    }


@pytest.mark.parametrize(
    ("body", "answers"),
    [
        (b'{"id":7,"method":"textDocument/hover"}', {7: -32600}),
        (b'{"jsonrpc":"1.0","id":7,"method":"textDocument/hover"}', {7: -32600}),
        (b'{"jsonrpc":"2.0","id":7,"method":5}', {7: -32600}),
        (b'{"jsonrpc":"2.0","id":7}', {7: -32600}),
        (b'{"jsonrpc":"2.0","id":null,"method":"test/echo"}', {}),
        (b'{"jsonrpc":"2.0","id":1.5,"method":"test/echo"}', {}),
        (b'{"jsonrpc":"2.0","id":true,"method":"test/echo"}', {}),
        (b'{"jsonrpc":"2.0","id":{"id":3},"method":"test/echo"}', {}),
        (b'{"jsonrpc":"2.0","id":7,"result":5}', {}),
        (b'{"jsonrpc":"2.0","id":null,"error":{"code":1,"message":"m"}}', {}),
        (b'{"jsonrpc":"2.0","method":"test/nobody","params":[]}', {}),
        (b'{"jsonrpc":"2.0","method":"textDocument/didOpen","params":5}', {}),
        (b"{}", {}),
        (b"[]", {}),
        (b'[{"jsonrpc":"2.0","id":7,"method":"test/echo"},5,{"id":"s","method":"m"},{"id":9,"result":1}]',
         {7: -32600, "s": -32600}),
        (b'{"jsonrpc":"2.0","id":7,"method":"textDocument/hover",', {7: -32700}),
        (b'{"jsonrpc":"2.0","id":7,"method":"x","params":' + b"[" * 10**5 + b"]" * 10**5 + b"}", {7: -32700}),
        (b'{"jsonrpc":"2.0","id":7,"method":"textDocument/hover","params":' + b"[" * 900 + b"]" * 900 + b"}",
         {7: -32602}),
        (b'{"jsonrpc":"2.0","id":7,"method":"x","params":"\xff"}', {7: -32700}),
    ],
)  # fmt: skip
def test_malformed_messages(ready: Any, body: bytes, answers: dict[int | str, int]) -> None:
    ready.raw(b"Content-Length: %d\r\n\r\n" % len(body) + body)
    ready.request("textDocument/hover", NOWHERE, "after")
    assert {each["id"]: error_of(each) for each in ready.messages} == answers


def test_params_that_look_like_messages_arrive_as_they_are(ready: Any) -> None:
    params = {"log": [{"jsonrpc": "2.0", "id": 1, "method": "x", "error": {"code": None}}], "\ud83d": "😀"}
    assert ready.request("test/echo", params)["result"] == params


def test_a_cancel_reaches_the_handler(serve: Callable[[DebuggerServer], Any]) -> None:
    """Also through a command, where pygls' own dispatch would cancel only the outer half."""
    server, seen = make(), list[str]()
    begun = threading.Semaphore(0)

    async def forever(name: str) -> None:
        begun.release()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            seen.append(name)
            raise

    @server.feature("test/wait")
    async def wait(params: Any) -> None:
        await forever("feature")

    @server.command("wait")
    async def wait_as_command() -> None:
        await forever("command")

    peer = serve(server)
    peer.initialize()
    command = {"command": "wait"}
    peer.send(
        {"id": 1, "method": "test/wait"}, {"id": 2, "method": "workspace/executeCommand", "params": command}
    )
    assert begun.acquire(timeout=20)
    assert begun.acquire(timeout=20)
    for request_id in (2, 1, 99, SECRET):
        peer.send({"method": "$/cancelRequest", "params": {"id": request_id}})
    peer.send({"method": "$/cancelRequest", "params": SECRET}, {"method": "$/cancelRequest"})
    assert error_of(peer.reply(2)) == -32800
    assert error_of(peer.reply(1)) == -32800
    assert seen == ["command", "feature"]


def test_a_late_reply_to_a_cancelled_request_of_ours_is_dropped(
    serve: Callable[[DebuggerServer], Any], caplog: pytest.LogCaptureFixture
) -> None:
    server = make()

    @server.feature("test/ask")
    async def ask(params: Any) -> Any:
        shown = await server.window_show_document_async(types.ShowDocumentParams(uri="file:///w/a.md"))
        return shown.success

    peer = serve(server)
    peer.initialize()
    peer.send({"id": 1, "method": "test/ask"})
    asked = peer.wait(lambda message: message.get("method") == "window/showDocument")
    peer.send({"method": "$/cancelRequest", "params": {"id": 1}})
    assert error_of(peer.reply(1)) == -32800
    peer.send({"id": asked["id"], "result": {"success": True}})
    peer.send({"id": 2, "method": "test/ask"})
    asked = peer.wait(lambda message: message.get("method") == "window/showDocument")
    peer.send({"id": asked["id"], "result": {"success": True}})
    assert peer.reply(2)["result"] is True
    assert [each for each in caplog.records if each.levelno >= logging.WARNING] == []
    assert not server.protocol._request_futures
    assert not server.protocol._result_types


@pytest.mark.parametrize(
    ("reply", "heard"),
    [
        ({"result": {"success": False}}, "False"),
        ({"result": {"success": False}, "error": None}, "False"),
        ({"error": {"code": -32603, "message": SECRET}}, "JsonRpcInternalError"),
        ({"error": SECRET}, "JsonRpcException"),
        ({"result": [SECRET]}, "JsonRpcException"),
        ({"result": None}, "JsonRpcException"),
    ],
)
def test_whatever_the_client_replies(
    serve: Callable[[DebuggerServer], Any], reply: dict[str, Any], heard: str
) -> None:
    server = make()

    @server.feature("test/ask")
    async def ask(params: Any) -> str:
        try:
            shown = await server.window_show_document_async(types.ShowDocumentParams(uri="file:///w/a.md"))
        except JsonRpcException as error:
            return type(error).__name__
        return str(shown.success)

    peer = serve(server)
    peer.initialize()
    peer.send({"id": 1, "method": "test/ask"})
    asked = peer.wait(lambda message: message.get("method") == "window/showDocument")
    peer.send({"id": asked["id"], **reply})
    assert peer.reply(1)["result"] == heard


def test_a_request_that_cannot_be_sent_is_not_waited_for(serve: Callable[[DebuggerServer], Any]) -> None:
    server = make()

    @server.feature("test/ask")
    async def ask(params: Any) -> str:
        try:
            await server.protocol.send_request_async("test/odd", {SECRET})
        except AttributeError as error:
            return type(error).__name__
        return "sent"

    peer = serve(server)
    peer.initialize()
    assert peer.request("test/ask")["result"] == "AttributeError"


def test_a_request_sees_the_documents_as_they_were_when_it_was_sent(
    serve: Callable[[DebuggerServer], Any],
) -> None:
    server, text = make(), ["old"]

    @server.feature("test/change")
    def change(params: str) -> None:
        text[0] = params

    @server.feature("test/read")
    async def read(params: Any) -> str:
        return text[0]

    peer = serve(server)
    peer.initialize()
    peer.send(*({"id": n, "method": "test/read"} if n % 2 else {"method": "test/change", "params": f"v{n}"}
                for n in range(10)))  # fmt: skip
    assert [peer.reply(n)["result"] for n in (1, 3, 5, 7, 9)] == ["v0", "v2", "v4", "v6", "v8"]


def test_busy_threads_do_not_stop_input(serve: Callable[[DebuggerServer], Any]) -> None:
    """pygls reads through the pool that these fill; we do not."""
    server, go_on = make(), threading.Event()

    @server.feature("test/busy")
    @server.thread()
    def busy(params: Any) -> str:
        go_on.wait(20)
        return "done"

    peer = serve(server)
    peer.initialize()
    busy_ids = list(range(100, 150))
    peer.send(*({"id": number, "method": "test/busy"} for number in busy_ids))
    assert peer.request("textDocument/hover", NOWHERE)["result"] == {"contents": "at 0"}
    go_on.set()
    assert {peer.reply(number)["result"] for number in busy_ids} == {"done"}


def test_traces_tell_what_moves_and_no_text(ready: Any) -> None:
    ready.send({"method": "$/setTrace", "params": {"value": "messages"}})
    ready.request("test/echo", {"text": SECRET})
    ready.request("test/raise", {"kind": "value"}, 2)
    ready.send({"method": "$/setTrace", "params": {"value": "off"}})
    ready.request("test/echo", {}, 3)
    said = [each["params"]["message"] for each in ready.messages if each.get("method") == "$/logTrace"]
    assert said[0] == "received request 1 test/echo"
    assert said[1].startswith("answered request 1 test/echo after ")
    assert not any("request 3" in each for each in said)
    assert SECRET not in str(said)


def test_verbose_traces_bring_our_log_lines(ready: Any) -> None:
    ready.send({"method": "$/setTrace", "params": {"value": "verbose"}})
    ready.request("test/raise", {"kind": "value"}, 2)
    ready.send(
        {"method": "$/setTrace", "params": {"value": "off"}}, {"method": "$/setTrace", "params": {"value": 5}}
    )
    ready.request("test/echo", {}, 3)
    said = [each["params"]["message"] for each in ready.messages if each.get("method") == "$/logTrace"]
    assert any(each.startswith("request 2 test/raise failed: ValueError") for each in said)


def test_a_trace_value_at_initialize_counts(peer: Any) -> None:
    peer.initialize(trace="messages")
    peer.request("test/echo", {})
    peer.send({"method": "$/setTrace", "params": {"value": "off"}})
    assert peer.wait(lambda message: message.get("method") == "$/logTrace")


def test_the_orderly_end(ready: Any) -> None:
    assert ready.request("shutdown")["result"] is None
    assert error_of(ready.request("textDocument/hover", NOWHERE)) == -32600
    ready.send({"method": "exit"})
    assert ready.wait_for_exit() == 0
    assert ready.endings >= 1


def test_exit_without_shutdown(ready: Any) -> None:
    ready.send({"method": "exit"})
    assert ready.wait_for_exit() == 1


def test_exit_before_initialize(peer: Any) -> None:
    peer.send({"method": "exit"})
    assert peer.wait_for_exit() == 1


def test_the_end_of_the_input(ready: Any) -> None:
    ready.hang_up()
    assert ready.wait_for_exit() == 1


def test_everything_at_once_and_the_end_of_the_input(peer: Any) -> None:
    peer.send(
        {"id": 1, "method": "initialize", "params": {"processId": None, "capabilities": {}}},
        {"id": 2, "method": "textDocument/hover", "params": NOWHERE},
        {"id": 3, "method": "shutdown"},
        {"method": "exit"},
    )
    peer.hang_up()
    assert peer.wait_for_exit() == 0
    assert peer.reply(3)["result"] is None


def test_shutdown_cancels_what_runs_and_not_itself(serve: Callable[[DebuggerServer], Any]) -> None:
    server = make()

    @server.feature("test/wait")
    async def wait(params: Any) -> None:
        await asyncio.Event().wait()

    @server.feature(types.SHUTDOWN)
    async def closing(params: Any) -> None:
        await asyncio.sleep(0)

    peer = serve(server)
    peer.initialize()
    peer.send({"id": 1, "method": "test/wait"}, {"id": 2, "method": "shutdown"})
    assert error_of(peer.reply(1)) == -32800
    assert peer.reply(2)["result"] is None


def test_handlers_of_exit_run_first(serve: Callable[[DebuggerServer], Any]) -> None:
    server, seen = make(), list[str]()

    @server.feature(types.EXIT)
    async def leaving(params: Any) -> None:
        await asyncio.sleep(0)
        seen.append("exit")

    peer = serve(server)
    peer.send({"method": "exit"})
    peer.wait_for_exit()
    assert seen == ["exit"]


def test_sessions_are_opened_replaced_and_closed(serve: Callable[[DebuggerServer], Any]) -> None:
    server, opened = make(), list[Opened]()

    @server.feature("test/open")
    async def open_one(params: Any) -> None:
        opened.append(cast("Opened", await server.open_session([Path("/w")], {"a": 1})))

    peer = serve(server)
    peer.initialize()
    peer.request("test/open")
    peer.request("test/open")
    assert [(each.roots, each.editor, each.closed) for each in opened] == [
        ([Path("/w")], {"a": 1}, 1),
        ([Path("/w")], {"a": 1}, 0),
    ]
    peer.hang_up()
    peer.wait_for_exit()
    assert [each.closed for each in opened] == [1, 1]


@pytest.mark.parametrize("way", ["hangs", "fails"])
def test_a_session_that_does_not_close_does_not_keep_us(
    serve: Callable[[DebuggerServer], Any], way: str, caplog: pytest.LogCaptureFixture
) -> None:
    class Stuck(Opened):
        async def aclose(self) -> None:
            if way == "fails":
                raise ValueError(SECRET)
            await asyncio.Event().wait()

    server = make(Stuck)

    @server.feature("test/open")
    async def open_one(params: Any) -> None:
        await server.open_session([], None)

    peer = serve(server)
    peer.initialize()
    peer.request("test/open")
    peer.send({"method": "exit"})
    assert peer.wait_for_exit() == 1
    assert "closing" in caplog.text


def test_the_clients_process_is_watched(ready: Any, serve: Callable[[DebuggerServer], Any]) -> None:
    """One that is gone already was never to be seen, so it is none of our business."""
    other = serve(make())
    other.initialize(processId=2**22 + 1)
    assert other.request("test/echo", 5)["result"] == 5


def test_what_a_lost_task_raised_is_logged_without_its_words(
    serve: Callable[[DebuggerServer], Any], caplog: pytest.LogCaptureFixture
) -> None:
    server = make()

    @server.feature("test/lose")
    async def lose(params: Any) -> None:
        def raise_it() -> None:
            raise ValueError(SECRET)

        asyncio.get_running_loop().call_soon(raise_it)

    peer = serve(server)
    peer.initialize()
    peer.request("test/lose")
    peer.request("test/echo", 2)
    assert "lost: ValueError" in caplog.text


def test_pygls_says_nothing_of_what_we_send(
    serve: Callable[[DebuggerServer], Any], caplog: pytest.LogCaptureFixture
) -> None:
    logging.getLogger("pygls").setLevel(logging.NOTSET)
    server = make()

    @server.feature("test/tell")
    async def tell(params: Any) -> None:
        server.protocol.notify("test/told", {"text": SECRET})
        server.protocol.send_request("test/asked", {"text": SECRET})

    peer = serve(server)
    peer.initialize()
    peer.request("test/tell")
    assert peer.wait(lambda message: message.get("method") == "test/asked")
    assert [each for each in caplog.records if each.name.startswith("pygls")] == []


def test_pygls_reports_go_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    server = make()
    server._report_server_error(ValueError(SECRET), JsonRpcException)
    assert "pygls reports ValueError" in caplog.text


def test_no_handler_of_ours_runs_in_a_thread_of_the_pool() -> None:
    """A thread runs to its end whatever the client says."""
    manager = create_server(cast("SessionFactory", Opened)).protocol.fm
    handlers = [*manager.features.values(), *manager.commands.values(), *manager.builtin_features.values()]
    assert len(handlers) > 20
    assert not any(map(is_thread_function, handlers))


def test_what_we_replace_in_pygls_is_still_there() -> None:
    """A new pygls that renames one of these would silently bring its own behaviour back."""
    for ours, theirs in ((Wire, JsonRPCProtocol), (DebuggerProtocol, LanguageServerProtocol)):
        replaced = {name for name in vars(ours) if hasattr(theirs, name) and not name.startswith("__")}
        assert replaced >= EXPECTED[ours]


EXPECTED: dict[type, set[str]] = {
    Wire: {"_send_response", "_send_data", "send_request", "_handle_response"},
    DebuggerProtocol: {"handle_message", "lsp_initialize", "lsp_shutdown", "lsp_exit", "lsp_set_trace"},
}
