"""The server's log: a rotating file, stderr for warnings, `$/logTrace` for a client that asks.

No record holds text of the user's. Our own messages promise that; whatever cannot promise it (other
libraries' messages, exceptions, tracebacks) is reduced to types, files and lines before it is written.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from lsp_debugger.core.errors import LspDebuggerError

PACKAGE = __name__.partition(".")[0]
# What was received and sent, without parameters; only a client that set `$/setTrace` hears it.
TRAFFIC = logging.getLogger(f"{PACKAGE}.traffic")
SILENT = logging.CRITICAL + 1

_PACKAGE_DIRECTORY = str(Path(__file__).resolve().parent.parent) + os.sep
_MAX_LINE_CHARS = 2000
_BACKLOG_RECORDS = 500
# Some clients never read stderr. A full pipe would block us, so that much and no more is written.
_STDERR_CHARS = 16 * 1024
_FRAMES = 4


def fault_of(error: BaseException) -> str:
    """An exception without its words: its type and where in our code it came from, innermost first."""
    places, trace = list[str](), error.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if name.startswith(_PACKAGE_DIRECTORY):
            places.append(f"{name.removeprefix(_PACKAGE_DIRECTORY)}:{trace.tb_lineno}")
        trace = trace.tb_next
    where = " < ".join(reversed(places[-_FRAMES:]))
    return f"{type(error).__name__} at {where}" if where else type(error).__name__


class TextlessFormatter(logging.Formatter):
    """Time, level, logger and message; of exceptions the type and our frames only."""

    converter = time.gmtime
    default_msec_format = "%s.%03dZ"

    def format(self, record: logging.LogRecord) -> str:
        line = f"{self.formatTime(record)} {record.levelname} {record.name}: {textless(record)}"
        return line.replace("\n", " ").replace("\r", " ")[:_MAX_LINE_CHARS]


def textless(record: logging.LogRecord) -> str:
    """The record's message if it is ours, else only where it was written; with the exception's place."""
    if record.name == PACKAGE or record.name.startswith(f"{PACKAGE}."):
        said = _message_of(record)
    else:
        said = f"a message from {record.filename}:{record.lineno}"
    error = record.exc_info[1] if record.exc_info else None
    return f"{said} [{fault_of(error)}]" if error else said


class Logs:
    """The process's logging, from `install` to `close`.

    Until a file is opened, which needs a state directory and so the settings, the last records wait.
    """

    def __init__(self, stderr: TextIO | None = None) -> None:
        self._root = logging.getLogger()
        self._formatter = TextlessFormatter()
        self._backlog: deque[logging.LogRecord] = deque(maxlen=_BACKLOG_RECORDS)
        self._stderr = _Stderr(stderr or sys.stderr)
        self._waiting = _Backlog(self._backlog)
        self._file: logging.FileHandler | None = None
        self._before: tuple[int, list[logging.Handler]] | None = None

    def install(self) -> None:
        """Take over the root logger, and silence pygls, whose records hold whole documents."""
        self._before = self._root.level, list(self._root.handlers)
        self._stderr.setFormatter(self._formatter)
        self._root.handlers[:] = [self._stderr, self._waiting]
        self._root.setLevel(logging.WARNING)
        logging.getLogger(PACKAGE).setLevel(logging.INFO)
        silence_pygls()

    def open(self, path: Path) -> None:
        """Write to `path` from now on, and what has waited first. Without a file we go on as we are."""
        from lsp_debugger.server.logfile import LogFile

        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            opened = LogFile(path)
        except OSError as error:
            logging.getLogger(__name__).warning("no log file: %s", type(error).__name__)
            return
        opened.setFormatter(self._formatter)
        self._close_file()
        self._file = opened
        self._root.addHandler(opened)
        self._root.removeHandler(self._waiting)
        while self._backlog:
            opened.handle(self._backlog.popleft())

    def close(self) -> None:
        self._close_file()
        if self._before is not None:
            level, self._root.handlers[:] = self._before
            self._root.setLevel(level)
            self._before = None

    def _close_file(self) -> None:
        if self._file is not None:
            self._root.removeHandler(self._file)
            self._file.close()
            self._file = None


class Tracer(logging.Handler):
    """Hands records to `send` while the client wants them: `messages` is traffic, `verbose` everything."""

    def __init__(self, send: Callable[[str], None]) -> None:
        super().__init__(logging.DEBUG)
        self._send = send
        self._package = logging.getLogger(PACKAGE)
        self._level_before: int | None = None
        self._busy = False

    def set(self, value: str) -> None:
        """value: LSP's off, messages or verbose."""
        self._package.removeHandler(self)
        TRAFFIC.removeHandler(self)
        if self._level_before is not None:
            self._package.setLevel(self._level_before)
            self._level_before = None
        TRAFFIC.setLevel(logging.NOTSET if value == "off" else logging.DEBUG)
        # Traffic is for the tracing client: it would only push other lines out of the file.
        TRAFFIC.propagate = value == "verbose"
        if value == "messages":
            TRAFFIC.addHandler(self)
        elif value == "verbose":
            self._level_before = self._package.level
            self._package.setLevel(logging.DEBUG)
            self._package.addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        if self._busy:  # sending the trace is no news
            return
        self._busy = True
        try:
            self._send(textless(record)[:_MAX_LINE_CHARS])
        except Exception:  # noqa: BLE001 - a trace that cannot be sent disturbs nobody
            self.handleError(record)
        finally:
            self._busy = False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        pass  # the standard one prints a traceback to stderr


def silence_pygls() -> None:
    """It logs whole messages, in both directions and in tracebacks; the protocol's own records replace it."""
    logging.getLogger("pygls").setLevel(SILENT)


class _Stderr(logging.Handler):
    def __init__(self, stream: TextIO) -> None:
        super().__init__(logging.WARNING)
        self._stream = stream
        self._left_chars = _STDERR_CHARS

    def emit(self, record: logging.LogRecord) -> None:
        line = self.format(record)
        self._left_chars -= len(line) + 1
        if self._left_chars > 0:
            with contextlib.suppress(OSError, ValueError):
                self._stream.write(f"{line}\n")
                self._stream.flush()


class _Backlog(logging.Handler):
    def __init__(self, records: deque[logging.LogRecord]) -> None:
        super().__init__()
        self._records = records

    def emit(self, record: logging.LogRecord) -> None:
        self._records.append(record)


def _message_of(record: logging.LogRecord) -> str:
    arguments = record.args
    if isinstance(arguments, tuple):
        record = logging.makeLogRecord({**record.__dict__, "args": tuple(map(_safe, arguments))})
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):
        return f"a message that cannot be formatted, from {record.filename}:{record.lineno}"


def _safe(argument: object) -> object:
    """Our own exceptions hold no source text; any other may quote what it could not read."""
    if isinstance(argument, BaseException) and not isinstance(argument, LspDebuggerError):
        return fault_of(argument)
    return argument
