"""A model's fix, from command to edit: checked before it is shown, and for the text of now or not at all."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import aclosing
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any, Protocol

from lsp_debugger.core.ask import CertainEdit, Problem, Replacement
from lsp_debugger.core.events import Phase
from lsp_debugger.core.markdown import shortened
from lsp_debugger.core.text import Snapshot, Span
from lsp_debugger.server.capabilities import ClientFacts
from lsp_debugger.server.convert import workspace_edit_from
from lsp_debugger.server.jobs import Job, Progress
from lsp_debugger.server.logs import fault_of

if TYPE_CHECKING:
    from lsp_debugger.fixing import Candidate, Fixes
    from lsp_debugger.server.desk import Desk
    from lsp_debugger.wiring import Session

_log = logging.getLogger(__name__)
APPLY, NO = "Apply", "No"
_TIMEOUT_S = 180.0
_TITLE_CHARS = 160


class Applying(Protocol):
    """The part of the client that this needs."""

    async def ask(self, message: str, titles: tuple[str, ...], timeout_s: float) -> str | None: ...
    async def apply(self, edit: Any, label: str) -> bool: ...
    def message(self, text: str) -> None: ...


async def fix(
    desk: Desk, session: Session, problem: Problem, snapshot: Snapshot, count: int, job: Job
) -> None:
    """Ask, check, and offer the best that holds. What does not work is one line, in reply to the command."""
    facts = desk.server.client
    title = f"lsp_debugger: fixing {problem.label}"
    progress = Progress(desk.editor, job.token, title, is_offered=facts.shows_progress)
    said = "failed, the log says where"
    try:
        fixes = await _found(session, problem, snapshot, count, progress)
        job.is_settled = True
        said = await offered(
            desk.editor, facts, fixes, snapshot, desk.server.encoding,
            lambda: desk.server.documents.snapshot(snapshot.uri), session.masked,
        )  # fmt: skip
    except asyncio.CancelledError:
        said = f"stopped: {job.stopped_because}"
    except Exception as error:  # noqa: BLE001 - one line for the user, the type for the log
        _log.error("fix %s failed: %s", job.id, fault_of(error))
        desk.editor.message(f"{title} {said}")
    await progress.end(shortened(said, _TITLE_CHARS))


async def _found(
    session: Session, problem: Problem, snapshot: Snapshot, count: int, progress: Progress
) -> Fixes:
    async with aclosing(session.fixes(problem, snapshot, count)) as steps:
        async for step in steps:
            if not isinstance(step, Phase):
                return step
            progress.report(step.name)
    raise AssertionError("every run ends with fixes")


async def offered(
    editor: Applying,
    facts: ClientFacts,
    fixes: Fixes,
    snapshot: Snapshot,
    encoding: str,
    now: Callable[[], Snapshot | None],
    masked: Callable[[str], str],
) -> str:
    """What became of it, in a line. The edit is for exactly the version that was checked."""
    if not fixes.candidates:
        why = masked("; ".join(fixes.reasons)) or "the model gave nothing usable"
        editor.message(shortened(f"No fix that holds: {why}. {fixes.hint}".strip(), 2 * _TITLE_CHARS))
        return "no fix that holds"
    best = fixes.candidates[0]
    edit = edit_of(best, snapshot)
    if edit is None:
        editor.message("The fix changes other files too: `lsp-debugger fix` shows and applies it.")
        return "the fix changes other files too"
    needs_yes = not best.verdict.is_complete
    if needs_yes and not facts.annotates_edits:
        question = f"{edit.title}. Not everything could be checked. Apply it?"
        if await editor.ask(question, (APPLY, NO), _TIMEOUT_S) != APPLY:
            return "not applied"
    current = now()
    if current is None or current.version != snapshot.version or current.text != snapshot.text:
        editor.message("The document has changed since the fix was checked: ask again.")
        return "the document has changed meanwhile"
    versioned = facts.applies_versioned_edits
    wire = workspace_edit_from(
        edit, snapshot, encoding, versioned=versioned, annotated=versioned and facts.annotates_edits
    )
    for annotation in (wire.change_annotations or {}).values():
        annotation.needs_confirmation = needs_yes
    return edit.title if await editor.apply(wire, edit.title) else "the editor did not apply it"


def edit_of(candidate: Candidate, snapshot: Snapshot) -> CertainEdit | None:
    """The fix as edits of lines of this document; None when it changes another file, or removes this one."""
    texts = candidate.applied.new_texts
    if snapshot.path is None or len(texts) != 1:
        return None
    [(path, new)] = texts.items()
    if new is None or not snapshot.path.replace("\\", "/").endswith(path):
        return None
    title = shortened(f"Fix: {candidate.verdict.words}", _TITLE_CHARS)
    return CertainEdit(title, snapshot.uri, snapshot.version, tuple(replacements(snapshot.text, new)))


def replacements(old: str, new: str) -> list[Replacement]:
    """The smallest edits by whole lines."""
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    starts = [0]
    for line in before:
        starts.append(starts[-1] + len(line))
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    return [
        Replacement(Span(starts[first], starts[last]), "".join(after[start:end]))
        for tag, first, last, start, end in matcher.get_opcodes()
        if tag != "equal"
    ]
