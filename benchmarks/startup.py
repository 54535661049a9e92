"""From spawn to the `initialize` reply, beside a bare pygls server.

Cold in the sense that counts: a new process each time, with the files in the disk cache. Runs alternate,
so that a busy moment of the machine hits both.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence

from harness import BARE_SERVER, SERVER, LspClient, Row, median, percentile, print_table, private_environment

GOAL_RATIO = 1.25


def time_start_s(argv: Sequence[str], env: Mapping[str, str]) -> float:
    """Seconds from just before the spawn until the reply had been read."""
    with LspClient(argv, env=env) as client:
        params = {"processId": None, "rootUri": None, "capabilities": {}}
        _, at_s = client.answer(client.send_request("initialize", params))
        return at_s - client.started_at_s


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    ours, bare = list[float](), list[float]()
    with private_environment() as env:
        for argv in (BARE_SERVER, SERVER):
            time_start_s(argv, env)  # compiles what has not been compiled
        for _ in range(runs):
            bare.append(time_start_s(BARE_SERVER, env))
            ours.append(time_start_s(SERVER, env))
    ratio = median(ours) / median(bare)
    rows = [
        Row("bare pygls server, median (slowest)", _milliseconds(bare)),
        Row("lsp-debugger, median (slowest)", _milliseconds(ours)),
        Row("ratio of medians", f"{ratio:.2f}", f"<= {GOAL_RATIO}", ratio <= GOAL_RATIO),
    ]
    return 0 if print_table(f"spawn to initialize reply, {runs} runs each", rows) else 1


def _milliseconds(times_s: Sequence[float]) -> str:
    return f"{median(times_s) * 1000:.0f} ({percentile(times_s, 100) * 1000:.0f}) ms"


if __name__ == "__main__":
    sys.exit(main())
