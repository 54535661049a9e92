"""Vectors with the real weights of the extra `embeddings`."""

from __future__ import annotations

import importlib.util
import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from indexed import filled_store, library_of

from lsp_debugger.core.errors import IndexUnavailable
from lsp_debugger.core.material import Fragment, FragmentKind
from lsp_debugger.core.ports import Query
from lsp_debugger.index.embedding import EmbeddedModel
from lsp_debugger.index.filling import Filling
from lsp_debugger.index.nearness import Nearness
from lsp_debugger.index.search import search
from lsp_debugger.index.vector_table import VectorTable

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("wordllama") is None, reason="the extra `embeddings` is not installed"
)


@pytest.fixture(scope="module")
def model() -> EmbeddedModel:
    return EmbeddedModel()


def said(text: str) -> Fragment:
    return Fragment(FragmentKind.RELATED, text)


def test_texts_of_one_meaning_are_nearer(model: EmbeddedModel):
    asked, near, far, none = model.embed(
        [said("delete the file"), said("remove a document"), said("blue paint on a wall"), said("")]
    )
    assert near @ asked > far @ asked
    assert none @ asked == 0


@settings(deadline=None, max_examples=30)
@given(st.lists(st.text(max_size=40), max_size=5))
def test_vectors_have_unit_length_whatever_the_company(model: EmbeddedModel, texts: list[str]):
    vectors = model.embed([said(text) for text in texts])
    assert vectors.shape == (len(texts), model.dimension)
    for text, vector in zip(texts, vectors, strict=True):
        length = float((vector @ vector) ** 0.5)
        assert length == 0 or math.isclose(length, 1, rel_tol=1e-3)
        assert float(abs(model.embed([said(text)])[0] - vector).max()) < 1e-3


def test_without_the_extra_one_line_says_what_to_do(monkeypatch: pytest.MonkeyPatch):
    def no_spec(_: str) -> None:
        return None

    monkeypatch.setattr(importlib.util, "find_spec", no_spec)
    with pytest.raises(IndexUnavailable) as caught:
        EmbeddedModel()
    assert "embeddings" in caught.value.hint


def test_vectors_decide_between_equals(model: EmbeddedModel, tmp_path: Path):
    texts = {
        "a.py": "def a(x):\n    # paint the wall\n    return thing(x)\n",
        "b.py": "def b(x):\n    # erase the document\n    return thing(x)\n",
    }
    store = filled_store(tmp_path, texts)
    table = VectorTable.of_model(tmp_path, "test", model.model, model.dimension)
    assert Filling(store, table, model).fill()
    query = Query("thing: cannot delete file")
    plain = library_of(store, texts)
    with_vectors = library_of(store, texts, Nearness(table, model))
    assert [hit.fragment.path for hit in search(query, 2, plain)] == ["a.py", "b.py"]
    assert [hit.fragment.path for hit in search(query, 2, with_vectors)] == ["b.py", "a.py"]
