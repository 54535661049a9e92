"""Rows that are found in memory already, and wait so that one commit takes those of many files.

A commit reads whole columns with both processors, and a search beside it takes twice its time. So commits
that follow each other leave most of the time free; after a rest the next one is due at once. What waits when
the process dies is read again: the table still has the older hash of its file.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping

from lsp_debugger.index.rows import FileChunks

_FREE_TIMES = 20  # so many times what the last commit took
_MAX_WAIT_S = 5.0
_MAX_FILES = 200

Files = Mapping[str, FileChunks | None]  # by path; None: its rows have to go


class Waiting:
    """One thread writes; another may read `files` at any time: it is replaced, never changed."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.files: Files = {}
        self._clock = clock
        self._due_s = float("-inf")

    def __bool__(self) -> bool:
        return bool(self.files)

    def is_due(self) -> bool:
        return self._clock() >= self._due_s or len(self.files) >= _MAX_FILES

    def put(self, files: Iterable[FileChunks], gone: Collection[str]) -> None:
        """Instead of what waited of these files."""
        self.files = {**self.files, **dict.fromkeys(gone), **{file.path: file for file in files}}

    def without(self, paths: Collection[str]) -> Files:
        given = set(paths)
        return {path: file for path, file in self.files.items() if path not in given}

    def committed(self, seconds: float) -> None:
        """Nothing waits any more. seconds: how long the commit took."""
        self.files = {}
        self._due_s = self._clock() + min(seconds * _FREE_TIMES, _MAX_WAIT_S)
