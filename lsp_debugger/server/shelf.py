"""Cards that were made already, so that a code action list can look one up instead of waiting."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict

from lsp_debugger.core.ask import Card, Problem
from lsp_debugger.core.ports import CardMaker
from lsp_debugger.core.text import Snapshot, Span
from lsp_debugger.server.documents import key_of
from lsp_debugger.server.logs import fault_of

_log = logging.getLogger(__name__)
_MAX_CARDS = 256
_MAX_AT_ONCE = 4
_Key = tuple[str, int | None, str, str, str, Span | None]


class Shelf:
    """Cards by document version and problem; an edit makes a new version and so a new card."""

    def __init__(self) -> None:
        self._cards: OrderedDict[_Key, Card] = OrderedDict()
        self._making: dict[_Key, asyncio.Task[Card]] = {}

    def seen(self, problem: Problem, snapshot: Snapshot) -> Card | None:
        """Pure look-up."""
        return self._cards.get(key_of_problem(problem, snapshot))

    def prepare(self, maker: CardMaker, problem: Problem, snapshot: Snapshot) -> None:
        """Have the card made in the background, unless it is there, on its way, or much is going on."""
        if self.seen(problem, snapshot) is None and len(self._making) < _MAX_AT_ONCE:
            self._make(maker, problem, snapshot)

    async def card(
        self, maker: CardMaker, problem: Problem, snapshot: Snapshot, timeout_s: float
    ) -> Card | None:
        """The card, or None when it takes too long or fails; a later call finds a late one."""
        if (seen := self.seen(problem, snapshot)) is not None:
            return seen
        making = self._make(maker, problem, snapshot)
        try:
            return await asyncio.wait_for(asyncio.shield(making), timeout_s)
        except TimeoutError:
            _log.info("a card took more than %g s", timeout_s)
        except Exception as error:  # noqa: BLE001 - without a card there is no hover, and nothing else is lost
            _log.error("a card failed: %s", fault_of(error))
        return None

    async def clear(self) -> None:
        """Forget every card, those on their way too: another session would make others."""
        self._cards.clear()
        making = list(self._making.values())
        for task in making:
            task.cancel()
        await asyncio.gather(*making, return_exceptions=True)

    def _make(self, maker: CardMaker, problem: Problem, snapshot: Snapshot) -> asyncio.Task[Card]:
        key = key_of_problem(problem, snapshot)
        making = self._making.get(key)
        if making is None:
            making = asyncio.ensure_future(maker.card(problem, snapshot))
            self._making[key] = making
            making.add_done_callback(lambda done: self._made(key, done))
        return making

    def _made(self, key: _Key, done: asyncio.Task[Card]) -> None:
        self._making.pop(key, None)
        if done.cancelled() or done.exception() is not None:
            return
        self._cards[key] = done.result()
        while len(self._cards) > _MAX_CARDS:
            self._cards.popitem(last=False)


def key_of_problem(problem: Problem, snapshot: Snapshot) -> _Key:
    """One problem in one version of one document."""
    place = key_of(snapshot.uri), snapshot.version
    return (*place, problem.source, problem.code, problem.message, problem.span)
