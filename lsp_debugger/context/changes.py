"""What changed since the last commit, asked of git without running anything of the repository's."""

from __future__ import annotations

import logging
from pathlib import Path

from lsp_debugger import spawn
from lsp_debugger.core.errors import LspDebuggerError

_log = logging.getLogger(__name__)
_TIMEOUT_S = 2.0


async def diff_of_file(root: Path, path: Path, max_lines: int) -> str:
    """`git diff HEAD` of one file, without headers; empty when git has nothing to say or is not there."""
    if not (root / ".git").exists() or not path.is_relative_to(root):
        return ""
    try:
        done = await spawn.git(
            ["diff", "--no-color", "--unified=1", "HEAD", "--", str(path.relative_to(root))],
            cwd=root,
            timeout_s=_TIMEOUT_S,
        )
    except LspDebuggerError as error:
        _log.info("no diff: %s", type(error).__name__)
        return ""
    if done.returncode != 0:
        return ""
    text = done.stdout.decode("utf-8", "replace")
    hunks = text[text.index("\n@@") + 1 :] if "\n@@" in text else ""
    return hunks if hunks.count("\n") <= max_lines else ""
