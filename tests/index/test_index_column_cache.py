"""Columns in memory: the same answers as the table's, whatever was written since they were read."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from lsp_debugger.index import column_cache
from lsp_debugger.index.chunk import chunk_file
from lsp_debugger.index.column_cache import ColumnCache
from lsp_debugger.index.rows import FileChunks, Mark
from lsp_debugger.index.store import Store
from lsp_debugger.index.unindexed import Unindexed

NAMES = ("alpha", "beta", "gamma", "delta")
PATHS = ("a.py", "it's b.py", "tests/test_a.py", "漢/c.py")


def file_of(path: str, names: list[str], number: int = 0) -> FileChunks:
    text = "".join(f"def {name}():\n    return {number}\n\n\n" for name in names)
    file_hash = f"h{number}{''.join(names)}"
    return FileChunks(path, Mark(file_hash, len(text), number), tuple(chunk_file(path, text, file_hash)))


def opened(directory: Path, *, writable: bool = True) -> Store:
    return Store.open(directory, "one", writable=writable)


def cache_of(store: Store) -> ColumnCache | None:
    return store._candidates.columns  # pyright: ignore[reportPrivateUsage]  answers do not show it


@pytest.mark.parametrize("seed", range(4))
def test_answers_are_those_of_the_files_as_they_are(tmp_path: Path, seed: int):
    chance = random.Random(seed)
    store, files = opened(tmp_path / "index"), dict[str, list[str]]()
    for number in range(40):
        path = chance.choice(PATHS)
        step = chance.random()
        if step < 0.6:
            files[path] = chance.sample(NAMES, chance.randint(1, 3))
            store.replace([file_of(path, files[path], number)], may_wait=chance.random() < 0.5)
        elif step < 0.8:
            files.pop(path, None)
            store.replace([], gone=[path], may_wait=chance.random() < 0.5)
        elif step < 0.9:
            store.optimize()
        else:
            store.commit()
        wanted = chance.sample(NAMES, 2)
        defining = {
            (each.path, each.qualname) for each in store.defining(wanted, without=["漢/c.py"])
        }  # a set: for a moment the table may have old rows beside new ones, and ranking takes one of them
        assert defining == {
            (path, name) for path, names in files.items() for name in names if name in wanted
        } - {("漢/c.py", name) for name in NAMES}
        tests = [each for each in store.defining(NAMES, exclude_tests=True) if each.is_test]
        assert tests == []
        place = chance.choice(PATHS)
        held = {each.qualname for each in store.holding([(place, 2)])}
        assert held == set(files.get(place, [])[:1])


def test_the_table_and_the_cache_say_the_same(tmp_path: Path):
    store = opened(tmp_path / "index")
    store.replace([file_of(path, list(NAMES), 1) for path in PATHS])
    store.optimize()
    other = opened(tmp_path / "index", writable=False)
    assert cache_of(store) is not None
    assert cache_of(other) is None
    assert [each._replace(lexical=0) for each in store.match(["return"], 50)] == [
        each._replace(lexical=0) for each in other.match(["return"], 50)
    ]
    assert store.defining(["beta", "gone"]) == other.defining(["beta", "gone"])
    assert store.holding([("a.py", 5), ("漢/c.py", 1)]) == other.holding([("a.py", 5), ("漢/c.py", 1)])
    hashes = {each.chunk_hash for each in other.defining(["alpha"])}
    assert len(hashes) > 1
    assert store.with_hashes(hashes) == other.with_hashes(hashes)


def test_a_place_that_the_cache_lacks_is_none_of_its_rows(tmp_path: Path):
    store = opened(tmp_path / "index")
    store.replace([file_of("a.py", ["alpha", "beta"])])
    store.optimize()
    cache = cache_of(store)
    assert cache is not None
    places = cache.rows_with("defines", NAMES, 10)
    assert [each.qualname for each in cache.candidates(places).values()] == ["alpha", "beta"]
    assert cache.candidates([0, max(places) + 1, 2**63]).keys() <= set(places)
    assert cache.rows_with("defines", NAMES, 1) == places[:1]


def test_an_empty_table_has_no_rows(tmp_path: Path):
    cache = cache_of(opened(tmp_path / "index"))
    assert cache is not None
    assert cache.candidates([1]) == {}
    assert cache.rows_with("path", ["a.py"], 10) == []


def test_a_large_table_is_left_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(column_cache, "MAX_ROWS", 3)
    store = opened(tmp_path / "index")
    store.replace([file_of("a.py", ["alpha", "beta"])])
    store.optimize()
    assert cache_of(store) is not None
    store.replace([file_of("b.py", ["alpha", "gamma"])])
    store.optimize()
    assert cache_of(store) is None
    assert {each.path for each in store.defining(["alpha"])} == {"a.py", "b.py"}


def test_rows_since_another_beginning_do_not_count_as_known(tmp_path: Path):
    """Maintenance begins anew what is newer; until the columns are read again they are out of date."""
    store = opened(tmp_path / "index")
    store.replace([file_of("a.py", ["alpha"])])
    store.optimize()
    cache = cache_of(store)
    assert cache is not None
    store.replace([file_of("a.py", ["beta"], 2)])
    cache.beside = Unindexed()
    assert [each.qualname for each in store.defining(NAMES)] == ["beta"]
