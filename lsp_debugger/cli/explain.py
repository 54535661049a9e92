"""`lsp-debugger explain`: what an editor would show, in a terminal or a pipe."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Collection, Sequence
from contextlib import aclosing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsp_debugger.cli import remote
from lsp_debugger.cli.card import card_parts, snapshot_of
from lsp_debugger.cli.project import root_of
from lsp_debugger.cli.target import Target, target_of
from lsp_debugger.core.ask import Answer, Card, Problem, Verified
from lsp_debugger.core.errors import ConfigInvalid
from lsp_debugger.core.events import CardReady, Delta, Finished, Phase
from lsp_debugger.core.text import Snapshot, Span

if TYPE_CHECKING:
    from lsp_debugger.escalation import Agree

HELP = """\
lsp-debugger explain PATH[:LINE[:COLUMN]] [--json] [--no-model]
lsp-debugger explain - [--json] [--no-model]

Explains the problem at a place, or the worst one in the file, as the tools installed here report it.
With - it reads an error message, a traceback or a linter's output from standard input.

  --json      one JSON object instead of text
  --no-model  the card only: what is known without a model
  --remote    ask the service that your policy names, if every gate is open. You see what would be sent
              and are asked first; --preview only shows it, --consent says yes beforehand

Exit code 1 means that no problem was found there, or that nothing was sent."""

_MAX_STDIN_CHARS = 10_000_000


def run(args: Sequence[str]) -> int:
    if not args or args[0] in {"-h", "--help"}:
        print(HELP)
        return 0 if args else 2
    flags = {arg for arg in args if arg.startswith("--")}
    targets = [arg for arg in args if not arg.startswith("--")]
    unknown = flags - {"--json", "--no-model", "--remote", "--preview", "--consent"}
    if unknown or len(targets) != 1:
        print("error: " + (f"unknown option {min(unknown)}" if unknown else "one PATH or -"), file=sys.stderr)
        return 2
    if flags & {"--preview", "--consent"} and "--remote" not in flags:
        raise ConfigInvalid("--preview and --consent belong to --remote", "see `lsp-debugger explain --help`")
    return asyncio.run(_explain(targets[0], flags))


async def _explain(target: str, flags: Collection[str]) -> int:
    from lsp_debugger.cards import plain
    from lsp_debugger.wiring import open_session

    as_json = "--json" in flags
    place = target_of(target) if target != "-" else None
    root = root_of(place.path if place else Path.cwd())
    async with open_session(roots=[root]) as session:
        located = await from_file(place, session) if place else _from_stdin(root, session.read)
        if located is None:
            print("No problem found there." if place else "No error found in that text.", file=sys.stderr)
            return 1
        problem, snapshot = located
        session.opened(snapshot)
        if "--no-model" in flags:
            card = await session.pipeline.card(problem, snapshot)
            _print(json.dumps(_card_parts(problem, card), indent=2) if as_json else plain(card))
            return 0
        agree = remote.agreement(flags) if "--remote" in flags else None
        verified = await _run(session, problem, snapshot, agree, quiet=as_json or "--preview" in flags)
    if "--preview" in flags:
        return remote.shown(verified)
    if as_json:
        _print(json.dumps(_parts(verified), indent=2))
    return 1 if agree is not None and not isinstance(verified.reply, Answer) else 0


async def _run(
    session: Any, problem: Problem, snapshot: Snapshot, agree: Agree | None, *, quiet: bool
) -> Verified:
    """Print the card at once, the answer as it arrives, and what stands behind it at the end."""
    from lsp_debugger.cards import plain
    from lsp_debugger.features.explain import EXPLAIN

    finished: Verified | None = None
    asked = (EXPLAIN, problem, snapshot, session.new_id())
    questions = session.pipeline
    steps = questions.run(*asked) if agree is None else questions.escalate(*asked, agree)
    async with aclosing(steps) as events:
        async for event in events:
            if isinstance(event, Finished):
                finished = event.verified
            elif quiet:
                continue
            elif isinstance(event, CardReady):
                _print(plain(event.card) + "\n")
            elif isinstance(event, Phase) and sys.stderr.isatty():
                speed = f" {event.tokens_per_s:.1f} tokens/s" if event.tokens_per_s else ""
                print(f"\r\x1b[K{event.name}{speed}", end="", file=sys.stderr, flush=True)
            elif isinstance(event, Delta):
                if sys.stderr.isatty():
                    print("\r\x1b[K", end="", file=sys.stderr, flush=True)
                print(event.text, end="", flush=True)
    assert finished is not None, "every run ends with Finished"
    if not quiet:
        _print(_footer(finished))
    return finished


def _footer(verified: Verified) -> str:
    reply = verified.reply
    if not isinstance(reply, Answer):
        return f"No model: {reply.reason}" + (f"\n{reply.hint}" if reply.hint else "")
    source = reply.provenance
    evidence = "".join(f"\n  {place}" for place in reply.evidence)
    return (
        f"\n\nEvidence:{evidence or ' none named'}"
        f"\nConfidence: {reply.confidence.value} ({reply.confidence_reason})"
        f"\nModel: {source.model} on {source.backend}, {source.locality}, {source.digest[:19]}"
        f" | policy {source.policy_sha256[:12]} | index {source.index_version}"
        f" | prompt {source.prompt_hmac[:12]} | answer {source.answer_id}"
    )


def _from_stdin(root: Path, read: Any) -> tuple[Problem, Snapshot] | None:
    from lsp_debugger.context.locate import from_text

    problem = from_text(sys.stdin.read(_MAX_STDIN_CHARS), root, read)
    if problem is None:
        return None
    snapshot = read(problem.path) if problem.path else None
    return problem, snapshot or Snapshot(uri="untitled:stdin", text="")


async def from_file(target: Target, session: Any) -> tuple[Problem, Snapshot] | None:
    """The worst of what the checkers find there; the first one among equals."""
    snapshot = snapshot_of(target.path)
    problem = worst_at(target, snapshot, await problems_in(target, session))
    return (problem, snapshot) if problem is not None else None


async def problems_in(target: Target, session: Any) -> list[Problem]:
    """Everything that the checkers find in the file."""
    return [problem for each in await session.check(target.path) for problem in each.problems]


def worst_at(target: Target, snapshot: Snapshot, problems: Sequence[Problem]) -> Problem | None:
    here = [each for each in problems if _is_at(each, snapshot, target)]
    if target.column is not None and target.line is not None:
        offset = snapshot.lines.span_of(target.line - 1).start + target.column - 1
        here = [
            each for each in here if each.span is not None and each.span.touches(Span(offset, offset))
        ] or here
    return min(here, key=lambda each: (each.severity, each.line, each.span or Span(0, 0)), default=None)


def _is_at(problem: Problem, snapshot: Snapshot, target: Target) -> bool:
    if target.line is None:
        return True
    if problem.span is None:
        return problem.line == target.line
    last = snapshot.lines.line_of(max(problem.span.end - 1, problem.span.start)) + 1
    return problem.line <= target.line <= last


def _card_parts(problem: Problem, card: Card) -> dict[str, Any]:
    return {
        "problem": {
            "path": problem.path,
            "line": problem.line,
            "source": problem.source,
            "code": problem.code,
        },
        "card": card_parts(card),
    }


def _parts(verified: Verified) -> dict[str, Any]:
    reply = asdict(verified.reply)
    if isinstance(verified.reply, Answer):
        reply["confidence"] = verified.reply.confidence.value
    return {**_card_parts(verified.problem, verified.card), "reply": reply, "escalation": verified.escalation}


def _print(text: str) -> None:
    print(text, flush=True)
