"""Memory of the server and of its index worker, and the CPU that opening a file costs.

    python benchmarks/footprint.py [--runs 3] [--files 2000]

Memory is resident set size in MB (10^6 bytes), shared pages counted in each process: an upper bound.
CPU is user and system time of the process and its children, against a bare pygls server that is sent
the same messages.
"""

from __future__ import annotations

import argparse
import contextlib
import re
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import psutil
from harness import (
    BARE_SERVER,
    SERVER,
    LspClient,
    Row,
    median,
    print_table,
    private_environment,
    write_project,
)

WATCHED_S = 10.0
INDEX_TIMEOUT_S = 240.0


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=3, help="runs of the CPU comparison")
    parser.add_argument("--files", type=int, default=2000, help="files of the project that is indexed")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lsp-debugger-footprint-") as directory:
        files = write_project(Path(directory).resolve() / "project", options.files)
        rows = [*_cpu_rows(files[0], options.runs), *_memory_rows(files, options.files)]
    return 0 if print_table("Footprint", rows) else 1


def _cpu_rows(file: Path, runs: int) -> list[Row]:
    """Ours and the peer by turns, so that a busy machine is busy for both."""
    pairs = [(_cpu_of_opening(SERVER, file), _cpu_of_opening(BARE_SERVER, file)) for _ in range(runs)]
    started, bare_started = (median([pair[side][0] for pair in pairs]) for side in (0, 1))
    opened, bare_opened = (median([pair[side][1] for pair in pairs]) for side in (0, 1))
    total, bare_total = started + opened, bare_started + bare_opened
    # A process that does nothing is charged a tick of the clock or none: the total is what compares.
    return [
        Row(
            f"CPU until {WATCHED_S:.0f} s after opening a file / bare pygls",
            f"{total / bare_total:.2f} ({total:.2f} s / {bare_total:.2f} s)",
            "≤ 1.5",
            total <= 1.5 * bare_total,
        ),
        Row("of that, after the opening", f"{opened * 1000:.0f} ms / {bare_opened * 1000:.0f} ms"),
    ]


def _cpu_of_opening(server: Sequence[str], file: Path) -> tuple[float, float]:
    """CPU seconds up to the reply to `initialize`, and in the time after opening a file."""
    with private_environment() as environment, LspClient(server, env=environment) as client:
        process = psutil.Process(client.pid)
        client.initialize(file.parent.parent)
        started_s = _cpu_s(process)
        client.open(file)
        time.sleep(WATCHED_S)
        return started_s, _cpu_s(process) - started_s


def _memory_rows(files: list[Path], count: int) -> list[Row]:
    with private_environment() as environment, LspClient(SERVER, env=environment) as client:
        process = psutil.Process(client.pid)
        client.initialize(files[0].parent.parent)
        uri = client.open(files[0])
        client.request("textDocument/codeAction", _at_start(uri) | {"context": {"diagnostics": [_finding()]}})
        listed_bytes = process.memory_info().rss
        # A hover over a finding is a first need: it starts the index worker.
        client.request("textDocument/hover", {"textDocument": {"uri": uri}, "position": _START})
        both_bytes, index = _peak_until_current(client, process, count)
        server_bytes = process.memory_info().rss
    print(f"index: {index}")
    return [
        _memory_row("server, a file open and actions asked for", listed_bytes, 150),
        _memory_row("server, a card shown and the index built", server_bytes, 150),
        _memory_row(f"server + worker, peak while it indexes {count:,} files", both_bytes, 450),
    ]


def _memory_row(what: str, size_bytes: int, goal_mb: int) -> Row:
    size_mb = size_bytes / 1e6
    return Row(what, f"{size_mb:.0f} MB", f"< {goal_mb} MB", size_mb < goal_mb)


_START = {"line": 0, "character": 3}


def _at_start(uri: str) -> dict[str, object]:
    return {"textDocument": {"uri": uri}, "range": {"start": _START, "end": _START}}


def _finding() -> dict[str, object]:
    """A diagnostic of another server under the cursor: what makes a hover a question."""
    place = {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 8}}
    return {
        "range": place,
        "severity": 2,
        "source": "Ruff",
        "code": "D400",
        "message": "First line should end",
    }


def _peak_until_current(client: LspClient, process: psutil.Process, count: int) -> tuple[int, str]:
    """The largest sum of resident sizes of the process and its children until the index is up to date,
    and the index's own word for that. Raises TimeoutError."""
    peak_bytes, index = 0, ""
    deadline = time.monotonic() + INDEX_TIMEOUT_S
    while time.monotonic() < deadline:
        peak_bytes = max(peak_bytes, sum(_rss_bytes(each) for each in _family(process)))
        index = client.request("workspace/executeCommand", {"command": "lspDebugger.status"})["index"]
        files = re.search(r"([\d,]+) files", index)
        if files and int(files[1].replace(",", "")) >= count and "current" in index:
            return peak_bytes, index
        time.sleep(0.1)
    raise TimeoutError(f"the index was not current after {INDEX_TIMEOUT_S:.0f} s: {index}")


def _family(process: psutil.Process) -> list[psutil.Process]:
    return [process, *process.children(recursive=True)]


def _rss_bytes(process: psutil.Process) -> int:
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.memory_info().rss
    return 0


def _cpu_s(process: psutil.Process) -> float:
    """Of the process and of its children that ended and those that live."""
    total_s = 0.0
    with contextlib.suppress(psutil.NoSuchProcess):
        times = process.cpu_times()
        total_s = times.user + times.system + times.children_user + times.children_system
        total_s += sum(_cpu_s(child) for child in process.children())
    return total_s


if __name__ == "__main__":
    sys.exit(main())
