"""How a message of Go's tools is recognised: most of them come without a code."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from lsp_debugger.cards.case import Case
from lsp_debugger.core.ask import Card

Make = Callable[[Case, re.Match[str]], Card | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """code: the compiler's own code, or an analyzer's name. pattern: how its message begins."""

    code: str
    pattern: re.Pattern[str]
    make: Make | None = None


def rule(code: str, pattern: str, make: Make | None = None) -> Rule:
    return Rule(code, re.compile(pattern), make)
