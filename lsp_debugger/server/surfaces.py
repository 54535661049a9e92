"""Where an answer appears: the best place that the client has. The text is the same everywhere.

Nothing opens by itself while it is unfinished, except where the client streams.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Protocol

from lsp_debugger.features import explain
from lsp_debugger.server.answers import AnswerDocument
from lsp_debugger.server.capabilities import ClientFacts
from lsp_debugger.server.editor import Editor

DELTA = "lspDebugger/answerDelta"
_REFRESH_EVERY_S = 0.25


class Surface(Protocol):
    """Follows one document from its beginning to its end."""

    def begin(self, document: AnswerDocument) -> None: ...
    def grew(self, document: AnswerDocument) -> None: ...

    async def end(self, document: AnswerDocument) -> None:
        """Show the final text; nothing of this surface runs afterwards."""
        ...


def surface_for(facts: ClientFacts, editor: Editor) -> Surface:
    """A client that takes deltas shows them itself, so it gets nothing opened on top."""
    if facts.streams_deltas:
        return DeltaSurface(editor)
    if facts.streams_documents:
        return LiveDocument(editor, opens=facts.shows_documents)
    return Quiet()


class Quiet:
    """For clients that cannot stream: the end is what counts, and the caller knows whether to show it."""

    def begin(self, document: AnswerDocument) -> None:
        pass

    def grew(self, document: AnswerDocument) -> None:
        pass

    async def end(self, document: AnswerDocument) -> None:
        pass


class LiveDocument:
    """A `lspdbg:` document that the client reads again whenever it is told to."""

    def __init__(self, editor: Editor, *, opens: bool) -> None:
        self._editor, self._opens = editor, opens
        self._grown = asyncio.Event()
        self._following: asyncio.Task[None] | None = None

    def begin(self, document: AnswerDocument) -> None:
        self._following = asyncio.get_running_loop().create_task(self._follow(document))

    def grew(self, document: AnswerDocument) -> None:  # noqa: ARG002 - the protocol's signature
        self._grown.set()

    async def end(self, document: AnswerDocument) -> None:
        if self._following is not None:
            self._following.cancel()
            with suppress(asyncio.CancelledError):
                await self._following
        await self._editor.refresh(document.uri)

    async def _follow(self, document: AnswerDocument) -> None:
        """One refresh at a time, at most four a second: a slow client is never flooded."""
        if self._opens:
            await self._editor.show(document.uri)
        while True:
            await self._grown.wait()
            self._grown.clear()
            await self._editor.refresh(document.uri)
            await asyncio.sleep(_REFRESH_EVERY_S)


class DeltaSurface:
    """`lspDebugger/answerDelta` {id, seq, text, done}: append each text, in the order of seq."""

    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self._sent = ""
        self._sequence = 0

    def begin(self, document: AnswerDocument) -> None:
        self.grew(document)

    def grew(self, document: AnswerDocument) -> None:
        if document.card is None:
            return
        head = explain.opening(document.problem, document.card, document.root)
        self._send_up_to(document, head + (explain.SUPPOSED + document.words if document.words else ""))

    async def end(self, document: AnswerDocument) -> None:
        self._send_up_to(document, document.text, done=True)

    def _send_up_to(self, document: AnswerDocument, text: str, *, done: bool = False) -> None:
        # Text that was sent cannot be taken back; should it ever differ, the whole stands below it.
        rest = text[len(self._sent) :] if text.startswith(self._sent) else f"\n\n---\n\n{text}"
        if not rest and not done:
            return
        params = {"id": document.id, "seq": self._sequence, "text": rest, "done": done}
        self._editor.notify(DELTA, params)
        self._sequence += 1
        self._sent = text
