"""Counts about fixes: numbers only, bounded, and readable after a crash."""

from __future__ import annotations

import json
from pathlib import Path

from lsp_debugger.state import State
from lsp_debugger.wiring.fix_metrics import FixMetrics


def add(metrics: FixMetrics, outcome: str, after_s: int = 0, kept: float = 1.0) -> None:
    metrics.add(outcome, after_s=after_s, kept=kept, rungs=3, is_complete=True)


def test_a_summary_counts_and_averages(tmp_path: Path) -> None:
    metrics = FixMetrics(State(tmp_path))
    assert metrics.summary() == "none offered yet"
    for outcome in ("accepted", "accepted", "rejected", "undone"):
        add(metrics, outcome)
    for share in (1.0, 0.5):
        add(metrics, "kept", 30, share)
    add(metrics, "kept", 300, 0.5)
    assert metrics.summary() == (
        "2 accepted, 1 undone, 1 rejected; 75% of the text kept after 30 s, 50% of the text kept after 300 s"
    )


def test_nothing_but_numbers_is_written(tmp_path: Path) -> None:
    add(FixMetrics(State(tmp_path)), "kept", 30, 0.98765)
    [entry] = map(json.loads, (tmp_path / "fixes.jsonl").read_text().splitlines())
    day = entry.pop("day")
    assert len(day) == len("2026-11-26")
    assert entry == {"outcome": "kept", "after_s": 30, "kept": 0.988, "rungs": 3, "complete": True}


def test_it_stays_small_and_survives_half_a_line(tmp_path: Path) -> None:
    metrics = FixMetrics(State(tmp_path))
    add(metrics, "accepted")
    line = (tmp_path / "fixes.jsonl").read_bytes()
    (tmp_path / "fixes.jsonl").write_bytes(line * (1_100_000 // len(line)) + b'{"outcome": "acc')
    add(metrics, "rejected")
    assert (tmp_path / "fixes.jsonl").stat().st_size < 700_000
    assert "1 rejected" not in metrics.summary(), "it was appended to the half line, and is lost with it"
    add(metrics, "rejected")
    assert "1 rejected" in metrics.summary()


def test_without_a_state_directory_there_is_nothing_to_tell(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("not a directory")
    assert FixMetrics(State(tmp_path / "state" / "below")).summary() == "none offered yet"
