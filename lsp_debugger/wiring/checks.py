"""Checkers over the workspace: what they find, and what they found last."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from lsp_debugger.context.workspace import Workspace
from lsp_debugger.state import State
from lsp_debugger.trust import Trust

if TYPE_CHECKING:
    from lsp_debugger.checkers import Checked
    from lsp_debugger.checkers.run import Runner


class Checks:
    """One runner a workspace folder, made with the first need; importing is done in a thread."""

    def __init__(self, workspace: Workspace, state: State, trust: Trust) -> None:
        self._workspace = workspace
        self._state = state
        self._trust = trust

    async def check(self, target: Path, only: Collection[str] | None = None) -> list[Checked]:
        """What the checkers say about a file or folder of the workspace; nothing outside of it.

        only: checkers by name; then also those that are not wanted there by themselves.
        Raises StateUnavailable.
        """
        runner = await asyncio.to_thread(self._runner, target)
        return await runner.check(target, only) if runner is not None else []

    def trusts(self, target: Path) -> bool:
        """Reads a small file. False outside of the workspace."""
        root = self._workspace.root_of(str(target))
        return root is not None and self._trust.trusted(root)

    def _runner(self, target: Path) -> Runner | None:
        """Made anew for each run: trust may have been given or taken back since."""
        root = self._workspace.root_of(str(target))
        if root is None:
            return None
        from lsp_debugger.checkers.run import Runner

        folder = self._state.workspace(root) / "checkers"

        def cache(name: str) -> Path:
            (folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
            return folder / name

        return Runner(
            workspace=root,
            trusted=self._trust.trusted(root),
            cache=cache,
            read=self._workspace.on_disk,
        )
