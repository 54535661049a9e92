"""`lsp-debugger state`: where things are kept, and how to be rid of them."""

from __future__ import annotations

import contextlib
import os
import re
from argparse import Namespace
from collections.abc import Callable, Sequence
from pathlib import Path

from lsp_debugger.cli.app import OK
from lsp_debugger.cli.arguments import Arguments
from lsp_debugger.cli.project import load_settings, open_state
from lsp_debugger.core.errors import StateUnavailable
from lsp_debugger.state import KEPT, State

HELP = """\
lsp-debugger state where           the directory, what is in it and how much
lsp-debugger state clean [--all]   delete what is made again when it is needed: answers, logs, indexes

`clean` keeps the audit and the list of trusted folders; --all deletes those too. Close your editors
first: a running server may write again what was just deleted."""

# What `clean` may find in the directory. Anything else means that it is somebody else's directory.
_OURS = {
    "answers",
    "audit",
    "client.json",
    "engine",
    "logs",
    "rules",
    "schema",
    "trust.json",
    "trust.lock",
    "workspaces",
}
_HALF_WRITTEN = re.compile(r"\..+\.new")


def run(args: Sequence[str]) -> int:
    parsed = _parser().parse_args(list(args))
    action: Callable[[State, Namespace], int] = parsed.action
    return action(open_state(load_settings(Path.cwd())), parsed)


def _parser() -> Arguments:
    parser = Arguments("lsp-debugger state")
    actions = parser.add_subparsers(required=True, metavar="where|clean")
    actions.add_parser("where").set_defaults(action=_where)
    clean = actions.add_parser("clean")
    clean.add_argument("--all", action="store_true")
    clean.set_defaults(action=_clean)
    return parser


def _where(state: State, _parsed: Namespace) -> int:
    print(state.path)
    for entry in sorted(state.path.iterdir()) if state.path.is_dir() else []:
        files, size_bytes = size_of(entry)
        print(f"  {entry.name:12} {files:>6} files  {shown_size(size_bytes):>9}")
    return OK


def _clean(state: State, parsed: Namespace) -> int:
    clean(state, keep=() if parsed.all else KEPT)
    kept = [name for name in KEPT if (state.path / name).exists()]
    if kept:
        print(f"Kept: {', '.join(kept)} (--all deletes that too).")
    return OK


def clean(state: State, keep: Sequence[str]) -> None:
    """Empty the directory if it is ours, and say what was freed. Raises StateUnavailable."""
    names = [each.name for each in state.path.iterdir()] if state.path.is_dir() else []
    if foreign := [each for each in names if each not in _OURS and not _HALF_WRITTEN.fullmatch(each)]:
        raise StateUnavailable(
            f"{state.path} also holds what is not ours ({', '.join(sorted(foreign)[:3])})",
            "delete by hand what you do not want; point state.directory at a folder of its own",
        )
    print(f"Freed {shown_size(state.clean(keep))} in {state.path}.")


def shown_size(size_bytes: float) -> str:
    for unit in ("B", "kB", "MB"):
        if size_bytes < 1000:
            return f"{size_bytes:.0f} {unit}" if unit == "B" else f"{size_bytes:.1f} {unit}"
        size_bytes /= 1000
    return f"{size_bytes:.1f} GB"


def size_of(entry: Path) -> tuple[int, int]:
    """How many files, and their bytes; links count as themselves."""
    if entry.is_symlink() or not entry.is_dir():
        return 1, _size_bytes(entry)
    sizes = [_size_bytes(Path(folder) / name) for folder, _, names in os.walk(entry) for name in names]
    return len(sizes), sum(sizes)


def _size_bytes(file: Path) -> int:
    with contextlib.suppress(OSError):  # a running server has just removed it
        return file.lstat().st_size
    return OK
