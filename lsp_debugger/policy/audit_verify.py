"""Whether an audit log is as it was written, for somebody who does not take our word."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsp_debugger.core.errors import AuditUnavailable
from lsp_debugger.policy.anchor import last_anchored
from lsp_debugger.policy.audit import Audit
from lsp_debugger.policy.chain import GENESIS, chain_hash, connected
from lsp_debugger.policy.signing import CHECKPOINT, verified

if TYPE_CHECKING:
    import sqlite3

OK, BROKEN, TRUNCATED, GAP = range(4)


@dataclass(frozen=True, slots=True)
class Verdict:
    """code: OK, BROKEN, TRUNCATED or GAP, which is also the exit status. at: the first wrong record.

    unfinished: records of requests that were begun and whose outcome is not on record: they may have left.
    """

    code: int
    said: str
    at: int | None = None
    records: int = 0
    unfinished: tuple[int, ...] = ()


def verify(audit: Audit, anchor: Path | None = None) -> Verdict:
    """Read the whole log. anchor: also compare with what was acknowledged there.

    Raises AuditUnavailable when the log is there and cannot be looked at.
    """
    import sqlite3

    if not audit.path.exists():
        if anchor is not None and (known := last_anchored(anchor, audit.public_key)):
            return Verdict(TRUNCATED, f"there is no log; the anchor knows {known[0]} records")
        return Verdict(OK, "there is no log yet: nothing was decided and nothing was sent")
    try:
        with closing(connected(audit.path)) as connection:
            return _Log(connection, audit.public_key).verdict(anchor)
    except sqlite3.DatabaseError as exc:
        if isinstance(exc, sqlite3.OperationalError) and "no such table" not in str(exc):
            raise AuditUnavailable(f"the audit log cannot be read ({exc})", "try again") from exc
        return Verdict(BROKEN, "the file cannot be read as a log", 1)


class _Log:
    def __init__(self, connection: sqlite3.Connection, public_key: str) -> None:
        self._connection = connection
        self._key = public_key
        self._hashes: dict[int, bytes] = {}
        self._signed = 0
        self._begun: dict[str, int] = {}

    def verdict(self, anchor: Path | None) -> Verdict:
        segments = self._segments()
        if isinstance(segments, Verdict):
            return segments
        start, previous = segments
        end = self._chain(start, previous)
        if isinstance(end, Verdict):
            return end
        if anchor is not None and (cut := self._against(anchor, end)) is not None:
            return cut
        signed = f"signed up to record {self._signed}" if self._signed else "nothing signed yet"
        against = "tamper-evident against others, not against its owner: that takes an anchor"
        if anchor is not None:
            against = "and the anchor agrees"
        said = f"{end - start} records, {signed}; {against}{_unfinished(self._begun)}"
        return Verdict(OK, said, records=end - start, unfinished=tuple(self._begun.values()))

    def _chain(self, start: int, previous: bytes) -> int | Verdict:
        """The number after the last record."""
        expected = start
        for seq, prev, body, digest in self._rows():
            if expected == start and seq > expected:
                return Verdict(GAP, f"records {expected} to {seq - 1} are missing", expected)
            if seq != expected or prev != previous or chain_hash(seq, prev, body) != digest:
                return Verdict(BROKEN, f"record {expected} is not as it was written", expected)
            self._hashes[seq] = digest
            record = json.loads(body)
            if (wrong := self._checkpoint(seq, record)) is not None:
                return wrong
            self._pair(seq, record)
            expected, previous = seq + 1, digest
        # AUTOINCREMENT remembers the highest number ever given out: a cut tail shows.
        given = self._connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'records'").fetchone()
        if given is not None and given[0] >= expected:
            return Verdict(BROKEN, f"record {expected} and those after it are gone", expected)
        return expected

    def _rows(self) -> Iterator[tuple[int, bytes, str, bytes]]:
        yield from self._connection.execute("SELECT seq, prev, body, hash FROM records ORDER BY seq")

    def _segments(self) -> tuple[int, bytes] | Verdict:
        """Number of the first record that is still here, and the hash before it."""
        expected, previous = 1, GENESIS
        rows = self._connection.execute(
            "SELECT first, last, last_hash, signature FROM segments ORDER BY first"
        ).fetchall()
        for first, last, last_hash, signature in rows:
            if first != expected:
                return Verdict(
                    GAP, f"the segment with records {expected} to {first - 1} is missing", expected
                )
            if not verified((self._key,), CHECKPOINT, b"%d|%b" % (last, last_hash), signature):
                return Verdict(BROKEN, f"the segment that ends with record {last} is not signed by us", first)
            expected, previous = last + 1, last_hash
        return expected, previous

    def _pair(self, seq: int, record: dict[str, Any]) -> None:
        """An intent with its outcome. A process that was killed in between leaves one without the other."""
        if record.get("kind") == "egress_intent":
            self._begun[str(record.get("request_id"))] = seq
        elif record.get("kind") == "egress_outcome":
            self._begun.pop(str(record.get("request_id")), None)

    def _checkpoint(self, seq: int, record: dict[str, Any]) -> Verdict | None:
        if record.get("kind") != "checkpoint":
            return None
        signed, digest = record["signed_seq"], bytes.fromhex(record["signed_hash"])
        is_ours = verified((self._key,), CHECKPOINT, b"%d|%b" % (signed, digest), record["signature"])
        if not is_ours or self._hashes.get(signed, digest) != digest:
            return Verdict(BROKEN, f"the checkpoint in record {seq} is not signed by this installation", seq)
        self._signed = signed
        return None

    def _against(self, anchor: Path, expected: int) -> Verdict | None:
        known = last_anchored(anchor, self._key)
        if known is None:
            return Verdict(TRUNCATED, "the anchor knows nothing of this log")
        seq, digest = known
        if seq >= expected:
            return Verdict(
                TRUNCATED, f"the anchor knows {seq} records, the log ends at {expected - 1}", expected
            )
        if self._hashes.get(seq, digest) != digest:
            return Verdict(TRUNCATED, f"record {seq} is another one than the anchor knows", seq)
        return None


def _unfinished(begun: dict[str, int]) -> str:
    """For the end of a line; nothing when every request has its outcome."""
    if not begun:
        return ""
    shown = ", ".join(map(str, list(begun.values())[:5])) + (", …" if len(begun) > 5 else "")
    return f"; no outcome on record for the requests of {shown}: under way, or interrupted"
