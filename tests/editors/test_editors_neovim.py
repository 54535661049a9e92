"""Neovim itself, with our plugin: from another server's finding to the answer, the fix and back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from .conftest import FIXED, TEXT, Walk

pytestmark = pytest.mark.editors
SCRIPT = Path(__file__).with_name("neovim_walk.lua")


@pytest.mark.parametrize("way", ["beside ruff", "wrap"])
@pytest.mark.parametrize("program", ["nvim", "nvim-sid"])
def test_the_walk(walk: Walk, editor: Callable[[str], str], program: str, way: str) -> None:
    here = replace(walk, environment={**walk.environment, "WALK_WAY": way})
    seen = here.run([editor(program), "--clean", "--headless", "-l", str(SCRIPT)])
    assert "error" not in seen, (seen["error"], seen["popups"], seen["said"])
    assert "Undefined name `math`" in seen["finding"]
    assert sum(title.startswith("Explain: ") for title in seen["first_menu"]) == 1
    assert seen["cursor_stays"]
    assert seen["grew_before_the_end"]
    assert {"begin", "report", "end"} <= set(seen["progress"])
    assert "Stopped" in seen["answer"]
    assert "Undefined name `math`" in seen["window"]
    assert (seen["fixed"], seen["undone"]) == (FIXED, TEXT)
    assert "cancel" in seen["commands"]
    assert "lsp-debugger doctor" in seen["health"]
    assert "client lsp_debugger counts in" in seen["health"]
    assert seen["popups"] == []
