"""Cards over names that are up to date."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from lsp_debugger.context.workspace import Workspace
from lsp_debugger.core.ask import Card, Problem
from lsp_debugger.core.text import Snapshot
from lsp_debugger.state import State
from lsp_debugger.syntax.tree import TreeSitterSyntax
from lsp_debugger.trust import Trust

if TYPE_CHECKING:
    from lsp_debugger.cards import Cards


class FreshCards:
    """Cards over names that are up to date: what the file imports is read before the card is made."""

    def __init__(
        self,
        workspace: Workspace,
        syntax: TreeSitterSyntax,
        state: State,
        need_index: Callable[[Path | None], Awaitable[None]],
    ) -> None:
        self._workspace = workspace
        self._syntax = syntax
        self._state = state
        self._need_index = need_index
        self._trust = Trust(state)
        # By project, not by workspace folder: the nearest pyproject.toml or package.json decides about tools.
        self._made: dict[Path | None, Cards] = {}

    async def card(self, problem: Problem, snapshot: Snapshot) -> Card:
        root = self._workspace.root_of(snapshot.path)
        # Somebody looks at a problem: what the next question needs gets ready meanwhile.
        cards, _ = await asyncio.gather(
            asyncio.to_thread(self._ready, root, snapshot), self._need_index(root)
        )
        return await cards.card(problem, snapshot)

    def _ready(self, root: Path | None, snapshot: Snapshot) -> Cards:
        """In a thread: the first time it imports, every time it may read and parse."""
        self._workspace.refresh(snapshot)
        project = self._workspace.project_of(snapshot.path)
        if project not in self._made:
            from lsp_debugger.cards import Cards
            from lsp_debugger.cards.docs import RuleTexts

            trusted = project is not None and self._trust.trusted(project)
            docs = RuleTexts(self._state, root=project, trusted=trusted)
            self._made[project] = Cards(
                docs, self._workspace.symbols, self._syntax, self._workspace.read, root
            )
        return self._made[project]
