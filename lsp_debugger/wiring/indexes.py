"""The index of each workspace folder."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lsp_debugger.config import Settings
from lsp_debugger.context.workspace import Workspace
from lsp_debugger.state import State

if TYPE_CHECKING:
    from lsp_debugger.index.client import IndexClient


class Indexes:
    """One index client a workspace folder, made with the first need. Single-file mode has none."""

    def __init__(self, workspace: Workspace, state: State, settings: Settings) -> None:
        self._workspace = workspace
        self._state = state
        self._settings = settings
        self._clients: dict[Path, IndexClient] = {}
        self._waiting: dict[str, str | None] = {}

    def of(self, root: Path | None) -> IndexClient | None:
        self.need(root)
        return self._clients.get(root) if root is not None else None

    def need(self, root: Path | None) -> None:
        """Start the worker of this folder if it may have one and has none."""
        if root is None or root in self._clients or not self._settings.index_enabled:
            return
        from lsp_debugger.index.client import IndexClient

        client = IndexClient(root, self._state.workspace(root), memory_mb=self._settings.index_memory_mb)
        self._clients[root] = client
        for path, text in self._waiting.items():
            if self._workspace.root_of(path) == root:
                client.changed(path, text)
        client.warm()

    def changed(self, path: str, text: str | None) -> None:
        """Unsaved text of a document, or None when the disk's text is true again."""
        if text is None:
            self._waiting.pop(path, None)
        else:
            self._waiting[path] = text
        client = self._client_of(path)
        if client is not None:
            client.changed(path, text)

    def watched(self, changes: Sequence[tuple[str, str]]) -> None:
        by_client: dict[Path, list[tuple[str, str]]] = {}
        for path, kind in changes:
            root = self._workspace.root_of(path)
            if root in self._clients:
                by_client.setdefault(root, []).append((path, kind))
        for root, those in by_client.items():
            self._clients[root].watched(those)

    def _client_of(self, path: str) -> IndexClient | None:
        root = self._workspace.root_of(path)
        return self._clients.get(root) if root is not None else None

    async def status(self) -> str:
        if not self._settings.index_enabled:
            return "turned off (index.enabled)"
        if not self._workspace.roots:
            return "none in single-file mode"
        if not self._clients:
            return "not needed yet"
        states = [f"{root.name}: {await client.status()}" for root, client in self._clients.items()]
        return "; ".join(states)

    async def aclose(self) -> None:
        await asyncio.gather(*(client.aclose() for client in self._clients.values()), return_exceptions=True)
