"""Vectors of texts, for a small term beside BM25: the model whose weights come in a wheel.

Nothing here opens a connection. Models behind a server are in `models/embeddings.py`.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lsp_debugger.core import installing
from lsp_debugger.core.errors import IndexUnavailable
from lsp_debugger.core.material import Fragment
from lsp_debugger.core.ports import Vectors

_MAX_CHARS = 4_000  # of one text
_PACKAGE = "wordllama"
_WEIGHTS = "weights/l2_supercat_256.safetensors"
_TOKENIZER = "tokenizers/l2_supercat_tokenizer_config.json"
_MATRIX = "embedding.weight"


class EmbeddedModel:
    """Implements `core.ports.Embedder`: static token vectors out of the wheel of `wordllama`, averaged.

    Its two files are read directly: the package's own loader looks for them in other folders than the wheel
    has, and then asks a model hub. Raises IndexUnavailable where the extra is not installed.
    """

    model = "wordllama-l2-supercat-256"

    def __init__(self) -> None:
        spec = importlib.util.find_spec(_PACKAGE)
        folders = list(spec.submodule_search_locations or ()) if spec else []
        if not folders or not (Path(folders[0]) / _WEIGHTS).is_file():
            raise IndexUnavailable(
                "the embedded vectors are not installed", hint=installing.how("embeddings")
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

    def embed(self, fragments: Sequence[Fragment], timeout_s: float = 0.0) -> Vectors:  # noqa: ARG002  it waits for nobody
        np = self._numpy
        found = np.zeros((len(fragments), self.dimension), np.float32)
        encoded = self._tokenizer.encode_batch(
            [fragment.headed[:_MAX_CHARS] for fragment in fragments], add_special_tokens=False
        )
        for row, each in zip(found, encoded, strict=True):
            if each.ids:
                row[:] = self._rows[each.ids].mean(axis=0, dtype=np.float32)
        lengths = np.linalg.norm(found, axis=1, keepdims=True)
        return np.divide(found, lengths, out=np.zeros_like(found), where=lengths > 0)
