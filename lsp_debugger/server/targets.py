"""What a command is about: the document, what is reported in it, and how its user agrees to a service."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from lsp_debugger.core.ask import Feature, Problem
from lsp_debugger.core.text import Snapshot, Span
from lsp_debugger.features import explain
from lsp_debugger.server import params
from lsp_debugger.server.convert import offset_at
from lsp_debugger.server.desk import Desk
from lsp_debugger.server.diagnostics import Finding, worst
from lsp_debugger.server.questions import Question

if TYPE_CHECKING:
    from lsp_debugger.escalation import Agree
    from lsp_debugger.policy.remote import Preview
    from lsp_debugger.wiring import Session


async def question_at(desk: Desk, asked: params.ExplainArguments) -> Question | str:
    """What is asked about, or why there is nothing to ask."""
    snapshot = desk.server.documents.snapshot(asked.uri) or await desk.read(asked.uri)
    if snapshot is None:
        return "the document is not open and cannot be read"
    finding = finding_at(desk, asked, snapshot)
    if finding is None:
        return "nothing is reported there"
    feature: Feature = explain.EXPLAIN
    if feature.ask(finding.problem) is None:
        return "the finding has no message"
    return Question(feature, finding.problem, snapshot, desk.root_of(snapshot))


async def editable(desk: Desk, arguments: Sequence[object]) -> Question | str:
    """What a fix is asked for, or why there is nothing to fix: only what is open and was not edited since."""
    asked = params.ExplainArguments.read(arguments)
    question = await question_at(desk, asked)
    if isinstance(question, str):
        return question
    if question.problem.stale or desk.server.documents.snapshot(asked.uri) is None:
        return "the text was edited after this was found: save, and ask about what is found then"
    return question


def problem_at(desk: Desk, asked: params.ExplainArguments, snapshot: Snapshot) -> Problem:
    """What is reported there, or, where nothing is, the place itself."""
    finding = finding_at(desk, asked, snapshot)
    if finding is not None:
        return finding.problem
    position = asked.position or types.Position(0, 0)
    offset = offset_at(snapshot, position, desk.server.encoding)
    line = snapshot.lines.line_of(offset) + 1
    return Problem("", path=snapshot.path, line=line, span=Span(offset, offset))


def finding_at(desk: Desk, asked: params.ExplainArguments, snapshot: Snapshot) -> Finding | None:
    if asked.diagnostic is not None:
        finding = desk.read_diagnostic(asked.diagnostic, asked.version, snapshot)
        return finding.as_stale() if asked.stale else finding
    position = asked.position or types.Position(0, 0)
    offset = offset_at(snapshot, position, desk.server.encoding)
    return worst(desk.server.diagnostics.on_lines(snapshot, Span(offset, offset)), offset)


def nothing(reason: str) -> dict[str, Any]:
    return {"id": None, "reason": reason}


async def agreement(desk: Desk, session: Session) -> Agree:
    """How this user is asked before anything leaves."""
    from lsp_debugger.server.consent import agreed

    folder = await asyncio.to_thread(lambda: session.state.directory / "previews")
    can_show = desk.server.client.shows_documents

    def agree(preview: Preview) -> Awaitable[str]:
        return agreed(desk.editor, preview, folder, can_show=can_show)

    return agree
