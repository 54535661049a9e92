"""Disk into table: only what changed, nothing lost, nothing secret."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lsp_debugger.index import sync as sync_module
from lsp_debugger.index.dirty import MAX_PATHS, DirtyPaths
from lsp_debugger.index.files import Reader, Source, read_source
from lsp_debugger.index.redaction import Redaction
from lsp_debugger.index.store import Store
from lsp_debugger.index.sync import Progress, Sync
from lsp_debugger.index.walk import Walker


class Workspace:
    """A folder with files, and its table beside it."""

    def __init__(self, base: Path, redact: Callable[[str], str] = lambda text: text) -> None:
        self.root = base / "root"
        self.root.mkdir()
        self.store = Store.open(base / "index", "one", writable=True)
        self.reports: list[Progress] = []
        self.redact = redact
        self.parsed: list[str] = []
        self.sync = self.new_sync()

    def new_sync(self) -> Sync:
        walker = Walker(self.root, lambda path: path.endswith(".pem"))
        return Sync(self.store, walker, Reader(self.root, self._redact), self.reports.append)

    def _redact(self, text: str) -> str:
        self.parsed.append(text)
        return self.redact(text)

    def write(self, path: str, content: str | bytes) -> None:
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content if isinstance(content, bytes) else content.encode())
        old = time.time() - 100  # long enough ago to be trusted
        os.utime(place, (old, old))

    def indexed(self, token: str = "needle") -> list[str]:
        return sorted({hit.path for hit in self.store.match([token], 1000)})


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


def test_a_scan_indexes_and_a_second_one_parses_nothing(workspace: Workspace):
    for number in range(5):
        workspace.write(f"pkg/m{number}.py", f"def needle(): return {number}\n")
    workspace.sync.scan()
    assert workspace.indexed() == [f"pkg/m{number}.py" for number in range(5)]
    assert workspace.reports[-1] == Progress("current", 5, 5)
    workspace.parsed.clear()
    workspace.sync.scan()
    again = workspace.new_sync()  # as after a restart
    again.scan()
    assert workspace.parsed == []
    assert sorted(again.paths) == workspace.indexed()


def test_rows_of_long_work_are_found_before_and_after_maintenance(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sync_module, "_LONG_FILES", 4)
    monkeypatch.setattr(sync_module, "MAX_BATCH_FILES", 2)
    everything = [f"m{number}.py" for number in range(6)]
    for round_number, word in enumerate(("needle", "thread", "button")):
        for path in everything:
            workspace.write(path, f"def {word}(): return {'1' * (round_number + 1)}\n")
        workspace.sync.scan()
        assert workspace.indexed(word) == everything
        assert sorted({each.path for each in workspace.store.defining([word])}) == everything
        if round_number:
            workspace.sync.optimize()
            assert workspace.indexed(word) == everything
        workspace.write("m0.py", f"def {word}(): return 'saved {round_number}'\n")
        workspace.sync.refresh(["m0.py"], may_wait=True)
        assert workspace.indexed("saved") == ["m0.py"]
        assert sorted({each.path for each in workspace.store.defining([word])}) == everything


def test_changed_new_and_deleted_files(workspace: Workspace):
    workspace.write("a.py", "def needle(): pass\n")
    workspace.write("b.py", "def needle(): pass\n")
    workspace.sync.scan()
    workspace.write("a.py", "def other(): pass  # longer than before\n")
    workspace.write("c.py", "def needle(): pass\n")
    (workspace.root / "b.py").unlink()
    workspace.sync.scan()
    assert workspace.indexed() == ["c.py"]
    assert workspace.indexed("other") == ["a.py"]


def test_touching_a_file_does_not_parse_it(workspace: Workspace):
    workspace.write("a.py", "def needle(): pass\n")
    workspace.sync.scan()
    workspace.parsed.clear()
    os.utime(workspace.root / "a.py")
    version = workspace.store.version
    workspace.sync.scan()
    assert (workspace.parsed, workspace.store.version) == ([], version)


def test_a_change_within_one_tick_of_the_clock_is_seen(workspace: Workspace):
    place = workspace.root / "a.py"
    place.write_text("def needle(): return 1\n")
    workspace.sync.scan()
    status = place.stat()
    place.write_text("def nettle(): return 1\n")  # same size
    os.utime(place, ns=(status.st_atime_ns, status.st_mtime_ns))
    workspace.sync.scan()
    assert workspace.indexed("nettle") == ["a.py"]


def test_refreshing_single_files_and_folders(workspace: Workspace):
    workspace.write("a.py", "def needle(): pass\n")
    workspace.write("old/x.py", "def needle(): pass\n")
    workspace.write("old/deep/y.py", "def needle(): pass\n")
    workspace.sync.scan()
    workspace.write("a.py", "def other(): pass\n")
    workspace.write("secret.pem", "needle")
    assert workspace.sync.refresh(["a.py", "never.py", "secret.pem"]) is False
    assert workspace.indexed("other") == ["a.py"]
    (workspace.root / "old").rename(workspace.root / "new")
    assert workspace.sync.refresh(["old"]) is False
    assert workspace.indexed() == []
    assert workspace.sync.refresh(["new"]) is True  # asks for a scan
    workspace.sync.scan()
    assert workspace.indexed() == ["new/deep/y.py", "new/x.py"]


def test_a_file_that_stops_belonging_leaves(workspace: Workspace):
    workspace.write("a.py", "def needle(): pass\n")
    workspace.sync.scan()
    workspace.write("a.py", b"needle\0binary")
    assert workspace.sync.refresh(["a.py"]) is False
    assert workspace.indexed() == []
    assert workspace.sync.skipped["binary"] == 1
    workspace.write("a.py", "def needle(): pass\n")
    workspace.sync.refresh(["a.py"])
    workspace.write(".gitignore", "a.py\n")
    workspace.sync.scan()
    assert workspace.indexed() == []


def test_bad_files_are_counted_and_the_others_indexed(workspace: Workspace, tmp_path: Path):
    workspace.write("good.py", "def needle(): pass\n")
    workspace.write("latin.py", b"def needle(): return '\xff\xfe caf\xe9'\n")
    workspace.write("bom.py", b"\xef\xbb\xbfdef needle(): pass\n")
    workspace.write("crlf.py", b"def needle():\r\n    pass\r\n")
    workspace.write("nul.py", b"needle = 1\0")
    workspace.write("blank.py", b"\n \n")
    workspace.write('it\'s "odd"\n漢.py', "def needle(): pass\n")
    workspace.write("one_line.py", b"needle = 1;" * 50_000)
    workspace.write("broken.py", "def needle(((\nclass :\n")
    workspace.sync.scan()
    assert workspace.indexed() == sorted(
        ["good.py", "latin.py", "bom.py", "crlf.py", 'it\'s "odd"\n漢.py', "broken.py"]
    )
    assert workspace.sync.skipped == {"binary": 1, "empty": 1, "minified": 1}


def test_a_file_that_vanishes_between_listing_and_reading(workspace: Workspace):
    workspace.write("a.py", "def needle(): pass\n")
    workspace.write("b.py", "def needle(): pass\n")
    victims = iter([workspace.root / "b.py"])
    redact = workspace.redact

    def vanish(text: str) -> str:
        for victim in victims:
            victim.unlink()
        return redact(text)

    workspace.redact = vanish
    workspace.sync.scan()
    assert workspace.indexed() == ["a.py"]
    assert workspace.sync.skipped["unreadable"] == 1


def test_links_and_pipes_are_not_read(tmp_path: Path):
    (tmp_path / "real.py").write_text("x = 1\n")
    (tmp_path / "link.py").symlink_to("real.py")
    os.mkfifo(tmp_path / "pipe.py")
    assert isinstance(read_source(tmp_path, "real.py"), Source)
    assert read_source(tmp_path, "link.py") == "unreadable"
    assert read_source(tmp_path, "pipe.py") == "special"
    assert read_source(tmp_path, "missing.py") == "unreadable"


def test_many_files_are_written_in_batches(workspace: Workspace, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sync_module, "MAX_BATCH_FILES", 10)
    for number in range(35):
        workspace.write(f"m{number}.py", f"def needle(): return {number}\n")
    before = workspace.store.version
    workspace.sync.scan()
    assert workspace.store.version == before + 4
    assert len(workspace.indexed()) == 35
    for number in range(35):
        (workspace.root / f"m{number}.py").unlink()
    workspace.sync.scan()
    assert workspace.indexed() == []


def test_a_scan_stops_between_files_and_goes_on_later(workspace: Workspace):
    for number in range(20):
        workspace.write(f"m{number}.py", f"def needle(): return {number}\n")
    redact = workspace.redact

    def stop_after_five(text: str) -> str:
        if len(workspace.parsed) == 5:
            workspace.sync.stop.set()
        return redact(text)

    workspace.redact = stop_after_five
    workspace.sync.scan()
    assert len(workspace.parsed) == 5
    workspace.redact = redact
    workspace.new_sync().scan()
    assert len(workspace.indexed()) == 20


def test_secrets_are_gone_before_a_row_is_written(tmp_path: Path):
    workspace = Workspace(tmp_path)
    workspace.write(".env", "SHOP_PASSWORD=correct-horse-battery\n")
    workspace.write(
        "a.py",
        "def needle():\n"
        "    key = 'AKIA" + "QZ7X" * 4 + "'\n"
        "    pem = '''-----BEGIN RSA PRIVATE KEY-----\n"
        + "    MIIEpAIBAAKCAQEA7bq\n"
        * 3
        + "    -----END RSA PRIVATE KEY-----'''\n"
        "    use('correct-horse-battery')\n"
        "    return last_line\n",
    )
    workspace.redact = Redaction(workspace.root)
    workspace.sync.scan()
    (hit,) = workspace.store.match(["needle"], 5)
    assert "<SECRET_" in hit.text
    for secret in ("AKIAQZ7X", "MIIEpAIBAAKCAQEA7bq", "correct-horse"):
        assert secret not in hit.text
        assert secret.lower() not in " ".join(workspace.store.rows_of(["a.py"]).column("tokens").to_pylist())
    assert hit.text.count("\n") == 8  # every line is where it was
    assert hit.text.splitlines()[8] == "    return last_line"


def test_the_fingerprint_of_the_detectors_is_stable(tmp_path: Path):
    assert Redaction(tmp_path).fingerprint == Redaction(tmp_path / "other").fingerprint
    assert len(Redaction(tmp_path).fingerprint) == 16


def test_dirty_paths_are_gathered_until_it_is_quiet():
    dirty = DirtyPaths(quiet_s=0.02, max_wait_s=1.0)
    stop = threading.Event()
    dirty.add(["a", "b"])
    dirty.add(["b", "c"])
    work = dirty.take(5.0, stop)
    assert work is not None
    assert (work.everything, work.paths) == (False, {"a", "b", "c"})
    assert dirty.take(0.0, stop) is None


def test_a_steady_stream_of_events_is_handed_over_in_time():
    dirty = DirtyPaths(quiet_s=60.0, max_wait_s=0.05)
    dirty.add(["a"])
    work = dirty.take(30.0, threading.Event())
    assert work is not None
    assert work.paths == {"a"}


def test_noticing_again_does_not_put_the_work_off():
    dirty = DirtyPaths(quiet_s=0.05, max_wait_s=60.0)
    dirty.add(["a"])
    stopped = threading.Event()

    def notice() -> None:
        while not stopped.wait(0.01):
            dirty.add_unless_waiting("a")

    noticing = threading.Thread(target=notice)
    noticing.start()
    work = dirty.take(30.0, threading.Event())
    stopped.set()
    noticing.join()
    assert work is not None
    assert work.paths == {"a"}


def test_too_many_paths_become_everything():
    dirty = DirtyPaths(quiet_s=0.0)
    dirty.add(str(number) for number in range(MAX_PATHS + 1))
    work = dirty.take(1.0, threading.Event())
    assert work is not None
    assert (work.everything, work.paths) == (True, frozenset())
    dirty.add(["x"])
    work = dirty.take(1.0, threading.Event())
    assert work is not None
    assert not work.everything


def test_stop_and_wake_end_the_wait():
    dirty = DirtyPaths()
    dirty.wake()
    assert dirty.take(60.0, threading.Event()) is None
    stopped = threading.Event()
    stopped.set()
    dirty.add(["a"])
    assert dirty.take(60.0, stopped) is None
