"""Run a helper to its end, with a time limit and a cap on what it may say."""

from __future__ import annotations

import contextlib
import math
import os
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from lsp_debugger.core.errors import ToolFailed
from lsp_debugger.spawn.process import Child, start

MAX_OUTPUT_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Completed:
    """How a helper ended. returncode: negative for a signal.

    truncated: it said more than the cap and was killed for it; the output is what fitted.
    """

    returncode: int
    stdout: bytes
    stderr: bytes
    truncated: bool = False


async def run(  # noqa: PLR0913  as in `start`
    argv: Sequence[str],
    *,
    cwd: str | Path,
    timeout_s: float,
    stdin: bytes = b"",
    env: Mapping[str, str] | None = None,
    max_output_bytes: int = MAX_OUTPUT_BYTES,
    memory_bytes: int | None = None,
    untrusted_roots: Iterable[str | Path] = (),
) -> Completed:
    """Run a program to its end; the loop goes on meanwhile, and cancelling kills its whole group.

    env: added to the scrubbed environment. max_output_bytes: for stdout and stderr each.
    Raises SpawnRefused, and ToolFailed when it cannot be started or takes too long.
    """
    import asyncio  # who waits like this has it already; to the others it costs 20 ms

    job = _Run(argv, cwd, env, stdin, max_output_bytes, memory_bytes, tuple(untrusted_roots))
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[Completed] = loop.create_future()

    def settle(result: Completed | None, error: BaseException | None) -> None:
        if outcome.done():  # cancelled meanwhile
            return
        if error is not None:
            outcome.set_exception(error)
        elif result is not None:
            outcome.set_result(result)

    def work() -> None:
        result, error = None, None
        try:
            result = job.execute(timeout_s)
        except BaseException as exc:  # noqa: BLE001  it is raised again, where the caller waits
            error = exc
        with contextlib.suppress(RuntimeError):  # the loop has closed
            loop.call_soon_threadsafe(settle, result, error)

    # A thread of its own: the shared pools are small, and one of them reads the editor's messages.
    threading.Thread(target=work, name="spawn.run", daemon=True).start()
    try:
        return await outcome
    except asyncio.CancelledError:
        job.cancel()
        raise


def run_blocking(  # noqa: PLR0913  as in `start`
    argv: Sequence[str],
    *,
    cwd: str | Path,
    timeout_s: float,
    stdin: bytes = b"",
    env: Mapping[str, str] | None = None,
    max_output_bytes: int = MAX_OUTPUT_BYTES,
    memory_bytes: int | None = None,
    untrusted_roots: Iterable[str | Path] = (),
) -> Completed:
    """`run` for code without a loop."""
    job = _Run(argv, cwd, env, stdin, max_output_bytes, memory_bytes, tuple(untrusted_roots))
    return job.execute(timeout_s)


class _Run:
    """One run; `execute` in one thread, `cancel` from any."""

    def __init__(
        self,
        argv: Sequence[str],
        cwd: str | Path,
        env: Mapping[str, str] | None,
        stdin: bytes,
        max_output_bytes: int,
        memory_bytes: int | None,
        untrusted_roots: tuple[str | Path, ...],
    ) -> None:
        self._argv, self._cwd, self._env, self._stdin = argv, cwd, env, stdin
        self._max_output_bytes = max_output_bytes
        self._memory_bytes = memory_bytes
        self._untrusted_roots = untrusted_roots
        self._lock = threading.Lock()
        self._child: Child | None = None
        self._cancelled = False
        self._truncated = False

    def cancel(self) -> None:
        with self._lock:
            self._cancelled = True
            if self._child is not None:
                self._child.kill_group()

    def execute(self, timeout_s: float) -> Completed:
        child = self._start(timeout_s)
        stdout, stderr = bytearray(), bytearray()
        pumps = [
            threading.Thread(target=self._read, args=(child.stdout, stdout), daemon=True),
            threading.Thread(target=self._read, args=(child.stderr, stderr), daemon=True),
        ]
        if child.stdin is not None:
            pumps.append(threading.Thread(target=_write, args=(child.stdin, self._stdin), daemon=True))
        for pump in pumps:
            pump.start()
        returncode = child.wait(timeout_s)
        if returncode is None:
            child.kill_group()
            child.wait()
        _join(pumps)
        if not any(pump.is_alive() for pump in pumps):
            child.close()
        if returncode is None:
            raise ToolFailed(
                f"{Path(self._argv[0]).name} took longer than {timeout_s:g} s",
                hint="run it in a terminal to see what it waits for",
            )
        return Completed(returncode, bytes(stdout), bytes(stderr), self._truncated)

    def _start(self, timeout_s: float) -> Child:
        # The processor-time limit is for a helper that we could not kill because we were killed.
        child = start(
            self._argv,
            cwd=self._cwd,
            env=self._env,
            stdin="pipe" if self._stdin else "null",
            stdout="pipe",
            stderr="pipe",
            memory_bytes=self._memory_bytes,
            cpu_s=math.ceil(timeout_s * (os.cpu_count() or 1)) + 1,
            untrusted_roots=self._untrusted_roots,
        )
        with self._lock:
            self._child = child
            if self._cancelled:
                child.kill_group()
        return child

    def _read(self, pipe: IO[bytes] | None, into: bytearray) -> None:
        """Collect until the end or the cap; past the cap nothing is of use, so the child is killed."""
        assert pipe is not None
        with pipe:  # whoever waited for us may have given up
            while data := os.read(pipe.fileno(), 65536):
                into += data
                if len(into) > self._max_output_bytes:
                    del into[self._max_output_bytes :]
                    self._truncated = True
                    if self._child is not None:
                        self._child.kill_group()
                    return


def _write(pipe: IO[bytes], data: bytes) -> None:
    with contextlib.suppress(OSError):  # it did not want to read all of it
        pipe.write(data)
    with contextlib.suppress(OSError):
        pipe.close()


def _join(pumps: Iterable[threading.Thread]) -> None:
    """Wait for the pipes to run dry.

    A daemon of the helper's, which left the group, may hold one open for ever: such a pipe is given up
    with the thread that reads it.
    """
    deadline = time.monotonic() + 2
    for pump in pumps:
        pump.join(max(0.0, deadline - time.monotonic()))
