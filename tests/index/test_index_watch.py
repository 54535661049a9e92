"""What changes on disk is told without a client: in folders that are there, and in new ones."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest

from lsp_debugger.index import watch as watch_module
from lsp_debugger.index.brake import Brake
from lsp_debugger.index.walk import Walker
from lsp_debugger.index.watch import Watcher


class Watched:
    """A watcher on the folders that a walker goes into, and what it told."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.walker = Walker(root, lambda _: False)
        self.told: set[str] = set()
        self.everything = 0
        self.problems: list[str] = []
        self.watcher = Watcher(root, lambda: self.walker.folders, self._touched, self._all, self._problem)

    def walk(self) -> None:
        list(self.walker.walk())

    def _touched(self, paths: Collection[str]) -> None:
        self.told.update(paths)

    def _all(self) -> None:
        self.everything += 1

    def _problem(self, message: str, _hint: str) -> None:
        self.problems.append(message)

    def waits_for(self, path: str) -> None:
        self.until(lambda: path in self.told)

    def until(self, check: object) -> None:
        deadline_s = time.monotonic() + 20
        while not check():  # type: ignore[operator]
            assert time.monotonic() < deadline_s, (self.told, self.everything, self.problems)
            time.sleep(0.02)


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    root = tmp_path / "root"
    (root / "pkg" / "node_modules").mkdir(parents=True)
    (root / "pkg" / "a.py").write_text("a = 1\n")
    made = Watched(root)
    made.walk()
    yield made
    made.watcher.stop()


def test_changes_are_told_and_dependencies_are_not_watched(watched: Watched):
    watched.watcher.start()
    watched.until(lambda: watched.everything)
    (watched.root / "pkg" / "node_modules" / "x.py").write_text("x = 1\n")
    (watched.root / "pkg" / "a.py").write_text("a = 2\n")
    watched.waits_for("pkg/a.py")
    (watched.root / "pkg" / "a.py").rename(watched.root / "b 漢.py")
    watched.waits_for("b 漢.py")
    (watched.root / "b 漢.py").unlink()
    assert not any("node_modules/" in path for path in watched.told)
    assert watched.problems == []


def test_a_new_folder_joins_and_everything_is_looked_at_once(watched: Watched):
    watched.watcher.start()
    watched.until(lambda: watched.everything == 1)
    (watched.root / "new").mkdir()
    watched.waits_for("new")
    watched.walk()  # what the keeper does when it hears of a folder
    watched.until(lambda: watched.everything == 2)
    (watched.root / "new" / "b.py").write_text("b = 1\n")
    watched.waits_for("new/b.py")
    watched.walk()  # no other folders: the same watcher goes on
    (watched.root / "new" / "c.py").write_text("c = 1\n")
    watched.waits_for("new/c.py")
    assert watched.everything == 2


def test_a_folder_that_goes_away_is_no_trouble(watched: Watched):
    watched.watcher.start()
    watched.until(lambda: watched.everything == 1)
    (watched.root / "pkg" / "a.py").unlink()
    (watched.root / "pkg" / "node_modules").rmdir()
    (watched.root / "pkg").rmdir()
    watched.waits_for("pkg")
    watched.walk()
    watched.until(lambda: watched.everything == 2)
    assert watched.problems == []


def test_where_the_system_does_not_let_us_watch_it_is_said_and_looked_at(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(watch_module, "MAX_FOLDERS", 1)
    monkeypatch.setattr(watch_module, "_POLL_S", 0.05)
    watched.watcher.start()
    watched.until(lambda: watched.everything >= 3)
    assert len(watched.problems) == 1
    assert "more than 1 folders" in watched.problems[0]


def test_long_work_waits_and_says_why(monkeypatch: pytest.MonkeyPatch):
    from lsp_debugger.index import brake as brake_module

    battery = threading.Event()
    battery.set()
    said: list[str] = []
    monkeypatch.setattr(brake_module, "on_battery", battery.is_set)
    monkeypatch.setattr(brake_module, "under_load", lambda: False)
    monkeypatch.setattr(brake_module, "_LOOK_S", 0.02)
    brake = Brake(threading.Event(), said.append)
    brake.wait(10)  # soon over
    assert said == []
    threading.Timer(0.2, battery.clear).start()
    began_s = time.monotonic()
    brake.wait(10_000)
    assert time.monotonic() - began_s > 0.1
    assert said == ["on battery"]


def test_a_machine_that_is_always_busy_gets_its_index_too(monkeypatch: pytest.MonkeyPatch):
    from lsp_debugger.index import brake as brake_module

    said: list[str] = []
    monkeypatch.setattr(brake_module, "on_battery", lambda: False)
    monkeypatch.setattr(brake_module, "under_load", lambda: True)
    monkeypatch.setattr(brake_module, "_LOOK_S", 0.02)
    monkeypatch.setattr(brake_module, "_LONGEST_FOR_LOAD_S", 0.1)
    Brake(threading.Event(), said.append).wait(10_000)
    assert said == ["high load"]
    stopped = threading.Event()
    stopped.set()
    Brake(stopped, said.append).wait(10_000)
    assert said == ["high load"]
