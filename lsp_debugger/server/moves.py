"""A checked fix of a text that was typed on: moved where nothing of it was touched, and checked anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from lsp_debugger.core.ask import Problem, Replacement
from lsp_debugger.core.text import Snapshot
from lsp_debugger.server.documents import moved_all
from lsp_debugger.server.edits import replacements
from lsp_debugger.server.offers import Offer, offer_of

if TYPE_CHECKING:
    from lsp_debugger.server.desk import Desk
    from lsp_debugger.wiring import Session


async def moved(desk: Desk, session: Session, offer: Offer) -> Offer | None:
    """The same fix for the text of now, in place of the old offer. No model is asked.

    None when nothing was typed there (another file has changed), when an edit touched it, when the text of
    then is not remembered, or when it does not hold any more.
    """
    documents, was = desk.server.documents, offer.snapshot
    since = documents.since(was.uri, was.version) if was.version is not None else None
    now, candidate = documents.snapshot(was.uri), offer.candidate
    path = next((name for name in candidate.before if str(offer.root / name) == was.path), None)
    new_text = candidate.applied.new_texts.get(path) if path is not None else None
    if (
        since is None
        or not since[1]
        or now is None
        or path is None
        or new_text is None
        or since[0].text != was.text
    ):
        return None
    text = moved_text(was.text, new_text, since[1], now)
    if text is None:
        return None
    checked = await session.repairs.checked(
        {**candidate.applied.new_texts, path: text},
        {**candidate.before, path: now.text},
        offer.problem,
        offer.root,
    )
    if checked.verdict.is_refuted:
        return None
    problem = _moved_problem(offer.problem, since[1], now)
    return desk.offers.keep(await offer_of(session, checked, problem, now, offer.root, offer.name))


def moved_text(old: str, new: str, edits: Sequence[Replacement], now: Snapshot) -> str | None:
    """What `new` is to `old`, to what `edits` have made of `old`; None when they touch what it changes."""
    text = now.text
    for change in sorted(replacements(old, new), key=lambda each: each.span, reverse=True):
        span, touched = moved_all(change.span, edits)
        if touched:
            return None
        text = text[: span.start] + change.new_text + text[span.end :]
    return text


def _moved_problem(problem: Problem, edits: Sequence[Replacement], now: Snapshot) -> Problem:
    if problem.span is None:
        return problem
    span, touched = moved_all(problem.span, edits)
    return replace(problem, span=span, line=now.lines.line_of(span.start) + 1, stale=problem.stale or touched)
