"""Vectors beside a real table: made once, of what changed, and another model's while the old ones serve."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from indexed import WordEmbedder, filled_store, library_of, put

from lsp_debugger.core.errors import BackendUnavailable, EgressRefused, IndexUnavailable
from lsp_debugger.core.ports import Embedder, Query
from lsp_debugger.index import vectors as vectors_module
from lsp_debugger.index.filling import Filling
from lsp_debugger.index.nearness import Nearness
from lsp_debugger.index.search import search
from lsp_debugger.index.store import Store
from lsp_debugger.index.vector_table import VectorTable, name_of
from lsp_debugger.index.vectors import Vectors, remove_all

TEXTS = {
    "a.py": "def paint(wall):\n    return colour(wall)\n",
    "b.py": "def erase(document):\n    return shredder(document)\n",
    "c.py": "def count(things):\n    return len(things)\n",
}


def table_at(directory: Path, model: str = "words", dimension: int = 64, rows: int = 100_000) -> VectorTable:
    return VectorTable.of_model(directory, "test", model, dimension, index_from_rows=rows)


def eventually(check: Callable[[], object], timeout_s: float = 20.0) -> None:
    deadline_s = time.monotonic() + timeout_s
    while not check():
        assert time.monotonic() < deadline_s, "it never came true"
        time.sleep(0.02)


# The table.


def test_what_was_put_in_comes_out_also_of_a_new_process(tmp_path: Path):
    table = table_at(tmp_path)
    rows = np.eye(3, 64, dtype=np.float32)
    table.add(["x", "y", "z'"], list(rows))
    for each in (table, VectorTable.existing(tmp_path, table.name, reader=True)):
        assert each is not None
        assert (each.model, each.dimension, each.hashes()) == ("words", 64, {"x", "y", "z'"})
        found = each.of({"z'", "y", "unknown"})
        assert found.keys() == {"z'", "y"}
        assert (found["z'"] == rows[2]).all()
        assert each.nearest(rows[1], 1) == ["y"]
    table.forget(["x"])
    assert table.hashes() == {"y", "z'"}


def test_models_and_detectors_have_tables_of_their_own(tmp_path: Path):
    names = {name_of(*key) for key in (("f", "m", 8), ("g", "m", 8), ("f", "n", 8), ("f", "m", 9))}
    assert len(names) == 4


def test_a_table_that_cannot_be_read_is_made_anew(tmp_path: Path):
    table = table_at(tmp_path)
    table.add(["x"], [np.ones(64, np.float32)])
    for place in (tmp_path / f"{table.name}.lance").rglob("*.manifest"):
        place.write_bytes(b"torn")
    assert VectorTable.existing(tmp_path, table.name) is None
    assert table_at(tmp_path).hashes() == set()


@pytest.mark.parametrize("name", ["chunks", "../chunks", "vectors-none"])
def test_no_other_table_is_taken_for_one_of_vectors(tmp_path: Path, name: str):
    filled_store(tmp_path, TEXTS)
    assert VectorTable.existing(tmp_path, name) is None


def test_a_big_table_gets_an_index_that_finds_the_same(tmp_path: Path):
    random = np.random.default_rng(7)
    rows = random.normal(size=(600, 64)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    small, big = table_at(tmp_path / "small"), table_at(tmp_path / "big", rows=500)
    hashes = [f"{number:04}" for number in range(600)]
    for table in (small, big):
        table.add(hashes[:400], list(rows[:400]))
        table.optimize()
        assert not table.has_index
        table.add(hashes[400:], list(rows[400:]))
        table.optimize()
    assert not small.has_index
    assert big.has_index
    stats = big._table.index_stats("vector_idx")
    assert "IVF_FLAT" in stats.index_type.upper()
    assert all(big.nearest(row, 1) == [name] for name, row in zip(hashes, rows, strict=True))
    exact, found = (set(table.nearest(rows[0] + rows[1], 20)) for table in (small, big))
    assert len(exact & found) >= 19


# Filling it.


def test_only_what_changed_is_asked_of_the_model(tmp_path: Path):
    store, embedder = filled_store(tmp_path, TEXTS), WordEmbedder()
    told: list[tuple[int, int]] = []
    filling = Filling(store, table_at(tmp_path), embedder, lambda done, total: told.append((done, total)))
    assert filling.fill()
    assert len(embedder.asked) == 3
    assert told == [(0, 3), (3, 3)]
    assert embedder.asked[0].startswith(("a.py paint\n", "b.py erase\n", "c.py count\n"))
    put(store, {"b.py": "def more():\n    return 1\n" + TEXTS["b.py"]})
    assert filling.fill()
    assert [text.partition("\n")[0] for text in embedder.asked[3:]] == ["b.py more"]
    put(store, TEXTS)  # back on the other branch
    again = Filling(store, table_at(tmp_path), embedder)
    assert again.fill()
    assert len(embedder.asked) == 4


def test_a_text_that_may_not_go_keeps_no_other_back(tmp_path: Path):
    store, embedder = filled_store(tmp_path, TEXTS), WordEmbedder()
    embedder.refuses = "shredder"
    filling = Filling(store, table_at(tmp_path), embedder)
    assert filling.fill()
    assert len(filling.refused) == 1
    assert len(filling.table.hashes()) == 2
    assert not any("shredder" in text for text in embedder.asked)
    near = Nearness(filling.table, embedder)
    candidates = store.match(["return"], 10)
    by_path = dict(zip((each.path for each in candidates), near.of("paint", candidates), strict=True))
    assert by_path["a.py"] > by_path["c.py"]
    assert by_path["b.py"] == pytest.approx(
        (by_path["a.py"] + by_path["c.py"]) / 2
    )  # neither for nor against


def test_where_nothing_may_go_it_is_said_and_not_tried_for_ever(tmp_path: Path):
    texts = {f"f{number}.py": f"def f{number}():\n    return 1\n" for number in range(80)}
    store, embedder = filled_store(tmp_path, texts), WordEmbedder()
    embedder.refuses = "return"
    with pytest.raises(EgressRefused):
        Filling(store, table_at(tmp_path), embedder).fill()


def test_what_was_made_before_the_end_is_kept(tmp_path: Path):
    texts = {f"f{number}.py": f"def f{number}():\n    return 1\n" for number in range(80)}
    store, embedder = filled_store(tmp_path, texts), WordEmbedder()
    filling = Filling(store, table_at(tmp_path), embedder, goes_on=lambda _: len(embedder.asked) < 40)
    assert not filling.fill()
    kept = len(filling.table.hashes())
    assert 0 < kept < 80
    assert Filling(store, table_at(tmp_path), embedder).fill()
    assert len(embedder.asked) == 80


def test_vectors_of_what_is_gone_go_when_they_are_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("lsp_debugger.index.filling._SPARE_VECTORS", 1)
    store, embedder = filled_store(tmp_path, TEXTS), WordEmbedder()
    filling = Filling(store, table_at(tmp_path), embedder)
    assert filling.fill()
    store.replace([], gone=["a.py"])
    assert filling.fill()
    assert len(filling.table.hashes()) == 3
    store.replace([], gone=["b.py"])
    assert filling.fill()
    assert len(filling.table.hashes()) == 1


def test_a_chunk_without_a_common_word_is_found_by_its_vector(tmp_path: Path):
    class OneMeaning(WordEmbedder):
        def embed(self, fragments: object, timeout_s: float) -> object:
            del timeout_s
            words = ("shredder", "destroy everything")
            return np.asarray(
                [[float(any(word in each.headed for word in words)), 0.1] for each in fragments]
            )  # type: ignore[attr-defined]

    store, embedder = filled_store(tmp_path, TEXTS), OneMeaning(dimension=2)
    table = table_at(tmp_path, dimension=2)
    assert Filling(store, table, embedder).fill()
    query = Query("destroy everything")
    assert not search(query, 5, library_of(store, TEXTS))
    (hit,) = search(query, 5, library_of(store, TEXTS, Nearness(table, embedder)))
    assert (hit.fragment.path, hit.why) == ("b.py", ("near in meaning",))


# Keeping it.


@dataclass
class Index:
    """What the keeper is to `Vectors`."""

    store: Store
    is_writer: bool = True
    is_current: bool = True
    is_put_off: bool = False


class Models:
    """What stands behind the names of models."""

    def __init__(self, **models: WordEmbedder) -> None:
        self.models = models

    def __call__(self, name: str) -> Embedder:
        if name not in self.models:
            raise BackendUnavailable(f"nothing answers for {name}")
        return self.models[name]


Start = Callable[..., Vectors]


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    monkeypatch.setattr(vectors_module, "_LOOK_S", 0.02)
    monkeypatch.setattr(vectors_module, "_QUIET_S", 0.05)
    started: list[Vectors] = []

    def begin(wanted: str, models: Models, index: Index) -> Vectors:
        vectors = Vectors(tmp_path, "test", wanted, models, index, retry_s=0.05)
        vectors.start()
        started.append(vectors)
        return vectors

    yield begin
    for vectors in started:
        vectors.stop()
        vectors._thread.join(10)


def answers(vectors: Vectors, store: Store) -> bool:
    return bool(vectors.of("paint the wall", store.match(["return"], 10)))


def test_nothing_is_told_before_all_vectors_are_there(tmp_path: Path, start: Start):
    store, words = filled_store(tmp_path, TEXTS), WordEmbedder()
    words.gate.clear()
    vectors = start("one", Models(one=words), Index(store))
    eventually(lambda: vectors.status()["total"] == 3)
    assert not answers(vectors, store)
    assert vectors.status()["model"] == ""
    words.gate.set()
    eventually(lambda: answers(vectors, store))
    known = {"model": "words", "dimension": 64, "wanted": "one", "made": True, "done": 3, "total": 3}
    assert vectors.status() == {**known, "refused": 0, "problem": ""}


def test_an_edit_gets_its_vector_in_the_background(tmp_path: Path, start: Start):
    store, words = filled_store(tmp_path, TEXTS), WordEmbedder()
    vectors = start("one", Models(one=words), Index(store))
    eventually(lambda: answers(vectors, store))
    put(store, {"d.py": "def paint_again():\n    return 2\n"})
    eventually(lambda: vectors.status()["total"] == 4 == vectors.status()["done"])
    assert any("paint_again" in text for text in words.asked)


def test_another_model_is_made_while_the_old_one_serves(tmp_path: Path, start: Start):
    store = filled_store(tmp_path, TEXTS)
    old, new = WordEmbedder("old", 64), WordEmbedder("new", 32)
    first = start("one", Models(one=old), Index(store))
    eventually(lambda: answers(first, store))
    first.stop()
    new.gate.clear()
    old.asked.clear()
    second = start("two", Models(one=old, two=new), Index(store))
    eventually(lambda: answers(second, store))
    assert old.asked == ["paint the wall"]  # the question goes to the model that made what answers
    assert second.status()["model"] == "old"
    assert second.status()["done"] == 0
    new.gate.set()
    eventually(lambda: second.status()["model"] == "new")
    assert answers(second, store)
    assert len(list(tmp_path.glob("vectors-*.lance"))) == 1


def test_without_the_old_model_questions_do_without_and_it_is_said(tmp_path: Path, start: Start):
    store, new = filled_store(tmp_path, TEXTS), WordEmbedder("new", 32)
    first = start("one", Models(one=WordEmbedder("old")), Index(store))
    eventually(lambda: answers(first, store))
    first.stop()
    new.gate.clear()
    second = start("two", Models(two=new), Index(store))
    eventually(lambda: "nothing answers for one" in str(second.status()["problem"]))
    assert not answers(second, store)
    new.gate.set()
    eventually(lambda: answers(second, store))
    assert second.status()["problem"] == ""


def test_other_weights_under_the_same_name_are_another_model(tmp_path: Path, start: Start):
    store = filled_store(tmp_path, TEXTS)
    first = start("one", Models(one=WordEmbedder("words sha256:1")), Index(store))
    eventually(lambda: answers(first, store))
    first.stop()
    changed = WordEmbedder("words sha256:2")
    changed.gate.clear()
    second = start("one", Models(one=changed), Index(store))
    eventually(lambda: "is gone" in str(second.status()["problem"]))
    assert not answers(second, store)
    changed.gate.set()
    eventually(lambda: second.status()["model"] == "words sha256:2")


def test_a_model_that_fails_and_comes_back(tmp_path: Path, start: Start):
    store, words = filled_store(tmp_path, TEXTS), WordEmbedder()
    models = Models(one=words)
    vectors = start("one", models, Index(store))
    eventually(lambda: answers(vectors, store))
    words.broken = True
    assert not vectors.of("another question", store.match(["return"], 10))
    assert "nothing answers" in str(vectors.status()["problem"])
    words.broken = False
    eventually(lambda: answers(vectors, store))
    assert vectors.status()["problem"] == ""


def test_a_reader_answers_with_what_the_writer_made_and_makes_nothing(tmp_path: Path, start: Start):
    store, words, others = filled_store(tmp_path, TEXTS), WordEmbedder(), WordEmbedder()
    reader = start("one", Models(one=others), Index(store, is_writer=False))
    time.sleep(0.1)
    assert not list(tmp_path.glob("vectors-*.lance"))
    writer = start("one", Models(one=words), Index(store))
    eventually(lambda: answers(writer, store))
    eventually(lambda: answers(reader, store))
    assert others.asked == ["paint the wall"]


@pytest.mark.parametrize(
    "content", [b"", b"[]", b'{"table": 1, "model": 2}', b'{"table": "chunks", "model": "one"}']
)
def test_a_file_that_names_no_table_of_vectors_is_made_anew(tmp_path: Path, start: Start, content: bytes):
    store = filled_store(tmp_path, TEXTS)
    (tmp_path / "vectors.json").write_bytes(content)
    vectors = start("one", Models(one=WordEmbedder()), Index(store))
    eventually(lambda: answers(vectors, store))
    assert store.count_rows() == 3


def test_a_full_disk_is_said_and_tried_again(tmp_path: Path, start: Start, monkeypatch: pytest.MonkeyPatch):
    store = filled_store(tmp_path, TEXTS)
    real, full = VectorTable.add, [True]

    def add(self: VectorTable, *rest: object) -> None:
        if full[0]:
            raise IndexUnavailable("the vectors cannot be written")
        real(self, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(VectorTable, "add", add)
    vectors = start("one", Models(one=WordEmbedder()), Index(store))
    eventually(lambda: "cannot be written" in str(vectors.status()["problem"]))
    full[0] = False
    eventually(lambda: answers(vectors, store))
    assert vectors.status()["problem"] == ""


def test_where_vectors_are_off_none_are_kept(tmp_path: Path, start: Start):
    store = filled_store(tmp_path, TEXTS)
    vectors = start("one", Models(one=WordEmbedder()), Index(store))
    eventually(lambda: answers(vectors, store))
    vectors.stop()
    vectors._thread.join(10)
    remove_all(tmp_path)
    assert sorted(place.name for place in tmp_path.iterdir()) == ["chunks.lance"]
