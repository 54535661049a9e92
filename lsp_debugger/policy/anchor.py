"""An acknowledgement from outside: a file on storage that others look after, perhaps one that only appends.

A line for each acknowledged record: who (the public key), its number, its hash, our signature.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from lsp_debugger.core.errors import AuditUnavailable
from lsp_debugger.policy.signing import CHECKPOINT, verified

if TYPE_CHECKING:
    from lsp_debugger.policy.audit import Audit

_MAX_TAIL_BYTES = 256 * 1024


def acknowledge(audit: Audit, anchor: Path) -> int:
    """Put the log's last record on the anchor and read it back; returns its number.

    Raises AuditUnavailable when the anchor does not hold it afterwards.
    """
    seq, digest = audit.head()
    line = {
        "install": audit.public_key,
        "seq": seq,
        "hash": digest.hex(),
        "signature": audit.sign(seq, digest),
    }
    try:
        descriptor = os.open(anchor, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(json.dumps(line, sort_keys=True).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as exc:
        raise AuditUnavailable(
            f"the anchor cannot be written ({type(exc).__name__})", f"make {anchor} writable"
        ) from exc
    if last_anchored(anchor, audit.public_key) != (seq, digest):
        raise AuditUnavailable("the anchor did not keep the record", f"look at {anchor}")
    return seq


def last_anchored(anchor: Path, public_key: str) -> tuple[int, bytes] | None:
    """Number and hash of the last record of this installation that the anchor holds.

    Raises AuditUnavailable when it cannot be read. Lines of others, and broken ones, are passed over.
    """
    try:
        with anchor.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _MAX_TAIL_BYTES))
            lines = file.read().splitlines()
    except FileNotFoundError:
        return None
    except OSError as exc:
        raise AuditUnavailable(
            f"the anchor cannot be read ({type(exc).__name__})", f"look at {anchor}"
        ) from exc
    for line in reversed(lines):
        try:
            said = json.loads(line)
            seq, digest = int(said["seq"]), bytes.fromhex(said["hash"])
            is_ours = said["install"] == public_key and verified(
                (public_key,), CHECKPOINT, b"%d|%b" % (seq, digest), said["signature"]
            )
        except (ValueError, KeyError, TypeError):
            continue
        if is_ours:
            return seq, digest
    return None
