"""How much memory this process holds, and giving back what it no longer needs."""

from __future__ import annotations

import ctypes
import gc
import sys


def resident_bytes() -> int:
    import psutil

    return psutil.Process().memory_info().rss


def release() -> None:
    """After a big piece of work. glibc keeps freed memory unless told: a fifth of the worker's."""
    gc.collect()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
