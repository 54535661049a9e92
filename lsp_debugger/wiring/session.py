"""What a server or a command line talks to: everything behind one client."""

from __future__ import annotations

import asyncio
import importlib
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from lsp_debugger import config
from lsp_debugger.context.workspace import Workspace
from lsp_debugger.core.ask import Ask, Card, Place, Problem
from lsp_debugger.core.errors import StateUnavailable
from lsp_debugger.core.material import Context
from lsp_debugger.core.model import ModelInfo, Sampling
from lsp_debugger.core.text import Snapshot
from lsp_debugger.state import State
from lsp_debugger.syntax.symbols import SymbolMap
from lsp_debugger.syntax.tree import TreeSitterSyntax
from lsp_debugger.trust import Trust
from lsp_debugger.wiring.cards import FreshCards
from lsp_debugger.wiring.checks import Checks
from lsp_debugger.wiring.indexes import Indexes
from lsp_debugger.wiring.masking import Masking
from lsp_debugger.wiring.models import Models
from lsp_debugger.wiring.questions import Questions
from lsp_debugger.wiring.repairs import FOR_QUESTIONS, Asking, Repairs

if TYPE_CHECKING:
    from lsp_debugger.checkers import Checked
    from lsp_debugger.escalation import Escalation
    from lsp_debugger.pipeline import Pipeline
    from lsp_debugger.policy.decide import Decision
    from lsp_debugger.policy.document import CloudEndpoint
    from lsp_debugger.policy.gate import Gate
    from lsp_debugger.policy.known_values import KnownValues
    from lsp_debugger.policy.remote import RemoteGate
    from lsp_debugger.policy.route import Denied, Route
    from lsp_debugger.policy.store import LoadedPolicy, PolicyStore


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
        self._models = Models(self.settings, self.state)
        self._indexes = Indexes(self.workspace, self.state, self.settings, lambda: self.policy)
        self._cards = FreshCards(self.workspace, self.syntax, self.state, self._indexes.of)
        self._masking = Masking(lambda: self._known_values)
        self._questions = Questions(self._cards, self._masking, self._make_pipeline, self._make_escalation)
        self._checks = Checks(self.workspace, self.state, self.trust)
        self._making_gate = asyncio.Lock()
        self._gate: Gate | None = None
        self._remote_name = ""
        self._retired: list[Gate] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Give back engine, worker and audit. The caller bounds the time."""
        parts = (self._models, self._indexes, self._masking)
        await asyncio.gather(*(part.aclose() for part in parts), return_exceptions=True)
        for gate in (self._gate, *self._retired):
            if gate is not None:
                await gate.aclose()

    def roots_changed(self, roots: Sequence[Path]) -> None:
        """Folders came or went: policy files, known secrets and indexes go with them."""
        self.workspace.roots = tuple(roots)
        self._indexes.roots_changed()
        if self._gate is not None:
            self._retired.append(self._gate)
            self._gate = None
        for name in ("policy", "_known_values"):  # the cached ones: the next question reads the new folders'
            self.__dict__.pop(name, None)
        self._masking.renew()

    def watch_files(self) -> None:
        """The client does not tell what changes on disk: indexes look for themselves."""
        self._indexes.watches = True

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
        self._masking.prepare_soon()
        self._models.preload_soon()

    def masked(self, text: str) -> str:
        """The beginning of `text` without secrets, for a title. Pure look-up: empty while not prepared."""
        return self._masking.title(text)

    async def without_secrets(self, text: str) -> str:
        """All of `text` as it may be shown."""
        mask = await self._masking.mask()
        return await asyncio.to_thread(mask.text, text)

    def read(self, path: str) -> Snapshot | None:
        """A file of the workspace as the user sees it."""
        return self.workspace.read(path)

    async def check(self, target: Path, only: Collection[str] | None = None) -> list[Checked]:
        """What the checkers of this workspace say about a file or folder, as tools wrote it.

        For questions and cards, which mask what they show. Raises StateUnavailable.
        """
        return await self._checks.check(target, only)

    async def shown(self, checked: Sequence[Checked]) -> list[Checked]:
        """The same without secrets, for every surface that shows messages themselves."""
        mask = await self._masking.mask()

        def masked() -> list[Checked]:
            return [
                replace(
                    each,
                    problems=tuple(map(mask.problem, each.problems)),
                    reason=mask.text(each.reason),
                )
                for each in checked
            ]

        return await asyncio.to_thread(masked)

    def findings_known_by(self, elsewhere: Callable[[Problem], Sequence[Place]]) -> None:
        """Who holds findings tells cards where else a rule was found. Asked on the loop: pure look-up."""
        self._cards.known_elsewhere = elsewhere

    def trusts(self, target: Path) -> bool:
        """Whether the user trusts the workspace folder around `target`. Reads a small file."""
        return self._checks.trusts(target)

    def new_id(self) -> str:
        return secrets.token_hex(6)

    # What a question goes through.

    @property
    def pipeline(self) -> Questions:
        """What answers questions. Its parts are imported and made when a question comes."""
        return self._questions

    def _make_pipeline(self) -> Pipeline:
        """In a thread: it imports what only questions need."""
        for name in FOR_QUESTIONS:
            importlib.import_module(name)
        from lsp_debugger.pipeline import Pipeline

        return Pipeline(
            cards=self._cards,
            choose=self._models.choose,
            build=self._build,
            decide=self._decide,
            route=self._route,
            gate=self._made_gate,
            budget_tokens=self.settings.context_budget_tokens,
            sampling=Sampling(max_tokens=self.settings.answer_max_tokens),
            offer=self._offer,
        )

    def _make_escalation(self) -> Escalation:
        """In a thread, as the pipeline is made."""
        from lsp_debugger.escalation import Escalation

        return Escalation(
            cards=self._cards,
            build=self._build,
            gate=self._remote_gate,
            backend=self._models.remote,
            sampling=Sampling(max_tokens=self.settings.answer_max_tokens),
        )

    async def _remote_gate(self) -> RemoteGate:
        from lsp_debugger.models.openai_chat import remote_body
        from lsp_debugger.policy.budget import Ledger
        from lsp_debugger.policy.consent import Consents
        from lsp_debugger.policy.remote import RemoteGate

        gate = await self._made_gate()
        audit = await asyncio.to_thread(lambda: self.state.audit)
        consents = Consents(self.state.directory / "consents.json")
        return RemoteGate(gate, Ledger(audit / "budget.db"), consents, remote_body)

    @property
    def remote_name(self) -> str:
        """The service that the policy read last lets one ask, empty for none. Pure look-up."""
        return self._remote_name

    @cached_property
    def repairs(self) -> Repairs:
        """What asks for fixes and checks them."""
        asking = Asking(
            cards=self._cards,
            choose=self._models.choose,
            build=self._build,
            decide=self._decide,
            route=self._route,
            gate=self._made_gate,
            index=self._indexes.of,
            remote_gate=self._remote_gate,
            remote_backend=self._models.remote,
        )
        return Repairs(asking, self.settings, self.workspace, self.state, self.trust)

    def why_no_model(self) -> str | None:
        """Why no model can be asked: empty where one can, None while nobody has looked. Pure look-up."""
        return self._models.why_none()

    def look_for_model(self) -> None:
        """Have a look in the background, unless there was one just now. Loads nothing and sends no text."""
        self._models.look_soon()

    async def _build(self, ask: Ask, card: Card, snapshot: Snapshot, budget_tokens: int) -> Context:
        from lsp_debugger.context import build

        root = self.workspace.root_of(snapshot.path)
        sources = build.Sources(
            syntax=self.syntax,
            symbols=self.symbols,
            retriever=await self._indexes.of(root),
            read=self.workspace.read,
            root=root,
        )
        return await build.build(sources, ask, card, snapshot, budget_tokens)

    async def _decide(self, context: Context) -> Decision:
        """In a thread: the first time, patterns and a parser for the policy's file are imported."""
        return await asyncio.to_thread(self._decided, context)

    def _decided(self, context: Context) -> Decision:
        """With the policy's endpoint in view, so that the answer can say whether it may be asked."""
        from lsp_debugger.policy.decide import decide
        from lsp_debugger.policy.facts import RequestFacts

        loaded, first = self._looked_at_policy()
        world = RequestFacts(endpoint=first.name, model=first.models[0]) if first else None
        return decide(loaded, context, context.ask.task_name, world)

    def _offer(self, decision: Decision | None) -> str:
        from lsp_debugger.policy.offer import offer

        return offer(self._looked_at_policy()[0], decision)

    def _looked_at_policy(self) -> tuple[LoadedPolicy, CloudEndpoint | None]:
        """The policy and its first endpoint; menus, which read no file, know that one's name from here."""
        loaded = self.policy.current()
        first = next(iter(loaded.policy.grants.endpoints), None)
        self._remote_name = first.name if first else ""
        return loaded, first

    def _route(self, decision: Decision, info: ModelInfo) -> Route | Denied:
        from lsp_debugger.policy.route import route

        return route(decision, info)

    @cached_property
    def policy(self) -> PolicyStore:
        from lsp_debugger.wiring.policies import policy_store

        return policy_store(self.settings, self.state, self.workspace.roots)

    async def _made_gate(self) -> Gate:
        async with self._making_gate:
            if self._gate is None:
                self._gate = await asyncio.to_thread(self._make_gate)
            return self._gate

    def _make_gate(self) -> Gate:
        from lsp_debugger.models.prompt import render
        from lsp_debugger.policy.audit import Audit
        from lsp_debugger.policy.gate import Gate

        return Gate(self.policy, lambda: Audit(self.state.audit), render, self._known_values)

    @cached_property
    def _known_values(self) -> KnownValues:
        from lsp_debugger.policy.known_values import KnownValues

        roots = [str(root) for root in self.workspace.roots]
        return KnownValues(roots, login_files=lambda: self.policy.current().policy.login_files)

    async def status(self) -> dict[str, str]:
        """What is in force now, a line each, for `lspDebugger.status` and `doctor`."""
        from lsp_debugger.policy.store import summary

        loaded = await asyncio.to_thread(self.policy.current)
        return {
            "model": await self._models.status(),
            "policy": summary(loaded),
            "index": await self._indexes.status(),
            "state": await asyncio.to_thread(self._state_status),
            "settings": "; ".join(self.loaded.problems) or "no problems",
        }

    def _state_status(self) -> str:
        try:
            return str(self.state.directory)
        except StateUnavailable as error:
            return f"none: {error}; {error.hint}"
