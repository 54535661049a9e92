"""What an index has done, counted across processes, and nothing that a broken file could stop."""

from __future__ import annotations

from pathlib import Path

import pytest

from lsp_debugger.index.meter import METER_FILE, Meter
from lsp_debugger.index.room import Room


def test_counts_outlive_the_process(tmp_path: Path):
    first = Meter(tmp_path)
    first.started("need")
    for milliseconds in range(1, 101):
        first.searched(milliseconds / 1000)
    first.maintained(0.8)
    first.save()
    second = Meter(tmp_path)
    second.started("memory")
    second.started("ended")
    assert second.shown() == {
        "searches": 100,
        "search_p50_ms": 51.0,
        "search_p95_ms": 96.0,
        "maintenances": 1,
        "last_maintenance_s": 0.8,
        "starts": 3,
        "starts_for_memory": 1,
        "starts_after_an_end": 1,
    }
    assert Meter(tmp_path).shown()["starts"] == 1  # the second has not saved


@pytest.mark.parametrize(
    "kept", ["", "[]", "{}", "null", '{"starts": 1}', '{"starts": {}, "counts": {"x": "y"}}', "\0" * 100]
)
def test_a_broken_file_is_no_trouble(tmp_path: Path, kept: str):
    (tmp_path / METER_FILE).write_text(kept)
    meter = Meter(tmp_path)
    assert meter.shown()["searches"] == 0
    meter.searched(0.001)
    meter.save()
    assert Meter(tmp_path).shown()["searches"] == 1


def test_a_directory_that_is_gone_is_no_trouble(tmp_path: Path):
    meter = Meter(tmp_path / "gone")
    meter.searched(0.001)
    meter.save()


def test_room_is_used_up_when_tidying_brings_nothing(tmp_path: Path):
    (tmp_path / "rows").write_bytes(bytes(1000))
    tidied: list[int] = []
    assert not Room(tmp_path, 0).is_used_up(lambda: tidied.append(1))
    assert not Room(tmp_path, 1000).is_used_up(lambda: tidied.append(1))
    assert tidied == []
    room = Room(tmp_path, 999)
    assert room.is_used_up(lambda: tidied.append(1))
    assert tidied == [1]
    assert not room.is_used_up(lambda: tidied.append(1))  # looked a moment ago
    assert not Room(tmp_path, 999).is_used_up((tmp_path / "rows").unlink)
