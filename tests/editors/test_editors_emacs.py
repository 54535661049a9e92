"""Emacs itself, with our package: one wrapped server, its finding, the answer, the fixes and back."""

from __future__ import annotations

import subprocess  # noqa: TID251 - the real editor is what is tested
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import REPO, Walk, check_walk

pytestmark = pytest.mark.editors
SCRIPT = Path(__file__).with_name("emacs_walk.el")


@pytest.mark.parametrize("program", ["emacs", "emacs-sid"])
def test_the_walk(ascii_walk: Walk, editor: Callable[[str], str], program: str) -> None:
    seen = ascii_walk.run([editor(program), "-nw", "-Q", "-l", str(SCRIPT)], program)
    check_walk(seen)
    assert {"begin", "report", "end"} <= set(seen["progress"])
    assert seen["first_menu"][-1].startswith("Explain: "), "ours last"
    assert "(file:" in seen["whole_answer"]
    assert "F821: Undefined name math\n\nname.py:1 · Ruff\n" in seen["shown"], "no address, no mark-up"
    assert "(file:" not in seen["shown"]
    assert seen["visited"] == "name.py:1"


@pytest.mark.parametrize("program", ["emacs", "emacs-sid"])
def test_the_package_compiles_without_a_warning(
    editor: Callable[[str], str], program: str, tmp_path: Path
) -> None:
    source = tmp_path / "lsp-debugger.el"
    source.write_bytes((REPO / "editors" / "emacs" / "lsp-debugger.el").read_bytes())
    strict = "(setq byte-compile-error-on-warn t byte-compile-docstring-max-column 120)"
    argv = [editor(program), "-Q", "--batch", "--eval", strict, "-f", "batch-byte-compile", str(source)]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert source.with_suffix(".elc").exists()
