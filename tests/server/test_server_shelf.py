"""Cards that were made already: one making for many who ask, and none lost to one who will not wait."""

from __future__ import annotations

import asyncio

from scripted_editor import CARD, until

from lsp_debugger.core.ask import Card, Problem
from lsp_debugger.core.text import Snapshot, Span
from lsp_debugger.server.shelf import Shelf

PROBLEM = Problem("m", code="F401", span=Span(0, 2))
SNAPSHOT = Snapshot("file:///w/a.py", "os", 1)


class Maker:
    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.made = 0

    async def card(self, problem: Problem, snapshot: Snapshot) -> Card:
        self.made += 1
        await self.go.wait()
        if problem.message == "broken":
            raise ValueError("text of the user's")
        return CARD


async def test_a_card_is_made_once_and_found_from_then_on() -> None:
    shelf, maker = Shelf(), Maker()
    shelf.prepare(maker, PROBLEM, SNAPSHOT)
    shelf.prepare(maker, PROBLEM, SNAPSHOT)
    waiting = asyncio.ensure_future(shelf.card(maker, PROBLEM, SNAPSHOT, 5))
    assert shelf.seen(PROBLEM, SNAPSHOT) is None
    maker.go.set()
    assert await waiting is CARD
    assert shelf.seen(PROBLEM, SNAPSHOT) is CARD
    assert await shelf.card(maker, PROBLEM, SNAPSHOT, 5) is CARD
    assert maker.made == 1


async def test_another_version_is_another_card() -> None:
    shelf, maker = Shelf(), Maker()
    maker.go.set()
    await shelf.card(maker, PROBLEM, SNAPSHOT, 5)
    assert shelf.seen(PROBLEM, Snapshot(SNAPSHOT.uri, SNAPSHOT.text, 2)) is None


async def test_who_does_not_wait_finds_it_later() -> None:
    shelf, maker = Shelf(), Maker()
    assert await shelf.card(maker, PROBLEM, SNAPSHOT, 0) is None
    maker.go.set()
    await until(lambda: shelf.seen(PROBLEM, SNAPSHOT))


async def test_a_failing_card_is_none_and_tried_again(caplog) -> None:
    shelf, maker = Shelf(), Maker()
    maker.go.set()
    broken = Problem("broken", span=Span(0, 1))
    assert await shelf.card(maker, broken, SNAPSHOT, 5) is None
    assert await shelf.card(maker, broken, SNAPSHOT, 5) is None
    assert maker.made == 2
    assert "text of the user's" not in caplog.text


async def test_not_too_many_at_once() -> None:
    shelf, maker = Shelf(), Maker()
    for line in range(9):
        shelf.prepare(maker, Problem("m", code=str(line), span=Span(0, 0)), SNAPSHOT)
    await asyncio.sleep(0)
    assert maker.made == 4
    await shelf.clear()


async def test_clearing_forgets_what_is_on_its_way() -> None:
    shelf, maker = Shelf(), Maker()
    shelf.prepare(maker, PROBLEM, SNAPSHOT)
    await asyncio.sleep(0)
    await shelf.clear()
    maker.go.set()
    await asyncio.sleep(0)
    assert shelf.seen(PROBLEM, SNAPSHOT) is None


async def test_the_shelf_is_bounded() -> None:
    shelf, maker = Shelf(), Maker()
    maker.go.set()
    problems = [Problem("m", code=str(number), span=Span(0, 0)) for number in range(300)]
    for problem in problems:
        await shelf.card(maker, problem, SNAPSHOT, 5)
    assert shelf.seen(problems[0], SNAPSHOT) is None
    assert shelf.seen(problems[-1], SNAPSHOT) is CARD
