"""`lsp-debugger reduce`: the smallest pytest test that still fails in the same way."""

from __future__ import annotations

import asyncio
import json
import sys
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from lsp_debugger.cli.app import FAILED, OK
from lsp_debugger.cli.arguments import Arguments
from lsp_debugger.cli.project import root_of
from lsp_debugger.cli.target import target_of
from lsp_debugger.core.errors import ConfigInvalid

if TYPE_CHECKING:
    from lsp_debugger.wiring import Session

HELP = """\
lsp-debugger reduce TEST.py::NAME [--limit SECONDS] [--output FILE | --json]
lsp-debugger reduce - [--limit SECONDS] [--output FILE | --json]

Makes a failing pytest test smaller for as long as it fails in the same way: with the same type of exception
at the same line of the project, or at the same assertion. No model is asked; every try is a run of your own
pytest, isolated: without network, home folder and sockets. Nothing of yours is changed.
With - it reads a traceback that goes through a test from standard input.

  --limit SECONDS  stop after this long with the smallest found until then (default 60)
  --output FILE    write the test there instead of to standard output
  --json           {"source", "failure", "runs", "took_s", "is_complete"}: the test file, how it fails, in how
                   many tries and seconds, and whether it is as small as it gets

Exit code 1 means that there is no such test, or none that fails."""

_MAX_STDIN_CHARS = 10_000_000
_MAX_LIMIT_S = 3600.0


def run(args: Sequence[str]) -> int:
    parser = Arguments("lsp-debugger reduce")
    parser.add_argument("target")
    parser.add_argument("--limit", type=float, default=60.0)
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--output", default="")
    where.add_argument("--json", action="store_true")
    parsed = parser.parse_args(list(args))
    if not 0 < parsed.limit <= _MAX_LIMIT_S:
        raise ConfigInvalid("--limit: a number of seconds up to 3600 is needed", "60 is the default")
    return asyncio.run(_reduce(parsed))


async def _reduce(parsed: Namespace) -> int:
    from lsp_debugger.wiring import open_session

    text = str(parsed.target)
    start = Path.cwd() if text == "-" else target_of(text.partition("::")[0]).path
    async with open_session(roots=[root_of(start)]) as session:
        test = _test_in_trace(root_of(start), session) if text == "-" else (start, text.partition("::")[2])
        if test is None or not test[1]:
            print("No test is named there: TEST.py::NAME, or a traceback through one.", file=sys.stderr)
            return FAILED
        reduced = await session.repairs.tests.reduced(*test, parsed.limit)
    if isinstance(reduced, str):
        print(f"not reduced: {reduced}", file=sys.stderr)
        return FAILED
    if parsed.json:
        print(json.dumps(asdict(reduced)))
        return OK
    if parsed.output:
        await asyncio.to_thread(Path(parsed.output).write_text, reduced.source, "utf-8")
    else:
        print(reduced.source, end="")
    print(f"fails with {reduced.failure}; {reduced.how}", file=sys.stderr)
    return OK


def _test_in_trace(root: Path, session: Session) -> tuple[Path, str] | None:
    """The outermost frame that is a test of this workspace."""
    from lsp_debugger.context.locate import from_text
    from lsp_debugger.wiring.test_writing import name_around

    problem = from_text(sys.stdin.read(_MAX_STDIN_CHARS), root, session.read)
    for frame in problem.frames if problem is not None else ():
        snapshot = session.read(str(root / frame.path))
        name = name_around(snapshot, frame.line) if snapshot is not None else ""
        if snapshot is not None and snapshot.path is not None and name:
            return Path(snapshot.path), name
    return None
