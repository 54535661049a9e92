"""Every tool that has cards, in the order in which they are asked; the listing is the registration."""

from __future__ import annotations

from lsp_debugger.cards import (
    bandit,
    c,
    eslint,
    exceptions,
    go,
    mypy,
    pyright,
    ruff,
    rustc,
    shellcheck,
    typescript,
)
from lsp_debugger.cards.family import Family
from lsp_debugger.core.ask import Problem

FAMILIES: tuple[Family, ...] = (
    ruff.FAMILY,
    pyright.FAMILY,
    mypy.FAMILY,
    bandit.FAMILY,
    typescript.FAMILY,
    eslint.FAMILY,
    shellcheck.FAMILY,
    rustc.FAMILY,
    go.FAMILY,
    c.FAMILY,
    exceptions.FAMILY,
)


def family_of(problem: Problem) -> Family | None:
    return next((family for family in FAMILIES if family.knows(problem)), None)
