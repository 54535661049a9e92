"""Files that hold secrets by their nature, and the values in them: `.env*`, private keys, login files.

Nothing here waits on a pipe, follows a file without end, or reads more than a modest size.
"""

from __future__ import annotations

import os
import re
import stat
import time
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatch
from pathlib import Path

MAX_FILE_BYTES = 128 * 1024
MAX_FILES = 200
MAX_DEPTH = 4
WALK_LIMIT_S = 0.25

_KEY_NAMES = ("*.pem", "*.key", "*.p8", "*.pk8", "*.ppk", "id_*")
_SKIPPED_FOLDERS = frozenset(
    ("node_modules", "__pycache__", "venv", "site-packages", "dist", "build", "target", "vendor", "coverage")
)
_LINE = re.compile(r"\s*(?:export\s+)?([A-Za-z_][\w.-]*)\s*[=:]\s*(.*)\Z")
_BLOCK = re.compile(
    r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY[A-Z ]*-----(.*?)(?:-----END|\Z)"
    r"|^Private-Lines: \d+\s*\n(.*?)(?:^Private-MAC|\Z)",
    re.DOTALL | re.MULTILINE,
)
_KEY_LINE = re.compile(r"^[A-Za-z0-9+/=]{16,}$", re.MULTILINE)
_ONE_WORD = re.compile(r"\s*([!-~]{8,4096})\s*\Z")
_NETRC_PASSWORD = re.compile(r"\bpassword\s+(?:\"((?:[^\"\\]|\\.)*)\"|(\S+))")
_PGPASS_FIELD = re.compile(r"(?:[^:\\]|\\.)*")


def under(roots: Sequence[str]) -> Iterator[tuple[Path, bool]]:
    """Each file that matters below the roots, and whether it is a key file. Stops when it takes too long."""
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
                is_environment = name.startswith(".env") or name.endswith(".env")
                is_key = not name.endswith(".pub") and any(fnmatch(name, shape) for shape in _KEY_NAMES)
                if is_environment or is_key:
                    count += 1
                    if count > MAX_FILES:
                        return
                    yield Path(folder, name), is_key


def assignments(path: Path) -> Iterator[tuple[str, str]]:
    """Names and values of an environment file."""
    for line in text(path).splitlines():
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


def key_parts(path: Path) -> Iterator[str]:
    """The lines of private keys, since a key is pasted with other breaks and without its frame, and a key
    that is one word in a file of its own. Certificates and public keys are nobody's secret.
    """
    content = text(path)
    if (word := _ONE_WORD.match(content)) is not None:
        yield word[1]
    for block in _BLOCK.finditer(content):
        yield from _KEY_LINE.findall(block[1] or block[2] or "")


def logins(kind: str, environ: Mapping[str, str]) -> Iterator[str]:
    """Passwords of the user's own `netrc` or `pgpass`, wherever their programs look for them."""
    for path in _login_paths(kind, environ):
        content = text(path)
        if kind == "netrc":
            yield from (quoted or plain for quoted, plain in _NETRC_PASSWORD.findall(content))
        else:
            yield from _pgpass(content)


def _login_paths(kind: str, environ: Mapping[str, str]) -> Iterator[Path]:
    home = environ.get("HOME") or environ.get("USERPROFILE")
    if kind == "netrc":
        named, names = environ.get("NETRC"), (".netrc", "_netrc")
    else:
        named, names = environ.get("PGPASSFILE"), (".pgpass",)
        if appdata := environ.get("APPDATA"):
            yield Path(appdata, "postgresql", "pgpass.conf")
    if named:
        yield Path(named)
    if home:
        yield from (Path(home, name) for name in names)


def _pgpass(content: str) -> Iterator[str]:
    for line in content.splitlines():
        fields = list[str]()
        at = 0
        while not line.startswith("#") and at <= len(line) and (field := _PGPASS_FIELD.match(line, at)):
            fields.append(re.sub(r"\\(.)", r"\1", field[0]))
            at = field.end() + 1
        if len(fields) == 5:
            yield fields[4]


def text(path: Path) -> str:
    """Empty when it is not a regular file of a modest size."""
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
