"""A failing test made small, from command to document. No model; nothing of the user's is changed."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lsp_debugger.core.ask import Problem
from lsp_debugger.core.markdown import shortened
from lsp_debugger.core.text import Snapshot
from lsp_debugger.features.reduction import shown
from lsp_debugger.server.answers import AnswerDocument
from lsp_debugger.server.jobs import Job, Progress
from lsp_debugger.server.logs import fault_of
from lsp_debugger.server.previews import opened, written

if TYPE_CHECKING:
    from lsp_debugger.server.desk import Desk
    from lsp_debugger.verify.reduction import Reduced
    from lsp_debugger.wiring import Session

_log = logging.getLogger(__name__)
LIMIT_S = 60.0
_LATER = "lspDebugger.lastAnswer shows it"
_SAID_CHARS = 160


@dataclass(frozen=True, slots=True)
class Wanted:
    """problem: what the document is about. name: of the test in `path`, as pytest has it."""

    problem: Problem
    snapshot: Snapshot
    path: Path
    name: str


async def reduce(desk: Desk, session: Session, wanted: Wanted, job: Job) -> None:
    """Reduce, and open what came of it. Why nothing did is one line, in reply to the command."""
    title = f"lsp_debugger: making {wanted.name} smaller"
    progress = Progress(desk.editor, job.token, title, is_offered=desk.server.client.shows_progress)
    progress.report(f"running it again and again, for up to {LIMIT_S:.0f} s")
    edits_seen, said = desk.server.documents.edits_seen, "failed, the log says where"
    try:
        reduced = await session.repairs.tests.reduced(wanted.path, wanted.name, LIMIT_S)
        job.is_settled = True
        if isinstance(reduced, str):
            said = shortened(session.masked(reduced), _SAID_CHARS)
            desk.editor.message(f"Not reduced: {said}")
        else:
            document = await _document(desk, session, wanted, reduced, job.id)
            # Nobody wants a window to open under their typing.
            is_quiet = desk.server.documents.edits_seen == edits_seen
            is_open = is_quiet and await opened(desk, document)
            said = "ready" if is_open else f"ready; {_LATER}"
    except asyncio.CancelledError:
        said = f"stopped: {job.stopped_because}"
    except Exception as error:  # noqa: BLE001 - one line for the user, the type for the log
        _log.error("reduction %s failed: %s", job.id, fault_of(error))
        desk.editor.message(f"{title} {said}")
    await progress.end(said)


async def _document(
    desk: Desk, session: Session, wanted: Wanted, reduced: Reduced, answer_id: str
) -> AnswerDocument:
    root = session.workspace.root_of(str(wanted.path))
    file = wanted.path.relative_to(root).as_posix() if root is not None else wanted.path.name
    text = shown(f"{file}::{wanted.name}", reduced.source, reduced.failure, reduced.how)
    place = str(root) if root is not None else None
    document = AnswerDocument(
        answer_id,
        wanted.problem,
        wanted.snapshot.version,
        place,
        about=wanted.snapshot.uri,
        kind="Reduce",
    )
    await written(desk, session, document, text)
    desk.server.answers.last_id = answer_id
    return document
