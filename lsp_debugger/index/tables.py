"""LanceDB tables in a directory of ours: opening, quoting, and errors in our words."""

from __future__ import annotations

import contextlib
import importlib
import os
from collections.abc import Collection, Generator, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from lsp_debugger.core.errors import IndexUnavailable
from lsp_debugger.index.rows import ArrowTable, schema_for

# Half of lancedb's own annotations are pyarrow's, which has none.
LanceTable = Any

TABLE_NAME = "chunks"
ATTIC_NAME = "seen"  # rows of contents that files had before, see attic.py
_INDEX_CACHE_BYTES = 32 * 1024 * 1024
_METADATA_CACHE_BYTES = 16 * 1024 * 1024
# Zero would warn of readers on an older version; ours look for the newest one at each query.
ANY_AGE = timedelta(seconds=1)


def connected(directory: Path, *, reader: bool = False) -> Any:
    os.environ.setdefault("LANCEDB_LOG", "error")  # else it warns on stderr at every query
    import lancedb

    return lancedb.connect(
        directory,
        session=lancedb.Session(
            index_cache_size_bytes=_INDEX_CACHE_BYTES, metadata_cache_size_bytes=_METADATA_CACHE_BYTES
        ),
        # The writer knows what it wrote; a reader looks for newer versions at each query (0.3 ms).
        read_consistency_interval=timedelta(0) if reader else None,
    )


class OtherKind(IndexUnavailable):
    """The table is sound, and its rows are not made as ours are."""


def open_chunks(directory: Path, fingerprint: str, *, reader: bool = False) -> LanceTable:
    place = directory / f"{TABLE_NAME}.lance"
    if os.path.lexists(place) and not place.is_dir():  # LanceDB would try again for seconds
        raise IndexUnavailable("it is no directory")
    if not place.is_dir():
        raise IndexUnavailable("there is no index yet", hint="another editor is building it")
    table: LanceTable = connected(directory, reader=reader).open_table(TABLE_NAME)
    wanted = schema_for(fingerprint)
    if not table.schema.equals(wanted) or table.schema.metadata != wanted.metadata:
        raise OtherKind("it was made in another way")
    # Read a little of both, so that damage shows now and not at the first question.
    table.search().select(["path", "text"]).limit(1).to_list()
    table.search(match_query(["return"]), query_type="fts").limit(1).to_list()
    if table.index_stats("tokens_idx") is None:
        raise IndexUnavailable("its text index is missing")
    return table


def create_chunks(directory: Path, fingerprint: str) -> LanceTable:
    from lancedb.index import FTS, LabelList

    table: LanceTable = connected(directory).create_table(TABLE_NAME, schema=schema_for(fingerprint))
    # Tokens come split; the tokenizers of Lance do not know camelCase, stem names and drop `for`.
    config = FTS(base_tokenizer="whitespace", stem=False, remove_stop_words=False, max_token_length=80)
    table.create_index("tokens", config=config)
    table.create_index("defines", config=LabelList())
    return table


def match_query(tokens: Sequence[str]) -> Any:
    """Any of the tokens, by BM25. Never a query string: its syntax would read meanings into them."""
    from lancedb.query import MatchQuery

    return MatchQuery(" ".join(tokens), "tokens")  # pyright: ignore[reportCallIssue]  its defaults are hidden


class RowTable:
    """Rows by path, without a text index: what `Attic` keeps and looks into. Raises IndexUnavailable."""

    def __init__(self, directory: Path, name: str, table: LanceTable) -> None:
        self._directory = directory
        self._name = name
        self._table = table

    @classmethod
    def existing(cls, directory: Path, name: str, fingerprint: str) -> RowTable | None:
        """None when there is none, it cannot be read, or its rows were made in another way."""
        if not (directory / f"{name}.lance").is_dir():
            return None
        with contextlib.suppress(IndexUnavailable), translated("the table cannot be opened"):
            table: LanceTable = connected(directory, reader=True).open_table(name)
            wanted = schema_for(fingerprint)
            if table.schema.equals(wanted) and table.schema.metadata == wanted.metadata:
                return cls(directory, name, table)
        return None

    @classmethod
    def create(cls, directory: Path, name: str, fingerprint: str) -> RowTable:
        with translated("the table cannot be made"):
            schema = schema_for(fingerprint)
            return cls(
                directory, name, connected(directory).create_table(name, schema=schema, mode="overwrite")
            )

    def count_rows(self) -> int:
        with translated("the table cannot be read"):
            return self._table.count_rows()

    def contents(self) -> Iterator[tuple[str, str]]:
        """(path, file_hash) of every row."""
        columns = ["path", "file_hash"]
        with translated("the table cannot be read"):
            for batch in self._table.search().select(columns).to_batches():
                yield from zip(*(batch.column(name).to_pylist() for name in columns), strict=True)

    def rows_of(self, paths: Collection[str]) -> ArrowTable:
        with translated("the table cannot be read"):
            return rows_of(self._table, paths)

    def append(self, rows: ArrowTable) -> None:
        with translated("the table cannot be written"):
            self._table.add(rows)

    def clear(self) -> None:
        """Forget every row, and give back the disk they took."""
        with translated("the table cannot be written"):
            schema = self._table.schema
            self._table = connected(self._directory).create_table(self._name, schema=schema, mode="overwrite")
            self._table.optimize(cleanup_older_than=ANY_AGE)

    def optimize(self) -> None:
        with translated("the table cannot be maintained"):
            self._table.optimize(cleanup_older_than=ANY_AGE)


def rows_of(table: LanceTable, paths: Collection[str]) -> ArrowTable:
    columns = table.schema.names
    return table.search().where(f"path IN ({quoted(paths)})").select(columns).to_arrow().select(columns)


def directory_bytes(directory: Path) -> int:
    total = 0
    for folder, _, names in os.walk(directory):
        for name in names:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(folder, name)).st_size  # noqa: PTH118  bytes of many files
    return total


def concatenated(tables: Sequence[ArrowTable]) -> ArrowTable:
    return importlib.import_module("pyarrow").concat_tables(tables)  # untyped: it has no stubs


def quoted(values: Collection[str]) -> str:
    """SQL string literals. Doubling the quote is all there is to it in DataFusion; backslashes are plain."""
    return ",".join("'" + value.replace("'", "''") + "'" for value in values)


@contextlib.contextmanager
def translated(message: str, hint: str = "") -> Generator[None]:
    """LanceDB raises RuntimeError, ValueError, OSError and Rust panics; their text may hold data."""
    try:
        yield
    except IndexUnavailable:
        raise
    except BaseException as exc:
        # A Rust panic is no Exception; it says nothing about this process's health.
        if not isinstance(exc, Exception) and type(exc).__name__ != "PanicException":
            raise
        raise IndexUnavailable(f"{message} ({type(exc).__name__})", hint=hint) from exc
