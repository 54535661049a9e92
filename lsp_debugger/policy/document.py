"""What a policy says, once it has been read and checked. Values only."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from lsp_debugger.policy.expressions import Expression
from lsp_debugger.policy.patterns import Regex

CLASS_NAMES = ("never_send", "redact_and_allow", "allow")
DETECTOR_NAMES = ("secrets",)


class Action(enum.Enum):
    """What a rule asks for. DENY keeps the whole request on the machine, wherever the rule stands."""

    LOCAL = "local"
    REDACT_THEN_ROUTE = "redact_then_route"
    CONSIDER_CLOUD = "consider_cloud"
    DENY = "deny"


class Mode(enum.Enum):
    """ENFORCE: rules decide. SHADOW: rules are evaluated and recorded, nothing remote happens.
    OFF_CLOUD: remote is off, whatever the rules say.
    """

    ENFORCE = "enforce"
    SHADOW = "shadow"
    OFF_CLOUD = "off_cloud"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a class: a glob over paths, or a pattern over text (then `regex` is set).

    id: `LAYER.CLASS[INDEX]`, stable for one file; this is what results and audit records show.
    """

    id: str
    glob: str = ""
    regex: Regex | None = field(default=None, repr=False, compare=False)
    pattern: str = ""


@dataclass(frozen=True, slots=True)
class PolicyRule:
    """id: `LAYER.rules[INDEX]`."""

    id: str
    condition: Expression = field(repr=False, compare=False)
    action: Action


@dataclass(frozen=True, slots=True)
class Policy:
    """One file's content, or several layers' after merging."""

    mode: Mode = Mode.ENFORCE
    never_send: tuple[Entry, ...] = ()
    redact_and_allow: tuple[Entry, ...] = ()
    allow: tuple[Entry, ...] = ()
    rules: tuple[PolicyRule, ...] = ()
    never_index: tuple[str, ...] = ()
    detectors: tuple[str, ...] = DETECTOR_NAMES

    def entries(self, class_name: str) -> tuple[Entry, ...]:
        return {
            "never_send": self.never_send,
            "redact_and_allow": self.redact_and_allow,
            "allow": self.allow,
        }[class_name]
