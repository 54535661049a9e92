"""A small project on disk, and the cards of what is wrong with it."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lsp_debugger.cards import Cards
from lsp_debugger.cards.docs import RuleTexts
from lsp_debugger.context.locate import from_text
from lsp_debugger.context.workspace import Workspace
from lsp_debugger.core.ask import Card, Problem
from lsp_debugger.core.text import Snapshot
from lsp_debugger.syntax.symbols import SymbolMap
from lsp_debugger.syntax.tree import TreeSitterSyntax


@dataclass
class Project:
    """Files below `root`, with the real grammar, symbols and rule texts around them."""

    root: Path
    docs: RuleTexts

    def __post_init__(self) -> None:
        self.workspace = Workspace([self.root], SymbolMap())
        self.cards = Cards(
            self.docs, self.workspace.symbols, TreeSitterSyntax(), self.workspace.read, self.root
        )

    def write(self, files: Mapping[str, str]) -> None:
        """Texts by their paths below the root."""
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def read(self, name: str) -> Snapshot:
        snapshot = self.workspace.read(str(self.root / name))
        assert snapshot is not None, name
        return snapshot

    async def card(self, problem: Problem, snapshot: Snapshot) -> Card:
        """As a session makes it: with the names of this file and of what it imports."""
        self.workspace.refresh(snapshot)
        return await self.cards.card(problem, snapshot)

    async def crash(self, name: str = "app.py") -> Card:
        """Run a file of the project in this interpreter, and explain what it printed."""
        return await self.explain(crash_of(self.root / name))

    async def explain(self, text: str) -> Card:
        problem = from_text(text, self.root, self.workspace.read)
        assert problem is not None
        snapshot = self.workspace.read(problem.path) if problem.path else None
        return await self.card(problem, snapshot or Snapshot("untitled:stdin", ""))


def crash_of(path: Path) -> str:
    try:
        code = compile(path.read_text(encoding="utf-8"), str(path), "exec")
        exec(code, {"__name__": "__main__"})
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is the subject
        return "".join(traceback.format_exception(error))
    raise AssertionError(f"{path.name} ran to its end")


def shown(card: Card) -> list[str]:
    """What a golden case compares: headline, places, notes and the edit's title, a line each."""
    lines = [card.headline, *(f"{place} {place.note}".rstrip() for place in card.places), *card.notes]
    return [*lines, *([f"edit: {card.edit.title}"] if card.edit is not None else [])]
