"""The document that shows a fix before it is applied, for editors that cannot ask about an edit."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from lsp_debugger.features.preview import Shown, preview, unified_diff
from lsp_debugger.server.answers import AnswerDocument
from lsp_debugger.server.offers import Offer
from lsp_debugger.server.surfaces import surface_for

if TYPE_CHECKING:
    from lsp_debugger.server.desk import Desk
    from lsp_debugger.wiring import Session


async def show(desk: Desk, session: Session, offer: Offer) -> None:
    """Open it in the best way that the client has; where it has none, the question alone has to do."""
    candidate, server = offer.candidate, desk.server
    callers = await session.repairs.callers(candidate, offer.root)
    shown = Shown(
        title=offer.title,
        rungs=[(rung.result.value, rung.said) for rung in candidate.verdict.rungs],
        flags=candidate.verdict.flags,
        callers=callers.places,
        callers_unknown=callers.unknown,
        diff=unified_diff(candidate.before, candidate.applied.new_texts),
    )
    root = str(offer.root)
    text = await session.without_secrets(preview(shown, root))
    document = AnswerDocument(offer.id, offer.problem, offer.snapshot.version, root, finished=text)
    server.answers.begin(document)
    await asyncio.to_thread(server.answers.save, document)
    surface = surface_for(server.client, desk.editor)
    surface.begin(document)
    await surface.end(document)
    if not server.client.is_streaming:
        desk.in_background(desk.asker().show(offer.id))
