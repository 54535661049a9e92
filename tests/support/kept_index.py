"""A keeper of an index with its threads, in this process."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from lsp_debugger.index.files import Reader
from lsp_debugger.index.keeper import Keeper
from lsp_debugger.index.sync import Progress
from lsp_debugger.index.walk import Walker


class Kept:
    """reported, problems: what it said, in order."""

    def __init__(self, root: Path, directory: Path, disk_bytes: int = 0) -> None:
        self.problems: list[str] = []
        self.reported: list[Progress] = []
        self.keeper = Keeper(
            Walker(root, lambda _: False),
            directory,
            Reader(root, lambda text: text),
            "one",
            self.reported.append,
            lambda message, hint: self.problems.append(f"{message}; {hint}"),
            disk_bytes=disk_bytes,
        )

    def start(self) -> Kept:
        self.keeper.open()
        self.keeper.start()
        return self

    def end(self) -> None:
        self.keeper.stop(10)
        self.keeper.release()

    def finds(self, word: str) -> list[str]:
        return sorted({hit.path for hit in self.keeper.store.match([word], 100_000)})


def until(check: Callable[[], object], timeout_s: float = 60) -> None:
    deadline_s = time.monotonic() + timeout_s
    while not check():
        assert time.monotonic() < deadline_s
        time.sleep(0.05)
