"""Rows of the table as candidates, read in steps: what words find, then what ranking needs, then some texts.

A question finds hundreds of rows, and shows ten. Reading a row's columns takes longer than finding it, so
what was read is remembered: most of what one question finds, the next one in the same code finds again.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from lsp_debugger.index.column_cache import ColumnCache
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

_MAX_KNOWN = 10_000  # about 10 MB, and the texts of those that were shown

# A row's id and the hash of its file: the same in every version of the table, unlike its place.
_Key = tuple[str, str]


class Candidates:
    """Of one table. Methods may run in several threads, beside one that writes.

    Known by their places in the table. Rows are never changed where they stand: a place that held a row
    holds that one, until maintenance leaves its whole fragment behind.
    """

    def __init__(self, table: LanceTable, form: Form) -> None:
        self.columns: ColumnCache | None = None  # what need not be read
        self._table = table
        self._form = form
        self._lock = threading.Lock()
        self._known: OrderedDict[int, Candidate] = OrderedDict()

    def of(self, query: Any, *, scored: bool = False) -> list[Candidate]:
        """What a query of the table finds, in its order. scored: it is one by words.

        Those that were shown before have their texts.
        """
        query = query.select(["_score", "_rowid"] if scored else ["_rowid"]).with_row_id(True)
        found, known = self._found(query)
        if len(known) < found.num_rows:  # maintenance has moved some in between
            found, known = self._found(query)
        rows = found.column("_rowid").to_pylist()
        scores = found.column("_score").to_pylist() if scored else [0.0] * len(rows)
        return [
            self.shown(known[row]._replace(lexical=score))
            for row, score in zip(rows, scores, strict=True)
            if row in known
        ]

    def at(self, rows: Sequence[int]) -> list[Candidate]:
        """Those at these places, as they were when the columns were read."""
        known = self._at_hand(rows)
        return [self.shown(known[row]) for row in rows if row in known]

    def with_texts(self, candidates: Sequence[Candidate]) -> list[Candidate | None]:
        """None for one whose row is gone. A blind table has no texts: they stay as they are."""
        missing = {
            (each.id, each.file_hash): each.row for each in candidates if each.text is None and each.row >= 0
        }
        if self._form.is_blind or not missing:
            return list(candidates)
        columns = list(TEXT_COLUMNS)
        texts = _texts_in(self._table.take_row_ids(list(missing.values())).select(columns).to_arrow())
        moved = missing.keys() - texts.keys()
        if moved:
            ids = quoted([row_id for row_id, _ in moved])
            texts |= _texts_in(self._table.search().where(f"id IN ({ids})").select(columns).to_arrow())
        found = [_with_text(each, texts) if each.text is None else each for each in candidates]
        with self._lock:
            for each in found:
                known = self._known.get(each.row) if each else None
                if each and known and (known.id, known.file_hash) == (each.id, each.file_hash):
                    self._known[each.row] = known._replace(text=each.text, literals=each.literals)
        return found

    def _found(self, query: Any) -> tuple[ArrowTable, dict[int, Candidate]]:
        """What a query gives, and the candidates at those places."""
        found = query.to_arrow()
        return found, self._at_hand(found.column("_rowid").to_pylist())

    def _at_hand(self, rows: Sequence[int]) -> dict[int, Candidate]:
        with self._lock:
            found = {row: self._known[row] for row in rows if row in self._known}
            for row in found:
                self._known.move_to_end(row)
        missing = [row for row in dict.fromkeys(rows) if row not in found]
        if missing:
            read = self._read(missing)
            found |= read
            with self._lock:
                self._known.update(read)
                while len(self._known) > _MAX_KNOWN:
                    self._known.popitem(last=False)
        return found

    def _read(self, rows: Sequence[int]) -> dict[int, Candidate]:
        columns = self.columns
        found = columns.candidates(rows) if columns else {}
        missing = [row for row in rows if row not in found]
        if missing:
            query = self._table.take_row_ids(missing).select(list(CANDIDATE_COLUMNS)).with_row_id()
            found |= {each.row: each for each in candidates_in(query.to_arrow())}
        return found

    def shown(self, candidate: Candidate) -> Candidate:
        """With those names that a blind table can tell."""
        form = self._form
        if not form.is_blind:
            return candidate
        return candidate._replace(
            defines=form.names(candidate.defines), qualname=form.qualname(candidate.qualname)
        )


def _texts_in(rows: ArrowTable) -> dict[_Key, tuple[str, list[int]]]:
    columns = (rows.column(name).to_pylist() for name in ("id", "file_hash", "text", "literals"))
    return {
        (row_id, file_hash): (text, spans) for row_id, file_hash, text, spans in zip(*columns, strict=True)
    }


def _with_text(candidate: Candidate, texts: dict[_Key, tuple[str, list[int]]]) -> Candidate | None:
    found = texts.get((candidate.id, candidate.file_hash))
    return candidate._replace(text=found[0], literals=literals_in(found[1])) if found else None
