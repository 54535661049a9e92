"""What is announced for several servers, and that what we announce for ours is what it does."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from raw_server import RawServer
from wrap_client import recorded_capabilities

from lsp_debugger.wrap import capabilities
from lsp_debugger.wrap.peer import Peer

RECORDED = Path(__file__).resolve().parent.parent / "data" / "client_capabilities"
OURS = dict(capabilities.ours())
KINDS = ["quickfix", "quickfix.explain", "quickfix.fix"]


def merged(*servers: dict[str, Any]) -> dict[str, Any]:
    return capabilities.merged([*servers, OURS])


def peer(**announced: Any) -> Peer:
    return Peer(0, lambda _: None, announced)


@pytest.mark.parametrize("name", sorted(path.stem for path in RECORDED.glob("*.json")))
def test_what_is_announced_for_ours_is_what_it_announces(name: str) -> None:
    with RawServer() as server:
        announced = server.initialize(None, capabilities=recorded_capabilities(name))["capabilities"]
        server.request("shutdown", None, "bye")
        server.send({"method": "exit"})
    for key in ("codeActionProvider", "executeCommandProvider", "hoverProvider"):
        assert announced[key] == OURS[key]
    assert OURS["textDocumentSync"].items() <= announced["textDocumentSync"].items()
    assert announced["workspace"]["workspaceFolders"] == OURS["workspace"]["workspaceFolders"]


def test_a_server_that_can_nothing_can_what_ours_can() -> None:
    assert merged({}) == OURS


def test_what_we_do_not_have_stays_as_it_was_announced() -> None:
    given = {"completionProvider": {"triggerCharacters": ["."]}, "x": 1, "positionEncoding": "utf-8"}
    assert given.items() <= merged(copy.deepcopy(given)).items()


def test_what_is_switched_off_stays_off_unless_somebody_has_it() -> None:
    off = {"renameProvider": False, "hoverProvider": False}
    assert (merged(off)["renameProvider"], merged(off)["hoverProvider"]) == (False, True)


@pytest.mark.parametrize(
    ("theirs", "change", "save"),
    [
        (1, 1, {"includeText": False}),
        (2, 2, {"includeText": False}),
        (0, 2, {"includeText": False}),
        ({"openClose": True, "change": 1}, 1, {"includeText": False}),
        ({"openClose": True, "change": 2, "save": {"includeText": True}}, 2, {"includeText": True}),
        ({"openClose": True, "change": 2, "save": True}, 2, {"includeText": False}),
        (None, 2, {"includeText": False}),
    ],
)
def test_documents_are_synchronised_so_that_all_can_follow(theirs: Any, change: int, save: Any) -> None:
    together = merged({"textDocumentSync": theirs})["textDocumentSync"]
    assert (together["openClose"], together["change"], together["save"]) == (True, change, save)


@pytest.mark.parametrize(
    ("theirs", "kinds"),
    [
        (True, None),
        ({}, None),
        ({"codeActionKinds": ["source"]}, ["source", *KINDS]),
        (None, KINDS),
        (False, KINDS),
    ],
)
def test_kinds_of_actions_add_up_only_where_each_names_its_own(theirs: Any, kinds: list[str] | None) -> None:
    together = merged({"codeActionProvider": theirs})["codeActionProvider"]
    assert (together.get("codeActionKinds"), together["resolveProvider"]) == (kinds, True)


def test_commands_add_up() -> None:
    together = merged({"executeCommandProvider": {"commands": ["a"], "workDoneProgress": True}})
    assert together["executeCommandProvider"]["commands"] == [
        "a",
        *OURS["executeCommandProvider"]["commands"],
    ]
    assert together["executeCommandProvider"]["workDoneProgress"] is True


def test_options_of_the_workspace_add_up() -> None:
    theirs = {
        "workspace": {
            "workspaceFolders": {"supported": True, "changeNotifications": False},
            "fileOperations": {},
        }
    }
    assert merged(theirs)["workspace"]["workspaceFolders"] == {"supported": True, "changeNotifications": True}


@pytest.mark.parametrize(
    ("announced", "method", "wanted"),
    [
        ({"textDocumentSync": 2}, "textDocument/didOpen", True),
        ({"textDocumentSync": 0}, "textDocument/didOpen", False),
        ({}, "textDocument/didChange", False),
        ({"textDocumentSync": {"save": {}}}, "textDocument/didSave", True),
        ({"textDocumentSync": {"openClose": True}}, "textDocument/didOpen", True),
        ({"textDocumentSync": {"openClose": True}}, "textDocument/didChange", False),
        ({"textDocumentSync": {"openClose": True}}, "textDocument/didSave", False),
        ({"textDocumentSync": 1}, "textDocument/didSave", True),
        ({}, "workspace/didChangeWorkspaceFolders", False),
        ({}, "workspace/didChangeConfiguration", True),
        ({}, "$/setTrace", True),
        ({}, "workspace/didRenameFiles", False),
        ({"workspace": {"fileOperations": {"didRename": {"filters": []}}}}, "workspace/didRenameFiles", True),
    ],
)
def test_a_server_hears_what_it_would_hear_alone(announced: Any, method: str, wanted: bool) -> None:
    assert capabilities.wants(peer(**announced), method) is wanted


def test_what_a_server_registers_later_it_hears_too() -> None:
    late = peer()
    late.register("1", "textDocument/didOpen", {})
    assert capabilities.wants(late, "textDocument/didOpen")
    late.unregister("1")
    assert not capabilities.wants(late, "textDocument/didOpen")


@pytest.mark.parametrize(
    ("announced", "method"),
    [
        ({"textDocumentSync": {"willSaveWaitUntil": True}}, "textDocument/willSaveWaitUntil"),
        ({"workspace": {"fileOperations": {"willRename": {}}}}, "workspace/willRenameFiles"),
        ({"diagnosticProvider": {"workspaceDiagnostics": True}}, "workspace/diagnostic"),
        ({"semanticTokensProvider": {"full": True}}, "textDocument/semanticTokens/full/delta"),
    ],
)
def test_what_has_no_provider_of_its_own_is_found(announced: Any, method: str) -> None:
    assert capabilities.provides(peer(**announced), method)
    others = {"diagnosticProvider": {}, "workspace": {"fileOperations": {}}, "textDocumentSync": 2}
    assert not capabilities.provides(peer(**others), method)


@pytest.mark.parametrize(
    ("method", "provider"),
    [
        ("textDocument/hover", "hoverProvider"),
        ("textDocument/formatting", "documentFormattingProvider"),
        ("completionItem/resolve", "completionProvider"),
        ("codeLens/resolve", "codeLensProvider"),
        ("callHierarchy/incomingCalls", "callHierarchyProvider"),
        ("textDocument/semanticTokens/full", "semanticTokensProvider"),
        ("workspace/symbol", "workspaceSymbolProvider"),
        ("shutdown", "shutdownProvider"),
    ],
)
def test_each_request_has_its_capability(method: str, provider: str) -> None:
    assert capabilities.provider_of(method) == provider
