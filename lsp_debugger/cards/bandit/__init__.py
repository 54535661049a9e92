"""Findings of bandit. Most of ruff's S-rules are bandit's own under another letter, and are read as those."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import replace

from lsp_debugger.cards.bandit import texts
from lsp_debugger.cards.case import Case
from lsp_debugger.cards.family import Family, from_sources
from lsp_debugger.cards.ruff import security
from lsp_debugger.core.ask import Card

_CODE = re.compile(r"B(?P<number>\d{3})$")
# Where the two number the same thing differently.
_AS_RUFF: Mapping[str, str] = {"B303": "S324", "B302": "S301", "B614": "S301"}
_IMPORTS = re.compile(r"B4\d\d$")


def card(case: Case) -> Card | None:
    code = case.problem.code
    if _IMPORTS.match(code):
        return _import(case)
    match = _CODE.match(code)
    if match is None:
        return None
    problem = replace(case.problem, source="ruff", code=_AS_RUFF.get(code, f"S{match['number']}"))
    return security.card(replace(case, problem=problem))


def _import(case: Case) -> Card | None:
    """It is about what may be done with a module: the first place in this file that uses it."""
    parsed = case.python
    node = parsed.around(case.span, (ast.Import, ast.ImportFrom)) if parsed is not None else None
    if parsed is None or node is None:
        return None
    names = [alias.asname or alias.name.partition(".")[0] for alias in node.names]
    module = node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
    if not module or not names:
        return None
    for used in ast.walk(parsed.tree):
        if isinstance(used, ast.Call) and _root(used.func) in names:
            place = case.here(used.lineno, f"`{parsed.code(used)}` is its first use")
            return Card(f"`{module}` is imported here; what matters is what it is given.", (place,))
    return Card(f"`{module}` is imported here, and nothing in this file calls it.")


def _root(func: ast.expr) -> str:
    while isinstance(func, ast.Attribute):
        func = func.value
    return func.id if isinstance(func, ast.Name) else ""


FAMILY = Family(from_sources("bandit"), card, lambda _: texts.EXPLAINER)
