"""What was decided and what left, on disk before it leaves: append-only, each record chained to the last.

The chain (`chain.py`) shows changes, gaps and a cut tail; signed checkpoints show a log that somebody
without the key wrote anew. Its owner has the key: against the owner it takes an anchor outside
(`anchor.py`). Records hold counts, ids and HMACs, never text. What is too old goes in whole segments, whose
signed headers stay.
"""

from __future__ import annotations

import contextlib
import hmac
import json
import logging
import os
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from lsp_debugger.core.errors import AuditUnavailable, PolicyInvalid
from lsp_debugger.policy.chain import (
    GENESIS,
    NO_DELETE,
    SCHEMA,
    Body,
    Value,
    connected,
    insert,
    is_corrupt,
    last_record,
    touch_private,
)
from lsp_debugger.policy.signing import CHECKPOINT, SigningKey, signing_key, write_new_private

if TYPE_CHECKING:
    import sqlite3  # at run time imported late: 5 ms, and only needed with the first record

KINDS = (
    *("segment", "policy_load", "decision", "egress_intent", "egress_outcome", "warm_up"),
    *("checkpoint", "retention", "consent"),
)
_CLOSING_TIMEOUT_MS = 300
CHECKPOINT_EVERY = 256

_log = logging.getLogger(__name__)
_HINT = "free space, or make the state directory writable: `lsp-debugger doctor` names it"


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
        self._signing: SigningKey | None = None
        self._unsigned = 0
        self._durable: bool | None = None  # how the open connection commits

    def append(self, kind: str, body: Body, *, durable: bool = False) -> int:
        """Write one record and return its number. durable: not before it is on the disk (fsync)."""
        assert kind in KINDS, kind
        with self._lock, _translated():
            import sqlite3

            try:
                return self._append(kind, body, durable)
            except sqlite3.DatabaseError as exc:
                if not is_corrupt(exc):
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

    @property
    def public_key(self) -> str:
        """Who signs checkpoints here."""
        with _translated():
            return self._signing_key().public

    def sign(self, seq: int, digest: bytes) -> str:
        """Our signature under the log up to this record."""
        with _translated():
            return self._signing_key().sign(CHECKPOINT, b"%d|%b" % (seq, digest))

    def head(self) -> tuple[int, bytes]:
        """Number and hash of the last record; (0, GENESIS) of an empty log."""
        with _translated():
            if not self.path.exists():
                return 0, GENESIS
            with closing(connected(self.path)) as connection:
                return last_record(connection) or (0, GENESIS)

    def checkpoint(self) -> None:
        """Sign what was written since the last checkpoint."""
        with self._lock, _translated():
            if self._unsigned and self.path.exists():
                self._checkpoint(self._connection or self._opened({}))

    def retain(self, days: int) -> int:
        """Drop whole segments of which every record is older; returns how many records went."""
        limit = (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="milliseconds")
        with self._lock, _translated():
            if not self.path.exists():
                return 0
            return self._dropped_before(self._connection or self._opened({}), limit)

    def records(self, first: int = 1) -> Iterator[tuple[int, dict[str, Value]]]:
        """Number and body, ascending; none of a log that is not there."""
        if not self.path.exists():
            return
        with _translated(), closing(connected(self.path)) as connection:
            for seq, body in connection.execute(
                "SELECT seq, body FROM records WHERE seq >= ? ORDER BY seq", (first,)
            ):
                yield seq, json.loads(body)

    def close(self) -> None:
        """Sign what is not signed yet, and let go. What cannot be signed now is signed next time."""
        with contextlib.suppress(AuditUnavailable):
            self._wait_less()
            self.checkpoint()
        with self._lock:
            self._drop()

    def _wait_less(self) -> None:
        """Who closes is on the way out, and has no time for another process's transaction."""
        with self._lock, _translated():
            if self._connection is not None:
                self._connection.execute(f"PRAGMA busy_timeout={_CLOSING_TIMEOUT_MS}")

    def _append(self, kind: str, body: Body, durable: bool) -> int:
        connection = self._connection or self._opened({})
        # For the next transaction. NORMAL may lose the last records at power loss, nothing else.
        if durable is not self._durable:
            connection.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
            self._durable = durable
        seq = insert(connection, self._run_id, kind, body)
        self._unsigned += 1
        if self._unsigned >= CHECKPOINT_EVERY:
            self._checkpoint(connection)
        return seq

    def _checkpoint(self, connection: sqlite3.Connection) -> None:
        last = last_record(connection)
        if last is not None:
            seq, digest = last
            signature = self._signing_key().sign(CHECKPOINT, b"%d|%b" % (seq, digest))
            body: Body = {"signed_seq": seq, "signed_hash": digest.hex(), "signature": signature}
            insert(connection, self._run_id, "checkpoint", body)
        self._unsigned = 0

    def _signing_key(self) -> SigningKey:
        if self._signing is None:
            self._signing = signing_key(self._made() / "signing.key")
        return self._signing

    def _dropped_before(self, connection: sqlite3.Connection, limit: str) -> int:
        rows = connection.execute("SELECT seq, hash, body FROM records ORDER BY seq")
        first_at, last = "", None
        for seq, digest, text in rows:
            body = json.loads(text)
            first_at = first_at or body["at"]
            if body["at"] >= limit:
                break
            if body["kind"] == "checkpoint":
                last = (seq, digest, body["at"])
        rows.close()
        if last is None:
            return 0
        seq, digest, last_at = last
        signature = self._signing_key().sign(CHECKPOINT, b"%d|%b" % (seq, digest))
        connection.execute("BEGIN IMMEDIATE")
        try:
            [first] = connection.execute("SELECT min(seq) FROM records").fetchone()
            header = (first, seq, digest, first_at, last_at, signature)
            connection.execute("INSERT INTO segments VALUES (?, ?, ?, ?, ?, ?)", header)
            connection.execute("DROP TRIGGER no_delete")
            connection.execute("DELETE FROM records WHERE seq <= ?", (seq,))
            connection.execute(NO_DELETE)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        insert(connection, self._run_id, "retention", {"first": first, "last": seq, "until": last_at})
        return seq - first + 1

    def _opened(self, about: Body) -> sqlite3.Connection:
        """A connection to a log that has a first record; `about` is for that one."""
        self._made()
        touch_private(self.path)
        connection = connected(self.path)
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.executescript(SCHEMA)
            connection.execute(NO_DELETE)
            if connection.execute("SELECT 1 FROM records LIMIT 1").fetchone() is None:
                insert(connection, self._run_id, "segment", about, only_first=True)
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
            with closing(connected(self.path)) as connection:
                connection.execute("SELECT count(*), max(hash) FROM records").fetchone()
        except sqlite3.DatabaseError as exc:
            return not is_corrupt(exc) and "no such table" in str(exc)
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
            self._durable = None


def _install_key(directory: Path) -> bytes:
    """32 random bytes, made once; of two processes that make it at once, one wins and both read it."""
    path = directory / "install.key"
    if not path.exists():
        write_new_private(path, os.urandom(32))
    key = path.read_bytes()[:64]
    if len(key) != 32:
        raise AuditUnavailable(
            "the installation key is damaged", f"remove {path}; old records keep their chain"
        )
    return key


@contextmanager
def _translated() -> Generator[None]:
    import sqlite3

    try:
        yield
    except (sqlite3.Error, OSError, ValueError, TypeError, PolicyInvalid) as exc:
        raise AuditUnavailable(
            f"the audit log cannot be used ({type(exc).__name__}: {_plain(exc)})", _HINT
        ) from exc


def _plain(exc: BaseException) -> str:
    """SQLite's and the system's own words; neither quotes what was to be written."""
    words = exc.strerror if isinstance(exc, OSError) else str(exc)
    return " ".join((words or "").split())[:100]
