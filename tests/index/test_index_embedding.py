"""Vectors with the real weights of the extra `embeddings`."""

from __future__ import annotations

import importlib.util
import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsp_debugger.core.errors import IndexUnavailable
from lsp_debugger.core.ports import Query
from lsp_debugger.index.chunk import chunk_file
from lsp_debugger.index.embedding import EmbeddedModel, Nearness
from lsp_debugger.index.library import Library
from lsp_debugger.index.overlay import Overlay
from lsp_debugger.index.rows import FileChunks, Mark
from lsp_debugger.index.search import search
from lsp_debugger.index.store import Store

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("wordllama") is None, reason="the extra `embeddings` is not installed"
)


@pytest.fixture(scope="module")
def model() -> EmbeddedModel:
    return EmbeddedModel()


def test_texts_of_one_meaning_are_nearer(model: EmbeddedModel):
    nearness = Nearness(model)
    near, far, none = nearness.of("delete the file", ["remove a document", "blue paint on a wall", ""])
    assert near > far >= 0
    assert none == 0


@settings(deadline=None, max_examples=30)
@given(st.lists(st.text(max_size=40), max_size=5))
def test_vectors_have_unit_length_whatever_the_company(model: EmbeddedModel, texts: list[str]):
    vectors = model.embed(texts)
    assert vectors.shape == (len(texts), model.dimension)
    for text, vector in zip(texts, vectors, strict=True):
        length = float((vector @ vector) ** 0.5)
        assert length == 0 or math.isclose(length, 1, rel_tol=1e-3)
        assert float(abs(model.embed([text])[0] - vector).max()) < 1e-3


def test_only_so_many_vectors_are_kept_and_answers_stay_the_same(model: EmbeddedModel):
    small, large = Nearness(model, max_kept=2), Nearness(model)
    texts = [f"text of number {number}" for number in range(6)]
    for _ in range(2):
        assert small.of("a number", texts) == pytest.approx(large.of("a number", texts))


def test_without_the_extra_one_line_says_what_to_do(monkeypatch: pytest.MonkeyPatch):
    def no_spec(_: str) -> None:
        return None

    monkeypatch.setattr(importlib.util, "find_spec", no_spec)
    with pytest.raises(IndexUnavailable) as caught:
        EmbeddedModel()
    assert "embeddings" in caught.value.hint


def test_vectors_decide_between_equals(model: EmbeddedModel, tmp_path: Path):
    store = Store.open(tmp_path, "one", writable=True)
    texts = {
        "a.py": "def a(x):\n    # paint the wall\n    return thing(x)\n",
        "b.py": "def b(x):\n    # erase the document\n    return thing(x)\n",
    }
    store.replace(
        [
            FileChunks(path, Mark(path, 1, 1), tuple(chunk_file(path, text, path)))
            for path, text in texts.items()
        ]
    )
    store.optimize()
    query = Query("thing: cannot delete file")
    plain = Library(store, Overlay(), lambda: (1, list(texts)))
    vectors = Library(store, Overlay(), lambda: (1, list(texts)), vectors=Nearness(model))
    assert [hit.fragment.path for hit in search(query, 2, plain)] == ["a.py", "b.py"]
    assert [hit.fragment.path for hit in search(query, 2, vectors)] == ["b.py", "a.py"]
