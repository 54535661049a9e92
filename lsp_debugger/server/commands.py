"""`workspace/executeCommand`: each returns at once, and what takes time runs as a job.

Wrong arguments are one error line in the reply; nothing ever pops up by itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from lsp_debugger.core.ask import Feature, Problem
from lsp_debugger.core.events import Event
from lsp_debugger.core.text import Snapshot, Span
from lsp_debugger.features import explain
from lsp_debugger.server import params
from lsp_debugger.server.answers import file_uri
from lsp_debugger.server.convert import offset_at
from lsp_debugger.server.desk import Desk
from lsp_debugger.server.diagnostics import Finding, worst
from lsp_debugger.server.questions import Question, Questions

if TYPE_CHECKING:
    from lsp_debugger.escalation import Agree
    from lsp_debugger.policy.remote import Preview
    from lsp_debugger.server.fixes import Steps
    from lsp_debugger.wiring import Session
    from lsp_debugger.wiring.questions import Questions as SessionQuestions


_CANDIDATES = 3


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The session's questions, for a model of somebody else."""

    questions: SessionQuestions
    agree: Agree

    def run(
        self, feature: Feature, problem: Problem, snapshot: Snapshot, answer_id: str
    ) -> AsyncGenerator[Event, None]:
        return self.questions.escalate(feature, problem, snapshot, answer_id, self.agree)


async def explain_problem(desk: Desk, arguments: Sequence[object]) -> dict[str, Any]:
    """Start explaining; {"id"} names the answer to come, or is null with the reason."""
    asked = params.ExplainArguments.read(arguments)
    session = await desk.session()
    question = await _question(desk, asked)
    return _nothing(question) if isinstance(question, str) else _start(desk, question, session.pipeline)


async def fix(desk: Desk, arguments: Sequence[object]) -> dict[str, Any]:
    """Ask a model for a fix, check it, and offer it as an edit; {"id"} names the job, for `cancel`."""
    session = await desk.session()
    question = await _editable(desk, arguments)
    if isinstance(question, str):
        return _nothing(question)
    steps = session.repairs.fixes(question.problem, question.snapshot, _CANDIDATES)
    return _start_fix(desk, session, question, steps, "Fix")


async def fix_all(desk: Desk, arguments: Sequence[object]) -> dict[str, Any]:
    """The same for everything that one rule found in the document: one edit, checked as a whole."""
    session = await desk.session()
    question = await _editable(desk, arguments)
    if isinstance(question, str):
        return _nothing(question)
    problem, snapshot = question.problem, question.snapshot
    alike = [problem, *desk.server.diagnostics.alike(problem, snapshot)]
    steps = session.repairs.fixes_of_all(alike, snapshot)
    return _start_fix(desk, session, question, steps, f"Fix all {problem.label}")


async def write_test(desk: Desk, arguments: Sequence[object]) -> dict[str, Any]:
    """Have a model write a test that fails because of this, run it, offer it as an edit; {"id"} as above."""
    session = await desk.session()
    question = await _editable(desk, arguments)
    if isinstance(question, str):
        return _nothing(question)
    offer = desk.offers.of(question.problem, question.snapshot)
    fix = offer.candidate.applied.new_texts if offer is not None else dict[str, str | None]()
    steps = session.repairs.tests.tests(question.problem, question.snapshot, fix)
    return _start_fix(desk, session, question, steps, "Test")


async def _editable(desk: Desk, arguments: Sequence[object]) -> Question | str:
    """What a fix is asked for, or why there is nothing to fix: only what is open and was not edited since."""
    asked = params.ExplainArguments.read(arguments)
    question = await _question(desk, asked)
    if isinstance(question, str):
        return question
    if question.problem.stale or desk.server.documents.snapshot(asked.uri) is None:
        return "the text was edited after this was found: save, and ask about what is found then"
    return question


def _start_fix(desk: Desk, session: Session, question: Question, steps: Steps, name: str) -> dict[str, Any]:
    from lsp_debugger.server import fixes

    problem, snapshot, is_fix = question.problem, question.snapshot, name != "Test"
    doing = "fixing" if is_fix else "writing a test for"
    wanted = fixes.Wanted(problem, snapshot, name, doing, is_fix)
    job = desk.server.jobs.start(
        snapshot.uri,
        problem.line - 1,
        problem.label,
        lambda job: fixes.fix(desk, session, wanted, steps, job),
        verb="fix" if is_fix else "test",
    )
    return {"id": job.id}


async def escalate(desk: Desk, arguments: Sequence[object]) -> dict[str, Any]:
    """Ask a model of somebody else the same question, after a preview and the user's yes; {"id"} as above."""
    asked = params.ExplainArguments.read(arguments)
    session = await desk.session()
    question = await _question(desk, asked)
    if isinstance(question, str):
        return _nothing(question)
    return _start(desk, question, Elsewhere(session.pipeline, await _agreement(desk, session)))


async def escalate_fix(desk: Desk, arguments: Sequence[object]) -> dict[str, Any]:
    """Ask a model of somebody else for a fix, in the same way; what it changes is restored and checked."""
    session = await desk.session()
    question = await _editable(desk, arguments)
    if isinstance(question, str):
        return _nothing(question)
    agree = await _agreement(desk, session)
    steps = session.repairs.fixes(question.problem, question.snapshot, 1, agree=agree)
    return _start_fix(desk, session, question, steps, "Fix")


async def _agreement(desk: Desk, session: Session) -> Agree:
    """How this user is asked before anything leaves."""
    from lsp_debugger.server.consent import agreed

    folder = await asyncio.to_thread(lambda: session.state.directory / "previews")
    can_show = desk.server.client.shows_documents

    def agree(preview: Preview) -> Awaitable[str]:
        return agreed(desk.editor, preview, folder, can_show=can_show)

    return agree


async def show_last_answer(desk: Desk, _arguments: Sequence[object]) -> dict[str, Any]:
    """Open the newest answer, of an earlier session if there is none in this one."""
    await desk.session()
    newest = await asyncio.to_thread(desk.server.answers.newest)
    return await _show(desk, newest) if newest else _nothing("there is no answer yet")


async def show_answer(desk: Desk, arguments: Sequence[object]) -> dict[str, Any]:
    wanted = params.answer_id(arguments)
    await desk.session()
    return await _show(desk, wanted)


async def cancel(desk: Desk, arguments: Sequence[object]) -> dict[str, Any]:
    """Stop a question, all of them without an id; what there is of an answer is kept.

    Some editors have neither a button for progress nor a place where an id could be read.
    """
    if not arguments:
        stopped = [job.stop("cancelled") for job in desk.server.jobs.running()]
        return {"cancelled": any(stopped)}
    return {"cancelled": desk.server.jobs.cancel(params.answer_id(arguments))}


async def status(desk: Desk, _arguments: Sequence[object]) -> dict[str, str]:
    """What is in force, by name: backend, model, policy and so on."""
    session = await desk.session()
    return {**await session.status(), "running questions": str(len(desk.server.jobs.running()))}


async def restart(desk: Desk, _arguments: Sequence[object]) -> dict[str, Any]:
    """Start afresh without losing the connection: settings, policy and models are read again."""
    desk.open()
    await desk.session()
    return {"restarted": True}


COMMANDS: Mapping[str, Callable[[Desk, Sequence[object]], Awaitable[Any]]] = {
    "lspDebugger.explain": explain_problem,
    "lspDebugger.fix": fix,
    "lspDebugger.fixAll": fix_all,
    "lspDebugger.writeTest": write_test,
    "lspDebugger.escalate": escalate,
    "lspDebugger.escalateFix": escalate_fix,
    "lspDebugger.lastAnswer": show_last_answer,
    "lspDebugger.showAnswer": show_answer,
    "lspDebugger.cancel": cancel,
    "lspDebugger.status": status,
    "lspDebugger.restart": restart,
}


async def _show(desk: Desk, answer_id: str) -> dict[str, Any]:
    """Show what was asked for, without making the reply wait for the client's own reply."""
    path = desk.server.answers.path(answer_id)
    text = await asyncio.to_thread(desk.server.answers.read, answer_id)
    if path is None or text is None:
        return _nothing("there is no such answer; they are kept for seven days")
    if desk.server.client.shows_documents:
        desk.in_background(desk.asker().show(answer_id))
    else:
        # Asked for, by this very command, and the client has no other place to show it.
        desk.editor.message(f"The answer is in {path}")
    return {"id": answer_id, "uri": file_uri(path), "text": text}


async def _question(desk: Desk, asked: params.ExplainArguments) -> Question | str:
    """What is asked about, or why there is nothing to ask."""
    snapshot = desk.server.documents.snapshot(asked.uri) or await desk.read(asked.uri)
    if snapshot is None:
        return "the document is not open and cannot be read"
    finding = _finding(desk, asked, snapshot)
    if finding is None:
        return "nothing is reported there"
    feature: Feature = explain.EXPLAIN
    if feature.ask(finding.problem) is None:
        return "the finding has no message"
    return Question(feature, finding.problem, snapshot, desk.root_of(snapshot))


def _start(desk: Desk, question: Question, pipeline: Questions) -> dict[str, Any]:
    asker = desk.asker()
    job = desk.server.jobs.start(
        question.snapshot.uri,
        question.problem.line - 1,
        question.problem.label,
        lambda job: asker.answer(pipeline, question, job),
    )
    return {"id": job.id}


def _nothing(reason: str) -> dict[str, Any]:
    return {"id": None, "reason": reason}


def _finding(desk: Desk, asked: params.ExplainArguments, snapshot: Snapshot) -> Finding | None:
    if asked.diagnostic is not None:
        finding = desk.read_diagnostic(asked.diagnostic, asked.version, snapshot)
        return finding.as_stale() if asked.stale else finding
    position = asked.position or types.Position(0, 0)
    offset = offset_at(snapshot, position, desk.server.encoding)
    return worst(desk.server.diagnostics.on_lines(snapshot, Span(offset, offset)), offset)
