"""What mypy says, taken apart, and how the same is said by pyright, whose cards are asked where they fit."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from lsp_debugger.cards.case import Case
from lsp_debugger.core.ask import Card
from lsp_debugger.core.ports import Definition
from lsp_debugger.core.text import Span

NodeT = TypeVar("NodeT", bound=ast.expr | ast.stmt)
_MAX_CHARS = 4000
# What mypy adds to many messages, and what of it says nothing about this code.
_GENERAL = ("See ", "Hint: ", "(or run ", "Use https:", "PEP 484 ", "This violates ", "Maybe you forgot ")
_MAX_HINTS = 2
_LINK = re.compile(r" -- see https?://\S{1,300}$")
TYPE = r"[^\"\n]{1,1000}"
NAME = r"[^\"\s]{1,200}"


def first_line(case: Case) -> str:
    return case.problem.message[:_MAX_CHARS].partition("\n")[0]


def told(pattern: re.Pattern[str], case: Case) -> re.Match[str] | None:
    """The beginning of mypy's sentence, if it reads like that."""
    return pattern.match(first_line(case))


def hints(case: Case) -> tuple[str, ...]:
    """The lines under the sentence that say something about this code."""
    lines = [line.strip() for line in case.problem.message[:_MAX_CHARS].split("\n")[1:]]
    kept = [_LINK.sub("", line) for line in lines if line and not line.startswith(_GENERAL)]
    return tuple(kept[:_MAX_HINTS])


def as_pyright(
    case: Case, message: str, make: Callable[[Case], Card | None], span: Span | None = None
) -> Card | None:
    """The card for what pyright would say about the same place. span: where pyright would point."""
    problem = replace(case.problem, message=message, span=case.span if span is None else span)
    return make(replace(case, problem=problem))


def find(case: Case, kind: type[NodeT], fits: Callable[[NodeT], bool] = lambda _: True) -> NodeT | None:
    """The innermost node around the finding that fits.

    Places in an f-string are not sure: there it is the only one that fits of the line.
    """
    parsed = case.python
    if parsed is None:
        return None
    found = parsed.around(case.span, kind)
    if found is not None and fits(found):
        return found
    nodes = [
        node
        for node in ast.walk(parsed.tree)
        if isinstance(node, kind) and node.lineno == case.line and fits(node)
    ]
    return nodes[0] if len(nodes) == 1 and _is_in_string(case) else None


def _is_in_string(case: Case) -> bool:
    parsed = case.python
    return parsed is not None and any(
        isinstance(node, ast.JoinedStr) and node.lineno <= case.line <= (node.end_lineno or node.lineno)
        for node in ast.walk(parsed.tree)
    )


def class_named(case: Case, name: str) -> Definition | None:
    """The one class of the project with that name; mypy may write the module before it."""
    last = name.rpartition(".")[2]
    found = [each for each in case.around.symbols.definitions(last, case.path) if each.kind == "class"]
    return found[0] if len(found) == 1 else None


def listed(names: list[str]) -> str:
    """`a`, `b` and `c`."""
    shown = [f"`{name}`" for name in names]
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1]))) if shown else ""
