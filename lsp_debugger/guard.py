"""The last line: an audit hook that refuses connections and program starts outside the two doors.

`egress.py` and `spawn.py` open the guard for exactly what they are about to do; whatever else in this
process tries (a library that phones home, a bug of ours) fails with EgressRefused or SpawnRefused.
It watches Python's own calls. It is no sandbox: native code that opens a socket itself, ctypes, and
asyncio's ConnectEx on Windows raise no audit event. The import contracts hold the same rule statically.
"""

from __future__ import annotations

import contextlib
import logging
import sys
import threading
from collections import Counter
from collections.abc import Callable, Generator
from contextvars import ContextVar
from types import FrameType
from typing import Any, TypeVar

from lsp_debugger.core.errors import EgressRefused, SpawnRefused

logger = logging.getLogger(__name__)
_Key = TypeVar("_Key", str, tuple[str, int])


class ConnectRefused(EgressRefused, PermissionError):
    """Also an OSError: libraries then treat it as what it is, a connection that was not allowed."""


class StartRefused(SpawnRefused, PermissionError):
    """Also an OSError: a library that only tried its luck (`uuid`, `distro`, `platform`) goes on."""


# One process, one guard: an audit hook cannot be removed and sees every thread. The permits are
# counted, so that two users of one address do not close it for each other, and hold only while
# somebody is inside one of the context managers below, which is what bounds them.
_installed = False
_lock = threading.Lock()
_addresses: Counter[tuple[str, int]] = Counter()
_names: Counter[str] = Counter()
_unix_paths: Counter[str] = Counter()
_starting: ContextVar[bool] = ContextVar("_starting", default=False)
_reporting = threading.local()


def install() -> None:
    """Start refusing, for the rest of this process's life. Safe to call again."""
    global _installed  # noqa: PLW0603  the hook is as global as the process
    with _lock:
        if not _installed:
            _wrap_fork_exec()
            sys.addaudithook(_audit)
            _installed = True


def is_active() -> bool:
    return _installed


@contextlib.contextmanager
def permit_connect(host: str, port: int) -> Generator[None]:
    """Allow look-ups of `host` and connects to exactly (host, port), in any thread, while inside.

    A name's addresses are not allowed with it: the door asks for each one that it means to try, so
    that a second look-up cannot lead somewhere else.
    """
    with _held(_addresses, (host, port)), _held(_names, host):
        yield


@contextlib.contextmanager
def permit_unix(path: str) -> Generator[None]:
    """Allow connects to the Unix socket at exactly `path` while inside."""
    with _held(_unix_paths, path):
        yield


@contextlib.contextmanager
def starting_process() -> Generator[None]:
    """Allow process starts in this context (not in other threads or tasks) while inside."""
    before = _starting.get()
    _starting.set(True)
    try:
        yield
    finally:
        _starting.set(before)


@contextlib.contextmanager
def _held(permits: Counter[_Key], key: _Key) -> Generator[None]:
    with _lock:
        permits[key] += 1
    try:
        yield
    finally:
        with _lock:
            permits[key] -= 1
            if not permits[key]:
                del permits[key]


def _audit(event: str, args: tuple[Any, ...]) -> None:
    # Called for every import and open() of the process: one dictionary look-up, then out.
    check = _CHECKS.get(event)
    if check is not None:
        check(event, args)


def _check_address(event: str, args: tuple[Any, ...]) -> None:
    address = args[1]
    if address is None:  # sendmsg on a connected socket: its connect was checked
        return
    if isinstance(address, tuple) and address[:2] in _addresses:
        return
    if isinstance(address, (str, bytes)) and _decoded(address) in _unix_paths:
        return
    if event == "socket.connect" and _is_socketpair(_outside_caller()):
        return
    _refuse_egress(event)


def _check_name(event: str, args: tuple[Any, ...]) -> None:
    host = args[0]
    if host is None or (isinstance(host, (str, bytes)) and _decoded(host) in _names):
        return
    _refuse_egress(event)


def _check_reverse_name(event: str, _args: tuple[Any, ...]) -> None:
    _refuse_egress(event)


def _check_start(event: str, _args: tuple[Any, ...] = ()) -> None:
    if not _starting.get():
        _report(event)
        raise StartRefused(
            f"{event} outside of spawn.py was refused",
            hint="a library tried to start a program; the log names the caller",
        )


def _refuse_egress(event: str) -> None:
    _report(event)
    raise ConnectRefused(
        f"{event} outside of egress.py was refused",
        hint="a library tried to reach the network; the log names the caller",
    )


_CHECKS: dict[str, Callable[[str, tuple[Any, ...]], None]] = {
    "socket.connect": _check_address,
    "socket.sendto": _check_address,
    "socket.sendmsg": _check_address,
    "socket.getaddrinfo": _check_name,
    "socket.gethostbyname": _check_name,
    "socket.gethostbyaddr": _check_reverse_name,
    "socket.getnameinfo": _check_reverse_name,
    **dict.fromkeys(
        (
            "subprocess.Popen",
            "os.exec",
            "os.fork",
            "os.forkpty",
            "os.posix_spawn",
            "os.spawn",
            "os.startfile",
            "os.startfile/2",
            "os.system",
            "pty.spawn",
            "_winapi.CreateProcess",
        ),
        _check_start,
    ),
}


def _wrap_fork_exec() -> None:
    """Cover `multiprocessing`, which starts its children here and raises no audit event."""
    try:
        import _posixsubprocess as posix  # pyright: ignore[reportMissingModuleSource]
    except ImportError:  # Windows, where CreateProcess is audited
        return
    fork_exec = posix.fork_exec

    def checked(*args: Any) -> int:
        _check_start("_posixsubprocess.fork_exec")
        return fork_exec(*args)

    posix.fork_exec = checked


def _decoded(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("utf-8", "surrogateescape")


def _outside_caller() -> FrameType | None:
    frame = sys._getframe(1)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # `inspect` is a slow import
    while frame is not None and frame.f_globals.get("__name__") == __name__:
        frame = frame.f_back
    return frame


def _is_socketpair(frame: FrameType | None) -> bool:
    """Windows has no socketpair: Python connects two of its own, and asyncio needs them."""
    return (
        frame is not None
        and frame.f_globals is getattr(sys.modules.get("socket"), "__dict__", None)
        and frame.f_code.co_name in {"socketpair", "_fallback_socketpair"}
    )


def _report(event: str) -> None:
    """One line that names the code that tried, never what it tried to send or to whom."""
    if getattr(_reporting, "busy", False):  # a log handler that connects would come back here
        return
    _reporting.busy = True
    try:
        frame = _outside_caller()
        while frame is not None and _is_standard_library(frame) and frame.f_back is not None:
            frame = frame.f_back
        where = "?" if frame is None else f"{frame.f_globals.get('__name__')}:{frame.f_lineno}"
        logger.error("refused %s, called from %s", event, where)
    finally:
        _reporting.busy = False


def _is_standard_library(frame: FrameType) -> bool:
    return str(frame.f_globals.get("__name__")).partition(".")[0] in sys.stdlib_module_names
