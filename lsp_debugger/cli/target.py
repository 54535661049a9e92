"""PATH[:LINE[:COLUMN]] as people and compilers write it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from lsp_debugger.core.errors import ConfigInvalid

_TARGET = re.compile(r"^(?P<path>.+?)(?::(?P<line>\d{1,9}))?(?::(?P<column>\d{1,9}))?$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Target:
    """path: absolute, links resolved. line and column: 1-based."""

    path: Path
    line: int | None = None
    column: int | None = None


def target_of(text: str) -> Target:
    """Raises ConfigInvalid when there is no such file, or no such line in any file."""
    match = _TARGET.match(text)
    whole = Path(text)
    # A file may be called `a:1`.
    path = whole if match is None or whole.exists() else Path(match["path"])
    if not path.is_file():
        raise ConfigInvalid(f"{path} is not a file", "give a file, optionally with :LINE or :LINE:COLUMN")
    if match is None or path == whole:
        return Target(path.resolve())
    line, column = (int(number) if number else None for number in (match["line"], match["column"]))
    if line == 0 or column == 0:
        raise ConfigInvalid("lines and columns count from 1", "give a file, optionally with :LINE:COLUMN")
    return Target(path.resolve(), line, column)
