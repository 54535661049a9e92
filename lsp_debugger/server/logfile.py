"""The log file. Apart, because the standard handler imports pickle, and the first reply comes before that."""

from __future__ import annotations

import contextlib
import logging
import os
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

_MAX_FILE_BYTES = 1024 * 1024
_OLD_FILES = 3


class LogFile(RotatingFileHandler):
    """Private to the user, and quiet when the disk is full or another server has renamed it."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=_MAX_FILE_BYTES, backupCount=_OLD_FILES, encoding="utf-8")

    def _open(self) -> TextIOWrapper:
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        return os.fdopen(descriptor, "a", encoding=self.encoding, errors="backslashreplace")

    def doRollover(self) -> None:  # noqa: N802 - logging's name
        # Windows refuses to rename what another server has open: then this file grows until it can.
        with contextlib.suppress(OSError):
            super().doRollover()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        pass
