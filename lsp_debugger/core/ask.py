"""A problem, what is asked about it, and what comes back."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass, field

from lsp_debugger.core.text import Span


class Severity(enum.IntEnum):
    """LSP's numbers: lower is worse."""

    ERROR = 1
    WARNING = 2
    INFORMATION = 3
    HINT = 4


class ProblemKind(enum.Enum):
    DIAGNOSTIC = "diagnostic"
    TRACEBACK = "traceback"
    MESSAGE = "message"  # a line of text that somebody pasted or piped in


@dataclass(frozen=True, slots=True)
class Place:
    """A line that somebody should look at. `line` is 1-based, as people and compilers count."""

    path: str
    line: int
    note: str = ""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


@dataclass(frozen=True, slots=True)
class Replacement:
    """Put `new_text` where `span` is."""

    span: Span
    new_text: str


@dataclass(frozen=True, slots=True)
class ToolFix:
    """The edit that a tool itself calls safe, in the text that its problem was found in."""

    title: str
    replacements: tuple[Replacement, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong, where, and who says so.

    span: where in the snapshot it was found, or None when it belongs to no open text.
    path: as shown to the user (absolute, or relative to the root); line is 1-based.
    stale: an edit touched it after its publisher spoke: it is explained, never edited.
    fix: only of problems that a checker of ours found; other publishers offer their own.
    """

    message: str
    kind: ProblemKind = ProblemKind.DIAGNOSTIC
    source: str = ""
    code: str = ""
    severity: Severity = Severity.ERROR
    path: str | None = None
    line: int = 1
    span: Span | None = None
    related: tuple[Place, ...] = ()
    frames: tuple[Place, ...] = ()  # a traceback's, outermost first; note is the function
    href: str | None = None
    stale: bool = False
    tags: tuple[str, ...] = ()  # LSP's, in lower case: unnecessary, deprecated
    fix: ToolFix | None = None

    @property
    def label(self) -> str:
        """The short name used in titles and progress: the code, else the source."""
        return self.code or self.source or self.kind.value


@dataclass(frozen=True, slots=True)
class CertainEdit:
    """An edit that needs no judgement, for exactly one version of one document."""

    title: str
    uri: str
    version: int | None
    replacements: tuple[Replacement, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """What is known without a model. Rendered in at most twelve lines.

    headline: one sentence about this instance, with the names from the code.
    places: where it comes from, nearest cause first.
    rule_text: the tool's own words about the rule, last; may be long, the renderer cuts.
    """

    headline: str
    places: tuple[Place, ...] = ()
    notes: tuple[str, ...] = ()
    edit: CertainEdit | None = None
    rule_text: str = ""
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """What a feature wants to know about a problem. `task` is our text, never the repository's."""

    problem: Problem
    task: str
    task_name: str
    wants_patch: bool = False


class Confidence(enum.Enum):
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where an answer came from: enough to ask the same question again.

    prompt_hmac: keyed, because a plain hash of short text can be guessed.
    """

    answer_id: str
    backend: str
    model: str
    digest: str
    locality: str
    policy_sha256: str
    index_version: str
    prompt_hmac: str
    chosen_because: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A model's words after reading and sanitising; still a supposition.

    complete: False when it was cancelled or cut off; what there is of it is kept.
    finish_reason: stop | length | cancelled | error.
    """

    markdown: str
    complete: bool
    finish_reason: str
    confidence: Confidence
    confidence_reason: str
    evidence: tuple[Place, ...]
    provenance: Provenance
    tokens: int = 0


@dataclass(frozen=True, slots=True)
class Unanswered:
    """No model spoke; the card stands alone. `reason` is one line, `hint` what to do."""

    reason: str
    hint: str = ""
    policy_sha256: str = ""


@dataclass(frozen=True, slots=True)
class Verified:
    """What may be shown: the card, and the model's part if there was one.

    escalation: why nothing was sent elsewhere, or how to ask for it.
    """

    problem: Problem
    card: Card
    reply: Answer | Unanswered
    answer_id: str
    escalation: str
    version: int | None = None


class Surface(enum.Enum):
    CODE_ACTION = "code action"
    HOVER = "hover"
    COMMAND = "command"


@dataclass(frozen=True, slots=True)
class Feature:
    """One thing a user can do. `ask` returns None when there is nothing to do."""

    name: str
    title: str
    surfaces: frozenset[Surface]
    ask: Callable[[Problem], Ask | None]
    show: Callable[[Verified], str] = field(repr=False)
