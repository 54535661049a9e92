"""Vectors of one model, by the hash of the chunk that each was made of. Only the worker imports this.

A table of their own, and not a column of the chunks: a save need not wait for a model, a chunk that comes
back with its branch has its vector already, and another model's vectors grow beside those in use.
"""

from __future__ import annotations

import hashlib
import importlib
import shutil
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from lsp_debugger.core.errors import IndexUnavailable
from lsp_debugger.core.ports import Vectors
from lsp_debugger.index.tables import ANY_AGE, LanceTable, connected, quoted, translated

PREFIX = "vectors-"
_VERSION = 1
_KEY = b"lsp_debugger_vectors"
# Below this every vector is compared: 65-130 ms for 100,000 of 256 numbers, and none is missed.
INDEX_FROM_ROWS = 100_000
_REINDEX_GROWTH = 1.5
_INDEX_NAME = "vector_idx"
_NPROBES = 20


class VectorTable:
    """One open table. Reading is safe in any thread, beside one thread that writes."""

    def __init__(self, table: LanceTable, name: str, index_from_rows: int = INDEX_FROM_ROWS) -> None:
        self._table = table
        self._index_from_rows = index_from_rows
        self._numpy: Any = importlib.import_module("numpy")
        self.name = name
        self.model, self.dimension = _read_metadata(table.schema.metadata, name)

    @classmethod
    def existing(
        cls, directory: Path, name: str, *, reader: bool = False, index_from_rows: int = INDEX_FROM_ROWS
    ) -> VectorTable | None:
        """None when there is none, or it cannot be read."""
        if not name.startswith(PREFIX) or not (directory / f"{name}.lance").is_dir():
            return None
        try:
            with translated("the vectors cannot be opened"):
                table: LanceTable = connected(directory, reader=reader).open_table(name)
                table.search().limit(1).to_arrow()
                return cls(table, name, index_from_rows)
        except IndexUnavailable:
            return None

    @classmethod
    def of_model(
        cls,
        directory: Path,
        fingerprint: str,
        model: str,
        dimension: int,
        *,
        index_from_rows: int = INDEX_FROM_ROWS,
    ) -> VectorTable:
        """The model's table, made when there is none that can be read. Raises IndexUnavailable.

        fingerprint: of what takes secrets out of texts; vectors of other texts are no use.
        """
        name = name_of(fingerprint, model, dimension)
        found = cls.existing(directory, name, index_from_rows=index_from_rows)
        if found is not None:
            return found
        pa: Any = importlib.import_module("pyarrow")
        columns = [("hash", pa.string()), ("vector", pa.list_(pa.float32(), dimension))]
        schema = pa.schema(columns, metadata={_KEY: f"{_VERSION} {dimension} {model}".encode()})
        with translated("the vectors cannot be written", hint="is the disk full?"):
            from lancedb.index import BTree

            shutil.rmtree(directory / f"{name}.lance", ignore_errors=True)
            table: LanceTable = connected(directory).create_table(name, schema=schema)
            table.create_index("hash", config=BTree())
        return cls(table, name, index_from_rows)

    def hashes(self) -> set[str]:
        found: set[str] = set()
        with translated("the vectors cannot be read"):
            for batch in self._table.search().select(["hash"]).to_batches():
                found.update(batch.column("hash").to_pylist())
        return found

    def add(self, hashes: Sequence[str], vectors: Sequence[Vectors]) -> None:
        """vectors: one a hash, shape (dimension,), float32. Raises IndexUnavailable."""
        pa: Any = importlib.import_module("pyarrow")
        flat = pa.array(self._numpy.concatenate(vectors), pa.float32())
        column = pa.FixedSizeListArray.from_arrays(flat, self.dimension)
        with translated("the vectors cannot be written", hint="is the disk full?"):
            self._table.add(pa.Table.from_arrays([pa.array(hashes), column], names=["hash", "vector"]))

    def of(self, hashes: Collection[str]) -> dict[str, Vectors]:
        """Those that are there."""
        if not hashes:
            return {}
        with translated("the vectors cannot be read"):
            found = self._table.search().where(f"hash IN ({quoted(hashes)})").to_arrow()
        column = found.column("vector").combine_chunks()
        rows = self._numpy.asarray(column.flatten(), self._numpy.float32).reshape(-1, self.dimension)
        return dict(zip(found.column("hash").to_pylist(), rows, strict=True))

    def nearest(self, vector: Vectors, limit: int) -> list[str]:
        """Hashes of chunks, nearest first."""
        with translated("the vectors cannot be searched"):
            query = self._table.search(vector).distance_type("dot").select(["hash", "_distance"]).limit(limit)
            if self.has_index:
                query = query.nprobes(_NPROBES)
            return query.to_arrow().column("hash").to_pylist()

    def forget(self, hashes: Sequence[str]) -> None:
        with translated("the vectors cannot be written"):
            for first in range(0, len(hashes), 1_000):
                self._table.delete(f"hash IN ({quoted(hashes[first : first + 1_000])})")

    def optimize(self) -> None:
        """Join fragments, index what is new, drop old versions; an index of vectors for a big table only."""
        with translated("the vectors cannot be maintained", hint="is the disk full?"):
            rows = self._table.count_rows()
            stats = self._table.index_stats(_INDEX_NAME)
            grown = stats is not None and rows > _REINDEX_GROWTH * stats.num_indexed_rows
            if rows > self._index_from_rows and (stats is None or grown):
                from lancedb.index import IvfFlat

                self._table.create_index(
                    "vector", config=IvfFlat(distance_type="dot"), name=_INDEX_NAME, replace=True
                )
            self._table.optimize(cleanup_older_than=ANY_AGE)

    @property
    def has_index(self) -> bool:
        with translated("the vectors cannot be read"):
            return self._table.index_stats(_INDEX_NAME) is not None


def name_of(fingerprint: str, model: str, dimension: int) -> str:
    digest = hashlib.sha256(f"{_VERSION}\0{fingerprint}\0{dimension}\0{model}".encode()).hexdigest()
    return f"{PREFIX}{digest[:16]}"


def remove_others(directory: Path, keep: Collection[str]) -> None:
    """Delete the tables of models that nobody uses any more, and what is left of broken ones."""
    for place in directory.glob(f"{PREFIX}*.lance"):
        if place.name.removesuffix(".lance") not in keep:
            shutil.rmtree(place, ignore_errors=True)


def _read_metadata(metadata: dict[bytes, bytes] | None, name: str) -> tuple[str, int]:
    """Model and dimension. Raises IndexUnavailable for a table that is none of ours."""
    version, _, rest = (metadata or {}).get(_KEY, b"").decode("utf-8", "replace").partition(" ")
    dimension, _, model = rest.partition(" ")
    if version != str(_VERSION) or not dimension.isdigit():
        raise IndexUnavailable(f"{name} is no table of vectors")
    return model, int(dimension)
