"""How long work still takes: told once there is a speed, of the time that was worked."""

from __future__ import annotations

import pytest

from lsp_debugger.index.pace import Pace, described


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_time_left_is_by_the_speed_of_late_and_pauses_do_not_count():
    clock = Clock()
    pace = Pace(clock)
    assert pace.left_s("indexing", 0, 6500) is None
    clock.now = 0.5
    assert pace.left_s("indexing", 200, 6500) is None  # too early to tell
    clock.now = 2
    assert pace.left_s("indexing", 500, 6500) == pytest.approx(24)
    assert pace.left_s("paused: on battery", 500, 6500) is None
    clock.now = 600
    assert pace.left_s("indexing", 500, 6500) == pytest.approx(24)
    clock.now = 602
    assert pace.left_s("indexing", 1000, 6500) == pytest.approx(22)


def test_another_piece_of_work_begins_anew():
    clock = Clock()
    pace = Pace(clock)
    for clock.now, done in ((0, 0), (2, 100)):
        pace.left_s("indexing", done, 1000)
    assert pace.left_s("indexing", 1, 50) is None
    assert pace.left_s("listing files", 1000, 1000) is None


@pytest.mark.parametrize(
    ("report", "words"),
    [
        (("indexing", 1200, 6500, 14.2), "1,200 of 6,500 files, about 14 s left"),
        (("indexing", 1200, 6500, 0.2), "1,200 of 6,500 files, about 1 s left"),
        (("indexing", 1200, 6500, 200), "1,200 of 6,500 files, about 3 min left"),
        (("indexing", 1, 65_000_000, 9000), "1 of 65,000,000 files, about 2 h left"),
        (("indexing", 1200, 6500, None), "1,200 of 6,500 files"),
        (("making vectors", 5, 10, 3), "5 of 10 vectors, about 3 s left"),
        (("paused: high load", 5, 10, None), "paused: high load, 5 of 10 files"),
        (("listing files", 3000, 3000, None), "listing files, 3,000 so far"),
        (("waiting", 0, 0, None), "waiting"),
    ],
)
def test_words(report: tuple[str, int, int, float | None], words: str):
    assert described(*report) == words
