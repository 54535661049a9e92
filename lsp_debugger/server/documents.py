"""The open documents, as the client describes them.

pygls keeps documents too, but splits lines at form feeds and U+2028 and clamps positions wrongly,
after which every later offset is off; so the text that everything works on is this.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from urllib.parse import unquote

from lsprotocol import types

from lsp_debugger.core.ask import Replacement
from lsp_debugger.core.text import Snapshot, Span
from lsp_debugger.server.convert import path_from, span_from

_log = logging.getLogger(__name__)
_HISTORY = 8  # versions that a diagnostic may be late by
_HISTORY_MAX_CHARS = 512 * 1024  # of larger documents no former text is kept
_LANGUAGES = {"js": "javascript", "ts": "typescript", "tsx": "typescriptreact", "py": "python"}


@dataclass(frozen=True, slots=True)
class Change:
    """One step from a text to the next: `edits` apply one after the other, each to the result of the last."""

    before: Snapshot
    edits: tuple[Replacement, ...]
    after: Snapshot


@dataclass(slots=True)
class _Document:
    snapshot: Snapshot
    is_cell: bool = False
    history: deque[Change] = field(default_factory=lambda: deque[Change](maxlen=_HISTORY))


class Documents:
    """Every open text document, notebook cells included.

    edits_seen: counts every change of every document; two equal readings mean that nobody typed.
    """

    def __init__(self) -> None:
        self._open: dict[str, _Document] = {}
        self._notebooks: dict[str, dict[str, None]] = {}
        self.edits_seen = 0

    def __contains__(self, uri: str) -> bool:
        return key_of(uri) in self._open

    def __iter__(self) -> Iterator[Snapshot]:
        return iter([document.snapshot for document in self._open.values()])

    def snapshot(self, uri: str) -> Snapshot | None:
        """The document as it is now, or None when it is not open."""
        document = self._open.get(key_of(uri))
        return document.snapshot if document else None

    def is_indexed(self, uri: str) -> bool:
        """Files are; untitled buffers and notebook cells are explained only."""
        document = self._open.get(key_of(uri))
        return document is not None and not document.is_cell and document.snapshot.path is not None

    def opened(self, item: types.TextDocumentItem, *, is_cell: bool = False) -> Snapshot:
        """Take over a document; its text wins over the disk's from now on."""
        path = None if is_cell else path_from(item.uri)
        snapshot = Snapshot(item.uri, item.text, item.version, path, language_of(item.language_id))
        self._open[key_of(item.uri)] = _Document(snapshot, is_cell)
        return snapshot

    def changed(
        self, uri: str, version: int, changes: Sequence[types.TextDocumentContentChangeEvent], encoding: str
    ) -> Change | None:
        """Apply what the client sent, in its order; None when the document is not open."""
        document = self._open.get(key_of(uri))
        if document is None:
            _log.warning("change of a document that is not open")
            return None
        self.edits_seen += 1
        before = current = document.snapshot
        edits = list[Replacement]()
        for each in changes:
            edit = _replacement(current, each, encoding)
            edits.append(edit)
            current = _edited(current, edit, version)
        if not edits:
            current = _edited(before, Replacement(Span(0, 0), ""), version)
        document.snapshot = current
        change = Change(before, tuple(edits), current)
        if len(before.text) <= _HISTORY_MAX_CHARS:
            document.history.append(change)
        else:
            document.history.clear()
        return change

    def closed(self, uri: str) -> Snapshot | None:
        """Forget the document; returns it as it was, or None when it was not open."""
        document = self._open.pop(key_of(uri), None)
        return document.snapshot if document else None

    def since(self, uri: str, version: int) -> tuple[Snapshot, tuple[Replacement, ...]] | None:
        """The text as it was at `version` and the edits from there to now; None when it is not known."""
        document = self._open.get(key_of(uri))
        if document is None:
            return None
        if document.snapshot.version == version:
            return document.snapshot, ()
        for position, change in enumerate(document.history):
            if change.before.version == version:
                later = islice(document.history, position, None)
                return change.before, tuple(edit for each in later for edit in each.edits)
        return None

    def notebook_opened(self, uri: str, cells: Iterable[types.TextDocumentItem]) -> list[Snapshot]:
        """Open cells of a notebook, which may be open already."""
        snapshots = [self.opened(cell, is_cell=True) for cell in cells]
        known = self._notebooks.setdefault(key_of(uri), {})
        known.update(dict.fromkeys(snapshot.uri for snapshot in snapshots))
        return snapshots

    def cells_closed(self, uri: str, cells: Iterable[str]) -> list[Snapshot]:
        """Forget these cells of a notebook; returns them as they were."""
        known = self._notebooks.get(key_of(uri), {})
        for cell in (cells := list(cells)):
            known.pop(cell, None)
        return [snapshot for cell in cells if (snapshot := self.closed(cell)) is not None]

    def notebook_closed(self, uri: str) -> list[Snapshot]:
        """Forget a notebook with all of its cells; returns them as they were."""
        closed = self.cells_closed(uri, self._notebooks.get(key_of(uri), {}))
        self._notebooks.pop(key_of(uri), None)
        return closed


def key_of(uri: str) -> str:
    """One name for one document: editors percent-encode differently."""
    return unquote(uri)


def language_of(language_id: str) -> str:
    """The usual id. Emacs derives its own from mode names: `python-base`, `typescript-ts`."""
    plain = language_id.removesuffix("-base").removesuffix("-ts")
    return _LANGUAGES.get(plain, plain)


def moved(span: Span, edit: Replacement) -> tuple[Span, bool]:
    """Where `span` is after `edit`, and whether the edit touched it.

    A span that shares only a boundary with the edit keeps its text, but counts as touched: `os`
    has become another word when `x` is typed before it.
    """
    start, end, growth = edit.span.start, edit.span.end, len(edit.new_text) - len(edit.span)
    touched = span.touches(edit.span)
    if end <= span.start:
        return Span(span.start + growth, span.end + growth), touched
    if start >= span.end:
        return span, touched
    keeps_head, keeps_tail = span.start < start, span.end > end
    new_start = span.start if keeps_head else (end + growth if keeps_tail else start)
    new_end = span.end + growth if keeps_tail else start
    return Span(new_start, max(new_start, new_end)), True


def moved_all(span: Span, edits: Iterable[Replacement]) -> tuple[Span, bool]:
    """`moved` by one edit after the other; touched when any of them did."""
    touched = False
    for edit in edits:
        span, here = moved(span, edit)
        touched = touched or here
    return span, touched


def trimmed(text: str, edit: Replacement) -> Replacement:
    """The same edit of `text` without what it leaves as it was: clients replace whole documents."""
    old, new = edit.span.of(text), edit.new_text
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    return Replacement(Span(edit.span.start + head, edit.span.end - tail), new[head : len(new) - tail])


def _replacement(
    current: Snapshot, change: types.TextDocumentContentChangeEvent, encoding: str
) -> Replacement:
    if isinstance(change, types.TextDocumentContentChangePartial):
        edit = Replacement(span_from(current, change.range, encoding), change.text)
    else:
        edit = Replacement(Span(0, len(current.text)), change.text)
    return trimmed(current.text, edit)


def _edited(current: Snapshot, edit: Replacement, version: int) -> Snapshot:
    text = current.text[: edit.span.start] + edit.new_text + current.text[edit.span.end :]
    return Snapshot(current.uri, text, version, current.path, current.language_id)


def _common(left: str, right: str) -> int:
    """Length of the common beginning, by halving: comparing slices is far quicker than characters."""
    low, high = 0, min(len(left), len(right))
    if left[:high] == right[:high]:
        return high
    while low < high - 1:
        middle = (low + high) // 2
        if left[low:middle] == right[low:middle]:
            low = middle
        else:
            high = middle
    return low
