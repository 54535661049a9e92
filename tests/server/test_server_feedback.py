"""What is counted about a fix after it was offered."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from lsprotocol import types

from lsp_debugger.core.ask import Problem
from lsp_debugger.core.patch import Applied
from lsp_debugger.fixing import Candidate
from lsp_debugger.server.documents import Documents
from lsp_debugger.server.feedback import Feedback
from lsp_debugger.server.offers import Offer
from lsp_debugger.verify.verdict import Verdict

URI = "file:///w/a.py"
OLD = "import os\nprint(nme)\nx = 1\n"
NEW = "import os\nprint(name, end='')\nx = 1\n"


class Scene:
    """after_s: short, so that nobody waits."""

    def __init__(self, after_s: tuple[float, ...] = (0.01, 0.03)) -> None:
        self.documents = Documents()
        self.seen: list[tuple[str, float]] = []
        self.feedback = Feedback(
            self.documents.snapshot,
            lambda what, _offer, _after_s, kept: self.seen.append((what, kept)),
            after_s,
        )
        snapshot = self.documents.opened(types.TextDocumentItem(URI, "python", 1, OLD))
        candidate = Candidate(Applied({"a.py": NEW}), Verdict(()), {"a.py": OLD})
        self.offer = Offer(Problem("m"), snapshot, Path("/w"), candidate, "Fix: it")
        self.feedback.offered(self.offer)
        self.version = 1

    def become(self, text: str) -> None:
        self.version += 1
        event = types.TextDocumentContentChangeWholeDocument(text)
        change = self.documents.changed(URI, self.version, [event], "utf-16")
        assert change is not None
        self.feedback.edited(change)


async def test_a_fix_that_stays_is_kept_in_full() -> None:
    scene = Scene()
    scene.become(NEW)
    await asyncio.sleep(0.1)
    assert scene.seen == [("accepted", 1.0), ("kept", 1.0), ("kept", 1.0)]


async def test_what_is_typed_elsewhere_takes_nothing_away() -> None:
    scene = Scene(after_s=(0.02,))
    scene.become(NEW)
    scene.become(f"# a\n{NEW}y = 2\n")
    await asyncio.sleep(0.06)
    assert scene.seen[-1] == ("kept", 1.0)


@pytest.mark.parametrize(
    ("text", "share"),
    [(NEW.replace("name, end=''", "name"), 12 / 20), (NEW.replace("print(name, end='')\n", ""), 0)],
)
async def test_what_is_changed_afterwards_is_not_kept(text: str, share: float) -> None:
    scene = Scene(after_s=(0.02,))
    scene.become(NEW)
    scene.become(text)
    await asyncio.sleep(0.06)
    assert scene.seen[0] == ("accepted", 1.0)
    assert scene.seen[1] == ("kept", pytest.approx(share))


async def test_undoing_ends_it() -> None:
    scene = Scene()
    scene.become(NEW)
    scene.become(OLD)
    await asyncio.sleep(0.06)
    assert scene.seen == [("accepted", 1.0), ("undone", 0.0)]


async def test_a_rejected_fix_may_still_be_taken() -> None:
    scene = Scene(after_s=(5.0,))
    scene.feedback.rejected(scene.offer)
    scene.become(NEW)
    assert scene.seen == [("rejected", 0.0), ("accepted", 1.0)]
    scene.feedback.closed(URI)


async def test_what_is_closed_is_not_measured() -> None:
    scene = Scene()
    scene.become(NEW)
    scene.feedback.closed(URI)
    scene.documents.closed(URI)
    await asyncio.sleep(0.06)
    assert scene.seen == [("accepted", 1.0)]


async def test_typing_alone_is_no_acceptance() -> None:
    scene = Scene()
    scene.become(OLD + "z")
    assert scene.seen == []
