"""The workspace's own secrets: values of `.env*` files and of secret-named environment variables.

They are secret because of where they stand, whatever they look like; a weak password is found no other
way. They live in memory only, and no record ever says more than that one was redacted.
"""

from __future__ import annotations

import os
import re
import stat
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lsp_debugger.policy.detect import KnownScanner

MIN_CHARS = 8
MAX_VALUES = 2_000
MAX_FILE_BYTES = 128 * 1024
MAX_FILES = 200
MAX_DEPTH = 4
WALK_LIMIT_S = 0.25
FRESH_S = 5.0

_SECRET_NAME = re.compile(
    r"(?i)secret|token|passw|passphrase|pwd|api_?key|access_?key|private|credential|auth|(?:\A|_)(?:pass|key|pat|dsn)(?:\Z|_)"
)
# Named like secrets by shells and desktops, and no secrets: paths, sockets and flags.
_HARMLESS_NAMES = re.compile(
    r"(?i)_(?:file|path|dir|url|uri|host|port|name|id|sock|ttl|timeout|type|method)\Z|\A(?:ssh_auth_sock|xauthority|pwd|oldpwd)\Z"
)
_LINE = re.compile(r"\s*(?:export\s+)?([A-Za-z_][\w.-]*)\s*[=:]\s*(.*)\Z")
_PLAIN = re.compile(
    r"[A-Za-z]+(?:[ _.-][A-Za-z]+)*\Z|[\d.,:+-]+\Z|https?://[^@?#]*\Z|(?:~|\.{0,2})/[^@]*\Z|[a-z_]+\.[a-z_.]+\Z"
)
_TOO_COMMON = frozenset(
    (
        *(
            "password",
            "postgres",
            "postgresql",
            "changeme",
            "localhost",
            "production",
            "development",
            "username",
        ),
        *(
            "database",
            "administrator",
            "anonymous",
            "redacted",
            "undefined",
            "required",
            "disabled",
            "secretkey",
        ),
    )
)
_SKIPPED_FOLDERS = frozenset(
    ("node_modules", "__pycache__", "venv", "site-packages", "dist", "build", "target", "vendor", "coverage")
)


class KnownValues:
    """Reads again at most every few seconds, so that a value added to `.env` is known at the next question.

    Safe to use from several threads. others: values that somebody else found, such as the process that
    started this one with a scrubbed environment.
    """

    def __init__(
        self,
        roots: Sequence[str] = (),
        environ: Mapping[str, str] | None = None,
        others: Sequence[str] = (),
    ) -> None:
        self._roots = tuple(roots)
        self._others = tuple(others)
        self._environ = os.environ if environ is None else environ
        self._lock = threading.Lock()
        self._read_at = float("-inf")
        self._values: tuple[str, ...] | None = None
        self._scanner: KnownScanner | None = None

    def scanner(self) -> KnownScanner:
        """A scanner for the values as they are now. Blocks while it reads: call it in a thread."""
        from lsp_debugger.policy.detect import KnownScanner

        with self._lock:
            if self._scanner is None or time.monotonic() - self._read_at > FRESH_S:
                values = (*self._others, *load(self._roots, self._environ))
                if values != self._values or self._scanner is None:
                    self._values, self._scanner = values, KnownScanner(values)
                self._read_at = time.monotonic()
            return self._scanner

    def fingerprint(self) -> bytes:
        """The values themselves, joined: for a keyed hash and nothing else."""
        self.scanner()
        with self._lock:
            return "\0".join(self._values or ()).encode("utf-8", "surrogatepass")


def in_environment() -> tuple[str, ...]:
    """The secret values of this process's own environment, for a child that does not inherit it."""
    return load((), os.environ)


def load(roots: Sequence[str], environ: Mapping[str, str]) -> tuple[str, ...]:
    """Values of at least MIN_CHARS characters that are no common words, sorted, each once.

    Files that cannot be read in time or size are left out: the other detectors still apply.
    """
    found = {value for name, value in environ.items() if _is_secret_name(name) and _is_telling(value)}
    for path in _environment_files(roots):
        for name, value in _assignments(path):
            telling = (
                _is_telling(value)
                if _is_secret_name(name)
                else _is_telling(value) and not _PLAIN.match(value)
            )
            if telling:
                found.add(value)
    return tuple(sorted(found, key=lambda value: (-len(value), value))[:MAX_VALUES])


def _is_secret_name(name: str) -> bool:
    return bool(_SECRET_NAME.search(name)) and not _HARMLESS_NAMES.search(name)


def _is_telling(value: str) -> bool:
    """Long enough, and not a word that ordinary text is full of, nor a stand-in for a value."""
    if len(value) < MIN_CHARS or value.lower() in _TOO_COMMON or len(set(value)) < 4:
        return False
    return not re.match(r"\$\{?\w+\}?\Z|<[^<>]*>\Z|\{\{.*\}\}\Z", value)


def _environment_files(roots: Sequence[str]) -> Iterator[Path]:
    deadline, count = time.monotonic() + WALK_LIMIT_S, 0
    for root in roots:
        for folder, folders, files in os.walk(root):
            depth = os.path.relpath(folder, root).count(os.sep) + 1
            if time.monotonic() > deadline:
                return
            folders[:] = sorted(
                name
                for name in folders
                if depth < MAX_DEPTH and name not in _SKIPPED_FOLDERS and name[0] != "."
            )
            for name in sorted(files):
                if name.startswith(".env") or name.endswith(".env"):
                    count += 1
                    if count > MAX_FILES:
                        return
                    yield Path(folder, name)


def _assignments(path: Path) -> Iterator[tuple[str, str]]:
    for line in _text(path).splitlines():
        match = _LINE.match(line)
        if match is None or line.lstrip().startswith("#"):
            continue
        name, value = match[1], match[2].strip()
        quote = value[:1]
        if quote in ('"', "'", "`") and (end := value.find(quote, 1)) > 0:
            value = value[1:end]
        else:
            value = re.sub(r"\s+#.*\Z", "", value)
        yield name, value


def _text(path: Path) -> str:
    """Empty when it is not a regular file of a modest size. Never waits on a pipe."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except OSError:
        return ""
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            return ""
        return os.read(handle, MAX_FILE_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""
    finally:
        os.close(handle)
