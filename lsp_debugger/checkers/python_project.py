"""What a Python project says of itself: which tools it has chosen, and whose packages it uses."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import Any

from lsp_debugger.checkers.checker import Job
from lsp_debugger.checkers.files import head_of

_MAX_BYTES = 1_000_000
_INTERPRETERS = (
    ".venv/bin/python",
    "venv/bin/python",
    ".venv/Scripts/python.exe",
    "venv/Scripts/python.exe",
)


def interpreter(job: Job) -> Path:
    """Whose packages a type checker looks at: the project's own with trust, else the one that we run on."""
    if job.trusted:
        for folder in (job.root, *job.root.parents):
            found = next((folder / name for name in _INTERPRETERS if (folder / name).is_file()), None)
            if found is not None:
                return found
            if folder == job.workspace:
                break
    return Path(sys.executable)


def chose_pyright(root: Path) -> bool:
    return (root / "pyrightconfig.json").is_file() or bool(tables_in(root) & {"pyright", "basedpyright"})


def chose_mypy(root: Path) -> bool:
    return (
        any((root / name).is_file() for name in ("mypy.ini", ".mypy.ini"))
        or "mypy" in tables_in(root)
        or "[mypy]" in head_of(root / "setup.cfg", _MAX_BYTES)
    )


def tables_in(root: Path) -> set[str]:
    """Names of the tools that pyproject.toml configures; none when it cannot be read."""
    try:
        tables: Any = tomllib.loads(head_of(root / "pyproject.toml", _MAX_BYTES)).get("tool", {})
        return set(tables)
    except (ValueError, TypeError, AttributeError, RecursionError):
        return set()
