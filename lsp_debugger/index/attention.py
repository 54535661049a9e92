"""Which files somebody works on: open in the editor, or written here since git last wrote the tree."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from lsp_debugger.index.repository import Repository
from lsp_debugger.index.rows import Mark

# So many are no longer what somebody works on: a fresh clone, a formatter's run, a tree that was copied.
MAX_RECENT = 100
_NEVER_NS = 2**63
_LOOK_S = 60.0
_GIT_WRITES_NS = 2_000_000_000  # its log counts in seconds, and files come a moment after its line


class Attention:
    """Used by the answering thread alone. marks: of all files that have rows, a copy; mark_of: of one."""

    def __init__(
        self,
        repository: Repository,
        marks: Callable[[], Mapping[str, Mark]],
        mark_of: Callable[[str], Mark | None],
    ) -> None:
        self._repository = repository
        self._marks = marks
        self._mark_of = mark_of
        self._open: set[str] = set()
        self._written_s: float | None = None
        self._looked_s = float("-inf")
        self._since_ns = _NEVER_NS

    def opened(self, path: str) -> None:
        self._open.add(path)

    def closed(self, path: str) -> None:
        self._open.discard(path)

    def of(self, path: str) -> str:
        """`recent`, `opened` or nothing, as signs of `ranking` are called."""
        mark = self._mark_of(path)
        if mark is not None and mark.mtime_ns > self._since_ns:
            return "recent"
        return "opened" if path in self._open else ""

    def begin(self) -> None:
        """Before the questions about one search: now and then it counts what is recent."""
        now = time.monotonic()
        if now - self._looked_s < _LOOK_S and self._written_s == self._repository.tree_written_s():
            return
        self._looked_s = now
        self._written_s = self._repository.tree_written_s()
        self._since_ns = _NEVER_NS
        if self._written_s is None:
            return
        since_ns = int(self._written_s) * 1_000_000_000 + _GIT_WRITES_NS
        marks = self._marks().values()
        recent = sum(mark.mtime_ns > since_ns for mark in marks)
        if recent <= min(MAX_RECENT, len(marks) // 2):
            self._since_ns = since_ns
