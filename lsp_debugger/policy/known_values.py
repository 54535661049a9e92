"""The workspace's own secrets: values of `.env*` files, private keys, and secret-named environment variables.

They are secret because of where they stand, whatever they look like; a weak password is found no other
way. They live in memory only, and no record ever says more than that one was redacted.
"""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from lsp_debugger.policy import secret_files

if TYPE_CHECKING:
    from lsp_debugger.policy.detect import KnownScanner

MIN_CHARS = 8
MAX_VALUES = 2_000
FRESH_S = 5.0

_SECRET_NAME = re.compile(
    r"(?i)secret|token|passw|passphrase|pwd|api_?key|access_?key|private|credential|auth|(?:\A|_)(?:pass|key|pat|dsn)(?:\Z|_)"
)
# Named like secrets by shells and desktops, and no secrets: paths, sockets and flags.
_HARMLESS_NAMES = re.compile(
    r"(?i)_(?:file|path|dir|url|uri|host|port|name|id|sock|ttl|timeout|type|method)\Z|\A(?:ssh_auth_sock|xauthority|pwd|oldpwd)\Z"
)
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


class KnownValues:
    """Reads again at most every few seconds, so that a value added to `.env` is known at the next question.

    Safe to use from several threads. others: values that somebody else found, such as the process that
    started this one with a scrubbed environment. login_files: which of the user's own files in
    `policy.document.LOGIN_FILES` an organisation wants looked at, too.
    """

    def __init__(
        self,
        roots: Sequence[str] = (),
        environ: Mapping[str, str] | None = None,
        others: Sequence[str] = (),
        login_files: Callable[[], Sequence[str]] = tuple,
    ) -> None:
        self._roots = tuple(roots)
        self._others = tuple(others)
        self._login_files = login_files
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
                found = load(self._roots, self._environ, self._login_files())
                values = tuple(dict.fromkeys((*self._others, *found)))
                if values != self._values or self._scanner is None:
                    self._values, self._scanner = values, KnownScanner(values)
                self._read_at = time.monotonic()
            return self._scanner

    def fingerprint(self) -> bytes:
        """The values themselves, joined: for a keyed hash and nothing else."""
        self.scanner()
        with self._lock:
            return "\0".join(self._values or ()).encode("utf-8", "surrogatepass")


def in_environment(login_files: Sequence[str] = ()) -> tuple[str, ...]:
    """The secret values of this process's environment and user, for a child that does not inherit them."""
    return load((), os.environ, login_files)


def load(
    roots: Sequence[str], environ: Mapping[str, str], login_files: Sequence[str] = ()
) -> tuple[str, ...]:
    """Values of at least MIN_CHARS characters that are no common words, longest first, each once.

    Files that cannot be read in time or size are left out: the other detectors still apply.
    """
    found = {value for name, value in environ.items() if _is_secret_name(name) and _is_telling(value)}
    for path, is_key in secret_files.under(roots):
        if is_key:
            found.update(filter(_is_telling, secret_files.key_parts(path)))
            continue
        for name, value in secret_files.assignments(path):
            is_named = _is_secret_name(name) or not _PLAIN.match(value)
            if is_named and _is_telling(value):
                found.add(value)
    for kind in login_files:
        found.update(filter(_is_telling, secret_files.logins(kind, environ)))
    return tuple(sorted(found, key=lambda value: (-len(value), value))[:MAX_VALUES])


def _is_secret_name(name: str) -> bool:
    return bool(_SECRET_NAME.search(name)) and not _HARMLESS_NAMES.search(name)


def _is_telling(value: str) -> bool:
    """Long enough, and not a word that ordinary text is full of, nor a stand-in for a value."""
    if len(value) < MIN_CHARS or value.lower() in _TOO_COMMON or len(set(value)) < 4:
        return False
    return not re.match(r"\$\{?\w+\}?\Z|<[^<>]*>\Z|\{\{.*\}\}\Z", value)
