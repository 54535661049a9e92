"""The server: one client, one session, one loop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.protocol import default_converter

from lsp_debugger import __version__
from lsp_debugger.server import lifecycle
from lsp_debugger.server.answers import Answers
from lsp_debugger.server.capabilities import NOTEBOOK_SYNC, ClientFacts
from lsp_debugger.server.convert import Encoding
from lsp_debugger.server.diagnostics import Diagnostics
from lsp_debugger.server.documents import Documents
from lsp_debugger.server.jobs import Jobs
from lsp_debugger.server.logs import fault_of, silence_pygls
from lsp_debugger.server.protocol import DebuggerProtocol
from lsp_debugger.server.streams import Inbox, StdinReader, StdoutWriter

if TYPE_CHECKING:
    from lsp_debugger.core.text import Snapshot
    from lsp_debugger.wiring import Session

_log = logging.getLogger(__name__)
# Everything of the way out together stays below lifecycle.LEAVE_WITHIN_S.
_CLOSE_TIMEOUT_S = 1.0

# Roots and the settings as the client sent them. Called in a thread: it reads files.
SessionFactory = Callable[[Sequence[Path], Mapping[str, Any] | None], "Session"]


class DebuggerServer(LanguageServer):
    """What handlers get as their first argument.

    session: None until `open_session`. encoding: of every position on the wire, from `initialize` on.
    """

    protocol: DebuggerProtocol  # pyright: ignore[reportIncompatibleVariableOverride]  # given just below

    def __init__(self, session_factory: SessionFactory | None = None) -> None:
        silence_pygls()
        super().__init__(  # pyright: ignore[reportUnknownMemberType]  # it passes *args on
            "lsp-debugger",
            __version__,
            types.TextDocumentSyncKind.Incremental,
            NOTEBOOK_SYNC,
            protocol_cls=DebuggerProtocol,
            converter_factory=default_converter,
        )
        self.session: Session | None = None
        self.encoding: Encoding = "utf-16"
        self.client = ClientFacts()
        self.documents = Documents()
        self.diagnostics = Diagnostics()
        self.answers = Answers()
        self.jobs = Jobs()
        self._session_factory = session_factory or _open_session
        self._left: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ending: Callable[[], None] = _nothing

    @property
    def exit_code(self) -> int:
        """LSP: 0 after `shutdown`, else 1."""
        return 0 if self.protocol.is_shut_down else 1

    def snapshot(self, uri: str) -> Snapshot | None:
        """The open document, notebook cells included, as it is now; None when it is not open."""
        return self.documents.snapshot(uri)

    async def open_session(self, roots: Sequence[Path], editor: Mapping[str, Any] | None) -> Session:
        """Open a session with these roots and settings in place of the one before.

        Raises StateUnavailable.
        """
        opened = await asyncio.to_thread(self._session_factory, roots, editor)
        before, self.session = self.session, opened
        if before is not None:
            await before.aclose()
        return opened

    def report_server_error(self, error: Exception, source: Any) -> None:  # noqa: ARG002 - pygls' signature
        """A log line. pygls would show the user a message that quotes whatever went wrong."""
        _log.error("pygls reports %s", fault_of(error))

    def serve(self, stdin: int, stdout: int, ending: Callable[[], None] = lambda: None) -> int:
        """Talk over two file descriptors until the client leaves; returns the exit code.

        ending: called as soon as the end is in sight, from any thread: the time to leave counts from there.
        """
        return asyncio.run(self._serve(stdin, stdout, ending))

    def leave(self, reason: str) -> None:
        """Begin to end. On the loop; any number of times."""
        self._ending()
        if self._left is not None and not self._left.is_set():
            _log.info("leaving: %s", reason)
            self._left.set()

    def watch_client(self, pid: int | None) -> None:
        """Leave when the client's process ends: a forgotten pipe end may keep our input open for ever."""
        if not lifecycle.watch_process(pid, lambda: self._leave_soon("the client's process has ended")):
            _log.info("the client's process is not watched: not named, or not visible from here")

    def _leave_soon(self, reason: str) -> None:
        """`leave` from any thread."""
        self._ending()
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.leave, reason)

    async def _serve(self, stdin: int, stdout: int, ending: Callable[[], None]) -> int:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(_report_lost)
        self._loop, self._left, self._ending = loop, asyncio.Event(), ending
        self._heed_signals(loop)
        writer = StdoutWriter(stdout, lambda: self._leave_soon("the client takes no output"))
        self.protocol.set_writer(writer)
        inbox = Inbox(loop, self.protocol.receive)
        StdinReader(stdin, inbox.put, ending).start()
        try:
            await self._left.wait()
        finally:
            inbox.close()
            await self._close()
            writer.close()
        return self.exit_code

    def _heed_signals(self, loop: asyncio.AbstractEventLoop) -> None:
        """Editors that lose patience send SIGTERM; children of ours would survive it.

        Not through the loop alone, which may be what hangs; but the loop's own handler first, since it has
        the loop woken up: a signal that arrives in another thread leaves the main one asleep in `select`,
        and Python's handlers run in the main one.
        """
        if threading.current_thread() is not threading.main_thread():
            return
        for name in ("SIGTERM", "SIGHUP", "SIGINT"):
            if (number := getattr(signal, name, None)) is not None:
                with contextlib.suppress(NotImplementedError):  # Windows, whose loop is woken up anyway
                    loop.add_signal_handler(number, _nothing)
                signal.signal(number, lambda number, _: self._leave_soon(f"received signal {number}"))

    async def _close(self) -> None:
        """End what runs and what it started, each with its share of the time."""
        closing = [self.jobs.aclose()]
        if self.session is not None:
            closing.append(self.session.aclose())
        tasks = [asyncio.ensure_future(each) for each in closing]
        _, slow = await asyncio.wait(tasks, timeout=_CLOSE_TIMEOUT_S)
        for task in tasks:
            if task in slow:
                _log.warning("closing took too long")
                task.cancel()
            elif not task.cancelled() and (error := task.exception()):
                _log.error("closing failed: %s", fault_of(error))


def create_server(session_factory: SessionFactory | None = None) -> DebuggerServer:
    """The server with all of its features. Nothing heavy is made before a session is opened."""
    from lsp_debugger.server import handlers

    server = DebuggerServer(session_factory)
    handlers.register(server)
    return server


def _open_session(roots: Sequence[Path], editor: Mapping[str, Any] | None) -> Session:
    from lsp_debugger.wiring import open_session

    return open_session(roots, editor)


def _report_lost(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Of tasks that nobody waits for. asyncio's own message shows the exception's words."""
    error = context.get("exception")
    _log.error("lost: %s", fault_of(error) if isinstance(error, BaseException) else "an unnamed failure")


def _nothing() -> None: ...
