"""`lsp-debugger uninstall --purge`: remove everything that was written outside of the package."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from lsp_debugger.cli.app import OK
from lsp_debugger.cli.arguments import Arguments
from lsp_debugger.cli.project import load_settings, open_state
from lsp_debugger.cli.state import clean
from lsp_debugger.config.files import user_directory
from lsp_debugger.core.errors import ConfigInvalid, StateUnavailable

HELP = """\
lsp-debugger uninstall --purge [--yes]

Removes the state directory (answers, logs, indexes, audit, trust) and your settings and policy. Without
--yes it only says what would go. The program itself goes with `pip uninstall lsp-debugger`, or with
pipx or uv where those installed it."""


def run(args: Sequence[str]) -> int:
    parser = Arguments("lsp-debugger uninstall")
    parser.add_argument("--purge", action="store_true", required=True)
    parser.add_argument("--yes", action="store_true")
    parsed = parser.parse_args(list(args))
    state, settings = open_state(load_settings(Path.cwd())), user_directory()
    there = [path for path in (state.path, settings) if path.exists() or path.is_symlink()]
    if not there:
        print("Nothing was written outside of the package, or it is gone already.")
        return OK
    if not parsed.yes:
        print("This would be removed for good:", *(f"  {path}" for path in there), sep="\n")
        raise ConfigInvalid("nothing was removed", "add --yes to remove it")
    clean(state, keep=())
    _remove(settings)
    print("Gone. Now: pip uninstall lsp-debugger (or pipx, or uv tool).")
    return OK


def _remove(folder: Path) -> None:
    """A link goes, what it points to stays: somebody keeps it elsewhere. Raises StateUnavailable."""
    try:
        if folder.is_symlink():
            folder.unlink()
        elif folder.is_dir():
            shutil.rmtree(folder)
    except OSError as wrong:
        raise StateUnavailable(
            f"{folder} cannot be removed ({wrong.strerror})", "remove it by hand"
        ) from wrong
    print(f"Removed {folder}.")
