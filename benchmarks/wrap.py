"""What `wrap` adds: to a hover, to a start, and to the bytes that pass.

Both ways in one run, in turns: an instant server behind `wrap` and by itself. That server does nothing, so
everything measured on top is ours; a real server is started both ways too.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from harness import Row, median, percentile, print_table

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "support"))

from wrap_client import CHILD, WRAP, WrapClient

_URI = "file:///tmp/a.py"
_HOVER = {"textDocument": {"uri": _URI}, "position": {"line": 0, "character": 0}}


def hover_ms(client: WrapClient, name: str) -> float:
    began = time.perf_counter()
    client.send({"id": name, "method": "textDocument/hover", "params": _HOVER})
    client.reply(name)
    return (time.perf_counter() - began) * 1000


def hovers(rounds: int) -> list[Row]:
    """Behind `wrap` and directly by turns; the messages are emptied, for the client looks through them."""
    direct_ms, joined_ms = [], []
    with WrapClient(CHILD) as direct, WrapClient([*WRAP, *CHILD]) as joined:
        for client in (direct, joined):
            client.initialize()
            client.open(_URI, "x = 1\n")
        joined.ours_is_ready()
        for number in range(rounds):
            for client, taken in ((direct, direct_ms), (joined, joined_ms)):
                client.messages.clear()
                taken.append(hover_ms(client, f"hover {number}"))
        answers = zip(direct.received[-rounds:], joined.received[-rounds:], strict=True)
        changed = sum(one.raw != other.raw for one, other in answers)
    added = percentile(joined_ms, 99) - percentile(direct_ms, 99)
    return [
        Row("hover p50 / p99, directly", f"{median(direct_ms):.2f} / {percentile(direct_ms, 99):.2f} ms"),
        Row("hover p50 / p99, behind wrap", f"{median(joined_ms):.2f} / {percentile(joined_ms, 99):.2f} ms"),
        Row("added at p99", f"{added:.2f} ms", "< 2 ms", added < 2),
        Row(f"messages of {rounds} with a changed byte", str(changed), "0", changed == 0),
    ]


def start_ms(argv: Sequence[str]) -> float:
    """From the start of the process until the answer to `initialize`."""
    began = time.perf_counter()
    with WrapClient(argv) as client:
        client.initialize()
        return (time.perf_counter() - began) * 1000


def starts(rounds: int) -> list[Row]:
    rows: list[Row] = []
    real = (str(Path(sys.executable).with_name("basedpyright-langserver")), "--stdio")
    for name, argv in (("an instant server", CHILD), ("basedpyright", real)):
        direct_ms, joined_ms = [], []
        for _ in range(rounds):
            direct_ms.append(start_ms(argv))
            joined_ms.append(start_ms([*WRAP, *argv]))
        added = median(joined_ms) - median(direct_ms)
        rows.append(
            Row(
                f"start to `initialize` of {name}, directly / behind wrap, median of {rounds}",
                f"{median(direct_ms):.0f} / {median(joined_ms):.0f} ms",
                "< 100 ms more",
                added < 100,
            )
        )
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=2000)
    parser.add_argument("--starts", type=int, default=9)
    args = parser.parse_args()
    return 0 if print_table("Wrap", [*hovers(args.rounds), *starts(args.starts)]) else 1


if __name__ == "__main__":
    sys.exit(main())
