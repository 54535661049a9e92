"""`workspace/executeCommand`: each returns at once, and what takes time runs as a job.

Wrong arguments are one error line in the reply; nothing ever pops up by itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lsp_debugger.core.ask import Feature, Problem
from lsp_debugger.core.events import Event
from lsp_debugger.core.text import Snapshot
from lsp_debugger.server import params, repairs, targets
from lsp_debugger.server.answers import file_uri
from lsp_debugger.server.desk import Desk
from lsp_debugger.server.questions import Question, Questions

if TYPE_CHECKING:
    from lsp_debugger.escalation import Agree
    from lsp_debugger.wiring.questions import Questions as SessionQuestions


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
    question = await targets.question_at(desk, asked)
    return (
        targets.nothing(question) if isinstance(question, str) else _start(desk, question, session.pipeline)
    )


async def escalate(desk: Desk, arguments: Sequence[object]) -> dict[str, Any]:
    """Ask a model of somebody else the same question, after a preview and the user's yes; {"id"} as above."""
    asked = params.ExplainArguments.read(arguments)
    session = await desk.session()
    question = await targets.question_at(desk, asked)
    if isinstance(question, str):
        return targets.nothing(question)
    return _start(desk, question, Elsewhere(session.pipeline, await targets.agreement(desk, session)))


async def show_last_answer(desk: Desk, _arguments: Sequence[object]) -> dict[str, Any]:
    """Open the newest answer, of an earlier session if there is none in this one."""
    await desk.session()
    newest = await asyncio.to_thread(desk.server.answers.newest)
    return await _show(desk, newest) if newest else targets.nothing("there is no answer yet")


async def show_answer(desk: Desk, arguments: Sequence[object]) -> dict[str, Any]:
    wanted = params.answer_id(arguments)
    await desk.session()
    return await _show(desk, wanted)


async def cancel(desk: Desk, arguments: Sequence[object]) -> dict[str, Any]:
    """Stop a question, all of them without an id; what there is of an answer is kept.

    Some editors have neither a button for progress nor a place where an id could be read. With no question
    running it is meant for the work that is shown: the index is put off.
    """
    if not arguments:
        stopped = [job.stop("cancelled") for job in desk.server.jobs.running()]
        return {"cancelled": any(stopped) or desk.indexing.cancel()}
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
    "lspDebugger.fix": repairs.fix,
    "lspDebugger.fixAll": repairs.fix_all,
    "lspDebugger.writeTest": repairs.write_test,
    "lspDebugger.reduce": repairs.reduce,
    "lspDebugger.escalate": escalate,
    "lspDebugger.escalateFix": repairs.escalate_fix,
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
        return targets.nothing("there is no such answer; they are kept for seven days")
    if desk.server.client.shows_documents:
        desk.in_background(desk.asker().show(answer_id))
    else:
        # Asked for, by this very command, and the client has no other place to show it.
        desk.editor.message(f"The answer is in {path}")
    return {"id": answer_id, "uri": file_uri(path), "text": text}


def _start(desk: Desk, question: Question, pipeline: Questions) -> dict[str, Any]:
    asker = desk.asker()
    job = desk.server.jobs.start(
        question.snapshot.uri,
        question.problem.line - 1,
        question.problem.label,
        lambda job: asker.answer(pipeline, question, job),
    )
    return {"id": job.id}
