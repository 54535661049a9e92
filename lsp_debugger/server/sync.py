"""What the client tells us: documents, files, folders, settings and other servers' findings."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

from lsprotocol import types

from lsp_debugger.core.text import Snapshot
from lsp_debugger.server.capabilities import client_facts, folder_paths, registrations
from lsp_debugger.server.convert import path_from
from lsp_debugger.server.desk import Desk
from lsp_debugger.server.diagnostics import Finding
from lsp_debugger.server.documents import Change
from lsp_debugger.server.params import ForeignDiagnostics, mapping_of

_log = logging.getLogger(__name__)
SECTION = "lspDebugger"
# A client's own business, which it keeps in the same section.
_NOT_SETTINGS = frozenset({"trace", "server"})
_EVENTS = {
    types.FileChangeType.Created: "created",
    types.FileChangeType.Changed: "changed",
    types.FileChangeType.Deleted: "deleted",
}


def initialize(desk: Desk, params: types.InitializeParams) -> None:
    """Only what the reply needs and what the parameters say; the disk is looked at afterwards."""
    desk.server.client = client_facts(params)
    desk.settings = _settings_in(params.initialization_options)
    desk.folders = folder_paths(params)


def initialized(desk: Desk, _params: types.InitializedParams) -> None:
    desk.in_background(_begin(desk))


async def _begin(desk: Desk) -> None:
    """Ask for the settings first, so that the session opens once."""
    desk.folders_changed(desk.folders)
    await asyncio.to_thread(_load)
    before = desk.settings
    await _pull_settings(desk)
    # A hover that came first has opened one already: another one would end its worker and its engine.
    if not desk.has_opened or desk.settings != before:
        desk.open()
    wanted = registrations(desk.server.client, desk.roots)
    if wanted and not await desk.editor.register(wanted):
        # Without its registration nobody would ever read a document of ours.
        desk.server.client = replace(desk.server.client, streams_documents=False)


def _load() -> None:
    """What the first request needs, so that it does not wait for it."""
    for name in ("checks", "commands", "indexing", "lookups", "hovers", "questions", "shelf"):
        import_module(f"lsp_debugger.server.{name}")


def did_open(desk: Desk, params: types.DidOpenTextDocumentParams) -> None:
    _opened(desk, desk.server.documents.opened(params.text_document))


def did_change(desk: Desk, params: types.DidChangeTextDocumentParams) -> None:
    document = params.text_document
    _changed(desk, document.uri, document.version, params.content_changes)


def did_save(desk: Desk, params: types.DidSaveTextDocumentParams) -> None:
    snapshot = desk.server.documents.snapshot(params.text_document.uri)
    if snapshot is not None and desk.server.session is not None:
        desk.server.session.saved(snapshot)
        desk.checks.wanted(snapshot)


def did_close(desk: Desk, params: types.DidCloseTextDocumentParams) -> None:
    _closed(desk, desk.server.documents.closed(params.text_document.uri))


def did_open_notebook(desk: Desk, params: types.DidOpenNotebookDocumentParams) -> None:
    uri = params.notebook_document.uri
    for snapshot in desk.server.documents.notebook_opened(uri, params.cell_text_documents):
        _opened(desk, snapshot)


def did_change_notebook(desk: Desk, params: types.DidChangeNotebookDocumentParams) -> None:
    cells, documents = params.change.cells, desk.server.documents
    if cells is None:
        return
    if cells.structure is not None:
        gone = [cell.uri for cell in cells.structure.did_close or ()]
        for snapshot in documents.cells_closed(params.notebook_document.uri, gone):
            _closed(desk, snapshot)
        new = cells.structure.did_open or ()
        for snapshot in documents.notebook_opened(params.notebook_document.uri, new):
            _opened(desk, snapshot)
    for content in cells.text_content or ():
        _changed(desk, content.document.uri, content.document.version, content.changes)


def did_close_notebook(desk: Desk, params: types.DidCloseNotebookDocumentParams) -> None:
    for snapshot in desk.server.documents.notebook_closed(params.notebook_document.uri):
        _closed(desk, snapshot)


def foreign_diagnostics(desk: Desk, params: object) -> None:
    """What the editor knows from other servers about one open document."""
    given = ForeignDiagnostics.read(params, desk.server.diagnostics.max_per_document)
    snapshot = desk.server.documents.snapshot(given.uri)
    if snapshot is None:
        desk.hold(given)
        return
    _take(desk, given, snapshot)


def did_change_watched_files(desk: Desk, params: types.DidChangeWatchedFilesParams) -> None:
    _files_changed(desk, ((each.uri, _EVENTS.get(each.type, "changed")) for each in params.changes))


def did_create_files(desk: Desk, params: types.CreateFilesParams) -> None:
    _files_changed(desk, ((each.uri, "created") for each in params.files))


def did_delete_files(desk: Desk, params: types.DeleteFilesParams) -> None:
    _files_changed(desk, ((each.uri, "deleted") for each in params.files))


def did_rename_files(desk: Desk, params: types.RenameFilesParams) -> None:
    gone = [(each.old_uri, "deleted") for each in params.files]
    _files_changed(desk, [*gone, *((each.new_uri, "created") for each in params.files)])


def did_change_folders(desk: Desk, params: types.DidChangeWorkspaceFoldersParams) -> None:
    removed = {path_from(folder.uri) for folder in params.event.removed}
    added = [path for folder in params.event.added if (path := path_from(folder.uri))]
    desk.folders_changed((*(each for each in desk.folders if each not in removed), *added))
    if desk.server.session is not None:
        desk.server.session.roots_changed([Path(root) for root in desk.roots])


async def did_change_configuration(desk: Desk, params: types.DidChangeConfigurationParams) -> None:
    """Some clients send the settings, others send nothing and want to be asked."""
    before = desk.settings
    if pushed := _settings_in(params.settings):
        desk.settings = pushed
    else:
        await _pull_settings(desk)
    if desk.settings != before:
        desk.open()


def cancel_progress(desk: Desk, params: types.WorkDoneProgressCancelParams) -> None:
    if not desk.server.jobs.cancel_token(params.token):
        desk.indexing.cancel(params.token)


def _opened(desk: Desk, snapshot: Snapshot) -> None:
    desk.server.diagnostics.opened(snapshot)
    if desk.server.session is not None:
        desk.server.session.opened(snapshot)
        desk.checks.wanted(snapshot)
    if (early := desk.held(snapshot.uri)) is not None:
        _take(desk, early, snapshot)


def _changed(
    desk: Desk, uri: str, version: int, changes: Sequence[types.TextDocumentContentChangeEvent]
) -> Change | None:
    change = desk.server.documents.changed(uri, version, changes, desk.server.encoding)
    if change is None:
        return None
    desk.server.diagnostics.edited(uri, change.edits)
    desk.server.answers.edited(uri, change.edits)
    if desk.has_offered:
        desk.feedback.edited(change)
    if desk.server.session is not None:
        desk.server.session.changed(change.after)
    return change


def _closed(desk: Desk, snapshot: Snapshot | None) -> None:
    if snapshot is None:
        return
    desk.server.diagnostics.closed(snapshot)
    desk.checks.closed(snapshot.uri)
    if desk.has_offered:
        desk.feedback.closed(snapshot.uri)
    if desk.server.session is not None:
        desk.server.session.closed(snapshot.uri)


def _take(desk: Desk, given: ForeignDiagnostics, snapshot: Snapshot) -> None:
    findings: list[Finding] = [
        replace(desk.read_diagnostic(each, given.version, snapshot), diagnostic=None)
        for each in given.diagnostics
    ]
    desk.checks.heard(findings)
    desk.server.diagnostics.publish_from_editor(given.uri, findings, complete=given.complete)
    if findings and desk.server.session is not None:
        desk.server.session.problem_seen()


def _files_changed(desk: Desk, changes: Iterable[tuple[str, str]]) -> None:
    paths = [(path, what) for uri, what in changes if (path := path_from(uri))]
    if paths and desk.server.session is not None:
        desk.server.session.files_changed(paths)


async def _pull_settings(desk: Desk) -> None:
    if desk.server.client.answers_configuration:
        given = await desk.editor.configuration(SECTION)
        if given:
            desk.settings = _without_others(given)


def _settings_in(options: object) -> Mapping[str, Any]:
    """Ours, with or without their section's name around them."""
    given = mapping_of(options)
    return _without_others(mapping_of(given[SECTION]) if SECTION in given else given)


def _without_others(given: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: value for name, value in given.items() if name.partition(".")[0] not in _NOT_SETTINGS}
