"""The index through its client: build, search while it builds and after, a save, memory and disk.

    python benchmarks/index.py [--files 2000 5000] [--runs 3]

Generated projects, the real worker process, medians over the runs. Searches go through the client, as
the server's do. Resident memory is the worker's own, in MB (2^20 bytes), shared pages included.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from harness import Row, median, percentile, print_table, write_project

from lsp_debugger.core.ports import Query
from lsp_debugger.index.client import IndexClient

_MB = 2**20
_SEARCH_PAUSE_S = 0.05
_SEARCHES_AFTER = 100
_SAVES = 10
_LONGEST_WAIT_S = 600.0


@dataclass(slots=True)
class Run:
    ready_s: float = 0.0
    build_s: float = 0.0
    first_hit_s: float = 0.0
    searches_building_ms: list[float] = field(default_factory=list[float])
    searches_after_ms: list[float] = field(default_factory=list[float])
    saves_ms: list[float] = field(default_factory=list[float])
    again_s: float = 0.0
    peak_bytes: int = 0
    resting_bytes: int = 0
    disk_bytes: int = 0
    chunks: int = 0


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--files", type=int, nargs="+", default=[2000, 5000])
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    good = True
    for files in options.files:
        runs = [_measured(files) for _ in range(options.runs)]
        good = print_table(f"Index of {files:,} files", _rows(files, runs)) and good
    return 0 if good else 1


def _rows(files: int, runs: list[Run]) -> list[Row]:
    def middle(value: Callable[[Run], float]) -> float:
        return median([value(run) for run in runs])

    def times(values: Callable[[Run], list[float]]) -> str:
        p50 = middle(lambda run: percentile(values(run), 50))
        p95 = middle(lambda run: percentile(values(run), 95))
        return f"{p50:.0f} / {p95:.0f} ms"

    files_per_s = files / middle(lambda run: run.build_s)
    peak_mb = middle(lambda run: run.peak_bytes / _MB)
    return [
        Row("chunks", f"{runs[0].chunks:,}"),
        Row("start of the worker → it answers", f"{middle(lambda run: run.ready_s):.1f} s"),
        Row("first need → first hit", f"{middle(lambda run: run.first_hit_s):.1f} s"),
        Row("build", f"{files_per_s:.0f} files/s", "≥ 250", files_per_s >= 250),
        Row("search while building, p50 / p95", times(lambda run: run.searches_building_ms)),
        Row("search after, p50 / p95", times(lambda run: run.searches_after_ms)),
        Row("saved file → found, p50 / p95", times(lambda run: run.saves_ms), "p95 < 700 ms"),
        Row("start again, nothing changed → current", f"{middle(lambda run: run.again_s):.1f} s"),
        Row(
            "worker's memory, peak",
            f"{peak_mb:.0f} MB",
            *(("< 300 MB", peak_mb < 300) if files <= 2000 else ()),
        ),
        Row("worker's memory, at rest", f"{middle(lambda run: run.resting_bytes / _MB):.0f} MB"),
        Row("on disk", f"{middle(lambda run: run.disk_bytes / _MB):.0f} MB"),
    ]


def _measured(files: int) -> Run:
    with tempfile.TemporaryDirectory(prefix="lsp-debugger-index-") as folder:
        base = Path(folder).resolve()
        return asyncio.run(_measure(base, write_project(base / "project", files)))


async def _measure(base: Path, paths: list[Path]) -> Run:
    run = Run()
    client = IndexClient(base / "project", base / "state")
    try:
        await _build(client, run, len(paths))
        await _use(client, run, paths)
    finally:
        await client.aclose()
    began_s = time.perf_counter()
    again = IndexClient(base / "project", base / "state")
    try:
        again.warm()
        await _until(lambda: _is_current(again))
        run.again_s = time.perf_counter() - began_s
    finally:
        await again.aclose()
    return run


async def _build(client: IndexClient, run: Run, files: int) -> None:
    began_s = time.perf_counter()
    client.warm()
    await _until(lambda: _is_ready(client))
    ready_s = run.ready_s = time.perf_counter() - began_s
    number = 0
    while not await _is_current(client):
        number += 1
        asked_s = time.perf_counter()
        hits = await client.search(_query(number, files), 10)
        if hits and not run.first_hit_s:
            run.first_hit_s = time.perf_counter() - began_s
        run.searches_building_ms.append((time.perf_counter() - asked_s) * 1000)
        run.peak_bytes = max(run.peak_bytes, _resident(client))
        await asyncio.sleep(_SEARCH_PAUSE_S)
    run.build_s = time.perf_counter() - began_s - ready_s


async def _use(client: IndexClient, run: Run, paths: list[Path]) -> None:
    for number in range(_SEARCHES_AFTER):
        asked_s = time.perf_counter()
        await client.search(_query(number, len(paths)), 10)
        run.searches_after_ms.append((time.perf_counter() - asked_s) * 1000)
    for number, path in enumerate(paths[:_SAVES]):
        await asyncio.to_thread(path.write_text, f"def saved_{number}_zebra(): pass\n", "utf-8")
        saved_s = time.perf_counter()
        client.saved(str(path))
        await _until(lambda word=f"saved_{number}_zebra": _finds(client, word))
        run.saves_ms.append((time.perf_counter() - saved_s) * 1000)
    details = (await client.status()).details
    run.peak_bytes = max(run.peak_bytes, _resident(client))
    run.resting_bytes = details["resident_bytes"]
    run.disk_bytes = details["size_bytes"]
    run.chunks = details["chunks"]


def _query(number: int, files: int) -> Query:
    """A problem's worth of words: a message, names, a line of code."""
    module = number * 31 % files
    return Query(
        f'"total_{module}_3" is not defined: amount = sum(prices) * (1 - discount * RATE_{module})',
        path=f"shop/orders_{module}.py",
        identifiers=(f"total_{module}_3", "prices", "discount"),
    )


async def _finds(client: IndexClient, word: str) -> bool:
    return any(word in hit.fragment.text for hit in await client.search(Query(word), 3))


async def _is_ready(client: IndexClient) -> bool:
    return (await client.status()).state == "ready"


async def _is_current(client: IndexClient) -> bool:
    status = await client.status()
    return status.state == "ready" and status.details["phase"] == "current"


async def _until(check: Callable[[], Awaitable[bool]]) -> None:
    deadline_s = time.perf_counter() + _LONGEST_WAIT_S
    while not await check():
        if time.perf_counter() > deadline_s:
            raise TimeoutError("the index is not getting there")
        await asyncio.sleep(0.02)


def _resident(client: IndexClient) -> int:
    return psutil.Process(client.pid).memory_info().rss if client.pid else 0


if __name__ == "__main__":
    raise SystemExit(main())
