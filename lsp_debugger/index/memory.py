"""How much memory this process holds, and giving back what it no longer needs."""

from __future__ import annotations

import ctypes
import gc
import sys


def resident_bytes() -> int:
    import psutil

    return psutil.Process().memory_info().rss


def peak_bytes() -> int:
    """The most that this process ever held; what it holds now where the system does not tell."""
    if sys.platform == "win32":
        return resident_bytes()
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def release() -> None:
    """After a big piece of work. glibc keeps freed memory unless told: a fifth of the worker's."""
    gc.collect()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
