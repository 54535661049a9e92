"""Patches that make a tool quiet, sixty of them, each flagged; and honest fixes, none of them flagged."""

from __future__ import annotations

import pytest
from silencing_patches import HONEST, SILENCING

from lsp_debugger.verify.silencing import silences


@pytest.mark.parametrize(("path", "before", "after"), SILENCING)
def test_what_silences_is_flagged(path: str, before: str, after: str | None) -> None:
    assert silences({path: before}, {path: after})


@pytest.mark.parametrize(("path", "before", "after"), HONEST)
def test_an_honest_fix_is_not(path: str, before: str, after: str) -> None:
    assert silences({path: before}, {path: after}) == ()
