"""Editors at the real process: recorded capabilities, an emulated LSP4IJ, and what each sends and answers."""

from __future__ import annotations

import asyncio
import copy
import json
import subprocess  # noqa: TID251 - runs the real tools, as an editor does
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lsprotocol import converters, types
from pygls.protocol import default_converter
from pytest_lsp import LanguageClient
from pytest_lsp.client import DEFAULT_CLIENT_FEATURES, register_lsp_features

RECORDED = Path(__file__).resolve().parent.parent / "data" / "client_capabilities"
WAIT_S = 30.0  # for what has to come; nothing depends on how long it takes
CONVERTER = converters.get_converter()

# Characters of every width stand before what is found, so that each encoding counts differently.
SOURCE = '''import os

名前 = "👍🏽 漢字"; print(名前, undefined_name)
円 = "👍"; 円周 = math.pi


def total(prices: list[int]) -> int:
    """👩‍👩‍👧 é"""
    return sum(prices) + "漢"
'''


@dataclass(frozen=True)
class Profile:
    """One kind of editor.

    fills_context: it sends other servers' findings with a code action request; the others' come by
    `lspDebugger/foreignDiagnostics`. asks: the contexts of its code action requests, without findings.
    """

    name: str
    capabilities: dict[str, Any]
    fills_context: bool = False
    asks: tuple[dict[str, Any], ...] = ({"triggerKind": 1},)

    @property
    def encoding(self) -> str:
        return self.capabilities.get("general", {}).get("positionEncodings", ["utf-16"])[0]

    @property
    def streams(self) -> bool:
        return "textDocumentContent" in self.capabilities["workspace"]

    @property
    def shows_documents(self) -> bool:
        return "showDocument" in self.capabilities.get("window", {})


def recorded(name: str) -> dict[str, Any]:
    return json.loads((RECORDED / f"{name}.json").read_text("utf-8"))


def _lsp4ij() -> Profile:
    """From its source: two shapes of code action request, no live documents, no notebooks."""
    capabilities = recorded("vscode_1.139_client9")
    del capabilities["notebookDocument"]
    shapes = ({"only": ["quickfix"], "triggerKind": 2}, {"triggerKind": 1})
    return Profile("lsp4ij", capabilities, asks=shapes)


def _in_encoding(encoding: str) -> Profile:
    capabilities = copy.deepcopy(recorded("neovim_0.12.4"))
    capabilities["general"]["positionEncodings"] = [encoding]
    return Profile(f"neovim in {encoding}", capabilities)


def _profiles() -> list[Profile]:
    recorded_ones = [
        Profile(path.stem, recorded(path.stem), fills_context=path.stem.startswith(("vscode", "helix")))
        for path in sorted(RECORDED.glob("*.json"))
    ]
    return [*recorded_ones, _lsp4ij()]


PROFILES = _profiles()
ENCODINGS = [_in_encoding(encoding) for encoding in ("utf-8", "utf-16", "utf-32")]


def _client_converter() -> Any:
    converter = default_converter()
    # lsprotocol takes a code action with a command for a Command and writes that command into its name.
    either = types.Command | types.CodeAction
    converter.register_structure_hook(
        either,
        lambda given, _: converter.structure(
            given, types.Command if isinstance(given.get("command"), str) else types.CodeAction
        ),
    )
    return converter


class Editor(LanguageClient):
    """A client that behaves as its profile says, and remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__(
            configuration={"": {"lspDebugger": {"backend": "none"}}}, converter_factory=_client_converter
        )
        self.profile = PROFILES[0]
        self.project = Path()
        self.asked: list[types.ShowMessageRequestParams] = []
        self.registered: list[types.Registration] = []
        self.read_again: dict[str, list[str]] = {}
        self.applied: list[types.ApplyWorkspaceEditParams] = []
        self.versions: dict[str, int] = {}
        register_lsp_features(self, {**DEFAULT_CLIENT_FEATURES, **_FEATURES})

    @property
    def uri(self) -> str:
        return (self.project / "näme 1.py").as_uri()

    def open(self, text: str = SOURCE, uri: str | None = None) -> None:
        item = types.TextDocumentItem(uri or self.uri, "python", 1, text)
        self.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def tell(self, found: list[types.Diagnostic], uri: str | None = None, version: int = 1) -> None:
        """As an editor package does; a client that fills the context has no need to."""
        if not self.profile.fills_context:
            listed = [CONVERTER.unstructure(each) for each in found]
            params = {"uri": uri or self.uri, "version": version, "diagnostics": listed, "complete": True}
            self.protocol.notify("lspDebugger/foreignDiagnostics", params)

    async def actions(
        self, place: types.Range, found: list[types.Diagnostic], ask: dict[str, Any] | None = None
    ) -> list[types.CodeAction]:
        given = found if self.profile.fills_context else []
        context = CONVERTER.structure(
            {"diagnostics": [], **(ask or self.profile.asks[0])}, types.CodeActionContext
        )
        context.diagnostics = [each for each in given if each.range.start.line == place.start.line]
        document = types.TextDocumentIdentifier(self.uri)
        listed = await self.text_document_code_action_async(types.CodeActionParams(document, place, context))
        return [each for each in listed or () if isinstance(each, types.CodeAction)]

    async def run(self, command: types.Command) -> Any:
        params = types.ExecuteCommandParams(command.command, command.arguments)
        return await self.workspace_execute_command_async(params)

    async def command(self, name: str, *arguments: Any) -> Any:
        return await self.run(
            types.Command(title=name, command=f"lspDebugger.{name}", arguments=list(arguments))
        )

    async def hover(self, position: types.Position) -> types.Hover | None:
        document = types.TextDocumentIdentifier(self.uri)
        return await self.text_document_hover_async(types.HoverParams(document, position))

    def progress_of(self, kind: type) -> list[Any]:
        return [
            each for reports in self.progress_reports.values() for each in reports if isinstance(each, kind)
        ]


_FEATURES: dict[str, Callable[..., Any]] = {}


def _feature(method: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def keep(function: Callable[..., Any]) -> Callable[..., Any]:
        _FEATURES[method] = function
        return function

    return keep


@_feature(types.WORKSPACE_APPLY_EDIT)
def _apply_edit(client: Editor, params: types.ApplyWorkspaceEditParams) -> types.ApplyWorkspaceEditResult:
    client.applied.append(params)
    return types.ApplyWorkspaceEditResult(applied=True)


@_feature(types.WINDOW_SHOW_DOCUMENT)
async def _show_document(client: Editor, params: types.ShowDocumentParams) -> types.ShowDocumentResult:
    client.shown_documents.append(params)
    if client.profile.name == "lsp4ij" and params.selection is None:
        await asyncio.Event().wait()  # its handler fails and the request is never answered
    return types.ShowDocumentResult(success=True)


@_feature(types.WINDOW_SHOW_MESSAGE_REQUEST)
def _show_message_request(client: Editor, params: types.ShowMessageRequestParams) -> None:
    client.asked.append(params)


@_feature(types.CLIENT_REGISTER_CAPABILITY)
def _register(client: Editor, params: types.RegistrationParams) -> None:
    client.registered += params.registrations


@_feature(types.WORKSPACE_TEXT_DOCUMENT_CONTENT_REFRESH)
async def _refresh(client: Editor, params: types.TextDocumentContentRefreshParams) -> None:
    asyncio.get_running_loop().create_task(_read_again(client, params.uri))


async def _read_again(client: Editor, uri: str) -> None:
    result = await client.workspace_text_document_content_async(types.TextDocumentContentParams(uri))
    client.read_again.setdefault(uri, []).append(result.text)


@dataclass
class Tools:
    """What ruff and basedpyright really say about SOURCE; columns in code points."""

    found: list[tuple[str, str, str, int, int, int]] = field(default_factory=list)

    def diagnostics(self, encoding: str) -> list[types.Diagnostic]:
        lines = SOURCE.split("\n")

        def place(line: int, column: int) -> types.Position:
            return types.Position(line, units(lines[line][:column], encoding))

        return [
            types.Diagnostic(
                range=types.Range(place(line, start), place(line, end)),
                message=message,
                code=code,
                source=source,
                severity=types.DiagnosticSeverity.Error,
            )
            for source, code, message, line, start, end in self.found
        ]


def units(text: str, encoding: str) -> int:
    """How many code units of `encoding` the text takes."""
    if encoding == "utf-32":
        return len(text)
    return len(text.encode("utf-8")) if encoding == "utf-8" else len(text.encode("utf-16-le")) // 2


def code_points(line: str, utf16_units: int) -> int:
    return len(line.encode("utf-16-le")[: 2 * utf16_units].decode("utf-16-le"))


def _output(argv: list[str], directory: Path) -> Any:
    done = subprocess.run(argv, cwd=directory, capture_output=True, text=True, timeout=90, check=False)
    return json.loads(done.stdout)


def ruff(path: Path) -> list[tuple[str, str, str, int, int, int]]:
    program = str(Path(sys.executable).with_name("ruff"))
    listed = _output(
        [program, "check", "--isolated", "--no-cache", "--output-format", "json", str(path)], path.parent
    )
    return [
        (
            "ruff",
            each["code"],
            each["message"],
            each["location"]["row"] - 1,
            each["location"]["column"] - 1,
            each["end_location"]["column"] - 1,
        )
        for each in listed
        if each["location"]["row"] == each["end_location"]["row"]
    ]


def basedpyright(path: Path) -> list[tuple[str, str, str, int, int, int]]:
    program = str(Path(sys.executable).with_name("basedpyright"))
    lines = SOURCE.split("\n")
    listed = _output([program, "--outputjson", str(path)], path.parent)["generalDiagnostics"]
    return [
        (
            "basedpyright",
            each["rule"],
            each["message"],
            (line := each["range"]["start"]["line"]),
            code_points(lines[line], each["range"]["start"]["character"]),
            code_points(lines[line], each["range"]["end"]["character"]),
        )
        for each in listed
        if each["range"]["start"]["line"] == each["range"]["end"]["line"]
    ]


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(WAIT_S):
        while not condition():  # noqa: ASYNC110 - conditions are of things that set no event
            await asyncio.sleep(0.01)
