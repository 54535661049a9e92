"""The smallest failing test as a document: how it fails, and its code to take along."""

from __future__ import annotations

import re

from lsp_debugger.core.markdown import escaped


def shown(test: str, source: str, failure: str, how: str) -> str:
    """As Markdown. test: as pytest names it. source: of the whole file. how: what it took."""
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", source)), default=0))
    return (
        f"# Smallest test that fails like {escaped(test)}\n\nIt fails with {escaped(failure)}. "
        f"{escaped(how)}\n\n{fence}python\n{source.rstrip()}\n{fence}\n"
    )
