"""Positions, addresses, diagnostics and edits between the wire and the inside."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from lsp_debugger.core.ask import CertainEdit, Place, Problem, Replacement, Severity
from lsp_debugger.core.text import Snapshot, Span
from lsp_debugger.server.convert import (
    diagnostic_from,
    offset_at,
    path_from,
    position_at,
    problem_from,
    range_from,
    span_from,
    uri_from,
    workspace_edit_from,
)

ENCODINGS = ("utf-8", "utf-16", "utf-32")
CODECS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}


@dataclass
class Anywhere:
    """A position without the bounds that lsprotocol's class enforces."""

    line: int
    character: int


def at(line: int, character: int) -> types.Position:
    return cast("types.Position", Anywhere(line, character))


# Everything that tells the encodings apart, every line end, and what only str.splitlines() splits at.
texts = st.lists(
    st.one_of(
        st.sampled_from(
            ["a", "\n", "\r", "\r\n", "é", "ß", "ᚠ", "😀", "𝕏", "\f", "\u2028", "\x85", "\ud83d", "\ude00"]
        ),
        st.characters(),
    ),
    max_size=40,
).map("".join)
encodings = st.sampled_from(ENCODINGS)


def units(text: str, encoding: str) -> int:
    codec, size = CODECS[encoding]
    return sum(len(char.encode(codec, "surrogatepass")) // size for char in text)


def slow_offset(text: str, line: int, character: int, encoding: str) -> int:
    """Walk the text one character at a time, as LSP 3.17 describes positions."""
    offset, current = 0, 0
    while current < line and offset < len(text):
        if text[offset] == "\n" or (text[offset] == "\r" and text[offset + 1 : offset + 2] != "\n"):
            current += 1
        offset += 1
    if current < line:
        return len(text)
    while offset < len(text) and text[offset] not in "\r\n":
        character -= units(text[offset], encoding)
        if character < 0:
            break
        offset += 1
    return offset


def snapshot(text: str, path: str | None = "/w/a.py") -> Snapshot:
    return Snapshot("file:///w/a.py", text, 3, path, "python")


@given(texts, st.integers(0, 12), st.integers(0, 60), encodings)
def test_agrees_with_a_walk(text: str, line: int, character: int, encoding: str) -> None:
    assert offset_at(snapshot(text), at(line, character), encoding) == slow_offset(
        text, line, character, encoding
    )


@given(texts, st.data(), encodings)
def test_every_offset_survives_the_round_trip(text: str, data: st.DataObject, encoding: str) -> None:
    offset = data.draw(st.integers(0, len(text)))
    back = offset_at(snapshot(text), position_at(snapshot(text), offset, encoding), encoding)
    inside_line_end = text[offset - 1 : offset + 1] == "\r\n"
    assert back == (offset - 1 if inside_line_end else offset)


@given(texts, st.tuples(st.integers(-2, 12), st.integers(-2, 60)), encodings)
def test_positions_settle(text: str, place: tuple[int, int], encoding: str) -> None:
    """A clamped position means the same place again, and lies on a line that exists."""
    offset = offset_at(snapshot(text), at(*place), encoding)
    settled = position_at(snapshot(text), offset, encoding)
    assert 0 <= offset <= len(text)
    assert offset_at(snapshot(text), settled, encoding) == offset
    assert settled.line < len(snapshot(text).lines)


@given(texts, st.lists(st.tuples(st.integers(-1, 10), st.integers(-1, 50)), min_size=2), encodings)
def test_later_positions_never_have_earlier_offsets(
    text: str, places: list[tuple[int, int]], encoding: str
) -> None:
    offsets = [offset_at(snapshot(text), at(*place), encoding) for place in sorted(places)]
    assert offsets == sorted(offsets)


@given(texts, st.integers(-3, 60), encodings)
def test_offsets_are_clamped(text: str, offset: int, encoding: str) -> None:
    near = min(max(offset, 0), len(text))
    assert position_at(snapshot(text), offset, encoding) == position_at(snapshot(text), near, encoding)


@pytest.mark.parametrize(
    ("encoding", "character", "offset"),
    [
        ("utf-16", 1, 1), ("utf-16", 2, 1), ("utf-16", 3, 2), ("utf-16", 4, 3), ("utf-16", 99, 3),
        ("utf-8", 1, 1), ("utf-8", 2, 1), ("utf-8", 4, 1), ("utf-8", 5, 2), ("utf-8", 6, 2), ("utf-8", 7, 3),
        ("utf-32", 1, 1), ("utf-32", 2, 2), ("utf-32", 4, 3),
    ],
)  # fmt: skip
def test_inside_a_character_means_its_start(encoding: str, character: int, offset: int) -> None:
    assert offset_at(snapshot("a😀é\nb"), at(0, character), encoding) == offset


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_long_line_is_measured_in_pieces(encoding: str) -> None:
    text = "é😀x" * 1000
    for offset in (0, 255, 256, 257, 1024, 2999, 3000):
        position = position_at(snapshot(text), offset, encoding)
        assert position.character == units(text[:offset], encoding)
        assert offset_at(snapshot(text), position, encoding) == offset


def test_the_argument_is_left_alone() -> None:
    position = types.Position(0, 3)
    offset_at(snapshot("a😀é"), position, "utf-16")
    assert position == types.Position(0, 3)


@given(texts, st.data(), encodings)
def test_ranges_and_spans(text: str, data: st.DataObject, encoding: str) -> None:
    first, second = data.draw(st.integers(0, len(text))), data.draw(st.integers(0, len(text)))
    span = Span(min(first, second), max(first, second))
    given_range = range_from(snapshot(text), span, encoding)
    backwards = types.Range(given_range.end, given_range.start)
    assert span_from(snapshot(text), given_range, encoding) == span_from(snapshot(text), backwards, encoding)


POSIX_PATHS = [
    ("file:///home/u/a.py", "/home/u/a.py"),
    ("FILE:///home/u/a.py", "/home/u/a.py"),
    ("file:/home/u/a.py", "/home/u/a.py"),
    ("file://localhost/home/u/a.py", "/home/u/a.py"),
    ("file:///home/u/with%20space/%C3%A9%23%25.py", "/home/u/with space/é#%.py"),
    ("file:///home/u/%41.py#L3", "/home/u/A.py"),
    ("file:///home/u/a.py?x", "/home/u/a.py"),
    ("file:///c%3A/a.py", "/c:/a.py"),
    ("file://server/share/a.py", None),
    ("file:////server/share/a.py", None),
    ("file:///%2Fserver/share/a.py", None),
    ("file:///%5Cserver/share/a.py", None),
    ("file:///a%00b", None),
    ("file:a.py", None),
    ("untitled:Untitled-1", None),
    ("vscode-notebook-cell:/home/u/n.ipynb#W0sZmlsZQ%3D%3D", None),
    ("jar:file:///x.jar!/a.py", None),
    ("/home/u/a.py", None),
    ("", None),
]
WINDOWS_PATHS = [
    ("file:///C:/Users/u/a.py", "c:\\Users\\u\\a.py"),
    ("file:///c%3A/Users/u/%C3%A9.py", "c:\\Users\\u\\é.py"),
    ("file:///d:", "d:"),
    ("file://server/share/a.py", None),
    ("file:////server/share/a.py", None),
    ("file:///%5C%5Cserver/share", None),
    ("file:///home/u/a.py", None),
]


@pytest.mark.parametrize(("uri", "path"), POSIX_PATHS)
def test_path_on_posix(uri: str, path: str | None) -> None:
    assert path_from(uri, windows=False) == path


@pytest.mark.parametrize(("uri", "path"), WINDOWS_PATHS)
def test_path_on_windows(uri: str, path: str | None) -> None:
    assert path_from(uri, windows=True) == path


def test_uri_on_windows() -> None:
    assert uri_from("c:\\Users\\u\\é x.py", windows=True) == "file:///c:/Users/u/%C3%A9%20x.py"


@pytest.mark.skipif(os.name == "nt", reason="file names made of bytes exist on POSIX only")
@given(st.binary(min_size=1, max_size=20).filter(lambda name: b"\0" not in name and name[:1] not in b"/\\"))
def test_every_file_name_survives(name: bytes) -> None:
    path = "/" + os.fsdecode(name)
    assert path_from(uri_from(path, windows=False), windows=False) == path


TEXT = "import os\nx = '😀' + nope\n"
WIRE = types.Diagnostic(
    range=types.Range(types.Position(1, 11), types.Position(1, 15)),
    message='"nope" is not defined',
    severity=types.DiagnosticSeverity.Warning,
    code=42,
    code_description=types.CodeDescription("https://example.org/42"),
    source="Pyright",
    tags=[types.DiagnosticTag.Unnecessary],
    related_information=[
        types.DiagnosticRelatedInformation(
            types.Location("file:///w/b.py", types.Range(types.Position(6, 0), types.Position(6, 1))),
            "seen here",
        ),
        types.DiagnosticRelatedInformation(
            types.Location("untitled:U-1", types.Range(types.Position(0, 0), types.Position(0, 0))),
            "and here",
        ),
    ],
)


def test_problem_from_a_diagnostic() -> None:
    problem = problem_from(WIRE, snapshot(TEXT), "utf-16", stale=True)
    assert problem == Problem(
        message='"nope" is not defined',
        source="Pyright",
        code="42",
        severity=Severity.WARNING,
        path="/w/a.py",
        line=2,
        span=Span(20, 24),
        related=(Place("/w/b.py", 7, "seen here"), Place("untitled:U-1", 1, "and here")),
        href="https://example.org/42",
        stale=True,
        tags=("unnecessary",),
    )
    assert problem.span
    assert problem.span.of(TEXT) == "nope"


def test_a_bare_diagnostic_is_an_error() -> None:
    bare = types.Diagnostic(types.Range(types.Position(9, 9), types.Position(9, 9)), "gone")
    problem = problem_from(bare, snapshot(TEXT, path=None), "utf-8")
    assert (problem.severity, problem.code, problem.source, problem.path) == (Severity.ERROR, "", "", None)
    assert problem.span == Span(len(TEXT), len(TEXT))


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_diagnostic_and_back(encoding: str) -> None:
    problem = Problem(
        "broken",
        source="s",
        code="c",
        path="/w/a.py",
        line=2,
        span=Span(20, 24),
        related=(Place("/w/b.py", 7, "n"),),
        href="https://example.org",
        tags=("deprecated",),
    )
    diagnostic = diagnostic_from(problem, snapshot(TEXT), encoding)
    assert problem_from(diagnostic, snapshot(TEXT), encoding) == problem


def test_a_problem_without_a_span_covers_its_line() -> None:
    diagnostic = diagnostic_from(Problem("m", line=2), snapshot(TEXT), "utf-16")
    assert diagnostic.range == types.Range(types.Position(1, 0), types.Position(1, 15))
    assert (diagnostic.code, diagnostic.source, diagnostic.tags) == (None, None, None)


EDIT = CertainEdit(
    "Remove import", "file:///w/a.py", 3, (Replacement(Span(20, 24), "1"), Replacement(Span(0, 10), ""))
)


@pytest.mark.parametrize(("versioned", "annotated"), [(False, False), (True, False), (True, True)])
def test_workspace_edit(versioned: bool, annotated: bool) -> None:
    edit = workspace_edit_from(EDIT, snapshot(TEXT), "utf-16", versioned=versioned, annotated=annotated)
    if not versioned:
        assert edit.document_changes is None
        changes = list((edit.changes or {})["file:///w/a.py"])
    else:
        assert edit.changes is None
        document = cast("types.TextDocumentEdit", (edit.document_changes or [])[0])
        assert document.text_document == types.OptionalVersionedTextDocumentIdentifier("file:///w/a.py", 3)
        changes = cast("list[types.TextEdit]", list(document.edits))
    assert [(each.range.start.line, each.range.start.character, each.new_text) for each in changes] == [
        (0, 0, ""), (1, 11, "1"),
    ]  # fmt: skip
    if annotated:
        assert edit.change_annotations
        names = {each.annotation_id for each in changes if isinstance(each, types.AnnotatedTextEdit)}
        assert names == set(edit.change_annotations)
        assert edit.change_annotations["lsp-debugger"].label == "Remove import"
