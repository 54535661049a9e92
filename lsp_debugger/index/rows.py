"""Between chunks, rows of the table, and candidates for an answer."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import Any, NamedTuple

from lsp_debugger.core.text import Span
from lsp_debugger.index.chunk import Chunk, Run

# pyarrow has no type stubs.
ArrowTable = Any
ArrowSchema = Any

# Written into the table; another number there means that the table is made anew.
SCHEMA_VERSION = 3

# What ranking needs of a row. The texts follow for those that are shown; the tokens stay in the table.
CANDIDATE_COLUMNS = (
    "id",
    "path",
    "language",
    "kind",
    "qualname",
    "runs",
    "is_test",
    "defines",
    "file_hash",
    "chunk_hash",
)
TEXT_COLUMNS = ("id", "file_hash", "text", "literals")


@dataclass(frozen=True, slots=True)
class Mark:
    """How a file looked when it was read. file_hash decides; size and time only save reading it."""

    file_hash: str
    size_bytes: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class FileChunks:
    path: str
    mark: Mark
    chunks: tuple[Chunk, ...]


class Candidate(NamedTuple):
    """A chunk that may be an answer. Hundreds are made for each question, which a dataclass takes 2 ms for.

    text: None while it is still in the table, see `Store.with_texts`. row: its place there, until the next
    maintenance; negative for a chunk that is in no table. lexical: BM25 score; 0 where only structure speaks
    for it.
    """

    path: str
    language: str
    kind: str
    qualname: str
    runs: tuple[Run, ...]
    is_test: bool
    defines: tuple[str, ...]
    file_hash: str
    chunk_hash: str
    text: str | None = None
    literals: tuple[Span, ...] = ()
    id: str = ""
    row: int = -1
    lexical: float = 0.0

    @property
    def key(self) -> tuple[str, int]:
        return self.path, self.runs[0][0]

    def lines(self) -> Iterator[int]:
        """1-based."""
        return chain.from_iterable(range(first, last + 1) for first, last in self.runs)


def candidate_of(chunk: Chunk, lexical: float) -> Candidate:
    """Of a chunk that is in no table, with its text."""
    return Candidate(
        path=chunk.path,
        language=chunk.language,
        kind=chunk.kind,
        qualname=chunk.qualname,
        runs=chunk.runs,
        is_test=chunk.is_test,
        defines=chunk.defines,
        file_hash=chunk.file_hash,
        chunk_hash=chunk.chunk_hash,
        text=chunk.text,
        literals=chunk.literals,
        lexical=lexical,
    )


def candidates_in(table: ArrowTable) -> Iterator[Candidate]:
    """table: the columns of CANDIDATE_COLUMNS, and where there are any, of TEXT_COLUMNS and `_rowid`."""
    for row in table.to_pylist():
        yield Candidate(
            path=row["path"],
            language=row["language"],
            kind=row["kind"],
            qualname=row["qualname"],
            runs=tuple(_pairs(row["runs"])),
            is_test=row["is_test"],
            defines=tuple(row["defines"]),
            file_hash=row["file_hash"],
            chunk_hash=row["chunk_hash"],
            text=row.get("text"),
            literals=literals_in(row.get("literals", ())),
            id=row["id"],
            row=row.get("_rowid", -1),
        )


def literals_in(flat: Sequence[int]) -> tuple[Span, ...]:
    """As the table has them: start and end of each, one after the other."""
    return tuple(Span(start, end) for start, end in _pairs(flat))


@cache
def schema_for(fingerprint: str) -> ArrowSchema:
    """fingerprint: whatever makes rows of one table differ from those of another."""
    pa = _pyarrow()

    text, number, names, numbers = pa.string(), pa.int32(), pa.list_(pa.string()), pa.list_(pa.int32())
    columns = {
        "id": text,
        "path": text,
        "language": text,
        "kind": text,
        "qualname": text,
        "start": number,
        "end": number,
        "runs": numbers,
        "file_hash": text,
        "size_bytes": pa.int64(),
        "mtime_ns": pa.int64(),
        "chunk_hash": text,
        "is_test": pa.bool_(),
        "defines": names,
        "refers": names,
        "imports": names,
        "literals": numbers,
        "tokens": text,
        "text": text,
    }
    return pa.schema(list(columns.items()), metadata={"lsp_debugger": f"{SCHEMA_VERSION} {fingerprint}"})


def table_of(files: Sequence[FileChunks], schema: ArrowSchema) -> ArrowTable:
    """Column by column: row dictionaries would take several times the memory."""
    pa = _pyarrow()

    pairs = [(file.mark, number, chunk) for file in files for number, chunk in enumerate(file.chunks)]
    columns: dict[str, list[object]] = {
        "id": [f"{chunk.path}#{number}" for _, number, chunk in pairs],
        "start": [chunk.runs[0][0] for _, _, chunk in pairs],
        "end": [chunk.runs[-1][1] for _, _, chunk in pairs],
        "runs": [[line for run in chunk.runs for line in run] for _, _, chunk in pairs],
        "literals": [
            [end for span in chunk.literals for end in (span.start, span.end)] for _, _, chunk in pairs
        ],
        "size_bytes": [mark.size_bytes for mark, _, _ in pairs],
        "mtime_ns": [mark.mtime_ns for mark, _, _ in pairs],
    }
    arrays = [
        pa.array(
            columns[name] if name in columns else [getattr(chunk, name) for _, _, chunk in pairs],
            type=schema.field(name).type,
        )
        for name in schema.names
    ]
    return pa.Table.from_arrays(arrays, schema=schema)


def _pairs(flat: Sequence[int]) -> list[tuple[int, int]]:
    return list(zip(flat[::2], flat[1::2], strict=True))


def _pyarrow() -> Any:
    """Imported late, and untyped: it has no stubs."""
    return importlib.import_module("pyarrow")
