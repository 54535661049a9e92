"""Every row against the file that it is of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from lsp_debugger.index.files import Reader
from lsp_debugger.index.rows import Mark
from lsp_debugger.index.store import Store


def verify(store: Store, reader: Reader, mark_of: Callable[[str], Mark | None]) -> dict[str, int]:
    """Each file's rows against what its text gives now: counts of right, changed, gone and damaged.

    changed, gone: the file is another one than was indexed, which the next scan sees. damaged: it
    is the same, and its rows are not what they should be.
    """
    counts = Counter({"right": 0, "changed": 0, "gone": 0, "damaged": 0})
    for path, hashes in store.chunk_hashes().items():
        source = reader.source(path)
        mark = mark_of(path)
        if isinstance(source, str):
            counts["gone"] += 1
        elif mark is None or mark.file_hash != source.mark.file_hash:
            counts["changed"] += 1
        else:
            chunks = reader.chunks(path, source.text, source.mark.file_hash)
            same = sorted(store.as_stored(chunk).chunk_hash for chunk in chunks) == hashes
            counts["right" if same else "damaged"] += 1
    return dict(counts)
