"""Commands that ask for a fix or a test, and the one that makes a failing test smaller.

As all commands: each returns at once, and what takes time runs as a job.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lsp_debugger.server import params, targets
from lsp_debugger.server.desk import Desk
from lsp_debugger.server.questions import Question

if TYPE_CHECKING:
    from lsp_debugger.core.patch import Applied
    from lsp_debugger.server.fixes import Steps
    from lsp_debugger.wiring import Session
    from lsp_debugger.wiring.repairs import FixOptions

_CANDIDATES = 3


async def fix(desk: Desk, arguments: Sequence[object]) -> dict[str, Any]:
    """Ask a model for a fix, check it, and offer it as an edit; {"id"} names the job, for `cancel`."""
    session = await desk.session()
    question = await targets.editable(desk, arguments)
    if isinstance(question, str):
        return targets.nothing(question)
    steps = session.repairs.fixes(
        question.problem, question.snapshot, _options(desk, session, question, _CANDIDATES)
    )
    return _start_fix(desk, session, question, steps, "Fix")


async def fix_all(desk: Desk, arguments: Sequence[object]) -> dict[str, Any]:
    """The same for everything that one rule found in the document: one edit, checked as a whole."""
    session = await desk.session()
    question = await targets.editable(desk, arguments)
    if isinstance(question, str):
        return targets.nothing(question)
    problem, snapshot = question.problem, question.snapshot
    alike = [problem, *desk.server.diagnostics.alike(problem, snapshot)]
    steps = session.repairs.fixes_of_all(alike, snapshot)
    return _start_fix(desk, session, question, steps, f"Fix all {problem.label}")


async def write_test(desk: Desk, arguments: Sequence[object]) -> dict[str, Any]:
    """Have a model write a test that fails because of this, run it, offer it as an edit; {"id"} as above."""
    session = await desk.session()
    question = await targets.editable(desk, arguments)
    if isinstance(question, str):
        return targets.nothing(question)
    offer = desk.offers.of(question.problem, question.snapshot)
    fix = offer.candidate.applied.new_texts if offer is not None else dict[str, str | None]()
    steps = session.repairs.tests.tests(question.problem, question.snapshot, fix)
    return _start_fix(desk, session, question, steps, "Test")


async def reduce(desk: Desk, arguments: Sequence[object]) -> dict[str, Any]:
    """Make the failing test at a place as small as it gets, as a document; {"id"} as above. No model."""
    from lsp_debugger.server import reductions

    asked = params.ExplainArguments.read(arguments)
    session = await desk.session()
    snapshot = desk.server.documents.snapshot(asked.uri) or await desk.read(asked.uri)
    if snapshot is None or snapshot.path is None:
        return targets.nothing("the document is not open and cannot be read")
    problem = targets.problem_at(desk, asked, snapshot)
    test = await asyncio.to_thread(session.repairs.tests.test_of, problem, snapshot)
    if test is None:
        return targets.nothing("no pytest test is there")
    wanted = reductions.Wanted(problem, snapshot, *test)
    job = desk.server.jobs.start(
        snapshot.uri,
        problem.line - 1,
        wanted.name,
        lambda job: reductions.reduce(desk, session, wanted, job),
        verb="reduce",
    )
    return {"id": job.id}


async def escalate_fix(desk: Desk, arguments: Sequence[object]) -> dict[str, Any]:
    """Ask a model of somebody else for a fix, in the same way; what it changes is restored and checked."""
    session = await desk.session()
    question = await targets.editable(desk, arguments)
    if isinstance(question, str):
        return targets.nothing(question)
    options = replace(_options(desk, session, question), agree=await targets.agreement(desk, session))
    steps = session.repairs.fixes(question.problem, question.snapshot, options)
    return _start_fix(desk, session, question, steps, "Fix")


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


def _options(desk: Desk, session: Session, question: Question, count: int = 1) -> FixOptions:
    """With how this user is asked before a patch is run where nothing isolates it."""
    from lsp_debugger.server.previews import may_run_unisolated
    from lsp_debugger.wiring.repairs import FixOptions

    async def may_run(applied: Applied, before: Mapping[str, str]) -> bool:
        return await may_run_unisolated(desk, session, question.problem, question.snapshot, applied, before)

    return FixOptions(count=count, unisolated=may_run)
