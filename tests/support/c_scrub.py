"""What a compiler shows of other people's headers, out of what is kept of its output."""

from __future__ import annotations

import re

_PLACED = re.compile(r"^(?P<path>[^\s:][^:]*):\d+:(?:\d+:)? (?P<level>\w+[\w ]*): ")
_QUOTED = re.compile(r"\u2018[^\n]*")
_SNIPPET = re.compile(r"^ *\d* \|")


def without_library_text(printed: str) -> str:
    """Messages stay; library source below them, and library declarations in notes, do not."""
    kept, is_own = list[str](), True
    for line in printed.splitlines(keepends=True):
        placed = _PLACED.match(line)
        if placed is not None:
            is_own = placed["path"].startswith("$ROOT")
            if not is_own and placed["level"] == "note":
                line = _QUOTED.sub("\u2018\u2026\u2019", line)  # noqa: PLW2901 - the same line, shorter
        elif _SNIPPET.match(line) and not is_own:
            continue
        kept.append(line)
    return "".join(kept)
