"""Vectors of texts, for a small term beside BM25. Nothing here opens a connection.

Vectors are made for the few hundred chunks that may answer a question, and kept while the worker lives, so
that no table has to follow a change of the model. What that costs is the first question's time, and that a
chunk without a word in common is not found by its meaning alone.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from lsp_debugger.core.errors import IndexUnavailable

# numpy is only there with the store; its arrays are named, not imported, where nothing is computed.
Vectors = Any

_MAX_KEPT = 20_000  # 20 MB of vectors
_MAX_CHARS = 4_000  # of one text
_PACKAGE = "wordllama"
_WEIGHTS = "weights/l2_supercat_256.safetensors"
_TOKENIZER = "tokenizers/l2_supercat_tokenizer_config.json"
_MATRIX = "embedding.weight"


class Embedder(Protocol):
    """model: names the weights. dimension: of each vector."""

    model: str
    dimension: int

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One row a text, float32, unit length; zeros for a text without a known token."""
        ...


class EmbeddedModel:
    """Static token vectors out of the wheel of `wordllama`, averaged over a text.

    Its two files are read directly: the package's own loader looks for them in other folders than the wheel
    has, and then asks a model hub. Raises IndexUnavailable where the extra is not installed.
    """

    model = "wordllama-l2-supercat-256"

    def __init__(self) -> None:
        spec = importlib.util.find_spec(_PACKAGE)
        folders = list(spec.submodule_search_locations or ()) if spec else []
        if not folders or not (Path(folders[0]) / _WEIGHTS).is_file():
            raise IndexUnavailable(
                "the embedded vectors are not installed", hint="pip install 'lsp-debugger[embeddings]'"
            )
        folder = Path(folders[0])
        self._numpy: Any = importlib.import_module("numpy")
        read: Any = importlib.import_module("safetensors.numpy")
        tokenizers: Any = importlib.import_module("tokenizers")
        # Half the size in memory; sums are made in single precision.
        self._rows = read.load_file(folder / _WEIGHTS)[_MATRIX].astype(self._numpy.float16)
        self.dimension = int(self._rows.shape[1])
        self._tokenizer: Any = tokenizers.Tokenizer.from_file(str(folder / _TOKENIZER))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()

    def embed(self, texts: Sequence[str]) -> Vectors:
        np = self._numpy
        found = np.zeros((len(texts), self.dimension), np.float32)
        encoded = self._tokenizer.encode_batch(
            [text[:_MAX_CHARS] for text in texts], add_special_tokens=False
        )
        for row, each in zip(found, encoded, strict=True):
            if each.ids:
                row[:] = self._rows[each.ids].mean(axis=0, dtype=np.float32)
        lengths = np.linalg.norm(found, axis=1, keepdims=True)
        return np.divide(found, lengths, out=np.zeros_like(found), where=lengths > 0)


class Nearness:
    """How near texts are to a question, with vectors that are made once a text."""

    def __init__(self, embedder: Embedder, max_kept: int = _MAX_KEPT) -> None:
        self._embedder = embedder
        self._max_kept = max_kept
        self._kept: OrderedDict[str, Vectors] = OrderedDict()

    def of(self, question: str, texts: Sequence[str]) -> list[float]:
        """0..1 each: the cosine, where it is positive."""
        missing = [text for text in dict.fromkeys(texts) if text not in self._kept]
        self._kept.update(zip(missing, self._embedder.embed(missing), strict=True))
        (asked,) = self._embedder.embed([question])
        near = [min(1.0, max(0.0, float(self._kept[text] @ asked))) for text in texts]
        for text in texts:
            self._kept.move_to_end(text)
        while len(self._kept) > self._max_kept:
            self._kept.popitem(last=False)
        return near
