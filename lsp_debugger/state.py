"""The state directory: private to the user, versioned, written whole or not at all.

It never comes over LSP: whoever may choose it may choose what this program believes.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Collection, Generator
from pathlib import Path
from types import TracebackType
from typing import NoReturn, Self

from lsp_debugger.core.errors import StateUnavailable

SCHEMA = 1
# What `clean` leaves unless told otherwise: the record of what was sent, and the user's decisions.
KEPT = ("audit", "trust.json")

_SCHEMA_FILE = "schema"
_NO_SPACE = {errno.ENOSPC, errno.EDQUOT} if hasattr(errno, "EDQUOT") else {errno.ENOSPC}


class State:
    """Where everything that outlives a session is kept. Making one touches nothing.

    The first use of a directory makes it, or raises StateUnavailable.
    """

    def __init__(self, directory: str | Path | None = None) -> None:
        self.path = Path(os.path.abspath(directory)) if directory else _default_directory()  # noqa: PTH100  links stay
        self._prepared = False
        self._lock = threading.Lock()

    @property
    def directory(self) -> Path:
        with self._lock:
            if not self._prepared:
                with _translated(self.path):
                    _make_private(self.path)
                    self._check_schema()
                self._prepared = True
        return self.path

    @property
    def answers(self) -> Path:
        return self._inner("answers")

    @property
    def audit(self) -> Path:
        return self._inner("audit")

    @property
    def engine(self) -> Path:
        return self._inner("engine")

    @property
    def logs(self) -> Path:
        return self._inner("logs")

    @property
    def rules(self) -> Path:
        """Tools' texts about their rules, by tool and version."""
        return self._inner("rules")

    def workspace(self, root: str | Path) -> Path:
        """A root's own directory. However the root is reached, it is the same one."""
        resolved = os.path.normcase(os.path.realpath(root))
        digest = hashlib.sha256(resolved.encode("utf-8", "surrogateescape")).hexdigest()[:16]
        name = re.sub(r"[^A-Za-z0-9._-]+", "_", Path(resolved).name)[:40] or "root"
        return self._inner(f"workspaces/{name}-{digest}")

    def write_atomic(self, path: str | Path, data: bytes, *, durable: bool = False) -> None:
        """Replace a file at once: a reader sees the old text or the new, also after a crash.

        durable: on the disk before this returns. Raises StateUnavailable; the old file is whole then.
        """
        with _translated(self.path):
            _replace(Path(path), data, durable=durable)

    def lock(self, path: str | Path, timeout_s: float = 10.0) -> Lock:
        """A lock between processes, to be used in a `with`. `path` is a file for nothing else."""
        return Lock(Path(path), timeout_s)

    def size_bytes(self) -> int:
        total = 0
        for folder, _, names in os.walk(self.path):
            for name in names:
                with contextlib.suppress(OSError):  # gone meanwhile
                    total += (Path(folder) / name).lstat().st_size
        return total

    def clean(self, keep: Collection[str] = KEPT) -> int:
        """Delete everything but the entries named in `keep`; returns the bytes that were freed.

        Nothing to keep: the directory itself goes too. Links are removed, never followed.
        """
        before = self.size_bytes()
        with self._lock, _translated(self.path):
            self._prepared = False
            if self.path.is_dir() and not self.path.is_symlink():
                for entry in self.path.iterdir():
                    if entry.name not in keep:
                        _remove(entry)
                if not any(self.path.iterdir()):
                    self.path.rmdir()
        return before - self.size_bytes()

    def _inner(self, name: str) -> Path:
        path = self.directory / name
        with _translated(self.path):
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return path

    def _check_schema(self) -> None:
        """Newer state is left alone; older or none becomes ours. There is nothing to convert yet."""
        file = self.path / _SCHEMA_FILE
        try:
            found = int(file.read_bytes())
        except FileNotFoundError:
            found = 0
        except ValueError as exc:
            raise StateUnavailable(
                f"{file} cannot be understood", hint="lsp-debugger state clean makes a new one"
            ) from exc
        if found > SCHEMA:
            raise StateUnavailable(
                f"{self.path} was written by a newer version (schema {found}, this one knows {SCHEMA})",
                hint="update lsp-debugger; or, to start over: lsp-debugger state clean",
            )
        if found < SCHEMA:
            _replace(file, b"%d\n" % SCHEMA, durable=False)


class Lock:
    """Held by one process at a time; the system gives it back when its holder dies."""

    def __init__(self, path: Path, timeout_s: float) -> None:
        self._path = path
        self._timeout_s = timeout_s
        self._descriptor: int | None = None

    def __enter__(self) -> Self:
        with _translated(self._path):
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
            try:
                self._wait(descriptor)
            except BaseException:
                os.close(descriptor)
                raise
        self._descriptor = descriptor
        return self

    def _wait(self, descriptor: int) -> None:
        deadline = time.monotonic() + self._timeout_s
        while not _try_lock(descriptor):
            if time.monotonic() >= deadline:
                raise StateUnavailable(
                    f"another process has held {self._path.name} for {self._timeout_s:g} s",
                    hint="try again; if it stays, close the other editor",
                )
            time.sleep(0.02)

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Also from another thread than the one that took it."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)  # and with it the lock; the file stays, or two could hold one lock


def _default_directory() -> Path:
    import platformdirs

    return platformdirs.user_state_path("lsp-debugger", appauthor=False)


def _make_private(path: Path) -> None:
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if sys.platform == "win32":  # a user's own directories are private there
        return
    status = path.stat()
    if status.st_uid != os.geteuid():
        raise StateUnavailable(
            f"{path} belongs to another user", hint="set state.directory to one of your own"
        )
    if status.st_mode & 0o077:
        path.chmod(0o700)


def _replace(path: Path, data: bytes, *, durable: bool) -> None:
    descriptor, fresh = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".new", dir=path.parent)  # 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        Path(fresh).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(fresh).unlink()
        raise
    if durable and sys.platform != "win32":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)  # the new name, too
        finally:
            os.close(folder)


def _try_lock(descriptor: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as exc:
        if exc.errno in {errno.EACCES, errno.EAGAIN, errno.EDEADLK}:
            return False
        raise
    return True


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


@contextlib.contextmanager
def _translated(path: Path) -> Generator[None]:
    try:
        yield
    except OSError as exc:
        _unavailable(path, exc)


def _unavailable(path: Path, exc: OSError) -> NoReturn:
    if exc.errno in _NO_SPACE:
        raise StateUnavailable(
            f"there is no space left for {path}", hint="free some: lsp-debugger state clean"
        ) from exc
    reason = exc.strerror or type(exc).__name__
    raise StateUnavailable(
        f"{path} cannot be used ({reason})", hint="make it writable, or set state.directory to one that is"
    ) from exc
