"""One child process: started through the guard, limited, and ended together with its group."""

from __future__ import annotations

import atexit
import contextlib
import os
import select
import signal
import subprocess  # noqa: TID251  this is the one place
import sys
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO, Literal, Self

from lsp_debugger import guard
from lsp_debugger.core.errors import ToolFailed
from lsp_debugger.spawn.environment import check_program, scrubbed_environment

Stdio = Literal["null", "pipe", "inherit"] | IO[bytes]

_STDIO = {"null": subprocess.DEVNULL, "pipe": subprocess.PIPE, "inherit": None}

# Who dies with us. Detached children are kept in their own list only so that their Popen objects,
# which warn when collected early, live as long as we do.
_children: set[Child] = set()
_detached: list[Child] = []
_lock = threading.Lock()


class Child:
    """A running program. Its pipes are buffered: flush `stdin`."""

    def __init__(self, popen: subprocess.Popen[bytes], *, leads_group: bool, detached: bool) -> None:
        self._popen = popen
        self._leads_group = leads_group
        self._detached = detached
        # Held while a signal is sent and while the child is reaped, so that no signal goes to a
        # process number that belongs to somebody else by then.
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def stdin(self) -> IO[bytes] | None:
        return self._popen.stdin

    @property
    def stdout(self) -> IO[bytes] | None:
        return self._popen.stdout

    @property
    def stderr(self) -> IO[bytes] | None:
        return self._popen.stderr

    def poll(self) -> int | None:
        """The exit code, negative for a signal, or None while it runs.

        When it has ended, the rest of its group is ended too.
        """
        with self._lock:
            if self._popen.returncode is None:
                self._reap()
        if self._popen.returncode is not None:
            with _lock:
                _children.discard(self)
        return self._popen.returncode

    def wait(self, timeout_s: float | None = None) -> int | None:
        """Block until it ends; None when the time is over first."""
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        while (returncode := self.poll()) is None:
            remaining = None if deadline is None else deadline - time.monotonic()
            if remaining is not None and remaining <= 0:
                return None
            _await_exit(self._popen.pid, remaining)
        return returncode

    def kill_group(self) -> None:
        """Kill it and everything it started that stayed in its group. Does not wait for the end."""
        with self._lock:
            if self._popen.returncode is None:
                self._signal_group()

    def close(self) -> None:
        """Kill, wait for the end, close the pipes."""
        self.kill_group()
        self.wait()
        for pipe in (self.stdin, self.stdout, self.stderr):
            if pipe is not None:
                with contextlib.suppress(OSError):  # unsent bytes to a dead child
                    pipe.close()

    def _reap(self) -> None:
        """Take its exit code, if it has ended; its group goes first, while its number is still taken.

        macOS cannot look without reaping: there, stragglers of a group that ended by itself stay.
        """
        if hasattr(os, "waitid"):
            if not _has_ended(self._popen.pid):
                return
            if not self._detached:
                self._signal_group()
        self._popen.poll()

    def _signal_group(self) -> None:
        if sys.platform == "win32":
            _taskkill(self._popen.pid)
            self._popen.kill()
        elif self._leads_group:
            with contextlib.suppress(ProcessLookupError, PermissionError):  # already gone, on macOS
                os.killpg(self._popen.pid, signal.SIGKILL)
        else:
            self._popen.kill()


def start(  # noqa: PLR0913  every one of them is about the start of a process, and has a safe default
    argv: Sequence[str],
    *,
    cwd: str | Path,
    env: Mapping[str, str] | None = None,
    stdin: Stdio = "null",
    stdout: Stdio = "null",
    stderr: Stdio = "null",
    nice: int = 0,
    new_group: bool = True,
    detached: bool = False,
    memory_bytes: int | None = None,
    cpu_s: int | None = None,
    untrusted_roots: Iterable[str | Path] = (),
) -> Child:
    """Start a program. Takes about 0.5 ms, whatever the size of this process, so the loop may call it.

    env: added to `scrubbed_environment()`, never instead of it. nice: 0 to 19, as in `nice(1)`.
    detached: it outlives us. memory_bytes: address space, which node reserves by the gigabyte.
    Limits hold on Linux only and begin an instant after the start.
    Raises SpawnRefused, and ToolFailed when the system cannot start it.
    """
    check_program(argv, untrusted_roots)
    leads_group = new_group or detached
    # No preexec_fn: it is unsafe beside threads, and it turns vfork into a fork that stalls every
    # thread in proportion to our memory (8 ms at 150 MB). Limits are put on from outside instead.
    try:
        with guard.starting_process():
            popen = subprocess.Popen(
                list(argv),
                cwd=cwd,
                env=scrubbed_environment(env, untrusted_roots=untrusted_roots),
                stdin=_stdio(stdin),
                stdout=_stdio(stdout),
                stderr=_stdio(stderr),
                close_fds=True,
                start_new_session=leads_group,
                creationflags=_windows_flags(leads_group=leads_group, detached=detached, nice=nice),
            )
    except (OSError, ValueError) as exc:
        raise ToolFailed(
            f"{Path(argv[0]).name} could not be started ({type(exc).__name__})",
            hint="check that it runs in a terminal",
        ) from exc
    child = Child(popen, leads_group=leads_group, detached=detached)
    _register(child, detached=detached)
    _limit(popen.pid, nice=nice, memory_bytes=memory_bytes, cpu_s=cpu_s)
    return child


def kill_all() -> None:
    """End every child that is not detached. Also runs when the interpreter exits."""
    with _lock:
        children = list(_children)
    for child in children:
        child.kill_group()
    for child in children:
        child.wait(1)


def _register(child: Child, *, detached: bool) -> None:
    # Reaping takes the lock itself, so it comes first.
    ended = {each for each in tuple(_detached) if each.poll() is not None} if detached else set[Child]()
    with _lock:
        if detached:
            _detached[:] = [each for each in _detached if each not in ended] + [child]
        else:
            _children.add(child)


def _at_exit() -> None:
    kill_all()
    for child in _detached:
        child._popen.returncode = child._popen.returncode or 0  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # it lives on, and says no warning


atexit.register(_at_exit)


def _stdio(mode: Stdio) -> int | IO[bytes] | None:
    return _STDIO[mode] if isinstance(mode, str) else mode


def _windows_flags(*, leads_group: bool, detached: bool, nice: int) -> int:
    if sys.platform != "win32":
        return 0
    flags = subprocess.DETACHED_PROCESS if detached else subprocess.CREATE_NO_WINDOW
    if leads_group:
        flags |= subprocess.CREATE_NEW_PROCESS_GROUP
    if nice:
        flags |= subprocess.BELOW_NORMAL_PRIORITY_CLASS
    return flags


def _limit(pid: int, *, nice: int, memory_bytes: int | None, cpu_s: int | None) -> None:
    """Of the child, and of what it has started in the instant before: what it starts later inherits them."""
    # It may have ended already, or changed its user: neither is our trouble.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if nice and sys.platform != "win32":
            os.setpriority(os.PRIO_PROCESS, pid, nice)
        if sys.platform == "linux":
            import resource

            wanted = {resource.RLIMIT_CORE: 0, resource.RLIMIT_AS: memory_bytes, resource.RLIMIT_CPU: cpu_s}
            for kind, limit in wanted.items():
                if limit is not None:
                    _, hard = resource.prlimit(pid, kind)
                    lowered = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
                    resource.prlimit(pid, kind, (lowered, lowered))
            for started in _started_by(pid):
                _limit(started, nice=nice, memory_bytes=memory_bytes, cpu_s=cpu_s)


def _started_by(pid: int) -> list[int]:
    try:
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_bytes().split()]
    except (OSError, ValueError):  # it has ended, or the kernel does not tell
        return []


def _has_ended(pid: int) -> bool:
    try:
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:  # somebody else reaped it
        return True


def _await_exit(pid: int, timeout_s: float | None) -> None:
    """Sleep until the child ends, or a little while where the system offers nothing better."""
    pidfd_open = getattr(os, "pidfd_open", None)
    if pidfd_open is None:
        time.sleep(0.01 if timeout_s is None else min(0.01, timeout_s))
        return
    try:
        descriptor = pidfd_open(pid)
    except OSError:  # reaped by another thread: the caller's poll() knows
        return
    try:
        waiter = select.poll()
        waiter.register(descriptor, select.POLLIN)
        waiter.poll(None if timeout_s is None else timeout_s * 1000)
    finally:
        os.close(descriptor)


def _taskkill(pid: int) -> None:
    """Windows has no group to signal; its own tool walks the tree."""
    program = Path(os.environ.get("SYSTEMROOT", r"C:\Windows"), "System32", "taskkill.exe")
    with contextlib.suppress(OSError, subprocess.SubprocessError), guard.starting_process():
        subprocess.run(
            [str(program), "/T", "/F", "/PID", str(pid)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
            timeout=5,
        )
