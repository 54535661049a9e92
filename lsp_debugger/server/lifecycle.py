"""How the server ends: within two seconds, whatever hangs."""

from __future__ import annotations

import logging
import os
import select
import sys
import threading
import time
from collections.abc import Callable

_log = logging.getLogger(__name__)
_POLL_S = 0.5

# The whole way out has two seconds; the interpreter's own goodbye needs some of it.
LEAVE_WITHIN_S = 1.5
_LAST_WORDS_S = 0.2


class Watchdog:
    """Ends the process when the orderly way out takes too long. Once armed it stays armed.

    exit_code: asked at the very end. last_words: done just before, as far as it gets in a moment.
    """

    def __init__(
        self,
        exit_code: Callable[[], int],
        last_words: Callable[[], None],
        *,
        timeout_s: float = LEAVE_WITHIN_S,
        end: Callable[[int], object] = os._exit,
    ) -> None:
        self._exit_code, self._last_words = exit_code, last_words
        self._timeout_s, self._end = timeout_s, end
        self._lock = threading.Lock()
        self._armed = False

    def arm(self) -> None:
        """Start counting. From any thread, any number of times."""
        with self._lock:
            if self._armed:
                return
            self._armed = True
        threading.Thread(target=self._count, name="watchdog", daemon=True).start()

    def _count(self) -> None:
        time.sleep(self._timeout_s)
        # In a thread of its own: what hangs may be the very log or pipe that we would write to.
        speaking = threading.Thread(target=self._say, name="last words", daemon=True)
        speaking.start()
        speaking.join(_LAST_WORDS_S)
        self._end(self._exit_code())

    def _say(self) -> None:
        self._last_words()
        _log.warning("the server did not end in %.1f s and is ended now", self._timeout_s)


def watch_process(pid: int | None, ended: Callable[[], None]) -> bool:
    """Call `ended` from another thread once process `pid` has ended. False when it is not watched.

    A process that we cannot see now (the client runs outside of our container, say) is not watched:
    its absence proves nothing.
    """
    if not isinstance(pid, int) or isinstance(pid, bool) or pid <= 0 or pid == os.getpid():
        return False
    wait = _waiter(pid)
    if wait is None:
        return False

    def watch() -> None:
        wait()
        ended()

    threading.Thread(target=watch, name="client watch", daemon=True).start()
    return True


def _waiter(pid: int) -> Callable[[], None] | None:
    """A function that returns when the process has ended, or None when there is no such process."""
    if sys.platform == "win32":
        return _windows_waiter(pid)
    if sys.platform == "linux":
        try:
            return _pidfd_waiter(os.pidfd_open(pid))
        except ProcessLookupError:
            return None
        except (OSError, OverflowError):
            pass  # an old kernel, or a sandbox without this call
    return (lambda: _poll(pid)) if _is_visible(pid) else None


def _pidfd_waiter(descriptor: int) -> Callable[[], None]:
    def wait() -> None:
        ends = select.poll()
        ends.register(descriptor, select.POLLIN)
        ends.poll()  # returns when the process has ended, even if nobody has waited for it
        os.close(descriptor)

    return wait


def _poll(pid: int) -> None:
    while _is_visible(pid):
        time.sleep(_POLL_S)


def _is_visible(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True  # it is there, and another user's
    except (OSError, OverflowError):
        return False
    return True


def _windows_waiter(pid: int) -> Callable[[], None] | None:
    if sys.platform != "win32":
        return None
    import ctypes

    synchronize, infinite = 0x00100000, 0xFFFFFFFF
    kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    kernel.OpenProcess.restype = ctypes.c_void_p
    kernel.WaitForSingleObject.argtypes = (ctypes.c_void_p, ctypes.c_uint32)
    kernel.CloseHandle.argtypes = (ctypes.c_void_p,)
    handle = kernel.OpenProcess(synchronize, False, ctypes.c_uint32(pid & 0xFFFFFFFF))
    if not handle:
        return None

    def wait() -> None:
        kernel.WaitForSingleObject(handle, infinite)
        kernel.CloseHandle(handle)

    return wait
