"""What the checkers that run on Node share: which project a file belongs to, and how Node counts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lsp_debugger.checkers.checker import Job
from lsp_debugger.core.text import Snapshot

SCRIPTS = frozenset({".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs"})
# Node takes a share of the machine's memory by itself, which is too little for a large project.
ENVIRONMENT = {"NODE_OPTIONS": "--max-old-space-size=4096"}
_BOM = "\ufeff"


def in_project(job: Job, markers: tuple[str, ...]) -> Callable[[str | None], bool]:
    """Whether the job's root is a file's project. One inside of it, with a marker, has a job of its own."""
    known: dict[Path, bool] = {}

    def is_own(folder: Path) -> bool:
        if folder not in known:
            if folder == job.root or not folder.is_relative_to(job.root):
                known[folder] = folder == job.root
            else:
                has_marker = any((folder / marker).is_file() for marker in markers)
                known[folder] = not has_marker and is_own(folder.parent)
        return known[folder]

    return lambda path: path is not None and is_own(Path(path).parent)


def position(snapshot: Snapshot | None, line: int, column: int) -> tuple[int, int]:
    """Where Node's tools mean: they have taken a byte order mark off, which our text still has."""
    has_mark = line == 1 and snapshot is not None and snapshot.text.startswith(_BOM)
    return line, column + 1 if has_mark else column


def offset_of(text: str, utf16: int) -> int:
    """The code-point offset of a count of UTF-16 units from the start, a byte order mark not counted."""
    shift = 1 if text.startswith(_BOM) else 0
    if text.isascii():
        return min(max(utf16, 0), len(text))
    seen = 0
    for at in range(shift, len(text)):
        if seen >= utf16:
            return at
        seen += 2 if ord(text[at]) > 0xFFFF else 1
    return len(text)
