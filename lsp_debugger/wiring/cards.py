"""Cards over names that are up to date."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lsp_debugger.context.workspace import Workspace
from lsp_debugger.core.ask import Card, Place, Problem
from lsp_debugger.core.ports import Retriever
from lsp_debugger.core.text import Snapshot
from lsp_debugger.state import State
from lsp_debugger.syntax.tree import TreeSitterSyntax
from lsp_debugger.trust import Trust

if TYPE_CHECKING:
    from lsp_debugger.cards import Cards
    from lsp_debugger.cards.facts import ProjectFacts


class FreshCards:
    """Cards over names that are up to date: what the file imports is read before the card is made."""

    def __init__(
        self,
        workspace: Workspace,
        syntax: TreeSitterSyntax,
        state: State,
        index_of: Callable[[Path | None], Awaitable[Retriever | None]],
    ) -> None:
        self._workspace = workspace
        self._syntax = syntax
        self._state = state
        self._index_of = index_of
        # Other places that a rule was found at; who holds findings says so.
        self.known_elsewhere: Callable[[Problem], Sequence[Place]] = lambda _: ()
        self._trust = Trust(state)
        # By project, not by workspace folder: the nearest pyproject.toml or package.json decides about tools.
        # And by trust, which may be given and taken back meanwhile.
        self._made: dict[tuple[Path | None, bool], tuple[Cards, ProjectFacts]] = {}

    async def card(self, problem: Problem, snapshot: Snapshot) -> Card:
        root = self._workspace.root_of(snapshot.path)
        # Somebody looks at a problem: what the next question needs gets ready meanwhile.
        (cards, facts), _ = await asyncio.gather(
            asyncio.to_thread(self._ready, root, snapshot), self._index_of(root)
        )
        card = await cards.card(problem, snapshot)
        return await facts.added(card, problem, snapshot, root)

    def _ready(self, root: Path | None, snapshot: Snapshot) -> tuple[Cards, ProjectFacts]:
        """In a thread: the first time it imports, every time it may read and parse."""
        self._workspace.refresh(snapshot)
        project = self._workspace.project_of(snapshot.path)
        trusted = root is not None and self._trust.trusted(root)
        if (project, trusted) not in self._made:
            from lsp_debugger.cards import Cards
            from lsp_debugger.cards.docs import RuleTexts
            from lsp_debugger.cards.facts import ProjectFacts

            docs = RuleTexts(self._state, root=project, trusted=trusted, within=root)
            cards = Cards(docs, self._workspace.symbols, self._syntax, self._workspace.read, root)
            facts = ProjectFacts(self._elsewhere, self._workspace.on_disk, self._index_of)
            self._made[project, trusted] = cards, facts
        return self._made[project, trusted]

    def _elsewhere(self, problem: Problem) -> Sequence[Place]:
        return self.known_elsewhere(problem)
