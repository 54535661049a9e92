"""A file of the workspace: its text as it is now, and the chunks of it."""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path

from lsp_debugger.index.chunk import Chunk, chunk_file
from lsp_debugger.index.kinds import MAX_FILE_BYTES, reason_by_content
from lsp_debugger.index.rows import Mark

KNOWN = "known"  # the reason of a file whose content needs no parsing
# A file written this recently may change again without a new time stamp: it is read again next time.
_SETTLED_NS = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Source:
    """A file's text as it was read. mark.file_hash is of the bytes."""

    text: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class Outcome:
    """What reading a file gave. reason: empty where there are chunks, else KNOWN or why it stays out.

    mark: None where the file could not be read. chars: length of the text that was cut up.
    """

    path: str
    mark: Mark | None
    chunks: tuple[Chunk, ...]
    reason: str
    chars: int = 0


class Reader:
    """Reads the files below `root`. redact: takes secrets out of a text, lines stay as they are.

    key: makes hashes of contents such that nobody without it can tell what they are of.
    """

    def __init__(self, root: Path, redact: Callable[[str], str], key: bytes = b"") -> None:
        self.root = root
        self._redact = redact
        self._key = key

    def hash_of(self, data: bytes) -> str:
        return hash_of(data, self._key)

    def source(self, path: str) -> Source | str:
        return read_source(self.root, path, self._key)

    def chunks(self, path: str, text: str, file_hash: str) -> list[Chunk]:
        """The chunks of a text without its secrets."""
        return chunk_file(path, self._redact(text), file_hash)

    def read(self, path: str, known: Collection[str] = ()) -> Outcome:
        """Read and cut up a file, unless the hash of its content is among `known`."""
        source = self.source(path)
        if isinstance(source, str):
            return Outcome(path, None, (), source)
        if source.mark.file_hash in known:
            return Outcome(path, source.mark, (), KNOWN)
        chunks = tuple(self.chunks(path, source.text, source.mark.file_hash))
        return Outcome(path, source.mark, chunks, "" if chunks else "empty", len(source.text))


def read_source(root: Path, path: str, key: bytes = b"") -> Source | str:
    """A file's text, or in a word why it stays out. Never follows a link, never waits on a pipe."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        handle = os.open(root / path, flags)
    except (OSError, ValueError):  # ValueError: a NUL in the name
        return "unreadable"
    with os.fdopen(handle, "rb") as file:
        try:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                return "special"
            data = file.read(MAX_FILE_BYTES + 1)
            after = os.fstat(handle)
        except OSError:
            return "unreadable"
    if len(data) > MAX_FILE_BYTES:
        return "too large"
    reason = reason_by_content(path, data)
    if reason:
        return reason
    mark = Mark(hash_of(data, key), len(data), after.st_mtime_ns)
    if after.st_mtime_ns != status.st_mtime_ns or abs(time.time_ns() - after.st_mtime_ns) < _SETTLED_NS:
        mark = replace(mark, mtime_ns=0)
    return Source(data.decode("utf-8-sig", "replace"), mark)


def hash_of(data: bytes, key: bytes = b"") -> str:
    return hashlib.blake2b(data, key=key, digest_size=16).hexdigest()
