"""Rows of the table as candidates, read in steps: what words find, then what ranking needs, then some texts.

A question finds hundreds of rows, and shows ten. Reading a row's columns takes longer than finding it, so
what was read is remembered: most of what one question finds, the next one in the same code finds again.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from lsp_debugger.index.rows import (
    CANDIDATE_COLUMNS,
    TEXT_COLUMNS,
    ArrowTable,
    Candidate,
    candidates_in,
    literals_in,
)
from lsp_debugger.index.tables import LanceTable, quoted
from lsp_debugger.index.veil import Form

_MAX_KNOWN = 10_000  # about 10 MB

# A row's id and the hash of its file: the same in every version of the table, unlike its place.
_Key = tuple[str, str]


class Candidates:
    """Of one table. Methods may run in several threads, beside one that writes."""

    def __init__(self, table: LanceTable, form: Form) -> None:
        self._table = table
        self._form = form
        self._lock = threading.Lock()
        self._known: OrderedDict[_Key, Candidate] = OrderedDict()

    def of(self, query: Any, *, scored: bool = False) -> list[Candidate]:
        """What a query of the table finds, in its order, without texts. scored: it is one by words."""
        columns = ["id", "file_hash", *(["_score"] if scored else [])]
        found = query.select(columns).with_row_id(True).to_arrow()
        keys, rows = _keys(found), found.column("_rowid").to_pylist()
        scores = found.column("_score").to_pylist() if scored else [0.0] * len(keys)
        known = self._at_hand(dict(zip(keys, rows, strict=True)))
        return [
            self.shown(replace(known[key], row=row, lexical=score))
            for key, row, score in zip(keys, rows, scores, strict=True)
            if key in known
        ]

    def with_texts(self, candidates: Sequence[Candidate]) -> list[Candidate | None]:
        """None for one whose row is gone. A blind table has no texts: they stay as they are."""
        missing = {
            (each.id, each.file_hash): each.row for each in candidates if each.text is None and each.row >= 0
        }
        if self._form.is_blind or not missing:
            return list(candidates)
        texts: dict[_Key, tuple[str, list[int]]] = {}

        def note(rows: ArrowTable) -> Iterable[_Key]:
            columns = (rows.column(name).to_pylist() for name in ("text", "literals"))
            texts.update(zip(_keys(rows), zip(*columns, strict=True), strict=True))
            return texts

        self._read(missing, TEXT_COLUMNS, note)
        return [_with_text(each, texts) if each.text is None else each for each in candidates]

    def _at_hand(self, wanted: dict[_Key, int]) -> dict[_Key, Candidate]:
        with self._lock:
            found = {key: self._known[key] for key in wanted if key in self._known}
            for key in found:
                self._known.move_to_end(key)
        missing = {key: row for key, row in wanted.items() if key not in found}

        def note(rows: ArrowTable) -> Iterable[_Key]:
            found.update(((each.id, each.file_hash), each) for each in candidates_in(rows))
            return found

        if missing:
            self._read(missing, CANDIDATE_COLUMNS, note)
            with self._lock:
                self._known.update((key, found[key]) for key in missing if key in found)
                while len(self._known) > _MAX_KNOWN:
                    self._known.popitem(last=False)
        return found

    def _read(
        self, wanted: dict[_Key, int], columns: Sequence[str], note: Callable[[ArrowTable], Iterable[_Key]]
    ) -> None:
        """By place; by id what maintenance has moved since. note: takes rows, says which are there by now."""
        rows = self._table.take_row_ids(list(wanted.values())).select(list(columns)).to_arrow()
        moved = wanted.keys() - set(note(rows))
        if moved:
            ids = quoted([row_id for row_id, _ in moved])
            note(self._table.search().where(f"id IN ({ids})").select(list(columns)).to_arrow())

    def shown(self, candidate: Candidate) -> Candidate:
        """With those names that a blind table can tell."""
        form = self._form
        if not form.is_blind:
            return candidate
        return replace(
            candidate, defines=form.names(candidate.defines), qualname=form.qualname(candidate.qualname)
        )


def _keys(rows: ArrowTable) -> list[_Key]:
    return list(zip(*(rows.column(name).to_pylist() for name in ("id", "file_hash")), strict=True))


def _with_text(candidate: Candidate, texts: dict[_Key, tuple[str, list[int]]]) -> Candidate | None:
    found = texts.get((candidate.id, candidate.file_hash))
    return replace(candidate, text=found[0], literals=literals_in(found[1])) if found else None
