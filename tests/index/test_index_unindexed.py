"""What the text index does not know yet is found as if it did."""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsp_debugger.index.chunk import chunk_file
from lsp_debugger.index.rows import FileChunks, Mark, candidate_of
from lsp_debugger.index.store import Store
from lsp_debugger.index.unindexed import Frequencies, Unindexed
from lsp_debugger.index.veil import Veil

WORDS = ("amount", "basket", "cent", "rate", "total")
BODIES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map(
    lambda words: "def f():\n" + "".join(f"    {word}\n" for word in words)
)
Steps = list[tuple[str, str | None]]  # what is written into a file, or that it goes
STEPS = st.lists(
    st.tuples(st.sampled_from(["a.py", "b.py", "tests/test_c.py", "d.py"]), st.none() | BODIES), max_size=8
)


def file_of(path: str, text: str) -> FileChunks:
    return FileChunks(path, Mark(text, len(text), 1), tuple(chunk_file(path, text, text)))


def written(store: Store, steps: Steps) -> None:
    for path, text in steps:
        store.replace([] if text is None else [file_of(path, text)], gone=[path] if text is None else ())


@pytest.mark.parametrize("form", [None, Veil(b"k" * 32)], ids=["plain", "blind"])
@settings(max_examples=8, deadline=None)
@given(before=STEPS, after=STEPS, tokens=st.lists(st.sampled_from(WORDS), min_size=1, max_size=4))
def test_maintenance_changes_no_answer(
    form: Veil | None,
    before: list[tuple[str, str | None]],
    after: list[tuple[str, str | None]],
    tokens: list[str],
):
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(Path(folder) / "index", "one", writable=True, form=form)
        written(store, before)
        store.optimize()
        written(store, after)
        for exclude_tests in (False, True):
            now, later = (
                {
                    (each.path, each.file_hash): each.lexical
                    for each in asked.match(tokens, 20, without=["d.py"], exclude_tests=exclude_tests)
                }
                for asked in (store, Store.open(store.directory, "one", writable=False, form=form))
            )
            assert now.keys() == later.keys()
            assert all(score > 0 for score in now.values())


def test_scores_are_those_of_the_table(tmp_path: Path):
    texts = {
        f"m{number}.py": "def f():\n" + f"    {WORDS[number % 5]}\n" * (1 + number % 7)
        for number in range(60)
    }
    store = Store.open(tmp_path / "index", "one", writable=True)
    store.replace([file_of(path, text) for path, text in texts.items()])
    store.optimize()
    by_index = {each.path: each.lexical for each in store.match(["rate", "cent"], 60)}
    store.replace([file_of(path, text) for path, text in list(texts.items())[:30]])  # as they were
    in_memory = {each.path: each.lexical for each in store.match(["rate", "cent"], 60)}
    assert len(by_index) == 24
    assert in_memory == pytest.approx(by_index, rel=0.02)


def test_too_many_are_left_to_the_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("lsp_debugger.index.lexical._MAX_UNINDEXED", 3)
    store = Store.open(tmp_path / "index", "one", writable=True)
    for number in range(5):
        store.replace([file_of(f"m{number}.py", "def rate(): pass\n")])
        assert len(store.match(["rate"], 10)) == number + 1
    store.optimize()
    store.replace([file_of("m1.py", "def cent(): pass\n")])
    assert {each.path for each in store.match(["rate"], 10)} == {"m0.py", "m2.py", "m3.py", "m4.py"}


@given(
    files=st.dictionaries(
        st.sampled_from([f"{folder}m{n}.py" for folder in ("", "tests/test_") for n in range(9)]),
        st.lists(st.sampled_from(WORDS), min_size=1, max_size=9),
        max_size=14,
    ),
    gone=st.integers(0, 3),
    limit=st.integers(1, 8),
    exclude_tests=st.booleans(),
)
def test_the_best_few_are_the_best_of_all(
    files: dict[str, list[str]], gone: int, limit: int, *, exclude_tests: bool
):
    chunks = Unindexed()
    for path, words in files.items():
        for _ in range(2):  # the second time instead of the first
            made = chunk_file(path, "\n".join(words), "h")
            chunks.put(path, [(candidate_of(each, 0.0), each.tokens) for each in made])
    without = list(files)[:gone]
    rarities = {"rate": 2.0, "cent": 1.0}
    every = [
        each
        for each in chunks.match(rarities, 10.0, 10_000)
        if each.path not in without and not (exclude_tests and each.is_test)
    ]
    few = chunks.match(rarities, 10.0, limit, without=without, exclude_tests=exclude_tests)
    scores = sorted((each.lexical for each in every), reverse=True)[:limit]
    assert sorted((each.lexical for each in few), reverse=True) == scores
    assert {each.key for each in few} <= {each.key for each in every}
    above = scores[-1] if scores else 0.0
    better = chunks.match(rarities, 10.0, limit, above=above, without=without, exclude_tests=exclude_tests)
    assert {each.key for each in better} == {each.key for each in few if each.lexical > above}


def test_what_was_replaced_is_forgotten_in_time():
    chunks = Unindexed()
    frequencies = Frequencies([], 10)

    def paths(token: str) -> list[str]:
        return [each.path for each in chunks.match({token: 1.0}, frequencies.average_length, 10)]

    for number in range(2_000):
        (chunk,) = chunk_file("a.py", f"word{number}\n", "h")
        chunks.put("a.py", [(candidate_of(chunk, 0.0), chunk.tokens)])
    assert paths("word1998") == []
    assert paths("word1999") == ["a.py"]
    assert len(chunks) == 1
    assert len(chunks._chunks) < 1_000  # pyright: ignore[reportPrivateUsage]  what it is about
    chunks.drop("a.py")
    assert paths("word1999") == []


def test_one_writes_while_another_searches():
    chunks = Unindexed()
    stop = threading.Event()
    problems: list[BaseException] = []

    def search() -> None:
        try:
            while not stop.is_set():
                for each in chunks.match({"word": 1.0, "f": 1.0}, 10.0, 4):
                    assert each.lexical > 0
        except BaseException as exc:  # noqa: BLE001  told below
            problems.append(exc)

    thread = threading.Thread(target=search)
    thread.start()
    for number in range(1_500):
        path = f"{number % 7}.py"
        chunks.put(
            path,
            [
                (candidate_of(each, 0.0), each.tokens)
                for each in chunk_file(path, "def f():\n    word\n", "h")
            ],
        )
    stop.set()
    thread.join()
    assert problems == []
