"""Neovim itself, with our plugin: from another server's finding to the answer, the fixes and back."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from .conftest import Walk, check_walk

pytestmark = pytest.mark.editors
SCRIPT = Path(__file__).with_name("neovim_walk.lua")


@pytest.mark.parametrize("way", ["plugin", "wrap"])
@pytest.mark.parametrize("program", ["nvim", "nvim-sid"])
def test_the_walk(walk: Walk, editor: Callable[[str], str], program: str, way: str, tmp_path: Path) -> None:
    here = replace(walk, environment={**walk.environment, "WALK_WAY": way})
    # As two processes: an unpacked Neovim cannot start the one that works behind its screen by itself.
    socket = shlex.quote(str(tmp_path / "neovim"))
    nvim = shlex.quote(editor(program))
    started = f"autocmd VimEnter * ++nested lua vim.schedule(function() dofile('{SCRIPT}') end)"
    behind = f"{nvim} --clean --headless --listen {socket} -c {shlex.quote(started)}"
    screen = f"until [ -S {socket} ]; do sleep 0.02; done; exec {nvim} --clean --remote-ui --server {socket}"
    seen = here.run(["sh", "-c", f"{behind} 2>/dev/null & {screen}"], f"{program}-{way}")
    check_walk(seen)
    assert {"begin", "report", "end"} <= set(seen["progress"])
    assert "Undefined name `math`" in seen["window"]
    assert "\nnäme.py:1 · Ruff\n" in seen["whole_answer"], "no address"
    assert seen["visited"] == [True, 1]
    assert {"cancel", "fix", "escalate"} <= set(seen["commands"])
    assert "lsp-debugger doctor" in seen["health"]
    assert "client lsp_debugger counts in" in seen["health"]
