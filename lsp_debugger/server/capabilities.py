"""What the client can do, as plain facts, and what we offer it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, cast

from lsprotocol import types

from lsp_debugger.server.convert import path_from
from lsp_debugger.server.params import mapping_of

SCHEME = "lspdbg"  # of answers that are documents without a file
CODE_ACTION_OPTIONS = types.CodeActionOptions(
    code_action_kinds=[types.CodeActionKind.QuickFix, "quickfix.explain", "quickfix.fix"],
    resolve_provider=True,
)
SAVE_OPTIONS = types.SaveOptions(include_text=False)
# Cells arrive as documents of their own; every notebook and every language, as for files.
NOTEBOOK_SYNC = types.NotebookDocumentSyncOptions(
    notebook_selector=[types.NotebookDocumentFilterWithNotebook(notebook="*")], save=False
)
FILE_OPERATIONS = types.FileOperationRegistrationOptions(
    filters=[types.FileOperationFilter(types.FileOperationPattern(glob="**/*"), scheme="file")]
)


@dataclass(frozen=True, slots=True)
class ClientFacts:
    """The client, reduced to the questions that we ask of it.

    streams_documents: it re-reads a `lspdbg:` document when told to (3.18 text document content).
    streams_deltas: it takes `lspDebugger/answerDelta` notifications.
    resolves: properties of a code action that it fetches later.
    file_operations: what else its workspace edits may do: create, rename, delete.
    """

    name: str = ""
    version: str = ""
    process_id: int | None = None
    position_encodings: tuple[str, ...] = ("utf-16",)
    streams_documents: bool = False
    streams_deltas: bool = False
    shows_documents: bool = False
    shows_progress: bool = False
    shows_disabled: bool = False
    hovers_markdown: bool = False
    takes_code_actions: bool = True
    resolves: frozenset[str] = frozenset()
    applies_versioned_edits: bool = False
    annotates_edits: bool = False
    file_operations: frozenset[str] = frozenset()
    watches_files: bool = False
    registers_configuration: bool = False
    answers_configuration: bool = False

    @property
    def confirms_edits(self) -> bool:
        """It asks its user about an edit that wants it; annotations have no place in other forms of edits."""
        return self.applies_versioned_edits and self.annotates_edits

    @property
    def is_streaming(self) -> bool:
        return self.streams_documents or self.streams_deltas


def client_facts(params: types.InitializeParams) -> ClientFacts:
    """Read everything once, at `initialize`; absent capabilities are False."""
    info, offered = params.client_info, _Offered(params.capabilities)
    encodings = cast("tuple[str, ...]", tuple(offered("general.position_encodings") or ("utf-16",)))
    formats = cast("tuple[Any, ...]", tuple(offered("text_document.hover.content_format") or ()))
    operations = offered("workspace.workspace_edit.resource_operations")
    fetched = offered("text_document.code_action.resolve_support.properties")
    return ClientFacts(
        name=info.name if info else "",
        version=(info.version or "") if info else "",
        process_id=params.process_id,
        position_encodings=tuple(str(getattr(each, "value", each)) for each in encodings),
        streams_documents=bool(offered("workspace.text_document_content.dynamic_registration")),
        streams_deltas=_wants_deltas(params.capabilities.experimental),
        shows_documents=bool(offered("window.show_document.support")),
        shows_progress=bool(offered("window.work_done_progress")),
        shows_disabled=bool(offered("text_document.code_action.disabled_support")),
        hovers_markdown=types.MarkupKind.Markdown in formats,
        takes_code_actions=offered("text_document.code_action.code_action_literal_support") is not None,
        resolves=frozenset(cast("tuple[str, ...]", tuple(fetched or ()))),
        applies_versioned_edits=_applies_versioned(info, offered),
        annotates_edits=offered("workspace.workspace_edit.change_annotation_support") is not None,
        file_operations=frozenset(
            str(getattr(each, "value", each)) for each in cast("tuple[Any, ...]", tuple(operations or ()))
        ),
        watches_files=bool(offered("workspace.did_change_watched_files.dynamic_registration")),
        registers_configuration=bool(offered("workspace.did_change_configuration.dynamic_registration")),
        answers_configuration=bool(offered("workspace.configuration")),
    )


def _applies_versioned(info: types.ClientInfo | None, offered: _Offered) -> bool:
    """Neovim takes `documentChanges` and heeds their versions in every release, and announces them in none.

    Without the version nothing would keep it from applying an edit to a text that was typed meanwhile.
    """
    named = info is not None and info.name == "Neovim"
    return named or bool(offered("workspace.workspace_edit.document_changes"))


def roots_of(params: types.InitializeParams, home: str, tmp: str) -> tuple[str, ...]:
    """Absolute paths of the workspace's folders; empty means single-file mode.

    The home directory, the top of a drive and the temporary directory itself are where an editor
    was started, not a project: indexing or watching them is never what was meant.
    """
    return usable_roots(folder_paths(params), home, tmp)


def usable_roots(paths: tuple[str, ...], home: str, tmp: str) -> tuple[str, ...]:
    """`paths` without those that are no project, without repetitions, in their order."""
    refused = {_same_place(home), _same_place(tmp)}
    kept: dict[str, str] = {}
    for path in paths:
        place = _same_place(path)
        if place not in refused and not _is_top(place):
            kept.setdefault(place, os.path.normpath(path))
    return tuple(kept.values())


def registrations(facts: ClientFacts, roots: tuple[str, ...]) -> list[types.Registration]:
    """What can only be announced after `initialized`: pygls has no static form of the first."""
    wanted = list[types.Registration]()
    if facts.streams_documents:
        options = types.TextDocumentContentRegistrationOptions(schemes=[SCHEME])
        wanted.append(_registration(types.WORKSPACE_TEXT_DOCUMENT_CONTENT, options))
    if facts.watches_files and roots:
        # One pattern for everything: what is ignored is decided by the index, which reads .gitignore.
        every = types.WatchKind.Create | types.WatchKind.Change | types.WatchKind.Delete
        watcher = types.FileSystemWatcher(glob_pattern="**/*", kind=every)
        options = types.DidChangeWatchedFilesRegistrationOptions(watchers=[watcher])
        wanted.append(_registration(types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options))
    if facts.registers_configuration:
        options = types.DidChangeConfigurationRegistrationOptions(section="lspDebugger")
        wanted.append(_registration(types.WORKSPACE_DID_CHANGE_CONFIGURATION, options))
    return wanted


def _registration(method: str, options: object) -> types.Registration:
    return types.Registration(id=f"lsp-debugger:{method}", method=method, register_options=options)


def folder_paths(params: types.InitializeParams) -> tuple[str, ...]:
    """The folders that the client names, all of them; the older fields count where the newer are absent."""
    if params.workspace_folders:
        uris = [folder.uri for folder in params.workspace_folders]
        return tuple(path for path in map(path_from, uris) if path)
    if params.root_uri:
        path = path_from(params.root_uri)
        return (path,) if path else ()
    return (params.root_path,) if params.root_path else ()


def _same_place(path: str) -> str:
    # Both spellings of one directory count: macOS gives /tmp for /private/tmp.
    return os.path.normcase(os.path.realpath(path))


def _is_top(place: str) -> bool:
    return PurePath(place).parent == PurePath(place)


def _wants_deltas(experimental: object) -> bool:
    """Both spellings are in use: a nested object, and one flat dotted name."""
    offered = mapping_of(experimental)
    nested = mapping_of(offered.get("lspDebugger"))
    return nested.get("answerDelta") is True or offered.get("lspDebugger.answerDelta") is True


class _Offered:
    """Looks up a dotted capability; None as soon as one step is missing."""

    def __init__(self, capabilities: types.ClientCapabilities) -> None:
        self._capabilities = capabilities

    def __call__(self, dotted: str) -> Any:
        value: Any = self._capabilities
        for name in dotted.split("."):
            value = getattr(value, name, None)
        return value
