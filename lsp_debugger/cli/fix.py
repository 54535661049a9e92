"""`lsp-debugger fix`: a model's fix for one problem, checked before it is shown."""

from __future__ import annotations

import asyncio
import difflib
import json
import shlex
import shutil
import sys
from argparse import Namespace
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsp_debugger.cli.app import FAILED, OK
from lsp_debugger.cli.arguments import Arguments
from lsp_debugger.cli.card import snapshot_of
from lsp_debugger.cli.explain import problems_in, worst_at
from lsp_debugger.cli.project import root_of
from lsp_debugger.cli.target import target_of
from lsp_debugger.core.errors import ConfigInvalid
from lsp_debugger.core.events import Phase
from lsp_debugger.core.markdown import visible
from lsp_debugger.features.fix import change_words, titled

if TYPE_CHECKING:
    from lsp_debugger.core.ask import Problem
    from lsp_debugger.core.text import Snapshot
    from lsp_debugger.fixing import Candidate, Fixes
    from lsp_debugger.wiring import Session

HELP = """\
lsp-debugger fix PATH[:LINE[:COLUMN]] [--candidates N | --all] [--test COMMAND] [--apply | --diff | --json]

Asks your own model for a fix of the problem there, puts it into a copy of the tree that only the checks can
see, and checks: it applies, it parses, the finding is gone and no tool says anything new. What silences
instead of fixing is said. Nothing is changed without --apply.

  --candidates N   ask up to N times and take the best (default 1)
  --all            fix everything that the same rule found in the file, by certain edits where there are any
  --test COMMAND   also run this, isolated: without network, home folder and sockets
  --apply          write the best fix, if nothing that was checked speaks against it and it silences nothing
  --json           every candidate with its verdict, rung by rung

Exit code 1 means that there is no problem there, or no fix that holds."""


def run(args: Sequence[str]) -> int:
    parser = Arguments("lsp-debugger fix")
    parser.add_argument("target")
    how_many = parser.add_mutually_exclusive_group()
    how_many.add_argument("--candidates", type=int, default=1)
    how_many.add_argument("--all", action="store_true")
    parser.add_argument("--test", default="")
    shown = parser.add_mutually_exclusive_group()
    for name in ("--apply", "--diff", "--json"):
        shown.add_argument(name, action="store_true")
    return asyncio.run(_fix(parser.parse_args(list(args))))


async def _fix(parsed: Namespace) -> int:
    from lsp_debugger.wiring import open_session

    place = target_of(parsed.target)
    root = root_of(place.path)
    async with open_session(roots=[root]) as session:
        snapshot, found = snapshot_of(place.path), await problems_in(place, session)
        problem = worst_at(place, snapshot, found)
        if problem is None:
            print("No problem found there.", file=sys.stderr)
            return FAILED
        session.opened(snapshot)
        fixes = await _last(_steps(parsed, session, problem, snapshot, found))
    return _shown(parsed, root, fixes)


def _steps(
    parsed: Namespace, session: Session, problem: Problem, snapshot: Snapshot, found: Sequence[Problem]
) -> AsyncGenerator[Phase | Fixes, None]:
    if parsed.all:
        rule = (problem.source, problem.code)
        alike = [each for each in found if (each.source, each.code) == rule and each is not problem]
        return session.repairs.fixes_of_all([problem, *alike], snapshot)
    test = command_of(parsed.test) if parsed.test else None
    return session.repairs.fixes(problem, snapshot, parsed.candidates, test)


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


def _shown(parsed: Namespace, root: Path, fixes: Fixes) -> int:
    if parsed.json:
        print(
            json.dumps({"candidates": [as_json(each) for each in fixes.candidates], "reasons": fixes.reasons})
        )
        return OK if fixes.candidates else FAILED
    for reason in fixes.reasons:
        print(f"refused: {visible(reason)}", file=sys.stderr)
    if not fixes.candidates:
        print(f"There is no fix that holds. {visible(fixes.hint)}".rstrip(), file=sys.stderr)
        return FAILED
    best = fixes.candidates[0]
    change = change_words(best.before, best.applied.new_texts)
    print(visible(titled(change, best.verdict.words)))
    print(diff_of(best), end="")
    if not parsed.apply:
        return OK
    if best.verdict.flags:
        print("not applied: it silences the problem instead of fixing it", file=sys.stderr)
        return FAILED
    return _applied(root, best)


def _applied(root: Path, best: Candidate) -> int:
    """Written only where the files are still those that were checked."""
    for path, text in best.before.items():
        if (root / path).read_bytes().decode("utf-8", "replace") != text:
            print(f"not applied: {path} has changed meanwhile", file=sys.stderr)
            return FAILED
    for path, text in best.applied.new_texts.items():
        if text is None:
            (root / path).unlink()
        else:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(text.encode("utf-8"))
    print(f"applied to {', '.join(best.applied.new_texts)}")
    return OK


def command_of(text: str) -> list[str]:
    """A command line, its program found on PATH and absolute. Raises ConfigInvalid."""
    words = shlex.split(text)
    program = shutil.which(words[0]) if words else None
    if program is None:
        raise ConfigInvalid(
            f"there is no program {words[0] if words else text!r}", "name one that is installed"
        )
    return [str(Path(program).absolute()), *words[1:]]


def diff_of(candidate: Candidate) -> str:
    """A unified diff, for people and for `git apply`."""
    lines = list[str]()
    for path, text in candidate.applied.new_texts.items():
        old = candidate.before.get(path)
        lines += difflib.unified_diff(
            (old or "").splitlines(keepends=True),
            (text or "").splitlines(keepends=True),
            f"a/{path}" if old is not None else "/dev/null",
            f"b/{path}" if text is not None else "/dev/null",
        )
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )


def as_json(candidate: Candidate) -> dict[str, Any]:
    return {
        "verdict": verdict_json(candidate.verdict),
        "diff": diff_of(candidate),
        "placed": candidate.applied.rung.value,
        "repaired": candidate.repaired,
    }


def verdict_json(verdict: Any) -> dict[str, Any]:
    """One entry a rung, in the order in which they were climbed."""
    return {
        "words": verdict.words,
        "flags": list(verdict.flags),
        "rungs": [
            {
                "name": rung.name,
                "result": rung.result.value,
                "said": rung.said,
                "took_s": round(rung.took_s, 3),
            }
            for rung in verdict.rungs
        ],
    }
