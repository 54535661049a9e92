"""Wire ↔ inside: positions, ranges, addresses, diagnostics and edits.

A position counts code units of the negotiated encoding, an offset counts code points. No function
changes its argument, and none fails on a position: whatever the client sends is clamped as LSP says.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Literal
from urllib.parse import quote_from_bytes, unquote_to_bytes

from lsprotocol import types

from lsp_debugger.core.ask import CertainEdit, Place, Problem, Severity
from lsp_debugger.core.text import Snapshot, Span

Encoding = Literal["utf-8", "utf-16", "utf-32"]

_IS_WINDOWS = os.name == "nt"
_URI = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*):(?://(?P<authority>[^/?#]*))?(?P<path>[^?#]*)")
_DRIVE = re.compile(r"/[A-Za-z]:(?:/|$)")
# Long lines are measured in pieces: whole pieces at the speed of the codec, only the last by hand.
_PIECE_CHARS = 256
_ANNOTATION_ID = "lsp-debugger"


def offset_at(snapshot: Snapshot, position: types.Position, encoding: str) -> int:
    """The code point that `position` lies on or in.

    Past the end of a line means its end, past the last line the end of the text, before the first line
    the start of the text, a negative character 0. Between the two halves of a surrogate pair, or inside
    a UTF-8 sequence, means the start of that character.
    """
    if position.line < 0:
        return 0
    if position.line >= len(snapshot.lines):
        return len(snapshot.text)
    span = snapshot.lines.span_of(position.line)
    return span.start + _offset_in(span.of(snapshot.text), max(position.character, 0), encoding)


def position_at(snapshot: Snapshot, offset: int, encoding: str) -> types.Position:
    """Where `offset` is; offsets past either end are clamped, inside a line end they mean the line's end."""
    line = snapshot.lines.line_of(offset)
    span = snapshot.lines.span_of(line)
    before = snapshot.text[span.start : min(max(offset, 0), span.end)]
    return types.Position(line, _units(before, encoding))


def span_from(snapshot: Snapshot, given: types.Range, encoding: str) -> Span:
    """A range's span. A reversed range means the same text."""
    start, end = offset_at(snapshot, given.start, encoding), offset_at(snapshot, given.end, encoding)
    return Span(min(start, end), max(start, end))


def range_from(snapshot: Snapshot, span: Span, encoding: str) -> types.Range:
    return types.Range(position_at(snapshot, span.start, encoding), position_at(snapshot, span.end, encoding))


def problem_from(
    diagnostic: types.Diagnostic, snapshot: Snapshot, encoding: str, *, stale: bool = False
) -> Problem:
    """A finding in `snapshot`. A missing severity is an error, as LSP recommends."""
    described = diagnostic.code_description
    return Problem(
        message=diagnostic.message,
        source=diagnostic.source or "",
        code="" if diagnostic.code is None else str(diagnostic.code),
        severity=Severity(diagnostic.severity or types.DiagnosticSeverity.Error),
        path=snapshot.path,
        line=diagnostic.range.start.line + 1,
        span=span_from(snapshot, diagnostic.range, encoding),
        related=tuple(_place_from(each) for each in diagnostic.related_information or ()),
        href=described.href if described else None,
        tags=tuple(tag.name.lower() for tag in diagnostic.tags or ()),
        stale=stale,
    )


def diagnostic_from(problem: Problem, snapshot: Snapshot, encoding: str) -> types.Diagnostic:
    """A finding of ours for the editor. Without a span, or with an empty one, it covers the line."""
    span = problem.span or snapshot.lines.span_of(problem.line - 1)
    related = [_related_from(place) for place in problem.related if Path(place.path).is_absolute()]
    tags = [tag for tag in types.DiagnosticTag if tag.name.lower() in problem.tags]
    return types.Diagnostic(
        range=range_from(snapshot, span, encoding),
        message=problem.message,
        severity=types.DiagnosticSeverity(problem.severity.value),
        code=problem.code or None,
        code_description=types.CodeDescription(problem.href) if problem.href else None,
        source=problem.source or None,
        tags=tags or None,
        related_information=related or None,
    )


def workspace_edit_from(
    edit: CertainEdit, snapshot: Snapshot, encoding: str, *, versioned: bool, annotated: bool
) -> types.WorkspaceEdit:
    """The edit of `snapshot` in the best form that the client knows.

    versioned: `documentChanges`, which the client refuses once the document has moved on.
    annotated: with a change annotation that names the edit; needs `versioned`.
    """
    replacements = sorted(edit.replacements, key=lambda each: each.span)
    changes = [
        types.TextEdit(range_from(snapshot, each.span, encoding), each.new_text) for each in replacements
    ]
    if not versioned:
        return types.WorkspaceEdit(changes={edit.uri: changes})
    document = types.OptionalVersionedTextDocumentIdentifier(uri=edit.uri, version=edit.version)
    if not annotated:
        return types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(document, changes)])
    named = [types.AnnotatedTextEdit(_ANNOTATION_ID, each.range, each.new_text) for each in changes]
    return types.WorkspaceEdit(
        document_changes=[types.TextDocumentEdit(document, named)],
        change_annotations={_ANNOTATION_ID: types.ChangeAnnotation(edit.title, needs_confirmation=False)},
    )


def path_from(uri: str, *, windows: bool = _IS_WINDOWS) -> str | None:
    """The absolute path of a `file:` address, or None.

    None for every other scheme (untitled buffers, notebook cells, documents in archives) and for UNC
    shares: merely looking at one makes Windows send the user's credentials to that host.
    """
    parts = _URI.match(uri)
    if (
        parts is None
        or parts["scheme"].lower() != "file"
        or parts["authority"] not in (None, "", "localhost")
    ):
        return None
    raw = unquote_to_bytes(parts["path"])
    if not raw.startswith(b"/") or raw.startswith((b"//", b"/\\")) or b"\0" in raw:
        return None
    if not windows:
        return os.fsdecode(raw)
    path = raw.decode("utf-8", "replace").replace("\\", "/")
    # `D:` and `d:` are one drive; editors write both.
    return path[1].lower() + path[2:].replace("/", "\\") if _DRIVE.match(path) else None


def uri_from(path: str, *, windows: bool = _IS_WINDOWS) -> str:
    """The `file:` address of an absolute path; names that are no UTF-8 survive."""
    if windows:
        return "file:///" + quote_from_bytes(path.replace("\\", "/").encode("utf-8", "surrogatepass"), "/:")
    return "file://" + quote_from_bytes(os.fsencode(path), "/")


def _units(text: str, encoding: str) -> int:
    if encoding == "utf-32" or text.isascii():
        return len(text)
    # Half a surrogate pair can stand alone in what an editor sends; it counts like any other unit.
    if encoding == "utf-16":
        return len(text.encode("utf-16-le", "surrogatepass")) // 2
    return len(text.encode("utf-8", "surrogatepass"))


def _offset_in(line: str, character: int, encoding: str) -> int:
    if encoding == "utf-32" or line.isascii():
        return min(character, len(line))
    for start in range(0, len(line), _PIECE_CHARS):
        piece = line[start : start + _PIECE_CHARS]
        width = _units(piece, encoding)
        if character < width:
            return start + _offset_in_piece(piece, character, encoding)
        character -= width
    return len(line)


def _offset_in_piece(piece: str, character: int, encoding: str) -> int:
    for offset, each in enumerate(piece):
        character -= _units(each, encoding)
        if character < 0:
            return offset
    return len(piece)


def _place_from(related: types.DiagnosticRelatedInformation) -> Place:
    uri = related.location.uri
    return Place(path_from(uri) or uri, related.location.range.start.line + 1, related.message)


def _related_from(place: Place) -> types.DiagnosticRelatedInformation:
    start = types.Position(place.line - 1, 0)
    location = types.Location(uri_from(place.path), types.Range(start, start))
    return types.DiagnosticRelatedInformation(location, place.note)
