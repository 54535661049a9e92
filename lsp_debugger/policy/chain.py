"""The chain on disk: one SQLite table, each record hashed together with the one before it.

hash = SHA-256(0x00 | seq | previous hash | body)
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3  # at run time imported late: 5 ms, and only needed with the first record

BUSY_TIMEOUT_S = 2.0
GENESIS = bytes(32)

Value = str | int | bool | None | list["Value"] | dict[str, "Value"]
Body = Mapping[str, Value]

SCHEMA = """
CREATE TABLE IF NOT EXISTS records (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, prev BLOB NOT NULL, body TEXT NOT NULL, hash BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS segments (
  first INTEGER PRIMARY KEY, last INTEGER NOT NULL, last_hash BLOB NOT NULL, first_at TEXT NOT NULL,
  last_at TEXT NOT NULL, signature TEXT NOT NULL);
CREATE TRIGGER IF NOT EXISTS no_update BEFORE UPDATE ON records
  BEGIN SELECT RAISE(ABORT, 'append only'); END;
"""
NO_DELETE = """CREATE TRIGGER IF NOT EXISTS no_delete BEFORE DELETE ON records
  BEGIN SELECT RAISE(ABORT, 'append only'); END"""


def chain_hash(seq: int, previous: bytes, body: str) -> bytes:
    return hashlib.sha256(b"\0%d|%b|%b" % (seq, previous, body.encode("utf-8"))).digest()


def canonical(body: Body) -> str:
    """JSON with one spelling: sorted keys, no spaces, ASCII, no floats."""
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def insert(
    connection: sqlite3.Connection, run_id: str, kind: str, body: Body, *, only_first: bool = False
) -> int:
    """Append one record and return its number. only_first: nothing, if there is a record already."""
    # IMMEDIATE: two processes must not both read the same last record.
    connection.execute("BEGIN IMMEDIATE")
    try:
        last = last_record(connection) or last_of_segments(connection)
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


def last_record(connection: sqlite3.Connection) -> tuple[int, bytes] | None:
    return connection.execute("SELECT seq, hash FROM records ORDER BY seq DESC LIMIT 1").fetchone()


def last_of_segments(connection: sqlite3.Connection) -> tuple[int, bytes] | None:
    return connection.execute("SELECT last, last_hash FROM segments ORDER BY last DESC LIMIT 1").fetchone()


def connected(path: Path) -> sqlite3.Connection:
    import sqlite3

    # Autocommit: transactions are written out. Threads take turns under the lock of Audit.
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA trusted_schema=OFF")
    return connection


def touch_private(path: Path) -> None:
    """Make the file before SQLite does, readable by its owner alone; its companions inherit the mode."""
    flags = os.O_CREAT | os.O_RDWR | getattr(os, "O_NOFOLLOW", 0)
    os.close(os.open(path, flags, 0o600))
    if os.name == "posix":
        path.chmod(0o600)


def is_corrupt(exc: sqlite3.DatabaseError) -> bool:
    import sqlite3

    code = getattr(exc, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
