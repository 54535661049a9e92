"""Hover: the card inside the diagnostic's range, and the explanation once there is one. Never a model."""

from __future__ import annotations

import re

from lsprotocol import types

from lsp_debugger.core.ask import Answer, Card
from lsp_debugger.core.markdown import file_address
from lsp_debugger.core.text import Snapshot
from lsp_debugger.server.answers import Explanation
from lsp_debugger.server.convert import range_from
from lsp_debugger.server.diagnostics import Finding

_MAX_LINES = 12
_EXPLANATION_LINES = 6
_LINK = re.compile(r"\[((?:[^\[\]\\]|\\.)+)\]\([^()\s]*\)")
_BACKSLASH = re.compile(r"\\([^\w\s])")
_MARKS = re.compile(r"^(?:#{1,6} |> )|\*\*", re.MULTILINE)


def hover(
    finding: Finding,
    card: Card,
    explanation: Explanation | None,
    snapshot: Snapshot,
    encoding: str,
    *,
    root: str | None,
    as_markdown: bool,
) -> types.Hover:
    """root: the workspace folder that relative places start from, for links."""
    text = hover_text(card, explanation, snapshot.version, root)
    kind = types.MarkupKind.Markdown if as_markdown else types.MarkupKind.PlainText
    contents = types.MarkupContent(kind, text if as_markdown else plain_text(text))
    return types.Hover(contents, range_from(snapshot, finding.span, encoding))


def hover_text(
    card: Card, explanation: Explanation | None, version: int | None, root: str | None = None
) -> str:
    """At most twelve lines of Markdown."""
    from lsp_debugger.cards import markdown  # not before `initialize` is answered

    said = _explained(explanation, version) if explanation else []
    shown = markdown(
        card,
        max_lines=_MAX_LINES - len(said),
        uri_of=lambda place: file_address(place.path, place.line, root),
    )
    return "\n".join([shown, *said])


def plain_text(text: str) -> str:
    """Markdown of ours for clients that show it as it is: links by their label, no escapes."""
    return _BACKSLASH.sub(r"\1", _MARKS.sub("", _LINK.sub(r"\1", text)))


def _explained(explanation: Explanation, version: int | None) -> list[str]:
    reply = explanation.verified.reply
    if not isinstance(reply, Answer):
        return []
    lines = [line for line in reply.markdown.splitlines() if line.strip()]
    # A fence that is cut off would swallow what follows it.
    opened = next((place for place, line in enumerate(lines) if line.startswith(("```", "~~~"))), len(lines))
    kept = lines[: min(opened, _EXPLANATION_LINES - 2)]
    if not kept:
        return []
    more = " …" if len(kept) < len(lines) else ""
    mark = ", ".join(
        each for each in (f"{reply.confidence.value} confidence", explanation.mark(version)) if each
    )
    return ["", f"**The model supposes** ({mark}):", *kept[:-1], *[f"{line}{more}" for line in kept[-1:]]]
