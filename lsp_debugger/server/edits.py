"""A checked fix as the edit that an editor takes: versioned, with its verdict, over all of its files."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from lsprotocol import types

from lsp_debugger.core.ask import Replacement
from lsp_debugger.core.diff import differences, same
from lsp_debugger.core.text import LineIndex, Snapshot, Span
from lsp_debugger.server.capabilities import ClientFacts
from lsp_debugger.server.convert import range_from, uri_from

_ANNOTATION_ID = "lsp-debugger"
# Below this share of equal lines it is another file, whatever the two are called.
_RENAMED_RATIO = 0.6
_EDITS_AT_HAND = 8

_Step = types.TextDocumentEdit | types.CreateFile | types.RenameFile | types.DeleteFile


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file of a fix.

    uri: the client's own name for it where it is open. before: None for a file that is new; after: None for
    one that goes. version: of the open document that `before` is, None for a file that is not open.
    """

    path: str
    uri: str
    before: str | None
    after: str | None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """What a client may show beside an edit. needs_yes: it asks before it applies it."""

    label: str
    description: str = ""
    needs_yes: bool = False


def file_changes(
    texts: Mapping[str, str | None], before: Mapping[str, str], root: Path, documents: Iterable[Snapshot]
) -> list[FileChange]:
    """The files that really change. texts, before: by path below the root.

    Open ones first: some editors look at the version of the first edit only.
    """
    open_now = {snapshot.path: snapshot for snapshot in documents if snapshot.path is not None}
    changes = list[FileChange]()
    for name, after in texts.items():
        path = str(root / name)
        document, old = open_now.get(path), before.get(name)
        if old == after:
            continue
        uri, version = (document.uri, document.version) if document else (uri_from(path), None)
        changes.append(FileChange(path, uri, old, after, version))
    return sorted(changes, key=lambda each: each.version is None)


def open_are_current(changes: Iterable[FileChange], documents: Iterable[Snapshot]) -> bool:
    """Whether every open document of a fix is, to the letter, what the fix was made for. Pure look-up."""
    texts = {snapshot.path: snapshot.text for snapshot in documents if snapshot.path is not None}
    return all(texts[each.path] == each.before for each in changes if each.path in texts)


def closed_are_current(changes: Iterable[FileChange], read: Callable[[str], Snapshot | None]) -> bool:
    """The same for files that are not open. read: from the disk, None for what is not there; blocks."""
    for each in changes:
        if each.version is None:
            now = read(each.path)
            if (now.text if now else None) != each.before:
                return False
    return True


def is_taken_by(changes: Sequence[FileChange], facts: ClientFacts) -> bool:
    """Whether this client can do all of it: not each one creates or removes files."""
    needed = {"create" for each in changes if each.before is None}
    needed |= {"delete" for each in changes if each.after is None}
    if not needed:
        return True
    by_name = "rename" in facts.file_operations and bool(_renames(changes))
    return facts.applies_versioned_edits and (by_name or needed <= facts.file_operations)


def workspace_edit(
    changes: Sequence[FileChange], facts: ClientFacts, encoding: str, note: Note
) -> types.WorkspaceEdit | None:
    """None when it does to files what this client cannot."""
    if not is_taken_by(changes, facts):
        return None
    if not facts.applies_versioned_edits:
        return types.WorkspaceEdit(changes={each.uri: _edits(each, encoding) for each in changes})
    noted = _ANNOTATION_ID if facts.annotates_edits else None
    renames = _renames(changes) if "rename" in facts.file_operations else {}
    arrived = {each.path for each in renames.values()}
    made = [
        step
        for each in changes
        if each.path not in arrived
        for step in _steps(each, renames.get(each.path), encoding, noted)
    ]
    shown = types.ChangeAnnotation(note.label, note.needs_yes, note.description or None)
    return types.WorkspaceEdit(
        document_changes=made, change_annotations={_ANNOTATION_ID: shown} if noted else None
    )


def _steps(change: FileChange, target: FileChange | None, encoding: str, note: str | None) -> Iterator[_Step]:
    """What is done for one file, in order. target: what it is called afterwards, where its name changes."""
    if target is not None:
        if change.before != target.after:
            yield _text_edit(replace(change, after=target.after), encoding, note)
        yield types.RenameFile(old_uri=change.uri, new_uri=target.uri, annotation_id=note)
    elif change.after is None:
        yield types.DeleteFile(uri=change.uri, annotation_id=note)
    else:
        if change.before is None:
            yield types.CreateFile(uri=change.uri, annotation_id=note)
        yield _text_edit(change, encoding, note)


@lru_cache(_EDITS_AT_HAND)
def replacements(old: str, new: str) -> tuple[Replacement, ...]:
    """The smallest edits by whole lines. Blocks, for a large file, when it is first asked about two texts."""
    before, after = _lines(old), _lines(new)
    starts = [0, *itertools.accumulate(map(len, before))]
    return tuple(
        Replacement(Span(starts[first], starts[last]), "".join(after[start:end]))
        for first, last, start, end in differences(before, after)
    )


def _renames(changes: Sequence[FileChange]) -> dict[str, FileChange]:
    """By the path of a file that goes, the new one that is the same file under another name."""
    gone = [each for each in changes if each.after is None]
    new = [each for each in changes if each.before is None]
    if len(gone) != 1 or len(new) != 1:
        return {}
    old, fresh = gone[0].before or "", new[0].after or ""
    ours, theirs = old.splitlines(), fresh.splitlines()
    alike = 2 * sum(1 for _ in same(ours, theirs)) >= _RENAMED_RATIO * (len(ours) + len(theirs))
    return {gone[0].path: new[0]} if old == fresh or alike else {}


def _text_edit(change: FileChange, encoding: str, note: str | None) -> types.TextDocumentEdit:
    document = types.OptionalVersionedTextDocumentIdentifier(uri=change.uri, version=change.version)
    edits = _edits(change, encoding)
    if note is None:
        return types.TextDocumentEdit(document, edits)
    return types.TextDocumentEdit(
        document, [types.AnnotatedTextEdit(note, each.range, each.new_text) for each in edits]
    )


def _edits(change: FileChange, encoding: str) -> list[types.TextEdit]:
    snapshot = Snapshot(change.uri, change.before or "", change.version, change.path)
    return [
        types.TextEdit(range_from(snapshot, each.span, encoding), each.new_text)
        for each in replacements(snapshot.text, change.after or "")
    ]


def _lines(text: str) -> list[str]:
    """Lines with their ends. Not `splitlines`: that also ends lines where LSP does not."""
    index = LineIndex(text)
    starts = [index.span_of(line).start for line in range(len(index))]
    return [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]
