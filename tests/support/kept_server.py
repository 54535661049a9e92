"""The real server with a willing editor at its other end, which keeps every byte that it was told."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from raw_server import RawServer, private_environment, wait_until

ANSWERS: dict[str, Any] = {
    "window/showDocument": {"success": True},
    "workspace/applyEdit": {"applied": True},
    "workspace/configuration": [None],
}
POPUPS = ("window/showMessage", "window/showMessageRequest")
STREAMING: dict[str, Any] = {
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
# The promise is two seconds; a loaded machine gets more before a test fails.
LEAVES_WITHIN_S = 10.0
# What an editor sent itself and gets back as it was, and what goes into the user's own files.
_RETURNED = ("diagnostics", "data", "arguments", "edit")


class KeptServer(RawServer):
    """Answers the server's requests as editors do. `told`: every message, in order.

    answers: by method, what the editor replies, or a function of the parameters. asks_user: set by a test in
    which the user gives a command that has to ask back; otherwise nothing may pop up.
    """

    asks_user = False

    def __init__(self, *, env: Mapping[str, str], cwd: Path | None = None) -> None:
        self.told: list[dict[str, Any]] = []
        self.answers: dict[str, Any] = dict(ANSWERS)
        self._ids = itertools.count(1000)
        super().__init__(env=env, cwd=cwd)

    def received(self, message: dict[str, Any]) -> None:
        self.told.append(message)
        method = message.get("method", "")
        if "id" in message and method:
            given = self.answers.get(method)
            result = given(message["params"]) if callable(given) else given
            self.send({"id": message["id"], "result": result})

    def ask(self, method: str, params: Any) -> Any:
        """The result. Fails on an error."""
        reply = self.request(method, params, next(self._ids))
        assert "result" in reply, reply
        return reply["result"]

    def command(self, name: str, *arguments: Any) -> Any:
        params = {"command": f"lspDebugger.{name}", "arguments": list(arguments)}
        return self.ask("workspace/executeCommand", params)

    def notify(self, method: str, params: Any) -> None:
        self.send({"method": method, "params": params})

    def start(self, root: Path, capabilities: Mapping[str, Any] = STREAMING, **params: Any) -> None:
        folders = [{"uri": root.as_uri(), "name": root.name}]
        self.initialize(root, workspaceFolders=folders, capabilities=dict(capabilities), **params)
        self.notify("initialized", {})

    def open(self, path: Path, text: str | None = None, language: str = "python") -> str:
        """The document's address."""
        given = path.read_text("utf-8") if text is None else text
        item = {"uri": path.as_uri(), "languageId": language, "version": 1, "text": given}
        self.notify("textDocument/didOpen", {"textDocument": item})
        return path.as_uri()

    def find(self, uri: str, found: Sequence[Mapping[str, Any]], version: int = 1) -> None:
        params = {"uri": uri, "version": version, "diagnostics": list(found), "complete": True}
        self.notify("lspDebugger/foreignDiagnostics", params)

    def hover(self, uri: str, line: int, character: int = 0) -> str:
        params = {"textDocument": {"uri": uri}, "position": {"line": line, "character": character}}
        shown = self.ask("textDocument/hover", params)
        return shown["contents"]["value"] if shown else ""

    def card(self, uri: str, line: int, character: int = 0) -> str:
        """The hover, once there is one: on a loaded machine that takes longer than an editor waits."""
        assert wait_until(lambda: bool(self.hover(uri, line, character)), 30)
        return self.hover(uri, line, character)

    def actions(self, uri: str, line: int, found: Sequence[Mapping[str, Any]] = ()) -> list[dict[str, Any]]:
        place = {"line": line, "character": 0}
        params = {
            "textDocument": {"uri": uri},
            "range": {"start": place, "end": place},
            "context": {"diagnostics": list(found), "triggerKind": 1},
        }
        return self.ask("textDocument/codeAction", params)

    def explain(self, uri: str, diagnostic: Mapping[str, Any], version: int = 1) -> dict[str, Any]:
        """Ask, and wait for the answer's end; returns the last command's answer: id, uri and text."""
        begun = self.command("explain", {"uri": uri, "version": version, "diagnostic": diagnostic})
        assert begun["id"], begun
        return self.finished(begun["id"])

    def finished(self, answer_id: str) -> dict[str, Any]:
        self.wait(
            lambda message: (
                message.get("method") == "lspDebugger/answerDelta"
                and message["params"]["id"] == answer_id
                and message["params"]["done"]
            )
        )
        return self.command("showAnswer", {"id": answer_id})

    def leave(self, within_s: float) -> None:
        assert "result" in self.request("shutdown", request_id="the end")
        self.notify("exit", None)
        assert self.exit_code(within_s) == 0

    def popups(self) -> list[dict[str, Any]]:
        return [message for message in self.told if message.get("method") in POPUPS]

    def told_text(self) -> str:
        """All that was streamed into answer documents."""
        deltas = [each for each in self.told if each.get("method") == "lspDebugger/answerDelta"]
        return "".join(each["params"]["text"] for each in deltas)

    def shown(self) -> bytes:
        """Everything that was told but what an editor gets back as it sent it, and edits."""
        return json.dumps([_without_returned(message) for message in self.told], ensure_ascii=False).encode()


@contextmanager
def served(
    directory: Path, settings: str = "", *, env: Mapping[str, str] | None = None, **params: Any
) -> Iterator[KeptServer]:
    """A server in `directory`/project whose user has these settings.

    It never pops up, writes no traceback, and leaves when it is told to. env: on top of a private one.
    params: of `initialize`.
    """
    root = directory / "project"
    root.mkdir(exist_ok=True)
    environment = {**private_environment(directory / "home"), **(env or {})}
    file = Path(environment["XDG_CONFIG_HOME"], "lsp-debugger", "config.toml")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(settings, "utf-8")
    with KeptServer(env=environment, cwd=root) as server:
        server.start(root, **params)
        yield server
        assert server.asks_user or server.popups() == []
        assert "Traceback" not in server.stderr()
        server.leave(LEAVES_WITHIN_S)


def diagnostic(line: int, message: str, code: str = "F821", start: int = 0, end: int = 200) -> dict[str, Any]:
    places = {"start": {"line": line, "character": start}, "end": {"line": line, "character": end}}
    return {"range": places, "message": message, "code": code, "source": "Ruff", "severity": 1}


def _without_returned(value: Any) -> Any:
    if isinstance(value, dict):
        is_action = "title" in value and ("kind" in value or "command" in value)
        hidden = _RETURNED if is_action else ()
        return {name: _without_returned(each) for name, each in value.items() if name not in hidden}
    return [_without_returned(each) for each in value] if isinstance(value, list) else value
