"""A model's fix, from command to edit: checked before it is shown, and for the text of now or not at all."""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lsprotocol import types

from lsp_debugger.core.ask import Problem
from lsp_debugger.core.events import Phase
from lsp_debugger.core.markdown import shortened
from lsp_debugger.core.text import Snapshot
from lsp_debugger.server import moves, previews
from lsp_debugger.server.edits import (
    FileChange,
    Note,
    closed_are_current,
    file_changes,
    open_are_current,
    workspace_edit,
)
from lsp_debugger.server.jobs import Job, Progress
from lsp_debugger.server.logs import fault_of
from lsp_debugger.server.offers import TITLE_CHARS, Offer, offer_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from lsp_debugger.fixing import Fixes
    from lsp_debugger.server.desk import Desk
    from lsp_debugger.wiring import Session

    Steps = AsyncGenerator[Phase | Fixes, None]

_log = logging.getLogger(__name__)
APPLY, NO = "Apply", "No"
_TIMEOUT_S = 180.0
_MAX_MOVES = 3  # to a text that was typed on meanwhile; each is checked anew
_MAX_LOOKS = 3  # at files of which one was opened, closed or typed in meanwhile
STALE = "The document has changed since the fix was checked: ask again."
UNTAKEN = "This editor cannot create or remove files for the fix: `lsp-debugger fix` can."


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be fixed, in which text. name: what a title begins with. doing: for the progress.

    is_fix: it takes the problem away, and so can be offered at its line.
    """

    problem: Problem
    snapshot: Snapshot
    name: str = "Fix"
    doing: str = "fixing"
    is_fix: bool = True


async def fix(desk: Desk, session: Session, wanted: Wanted, steps: Steps, job: Job) -> None:
    """Ask, check, and offer the best that holds. What does not work is one line, in reply to the command."""
    title = f"lsp_debugger: {wanted.doing} {wanted.problem.label}"
    progress = Progress(desk.editor, job.token, title, is_offered=desk.server.client.shows_progress)
    said = "failed, the log says where"
    try:
        fixes = await _found(steps, progress)
        job.is_settled = True
        said = await _offered(desk, session, wanted, fixes)
    except asyncio.CancelledError:
        said = f"stopped: {job.stopped_because}"
    except Exception as error:  # noqa: BLE001 - one line for the user, the type for the log
        _log.error("fix %s failed: %s", job.id, fault_of(error))
        desk.editor.message(f"{title} {said}")
    await progress.end(shortened(said, TITLE_CHARS))


async def _found(steps: Steps, progress: Progress) -> Fixes:
    async with aclosing(steps):
        async for step in steps:
            if not isinstance(step, Phase):
                return step
            progress.report(step.name)
    raise AssertionError("every run ends with fixes")


async def _offered(desk: Desk, session: Session, wanted: Wanted, fixes: Fixes) -> str:
    """What became of it, in a line."""
    root = session.workspace.root_of(wanted.snapshot.path)
    if not fixes.candidates or root is None:
        why = session.masked("; ".join(fixes.reasons)) or "the model gave nothing usable"
        none = f"no {wanted.name.split()[0].lower()} that holds"
        said = f"{none.capitalize()}: {why}. {fixes.hint}".strip()
        desk.editor.message(shortened(said, 2 * TITLE_CHARS))
        return none
    best = fixes.candidates[0]
    offer = await offer_of(session, best, wanted.problem, wanted.snapshot, root, wanted.name)
    return await taken(desk, session, desk.offers.keep(offer) if wanted.is_fix else offer)


async def taken(desk: Desk, session: Session, offer: Offer) -> str:
    """Have the editor apply it, after a question where not all was checked; what became of it, in a line."""
    desk.feedback.offered(offer)
    if offer.needs_yes and not desk.server.client.confirms_edits:
        await previews.show(desk, session, offer)
        why = "It may break its callers" if offer.callers.is_breaking else "Not everything could be checked"
        question = f"{offer.title}. {why}. Apply it?"
        if await desk.editor.ask(question, (APPLY, NO), _TIMEOUT_S) != APPLY:
            desk.feedback.rejected(offer)
            return "not applied"
    for _ in range(_MAX_MOVES):
        edit = await edit_of_now(desk, session, offer)
        if edit != STALE:
            # From here to the editor nothing is waited for: what is true of its documents goes with the edit.
            return await _applied(desk, offer, edit)
        moved = await moves.moved(desk, session, offer)
        if moved is None:
            break
        offer = moved
        desk.feedback.offered(offer)
    desk.offers.drop(offer)
    desk.editor.message(STALE)
    return "the document has changed meanwhile"


async def edit_of_now(desk: Desk, session: Session, offer: Offer) -> types.WorkspaceEdit | str:
    """The edit of a checked fix, for the files as they are at the moment of the return; else why there is
    none, STALE when one of them is not what was checked any more.
    """
    server, candidate = desk.server, offer.candidate
    note = Note(offer.title, offer.side_effects, needs_yes=offer.needs_yes)

    def now() -> list[FileChange]:
        return file_changes(candidate.applied.new_texts, candidate.before, offer.root, server.documents)

    for _ in range(_MAX_LOOKS):
        changes = now()
        if not open_are_current(changes, server.documents):
            return STALE
        if not await asyncio.to_thread(closed_are_current, changes, session.workspace.on_disk):
            return STALE
        edit = await asyncio.to_thread(workspace_edit, changes, server.client, server.encoding, note)
        if changes == now() and open_are_current(changes, server.documents):
            return edit if edit is not None else UNTAKEN
    return STALE


async def _applied(desk: Desk, offer: Offer, edit: types.WorkspaceEdit | str) -> str:
    if isinstance(edit, str):
        desk.editor.message(edit)
        return "the editor cannot apply it"
    if await desk.editor.apply(edit, offer.title):
        return offer.title
    desk.feedback.rejected(offer)
    return "the editor did not apply it"
