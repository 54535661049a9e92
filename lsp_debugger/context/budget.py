"""Fit fragments to a number of tokens: whole ones, the most telling first."""

from __future__ import annotations

from collections.abc import Sequence

from lsp_debugger.core.material import Fragment, FragmentKind
from lsp_debugger.core.model import estimate_tokens

# What goes first when room is short stands last here.
_PRIORITY = (
    FragmentKind.PROBLEM,
    FragmentKind.CARD,
    FragmentKind.SCOPE,
    FragmentKind.TRACE,
    FragmentKind.DEFINITION,
    FragmentKind.EDITS,
    FragmentKind.IMPORTS,
    FragmentKind.DIFF,
    FragmentKind.RELATED,
)
_RANK = {kind: rank for rank, kind in enumerate(_PRIORITY)}
# A fragment's title, fences and blank lines in the prompt.
_FRAME_TOKENS = 24


def fit(fragments: Sequence[Fragment], budget_tokens: int) -> tuple[tuple[Fragment, ...], int]:
    """(kept in the given order, number dropped). The problem itself is always kept.

    One that does not fit is left out and smaller ones after it may still get in.
    """
    left = budget_tokens
    kept: set[int] = set()
    ranked = sorted(range(len(fragments)), key=lambda at: (_RANK[fragments[at].kind], at))
    for at in ranked:
        cost = estimate_tokens(fragments[at].text) + _FRAME_TOKENS
        if cost <= left or fragments[at].kind is FragmentKind.PROBLEM:
            kept.add(at)
            left -= cost
    return tuple(fragments[at] for at in sorted(kept)), len(fragments) - len(kept)
