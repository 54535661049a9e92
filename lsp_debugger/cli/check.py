"""`lsp-debugger check`: every checker that fits, together, without an editor."""

from __future__ import annotations

import asyncio
import json
import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsp_debugger.cli.app import FAILED, OK
from lsp_debugger.cli.arguments import Arguments
from lsp_debugger.cli.project import root_of
from lsp_debugger.core.ask import Card, Place, Problem
from lsp_debugger.core.errors import ConfigInvalid
from lsp_debugger.core.markdown import visible

if TYPE_CHECKING:
    from lsp_debugger.checkers import Checked
    from lsp_debugger.wiring import Session

HELP = """\
lsp-debugger check [PATH] [--only NAMES] [--cards] [--json | --sarif]

Runs the linters, type checkers and compilers that fit the file or folder (default: the current one), as
they are installed here, and prints what they find. Nothing is written into the folder, nothing is
downloaded. Tools whose configuration is a program, or that build, run only in a folder that you trust
(`lsp-debugger trust PATH`); then the project's own environment comes before PATH.

  --only NAMES  these checkers alone, separated by commas, also where a project has not chosen them
  --cards       explain each finding: what happened there, where it comes from, the certain edit
  --json        one JSON object: checkers, and problems with 1-based lines and columns (code points)
  --sarif       SARIF 2.1.0, a run for each checker

Exit code 0: nothing found; 1: something was found, or a checker failed."""


def run(args: Sequence[str]) -> int:
    from lsp_debugger.checkers import CHECKERS

    parsed = _parser().parse_args(list(args))
    target = Path(parsed.path).absolute()
    if not target.exists():
        raise ConfigInvalid(f"there is no {parsed.path}", "give a file or a folder")
    only = _names(parsed.only, {checker.name for checker in CHECKERS})
    return asyncio.run(_check(target.resolve(), only, parsed))


def _parser() -> Arguments:
    parser = Arguments("lsp-debugger check")
    parser.add_argument("path", nargs="?", default=".")
    parser.add_argument("--only", default="")
    parser.add_argument("--cards", action="store_true")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true")
    form.add_argument("--sarif", action="store_true")
    return parser


def _names(given: str, known: set[str]) -> set[str] | None:
    names = {name.strip() for name in given.split(",") if name.strip()}
    if unknown := names - known:
        raise ConfigInvalid(f"no checker {min(unknown)!r}", f"there are {', '.join(sorted(known))}")
    return names or None


async def _check(target: Path, only: set[str] | None, parsed: Namespace) -> int:
    from lsp_debugger.wiring import open_session

    root = root_of(target)
    async with open_session(roots=[root]) as session:
        found = await session.check(target, only)
        shown = await session.shown(found)
        if parsed.sarif:
            from lsp_debugger.cli.sarif import sarif

            _print(json.dumps(sarif(shown, root, session.read), indent=1))
        elif parsed.json:
            cards = await _cards(session, found) if parsed.cards else None
            _print(json.dumps(_as_json(shown, session, cards), indent=1))
        else:
            cards = await _cards(session, found) if parsed.cards else None
            _print_text(shown, root, session, cards)
    return FAILED if any(each.problems or each.broken for each in shown) else OK


async def _cards(session: Session, found: Sequence[Checked]) -> dict[int, Card]:
    """The card of each problem, by its number among all of them."""
    from lsp_debugger.core.text import Snapshot

    cards = dict[int, Card]()
    problems = [problem for each in found for problem in each.problems]
    session.findings_known_by(lambda problem: _same_rule(problem, problems))
    for number, problem in enumerate(problems):
        snapshot = session.read(problem.path) if problem.path else None
        cards[number] = await session.pipeline.card(problem, snapshot or Snapshot("untitled:none", ""))
    return cards


def _same_rule(problem: Problem, problems: Sequence[Problem]) -> list[Place]:
    return [
        Place(each.path, each.line)
        for each in problems
        if each.path is not None
        and (each.source, each.code) == (problem.source, problem.code)
        and (each.path, each.line) != (problem.path, problem.line)
    ]


def _as_json(shown: Sequence[Checked], session: Session, cards: dict[int, Card] | None) -> dict[str, Any]:
    from lsp_debugger.cli.card import card_parts

    problems = [problem for each in shown for problem in each.problems]
    return {
        "checkers": [
            {
                "name": each.checker,
                "version": each.version,
                "root": str(each.root),
                "problems": len(each.problems),
                "took_s": round(each.took_s, 3),
                "not_run": each.reason,
                "hint": each.hint,
            }
            for each in shown
        ],
        "problems": [
            problem_json(problem, session) | ({"card": card_parts(cards[number])} if cards else {})
            for number, problem in enumerate(problems)
        ],
    }


def problem_json(problem: Problem, session: Session) -> dict[str, Any]:
    """Lines and columns 1-based, in code points; the end is exclusive. Without a span there is no column."""
    snapshot = session.read(problem.path) if problem.path and problem.span else None
    place: dict[str, Any] = {"path": problem.path, "line": problem.line}
    if snapshot is not None and problem.span is not None:
        lines, end = snapshot.lines, problem.span.end
        start_line, end_line = lines.line_of(problem.span.start), lines.line_of(end)
        place["column"] = problem.span.start - lines.span_of(start_line).start + 1
        place["end_line"] = end_line + 1
        place["end_column"] = end - lines.span_of(end_line).start + 1
    return {
        **place,
        "source": problem.source,
        "code": problem.code,
        "severity": problem.severity.name.lower(),
        "message": problem.message,
        "related": [{"path": each.path, "line": each.line, "note": each.note} for each in problem.related],
        "href": problem.href,
        "fix": problem.fix.title if problem.fix else None,
    }


def _print_text(
    shown: Sequence[Checked], root: Path, session: Session, cards: dict[int, Card] | None
) -> None:
    from lsp_debugger.cards import plain

    number = 0
    for each in shown:
        for problem in each.problems:
            place = problem_json(problem, session)
            path = Path(problem.path or "")
            name = path.relative_to(root) if path.is_relative_to(root) else path
            column = f":{place['column']}" if "column" in place else ""
            label = " ".join(filter(None, (problem.source, problem.code)))
            message = visible(problem.message.split("\n")[0])
            _print(f"{visible(str(name))}:{problem.line}{column}  {place['severity']}  {label}  {message}")
            if cards is not None:
                _print("\n".join(f"    {line}" for line in plain(cards[number]).splitlines()) + "\n")
            number += 1
    _print_summary(shown, root)


def _print_summary(shown: Sequence[Checked], root: Path) -> None:
    if not shown:
        print("No checker fits what is here.", file=sys.stderr)
    for each in shown:
        where = "" if each.root == root else f" in {_below(each.root, root)}"
        if each.reason:
            hint = f" — {each.hint}" if each.hint else ""
            line = f"{each.checker}{where}: {visible(each.reason)}{hint}"
        else:
            count = f"{len(each.problems)} finding{'' if len(each.problems) == 1 else 's'}"
            line = f"{each.checker} {each.version}{where}: {count} in {each.took_s:.1f} s"
        print(line, file=sys.stderr)


def _below(folder: Path, root: Path) -> str:
    return folder.relative_to(root).as_posix() if folder.is_relative_to(root) else str(folder)


def _print(text: str) -> None:
    print(text, flush=True)
