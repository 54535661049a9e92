"""Long work that is put off, and a disk that is full by our own limit: what is there stays current."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from kept_index import Kept, until

from lsp_debugger.index import room as room_module
from lsp_debugger.index import sync as sync_module
from lsp_debugger.index.files import Reader

Keep = Callable[..., Kept]


@pytest.fixture
def keep() -> Iterator[Keep]:
    made: list[Kept] = []

    def start(root: Path, directory: Path, disk_bytes: int = 0) -> Kept:
        made.append(Kept(root, directory, disk_bytes))
        return made[-1].start()

    yield start
    for kept in made:
        kept.end()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    place = tmp_path / "root"
    place.mkdir()
    for number in range(600):
        (place / f"m{number:03}.py").write_text(f"def needle_{number}(): return common\n")
    return place


def test_what_is_put_off_stays_so_and_the_rest_is_current(
    root: Path, tmp_path: Path, keep: Keep, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sync_module, "MAX_BATCH_FILES", 100)
    monkeypatch.setattr(sync_module, "_REPORT_S", 0.0)
    read, kept = Reader.read, Kept(root, tmp_path / "index")

    def putting_off(self: Reader, path: str, known: object = ()) -> object:
        if path == "m250.py":
            kept.keeper.put_off()
        return read(self, path, known)  # type: ignore[arg-type]

    monkeypatch.setattr(Reader, "read", putting_off)
    kept.start()
    until(lambda: kept.keeper.is_put_off)
    until(lambda: kept.finds("common"))
    (root / "m007.py").write_text("def edited(): return common\n")
    (root / "m599.py").write_text("def named_by_somebody(): return 1\n")
    kept.keeper.touched(["m007.py", "m599.py"])
    until(lambda: kept.finds("edited") == ["m007.py"] and kept.finds("somebody") == ["m599.py"])
    assert len(kept.finds("common")) == 200  # what was written by then, the edited one among it

    # Whatever else asks for everything (a branch switch, an ignore file) sees to what is known.
    (root / "m008.py").unlink()
    kept.keeper.dirty.add_everything()
    until(lambda: "m008.py" not in kept.finds("common"))
    assert len(kept.finds("common")) == 199
    progress = kept.keeper.progress
    assert (progress.phase, progress.total) == ("put off: cancelled", 600)
    assert 200 <= progress.done <= 250
    kept.end()

    again = keep(root, tmp_path / "index")
    until(lambda: again.keeper.is_current and len(again.finds("common")) == 598)


def test_put_off_before_it_began(root: Path, tmp_path: Path, keep: Keep):
    kept = Kept(root, tmp_path / "index")
    kept.keeper.put_off("a reason")
    kept.start()
    (root / "m599.py").write_text("def named_by_somebody(): return 1\n")
    kept.keeper.touched(["m599.py"])
    until(lambda: kept.finds("somebody") == ["m599.py"])
    assert kept.finds("common") == []
    assert kept.keeper.progress.phase == "put off: a reason"
    kept.end()


def test_the_disk_that_an_index_may_take(
    root: Path, tmp_path: Path, keep: Keep, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(room_module, "_LOOK_S", 0.0)
    monkeypatch.setattr(sync_module, "MAX_BATCH_FILES", 100)
    kept = keep(root, tmp_path / "index", 60_000)
    until(lambda: kept.keeper.is_put_off)
    until(lambda: kept.problems)
    assert kept.keeper.progress.phase == "put off: index.disk_mb is reached"
    [problem] = kept.problems
    assert problem.startswith("the index takes as much disk as index.disk_mb allows: no new files come in; ")
    found = len(kept.finds("common"))
    assert 0 < found < 600
    (root / "m000.py").write_text("def edited(): return common\n")
    kept.keeper.touched(["m000.py"])
    until(lambda: kept.finds("edited") == ["m000.py"])
    assert len(kept.finds("common")) == found
    assert kept.keeper.metrics()["maintenances"] >= 1
