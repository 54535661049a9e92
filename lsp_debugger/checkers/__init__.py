"""Linters, type checkers and compilers, run over the user's project by ourselves. One file a tool.

Opt-in: nothing here runs by itself outside of a folder that the user trusts. Nothing is written into
the tree, nothing is downloaded, and the user's own builds are never locked.
"""

from lsp_debugger.checkers import (
    bandit,
    cargo,
    clang_tidy,
    eslint,
    gcc,
    go_vet,
    gopls,
    mypy,
    pyright,
    ruff,
    shellcheck,
    staticcheck,
    tsc,
)
from lsp_debugger.checkers.checker import Checked, Checker, Job

CHECKERS: tuple[Checker, ...] = (
    ruff.CHECKER,
    pyright.CHECKER,
    mypy.CHECKER,
    bandit.CHECKER,
    tsc.CHECKER,
    eslint.CHECKER,
    go_vet.CHECKER,
    gopls.CHECKER,
    staticcheck.CHECKER,
    gcc.CHECKER,
    clang_tidy.CHECKER,
    shellcheck.CHECKER,
    cargo.CARGO,
    cargo.CLIPPY,
)

__all__ = ["CHECKERS", "Checked", "Checker", "Job"]
