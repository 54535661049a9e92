"""Rows that wait for a commit are found as if they were in the table, and lost with nothing but time."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kept_index import Kept, until

from lsp_debugger.index import waiting as waiting_module
from lsp_debugger.index.chunk import chunk_file
from lsp_debugger.index.rows import Candidate, FileChunks, Mark
from lsp_debugger.index.store import Store
from lsp_debugger.index.veil import Veil
from lsp_debugger.index.waiting import Waiting

PATHS = ("a.py", "b.py", "tests/test_c.py", "it's d.py")
NAMES = ("amount", "basket", "cent")
TEXTS = st.lists(st.sampled_from(NAMES), min_size=1, max_size=4).map(
    lambda names: "".join(
        f"import {name}\n\n\ndef {name}():\n    return {name} + rate\n\n\n" for name in names
    )
)
STEPS = st.lists(st.tuples(st.sampled_from(PATHS), st.none() | TEXTS), max_size=6)
Steps = list[tuple[str, str | None]]


@pytest.fixture(autouse=True, scope="module")
def _nothing_is_due() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(waiting_module, "_FREE_TIMES", 1e9)
        patch.setattr(waiting_module, "_MAX_WAIT_S", 1e9)
        yield


def file_of(path: str, text: str) -> FileChunks:
    return FileChunks(path, Mark(text, len(text), 1), tuple(chunk_file(path, text, text)))


def begun(directory: Path, form: Veil | None = None) -> Store:
    store = Store.open(directory, "one", writable=True, form=form)
    store.replace([file_of("first.py", "import amount\n\n\ndef cent():\n    return rate\n")])
    return store


def written(store: Store, steps: Steps, *, may_wait: bool) -> None:
    for path, text in steps:
        files = [file_of(path, text)] if text is not None else []
        store.replace(files, [] if files else [path], may_wait=may_wait)


def said(store: Store, *, exclude_tests: bool) -> dict[str, object]:
    def shown(found: list[Candidate]) -> list[tuple[object, ...]]:
        return sorted((*each.key, each.qualname, each.file_hash) for each in found)

    without = ["b.py"]
    by_words = store.match(["rate", "cent"], 50, without=without, exclude_tests=exclude_tests)
    places = [(path, line) for path in PATHS for line in (1, 4, 11)]
    defining = store.defining(["cent", "basket"], without=without, exclude_tests=exclude_tests)
    return {
        "words": shown(by_words),
        "texts": sorted(each.text or "" for each in store.with_texts(by_words) if each),
        "defining": shown(defining),
        "holding": shown(store.holding(places)),
        "hashes": shown(store.with_hashes([each.chunk_hash for each in defining], without=without)),
        "imports": [store.imports_of(path) for path in (*PATHS, "first.py")],
    }


@pytest.mark.parametrize("form", [None, Veil(b"k" * 32)], ids=["plain", "blind"])
@settings(max_examples=10, deadline=None)
@given(before=STEPS, after=STEPS, exclude_tests=st.booleans())
def test_what_waits_is_found_like_the_rest(
    form: Veil | None, before: Steps, after: Steps, *, exclude_tests: bool
):
    if form:
        form.remember(NAMES)
    with tempfile.TemporaryDirectory() as folder:
        at_once, waits = (begun(Path(folder) / name, form) for name in ("at once", "waits"))
        for store in (at_once, waits):
            written(store, before, may_wait=False)
        version = waits.version
        written(at_once, after, may_wait=False)
        written(waits, after, may_wait=True)
        assert waits.version == version
        assert set(waits.waiting) == {path for path, _ in after}
        now = said(at_once, exclude_tests=exclude_tests)
        assert said(waits, exclude_tests=exclude_tests) == now
        waits.commit()
        assert not waits.waiting
        assert said(waits, exclude_tests=exclude_tests) == now
        assert (
            said(Store.open(waits.directory, "one", writable=False, form=form), exclude_tests=exclude_tests)
            == now
        )


def test_what_comes_at_once_takes_along_what_waits(tmp_path: Path):
    store = begun(tmp_path / "index")
    written(store, [("a.py", "amount = 1\n"), ("b.py", "basket = 1\n")], may_wait=True)
    written(store, [("a.py", "cent = 1\n")], may_wait=False)
    reader = Store.open(store.directory, "one", writable=False)
    assert {path: mark.file_hash for path, mark in reader.marks().items() if path != "first.py"} == {
        "a.py": "cent = 1\n",
        "b.py": "basket = 1\n",
    }
    written(store, [("a.py", None)], may_wait=True)
    store.optimize()
    assert set(reader.marks()) == {"b.py", "first.py"}


def test_commits_leave_time_free_and_many_files_wait_for_none():
    now = [100.0]
    waiting = Waiting(lambda: now[0])
    waiting_module._FREE_TIMES, waiting_module._MAX_WAIT_S = 20, 5.0  # pyright: ignore[reportPrivateUsage]
    try:
        assert waiting.is_due()
        waiting.committed(0.1)
        now[0] += 1.9
        assert not waiting.is_due()
        now[0] += 0.2
        assert waiting.is_due()
        waiting.committed(60.0)
        now[0] += 5.1
        assert waiting.is_due()
        waiting.committed(60.0)
        waiting.put([file_of(f"{number}.py", "a = 1\n") for number in range(500)], [])
        assert waiting.is_due()
    finally:
        waiting_module._FREE_TIMES = waiting_module._MAX_WAIT_S = 1e9  # pyright: ignore[reportPrivateUsage]


def test_an_index_that_ends_has_written_everything(tmp_path: Path):
    root = tmp_path / "root"
    root.mkdir()
    (root / "a.py").write_text("def amount(): pass\n")
    kept = Kept(root, tmp_path / "index").start()
    until(lambda: kept.finds("amount"))
    for word in ("basket", "cent"):
        (root / "a.py").write_text(f"def {word}(): pass\n")
        kept.keeper.touched(["a.py"])
        until(lambda word=word: kept.finds(word))
    assert kept.keeper.store.waiting
    kept.end()
    reader = Store.open(tmp_path / "index", "one", writable=False)
    assert [each.path for each in reader.match(["cent"], 5)] == ["a.py"]


def test_a_file_that_is_again_as_the_table_has_it_waits_no_more_wrongly(tmp_path: Path):
    root = tmp_path / "root"
    root.mkdir()
    (root / "a.py").write_text("def amount(): pass\n")
    kept = Kept(root, tmp_path / "index").start()
    until(lambda: kept.finds("amount"))
    time.sleep(0.01)
    for word in ("basket", "cent", "amount"):
        (root / "a.py").write_text(f"def {word}(): pass\n")
        kept.keeper.touched(["a.py"])
        until(lambda word=word: kept.finds(word) == ["a.py"])
    assert [kept.finds(word) for word in ("basket", "cent", "amount")] == [[], [], ["a.py"]]
    kept.end()
    reader = Store.open(tmp_path / "index", "one", writable=False)
    assert [[each.path for each in reader.match([word], 5)] for word in ("cent", "amount")] == [[], ["a.py"]]
