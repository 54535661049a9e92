"""What a server or a command line talks to: everything behind one client."""

from __future__ import annotations

import asyncio
import importlib
import logging
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
from lsp_debugger.core.model import Sampling
from lsp_debugger.core.text import Snapshot
from lsp_debugger.state import State
from lsp_debugger.syntax.symbols import SymbolMap
from lsp_debugger.syntax.tree import TreeSitterSyntax
from lsp_debugger.trust import Trust
from lsp_debugger.wiring.cards import FreshCards
from lsp_debugger.wiring.checks import Checks
from lsp_debugger.wiring.fix_metrics import FixMetrics
from lsp_debugger.wiring.gates import Gates
from lsp_debugger.wiring.indexes import Indexes, OnProgress
from lsp_debugger.wiring.masking import Masking
from lsp_debugger.wiring.models import Models
from lsp_debugger.wiring.questions import Questions
from lsp_debugger.wiring.repairs import FOR_QUESTIONS, Asking, Repairs

if TYPE_CHECKING:
    from lsp_debugger.checkers import Checked
    from lsp_debugger.escalation import Escalation
    from lsp_debugger.pipeline import Pipeline
    from lsp_debugger.policy.store import PolicyStore
    from lsp_debugger.verify.verdict import Verdict

_log = logging.getLogger(__name__)


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
        self._gates = Gates(self.settings, self.state, self.workspace)
        self._indexes = Indexes(self.workspace, self.state, self.settings, lambda: self.policy)
        self._cards = FreshCards(self.workspace, self.syntax, self.state, self._indexes.of)
        self._masking = Masking(lambda: self._gates.known_values)
        self._questions = Questions(self._cards, self._masking, self._make_pipeline, self._make_escalation)
        self._checks = Checks(self.workspace, self.state, self.trust)
        self._fix_metrics = FixMetrics(self.state)

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
        await self._gates.aclose()

    def roots_changed(self, roots: Sequence[Path]) -> None:
        """Folders came or went: policy files, known secrets and indexes go with them."""
        self.workspace.roots = tuple(roots)
        self._indexes.roots_changed()
        self._gates.roots_changed()
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

    def index_watched_by(self, on_progress: OnProgress) -> None:
        """Who shows long work is told of it, on the loop."""
        self._indexes.on_progress = on_progress

    def put_off_index(self, root: Path) -> None:
        """End the long work on a folder's index; the rest of it waits for the next session."""
        self._indexes.put_off(root)

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
            decide=self._gates.decide,
            route=self._gates.route,
            gate=self._gates.own,
            budget_tokens=self.settings.context_budget_tokens,
            sampling=Sampling(max_tokens=self.settings.answer_max_tokens),
            offer=self._gates.offer,
        )

    def _make_escalation(self) -> Escalation:
        """In a thread, as the pipeline is made."""
        from lsp_debugger.escalation import Escalation

        return Escalation(
            cards=self._cards,
            build=self._build,
            gate=self._gates.remote,
            backend=self._models.remote,
            sampling=Sampling(max_tokens=self.settings.answer_max_tokens),
        )

    @property
    def remote_name(self) -> str:
        """The service that the policy read last lets one ask, empty for none. Pure look-up."""
        return self._gates.remote_name

    @cached_property
    def repairs(self) -> Repairs:
        """What asks for fixes and checks them."""
        asking = Asking(
            cards=self._cards,
            choose=self._models.choose,
            build=self._build,
            decide=self._gates.decide,
            route=self._gates.route,
            gate=self._gates.own,
            index=self._indexes.of,
            remote_gate=self._gates.remote,
            remote_backend=self._models.remote,
        )
        return Repairs(asking, self.settings, self.workspace, self.state, self.trust)

    def fix_fared(self, outcome: str, verdict: Verdict, after_s: int, kept: float) -> None:
        """Count what became of a fix, here and without its text. Blocks; a full disk costs the count."""
        try:
            self._fix_metrics.add(
                outcome, after_s=after_s, kept=kept, rungs=verdict.height, is_complete=verdict.is_complete
            )
        except (StateUnavailable, OSError) as error:
            _log.info("not counted: %s", type(error).__name__)

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

    @property
    def policy(self) -> PolicyStore:
        return self._gates.policy

    async def status(self) -> dict[str, str]:
        """What is in force now, a line each, for `lspDebugger.status` and `doctor`."""
        from lsp_debugger.policy.store import summary

        loaded = await asyncio.to_thread(self.policy.current)
        return {
            "model": await self._models.status(),
            "policy": summary(loaded),
            "index": await self._indexes.status(),
            "fixes": await asyncio.to_thread(self._fix_metrics.summary),
            "state": await asyncio.to_thread(self._state_status),
            "settings": "; ".join(self.loaded.problems) or "no problems",
        }

    def _state_status(self) -> str:
        try:
            return str(self.state.directory)
        except StateUnavailable as error:
            return f"none: {error}; {error.hint}"
