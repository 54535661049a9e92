"""What rows say beside their words: the names they define, the lines they hold, what their file imports."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator

from lsp_debugger.index.candidates import Candidates
from lsp_debugger.index.lexical import Lexical
from lsp_debugger.index.rows import Candidate
from lsp_debugger.index.tables import LanceTable, quoted
from lsp_debugger.index.veil import Form
from lsp_debugger.index.waiting import Waiting

_MAX_NAMES = 64
_MAX_FOUND = 400
_MAX_IMPORTS = 2_000


class Structure:
    """Of one table, with the rows that wait for it. Methods raise what LanceDB does.

    without: paths that somebody else answers for.
    """

    def __init__(
        self, table: LanceTable, form: Form, candidates: Candidates, lexical: Lexical, waiting: Waiting
    ) -> None:
        self._table = table
        self._form = form
        self._candidates = candidates
        self._lexical = lexical
        self._waiting = waiting
        self._imports: dict[str, tuple[str, list[str]]] = {}  # of files that were asked for, with their hash

    def defining(
        self, names: Collection[str], without: Collection[str], *, exclude_tests: bool
    ) -> list[Candidate]:
        if not names:
            return []
        stored = {self._form.name(name) for name in list(names)[:_MAX_NAMES]}
        return self._where(
            ("defines", stored),
            f"array_has_any(defines, [{quoted(sorted(stored))}])",
            lambda each: not stored.isdisjoint(each.defines),
            without,
            exclude_tests=exclude_tests,
        )

    def holding(self, places: Collection[tuple[str, int]], without: Collection[str]) -> list[Candidate]:
        if not places:
            return []
        conditions = " OR ".join(
            f'(path = {quoted([path])} AND start <= {line:d} AND "end" >= {line:d})' for path, line in places
        )
        wanted = set(places)

        def holds(each: Candidate) -> bool:
            """A remainder begins before and ends after lines that are not its own."""
            return any((each.path, line) in wanted for line in each.lines())

        paths = {path for path, _ in wanted}
        return [
            each for each in self._where(("path", paths), f"({conditions})", holds, without) if holds(each)
        ]

    def with_hashes(
        self, hashes: Collection[str], without: Collection[str], *, exclude_tests: bool
    ) -> list[Candidate]:
        if not hashes:
            return []
        return self._where(
            ("chunk_hash", hashes),
            f"chunk_hash IN ({quoted(hashes)})",
            lambda each: each.chunk_hash in hashes,
            without,
            exclude_tests=exclude_tests,
        )

    def imports_of(self, path: str, file_hash: str) -> list[str]:
        waiting = self._waiting.files
        if path in waiting:
            file = waiting[path]
            return list(
                dict.fromkeys(name for chunk in (file.chunks if file else ()) for name in chunk.imports)
            )
        read_hash, imports = self._imports.get(path, ("", []))
        if file_hash and file_hash == read_hash:
            return imports
        query = self._table.search().where(f"path = {quoted([path])}").select(["file_hash", "imports"])
        rows = query.to_list()
        imports = list(dict.fromkeys(name for row in rows for name in row["imports"]))
        if len(self._imports) >= _MAX_IMPORTS:
            self._imports.clear()
        if rows:
            self._imports[path] = rows[0]["file_hash"], imports
        return imports

    def _where(
        self,
        having: tuple[str, Collection[str]],
        condition: str,
        holds: Callable[[Candidate], bool],
        without: Collection[str],
        *,
        exclude_tests: bool = False,
    ) -> list[Candidate]:
        """having: (column, values): what the cache is asked for, which may be more than the condition says.

        holds: the same condition, of rows that are in memory.
        """
        columns, newer = self._candidates.columns, self._lexical.newer
        if columns and newer is not None and columns.beside is newer:
            rows = columns.rows_with(
                *having, _MAX_FOUND, without={*without, *newer.paths}, exclude_tests=exclude_tests
            )
            return [*self._candidates.at(rows), *self._of(newer.all(), holds, without, exclude_tests)]
        waiting = self._waiting.files
        hidden = {*without, *waiting}
        conditions = [condition, *([f"path NOT IN ({quoted(hidden)})"] if hidden else [])]
        conditions += ["NOT is_test"] if exclude_tests else []
        found = self._candidates.of(self._table.search().where(" AND ".join(conditions)).limit(_MAX_FOUND))
        noted = (each for path in waiting for each in self._lexical.newer_of(path))
        return [*found, *self._of(noted, holds, without, exclude_tests)]

    def _of(
        self,
        noted: Iterable[Candidate],
        holds: Callable[[Candidate], bool],
        without: Collection[str],
        exclude_tests: bool,
    ) -> Iterator[Candidate]:
        for each in noted:
            if holds(each) and each.path not in without and not (exclude_tests and each.is_test):
                yield self._candidates.shown(each)
