"""`lsp-debugger fix`: a model's fix for the problem at a place: checked, shown, applied when asked for."""

from __future__ import annotations

import asyncio
import shlex
import shutil
import sys
from argparse import Namespace
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from lsp_debugger.cli import fix_output, fix_target, remote
from lsp_debugger.cli.app import FAILED, OK
from lsp_debugger.cli.arguments import Arguments
from lsp_debugger.cli.fix_target import Found
from lsp_debugger.core.errors import ConfigInvalid
from lsp_debugger.core.events import Phase

if TYPE_CHECKING:
    from lsp_debugger.core.ask import Place
    from lsp_debugger.fixing import Fixes
    from lsp_debugger.wiring import Session
    from lsp_debugger.wiring.repairs import FixOptions

_INDEX_WAIT_S = 5.0  # callers and tests are worth a moment, not a build of a large workspace

HELP = """\
lsp-debugger fix PATH[:LINE[:COLUMN]] [--candidates N [--every] | --all | --remote | --write-test]
                 [--test COMMAND] [--apply | --diff | --json]
lsp-debugger fix TEST.py::NAME ...      what makes this pytest test fail
lsp-debugger fix - ...                  the traceback or message on standard input

Asks your own model for a fix of the problem there, puts it into a copy of the tree that only the checks can
see, and checks: it applies, it parses, the finding is gone and no tool says anything new; of a failing test,
that it passes. What silences instead of fixing is said. Nothing is changed without --apply.

  --candidates N   ask up to N times, until a fix passes every check, and take the best (default 1)
  --every          ask all N times, also after one that passes
  --all            fix everything that the same rule found in the file, by certain edits where there are any
  --remote         ask the service that your policy names, once, if every gate is open. You see what would be
                   sent and are asked first; --preview only shows it, --consent says yes beforehand
  --write-test     instead of a fix, a pytest test that fails because of the problem: it is run, isolated, and
                   shown only if it fails now for that very reason
  --test COMMAND   also run this, isolated: without network, home folder and sockets; without it, in a folder
                   that you trust, the tests of the code that changes. Where nothing can be isolated nothing
                   is run, unless your settings say `allow_unisolated`; then you are asked about each patch,
                   at a terminal and after its diff. No flag says yes to that
  --apply          write the best fix, if nothing that was checked speaks against it and it silences nothing
  --diff           nothing but the diff on standard output
  --json           {"candidates": [{"title", "verdict", "diff", "placed", "repaired"}, …], "reasons": […],
                   "callers": [{"path", "line", "why"}, …]}, best first; "verdict" is as in
                   `lsp-debugger patch --help`, with the rungs that were climbed

Exit code 1 means that there is no problem there, or no fix that holds."""


def run(args: Sequence[str]) -> int:
    parser = Arguments("lsp-debugger fix")
    parser.add_argument("target")
    how_many = parser.add_mutually_exclusive_group()
    how_many.add_argument("--candidates", type=int, default=1)
    for name in ("--all", "--remote", "--write-test"):
        how_many.add_argument(name, action="store_true")
    parser.add_argument("--every", action="store_true")
    agreeing = parser.add_mutually_exclusive_group()
    for name in ("--preview", "--consent"):
        agreeing.add_argument(name, action="store_true")
    parser.add_argument("--test", default="")
    shown = parser.add_mutually_exclusive_group()
    for name in ("--apply", "--diff", "--json"):
        shown.add_argument(name, action="store_true")
    parsed = parser.parse_args(list(args))
    if (parsed.preview or parsed.consent) and not parsed.remote:
        raise ConfigInvalid("--preview and --consent belong to --remote", "see `lsp-debugger fix --help`")
    if parsed.every and parsed.candidates == 1:
        raise ConfigInvalid("--every belongs to --candidates", "see `lsp-debugger fix --help`")
    return asyncio.run(_fix(parsed))


async def _fix(parsed: Namespace) -> int:
    from lsp_debugger.wiring import open_session

    root = fix_target.root_of_target(parsed.target)
    async with open_session(roots=[root]) as session:
        found = await fix_target.found_at(parsed.target, root, session)
        if isinstance(found, str):
            print(found, file=sys.stderr)
            return FAILED
        session.opened(found.snapshot)
        fixes = await _last(_steps(parsed, session, found))
        callers = await _callers(session, fixes, root)
    return _shown(parsed, root, fixes, callers)


async def _callers(session: Session, fixes: Fixes, root: Path) -> Sequence[Place]:
    """Who uses what the best of them changes, by paths below the root."""
    if not fixes.candidates:
        return ()
    found = await session.repairs.callers(fixes.candidates[0], root, _INDEX_WAIT_S)
    if found.unknown:
        print(found.unknown, file=sys.stderr)
    return [replace(each, path=Path(each.path).relative_to(root).as_posix()) for each in found.places]


def _steps(parsed: Namespace, session: Session, found: Found) -> AsyncGenerator[Phase | Fixes, None]:
    problem, snapshot = found.problem, found.snapshot
    if parsed.write_test:
        return session.repairs.tests.tests(problem, snapshot, {})
    if parsed.all:
        rule = (problem.source, problem.code)
        alike = [each for each in found.others if (each.source, each.code) == rule]
        return session.repairs.fixes_of_all([problem, *alike], snapshot)
    return session.repairs.fixes(problem, snapshot, _options(parsed, found))


def _options(parsed: Namespace, found: Found) -> FixOptions:
    from lsp_debugger.cli.unisolated import agreed
    from lsp_debugger.wiring.repairs import FixOptions

    flags = {f"--{name}" for name in ("preview", "consent") if getattr(parsed, name)}
    return FixOptions(
        count=parsed.candidates,
        every=parsed.every,
        test=command_of(parsed.test) if parsed.test else found.test,
        agree=remote.agreement(flags) if parsed.remote else None,
        unisolated=agreed,
        index_wait_s=_INDEX_WAIT_S,
    )


async def _last(steps: AsyncGenerator[Phase | Fixes, None]) -> Fixes:
    """The end of the flow; in a terminal its phases are shown while they last."""
    fixes: Fixes | None = None
    async with aclosing(steps):
        async for step in steps:
            if not isinstance(step, Phase):
                fixes = step
            elif sys.stderr.isatty():
                print(f"\r\x1b[K{step.name}", end="", file=sys.stderr, flush=True)
    assert fixes is not None, "every run ends with them"
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr)
    return fixes


def _shown(parsed: Namespace, root: Path, fixes: Fixes, callers: Sequence[Place]) -> int:
    if parsed.preview:
        return remote.previewed("; ".join(fixes.reasons), fixes.hint)
    name = "Test" if parsed.write_test else "Fix"
    if parsed.json:
        return fix_output.print_json(fixes, name, callers)
    shown = fix_output.show(fixes, name, callers, diff_only=parsed.diff)
    return fix_output.apply(root, fixes.candidates[0]) if parsed.apply and shown == OK else shown


def command_of(text: str) -> list[str]:
    """A command line, its program found on PATH and absolute. Raises ConfigInvalid."""
    words = shlex.split(text)
    program = shutil.which(words[0]) if words else None
    if program is None:
        raise ConfigInvalid(
            f"there is no program {words[0] if words else text!r}", "name one that is installed"
        )
    return [str(Path(program).absolute()), *words[1:]]
