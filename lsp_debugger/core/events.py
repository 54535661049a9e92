"""What a running question says of itself, to the editor and to observers. No source text in phases."""

from __future__ import annotations

from dataclasses import dataclass

from lsp_debugger.core.ask import Card, Problem, Verified


@dataclass(frozen=True, slots=True)
class CardReady:
    """Step 0: the part without a model stands. problem: as it may be shown."""

    card: Card
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Phase:
    """What is being done now, in words for a progress bar: `reading the prompt`."""

    name: str
    tokens_per_s: float | None = None


@dataclass(frozen=True, slots=True)
class Delta:
    """More of the answer's Markdown, already sanitised: append it."""

    text: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The last event of every run, cancelled ones included."""

    verified: Verified


Event = CardReady | Phase | Delta | Finished
