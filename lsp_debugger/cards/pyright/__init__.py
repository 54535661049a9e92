"""Findings of pyright, basedpyright and Pylance."""

from __future__ import annotations

from lsp_debugger.cards.case import Case
from lsp_debugger.core.ask import Card, Problem


def knows(problem: Problem) -> bool:
    return problem.source.lower() in ("pyright", "basedpyright", "pylance")


def card(case: Case) -> Card | None:
    del case
    return None
