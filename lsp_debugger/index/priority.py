"""Who comes first for the processor: answers as the editor itself, long work after everybody else."""

from __future__ import annotations

import contextlib
import os
import sys
import threading

LAST_IN_LINE = 19
# Linux has a priority for each thread; elsewhere the whole worker is last in line.
THREADS_HAVE_THEIR_OWN = sys.platform == "linux"


def step_back() -> None:
    """The calling thread, and what it starts, come after everybody else from now on."""
    if THREADS_HAVE_THEIR_OWN:
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), LAST_IN_LINE)
