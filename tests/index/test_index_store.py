"""The table on disk: real LanceDB in a directory of its own."""

from __future__ import annotations

import os
import shutil
import stat
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lsp_debugger.core.errors import IndexUnavailable
from lsp_debugger.index.chunk import chunk_file
from lsp_debugger.index.rows import FileChunks, Mark
from lsp_debugger.index.store import Store
from lsp_debugger.index.tables import ANY_AGE

ODD_PATHS = [
    "it's.py",
    'a "b".py',
    "new\nline.py",
    "漢/😀.py",
    "back\\slash.py",
    "per%cent_.py",
    "it''s.py",
    "; DROP.py",
]


def file_of(path: str, text: str, file_hash: str = "h1") -> FileChunks:
    return FileChunks(path, Mark(file_hash, len(text), 7), tuple(chunk_file(path, text, file_hash)))


def opened(directory: Path, fingerprint: str = "one", *, writable: bool = True) -> Store:
    return Store.open(directory, fingerprint, writable=writable)


def hits(store: Store, text: str, **rest: object) -> list[str]:
    return sorted({hit.path for hit in store.match(text.split(), 50, **rest)})  # type: ignore[arg-type]


def test_rows_are_replaced_in_one_commit(tmp_path: Path):
    store = opened(tmp_path / "index")
    store.replace([file_of("a.py", "def alpha(): pass\n"), file_of("b.py", "def beta(): pass\n")])
    before = store.version
    store.replace(
        [file_of("a.py", "def gamma(): pass\n\ndef delta(): pass\n", "h2")], gone=["b.py", "never.py"]
    )
    assert store.version == before + 1
    assert hits(store, "alpha beta") == []
    assert hits(store, "gamma") == ["a.py"]
    assert store.marks() == {"a.py": Mark("h2", 37, 7)}
    store.replace([], gone=["a.py"])
    assert store.count_rows() == 0
    store.replace([])
    store.replace([file_of("empty.py", "\n")])
    assert store.marks() == {}


def keep(store: Store) -> Store:
    return store


def maintained(store: Store) -> Store:
    store.optimize()
    return store


def reopened(store: Store) -> Store:
    """Its text index does not know the rows, and neither does this process: LanceDB looks at each."""
    return opened(store.directory)


def read_only(store: Store) -> Store:
    return opened(store.directory, writable=False)


EVERY_WAY = pytest.mark.parametrize("way", [keep, maintained, reopened, read_only])


@EVERY_WAY
def test_candidates_come_back_as_they_went_in(tmp_path: Path, way: Callable[[Store], Store]):
    text = "import os\n\nclass A:\n    name = 'it'\n\n    def run(self):\n        return b'😀'\n\n    x = 1\n"
    file = file_of("pkg/a.py", text)
    store = opened(tmp_path / "index")
    store.replace([file])
    store = way(store)
    by_words = store.match(["a", "run", "os"], 10)
    assert all(candidate.lexical > 0 for candidate in by_words)
    found = {each.qualname: each for each in store.with_texts(by_words) if each}
    assert set(found) == {chunk.qualname for chunk in file.chunks}
    for chunk in file.chunks:
        candidate = found[chunk.qualname]
        for name in ("text", "runs", "literals", "defines", "kind", "language", "is_test", "chunk_hash"):
            assert getattr(candidate, name) == getattr(chunk, name)
    assert store.imports_of("pkg/a.py") == ["os"]
    assert [c.qualname for c in store.defining(["run"])] == ["A.run"]
    assert [c.qualname for c in store.holding([("pkg/a.py", 7)])] == ["A.run"]


def test_rows_that_moved_or_went_are_not_taken_for_others(tmp_path: Path):
    store = opened(tmp_path / "index")
    for number in range(6):
        store.replace([file_of(f"m{number}.py", f"def name_{number}(): return common\n", f"h{number}")])
    store.optimize()
    before = store.match(["common"], 10)
    assert [each.text for each in before] == [None] * 6
    store.replace([file_of("m1.py", "def other(): return common\n", "new")], gone=["m2.py"])
    for number in range(70):
        store.replace([file_of(f"n{number}.py", "def n(): pass\n")])
    store.optimize()  # fragments are joined: rows get other places
    texts = [each and each.text for each in store.with_texts(before)]
    expected = {
        f"m{number}.py": f"def name_{number}(): return common" if number not in {1, 2} else None
        for number in range(6)
    }
    assert {each.path: text and text.strip() for each, text in zip(before, texts, strict=True)} == expected
    assert {each.path: each.file_hash for each in store.match(["common"], 10)} == {
        "m0.py": "h0",
        "m1.py": "new",
        **{f"m{number}.py": f"h{number}" for number in (3, 4, 5)},
    }


def test_imports_are_remembered_for_a_files_contents_alone(tmp_path: Path):
    store = opened(tmp_path / "index")
    store.replace([file_of("a.py", "import os\n", "one")])
    assert store.imports_of("a.py", "one") == store.imports_of("a.py", "one") == ["os"]
    store.replace([file_of("a.py", "import sys\n", "two")])
    assert store.imports_of("a.py", "two") == store.imports_of("a.py") == ["sys"]
    store.replace([file_of("a.py", "import os\n", "one")])
    assert store.imports_of("a.py", "one") == ["os"]
    store.replace([], gone=["a.py"])
    assert store.imports_of("a.py") == store.imports_of("never.py", "one") == []


def test_texts_that_were_shown_are_at_hand_and_still_true(tmp_path: Path):
    store = opened(tmp_path / "index")
    store.replace([file_of("a.py", "def needle(): return 1\n", "one"), file_of("b.py", "needle = 1\n", "b")])
    [shown, _] = store.with_texts(store.match(["needle"], 10))
    again = {each.path: each.text for each in store.match(["needle"], 10)}
    assert shown is not None
    assert again == {"a.py": "def needle(): return 1", "b.py": "needle = 1"}
    store.replace([file_of("a.py", "def needle(): return 2\n", "two")])
    newer = [each.text for each in store.with_texts(store.match(["needle"], 10)) if each]
    assert sorted(map(str, newer)) == ["def needle(): return 2", "needle = 1"]


def test_the_directory_is_private(tmp_path: Path):
    opened(tmp_path / "deep" / "index")
    assert stat.S_IMODE((tmp_path / "deep" / "index").stat().st_mode) == 0o700


@pytest.mark.parametrize("path", ODD_PATHS)
def test_odd_paths(tmp_path: Path, path: str):
    store = opened(tmp_path / "index")
    store.replace([file_of(path, "def needle(): pass\n"), file_of("other.py", "def needle(): pass\n")])
    store.replace([file_of(path, "def needle(): return 2\n")])
    assert store.count_rows() == 2
    assert hits(store, "needle") == sorted([path, "other.py"])
    assert hits(store, "needle", without=[path]) == ["other.py"]
    assert [candidate.path for candidate in store.holding([(path, 1)])] == [path]
    store.replace([], gone=[path])
    assert hits(store, "needle") == ["other.py"]


def test_odd_names_and_queries(tmp_path: Path):
    store = opened(tmp_path / "index")
    store.replace([file_of("a.py", 'def it(): return "o\'clock"\n')])
    assert store.defining(["o'clock", "') OR TRUE --", "it"]) != []
    assert store.defining(["') OR TRUE --"]) == []
    assert store.defining([]) == store.holding([]) == store.match([], 5) == []
    for query in (["AND"], ["OR"], ['"'], ["*"], ["a:b"], ["(("], ["+x"], ["~2"], ["for"] * 500):
        store.match(query, 5)


def test_tests_can_be_left_out(tmp_path: Path):
    store = opened(tmp_path / "index")
    store.replace(
        [file_of("a.py", "def needle(): pass\n"), file_of("tests/test_a.py", "def needle(): pass\n")]
    )
    assert hits(store, "needle", exclude_tests=True) == ["a.py"]
    assert [candidate.path for candidate in store.defining(["needle"], exclude_tests=True)] == ["a.py"]


def test_unindexed_rows_are_found_and_maintenance_keeps_everything(tmp_path: Path):
    store = opened(tmp_path / "index")
    for number in range(70):
        store.replace([file_of(f"m{number}.py", f"def name_{number}(): return common\n")])
    assert store.unindexed_rows() == 70
    assert store.needs_care()  # by its fragments
    assert hits(store, "name 31") == hits(store, "name")
    store.optimize()
    if store.needs_care():  # the version before it was too young to be dropped
        time.sleep(ANY_AGE.total_seconds())
        store.optimize()
    assert not store.needs_care()
    assert store.unindexed_rows() == 0
    assert store.count_rows() == 70
    assert store.match(["31"], 5)[0].path == "m31.py"
    assert store.size_bytes() > 0


def test_a_table_is_opened_again(tmp_path: Path):
    opened(tmp_path).replace([file_of("a.py", "def alpha(): pass\n")])
    again = opened(tmp_path)
    assert again.repaired == ""
    assert hits(again, "alpha") == ["a.py"]


def test_another_fingerprint_makes_the_table_anew(tmp_path: Path):
    opened(tmp_path).replace([file_of("a.py", "def alpha(): pass\n")])
    with pytest.raises(IndexUnavailable):
        opened(tmp_path, "two", writable=False)
    store = opened(tmp_path, "two")
    assert store.repaired == "it was made in another way"
    assert store.count_rows() == 0
    assert list(tmp_path.glob("quarantined-*")) == []  # it may hold what the new one may not


def damage_manifests(table: Path) -> None:
    for manifest in (table / "_versions").iterdir():
        manifest.write_bytes(b"nonsense")


def damage_data(table: Path) -> None:
    for data in (table / "data").iterdir():
        data.write_bytes(data.read_bytes()[:20])


def lose_the_text_index(table: Path) -> None:
    shutil.rmtree(table / "_indices")


def be_a_file(table: Path) -> None:
    shutil.rmtree(table)
    table.write_text("not a directory")


def be_empty(table: Path) -> None:
    shutil.rmtree(table)
    table.mkdir()


@pytest.mark.parametrize("damage", [damage_manifests, damage_data, lose_the_text_index, be_a_file, be_empty])
def test_a_broken_table_is_put_away_and_made_anew(tmp_path: Path, damage: object):
    store = opened(tmp_path)
    store.replace([file_of("a.py", "def alpha(): pass\n")])
    del store
    damage(tmp_path / "chunks.lance")  # type: ignore[operator]
    with pytest.raises(IndexUnavailable):
        opened(tmp_path, writable=False)
    again = opened(tmp_path)
    assert again.repaired
    again.replace([file_of("a.py", "def alpha(): pass\n")])
    assert hits(again, "alpha") == ["a.py"]


def test_only_one_broken_table_is_kept(tmp_path: Path):
    for _ in range(4):
        opened(tmp_path)
        damage_manifests(tmp_path / "chunks.lance")
    opened(tmp_path)
    opened(tmp_path)
    assert len(list(tmp_path.glob("quarantined-*"))) == 1


def test_no_table_and_no_directory(tmp_path: Path):
    with pytest.raises(IndexUnavailable):
        opened(tmp_path / "missing", writable=False)
    (tmp_path / "file").write_text("")
    with pytest.raises(IndexUnavailable):
        opened(tmp_path / "file")
    with pytest.raises(IndexUnavailable):
        opened(tmp_path / "file" / "below")


def test_a_reader_sees_what_the_writer_commits(tmp_path: Path):
    writer = opened(tmp_path)
    reader = opened(tmp_path, writable=False)
    writer.replace([file_of("a.py", "def alpha(): pass\n")])
    assert hits(reader, "alpha") == ["a.py"]
    writer.optimize()
    writer.replace([], gone=["a.py"])
    assert hits(reader, "alpha") == []


def test_searching_beside_writing(tmp_path: Path):
    store = opened(tmp_path)
    store.replace([file_of(f"m{number}.py", "def needle(): pass\n") for number in range(20)])
    failures: list[BaseException] = []
    stop = threading.Event()

    def search() -> None:
        try:
            while not stop.is_set():
                assert len(hits(store, "needle")) == 20
        except BaseException as exc:  # noqa: BLE001 - what happens in a thread is reported by the test
            failures.append(exc)

    threads = [threading.Thread(target=search) for _ in range(2)]
    for thread in threads:
        thread.start()
    for turn in range(15):
        store.replace([file_of(f"m{number}.py", f"def needle(): return {turn}\n") for number in range(20)])
        if turn % 5 == 4:
            store.optimize()
    stop.set()
    for thread in threads:
        thread.join()
    assert not failures


@pytest.mark.skipif(os.name != "posix", reason="permissions as on POSIX")
def test_a_directory_that_may_not_be_written(tmp_path: Path):
    directory = tmp_path / "index"
    opened(directory).replace([file_of("a.py", "def alpha(): pass\n")])
    directory.chmod(0o500)
    try:
        assert hits(opened(directory, writable=False), "alpha") == ["a.py"]
    finally:
        directory.chmod(0o700)
