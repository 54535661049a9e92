"""Edits of a checked fix: what every kind of client gets, and that it makes exactly the checked texts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from edited_files import applied
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types
from lsprotocol.converters import get_converter
from scripted_client import NAMES, recorded

from lsp_debugger.core.text import Snapshot
from lsp_debugger.server.capabilities import ClientFacts, client_facts
from lsp_debugger.server.edits import (
    Note,
    closed_are_current,
    file_changes,
    is_taken_by,
    open_are_current,
    replacements,
    workspace_edit,
)

ROOT = Path("/w")
OLD = "import os\r\nprint(nme)\n\x0cx = 1\u2028y\n"
ALL = ClientFacts(
    applies_versioned_edits=True,
    annotates_edits=True,
    file_operations=frozenset({"create", "rename", "delete"}),
)
# Line ends of LSP and characters that other tools take for some; one that is two units in UTF-16.
LINES = st.lists(
    st.text(st.sampled_from("ab \t\x0c\u2028é𝄞"), max_size=4).flatmap(
        lambda line: st.sampled_from(["\n", "\r\n", "\r", ""]).map(lambda end: line + end)
    ),
    max_size=12,
).map("".join)


def facts(name: str) -> ClientFacts:
    given = {"processId": None, "rootUri": None, "capabilities": recorded(name)}
    return client_facts(get_converter().structure(given, types.InitializeParams))


def document(path: str, text: str, version: int = 7) -> Snapshot:
    return Snapshot(f"file://{path}", text, version, path, "python")


@given(old=LINES, new=LINES)
def test_replacements_make_the_new_text(old: str, new: str) -> None:
    text = old
    for each in reversed(replacements(old, new)):
        text = text[: each.span.start] + each.new_text + text[each.span.end :]
    assert text == new


@given(old=LINES, new=LINES)
def test_an_edit_makes_the_checked_text_in_every_form(old: str, new: str) -> None:
    changes = file_changes({"a.py": new}, {"a.py": old}, ROOT, [document("/w/a.py", old)])
    for client in (ALL, replace(ALL, annotates_edits=False), ClientFacts()):
        edit = workspace_edit(changes, client, "utf-16", Note("Fix", needs_yes=True))
        assert edit is not None
        assert applied(edit, {"file:///w/a.py": old}) == {"file:///w/a.py": new}


def test_only_the_lines_that_change_are_written() -> None:
    [change] = file_changes(
        {"a.py": OLD.replace("nme", "name")}, {"a.py": OLD}, ROOT, [document("/w/a.py", OLD)]
    )
    edit = workspace_edit([change], ALL, "utf-16", Note("Fix: it", "May break: b.py:1"))
    assert edit is not None
    assert edit.document_changes
    [step] = edit.document_changes
    assert isinstance(step, types.TextDocumentEdit)
    assert step.text_document.version == 7
    [written] = step.edits
    assert isinstance(written, types.AnnotatedTextEdit)
    assert written.new_text == "print(name)\n"
    assert edit.change_annotations == {
        written.annotation_id: types.ChangeAnnotation("Fix: it", False, "May break: b.py:1")
    }


@pytest.mark.parametrize(
    ("texts", "before", "kinds"),
    [
        ({"a.py": "1\n", "b.py": "2\n"}, {"a.py": "0\n", "b.py": "0\n"}, ["", ""]),
        ({"new.py": "1\n"}, {}, ["create", ""]),
        ({"a.py": None}, {"a.py": "0\n"}, ["delete"]),
        ({"a.py": None, "b.py": "0\n"}, {"a.py": "0\n"}, ["rename"]),
        ({"a.py": None, "b.py": "0\n1\n2\n4\n"}, {"a.py": "0\n1\n2\n3\n"}, ["", "rename"]),
        ({"a.py": None, "b.py": "other\n"}, {"a.py": "0\n1\n"}, ["delete", "create", ""]),
        ({"a.py": "same\n", "b.py": "2\n"}, {"a.py": "same\n", "b.py": "0\n"}, [""]),
    ],
)
def test_several_files(texts: dict[str, str | None], before: dict[str, str], kinds: list[str]) -> None:
    changes = file_changes(texts, before, ROOT, [])
    edit = workspace_edit(changes, ALL, "utf-16", Note("Fix", needs_yes=True))
    assert edit is not None
    assert edit.document_changes
    assert [getattr(each, "kind", "") for each in edit.document_changes] == kinds
    files = {f"file:///w/{name}": text for name, text in before.items()}
    wanted = {f"file:///w/{name}": text for name, text in {**before, **texts}.items() if text is not None}
    assert applied(edit, files) == wanted


def test_what_a_client_cannot_do_to_files_is_no_edit() -> None:
    new = file_changes({"new.py": "1\n"}, {}, ROOT, [])
    for client in (ClientFacts(), replace(ALL, file_operations=frozenset({"rename"}))):
        assert not is_taken_by(new, client)
        assert workspace_edit(new, client, "utf-16", Note("Fix", needs_yes=True)) is None


def test_open_documents_come_first_under_their_own_address() -> None:
    mine = replace(document("/w/b.py", "0\n"), uri="file:///w/%62.py")
    changes = file_changes({"a.py": "1\n", "b.py": "1\n"}, {"a.py": "0\n", "b.py": "0\n"}, ROOT, [mine])
    assert [(each.uri, each.version) for each in changes] == [
        ("file:///w/%62.py", 7),
        ("file:///w/a.py", None),
    ]


def test_what_has_changed_is_noticed_wherever_it_is() -> None:
    mine = document("/w/a.py", "0\n")
    changes = file_changes({"a.py": "1\n", "b.py": "1\n"}, {"a.py": "0\n", "b.py": "0\n"}, ROOT, [mine])
    disk = {"/w/b.py": "0\n"}

    def read(path: str) -> Snapshot | None:
        return document(path, disk[path]) if path in disk else None

    assert open_are_current(changes, [mine])
    assert closed_are_current(changes, read)
    assert not open_are_current(changes, [replace(mine, text="0\n\n")])
    # A file that somebody has opened meanwhile counts as it is there.
    assert not open_are_current(changes, [mine, document("/w/b.py", "typed\n")])
    disk["/w/b.py"] = "2\n"
    assert not closed_are_current(changes, read)
    disk.clear()
    assert not closed_are_current(changes, read)


@pytest.mark.parametrize("name", NAMES)
def test_annotations_are_used_where_edits_are_versioned(name: str) -> None:
    known = facts(name)
    changes = file_changes({"a.py": "1\n"}, {"a.py": "0\n"}, ROOT, [document("/w/a.py", "0\n")])
    edit = workspace_edit(changes, known, "utf-16", Note("Fix", needs_yes=True))
    assert edit is not None
    assert bool(edit.change_annotations) == known.confirms_edits
    assert bool(edit.document_changes) == known.applies_versioned_edits
