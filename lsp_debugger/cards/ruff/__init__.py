"""Findings of ruff. Rules without a function here show their message and ruff's own explanation."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.family import Family, from_sources
from lsp_debugger.cards.ruff import bugs, names, security, syntax, texts
from lsp_debugger.core.ask import Card

RULES: Mapping[str, Callable[[Case], Card | None]] = {
    "B006": bugs.mutable_default,
    "B008": bugs.call_in_default,
    "B023": bugs.loop_variable,
    "B904": bugs.raise_without_from,
    "E711": bugs.comparison_to_none,
    "E712": bugs.comparison_to_bool,
    "E722": bugs.bare_except,
    "E999": syntax.broken,
    "F401": names.unused_import,
    "F811": names.redefinition,
    "F821": names.undefined,
    "F841": names.unused_variable,
    "invalid-syntax": syntax.broken,
}
_SECURITY = re.compile(r"S\d+$")


def card(case: Case) -> Card | None:
    """None for rules that have no function, and where the function sees nothing that it is sure of."""
    code = case.problem.code
    make = security.card if _SECURITY.match(code) else RULES.get(code)
    return make(case) if make is not None else None


FAMILY = Family(from_sources("ruff"), card, lambda _: texts.EXPLAINER)
