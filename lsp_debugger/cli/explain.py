"""`lsp-debugger explain`: what an editor would show, in a terminal or a pipe."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lsp_debugger.cli.findings import Finding, pyright_findings, ruff_findings
from lsp_debugger.cli.project import root_of
from lsp_debugger.core.ask import Answer, Card, Problem, Severity, Verified
from lsp_debugger.core.errors import ConfigInvalid
from lsp_debugger.core.events import CardReady, Delta, Finished, Phase
from lsp_debugger.core.text import Snapshot, Span
from lsp_debugger.syntax.grammars import language_of

HELP = """\
lsp-debugger explain PATH[:LINE[:COLUMN]] [--json] [--no-model]
lsp-debugger explain - [--json] [--no-model]

Explains the problem at a place, or the worst one in the file, as the tools installed here report it.
With - it reads an error message, a traceback or a linter's output from standard input.

  --json      one JSON object instead of text
  --no-model  the card only: what is known without a model

Exit code 1 means that no problem was found there."""

_TARGET = re.compile(r"^(?P<path>.+?)(?::(?P<line>\d+))?(?::(?P<column>\d+))?$")
_MAX_STDIN_CHARS = 10_000_000


def run(args: Sequence[str]) -> int:
    if not args or args[0] in {"-h", "--help"}:
        print(HELP)
        return 0 if args else 2
    flags = {arg for arg in args if arg.startswith("--")}
    targets = [arg for arg in args if not arg.startswith("--")]
    unknown = flags - {"--json", "--no-model"}
    if unknown or len(targets) != 1:
        print("error: " + (f"unknown option {min(unknown)}" if unknown else "one PATH or -"), file=sys.stderr)
        return 2
    return asyncio.run(_explain(targets[0], as_json="--json" in flags, with_model="--no-model" not in flags))


async def _explain(target: str, *, as_json: bool, with_model: bool) -> int:
    from lsp_debugger.cards import plain
    from lsp_debugger.wiring import open_session

    path, line, column = _parse(target)
    root = root_of(path or Path.cwd())
    async with open_session(roots=[root]) as session:
        located = _from_stdin(root, session.read) if path is None else _from_file(path, root, line, column)
        if located is None:
            print("No problem found there." if path else "No error found in that text.", file=sys.stderr)
            return 1
        problem, snapshot = located
        session.opened(snapshot)
        if not with_model:
            card = await session.pipeline.card(problem, snapshot)
            _print(json.dumps(_card_parts(problem, card), indent=2) if as_json else plain(card))
            return 0
        verified = await _run(session, problem, snapshot, quiet=as_json)
    if as_json:
        _print(json.dumps(_parts(verified), indent=2))
    return 0


async def _run(session: Any, problem: Problem, snapshot: Snapshot, *, quiet: bool) -> Verified:
    """Print the card at once, the answer as it arrives, and what stands behind it at the end."""
    from lsp_debugger.cards import plain
    from lsp_debugger.features.explain import EXPLAIN

    finished: Verified | None = None
    async with aclosing(session.pipeline.run(EXPLAIN, problem, snapshot, session.new_id())) as events:
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


def _parse(target: str) -> tuple[Path | None, int | None, int | None]:
    if target == "-":
        return None, None, None
    match = _TARGET.match(target)
    assert match is not None, "the pattern takes any non-empty text"
    whole = Path(target)
    # A file may be called `a:1`.
    path = whole if whole.exists() else Path(match["path"])
    if not path.is_file():
        raise ConfigInvalid(f"{path} is not a file", "give a file, optionally with :LINE or :LINE:COLUMN")
    numbers = (None, None) if path == whole else (match["line"], match["column"])
    line, column = (int(number) if number else None for number in numbers)
    return path.resolve(), line, column


def _from_stdin(root: Path, read: Any) -> tuple[Problem, Snapshot] | None:
    from lsp_debugger.context.locate import from_text

    problem = from_text(sys.stdin.read(_MAX_STDIN_CHARS), root, read)
    if problem is None:
        return None
    snapshot = read(problem.path) if problem.path else None
    return problem, snapshot or Snapshot(uri="untitled:stdin", text="")


def _from_file(
    path: Path, root: Path, line: int | None, column: int | None
) -> tuple[Problem, Snapshot] | None:
    try:
        text = path.read_bytes().decode("utf-8", "replace")
    except OSError as exc:
        raise ConfigInvalid(f"{path} cannot be read: {exc.strerror}", "check its permissions") from exc
    language = language_of(str(path))
    snapshot = Snapshot(uri=path.as_uri(), text=text, path=str(path), language_id=language)
    findings: list[Finding] = []
    if language == "python":
        findings = [*(ruff_findings(path) or []), *(pyright_findings(path, root) or [])]
    here = [each for each in findings if line is None or each.line <= line - 1 <= each.end_line]
    if column is not None and line is not None:
        under = [each for each in here if (each.line, each.column) <= (line - 1, column - 1)]
        under = [each for each in under if (line - 1, column - 1) <= (each.end_line, each.end_column)]
        here = under or here
    if not here:
        return None
    worst = min(here, key=lambda each: (each.severity, each.line, each.column))
    return _problem(worst, snapshot), snapshot


def _problem(finding: Finding, snapshot: Snapshot) -> Problem:
    start = snapshot.lines.span_of(finding.line).start + finding.column
    end = snapshot.lines.span_of(finding.end_line).start + finding.end_column
    return Problem(
        message=finding.message,
        source=finding.source,
        code=finding.code,
        severity=Severity(finding.severity),
        path=snapshot.path,
        line=finding.line + 1,
        span=Span(start, max(start, end)),
    )


def _card_parts(problem: Problem, card: Card) -> dict[str, Any]:
    return {
        "problem": {
            "path": problem.path,
            "line": problem.line,
            "source": problem.source,
            "code": problem.code,
        },
        "card": asdict(card),
    }


def _parts(verified: Verified) -> dict[str, Any]:
    reply = asdict(verified.reply)
    if isinstance(verified.reply, Answer):
        reply["confidence"] = verified.reply.confidence.value
    return {**_card_parts(verified.problem, verified.card), "reply": reply, "escalation": verified.escalation}


def _print(text: str) -> None:
    print(text, flush=True)
