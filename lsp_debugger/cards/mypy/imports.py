"""Modules that mypy does not find, or finds without types."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.mypy.reading import NAME, as_pyright, told
from lsp_debugger.cards.pyright import attributes
from lsp_debugger.cards.python.resolve import files_of
from lsp_debugger.core.ask import Card

_NOT_FOUND = re.compile(
    rf'Cannot find (?:implementation or library stub for )?module (?:named )?"(?P<module>{NAME})"'
)
_NO_STUBS = re.compile(rf'Library stubs not installed for "(?P<module>{NAME})"')
_SKIPPED = re.compile(rf'Skipping analyzing "(?P<module>{NAME})": module is installed')
_STUBS = re.compile(r"pip install (?P<package>[\w.-]{1,100})")


def not_found(case: Case) -> Card | None:
    match = told(_NOT_FOUND, case)
    if match is None:
        return untyped(case)
    parsed = case.python
    node = parsed.around(case.span, ast.ImportFrom) if parsed is not None else None
    if node is not None and node.level:
        return _beside(case, "." * node.level + (node.module or ""))
    return as_pyright(case, f'Import "{match["module"]}" could not be resolved', attributes.missing_import)


def _beside(case: Case, module: str) -> Card | None:
    """A relative import: the file that it would be."""
    files = [str(Path(*parts)) for parts in files_of(case.path, module)]
    if not files or any(case.around.read(file) is not None for file in files):
        return None
    wanted = case.shown(files[0])
    return Card(f"`{module}` would be the file `{wanted}` or a folder of that name; neither is there.")


def untyped(case: Case) -> Card | None:
    """It is there, or is known at least; what it has is taken for Any."""
    if match := told(_NO_STUBS, case):
        stubs = _STUBS.search(case.problem.message[:2000])
        if stubs is None:
            return None
        return Card(
            f"mypy knows no types of `{match['module']}`: they come in a package of their own, "
            f"`{stubs['package']}`, which is not installed beside it."
        )
    if match := told(_SKIPPED, case):
        top = match["module"].partition(".")[0]
        return Card(
            f"`{match['module']}` is installed without types: mypy takes all that comes from it for `Any`.",
            notes=(f"For packages that have none: `ignore_missing_imports` in a section for `{top}.*`.",),
        )
    return None
