"""What decides about a request: policy, known secrets, the two gates. Made when first needed."""

from __future__ import annotations

import asyncio
from functools import cached_property
from typing import TYPE_CHECKING

from lsp_debugger.config import Settings
from lsp_debugger.context.workspace import Workspace
from lsp_debugger.core.material import Context
from lsp_debugger.core.model import ModelInfo
from lsp_debugger.state import State

if TYPE_CHECKING:
    from lsp_debugger.policy.decide import Decision
    from lsp_debugger.policy.document import CloudEndpoint
    from lsp_debugger.policy.gate import Gate
    from lsp_debugger.policy.known_values import KnownValues
    from lsp_debugger.policy.remote import RemoteGate
    from lsp_debugger.policy.route import Denied, Route
    from lsp_debugger.policy.store import LoadedPolicy, PolicyStore


class Gates:
    """One for a session. Its imports are those of a question, so they are done where they are needed."""

    def __init__(self, settings: Settings, state: State, workspace: Workspace) -> None:
        self._settings = settings
        self._state = state
        self._workspace = workspace
        self._making = asyncio.Lock()
        self._gate: Gate | None = None
        self._retired: list[Gate] = []
        self._remote_name = ""

    async def aclose(self) -> None:
        for gate in (self._gate, *self._retired):
            if gate is not None:
                await gate.aclose()

    def roots_changed(self) -> None:
        """Policy files and known secrets go with the folders: the next question reads the new ones'."""
        if self._gate is not None:
            self._retired.append(self._gate)
            self._gate = None
        for name in ("policy", "known_values"):
            self.__dict__.pop(name, None)

    @cached_property
    def policy(self) -> PolicyStore:
        from lsp_debugger.wiring.policies import policy_store

        return policy_store(self._settings, self._state, self._workspace.roots)

    @cached_property
    def known_values(self) -> KnownValues:
        from lsp_debugger.policy.known_values import KnownValues

        roots = [str(root) for root in self._workspace.roots]
        return KnownValues(roots, login_files=lambda: self.policy.current().policy.login_files)

    @property
    def remote_name(self) -> str:
        """The service that the policy read last lets one ask, empty for none. Pure look-up."""
        return self._remote_name

    async def own(self) -> Gate:
        """The gate to models that text may reach without anybody's word."""
        async with self._making:
            if self._gate is None:
                self._gate = await asyncio.to_thread(self._made)
            return self._gate

    async def remote(self) -> RemoteGate:
        """The gate to models of others."""
        from lsp_debugger.models.openai_chat import remote_body
        from lsp_debugger.policy.budget import Ledger
        from lsp_debugger.policy.consent import Consents
        from lsp_debugger.policy.remote import RemoteGate

        gate = await self.own()
        audit = await asyncio.to_thread(lambda: self._state.audit)
        consents = Consents(self._state.directory / "consents.json")
        return RemoteGate(gate, Ledger(audit / "budget.db"), consents, remote_body)

    async def decide(self, context: Context) -> Decision:
        """In a thread: the first time, patterns and a parser for the policy's file are imported."""
        return await asyncio.to_thread(self._decided, context)

    def route(self, decision: Decision, info: ModelInfo) -> Route | Denied:
        from lsp_debugger.policy.route import route

        return route(decision, info)

    def offer(self, decision: Decision | None) -> str:
        """What an answer says about asking elsewhere."""
        from lsp_debugger.policy.offer import offer

        return offer(self._looked_at()[0], decision)

    def _decided(self, context: Context) -> Decision:
        """With the policy's endpoint in view, so that the answer can say whether it may be asked."""
        from lsp_debugger.policy.decide import decide
        from lsp_debugger.policy.facts import RequestFacts

        loaded, first = self._looked_at()
        world = RequestFacts(endpoint=first.name, model=first.models[0]) if first else None
        return decide(loaded, context, context.ask.task_name, world)

    def _looked_at(self) -> tuple[LoadedPolicy, CloudEndpoint | None]:
        """The policy and its first endpoint; menus, which read no file, know that one's name from here."""
        loaded = self.policy.current()
        first = next(iter(loaded.policy.grants.endpoints), None)
        self._remote_name = first.name if first else ""
        return loaded, first

    def _made(self) -> Gate:
        from lsp_debugger.models.prompt import render
        from lsp_debugger.policy.audit import Audit
        from lsp_debugger.policy.gate import Gate

        return Gate(self.policy, lambda: Audit(self._state.audit), render, self.known_values)
