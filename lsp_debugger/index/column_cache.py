"""The columns that ranking needs, of every row, in memory: a question finds rows all over the table.

Rows are never changed where they stand, so a row's place in the table says all there
is to say about it; which rows are out of date is known by what was noted since, see `Lexical`.
"""

from __future__ import annotations

import importlib
from collections.abc import Collection, Sequence
from typing import Any

from lsp_debugger.index.rows import CANDIDATE_COLUMNS, ArrowTable, Candidate, candidates_in
from lsp_debugger.index.tables import LanceTable
from lsp_debugger.index.unindexed import Unindexed

MAX_ROWS = 200_000  # about 60 MB; the columns of a larger table stay where they are


class ColumnCache:
    """Of one version of the table. beside: what was written since then."""

    def __init__(self, columns: ArrowTable, beside: Unindexed) -> None:
        """columns: those of CANDIDATE_COLUMNS, and `_rowid`."""
        self.beside = beside
        self._compute: Any = importlib.import_module("pyarrow.compute")
        self._pyarrow: Any = importlib.import_module("pyarrow")
        self._columns = columns.combine_chunks()
        self._rows = self._columns.column("_rowid").to_numpy()
        self._order = self._rows.argsort()
        self._sorted = self._rows[self._order]
        self._defining = _Postings(self._columns.column("defines").combine_chunks())

    @classmethod
    def of(cls, table: LanceTable, beside: Unindexed) -> ColumnCache | None:
        """None for a table that is too large. Raises what LanceDB does."""
        if table.count_rows() > MAX_ROWS:
            return None
        return cls(table.search().select(list(CANDIDATE_COLUMNS)).with_row_id(True).to_arrow(), beside)

    def candidates(self, rows: Sequence[int]) -> dict[int, Candidate]:
        """By place, those of `rows` that the table had then."""
        if not rows or not len(self._sorted):
            return {}
        wanted = self._pyarrow.array(rows, self._pyarrow.uint64()).to_numpy()
        found = self._sorted.searchsorted(wanted).clip(max=len(self._sorted) - 1)
        there = self._order[found[self._sorted[found] == wanted]]
        return {each.row: each for each in candidates_in(self._columns.take(there))}

    def rows_with(
        self,
        column: str,
        values: Collection[str],
        limit: int,
        *,
        without: Collection[str] = (),
        exclude_tests: bool = False,
    ) -> list[int]:
        """Places of rows that have one of the values, in the table's order. without: paths."""
        compute = self._compute
        if column == "defines":
            hits = self._defining.of(values)
        else:
            hits = compute.indices_nonzero(self._is_in(self._columns.column(column), values))
        found = self._columns.select(["_rowid", "path", "is_test"]).take(hits)
        if exclude_tests:
            found = found.filter(compute.invert(found.column("is_test")))
        if without:
            found = found.filter(compute.invert(self._is_in(found.column("path"), without)))
        places: list[int] = found.column("_rowid").slice(0, limit).to_pylist()
        return places

    def _is_in(self, data: Any, values: Collection[str]) -> Any:
        wanted = self._pyarrow.array(list(values), self._pyarrow.string())
        return self._compute.is_in(data, value_set=wanted)


class _Postings:
    """Of a column of lists: which rows hold a value. Comparing them all takes 2 ms in 55,000 rows."""

    def __init__(self, lists: Any) -> None:
        numpy, compute = (importlib.import_module(name) for name in ("numpy", "pyarrow.compute"))
        values = compute.list_flatten(lists).dictionary_encode()
        codes = values.indices.to_numpy(zero_copy_only=False)
        order = codes.argsort(kind="stable")
        self._numpy: Any = numpy
        self._codes = {value: code for code, value in enumerate(values.dictionary.to_pylist())}
        self._rows = compute.list_parent_indices(lists).to_numpy()[order]
        self._starts = codes[order].searchsorted(numpy.arange(len(self._codes) + 1))

    def of(self, values: Collection[str]) -> Any:
        """Numbers of rows, ascending."""
        codes = [self._codes[each] for each in values if each in self._codes]
        parts = [self._rows[self._starts[code] : self._starts[code + 1]] for code in codes]
        return self._numpy.unique(self._numpy.concatenate(parts)) if parts else self._rows[:0]
