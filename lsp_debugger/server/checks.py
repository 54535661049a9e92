"""Checkers in an editor: run when a document is opened or saved, and shown where nobody else shows them.

What they find is known to hovers and code actions either way. It is published only while no other
server reports the findings of that tool: nothing is to stand in an editor twice.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types

from lsp_debugger.core.ask import Problem
from lsp_debugger.core.errors import LspDebuggerError
from lsp_debugger.core.text import Snapshot
from lsp_debugger.server.convert import diagnostic_from
from lsp_debugger.server.diagnostics import Finding
from lsp_debugger.server.documents import key_of

if TYPE_CHECKING:
    from lsp_debugger.checkers import Checked
    from lsp_debugger.server.desk import Desk
    from lsp_debugger.wiring import Session

_log = logging.getLogger(__name__)
PUBLISHER = "checker"  # ours in the store, whatever the tool
_QUIET_S = 0.3  # after the last save: editors save all documents at once
_SHOWN_AFTER_S = 2.0
_MAX_WAITING = 256


class Checks:
    """One run at a time; of several saves of a document only the last one counts."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._waiting: OrderedDict[str, str] = OrderedDict()  # uri by key
        self._running: asyncio.Task[None] | None = None
        self._published: dict[str, list[Problem]] = {}  # by uri, as they were found
        self._others: set[int] = set()  # tools that another server reports

    def wanted(self, snapshot: Snapshot) -> None:
        """A document was opened or saved. Returns at once; decides by itself whether anything is run."""
        session = self._desk.server.session
        if session is None or session.settings.checkers_run != "on_save" or snapshot.path is None:
            return
        self._waiting[key_of(snapshot.uri)] = snapshot.uri
        self._waiting.move_to_end(key_of(snapshot.uri))
        while len(self._waiting) > _MAX_WAITING:
            self._waiting.popitem(last=False)
        if self._running is None or self._running.done():
            self._running = self._desk.in_background(self._work())

    def closed(self, uri: str) -> None:
        """Nothing of ours stays behind."""
        self._waiting.pop(key_of(uri), None)
        if self._published.pop(uri, None):
            self._send(uri, None, [])

    def heard(self, findings: Iterable[Finding]) -> None:
        """What another server reports; from now on ours of the same tool is taken back."""
        if not self._published:
            return
        before = len(self._others)
        for finding in findings:
            if not self._is_ours(finding.problem):
                self._others.add(_tool_of(finding.problem))
        if len(self._others) > before:
            for uri, problems in list(self._published.items()):
                self._publish(uri, problems)

    def _is_ours(self, problem: Problem) -> bool:
        """Editors hand out everything that is published, our own included."""
        said = (problem.source, problem.code, problem.message)
        return any(
            (each.source, each.code, each.message) == said
            for problems in self._published.values()
            for each in problems
        )

    async def _work(self) -> None:
        await asyncio.sleep(_QUIET_S)
        while self._waiting:
            _, uri = self._waiting.popitem()
            snapshot, session = self._desk.server.documents.snapshot(uri), self._desk.server.session
            if snapshot is not None and session is not None:
                await self._check(session, snapshot)

    async def _check(self, session: Session, snapshot: Snapshot) -> None:
        assert snapshot.path is not None, "asked only for files"
        path = Path(snapshot.path)
        if not await asyncio.to_thread(session.trusts, path):
            return
        if not await asyncio.to_thread(_is_saved, session, snapshot):
            return
        run = asyncio.ensure_future(self._run(session, path))
        try:
            checked = await self._with_progress(run, path.name)
        except LspDebuggerError as error:
            _log.warning("not checked: %s", type(error).__name__)
            return
        finally:
            run.cancel()
        await asyncio.to_thread(import_module, "lsp_debugger.cards.families")
        for each in checked:
            if each.broken:
                _log.info("%s failed", each.checker)
        now = self._desk.server.documents.snapshot(snapshot.uri)
        # Tools have read the disk: of a text that has moved on meanwhile nothing is said.
        if now is not None and now.text == snapshot.text:
            self._found(now, [problem for each in checked for problem in each.problems])

    async def _run(self, session: Session, path: Path) -> list[Checked]:
        return await session.shown(await session.check(path))

    async def _with_progress(self, run: asyncio.Future[list[Checked]], name: str) -> list[Checked]:
        """The result; a run that takes long is shown as progress."""
        done, _ = await asyncio.wait({run}, timeout=_SHOWN_AFTER_S)
        if done or not self._desk.server.client.shows_progress:
            return await run
        token, editor = f"lspdbg-check-{id(run):x}", self._desk.editor
        if not await editor.create_progress(token):
            return await run
        editor.begin_progress(token, f"Checking {name}")
        try:
            return await run
        finally:
            editor.end_progress(token, "done")

    def _found(self, snapshot: Snapshot, problems: list[Problem]) -> None:
        store = self._desk.server.diagnostics
        store.publish(snapshot.uri, PUBLISHER, [Finding(problem) for problem in problems])
        self._publish(snapshot.uri, problems)

    def _publish(self, uri: str, problems: list[Problem]) -> None:
        snapshot = self._desk.server.documents.snapshot(uri)
        if snapshot is None:
            return
        self._learn(uri)
        shown = [each for each in problems if _tool_of(each) not in self._others]
        if shown or self._published.get(uri):
            self._published[uri] = problems
            encoding = self._desk.server.encoding
            self._send(uri, snapshot.version, [diagnostic_from(each, snapshot, encoding) for each in shown])

    def _learn(self, uri: str) -> None:
        """What others have said already, before there was anything of ours."""
        for finding in self._desk.server.diagnostics.of_others(uri, PUBLISHER):
            if not self._is_ours(finding.problem):
                self._others.add(_tool_of(finding.problem))

    def _send(self, uri: str, version: int | None, diagnostics: list[types.Diagnostic]) -> None:
        self._desk.server.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(uri=uri, diagnostics=diagnostics, version=version)
        )


def _tool_of(problem: Problem) -> int:
    """Equal for the same tool under its several names (`Ruff`, `ruff`; `Pyright`, `basedpyright`)."""
    from lsp_debugger.cards.families import family_of

    family = family_of(problem)
    return id(family) if family is not None else hash(problem.source.lower())


def _is_saved(session: Session, snapshot: Snapshot) -> bool:
    on_disk = session.workspace.on_disk(snapshot.path or "")
    return on_disk is not None and on_disk.text == snapshot.text
