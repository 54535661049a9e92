"""Settings to real objects: the one place that names concrete classes.

A `Session` is what a server or a command line talks to. Opening one is cheap; a part that is heavy
(models, policy patterns, the index worker) is made when it is first needed, and off the loop.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from lsp_debugger import config
from lsp_debugger.config.files import organisation_directory, user_directory
from lsp_debugger.context.workspace import Workspace
from lsp_debugger.core.ask import Ask, Card, Problem
from lsp_debugger.core.errors import LspDebuggerError
from lsp_debugger.core.material import Context
from lsp_debugger.core.model import ModelInfo, Sampling
from lsp_debugger.core.text import Snapshot
from lsp_debugger.state import State
from lsp_debugger.syntax.symbols import SymbolMap
from lsp_debugger.syntax.tree import TreeSitterSyntax
from lsp_debugger.trust import Trust

if TYPE_CHECKING:
    from lsp_debugger.cards import Cards
    from lsp_debugger.index.client import IndexClient
    from lsp_debugger.models.choose import Choice
    from lsp_debugger.pipeline import Pipeline
    from lsp_debugger.policy.decide import Decision
    from lsp_debugger.policy.gate import Gate
    from lsp_debugger.policy.route import Denied, Route
    from lsp_debugger.policy.store import PolicyStore

_log = logging.getLogger(__name__)
POLICY_FILE = "policy.yaml"


def open_session(
    roots: Sequence[Path] = (), editor: Mapping[str, Any] | None = None, *, state: State | None = None
) -> Session:
    """Read the settings and make a session. Reads a few small files: call it in a thread.

    roots: workspace folders; none is single-file mode. editor: settings as the client sent them.
    Raises StateUnavailable.
    """
    loaded = config.load(editor=editor, repo_paths=[root / config.REPOSITORY_FILE for root in roots])
    if state is None:
        chosen = loaded.settings.state_directory
        state = State(Path(chosen) if chosen else None)
    return Session(loaded, state, roots)


class Session:
    """Everything behind one client. Methods return at once, or are async and wait without blocking."""

    def __init__(self, loaded: config.Loaded, state: State, roots: Sequence[Path]) -> None:
        self.loaded = loaded
        self.settings = loaded.settings
        self.state = state
        self.trust = Trust(state)
        self.symbols = SymbolMap()
        self.syntax = TreeSitterSyntax()
        self.workspace = Workspace(roots, self.symbols)
        self._paths: dict[str, str] = {}
        self._models = _Models(self)
        self._indexes = _Indexes(self)
        self._making_gate = asyncio.Lock()
        self._gate: Gate | None = None
        self._retired: list[Gate | None] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Give back engine, worker and audit. The caller bounds the time."""
        await asyncio.gather(self._models.aclose(), self._indexes.aclose(), return_exceptions=True)
        for gate in (self._gate, *self._retired):
            if gate is not None:
                await gate.aclose()

    def roots_changed(self, roots: Sequence[Path]) -> None:
        """Folders came or went: policy files, known secrets and indexes go with them."""
        self.workspace.roots = tuple(roots)
        self._retired.append(self._gate)
        self._gate = None
        self.__dict__.pop("policy", None)  # the cached one; the next question reads the new folders' files

    # What the user has open.

    def opened(self, snapshot: Snapshot) -> None:
        """Its text wins over the disk's from now on."""
        self.workspace.opened(snapshot)
        if snapshot.path is not None:
            self._paths[snapshot.uri] = snapshot.path
            self._indexes.changed(snapshot.path, snapshot.text)

    def changed(self, snapshot: Snapshot) -> None:
        self.opened(snapshot)

    def saved(self, snapshot: Snapshot) -> None:
        if snapshot.path is not None:
            self._indexes.watched([(snapshot.path, "changed")])

    def closed(self, uri: str) -> None:
        """The disk's text is true again."""
        path = self._paths.pop(uri, None)
        if path is not None:
            self.workspace.closed(path)
            self._indexes.changed(path, None)

    def files_changed(self, changes: Sequence[tuple[str, str]]) -> None:
        """(path, created | changed | deleted), for what happened outside of the editor's buffers."""
        self._indexes.watched(changes)

    def problem_seen(self) -> None:
        """A first problem is there: the user may ask about it, so a model may load if it costs nobody."""
        self._models.preload_soon()

    def read(self, path: str) -> Snapshot | None:
        """A file of the workspace as the user sees it."""
        return self.workspace.read(path)

    def trusted(self, path: str) -> bool:
        return self.trust.trusted(Path(path))

    def new_id(self) -> str:
        return secrets.token_hex(6)

    # What a question goes through.

    @cached_property
    def pipeline(self) -> Pipeline:
        """The flow with every step filled in. Steps that are heavy are made when a question comes."""
        from lsp_debugger.pipeline import Pipeline

        return Pipeline(
            cards=_FreshCards(self),
            choose=self._models.choose,
            build=self._build,
            decide=self._decide,
            route=self._route,
            gate=self._made_gate,
            budget_tokens=self.settings.context_budget_tokens,
            sampling=Sampling(max_tokens=self.settings.answer_max_tokens),
        )

    async def _build(self, ask: Ask, card: Card, snapshot: Snapshot, budget_tokens: int) -> Context:
        from lsp_debugger.context import build

        root = self.workspace.root_of(snapshot.path)
        sources = build.Sources(
            syntax=self.syntax,
            symbols=self.symbols,
            retriever=self._indexes.of(root),
            read=self.workspace.read,
            root=root,
        )
        return await build.build(sources, ask, card, snapshot, budget_tokens)

    def _decide(self, context: Context) -> Decision:
        from lsp_debugger.policy.decide import decide

        return decide(self.policy.current(), context, context.ask.task_name)

    def _route(self, decision: Decision, info: ModelInfo) -> Route | Denied:
        from lsp_debugger.policy.route import route

        return route(decision, info)

    @cached_property
    def policy(self) -> PolicyStore:
        from lsp_debugger.policy.store import PolicyStore

        chosen = self.settings.policy_path
        return PolicyStore(
            org_path=str(organisation_directory() / POLICY_FILE),
            user_path=chosen or str(user_directory() / POLICY_FILE),
            repo_paths=[str(root / POLICY_FILE) for root in self.workspace.roots],
            roots=[str(root) for root in self.workspace.roots],
        )

    async def _made_gate(self) -> Gate:
        async with self._making_gate:
            if self._gate is None:
                self._gate = await asyncio.to_thread(self._make_gate)
            return self._gate

    def _make_gate(self) -> Gate:
        from lsp_debugger.models.prompt import render
        from lsp_debugger.policy.audit import Audit
        from lsp_debugger.policy.gate import Gate
        from lsp_debugger.policy.known_values import KnownValues

        roots = [str(root) for root in self.workspace.roots]
        return Gate(self.policy, lambda: Audit(self.state.audit), render, KnownValues(roots))

    async def status(self) -> dict[str, str]:
        """What is in force now, a line each, for `lspDebugger.status` and `doctor`."""
        from lsp_debugger.policy.store import summary

        loaded = await asyncio.to_thread(self.policy.current)
        return {
            "model": await self._models.status(),
            "policy": summary(loaded),
            "index": await self._indexes.status(),
            "state": str(self.state.directory),
            "settings": "; ".join(self.loaded.problems) or "no problems",
        }


class _FreshCards:
    """Cards over names that are up to date: what the file imports is read before the card is made."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._made: dict[Path | None, Cards] = {}

    async def card(self, problem: Problem, snapshot: Snapshot) -> Card:
        session = self._session
        root = session.workspace.root_of(snapshot.path)
        # Somebody looks at a problem: what the next question needs gets ready meanwhile.
        session._indexes.need(root)  # noqa: SLF001 - one unit, split for reading
        await asyncio.to_thread(session.workspace.refresh, snapshot)
        return await self._cards(root).card(problem, snapshot)

    def _cards(self, root: Path | None) -> Cards:
        if root not in self._made:
            from lsp_debugger.cards import Cards
            from lsp_debugger.cards.docs import RuleTexts

            session = self._session
            docs = RuleTexts(session.state)
            self._made[root] = Cards(docs, session.symbols, session.syntax, session.read, root)
        return self._made[root]


class _Models:
    """The chosen backend, kept until it fails, and what loads it early."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._choice: Choice | None = None
        self._lock = asyncio.Lock()
        self._preloading: asyncio.Task[None] | None = None

    async def choose(self) -> Choice:
        """The choice with its model described anew: what was true of it before may not be now."""
        async with self._lock:
            chosen = self._choice
            if chosen is not None and chosen.backend is not None:
                try:
                    return replace(chosen, info=await chosen.backend.describe())
                except LspDebuggerError as error:
                    _log.info("choosing again: %s", type(error).__name__)
                    await chosen.backend.aclose()
            choose = await asyncio.to_thread(_imported_choose)
            self._choice = await choose(self._session.settings, self._session.state)
            return self._choice

    def preload_soon(self) -> None:
        if self._preloading is None and self._session.settings.backend != "none":
            self._preloading = asyncio.get_running_loop().create_task(self._preload(), name="preload")

    async def _preload(self) -> None:
        """Load the model and let it read the constant beginning of every prompt. Failing costs nothing."""
        from lsp_debugger.models.preload import preload_allowed

        try:
            decided = await asyncio.to_thread(preload_allowed, self._session.settings, at_start=False)
            _log.info("preload: %s", decided.why)
            if not decided.allowed:
                return
            choice = await self.choose()
            if choice.backend is not None:
                await choice.backend.warm()
        except LspDebuggerError as error:
            _log.info("no preload: %s", type(error).__name__)

    async def status(self) -> str:
        choice = await self.choose()
        if choice.info is None:
            return f"none: {choice.why}. {choice.hint}".rstrip()
        info = choice.info
        return f"{info.model} on {info.backend}, {info.locality.value} ({info.chosen_because})"

    async def aclose(self) -> None:
        if self._preloading is not None:
            self._preloading.cancel()
            await asyncio.gather(self._preloading, return_exceptions=True)
        if self._choice is not None and self._choice.backend is not None:
            await self._choice.backend.aclose()


def _imported_choose() -> Callable[[config.Settings, State], Awaitable[Choice]]:
    """Importing the clients takes most of a second: in a thread the loop hardly notices."""
    from lsp_debugger.models.choose import choose

    return choose


class _Indexes:
    """One index client a workspace folder, made with the first need. Single-file mode has none."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._clients: dict[Path, IndexClient] = {}
        self._waiting: dict[str, str | None] = {}

    def of(self, root: Path | None) -> IndexClient | None:
        self.need(root)
        return self._clients.get(root) if root is not None else None

    def need(self, root: Path | None) -> None:
        """Start the worker of this folder if it may have one and has none."""
        if root is None or root in self._clients or not self._session.settings.index_enabled:
            return
        from lsp_debugger.index.client import IndexClient

        session = self._session
        client = IndexClient(root, session.state.workspace(root), memory_mb=session.settings.index_memory_mb)
        self._clients[root] = client
        for path, text in self._waiting.items():
            if session.workspace.root_of(path) == root:
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
            root = self._session.workspace.root_of(path)
            if root in self._clients:
                by_client.setdefault(root, []).append((path, kind))
        for root, those in by_client.items():
            self._clients[root].watched(those)

    def _client_of(self, path: str) -> IndexClient | None:
        root = self._session.workspace.root_of(path)
        return self._clients.get(root) if root is not None else None

    async def status(self) -> str:
        if not self._session.settings.index_enabled:
            return "turned off (index.enabled)"
        if not self._session.workspace.roots:
            return "none in single-file mode"
        if not self._clients:
            return "not needed yet"
        states = [f"{root.name}: {await client.status()}" for root, client in self._clients.items()]
        return "; ".join(states)

    async def aclose(self) -> None:
        await asyncio.gather(*(client.aclose() for client in self._clients.values()), return_exceptions=True)
