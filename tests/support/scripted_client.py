"""A client in the test's own loop: the real server and protocol, a scripted session, no pipes."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scripted_editor import ScriptedPipeline, until

from lsp_debugger.config import Settings
from lsp_debugger.core.ask import Place, Problem
from lsp_debugger.core.events import Phase
from lsp_debugger.core.text import Snapshot
from lsp_debugger.fixing import Candidate, Fixes
from lsp_debugger.server.app import DebuggerServer, create_server
from lsp_debugger.server.framing import Frame, FrameParser
from lsp_debugger.state import State
from lsp_debugger.verify.reduction import Reduced
from lsp_debugger.verify.verdict import Verdict
from lsp_debugger.wiring.callers import Callers

RECORDED = Path(__file__).resolve().parent.parent / "data" / "client_capabilities"
NAMES = sorted(path.stem for path in RECORDED.glob("*.json"))
URI = "file:///w/a.py"


def recorded(name: str) -> dict[str, Any]:
    return json.loads((RECORDED / f"{name}.json").read_text("utf-8"))


@dataclass
class ScriptedWorkspace:
    files: dict[str, str] = field(default_factory=dict)

    def read(self, path: str) -> Snapshot | None:
        text = self.files.get(path)
        return Snapshot(f"file://{path}", text, None, path, "python") if text is not None else None

    def on_disk(self, path: str) -> Snapshot | None:
        return self.read(path)

    def root_of(self, path: str | None) -> Path | None:
        return Path(path).parent if path is not None else None


@dataclass(eq=False)
class ScriptedTests:
    """test: the one that is found at every place. reduced: what becomes of it, once `hold` lets it."""

    test: tuple[Path, str] | None = None
    made: Reduced | str = "the test passes"
    hold: asyncio.Event | None = None

    def test_of(self, *_asked: object) -> tuple[Path, str] | None:
        return self.test

    async def reduced(self, _path: Path, _name: str, _limit_s: float) -> Reduced | str:
        if self.hold is not None:
            await self.hold.wait()
        return self.made


@dataclass(eq=False)
class ScriptedRepairs:
    """Answers with `found`, once `hold` lets it. asked: the arguments of each question."""

    found: Fixes = field(default_factory=Fixes)
    hold: asyncio.Event | None = None
    tests: ScriptedTests = field(default_factory=ScriptedTests)
    used_by: Callers = field(default_factory=Callers)
    asked: list[tuple[Any, ...]] = field(default_factory=list)

    async def fixes(self, *asked: Any) -> AsyncGenerator[Phase | Fixes, None]:
        self.asked.append(asked)
        yield Phase("asking for a fix")
        if self.hold is not None:
            await self.hold.wait()
        yield self.found

    async def callers(self, _candidate: Candidate, _root: Path, _wait_s: float) -> Callers:
        return self.used_by

    async def fixes_of_all(self, *asked: Any) -> AsyncGenerator[Phase | Fixes, None]:
        async for step in self.fixes(*asked):
            yield step


@dataclass(eq=False)
class ScriptedSession:
    """What the handlers use of a session; `told` is what it was told, in order."""

    state: State
    pipeline: ScriptedPipeline = field(default_factory=ScriptedPipeline)
    repairs: ScriptedRepairs = field(default_factory=ScriptedRepairs)
    settings: Settings = field(default_factory=Settings)
    workspace: ScriptedWorkspace = field(default_factory=ScriptedWorkspace)
    roots: Sequence[Path] = ()
    editor: Mapping[str, Any] | None = None
    is_prepared: bool = True
    remote_name: str = ""
    watches: bool = False
    no_model: str | None = None
    told: list[tuple[Any, ...]] = field(default_factory=list)
    elsewhere: Callable[[Problem], Sequence[Place]] = lambda _: ()
    on_progress: Callable[[Path, str, int, int], None] = lambda *_: None

    def opened(self, snapshot: Snapshot) -> None:
        self.told.append(("opened", snapshot.uri, snapshot.text))

    def changed(self, snapshot: Snapshot) -> None:
        self.told.append(("changed", snapshot.uri, snapshot.text))

    def saved(self, snapshot: Snapshot) -> None:
        self.told.append(("saved", snapshot.uri))

    def closed(self, uri: str) -> None:
        self.told.append(("closed", uri))

    def files_changed(self, changes: list[tuple[str, str]]) -> None:
        self.told.append(("files", *changes))

    def watch_files(self) -> None:
        self.watches = True

    def roots_changed(self, roots: Sequence[Path]) -> None:
        self.told.append(("roots", *map(str, roots)))

    def problem_seen(self) -> None:
        self.told.append(("problem seen",))

    def why_no_model(self) -> str | None:
        return self.no_model

    def look_for_model(self) -> None:
        self.told.append(("look for a model",))

    def index_watched_by(self, on_progress: Callable[[Path, str, int, int], None]) -> None:
        self.on_progress = on_progress

    def put_off_index(self, root: Path) -> None:
        self.told.append(("index put off", root))

    def findings_known_by(self, elsewhere: Callable[[Problem], Sequence[Place]]) -> None:
        self.elsewhere = elsewhere

    def masked(self, text: str) -> str:
        return text.replace("hunter2!", "<SECRET_1:assigned>") if self.is_prepared else ""

    def fix_fared(self, outcome: str, verdict: Verdict, after_s: int, kept: float) -> None:
        self.told.append(("fix", outcome, verdict.is_complete, after_s, kept))

    async def without_secrets(self, text: str) -> str:
        return text.replace("hunter2!", "<SECRET_1:assigned>")

    async def status(self) -> dict[str, str]:
        return {"backend": "none"}

    async def aclose(self) -> None:
        self.told.append(("closed session",))

    def told_of(self, what: str) -> list[tuple[Any, ...]]:
        return [each for each in self.told if each[0] == what]


class Client:
    """Sends JSON to the server and keeps all that comes back.

    replies: by method, what the client answers to requests of the server's, or a function of the
    parameters. NEVER is no answer at all, an exception a refusal.
    """

    NEVER = object()

    def __init__(
        self, directory: Path, capabilities: dict[str, Any] | None = None, **initialize: Any
    ) -> None:
        self.session = ScriptedSession(State(directory))
        self.sessions: list[ScriptedSession] = []
        self.messages: list[dict[str, Any]] = []
        self.replies: dict[str, Any] = {
            "window/showDocument": {"success": True},
            "workspace/configuration": [None],
        }
        self.server: DebuggerServer = create_server(self._open_session)
        self._initialize = {
            "processId": None,
            "rootUri": None,
            "capabilities": capabilities or {},
            **initialize,
        }
        self._ids = itertools.count(1)
        self._parser = FrameParser()
        self.server.protocol.set_writer(self)  # pyright: ignore[reportArgumentType]

    async def start(self) -> dict[str, Any]:
        """initialize, initialized, and the session open."""
        result = await self.request("initialize", self._initialize)
        self.notify("initialized", {})
        await until(lambda: self.sessions and self.server.answers.directory)
        return result

    async def close(self) -> None:
        await self.server.jobs.aclose()
        leftover = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in leftover:
            task.cancel()
        await asyncio.gather(*leftover, return_exceptions=True)

    def write(self, data: bytes) -> None:
        for frame in self._parser.feed(data):
            assert isinstance(frame, Frame)
            message = frame.value
            self.messages.append(message)
            if "method" in message and "id" in message:
                self._reply(message)

    def notify(self, method: str, params: Any) -> None:
        self.server.protocol.handle_message({"jsonrpc": "2.0", "method": method, "params": params})

    async def request(self, method: str, params: Any) -> Any:
        """The result. Raises AssertionError with the error when there is one."""
        reply = await self.reply_to(method, params)
        assert "error" not in reply, reply["error"]
        return reply["result"]

    async def reply_to(self, method: str, params: Any) -> dict[str, Any]:
        request_id = next(self._ids)
        self.server.protocol.handle_message(
            {"jsonrpc": "2.0", "id": request_id, "method": method, "params": params}
        )

        def found() -> dict[str, Any] | None:
            matching = (
                each for each in self.messages if each.get("id") == request_id and "method" not in each
            )
            return next(matching, None)

        await until(found)
        reply = found()
        assert reply is not None
        return reply

    async def command(self, name: str, *arguments: Any) -> Any:
        params = {"command": f"lspDebugger.{name}", "arguments": list(arguments)}
        return await self.request("workspace/executeCommand", params)

    def open(self, text: str, uri: str = URI, version: int = 1, language_id: str = "python") -> None:
        item = {"uri": uri, "languageId": language_id, "version": version, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})

    def change(self, text: str, version: int, uri: str = URI) -> None:
        document = {"uri": uri, "version": version}
        self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": text}]})

    def find(self, *diagnostics: dict[str, Any], uri: str = URI, **rest: Any) -> None:
        params = {"uri": uri, "version": 1, "diagnostics": list(diagnostics), "complete": True, **rest}
        self.notify("lspDebugger/foreignDiagnostics", params)

    async def actions(
        self, line: int, character: int = 0, uri: str = URI, **context: Any
    ) -> list[dict[str, Any]]:
        place = {"line": line, "character": character}
        params = {
            "textDocument": {"uri": uri},
            "range": {"start": place, "end": place},
            "context": {"diagnostics": [], **context},
        }
        return await self.request("textDocument/codeAction", params)

    async def hover(self, line: int, character: int, uri: str = URI) -> Any:
        params = {"textDocument": {"uri": uri}, "position": {"line": line, "character": character}}
        return await self.request("textDocument/hover", params)

    def sent(self, method: str) -> list[dict[str, Any]]:
        """Parameters of the server's own requests and notifications."""
        return [each.get("params") for each in self.messages if each.get("method") == method]

    def progress(self) -> list[tuple[Any, ...]]:
        values = [(each["token"], each["value"]) for each in self.sent("$/progress")]
        return [(token, value["kind"], value.get("title") or value.get("message")) for token, value in values]

    def _open_session(self, roots: Sequence[Path], editor: Mapping[str, Any] | None) -> Any:
        session = self.session
        if self.sessions:
            session = ScriptedSession(self.session.state)
        session.roots, session.editor = roots, editor
        self.sessions.append(session)
        return session

    def _reply(self, message: dict[str, Any]) -> None:
        given = self.replies.get(message["method"])
        answer = given(message["params"]) if isinstance(given, Callable) else given
        if answer is self.NEVER:
            return
        outcome = (
            {"error": {"code": -32803, "message": "no"}}
            if isinstance(answer, Exception)
            else {"result": answer}
        )
        reply = {"jsonrpc": "2.0", "id": message["id"], **outcome}
        asyncio.get_running_loop().call_soon(self.server.protocol.handle_message, reply)


def diagnostic(line: int, start: int, end: int, code: str | None = "F401", **rest: Any) -> dict[str, Any]:
    places = {"start": {"line": line, "character": start}, "end": {"line": line, "character": end}}
    given = {"range": places, "message": f"about {code}", "source": "ruff", "severity": 2, **rest}
    return {**given, "code": code} if code is not None else given
