"""From a candidate to what may be shown: what its file still says, and its text where the table has none."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection

from lsp_debugger.index.chunk import Chunk
from lsp_debugger.index.files import Reader, Source
from lsp_debugger.index.rows import Candidate, Mark, candidate_of

_MAX_FILES = 64  # whose chunks are remembered


class Opener:
    """Lives as long as a workspace is open; `begin` before each search.

    overlaid: paths that a newer text answers for. mark_of: how a file looked when it was indexed.
    stale: told each path whose file is another one by now. blind: the table holds no text.
    """

    def __init__(
        self,
        reader: Reader,
        overlaid: Callable[[], Collection[str]],
        mark_of: Callable[[str], Mark | None],
        stale: Callable[[str], None],
        *,
        blind: bool,
    ) -> None:
        self._reader = reader
        self._overlaid = overlaid
        self._mark_of = mark_of
        self._stale = stale
        self.is_blind = blind
        self._hashes: dict[str, str | None] = {}
        self._chunks: OrderedDict[str, list[Chunk]] = OrderedDict()  # by hash of path and content

    def begin(self) -> None:
        """Each file is looked at once a search."""
        self._hashes.clear()

    def __call__(self, candidate: Candidate) -> Candidate | None:
        """The candidate with its text; None when its lines would be wrong ones."""
        path = candidate.path
        if path in self._overlaid():
            return candidate
        if path not in self._hashes:
            self._hashes[path] = self._hash_now(path)
        if self._hashes[path] != candidate.file_hash:
            self._stale(path)
            return None
        return self._with_text(candidate) if self.is_blind else candidate

    def imports_of(self, path: str) -> list[str]:
        """The modules that a file imports, by its text as it is now."""
        source = self._reader.source(path)
        if isinstance(source, str):
            return []
        chunks = self._chunks_of(path, source)
        return list(dict.fromkeys(name for chunk in chunks for name in chunk.imports))

    def _with_text(self, candidate: Candidate) -> Candidate | None:
        chunks = self._chunks.get(f"{candidate.path}\0{candidate.file_hash}")
        if chunks is None:
            source = self._reader.source(candidate.path)
            if isinstance(source, str) or source.mark.file_hash != candidate.file_hash:
                self._stale(candidate.path)
                return None
            chunks = self._chunks_of(candidate.path, source)
        same = (each for each in chunks if (each.kind, each.runs) == (candidate.kind, candidate.runs))
        chunk = next(same, None)
        return candidate_of(chunk, candidate.lexical) if chunk else None

    def _chunks_of(self, path: str, source: Source) -> list[Chunk]:
        key = f"{path}\0{source.mark.file_hash}"
        if key not in self._chunks:
            self._chunks[key] = self._reader.chunks(path, source.text, source.mark.file_hash)
            if len(self._chunks) > _MAX_FILES:
                self._chunks.popitem(last=False)
        self._chunks.move_to_end(key)
        return self._chunks[key]

    def _hash_now(self, path: str) -> str | None:
        mark = self._mark_of(path)
        try:
            status = (self._reader.root / path).lstat()
        except (OSError, ValueError):
            return None
        if mark is not None and (mark.size_bytes, mark.mtime_ns) == (status.st_size, status.st_mtime_ns):
            return mark.file_hash
        source = self._reader.source(path)
        return source.mark.file_hash if isinstance(source, Source) else None
