"""The real program around servers that misbehave: what they do is what the client sees, and nothing else."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess  # noqa: TID251 - the real program, as an editor starts it
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from wrap_client import CHILD, WRAP, WrapClient, own_servers

URI = "file:///tmp/a.py"
AT_TOP = {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 1}}
FINDING = {"range": AT_TOP, "severity": 1, "source": "Ruff", "code": "F821", "message": "Undefined name `x`"}


def wrapped(*more: str, **env: str) -> WrapClient:
    return WrapClient([*WRAP, *CHILD, *more], env=env)


def test_what_a_child_sends_arrives_byte_for_byte() -> None:
    with WrapClient(CHILD) as direct, wrapped() as joined:
        for client in (direct, joined):
            client.initialize()
            for params in ({"a": "é漢👍\ud83d"}, [], None, {"method": "x", "id": 3, "result": 1}, 1e300):
                client.request("test/echo", params)
            client.request("test/flood", 3)
        plain = [frame.raw for frame in direct.received[1:]]
        assert [frame.raw for frame in joined.received[1:]] == plain
        assert len(plain) == 9


def test_what_a_client_sends_arrives_byte_for_byte(tmp_path: Path) -> None:
    capabilities = json.dumps(
        {"textDocumentSync": 2, "workspace": {"workspaceFolders": {"changeNotifications": True}}}
    )
    with wrapped(capabilities, str(tmp_path / "record")) as client:
        client.initialize()
        client.open(URI, "x = 1 # é漢👍\n")
        client.raw(
            b'Content-Length: 59\nX-Odd: 1\n\n{ "jsonrpc" :"2.0","method":"a/b" , "params":{"\\u00e9":1} }'
        )
        client.raw(b'content-length: 5\r\n\r\n{"a":')  # no JSON: the server's to judge, and it stops there
        client.process.wait(20)
        assert (tmp_path / "record").read_bytes() == b"".join(client.sent)


def test_our_own_messages_do_not_reach_the_child(tmp_path: Path) -> None:
    with wrapped("{}", str(tmp_path / "record")) as client:
        client.initialize()
        client.ours_is_ready()
        client.notify("lspDebugger/foreignDiagnostics", {"uri": URI, "diagnostics": []})
        client.open(URI, "x\n")  # a server without textDocumentSync is not told of documents
        assert client.leave() == 0
        heard = (tmp_path / "record").read_bytes()
        assert b"lspDebugger" not in heard.replace(b'"lspDebuggerX"', b"")
        assert b"didOpen" not in heard
        assert heard.count(b"Content-Length") == 4, "initialize, initialized, shutdown, exit"


@pytest.mark.thorough
def test_a_message_of_50_mb_passes_in_both_directions() -> None:
    with wrapped() as client:
        client.initialize()
        text = "漢" * (50 * 1024 * 1024 // 3)
        assert client.request("test/large", 50 * 1024 * 1024) == text
        client.open(URI, text)
        assert client.request("test/echo", text) == text
        assert client.request("test/echo", 1) == 1
        assert client.leave() == 0


def test_a_flood_arrives_in_order_also_at_a_client_that_is_slow() -> None:
    with wrapped() as client:
        client.initialize()
        number = client.ask("test/flood", 20_000)
        client.reply(number)
        drops = client.of("test/drop")
        assert [each["params"]["number"] for each in drops] == list(range(20_000))


def test_the_exit_code_passes(tmp_path: Path) -> None:
    with wrapped() as client:
        client.initialize()
        client.ask("test/exit", 77)
        assert client.process.wait(20) == 77


DYING = ("sh", "-c", "echo no licence here >&2; exit 9")


@pytest.mark.parametrize("commands", [DYING, (*DYING, "--", *CHILD), (*CHILD, "--", *DYING)])
def test_a_server_that_dies_at_its_start_is_seen_to(commands: tuple[str, ...]) -> None:
    with WrapClient([*WRAP, *commands]) as client:
        with contextlib.suppress(OSError):  # it may be gone by now
            client.ask("initialize", {"capabilities": {}})
        assert client.process.wait(20) == 9
        assert "no licence here\n" in client.stderr()
        assert "Traceback" not in client.stderr()


def test_a_server_that_never_begins_ends_with_its_client() -> None:
    with WrapClient([*WRAP, "sh", "-c", "cat > /dev/null; exit 4"]) as client:
        client.ask("initialize", {"capabilities": {}})
        time.sleep(0.2)
        assert client.messages == []
        assert client.process.stdin
        client.process.stdin.close()
        assert client.process.wait(20) == 4


def test_ours_asks_the_client_for_its_own_settings(tmp_path: Path) -> None:
    settings = {"workspace/configuration": [{"backend": "none"}]}
    command = [*WRAP, *CHILD, "--", *CHILD]
    with WrapClient(command, answers=settings, env={"XDG_CONFIG_HOME": str(tmp_path)}) as client:
        client.initialize(tmp_path, "vscode_1.139_client11")
        client.ours_is_ready()
        client.wait(lambda message: message.get("method") == "workspace/configuration")
        end = time.monotonic() + 20
        while "backend is none" not in (model := client.command("lspDebugger.status")["model"]):
            assert time.monotonic() < end, model
            time.sleep(0.02)
        ids = [each["id"] for each in client.asked]
        assert len(set(ids)) == len(ids)


def test_a_death_by_signal_passes() -> None:
    with wrapped() as client:
        client.initialize()
        client.ask("test/signal", int(signal.SIGSEGV))
        assert client.process.wait(20) == -signal.SIGSEGV


def test_the_end_of_input_passes() -> None:
    with wrapped(CHILD_EOF_CODE="5") as client:
        client.initialize()
        assert client.process.stdin
        client.process.stdin.close()
        assert client.process.wait(20) == 5


def test_a_signal_passes() -> None:
    with wrapped() as client:
        client.initialize()
        client.process.terminate()
        assert client.process.wait(20) == -signal.SIGTERM


def test_standard_error_passes() -> None:
    with wrapped() as client:
        client.initialize()
        client.request("test/say", "an odd thing")
        assert client.stderr() == "an odd thing\n"


def test_what_is_no_message_passes_and_so_does_all_after_it() -> None:
    with wrapped() as client:
        client.initialize()
        client.ours_is_ready()
        client.ask("test/garbage")
        end = time.monotonic() + 20
        while b"jsonrpc" not in client.stray:
            assert time.monotonic() < end
            time.sleep(0.01)
        assert client.stray.startswith(b"what is this?\n\nContent-Type: application/vscode-jsonrpc")
        assert "what is no message" in client.stderr()


def test_a_message_that_ends_in_the_middle_passes_as_far_as_it_went() -> None:
    with wrapped() as client:
        client.initialize()
        client.ask("test/cut")
        assert client.process.wait(20) == 0
        client.close()
        assert client.stray == b"Content-Length: 100\r\n\r\n{"


def test_a_slow_child_delays_nothing_but_itself() -> None:
    with wrapped() as client:
        client.initialize()
        client.ours_is_ready()
        slow = client.ask("test/sleep", 3)
        assert client.command("lspDebugger.status")["policy"]
        assert slow not in [each.get("id") for each in client.messages]
        client.reply(slow)


@pytest.mark.parametrize("harm", [signal.SIGKILL, signal.SIGSTOP])
def test_whatever_becomes_of_ours_the_child_is_untouched(harm: signal.Signals) -> None:
    with wrapped(
        json.dumps({"hoverProvider": True, "codeActionProvider": True, "textDocumentSync": 2})
    ) as client:
        client.initialize()
        client.open(URI, "x\n")
        client.ours_is_ready()
        client.request("test/publish", {"uri": URI, "diagnostics": [FINDING]})
        (pid,) = own_servers(client)
        os.kill(pid, harm)
        hover = {"textDocument": {"uri": URI}, "position": {"line": 0, "character": 0}}
        began = time.monotonic()
        assert client.request("textDocument/hover", hover)["contents"]["value"] == "**child** é 👍"
        listing = {"textDocument": {"uri": URI}, "range": AT_TOP, "context": {"diagnostics": []}}
        assert client.request("textDocument/codeAction", listing) is None
        assert time.monotonic() - began < 5
        if harm == signal.SIGKILL:
            error = client.reply(client.ask("workspace/executeCommand", {"command": "lspDebugger.status"}))[
                "error"
            ]
            assert "lsp-debugger is not running" in error["message"]
            assert "its process has ended" in client.stderr()
        assert client.leave() == 0


def test_ours_is_gone_with_the_child() -> None:
    with wrapped() as client:
        client.initialize()
        client.ours_is_ready()
        (pid,) = own_servers(client)
        client.ask("test/exit", 3)
        assert client.process.wait(20) == 3
        assert not Path(f"/proc/{pid}").exists()


def test_the_children_are_gone_with_a_killed_wrap() -> None:
    with wrapped() as client:
        client.initialize()
        client.ours_is_ready()
        pids = [*own_servers(client), *_children(client.process.pid)]
        assert len(set(pids)) == 2
        client.process.kill()
        client.process.wait(20)
        end = time.monotonic() + 5
        while any(_runs(pid) for pid in pids):
            assert time.monotonic() < end, "they outlived us"
            time.sleep(0.02)


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ([], "needs the command of a language server"),
        (["basedpyright"], "needs the command of a language server"),
        (["--"], "needs the command of a language server"),
        (["--", "no-such-server-anywhere"], "there is no program no-such-server-anywhere"),
    ],
)
def test_a_wrong_command_line_is_one_line(args: list[str], words: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "lsp_debugger", "wrap", *args],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.returncode in (2, 3)
    assert (words in done.stderr, done.stdout, done.stderr.count("\n")) == (True, "", 1)


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [int(child) for task in tasks for child in (task / "children").read_text().split()]


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_file_in_place_of_a_pipe_is_refused(tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(b"")
    with (tmp_path / "in").open("rb") as stdin:
        done = subprocess.run([*WRAP, *CHILD], stdin=stdin, capture_output=True, check=False, timeout=30)
    assert done.returncode == 3
    assert b"wrap speaks over pipes" in done.stderr


def test_a_request_of_the_child_keeps_its_id_and_gets_its_answer() -> None:
    answer: dict[str, Any] = {"success": True}
    with wrapped() as client:
        client.initialize()
        for request_id in (1, "x", 0):
            given = {"id": request_id, "method": "window/showDocument", "params": {"uri": URI}}
            assert client.request("test/ask", given) == {"id": request_id, "result": answer}
        assert [each["id"] for each in client.asked if each["method"] == "window/showDocument"] == [1, "x", 0]
