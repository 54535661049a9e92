"""From somebody's text to a query of the index, and from its hits to JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from lsp_debugger.cli.jsonl import records
from lsp_debugger.core.errors import ConfigInvalid
from lsp_debugger.core.material import Hit
from lsp_debugger.core.ports import Query

_CHARS_PER_TOKEN = 4


def query_of(text: str, traceback: str, root: Path, *, exclude_tests: bool) -> Query:
    """Both texts, and the frames of the last trace in them as files below `root`."""
    from lsp_debugger.context.traces import parse

    traces = [trace for trace in parse(traceback or text) if trace.frames]
    frames = traces[-1].frames if traces else ()
    return Query(
        text="\n".join(filter(None, [text, traceback])),
        frames=tuple((str(root / frame.path), frame.line) for frame in frames),
        exclude_tests=exclude_tests,
    )


def answer_of(hits: Sequence[Hit], index_version: str, budget_tokens: int | None) -> dict[str, Any]:
    """budget_tokens: hits are taken whole, in order; those that do not fit what is left are passed over."""
    shown: list[dict[str, Any]] = []
    used = 0
    for hit in hits:
        tokens = -(-len(hit.fragment.text) // _CHARS_PER_TOKEN)
        if budget_tokens is not None and used + tokens > budget_tokens:
            continue
        used += tokens
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
