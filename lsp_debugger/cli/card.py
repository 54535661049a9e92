"""`lsp-debugger card`: one card's parts, for the finding that the arguments describe."""

from __future__ import annotations

import asyncio
import json
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lsp_debugger.cli.app import OK
from lsp_debugger.cli.arguments import Arguments
from lsp_debugger.cli.project import root_of
from lsp_debugger.cli.target import Target, target_of
from lsp_debugger.core.ask import Card, Problem
from lsp_debugger.core.errors import ConfigInvalid
from lsp_debugger.core.text import Snapshot, Span
from lsp_debugger.syntax.grammars import language_of

HELP = """\
lsp-debugger card --source SOURCE --code CODE [--message MESSAGE] [--json] PATH:LINE[:COLUMN]

Prints the card of one finding as a tool reported it: what happened there, where it comes from, the
certain edit, the rule's text. Nothing is run for it but the tool's own explanation of its rule.

  --source    who found it: ruff, mypy, ts, eslint, rustc, compiler, clang, shellcheck, Python, …
  --code      its rule or error code: F821, attr-defined, 2304, E0382, …
  --message   what it said; most cards need it for the names in it
  --json      one JSON object with the card's parts"""

_QUOTES = "`'\"\u2018\u2019\u201c\u201d"


def run(args: Sequence[str]) -> int:
    parsed = _parser().parse_args(list(args))
    return asyncio.run(_card(target_of(parsed.target), parsed))


def _parser() -> Arguments:
    parser = Arguments("lsp-debugger card")
    parser.add_argument("target", metavar="PATH:LINE")
    parser.add_argument("--source", required=True)
    parser.add_argument("--code", default="")
    parser.add_argument("--message", default="")
    parser.add_argument("--json", action="store_true")
    return parser


async def _card(target: Target, parsed: Namespace) -> int:
    from lsp_debugger.cards import plain
    from lsp_debugger.wiring import open_session

    if target.line is None:
        raise ConfigInvalid("no line given", "name the place as PATH:LINE")
    snapshot = snapshot_of(target.path)
    problem = Problem(
        message=parsed.message,
        source=parsed.source,
        code=parsed.code,
        path=str(target.path),
        line=target.line,
        span=_span(snapshot, target, parsed.message),
    )
    async with open_session(roots=[root_of(target.path)]) as session:
        session.opened(snapshot)
        card = await session.pipeline.card(problem, snapshot)
    print(json.dumps(card_parts(card), indent=2) if parsed.json else plain(card))
    return OK


def snapshot_of(path: Path) -> Snapshot:
    """A file as it is on the disk. Raises ConfigInvalid."""
    try:
        text = path.read_bytes().decode("utf-8", "replace")
    except OSError as exc:
        raise ConfigInvalid(f"{path} cannot be read: {exc.strerror}", "check its permissions") from exc
    return Snapshot(uri=path.as_uri(), text=text, path=str(path), language_id=language_of(str(path)))


def _span(snapshot: Snapshot, target: Target, message: str) -> Span | None:
    """What a tool would point at: the word at the column, else the first word of the line that the
    message quotes, else the line without its indentation. None past the file's end.
    """
    assert target.line is not None, "checked before"
    if target.line > len(snapshot.lines):
        return None
    line = snapshot.lines.span_of(target.line - 1)
    text = line.of(snapshot.text)
    if target.column is not None:
        start = end = min(line.start + target.column - 1, line.end)
        while end < line.end and (snapshot.text[end].isalnum() or snapshot.text[end] == "_"):
            end += 1
        return Span(start, max(end, min(start + 1, line.end)))
    for word in _quoted(message):
        at = text.find(word)
        if at >= 0:
            return Span(line.start + at, line.start + at + len(word))
    return Span(line.start + len(text) - len(text.lstrip()), line.start + len(text.rstrip()))


def _quoted(message: str) -> list[str]:
    parts = [""]
    for character in message[:10_000]:
        if character in _QUOTES:
            parts.append("")
        else:
            parts[-1] += character
    return [part for part in parts[1::2] if part.strip() and len(part) < 200]


def card_parts(card: Card) -> dict[str, Any]:
    """The card as JSON. Replacements are in code points from the start of the file."""
    edit = card.edit
    return {
        "headline": card.headline,
        "places": [{"path": each.path, "line": each.line, "note": each.note} for each in card.places],
        "notes": list(card.notes),
        "edit": None
        if edit is None
        else {
            "title": edit.title,
            "replacements": [
                {"start": each.span.start, "end": each.span.end, "new_text": each.new_text}
                for each in edit.replacements
            ],
        },
        "rule_text": card.rule_text,
        "href": card.href,
    }
