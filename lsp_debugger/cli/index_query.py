"""From somebody's text to a query of the index, and from its hits to JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from lsp_debugger.cli.jsonl import records
from lsp_debugger.core.errors import ConfigInvalid
from lsp_debugger.core.material import Hit
from lsp_debugger.core.ports import Query

_CHARS_PER_TOKEN = 4
# A test runner's own calls say nothing about the bug, and its words would outvote those that do.
_HARNESS_FRAME = re.compile(
    r'^[ \t]*File "[^"\n]*/(?:_pytest|pytest|pluggy|unittest|nose)/[^"\n]*", line \d+.*\n?'
    r"(?:[ \t]++(?!File \")[^\n]*\n?)*",
    re.MULTILINE,
)


def query_of(text: str, traceback: str, root: Path, *, exclude_tests: bool) -> Query:
    """Words of both texts without a test runner's frames; frames that are files below `root`."""
    from lsp_debugger.context.traces import parse

    text, traceback = _HARNESS_FRAME.sub("", text), _HARNESS_FRAME.sub("", traceback)
    traces = [trace for trace in parse(traceback or text) if trace.frames]
    frames = traces[-1].frames if traces else ()
    return Query(
        text="\n".join(filter(None, [text, traceback])),
        frames=tuple((str(root / frame.path), frame.line) for frame in frames),
        exclude_tests=exclude_tests,
    )


def answer_of(hits: Sequence[Hit], index_version: str, budget_tokens: int | None) -> dict[str, Any]:
    """budget_tokens: hits are taken whole, in order, until one does not fit."""
    shown: list[dict[str, Any]] = []
    used = 0
    for hit in hits:
        used += -(-len(hit.fragment.text) // _CHARS_PER_TOKEN)
        if budget_tokens is not None and used > budget_tokens:
            break
        shown.append(
            {
                "path": hit.fragment.path,
                "start_line": hit.fragment.start_line,
                "end_line": hit.fragment.end_line,
                "symbol": hit.fragment.symbol,
                "kind": hit.kind,
                "score": round(hit.score, 6),
                "why": list(hit.why),
            }
        )
    return {"hits": shown, "index_version": index_version}


def queries(lines: IO[bytes]) -> Iterator[dict[str, Any]]:
    """One JSON object a line, with `id` and a text `query`. Raises ConfigInvalid naming the line."""
    for number, fields in records(lines, ("query",)):
        if not isinstance(fields.get("traceback") or "", str):
            raise ConfigInvalid(f'"traceback" of line {number} is no text', "`index --help` shows it")
        yield fields
