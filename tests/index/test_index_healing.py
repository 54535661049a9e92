"""The index in trouble: a full disk, a directory of somebody else's, a table that breaks, kill -9."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import subprocess  # noqa: TID251 - a writer to be killed, and mounts
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from kept_index import Kept, until

from lsp_debugger.core.errors import IndexUnavailable
from lsp_debugger.index import keeper as keeper_module
from lsp_debugger.index.lock import WriterLock
from lsp_debugger.index.store import Store

pytestmark = pytest.mark.thorough


@pytest.fixture
def keep(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Path, Path], Kept]]:
    monkeypatch.setattr(keeper_module, "_FIRST_RETRY_S", 0.2)
    monkeypatch.setattr(keeper_module, "_RETRY_S", 0.5)
    made: list[Kept] = []

    def start(root: Path, directory: Path) -> Kept:
        made.append(Kept(root, directory))
        return made[-1].start()

    yield start
    for kept in made:
        kept.end()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    place = tmp_path / "root"
    place.mkdir()
    for number in range(20):
        (place / f"m{number}.py").write_text(f"def needle_{number}(): return common\n")
    return place


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", place]
    if subprocess.call(mount, stderr=subprocess.DEVNULL):
        pytest.skip("this user may not mount anything")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def fill(disk: Path) -> None:
    """Not a byte is left, and no new file either."""
    handle = os.open(disk / "filler", os.O_WRONLY | os.O_CREAT)
    for size in (65_536, 4_096, 1):
        with contextlib.suppress(OSError):
            while os.write(handle, b"x" * size):
                pass
    os.close(handle)
    with contextlib.suppress(OSError):
        for number in range(100_000):
            (disk / f"filler {number}").touch()


def test_a_full_disk_is_said_and_gets_well_by_itself(
    root: Path, disk: Path, keep: Callable[[Path, Path], Kept]
):
    kept = keep(root, disk / "index")
    until(lambda: kept.finds("common"))
    fill(disk)
    (root / "late.py").write_text("def written_late(): return 'x'\n" * 50)
    kept.keeper.touched(["late.py"])
    until(lambda: kept.problems)
    assert "disk full" in kept.problems[0]
    assert len(kept.finds("common")) == 20  # what was there still answers
    time.sleep(1)
    # Writing and tidying up fail each for itself; each is said once, however often it is tried.
    assert len(set(kept.problems)) == len(kept.problems) <= 2
    for filler in disk.glob("filler*"):
        filler.unlink()
    until(lambda: kept.finds("late") == ["late.py"])


def test_a_disk_that_is_full_from_the_start(root: Path, disk: Path):
    (disk / "index").mkdir()
    fill(disk)
    with pytest.raises(IndexUnavailable) as caught:
        Kept(root, disk / "index").keeper.open()
    assert caught.value.hint


def test_a_directory_that_turned_read_only_still_answers(
    root: Path, disk: Path, keep: Callable[[Path, Path], Kept]
):
    first = keep(root, disk / "index")
    until(lambda: first.finds("common"))
    first.end()
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    second = keep(root, disk / "index")
    assert not second.keeper.is_writer
    assert len(second.finds("common")) == 20
    assert second.keeper.progress.phase == "reading: the index cannot be written"
    assert "cannot be written (permission denied)" in second.problems[0]
    subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
    until(lambda: second.keeper.is_writer)
    (root / "late.py").write_text("def written_late(): pass\n")
    second.keeper.touched(["late.py"])
    until(lambda: second.finds("late") == ["late.py"])


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root gives files away")
def test_a_directory_of_somebody_elses_is_left_alone(tmp_path: Path, root: Path):
    directory = tmp_path / "index"
    directory.mkdir()
    os.chown(directory, 12345, 12345)
    with pytest.raises(IndexUnavailable, match="belongs to another user"):
        Kept(root, directory).keeper.open()
    assert list(directory.iterdir()) == []


def test_a_table_that_breaks_under_us_is_made_anew(
    root: Path, tmp_path: Path, keep: Callable[[Path, Path], Kept]
):
    kept = keep(root, tmp_path / "index")
    until(lambda: kept.finds("common"))
    for name in ("data", "_versions"):
        place = tmp_path / "index" / "chunks.lance" / name

        def is_gone(place: Path = place) -> bool:
            shutil.rmtree(place, ignore_errors=True)  # its maintenance may still write there
            return not place.exists()

        until(is_gone)
    (root / "late.py").write_text("def written_late(): pass\n")
    kept.keeper.touched(["late.py"])
    until(lambda: any("made anew" in problem for problem in kept.problems))

    def well() -> bool:
        try:
            return len(kept.finds("common")) == 20 and kept.finds("late") == ["late.py"]
        except IndexUnavailable:
            return False

    until(well)
    assert len(list((tmp_path / "index").glob("quarantined-*"))) == 1


def test_a_lock_that_somebody_holds_is_no_trouble(tmp_path: Path):
    first, second = WriterLock(tmp_path), WriterLock(tmp_path)
    assert first.acquire()
    assert not second.acquire()
    first.release()
    assert second.acquire()
    second.release()


WRITER = """
import sys
from pathlib import Path
from lsp_debugger.index.files import Reader
from lsp_debugger.index.store import Store
from lsp_debugger.index.sync import Sync
from lsp_debugger.index.walk import Walker
root, directory = Path(sys.argv[1]), Path(sys.argv[2])
store = Store.open(directory, "one", writable=True)
sync = Sync(store, Walker(root, lambda _: False), Reader(root, lambda text: text), lambda _: None)
sync.scan()
print("ready", flush=True)
number = 0
while True:
    number += 1
    for each in range(number % 7, 20, 3):
        draft = root.parent / "draft"  # a file is whole when the writer dies
        draft.write_text(f"def needle_{each}(): return common + {number}\\n" * (number % 5 + 1))
        draft.replace(root / f"m{each}.py")
    sync.scan()
    if number % 9 == 0:
        store.optimize()
"""


def kill_and_check(root: Path, directory: Path, pause_s: float) -> None:
    """A writer dies; the table opens, and one scan later every file has its rows and no others."""
    writer = subprocess.Popen([sys.executable, "-c", WRITER, root, directory], stdout=subprocess.PIPE)
    assert writer.stdout is not None
    assert writer.stdout.readline() == b"ready\n"
    time.sleep(pause_s)
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    writer.stdout.close()
    store = Store.open(directory, "one", writable=True)
    assert store.repaired == ""
    assert len(store.marks()) == 20  # a file never loses its rows for its next ones
    kept = Kept(root, directory)
    kept.keeper.open()
    kept.keeper._holding.sync.scan()  # type: ignore[union-attr]
    assert kept.keeper.verify() == {"right": 20, "changed": 0, "gone": 0, "damaged": 0}
    kept.end()


def test_killed_in_the_middle_of_a_write(root: Path, tmp_path: Path):
    for pause_s in (0.15, 0.6):
        kill_and_check(root, tmp_path / "index", pause_s)


@pytest.mark.thorough
@pytest.mark.timeout(300)
def test_killed_again_and_again(root: Path, tmp_path: Path):
    """A hundred times: `python benchmarks/index.py kill`."""
    chance = random.Random(5)
    for _ in range(25):
        kill_and_check(root, tmp_path / "index", chance.uniform(0, 0.8))
