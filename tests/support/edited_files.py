"""What a client makes of a workspace edit, as the protocol says."""

from __future__ import annotations

from typing import Any

from lsprotocol import types

from lsp_debugger.core.text import Snapshot
from lsp_debugger.server.convert import span_from


def applied(edit: types.WorkspaceEdit, files: dict[str, str]) -> dict[str, str]:
    """The files afterwards. files: texts by address; positions in UTF-16."""
    files = dict(files)
    steps: Any = edit.document_changes or [
        types.TextDocumentEdit(types.OptionalVersionedTextDocumentIdentifier(uri=uri), edits)
        for uri, edits in (edit.changes or {}).items()
    ]
    for step in steps:
        match step:
            case types.CreateFile():
                assert step.uri not in files
                files[step.uri] = ""
            case types.DeleteFile():
                del files[step.uri]
            case types.RenameFile():
                assert step.new_uri not in files
                files[step.new_uri] = files.pop(step.old_uri)
            case _:
                snapshot = Snapshot(step.text_document.uri, files[step.text_document.uri])
                text = snapshot.text
                spans = [(span_from(snapshot, each.range, "utf-16"), each.new_text) for each in step.edits]
                for span, new in sorted(spans, reverse=True, key=lambda each: each[0]):
                    text = text[: span.start] + new + text[span.end :]
                files[step.text_document.uri] = text
    return files
