"""Agreeing, at a terminal, that the tests of one patch run where nothing can be isolated."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from lsp_debugger.features.fix import change_words
from lsp_debugger.features.preview import harmless, unified_diff

if TYPE_CHECKING:
    from lsp_debugger.core.patch import Applied


async def agreed(applied: Applied, before: Mapping[str, str]) -> bool:
    """Show the diff and ask. No flag stands for the answer: where nobody can be asked it is no."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    print(f"\r\x1b[K{harmless(unified_diff(before, applied.new_texts))}", file=sys.stderr)
    change = harmless(change_words(before, applied.new_texts))
    print(f"Nothing here can isolate the tests of this patch ({change}). Run them with all", file=sys.stderr)
    asked = "that you can reach, your files and the network? [y]es, [N]o? "
    print(asked, end="", file=sys.stderr, flush=True)
    return (await asyncio.to_thread(sys.stdin.readline)).strip().lower() in {"y", "yes"}
