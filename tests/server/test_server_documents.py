"""Documents: what the client sends becomes exactly the client's text, and ranges keep their text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lsprotocol import types

from lsp_debugger.core.ask import Replacement
from lsp_debugger.core.text import Snapshot, Span
from lsp_debugger.server.convert import range_from
from lsp_debugger.server.documents import Documents, language_of, moved, moved_all, trimmed

URI = "file:///w/a.py"
# Line ends of all kinds, what only Python takes for one, and characters of every width.
ALPHABET = "ab \n\r\f\u2028é漢👍"
TEXTS = st.text(ALPHABET, max_size=40)


def opened(text: str, uri: str = URI, language_id: str = "python") -> Documents:
    documents = Documents()
    documents.opened(types.TextDocumentItem(uri, language_id, 1, text))
    return documents


def partial(
    snapshot: Snapshot, span: Span, new_text: str, encoding: str
) -> types.TextDocumentContentChangePartial:
    return types.TextDocumentContentChangePartial(range_from(snapshot, span, encoding), new_text)


@st.composite
def edits(draw: st.DrawFn) -> tuple[str, list[tuple[Span, str]]]:
    """A text and edits, each of the text as the last one left it, none between the halves of \\r\\n."""
    text = current = draw(TEXTS)
    chosen = list[tuple[Span, str]]()
    for _ in range(draw(st.integers(0, 4))):
        places = [place for place in range(len(current) + 1) if current[place - 1 : place + 1] != "\r\n"]
        ends = sorted([draw(st.sampled_from(places)), draw(st.sampled_from(places))])
        span, new = Span(*ends), draw(st.text(ALPHABET, max_size=6))
        chosen.append((span, new))
        current = current[: span.start] + new + current[span.end :]
    return text, chosen


def spliced(text: str, span: Span, new_text: str) -> str:
    return text[: span.start] + new_text + text[span.end :]


@settings(deadline=None)
@given(edits(), st.sampled_from(["utf-8", "utf-16", "utf-32"]))
def test_the_text_is_the_clients_in_every_encoding(
    case: tuple[str, list[tuple[Span, str]]], encoding: str
) -> None:
    text, steps = case
    documents = opened(text)
    expected, changes = text, []
    for span, new in steps:
        changes.append(partial(Snapshot(URI, expected), span, new, encoding))
        expected = spliced(expected, span, new)
    change = documents.changed(URI, 2, changes, encoding)
    assert change is not None
    assert change.after.text == expected
    assert documents.snapshot(URI) == change.after
    assert change.after.version == 2


@settings(deadline=None)
@given(edits(), st.data())
def test_a_range_whose_text_is_untouched_covers_the_same_text(
    case: tuple[str, list[tuple[Span, str]]], data: st.DataObject
) -> None:
    text, steps = case
    ends = sorted([data.draw(st.integers(0, len(text))), data.draw(st.integers(0, len(text)))])
    span, touched = Span(*ends), False
    covered = span.of(text)
    current = text
    for step, new in steps:
        edit = trimmed(current, Replacement(step, new))
        current = spliced(current, step, new)
        span, here = moved(span, edit)
        touched = touched or here
        assert 0 <= span.start <= span.end <= len(current)
    assert touched or span.of(current) == covered


@settings(deadline=None)
@given(TEXTS, TEXTS)
def test_a_trimmed_edit_gives_the_same_text_and_changes_no_end(old: str, new: str) -> None:
    edit = trimmed(old, Replacement(Span(0, len(old)), new))
    assert spliced(old, edit.span, edit.new_text) == new
    removed = edit.span.of(old)
    if removed and edit.new_text:
        assert removed[0] != edit.new_text[0]
        assert removed[-1] != edit.new_text[-1]


def test_a_whole_new_text_touches_only_what_it_changed() -> None:
    documents = opened("import os\nprint(x)\n")
    whole = types.TextDocumentContentChangeWholeDocument("import os\n\nprint(x)\n")
    change = documents.changed(URI, 2, [whole], "utf-16")
    assert change is not None
    assert change.edits == (Replacement(Span(10, 10), "\n"),)


@pytest.mark.parametrize(
    ("span", "edit", "expected"),
    [
        (Span(4, 6), Replacement(Span(0, 0), "xx"), (Span(6, 8), False)),
        (Span(4, 6), Replacement(Span(8, 9), ""), (Span(4, 6), False)),
        (Span(4, 6), Replacement(Span(4, 4), "x"), (Span(5, 7), True)),
        (Span(4, 6), Replacement(Span(6, 6), "x"), (Span(4, 6), True)),
        (Span(4, 6), Replacement(Span(5, 5), "xy"), (Span(4, 8), True)),
        (Span(4, 6), Replacement(Span(3, 5), ""), (Span(3, 4), True)),
        (Span(4, 6), Replacement(Span(5, 9), "z"), (Span(4, 5), True)),
        (Span(4, 6), Replacement(Span(0, 9), "z"), (Span(0, 0), True)),
    ],
    ids=["before", "after", "at-start", "at-end", "inside", "over-start", "over-end", "all-of-it"],
)
def test_how_a_range_moves(span: Span, edit: Replacement, expected: tuple[Span, bool]) -> None:
    assert moved(span, edit) == expected


def test_the_edits_since_an_older_version_are_known_for_a_while() -> None:
    documents = opened("a\n")
    first = documents.snapshot(URI)
    assert first is not None
    for version in range(2, 5):
        current = documents.snapshot(URI)
        assert current is not None
        documents.changed(URI, version, [partial(current, Span(0, 0), "x", "utf-16")], "utf-16")
    since = documents.since(URI, 1)
    assert since is not None
    before, steps = since
    assert before == first
    assert moved_all(Span(0, 1), steps) == (Span(3, 4), True)
    assert documents.since(URI, 4) == (documents.snapshot(URI), ())
    assert documents.since(URI, 99) is None


def test_a_change_of_a_document_that_is_not_open_is_ignored() -> None:
    documents = Documents()
    assert documents.changed(URI, 2, [types.TextDocumentContentChangeWholeDocument("x")], "utf-16") is None
    assert documents.edits_seen == 0


def test_every_change_counts_as_typing() -> None:
    documents = opened("a")
    documents.changed(URI, 2, [types.TextDocumentContentChangeWholeDocument("b")], "utf-16")
    assert documents.edits_seen == 1


def test_untitled_buffers_and_cells_are_explained_but_not_indexed() -> None:
    documents = opened("x = 1\n", uri="untitled:Untitled-1")
    cell = types.TextDocumentItem("vscode-notebook-cell:/w/n.ipynb#W0", "python", 1, "print(y)\n")
    documents.notebook_opened("file:///w/n.ipynb", [cell])
    documents.opened(types.TextDocumentItem(URI, "python", 1, ""))
    assert {snapshot.uri: (snapshot.path, documents.is_indexed(snapshot.uri)) for snapshot in documents} == {
        "untitled:Untitled-1": (None, False),
        cell.uri: (None, False),
        URI: ("/w/a.py", True),
    }


def test_a_cell_with_a_file_address_is_not_taken_for_a_file() -> None:
    documents = Documents()
    [snapshot] = documents.notebook_opened(
        "file:///w/n.ipynb", [types.TextDocumentItem("file:///w/n.ipynb", "python", 1, "x")]
    )
    assert snapshot.path is None


def test_cells_come_and_go_with_their_notebook() -> None:
    documents = Documents()
    cells = [types.TextDocumentItem(f"cell:{name}", "python", 1, name) for name in "abc"]
    documents.notebook_opened("nb", cells)
    documents.cells_closed("nb", ["cell:a"])
    assert [snapshot.uri for snapshot in documents] == ["cell:b", "cell:c"]
    assert [snapshot.text for snapshot in documents.notebook_closed("nb")] == ["b", "c"]
    assert list(documents) == []


def test_differently_encoded_addresses_name_one_document() -> None:
    documents = opened("x", uri="file:///w/a%20b%28.py")
    assert documents.snapshot("file:///w/a b(.py") is not None


@pytest.mark.parametrize(
    ("given_id", "expected"),
    [
        ("python", "python"),
        ("python-base", "python"),
        ("typescript-ts-base", "typescript"),
        ("js", "javascript"),
    ],
)
def test_language_ids_from_mode_names(given_id: str, expected: str) -> None:
    assert language_of(given_id) == expected
