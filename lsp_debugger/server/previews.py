"""The document that shows a fix before it is applied or run, for editors that cannot ask about an edit."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from lsp_debugger.core.ask import Problem
from lsp_debugger.core.patch import Applied
from lsp_debugger.core.text import Snapshot
from lsp_debugger.features.fix import change_words
from lsp_debugger.features.preview import Shown, preview, unified_diff
from lsp_debugger.server.answers import AnswerDocument
from lsp_debugger.server.offers import Offer
from lsp_debugger.server.surfaces import surface_for
from lsp_debugger.verify.silencing import silences
from lsp_debugger.verify.written_secrets import written_secrets

if TYPE_CHECKING:
    from lsp_debugger.server.desk import Desk
    from lsp_debugger.wiring import Session

RUN_ONCE, NO = "Run once", "No"
_TIMEOUT_S = 180.0


async def show(desk: Desk, session: Session, offer: Offer) -> None:
    """Open it in the best way that the client has; where it has none, the question alone has to do."""
    candidate = offer.candidate
    shown = Shown(
        title=offer.title,
        rungs=[(rung.result.value, rung.said) for rung in candidate.verdict.rungs],
        flags=candidate.verdict.flags,
        secrets=candidate.verdict.secrets,
        callers=offer.callers.places,
        callers_unknown=offer.callers.unknown,
        diff=await asyncio.to_thread(unified_diff, candidate.before, candidate.applied.new_texts),
    )
    document = AnswerDocument(
        offer.id, offer.problem, offer.snapshot.version, str(offer.root), about=offer.snapshot.uri, kind="Fix"
    )
    await written(desk, session, document, preview(shown, document.root))
    if not await _streamed(desk, document):
        desk.in_background(desk.asker().show(document.id))


async def may_run_unisolated(
    desk: Desk,
    session: Session,
    problem: Problem,
    snapshot: Snapshot,
    applied: Applied,
    before: Mapping[str, str],
) -> bool:
    """Ask whether code with this patch may run with nothing around it: only who has its diff on the screen.

    Silence, a time-out, and an editor that cannot show the diff, or does not say that it did, are a no.
    """
    change = await asyncio.to_thread(change_words, before, applied.new_texts)
    root = session.workspace.root_of(snapshot.path)
    shown = Shown(
        title=f"Before it is run: {change}",
        rungs=(),
        flags=await asyncio.to_thread(silences, before, applied.new_texts),
        secrets=await asyncio.to_thread(written_secrets, before, applied.new_texts),
        callers=(),
        diff=await asyncio.to_thread(unified_diff, before, applied.new_texts),
    )
    document = AnswerDocument(
        secrets.token_hex(6), problem, snapshot.version, _text(root), about=snapshot.uri, kind="Fix"
    )
    await written(desk, session, document, preview(shown, document.root))
    if not await opened(desk, document):
        return False
    question = (
        f"Nothing here can isolate the tests of this patch ({session.masked(change)}). Run them with all "
        "that you can reach, your files and the network?"
    )
    return await desk.editor.ask(question, (RUN_ONCE, NO), _TIMEOUT_S) == RUN_ONCE


async def written(desk: Desk, session: Session, document: AnswerDocument, text: str) -> None:
    """Make it a document that can be read and opened, without secrets."""
    document.finished = await session.without_secrets(text)
    desk.server.answers.begin(document)
    await asyncio.to_thread(desk.server.answers.save, document)


async def opened(desk: Desk, document: AnswerDocument) -> bool:
    """Have the client show it; whether it said that it does. Waits for it."""
    return await _streamed(desk, document) or await desk.asker().show(document.id)


async def _streamed(desk: Desk, document: AnswerDocument) -> bool:
    """Send it to a client that opens a window of its own for what it is sent; False for others."""
    if not desk.server.client.streams_deltas:
        return False
    surface = surface_for(desk.server.client, desk.editor)
    surface.begin(document)
    await surface.end(document)
    return True


def _text(root: Path | None) -> str | None:
    return str(root) if root is not None else None
