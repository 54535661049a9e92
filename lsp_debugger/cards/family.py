"""What one tool's cards consist of: which problems are its, how they read, where its rules' words are."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from lsp_debugger.cards.case import Case
from lsp_debugger.core.ask import Card, Problem
from lsp_debugger.core.ports import RuleText
from lsp_debugger.tools import Tool


@dataclass(frozen=True, slots=True)
class Explainer:
    """How a tool is asked about its rules.

    programs: the first that is found is asked; the first names the table that is kept.
    key: what to ask for; empty where there is nothing to ask.
    ask: texts by key in the tool's own words, from an empty directory: every rule's at once, or with
      `whole=False` the one key's. Raises LspDebuggerError; a rule that the tool does not know is left out.
    told: what of such a text is shown.
    """

    programs: tuple[str, ...]
    key: Callable[[Problem], str]
    ask: Callable[[Tool, str], Awaitable[Mapping[str, str]]]
    told: Callable[[str, str], RuleText]
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Family:
    """One tool's cards, or those of several tools that speak alike.

    card: None where it knows nothing about this instance: then the message stands.
    explainer: None where the card brings its own words, or nobody has any.
    """

    knows: Callable[[Problem], bool]
    card: Callable[[Case], Card | None]
    explainer: Callable[[Problem], Explainer | None] = lambda _: None


def from_sources(*sources: str) -> Callable[[Problem], bool]:
    """Knows a problem by its publisher, in any case."""
    wanted = frozenset(source.lower() for source in sources)
    return lambda problem: problem.source.lower() in wanted
