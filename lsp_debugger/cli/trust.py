"""`lsp-debugger trust`: which folders may have their own tools run."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from pathlib import Path

from lsp_debugger.cli.app import FAILED, OK
from lsp_debugger.cli.arguments import Arguments
from lsp_debugger.cli.project import load_settings, open_state
from lsp_debugger.trust import Trust

HELP = """\
lsp-debugger trust [add] PATH    trust a project: its own tools and their settings may run
lsp-debugger trust remove PATH   take that back
lsp-debugger trust list          what is trusted, and since when

PATH is the project's folder; everything in it is trusted with it. Without trust no program inside the
folder is started, a virtual environment's included. A home folder cannot be trusted as a whole.
Exit codes: 0 done, 1 there was nothing to remove, 2 wrong usage."""

_ACTIONS = ("add", "remove", "list")


def run(args: Sequence[str]) -> int:
    shorthand = ["add"] if args and args[0] not in _ACTIONS else []
    parsed = _parser().parse_args([*shorthand, *args])
    action: Callable[[Trust, Namespace], int] = parsed.action
    return action(Trust(open_state(load_settings(Path.cwd()))), parsed)


def _parser() -> Arguments:
    parser = Arguments("lsp-debugger trust")
    actions = parser.add_subparsers(required=True, metavar="|".join(_ACTIONS))
    for name, action in (("add", _add), ("remove", _remove)):
        verb = actions.add_parser(name)
        verb.add_argument("path", metavar="PATH", type=Path)
        verb.set_defaults(action=action)
    actions.add_parser("list").set_defaults(action=_list)
    return parser


def _add(trust: Trust, parsed: Namespace) -> int:
    root = trust.grant(parsed.path)
    print(f"{root} is trusted: programs in it may be started, and its tools' settings may run code.")
    print(f"To take it back: lsp-debugger trust remove {root}")
    return OK


def _remove(trust: Trust, parsed: Namespace) -> int:
    root = parsed.path.absolute()
    if trust.revoke(root):
        print(f"{root} is no longer trusted.")
        return OK
    print(f"error: {root} is not on the list of trusted folders", file=sys.stderr)
    return FAILED


def _list(trust: Trust, _parsed: Namespace) -> int:
    for grant in trust.grants():
        gone = "" if grant.root.is_dir() else "  (not there any more)"
        print(f"{grant.root}  since {grant.since}{gone}")
    return OK
