"""The index of each workspace folder."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from lsp_debugger.config import Settings
from lsp_debugger.context.workspace import Workspace
from lsp_debugger.core.errors import StateUnavailable
from lsp_debugger.state import State

if TYPE_CHECKING:
    from lsp_debugger.index.client import IndexClient
    from lsp_debugger.policy.store import PolicyStore


# (folder, phase, done, total), as the index worker reports.
OnProgress = Callable[[Path, str, int, int], None]


class Indexes:
    """One index client a workspace folder, made with the first need. Single-file mode has none.

    policy: the store in force, asked in a thread for the globs that no index may read.
    """

    def __init__(
        self, workspace: Workspace, state: State, settings: Settings, policy: Callable[[], PolicyStore]
    ) -> None:
        self._workspace = workspace
        self._state = state
        self._settings = settings
        self._policy = policy
        self.watches = False  # nobody tells what changes on disk: the worker looks for itself
        self.on_progress: OnProgress = lambda _root, _phase, _done, _total: None
        self._clients: dict[Path, IndexClient] = {}
        self._open_texts: dict[str, str] = {}
        self._problem = ""
        self._ending: set[asyncio.Future[None]] = set()

    async def of(self, root: Path | None) -> IndexClient | None:
        """The index of a folder; its worker is started if it has none."""
        await self.need(root)
        return self._clients.get(root) if root is not None else None

    async def need(self, root: Path | None) -> None:
        """Somebody looks at a problem in this folder: the index gets ready meanwhile."""
        if root is None or root in self._clients or not self._settings.index_enabled:
            return
        try:
            client = await asyncio.to_thread(self._client, root)
        except StateUnavailable as error:
            self._problem = str(error)
            return
        if root in self._clients:  # two needs at once
            return
        self._clients[root] = client
        for path, text in self._open_texts.items():
            if self._workspace.root_of(path) == root:
                client.changed(path, text)
        client.warm()

    def _client(self, root: Path) -> IndexClient:
        """In a thread: it imports and reads. Raises StateUnavailable."""
        policy = self._policy()

        def progress(phase: str, done: int, total: int) -> None:
            self.on_progress(root, phase, done, total)

        return index_client(
            root, self._state, self._settings, policy, progress, watches=self.watches, background=True
        )

    def put_off(self, root: Path) -> None:
        """End the long work on a folder; what is left of it waits for the next session."""
        if root in self._clients:
            self._clients[root].put_off()

    def roots_changed(self) -> None:
        """Workers of folders that are gone end; a new folder's starts with the first need."""
        for root in [root for root in self._clients if root not in self._workspace.roots]:
            ending = asyncio.ensure_future(self._clients.pop(root).aclose())
            self._ending.add(ending)
            ending.add_done_callback(self._ending.discard)

    def changed(self, path: str, text: str | None) -> None:
        """Unsaved text of a document, or None when the disk's text is true again."""
        if text is None:
            self._open_texts.pop(path, None)
        else:
            self._open_texts[path] = text
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
            return self._problem or "not needed yet"
        states = [f"{root.name}: {await client.status()}" for root, client in self._clients.items()]
        return "; ".join(states)

    async def aclose(self) -> None:
        ending = [*self._ending, *(client.aclose() for client in self._clients.values())]
        await asyncio.gather(*ending, return_exceptions=True)


def index_client(  # noqa: PLR0913 - keyword-only but for what it is made of and who listens
    root: Path,
    state: State,
    settings: Settings,
    policy: PolicyStore,
    on_progress: Callable[[str, int, int], None] | None = None,
    on_problem: Callable[[str, str], None] | None = None,
    *,
    watches: bool = False,
    background: bool = False,
) -> IndexClient:
    """The client of one folder's index, with what policy keeps out of it. Raises StateUnavailable.

    watches, background: as `IndexClient` explains them.
    """
    from lsp_debugger.index.client import IndexClient
    from lsp_debugger.index.supervisor import start_worker
    from lsp_debugger.policy import known_values
    from lsp_debugger.policy.store import SECRET_FILES
    from lsp_debugger.wiring import index_worker
    from lsp_debugger.wiring.at_rest import key_for

    rules = policy.current().policy
    directory = state.workspace(root)
    # Only a worker that has to ask a server knows how.
    is_served = settings.index_embeddings in index_worker.SERVED
    return IndexClient(
        root,
        directory,
        memory_mb=settings.index_memory_mb,
        disk_mb=settings.index_disk_mb,
        never_index=(*SECRET_FILES, *rules.never_index),
        known_values=known_values.in_environment(rules.login_files),
        key=key_for(settings.index_at_rest, directory),
        embeddings=index_worker.model_of(settings),
        serving=index_worker.opening_of(settings, state) if is_served else None,
        start=partial(start_worker, module=index_worker.MODULE) if is_served else None,
        watches=watches,
        background=background,
        on_progress=on_progress,
        on_problem=on_problem,
    )
