"""BM25: the table's text index, and beside it the rows that are newer than that."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from lsp_debugger.index.candidates import Candidates
from lsp_debugger.index.rows import ArrowTable, Candidate, FileChunks, candidate_of, candidates_in
from lsp_debugger.index.tables import LanceTable, match_query
from lsp_debugger.index.unindexed import Frequencies, Unindexed
from lsp_debugger.index.veil import Form

# More of them, and they are left to LanceDB.
_MAX_UNINDEXED = 8_000
_SAMPLE_ROWS = 2_000  # for how common words are
_RESAMPLE_GROWTH = 1.5
_FEW_FILES = 50  # more come with long work, which is slowed down by nothing that can wait


class Lexical:
    """Of one table. Methods raise what LanceDB does. One thread may write (`note`) while another searches."""

    def __init__(self, table: LanceTable, form: Form, candidates: Candidates) -> None:
        self._table = table
        self._form = form
        self._candidates = candidates
        self._unindexed: Unindexed | None = None  # None: not all of them are known here
        self._frequencies: Frequencies | None = None
        self._sampled_rows = 0
        self._noted_files = 0  # since the last commit: the table may have older rows of those

    @property
    def knows_all(self) -> bool:
        """False: some rows are neither in the text index nor here, and LanceDB looks at each."""
        return self._unindexed is not None

    @property
    def newer(self) -> Unindexed | None:
        """What was written since the text index knew every row; None when it is not all known here."""
        return self._unindexed

    def begin(self) -> Unindexed:
        """The text index knows every row, and this process is the one that writes."""
        self._unindexed = Unindexed()
        if self._table.count_rows() > self._sampled_rows * _RESAMPLE_GROWTH:
            self._frequencies = None  # taken anew with the next few files, or by a question that needs it
        return self._unindexed

    def note(self, files: Sequence[FileChunks], rows: ArrowTable | None, gone: Collection[str]) -> None:
        """What these files are about to have: for a moment old and new rows are found, never none."""
        unindexed = self._unindexed
        if unindexed is None:
            return
        count = sum(len(file.chunks) for file in files) + (rows.num_rows if rows is not None else 0)
        if len(unindexed) + count > _MAX_UNINDEXED:
            self._unindexed = None
            return
        chunks: dict[str, list[tuple[Candidate, str]]] = {path: [] for path in gone}
        for file in files:
            chunks[file.path] = [(candidate_of(chunk, 0.0), chunk.tokens) for chunk in file.chunks]
        if rows is not None:
            tokens = rows.column("tokens").to_pylist()
            for candidate, words in zip(candidates_in(rows), tokens, strict=True):
                chunks.setdefault(candidate.path, []).append((candidate, words))
        self._noted_files += len(chunks)
        if len(chunks) <= _FEW_FILES:
            self._sample()  # here it keeps no question waiting
        for path, found in chunks.items():
            unindexed.put(path, found)

    def give_up(self) -> None:
        """What is written from now on is left to LanceDB, until `begin`."""
        self._unindexed = None

    def settled(self) -> None:
        """The table has what was noted."""
        self._noted_files = 0

    def newer_of(self, path: str) -> list[Candidate]:
        """What is known here of a file's rows, as they are stored."""
        return self._unindexed.of(path) if self._unindexed is not None else []

    def match(
        self, tokens: Sequence[str], limit: int, *, without: Collection[str], exclude_tests: bool
    ) -> list[Candidate]:
        """The best first. without: paths that somebody else answers for."""
        unindexed = self._unindexed
        hidden = {*without, *(unindexed.paths if unindexed is not None else ())}
        query = self._table.search(match_query(self._form.tokens(tokens)), query_type="fts")
        # A condition on paths would cost more.
        query = query.limit(limit + min(len(without) + self._noted_files, limit))
        if exclude_tests:
            query = query.where("NOT is_test", prefilter=True)
        if unindexed is not None:
            query = query.fast_search()
        found = [each for each in self._candidates.of(query, scored=True) if each.path not in hidden]
        if unindexed:
            above = found[limit - 1].lexical if len(found) >= limit else 0.0
            found += self._newer(unindexed, tokens, limit, above, without, exclude_tests=exclude_tests)
            found.sort(key=lambda each: -each.lexical)
        return found[:limit]

    def frequencies(self) -> Frequencies:
        """How common words are, for scores like those of the table. A sample, taken now and then."""
        known = self._frequencies  # the writing thread may take it away
        return self._sample() if known is None or self._unindexed is None else known

    def _sample(self) -> Frequencies:
        known, rows = self._frequencies, self._table.count_rows()
        if known is None or rows > self._sampled_rows * _RESAMPLE_GROWTH:
            sample = self._table.search().select(["tokens"]).limit(_SAMPLE_ROWS).to_list()
            known = Frequencies([row["tokens"] for row in sample], rows, self._stored)
            self._frequencies, self._sampled_rows = known, rows
        return known

    def _newer(
        self,
        unindexed: Unindexed,
        tokens: Sequence[str],
        limit: int,
        above: float,
        without: Collection[str],
        *,
        exclude_tests: bool,
    ) -> list[Candidate]:
        frequencies = self.frequencies()
        rarities = {self._stored(token): rarity for token, rarity in frequencies.rarities(tokens).items()}
        found = unindexed.match(
            rarities,
            frequencies.average_length,
            limit,
            above=above,
            without=without,
            exclude_tests=exclude_tests,
        )
        return [self._candidates.shown(each) for each in found]

    def _stored(self, token: str) -> str:
        """How the token column has a word; empty for one that it has not."""
        return "".join(self._form.tokens([token]))
