"""JSON out of what a tool printed; whatever is no such thing is a tool that failed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, cast

from lsp_debugger.core.errors import ToolFailed
from lsp_debugger.spawn import Completed

_SAID_CHARS = 200


def unreadable(name: str, done: Completed) -> ToolFailed:
    """For an answer that a checker cannot understand. It quotes the tool: shown, never logged."""
    told = done.stderr.decode("utf-8", "replace").strip() or done.stdout.decode("utf-8", "replace").strip()
    said = told.splitlines()[0][:_SAID_CHARS] if told else "it said nothing"
    hint = "run it in a terminal to see what is wrong"
    return ToolFailed(f"{name} ended with {done.returncode}: {said}", hint=hint)


def json_of(name: str, done: Completed, *, ok: tuple[int, ...] = (0, 1)) -> Any:
    """The whole of stdout as JSON. ok: exit codes of a run that did its work. Raises ToolFailed."""
    if done.returncode not in ok:
        raise unreadable(name, done)
    try:
        return json.loads(done.stdout)
    except (ValueError, RecursionError):
        raise unreadable(name, done) from None


def json_lines(done: Completed) -> Iterator[dict[str, Any]]:
    """Objects that stand on lines of stdout of their own; other lines are passed over."""
    for line in done.stdout.splitlines():
        if line.startswith(b"{"):
            try:
                found: object = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(found, dict):
                yield cast("dict[str, Any]", found)
