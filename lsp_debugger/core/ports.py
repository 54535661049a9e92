"""Contracts between siblings that do not know each other; `wiring.py` hands in the real ones."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from lsp_debugger.core.ask import Card, Problem
from lsp_debugger.core.events import Event
from lsp_debugger.core.material import Fragment, Hit
from lsp_debugger.core.model import Chunk, ModelInfo, Sampling
from lsp_debugger.core.text import Snapshot, Span

# `policy.gate.Cleared`: named by a variable, since core may not import policy.
ClearedT_contra = TypeVar("ClearedT_contra", contravariant=True)


class Backend(Protocol[ClearedT_contra]):
    """A program that serves a model. One instance serves one chosen model."""

    name: str

    async def describe(self) -> ModelInfo:
        """Ask the server about the model, anew each time. Raises BackendUnavailable."""
        ...

    def complete(self, cleared: ClearedT_contra, sampling: Sampling) -> AsyncIterator[Chunk]:
        """Stream a completion. Closing the iterator stops generation in the engine.

        Raises BackendUnavailable, ContextTooLong.
        """
        ...

    async def warm(self) -> None:
        """Load the model and evaluate the constant prefix. Sends no text of the user's."""
        ...

    async def count_tokens(self, text: str) -> int:
        """By the engine's own tokenizer where it has one, else an estimate; never a download."""
        ...

    async def aclose(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Definition:
    """A named thing in a source file. Lines are 1-based, inclusive; span covers the whole thing."""

    name: str
    qualname: str
    kind: str  # function | method | class | variable | import
    path: str
    start_line: int
    end_line: int
    signature: str = ""
    text: str = ""


class Symbols(Protocol):
    """Names known right now. Pure look-up in memory, safe to call on the loop."""

    def definitions(self, name: str, near: str | None = None) -> Sequence[Definition]:
        """Definitions of `name`, those in or nearest to the path `near` first."""
        ...

    def similar(self, name: str, near: str | None = None, limit: int = 3) -> Sequence[str]:
        """Known names that look like `name`, likeliest first; empty when none is close."""
        ...


@dataclass(frozen=True, slots=True)
class Scope:
    """The innermost function or class around an offset, as the grammar sees it."""

    qualname: str
    kind: str
    span: Span
    header: Span  # decorators and signature


class SyntaxView(Protocol):
    """One parsed snapshot. Never raises on broken source; it returns what it could read."""

    def scope_at(self, offset: int) -> Scope | None: ...
    def imports(self) -> Sequence[Span]: ...
    def identifiers(self, span: Span) -> Sequence[str]: ...
    def literals(self, span: Span) -> Sequence[Span]: ...


class Syntax(Protocol):
    def view(self, snapshot: Snapshot) -> SyntaxView | None:
        """None when there is no grammar for the language."""
        ...


@dataclass(frozen=True, slots=True)
class Query:
    """What to look for. Text goes to a local index only, never to a model."""

    text: str
    path: str | None = None
    identifiers: tuple[str, ...] = ()
    frames: tuple[tuple[str, int], ...] = ()
    exclude_tests: bool = False


class Retriever(Protocol):
    """Search over the workspace."""

    @property
    def version(self) -> str:
        """Names the state of the index that answers; `none` before there is one."""
        ...

    async def search(self, query: Query, top_k: int) -> list[Hit]:
        """Nearest first. Empty when nothing is ready; never waits for a build."""
        ...

    async def current(self, wait_s: float) -> bool:
        """Whether nothing is left to read in; waits for that, at most so long. Asking begins a build."""
        ...


# A numpy array, which is only there with the index: named here, never imported.
Vectors = Any


class Embedder(Protocol):
    """A model for vectors. Blocks: called from a thread.

    model: names the weights; vectors of two models say nothing about each other. dimension: of each.
    """

    model: str
    dimension: int

    def embed(self, fragments: Sequence[Fragment], timeout_s: float) -> Vectors:
        """Shape (fragments, dimension), float32, unit length; zeros where a text says nothing to the model.

        Raises BackendUnavailable, and EgressRefused when one of the texts may not go there.
        """
        ...


class CardMaker(Protocol):
    async def card(self, problem: Problem, snapshot: Snapshot) -> Card: ...


@dataclass(frozen=True, slots=True)
class RuleText:
    """What a tool says about one of its rules: its name and a paragraph or two, and where more stands."""

    text: str = ""
    href: str | None = None


class RuleDocs(Protocol):
    """Tools' own words about their rules."""

    async def rule(self, problem: Problem) -> RuleText:
        """Of the rule behind a problem. Empty when the tool is missing or does not know it."""
        ...


class Observer(Protocol):
    """Sees events; returns nothing and may not raise."""

    def saw(self, event: Event) -> None: ...
