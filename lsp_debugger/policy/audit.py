"""What was decided and what left, on disk before it leaves: append-only, each record chained to the last.

    hash = SHA-256(0x00 | seq | previous hash | body)

The chain shows changes, gaps and a cut tail to everybody but the owner of the file, who could write all of
it anew: that takes an anchor outside, which is not here. Records hold counts, ids and HMACs, never text.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import os
import threading
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from lsp_debugger.core.errors import AuditUnavailable

if TYPE_CHECKING:
    import sqlite3  # at run time imported late: 5 ms, and only needed with the first record

KINDS = ("segment", "policy_load", "decision", "egress_intent", "egress_outcome", "warm_up")
BUSY_TIMEOUT_S = 2.0
GENESIS = bytes(32)

Value = str | int | bool | None | list["Value"] | dict[str, "Value"]
Body = Mapping[str, Value]

_log = logging.getLogger(__name__)
_HINT = "free space, or make the state directory writable: `lsp-debugger doctor` names it"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS records (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, prev BLOB NOT NULL, body TEXT NOT NULL, hash BLOB NOT NULL);
CREATE TRIGGER IF NOT EXISTS no_update BEFORE UPDATE ON records
  BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER IF NOT EXISTS no_delete BEFORE DELETE ON records
  BEGIN SELECT RAISE(ABORT, 'append only'); END;
"""


class Audit:
    """One log in one directory; several processes may share it. Blocking: use it from a thread.

    Every method raises AuditUnavailable when the record cannot be on disk, whatever the reason.
    """

    def __init__(self, directory: str | os.PathLike[str]) -> None:
        self.directory = Path(directory)
        self.path = self.directory / "audit.db"
        self._run_id = os.urandom(8).hex()
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._key: bytes | None = None

    def append(self, kind: str, body: Body, *, durable: bool = False) -> int:
        """Write one record and return its number. durable: not before it is on the disk (fsync)."""
        assert kind in KINDS, kind
        with self._lock, _translated():
            import sqlite3

            try:
                return self._append(kind, body, durable)
            except sqlite3.DatabaseError as exc:
                if not _is_corrupt(exc):
                    self._drop()
                    raise
                self._quarantine(exc)
                return self._append(kind, body, durable)

    def hmac_of(self, data: bytes) -> str:
        """Keyed with this installation's own key, so that short texts cannot be guessed from it."""
        with self._lock, _translated():
            if self._key is None:
                self._key = _install_key(self._made())
            return hmac.new(self._key, data, "sha256").hexdigest()

    def verify(self) -> int | None:
        """The number of the first record that is not as it was written, or None when all are."""
        import sqlite3

        with _translated():
            if not self.path.exists():
                return None
            with closing(_connected(self.path)) as connection:
                try:
                    return _first_broken(connection)
                except sqlite3.DatabaseError as exc:
                    if _is_corrupt(exc):
                        return 1
                    raise

    def records(self, first: int = 1) -> Iterator[tuple[int, dict[str, Value]]]:
        """Number and body, ascending."""
        with _translated(), closing(_connected(self.path)) as connection:
            for seq, body in connection.execute(
                "SELECT seq, body FROM records WHERE seq >= ? ORDER BY seq", (first,)
            ):
                yield seq, json.loads(body)

    def close(self) -> None:
        with self._lock:
            self._drop()

    def _append(self, kind: str, body: Body, durable: bool) -> int:
        connection = self._connection or self._opened({})
        # For the next transaction. NORMAL may lose the last records at power loss, nothing else.
        connection.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
        return _insert(connection, self._run_id, kind, body)

    def _opened(self, about: Body) -> sqlite3.Connection:
        """A connection to a log that has a first record; `about` is for that one."""
        self._made()
        _touch_private(self.path)
        connection = _connected(self.path)
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.executescript(_SCHEMA)
            if connection.execute("SELECT 1 FROM records LIMIT 1").fetchone() is None:
                _insert(connection, self._run_id, "segment", about, only_first=True)
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        return connection

    def _quarantine(self, reason: sqlite3.DatabaseError) -> None:
        """Put a log that cannot be read aside, under a name that says so, and begin a new one."""
        self._drop()
        _log.error("audit log cannot be read (%s): put aside", type(reason).__name__)
        name = f"audit-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{os.urandom(3).hex()}.corrupt"
        if not self._is_readable():
            for suffix in ("", "-wal", "-shm"):
                part = self.path.with_name(self.path.name + suffix)
                if part.exists():
                    part.replace(self.directory / (name + suffix))
        self._opened({"quarantined": name, "because": "the database could not be read"})

    def _is_readable(self) -> bool:
        """Another process may have put the same log aside a moment ago."""
        import sqlite3

        try:
            with closing(_connected(self.path)) as connection:
                connection.execute("SELECT count(*), max(hash) FROM records").fetchone()
        except sqlite3.DatabaseError as exc:
            return not _is_corrupt(exc) and "no such table" in str(exc)
        return True

    def _made(self) -> Path:
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if os.name == "posix":
            self.directory.chmod(0o700)
        return self.directory

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def chain_hash(seq: int, previous: bytes, body: str) -> bytes:
    return hashlib.sha256(b"\0%d|%b|%b" % (seq, previous, body.encode("utf-8"))).digest()


def canonical(body: Body) -> str:
    """JSON with one spelling: sorted keys, no spaces, ASCII, no floats."""
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def _insert(
    connection: sqlite3.Connection, run_id: str, kind: str, body: Body, *, only_first: bool = False
) -> int:
    # IMMEDIATE: two processes must not both read the same last record.
    connection.execute("BEGIN IMMEDIATE")
    try:
        last = connection.execute("SELECT seq, hash FROM records ORDER BY seq DESC LIMIT 1").fetchone()
        if only_first and last is not None:
            connection.execute("ROLLBACK")
            return last[0]
        seq, previous = (last[0] + 1, last[1]) if last is not None else (1, GENESIS)
        text = canonical(
            {
                **body,
                "kind": kind,
                "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
                "monotonic_ns": time.monotonic_ns(),
                "run_id": run_id,
            }
        )
        row = (seq, previous, text, chain_hash(seq, previous, text))
        connection.execute("INSERT INTO records (seq, prev, body, hash) VALUES (?, ?, ?, ?)", row)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return seq


def _first_broken(connection: sqlite3.Connection) -> int | None:
    expected, previous = 1, GENESIS
    for seq, prev, body, digest in connection.execute(
        "SELECT seq, prev, body, hash FROM records ORDER BY seq"
    ):
        if seq != expected or prev != previous or chain_hash(seq, prev, body) != digest:
            return expected
        expected, previous = seq + 1, digest
    # AUTOINCREMENT remembers the highest number ever given out: a cut tail shows.
    given = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'records'").fetchone()
    return expected if given is not None and given[0] >= expected else None


def _connected(path: Path) -> sqlite3.Connection:
    import sqlite3

    # Autocommit: transactions are written out. Threads take turns under the lock of Audit.
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA trusted_schema=OFF")
    return connection


def _touch_private(path: Path) -> None:
    """Make the file before SQLite does, readable by its owner alone; its companions inherit the mode."""
    flags = os.O_CREAT | os.O_RDWR | getattr(os, "O_NOFOLLOW", 0)
    os.close(os.open(path, flags, 0o600))
    if os.name == "posix":
        path.chmod(0o600)


def _install_key(directory: Path) -> bytes:
    """32 random bytes, made once; of two processes that make it at once, one wins and both read it."""
    path = directory / "install.key"
    if not path.exists():
        fresh = path.with_name(f"install.{os.getpid()}.{os.urandom(4).hex()}")
        try:
            with os.fdopen(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
                file.write(os.urandom(32))
                file.flush()
                os.fsync(file.fileno())
            _publish(fresh, path)
        finally:
            fresh.unlink(missing_ok=True)
    key = path.read_bytes()[:64]
    if len(key) != 32:
        raise AuditUnavailable(
            "the installation key is damaged", f"remove {path}; old records keep their chain"
        )
    return key


def _publish(fresh: Path, path: Path) -> None:
    """Give a complete file its name, and never another's."""
    try:
        path.hardlink_to(fresh)
    except FileExistsError:
        pass
    except OSError:  # a file system without hard links
        if not path.exists():
            fresh.rename(path)


def _is_corrupt(exc: sqlite3.DatabaseError) -> bool:
    import sqlite3

    code = getattr(exc, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


@contextmanager
def _translated() -> Generator[None]:
    import sqlite3

    try:
        yield
    except (sqlite3.Error, OSError, ValueError, TypeError) as exc:
        raise AuditUnavailable(
            f"the audit log cannot be used ({type(exc).__name__}: {_plain(exc)})", _HINT
        ) from exc


def _plain(exc: BaseException) -> str:
    """SQLite's and the system's own words; neither quotes what was to be written."""
    words = exc.strerror if isinstance(exc, OSError) else str(exc)
    return " ".join((words or "").split())[:100]
