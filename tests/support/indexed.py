"""Small tables of chunks and models for vectors, for tests of what stands above them."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from model_server import vector_of

from lsp_debugger.core.errors import BackendUnavailable, EgressRefused
from lsp_debugger.core.material import Fragment
from lsp_debugger.index.chunk import chunk_file
from lsp_debugger.index.library import Library, Near
from lsp_debugger.index.overlay import Overlay
from lsp_debugger.index.rows import FileChunks, Mark
from lsp_debugger.index.store import Store


def put(store: Store, texts: Mapping[str, str]) -> None:
    """Each file's text as it is from now on."""
    store.replace(
        [
            FileChunks(path, Mark(text, 1, 1), tuple(chunk_file(path, text, text)))
            for path, text in texts.items()
        ]
    )


def filled_store(directory: Path, texts: Mapping[str, str]) -> Store:
    store = Store.open(directory, "test", writable=True)
    put(store, texts)
    store.optimize()
    return store


def library_of(store: Store, texts: Mapping[str, str], vectors: Near | None = None) -> Library:
    return Library(store, Overlay(), lambda: (1, list(texts)), vectors=vectors)


class WordEmbedder:
    """Tells which words a text has. refuses: a text with this word may not come here. broken: it fails.

    gate: where it is not set, `embed` waits.
    """

    def __init__(self, model: str = "words", dimension: int = 64) -> None:
        self.model = model
        self.dimension = dimension
        self.asked: list[str] = []
        self.refuses = ""
        self.broken = False
        self.gate = threading.Event()
        self.gate.set()

    def embed(self, fragments: Sequence[Fragment], timeout_s: float) -> Any:
        import numpy as np

        assert self.gate.wait(30)
        texts = [fragment.headed for fragment in fragments]
        if self.broken:
            raise BackendUnavailable("nothing answers")
        if self.refuses and any(self.refuses in text for text in texts):
            raise EgressRefused("the policy keeps this")
        self.asked += texts
        rows = np.asarray([vector_of(text, self.dimension) for text in texts], np.float32)
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        return np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
