"""The ways out: the watchdog, and the watch over the client's process."""

from __future__ import annotations

import os
import subprocess  # noqa: TID251 - a process that can be watched and ended
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from lsp_debugger.server import lifecycle
from lsp_debugger.server.lifecycle import Watchdog, watch_process

WAIT_S = 20.0


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    yield process
    process.kill()
    process.communicate()


def test_the_watchdog_says_its_last_words_and_ends_the_process_once() -> None:
    events = list[object]()
    ended = threading.Event()

    def end(code: int) -> None:
        events.append(code)
        ended.set()

    watchdog = Watchdog(lambda: 3, lambda: events.append("last words"), timeout_s=0.01, end=end)
    watchdog.arm()
    watchdog.arm()
    assert ended.wait(WAIT_S)
    assert events == ["last words", 3]


def test_the_watchdog_does_not_wait_for_last_words_that_hang() -> None:
    ended = threading.Event()
    released = threading.Event()
    Watchdog(
        lambda: 0, lambda: released.wait(WAIT_S) and None, timeout_s=0.01, end=lambda _: ended.set()
    ).arm()
    assert ended.wait(WAIT_S)
    released.set()


def test_the_watchdog_asks_for_the_code_at_the_end() -> None:
    codes, ended = [1], list[int]()
    watchdog = Watchdog(lambda: codes[-1], lambda: codes.append(0), timeout_s=0.01, end=ended.append)
    watchdog.arm()
    deadline = time.monotonic() + WAIT_S
    while not ended and time.monotonic() < deadline:
        time.sleep(0.005)
    assert ended == [0]


def test_the_way_out_fits_into_two_seconds() -> None:
    assert lifecycle.LEAVE_WITHIN_S + lifecycle._LAST_WORDS_S < 2.0


def test_an_unarmed_watchdog_does_nothing() -> None:
    threads = threading.active_count()
    Watchdog(lambda: 0, lambda: None, timeout_s=0.0, end=lambda _: None)
    assert threading.active_count() == threads


@pytest.fixture(params=["as it is", "without pidfd"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Old kernels and some sandboxes have no pidfd; macOS has none either."""

    def refuse(pid: int) -> int:
        raise OSError(38, "no such call")

    if request.param == "without pidfd":
        monkeypatch.setattr(lifecycle.os, "pidfd_open", refuse, raising=False)
        monkeypatch.setattr(lifecycle, "_POLL_S", 0.01)
    return request.param


def test_the_end_of_a_process_is_noticed(way: str, sleeper: subprocess.Popen[bytes]) -> None:
    ended = threading.Event()
    assert watch_process(sleeper.pid, ended.set)
    assert not ended.wait(0.05)
    sleeper.kill()
    if way == "without pidfd":
        sleeper.wait()  # a process that nobody has waited for is still there to be seen
    assert ended.wait(WAIT_S)


@pytest.mark.usefixtures("way")
def test_a_process_that_cannot_be_seen_is_not_watched(sleeper: subprocess.Popen[bytes]) -> None:
    sleeper.kill()
    sleeper.wait()
    ended = threading.Event()
    for pid in (sleeper.pid, None, 0, -1, True, os.getpid(), 2**40):
        assert not watch_process(pid, ended.set)
    assert not ended.wait(0.05)


def test_another_users_process_counts_as_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(pid: int, number: int) -> None:
        raise PermissionError

    monkeypatch.setattr(lifecycle.os, "kill", refuse)
    assert lifecycle._is_visible(1)
