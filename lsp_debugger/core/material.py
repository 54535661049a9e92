"""What goes into a prompt: text that never forgets where it came from."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace

from lsp_debugger.core.ask import Ask, Card
from lsp_debugger.core.text import Snapshot, Span


class FragmentKind(enum.Enum):
    """What a fragment is. The order is the order in the prompt.

    What changes least between two questions about one file stands first, so that the engine's
    cache of leading tokens holds (policy, scoring and tests read the value, not the order).
    """

    IMPORTS = "imports"
    SCOPE = "scope"
    DIFF = "diff"
    EDITS = "unsaved edits"
    DEFINITION = "definition"
    RELATED = "related"
    TRACE = "trace"
    CARD = "card"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of text with its origin.

    path: relative to the root with `/`, absolute when outside of it, None when it has no file.
    start_line: 1-based line of the first character in that file.
    literals: spans of string and bytes literals in `text`, quotes excluded, so that the policy
      needs no parser.
    """

    kind: FragmentKind
    text: str
    path: str | None = None
    start_line: int = 1
    language_id: str = ""
    symbol: str = ""
    literals: tuple[Span, ...] = ()

    @property
    def end_line(self) -> int:
        """1-based, inclusive."""
        return self.start_line + self.text.rstrip("\n").count("\n")

    @property
    def headed(self) -> str:
        """The text under its path and its symbol, as a model for vectors reads it."""
        head = " ".join(filter(None, [self.path, self.symbol]))
        return f"{head}\n{self.text}" if head else self.text


@dataclass(frozen=True, slots=True)
class Hit:
    """A fragment that search returned. `score`: higher is nearer. `why`: words for the user.

    kind: of the chunk it comes from: function | method | class | module | window.
    """

    fragment: Fragment
    score: float
    why: tuple[str, ...] = ()
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Context:
    """The question with everything gathered for it, before any decision.

    dropped: how many fragments did not fit `budget_tokens`; 0 means that all of it is there.
    """

    ask: Ask
    card: Card
    snapshot: Snapshot
    fragments: tuple[Fragment, ...] = ()
    index_version: str = "none"
    budget_tokens: int = 0
    dropped: int = 0

    def with_fragments(self, fragments: tuple[Fragment, ...]) -> Context:
        return replace(self, fragments=fragments)
