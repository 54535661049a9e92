"""What every handler works with: the stores, the client, and the session once it is open."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Coroutine, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from lsp_debugger.core.errors import LspDebuggerError, StateUnavailable
from lsp_debugger.core.text import Snapshot
from lsp_debugger.server import presence
from lsp_debugger.server.capabilities import usable_roots
from lsp_debugger.server.convert import path_from
from lsp_debugger.server.diagnostics import Finding, finding_of
from lsp_debugger.server.documents import key_of
from lsp_debugger.server.editor import LspEditor
from lsp_debugger.server.logs import fault_of
from lsp_debugger.server.params import ForeignDiagnostics

if TYPE_CHECKING:
    from lsp_debugger.server.app import DebuggerServer
    from lsp_debugger.server.checks import Checks
    from lsp_debugger.server.feedback import Feedback
    from lsp_debugger.server.indexing import Indexing
    from lsp_debugger.server.offers import Offer, Offers
    from lsp_debugger.server.questions import Asker
    from lsp_debugger.server.shelf import Shelf
    from lsp_debugger.wiring import Session

_log = logging.getLogger(__name__)
_OPEN_TIMEOUT_S = 10.0
_MAX_EARLY = 256  # documents


class Desk:
    """One per server. folders and settings: as the client gave them last; roots: the folders that count."""

    def __init__(self, server: DebuggerServer) -> None:
        self.server = server
        self.editor = LspEditor(server)
        self.folders: tuple[str, ...] = ()
        self.roots: tuple[str, ...] = ()
        self.settings: Mapping[str, Any] = {}
        self._early: OrderedDict[str, ForeignDiagnostics] = OrderedDict()
        self._opening: asyncio.Task[Session] | None = None
        self._background: set[asyncio.Task[Any]] = set()

    @cached_property
    def shelf(self) -> Shelf:
        from lsp_debugger.server.shelf import Shelf

        return Shelf()

    @cached_property
    def offers(self) -> Offers:
        from lsp_debugger.server.offers import Offers

        return Offers()

    @cached_property
    def feedback(self) -> Feedback:
        from lsp_debugger.server.feedback import Feedback

        return Feedback(self.server.documents.snapshot, self._fared)

    def _fared(self, outcome: str, offer: Offer, after_s: int, kept: float) -> None:
        session = self.server.session
        if session is not None:
            verdict = offer.candidate.verdict
            self.in_background(asyncio.to_thread(session.fix_fared, outcome, verdict, after_s, kept))

    @cached_property
    def indexing(self) -> Indexing:
        from lsp_debugger.server.indexing import Indexing

        return Indexing(self)

    @cached_property
    def checks(self) -> Checks:
        from lsp_debugger.server.checks import Checks

        return Checks(self)

    def asker(self) -> Asker:
        from lsp_debugger.server.questions import Asker

        server = self.server
        return Asker(self.editor, server.client, server.answers, server.documents, self.in_background)

    def folders_changed(self, folders: tuple[str, ...]) -> None:
        import tempfile  # not before `initialize` is answered

        self.folders = folders
        self.roots = usable_roots(folders, str(Path.home()), tempfile.gettempdir())

    @property
    def has_offered(self) -> bool:
        """Whether a checked fix was ever offered; before that nothing of it is imported."""
        return "feedback" in self.__dict__

    @property
    def has_opened(self) -> bool:
        """Whether a session was ever begun."""
        return self._opening is not None

    def open(self) -> None:
        """Open a session with the roots and settings of now, in the background, in place of an older one."""
        before = self._opening
        self._opening = self.in_background(self._open(before))

    async def session(self) -> Session:
        """The session, once it is open. Raises StateUnavailable; the next call tries again."""
        if self._opening is None or (self._opening.done() and self.server.session is None):
            self.open()
        assert self._opening is not None, "open sets it"
        try:
            return await asyncio.wait_for(asyncio.shield(self._opening), _OPEN_TIMEOUT_S)
        except TimeoutError:
            raise StateUnavailable("the server is still starting", "try again in a moment") from None

    async def _open(self, before: asyncio.Task[Session] | None) -> Session:
        if before is not None:
            await asyncio.wait([before])
            await self.server.jobs.stop_all("the server started afresh")
            await self.shelf.clear()
            self.offers.clear()
        try:
            session = await self.server.open_session([Path(root) for root in self.roots], dict(self.settings))
        except LspDebuggerError as error:
            _log.error("no session: %s", error)
            raise
        if not self.server.client.watches_files:
            session.watch_files()
        session.findings_known_by(self.server.diagnostics.elsewhere)
        session.index_watched_by(self.indexing.report)
        for snapshot in self.server.documents:
            session.opened(snapshot)
            self.checks.wanted(snapshot)
        # A problem may have come before there was a session; some want the model loaded without any.
        if self.server.diagnostics or session.settings.model_preload == "start":
            session.problem_seen()
        await asyncio.to_thread(self._keep_answers, session)
        await asyncio.to_thread(presence.remember, session.state, self.server.client)
        return session

    def _keep_answers(self, session: Session) -> None:
        try:
            self.server.answers.keep_in(session.state)
        except StateUnavailable as error:
            _log.warning("answers are shown but not kept: %s", error)

    def hold(self, given: ForeignDiagnostics) -> None:
        """Keep findings about a document that is not open yet; the last ones count."""
        self._early[key_of(given.uri)] = given
        self._early.move_to_end(key_of(given.uri))
        while len(self._early) > _MAX_EARLY:
            self._early.popitem(last=False)

    def held(self, uri: str) -> ForeignDiagnostics | None:
        return self._early.pop(key_of(uri), None)

    def read_diagnostic(self, diagnostic: types.Diagnostic, version: int | None, now: Snapshot) -> Finding:
        """A diagnostic of document version `version`, as a finding in `now`.

        Of a version that is not remembered it is taken as it stands, and as stale.
        """
        encoding = self.server.encoding
        if version is None or version == now.version:
            return finding_of(diagnostic, now, encoding)
        since = self.server.documents.since(now.uri, version)
        if since is None:
            return finding_of(diagnostic, now, encoding).as_stale()
        before, edits = since
        return finding_of(diagnostic, before, encoding, edits, now=now)

    async def read(self, uri: str) -> Snapshot | None:
        """A document that is not open, from the disk, where the session lets it be read."""
        path = path_from(uri)
        if path is None:
            return None
        session = await self.session()
        found = await asyncio.to_thread(session.workspace.read, path)
        # By the client's own name for it, which its later requests will use.
        return Snapshot(uri, found.text, None, found.path, found.language_id) if found else None

    def root_of(self, snapshot: Snapshot) -> str | None:
        """The deepest workspace folder that holds the document."""
        if snapshot.path is None:
            return None
        holding = [root for root in self.roots if Path(snapshot.path).is_relative_to(root)]
        return max(holding, key=len, default=None)

    def in_background(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run `work` without anybody waiting; what it raises is a log line."""
        task = asyncio.get_running_loop().create_task(work)
        self._background.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._background.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.warning("in the background: %s", fault_of(error))
