"""One question from the command to the shown answer, whatever happens on the way."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Protocol

from lsp_debugger.core.ask import Feature, Problem, Unanswered, Verified
from lsp_debugger.core.events import CardReady, Delta, Event, Finished, Phase
from lsp_debugger.core.markdown import shortened
from lsp_debugger.core.text import Snapshot
from lsp_debugger.server.answers import AnswerDocument, Answers, file_uri
from lsp_debugger.server.capabilities import ClientFacts
from lsp_debugger.server.documents import Documents
from lsp_debugger.server.editor import Editor
from lsp_debugger.server.jobs import Job, Progress
from lsp_debugger.server.logs import fault_of
from lsp_debugger.server.surfaces import surface_for

_log = logging.getLogger(__name__)
_SHOW_WITHIN_S = 10.0


class Questions(Protocol):
    """The part of the pipeline that a question needs."""

    def run(
        self, feature: Feature, problem: Problem, snapshot: Snapshot, answer_id: str
    ) -> AsyncGenerator[Event, None]: ...


@dataclass(frozen=True, slots=True)
class Question:
    feature: Feature
    problem: Problem
    snapshot: Snapshot
    root: str | None = None


@dataclass(frozen=True, slots=True)
class Asker:
    """What every question needs of the server.

    in_background: for what nobody has to wait for, such as a client that takes its time to show something.
    """

    editor: Editor
    facts: ClientFacts
    answers: Answers
    documents: Documents
    in_background: Callable[[Coroutine[Any, Any, Any]], object]

    async def answer(self, pipeline: Questions, question: Question, job: Job) -> None:
        """Run the question to its end. A cancel keeps the text so far; nothing raises but a bug."""
        edits_seen = self.documents.edits_seen
        problem, snapshot = question.problem, question.snapshot
        document = AnswerDocument(
            job.id, problem, snapshot.version, question.root, about=snapshot.uri, span=problem.span
        )
        self.answers.begin(document)
        surface = surface_for(self.facts, self.editor)
        title = f"lsp_debugger: explaining {problem.label}"
        progress = Progress(self.editor, job.token, title, is_offered=self.facts.shows_progress)
        surface.begin(document)
        message = "failed, the log says where"
        try:
            events = pipeline.run(question.feature, problem, snapshot, job.id)
            async with aclosing(events):
                async for event in events:
                    verified = _take(event, document, progress)
                    surface.grew(document)
                    if verified is not None:
                        self.answers.keep(snapshot.uri, verified, problem)
                        message = _ready(verified)
            if document.finished is None:
                document.stop("It ended without an answer.")
        except asyncio.CancelledError:
            document.stop(f"Stopped: {job.stopped_because}. This is what there was of it.")
            message = f"stopped: {job.stopped_because}"
        except Exception as error:  # noqa: BLE001 - the user gets what there is, the log the type, nobody a popup
            _log.error("question %s failed: %s", job.id, fault_of(error))
            document.stop("It failed. The log names where; the text so far is kept.")
        job.is_settled = True
        self.answers.last_id = job.id
        shows = self._may_show(job, edits_seen)
        await progress.end(message if shows or self.facts.is_streaming else f"{message}; {_later(job)}")
        await surface.end(document)
        is_kept = await asyncio.to_thread(self.answers.save, document)
        if shows:
            self.in_background(self.show(job.id))
        elif is_kept and self._has_no_place(job):
            self.editor.message(f"The answer is in {self.answers.path(job.id)}")

    async def show(self, answer_id: str) -> bool:
        """Open a finished answer in the best way that the client has."""
        document = self.answers.document(answer_id)
        if document is not None and self.facts.streams_documents:
            return await self.editor.show(document.uri)
        path = self.answers.path(answer_id)
        if path is None or not self.facts.shows_documents or not await asyncio.to_thread(path.is_file):
            return False
        return await self.editor.show(file_uri(path))

    def _may_show(self, job: Job, edits_seen: int) -> bool:
        """Nobody wants a window to open late, or under their typing, or for what they stopped."""
        if job.stopped_because or self.facts.is_streaming or not self.facts.shows_documents:
            return False
        waited_s = asyncio.get_running_loop().time() - job.started_s
        return waited_s <= _SHOW_WITHIN_S and self.documents.edits_seen == edits_seen

    def _has_no_place(self, job: Job) -> bool:
        """Whether who asked, and waits, would see nothing: not every client shows progress either."""
        shows_it = self.facts.is_streaming or self.facts.shows_documents
        return not (shows_it or job.stopped_because)


def _take(event: Event, document: AnswerDocument, progress: Progress) -> Verified | None:
    match event:
        case CardReady(card, problem):
            document.card = card
            document.problem = problem or document.problem
        case Phase(name, tokens_per_s):
            document.status = f"{name[:1].upper()}{name[1:]}…"
            progress.report(name, tokens_per_s)
        case Delta(text):
            document.words += text
        case Finished(verified):
            document.finish(verified)
            return verified
    return None


def _later(job: Job) -> str:
    if job.stopped_because:
        return "lspDebugger.lastAnswer shows the text so far"
    return "hover, or the command lspDebugger.lastAnswer, shows it"


def _ready(verified: Verified) -> str:
    reply = verified.reply
    if isinstance(reply, Unanswered):
        return f"ready, without a model: {shortened(reply.reason, 80)}"
    return "ready" if reply.complete else "ready, cut off"
