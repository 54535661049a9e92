"""Read files that may be anything: a repository can put a pipe or a device where a source file should be."""

from __future__ import annotations

import os
import stat
from pathlib import Path

MAX_READ_BYTES = 2_000_000


def read_file(path: str | Path, limit_bytes: int) -> bytes | None:
    """The bytes of a regular file of at most `limit_bytes`; None for all else. Never waits for a writer."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    except (OSError, ValueError):  # ValueError: a path with a null character
        return None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            data = file.read(limit_bytes + 1)
    except OSError:
        return None
    finally:
        os.close(descriptor)
    return data if len(data) <= limit_bytes else None
