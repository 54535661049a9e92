"""Where an answer appears: refreshed documents, deltas that only append, or nothing until the end."""

from __future__ import annotations

import asyncio

import pytest
from scripted_editor import CARD, ScriptedEditor, answered, until

from lsp_debugger.core.ask import Problem
from lsp_debugger.server.answers import AnswerDocument
from lsp_debugger.server.capabilities import ClientFacts
from lsp_debugger.server.surfaces import DeltaSurface, LiveDocument, Quiet, surface_for

PROBLEM = Problem("about os", source="ruff", code="F401", path="/w/a.py", line=1)
ID = "0123456789ab"


def document() -> AnswerDocument:
    return AnswerDocument(ID, PROBLEM, 1, "/w")


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (ClientFacts(), Quiet),
        (ClientFacts(shows_documents=True), Quiet),
        (ClientFacts(streams_documents=True), LiveDocument),
        (ClientFacts(streams_documents=True, streams_deltas=True), DeltaSurface),
        (ClientFacts(streams_deltas=True), DeltaSurface),
    ],
)
def test_the_best_surface_that_the_client_has(facts: ClientFacts, expected: type) -> None:
    assert type(surface_for(facts, ScriptedEditor())) is expected


async def test_deltas_put_together_are_the_document() -> None:
    editor, shown = ScriptedEditor(), document()
    surface = DeltaSurface(editor)
    surface.begin(shown)
    shown.card = CARD
    surface.grew(shown)
    for piece in ("The name ", "`os` is unused."):
        shown.words += piece
        surface.grew(shown)
        surface.grew(shown)  # a phase: nothing new to say
    shown.finish(answered(PROBLEM, shown.words, ID))
    await surface.end(shown)
    sent = [params for _, method, params in editor.seen if method == "lspDebugger/answerDelta"]
    assert "".join(each["text"] for each in sent) == shown.text
    assert [each["seq"] for each in sent] == list(range(len(sent)))
    assert [each["done"] for each in sent] == [False] * (len(sent) - 1) + [True]
    assert {each["id"] for each in sent} == {ID}
    assert sent[0]["text"].startswith("# F401")
    assert sent[2]["text"] == "`os` is unused."


async def test_a_stopped_answer_is_sent_to_its_end_too() -> None:
    editor, shown = ScriptedEditor(), document()
    surface = DeltaSurface(editor)
    shown.card, shown.words = CARD, "The name"
    surface.grew(shown)
    shown.stop("Stopped: cancelled.")
    await surface.end(shown)
    assert "".join(each[2]["text"] for each in editor.seen) == shown.text
    assert editor.seen[-1][2]["done"]


async def test_text_that_changed_after_all_is_sent_whole() -> None:
    editor, shown = ScriptedEditor(), document()
    surface = DeltaSurface(editor)
    shown.card, shown.words = CARD, "<SECRET_1>"
    surface.grew(shown)
    shown.finish(answered(PROBLEM, "restored", ID))
    await surface.end(shown)
    assert editor.seen[-1][2]["text"] == f"\n\n---\n\n{shown.text}"


async def test_a_live_document_opens_at_once_and_is_read_again_at_the_end() -> None:
    editor, shown = ScriptedEditor(), document()
    surface = LiveDocument(editor, opens=True)
    surface.begin(shown)
    await until(lambda: editor.named("show"))
    surface.grew(shown)
    await until(lambda: editor.named("refresh"))
    shown.finish(answered(PROBLEM, "x", ID))
    await surface.end(shown)
    assert editor.seen[0] == ("show", shown.uri)
    assert editor.seen[-1] == ("refresh", shown.uri)


async def test_many_words_are_few_refreshes() -> None:
    editor, shown = ScriptedEditor(), document()
    surface = LiveDocument(editor, opens=False)
    surface.begin(shown)
    for _ in range(100):
        surface.grew(shown)
        await asyncio.sleep(0)
    await surface.end(shown)
    assert len(editor.named("refresh")) == 2
    assert editor.named("show") == []


async def test_a_client_that_never_answers_holds_nothing() -> None:
    editor, shown = ScriptedEditor(silent=frozenset({"show"})), document()
    surface = LiveDocument(editor, opens=True)
    surface.begin(shown)
    await until(lambda: editor.seen)
    surface.grew(shown)
    async with asyncio.timeout(5):
        await surface.end(shown)
    assert editor.seen[-1][0] == "refresh"
