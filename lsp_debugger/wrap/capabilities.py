"""What several servers can do together, and which of them a message is for."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from lsp_debugger.wrap.peer import Peer
from lsp_debugger.wrap.shapes import obj

Capabilities = Mapping[str, Any]

_FULL, _INCREMENTAL = 1, 2
# Where a method's capability is not simply its last part with "Provider".
_PROVIDERS = {
    "completionItem/resolve": "completionProvider",
    "textDocument/formatting": "documentFormattingProvider",
    "textDocument/rangeFormatting": "documentRangeFormattingProvider",
    "textDocument/rangesFormatting": "documentRangeFormattingProvider",
    "textDocument/onTypeFormatting": "documentOnTypeFormattingProvider",
    "textDocument/prepareRename": "renameProvider",
    "textDocument/documentColor": "colorProvider",
    "textDocument/colorPresentation": "colorProvider",
    "textDocument/prepareCallHierarchy": "callHierarchyProvider",
    "textDocument/prepareTypeHierarchy": "typeHierarchyProvider",
    "workspace/symbol": "workspaceSymbolProvider",
    "workspaceSymbol/resolve": "workspaceSymbolProvider",
}
_FAMILIES = ("codeLens", "documentLink", "inlayHint", "callHierarchy", "typeHierarchy", "codeAction")
_SYNC = {
    "didOpen": "openClose", "didClose": "openClose", "didChange": "change", "didSave": "save",
    "willSave": "willSave", "willSaveWaitUntil": "willSaveWaitUntil",
}  # fmt: skip
_OF_FILES = re.compile(r"workspace/((?:will|did)(?:Create|Rename|Delete))Files")


@cache
def ours() -> Capabilities:
    """What our server announces, without what depends on the client: written by tools/generate.py."""
    return json.loads(Path(__file__).with_name("capabilities.json").read_bytes())


def merged(servers: Sequence[Capabilities]) -> dict[str, Any]:
    """What to announce for all of them: what the first announces wins where it cannot be added up."""
    together: dict[str, Any] = {}
    for name in dict.fromkeys(name for each in servers for name in each):
        given = [each[name] for each in servers if _is_on(each.get(name))]
        together[name] = _merge(name, given) if given else servers[0].get(name)
    return together


def provider_of(method: str) -> str:
    """The name of the capability behind a request."""
    if method in _PROVIDERS:
        return _PROVIDERS[method]
    parts = method.split("/")
    name = parts[0] if parts[0] in _FAMILIES else parts[1] if len(parts) > 1 else parts[0]
    return f"{name}Provider"


def provides(peer: Peer, method: str) -> bool:
    if method == "workspace/diagnostic":
        given = [obj(peer.capabilities, "diagnosticProvider"), *peer.options("textDocument/diagnostic")]
        return any(each.get("workspaceDiagnostics") for each in given)
    special = _special(peer, method)
    if special is None:
        special = _is_on(peer.capabilities.get(provider_of(method)))
    return special or method in peer.registered


def resolves_actions(peer: Peer) -> bool:
    is_static = bool(obj(peer.capabilities, "codeActionProvider").get("resolveProvider"))
    return is_static or "textDocument/codeAction" in peer.registered


def commands(peer: Peer) -> Sequence[str]:
    return obj(peer.capabilities, "executeCommandProvider").get("commands") or ()


def wants(peer: Peer, method: str) -> bool:
    """Whether a notification would reach this server if it stood alone."""
    if method in peer.registered:
        return True
    if method == "workspace/didChangeWorkspaceFolders":
        return bool(obj(peer.capabilities, "workspace", "workspaceFolders").get("changeNotifications"))
    return _special(peer, method) is not False


def _special(peer: Peer, method: str) -> bool | None:
    """Whether a server has announced what has no provider of its own; None for everything else."""
    kind, _, name = method.partition("/")
    if kind == "textDocument" and name in _SYNC:
        return _is_on(_sync(peer.capabilities.get("textDocumentSync")).get(_SYNC[name]))
    if of_files := _OF_FILES.fullmatch(method):
        return _is_on(obj(peer.capabilities, "workspace", "fileOperations").get(of_files[1]))
    return None


def _is_on(announced: Any) -> bool:
    """An object without options is switched on like one with some; a kind of 0 is off."""
    return announced == {} or bool(announced)


def _merge(name: str, given: list[Any]) -> Any:
    match name:
        case "textDocumentSync":
            return _merged_sync([_sync(each) for each in given])
        case "codeActionProvider":
            return _merged_actions(given)
        case "executeCommandProvider":
            return {**obj(given[0]), "commands": _union(obj(each).get("commands") for each in given)}
        case "workspace":
            return _merged_options([obj(each) for each in given])
        case _:
            return given[0]


def _sync(given: Any) -> dict[str, Any]:
    """In its long form. A number stands for all of it, as clients read it."""
    if isinstance(given, int):
        return {"openClose": True, "change": given, "save": True} if given else {}
    return obj(given)


def _merged_sync(given: list[dict[str, Any]]) -> dict[str, Any]:
    """Whole texts as soon as one needs them: who takes changes takes a whole text too."""
    kinds = {each.get("change") for each in given}
    together: dict[str, Any] = {"openClose": any(each.get("openClose") for each in given)}
    together["change"] = _FULL if _FULL in kinds else _INCREMENTAL if _INCREMENTAL in kinds else 0
    for name in ("willSave", "willSaveWaitUntil"):
        if any(each.get(name) for each in given):
            together[name] = True
    if saves := [each["save"] for each in given if _is_on(each.get("save"))]:
        together["save"] = {"includeText": any(obj(each).get("includeText") for each in saves)}
    return together


def _merged_options(given: list[dict[str, Any]]) -> dict[str, Any]:
    """Two levels of options; what one server switches on is on."""
    together: dict[str, Any] = {}
    for name, value in ((name, value) for each in given for name, value in each.items()):
        before, more = obj(together.get(name)), obj(value)
        if before and more:
            together[name] = {**more, **{key: on for key, on in before.items() if on}}
        else:
            together[name] = together.get(name) or value
    return together


def _merged_actions(given: list[Any]) -> dict[str, Any]:
    """Kinds only where each names its own: a list that misses some makes clients ask for less."""
    options = [obj(each) for each in given]
    together = {**options[0], "resolveProvider": any(each.get("resolveProvider") for each in options)}
    together.pop("codeActionKinds", None)
    if all(each.get("codeActionKinds") for each in options):
        together["codeActionKinds"] = _union(each["codeActionKinds"] for each in options)
    return together


def _union(lists: Any) -> list[str]:
    return list(dict.fromkeys(name for each in lists for name in each or ()))
