"""Tables that could not be read, put away under another name for whoever wants to know why."""

from __future__ import annotations

import contextlib
import shutil
import time
from pathlib import Path

from lsp_debugger.index.tables import TABLE_NAME, translated

QUARANTINE_PREFIX = "quarantined-"


def quarantine(directory: Path) -> None:
    """Put the table out of the way under a name that tells when; the next open makes a new one."""
    with contextlib.suppress(FileNotFoundError), translated("a broken index cannot be renamed"):
        table = directory / f"{TABLE_NAME}.lance"
        table.rename(directory / f"{QUARANTINE_PREFIX}{time.time_ns()}")


def remove_quarantined(directory: Path, keep: int) -> None:
    """Delete all but the newest `keep`; each may be as big as the table."""
    found = sorted(directory.glob(f"{QUARANTINE_PREFIX}*"))
    for old in found[: len(found) - keep]:
        shutil.rmtree(old, ignore_errors=True)
