"""What a checker costs over its own tool: through our runner, and the same command by hand.

    python benchmarks/checkers.py

The project is a copy of this package, so only tools for Python are measured here; of the others the
runner's part is the same. Runs alternate, since the machine may be busy; what counts is the ratio.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess  # noqa: TID251 - by hand is what it is compared with
import sys
import tempfile
import time
from pathlib import Path

from harness import Row, median, print_table

from lsp_debugger.checkers import CHECKERS, Checker, Job
from lsp_debugger.checkers.run import Runner
from lsp_debugger.context.workspace import Workspace
from lsp_debugger.spawn import scrubbed_environment
from lsp_debugger.syntax.symbols import SymbolMap
from lsp_debugger.tools import find_tool

REPO = Path(__file__).resolve().parent.parent
_ROUNDS = 3
_GOAL = 1.10
_MEASURED = ("ruff", "pyright", "mypy", "bandit")


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        root = (Path(folder) / "project").resolve()
        shutil.copytree(REPO / "lsp_debugger", root / "lsp_debugger")
        cache = Path(folder) / "cache"
        cache.mkdir()
        rows = [measure(each, root, cache) for each in CHECKERS if each.name in _MEASURED]
    return 0 if print_table("Checkers against their tools by hand", [row for row in rows if row]) else 1


def measure(checker: Checker, root: Path, cache: Path) -> Row | None:
    tool = next((tool for tool in map(find_tool, checker.programs) if tool is not None), None)
    if tool is None:
        return None
    read = Workspace([root], SymbolMap()).on_disk
    files = tuple(sorted(root.rglob("*.py")))
    job = Job(tool, root, files, True, root, True, cache, read)

    def through_us() -> None:
        runner = Runner(root, True, lambda _: cache, read, [checker])
        asyncio.run(runner.check(root, {checker.name}))

    through_us()  # caches are warm for both
    ours, by_hand = list[float](), list[float]()
    for _ in range(_ROUNDS):
        ours.append(timed(through_us))
        by_hand.append(timed(lambda: run_by_hand(checker, job)))
    ratio = median(ours) / median(by_hand)
    shown = f"{median(ours):.2f} s / {median(by_hand):.2f} s = {ratio:.2f}"
    return Row(f"{checker.name} over {len(files)} files", shown, f"<= {_GOAL}", ratio <= _GOAL)


def run_by_hand(checker: Checker, job: Job) -> None:
    environment = scrubbed_environment(checker.environment(job))
    for argv in checker.commands(job):
        subprocess.run(list(argv), cwd=job.root, env=environment, capture_output=True, check=False)


def timed(work: object) -> float:
    assert callable(work), "asked only for such"
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    sys.exit(main())
