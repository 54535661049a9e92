"""Keep a model's thinking out of its answer, however the stream was cut."""

from __future__ import annotations

from collections.abc import Mapping

# What open-weight models write when their server does not take the reasoning out itself.
_PAIRS: Mapping[str, str] = {
    "<think>": "</think>",
    "<thinking>": "</thinking>",
    "[THINK]": "[/THINK]",
}


class ReasoningFilter:
    """Split streamed text into what is shown and what is thought.

    A block opens only at the start of a line, so that an answer may quote a tag; one that never
    closes hides the rest. The result does not depend on where the text was cut.
    """

    def __init__(self) -> None:
        self._pending = ""
        self._closing: str | None = None
        self._line_start = True

    def feed(self, text: str) -> tuple[str, str]:
        """Return (shown, thought). What may be the beginning of a tag waits for the next piece."""
        self._pending += text
        return self._take(final=False)

    def close(self) -> tuple[str, str]:
        """Return what was still waiting."""
        return self._take(final=True)

    def _take(self, *, final: bool) -> tuple[str, str]:
        shown: list[str] = []
        thought: list[str] = []
        while self._pending:
            before = self._pending
            if self._closing is None:
                shown.append(self._visible(final=final))
            else:
                thought.append(self._hidden(self._closing, final=final))
            if self._pending == before:
                break
        return "".join(shown), "".join(thought)

    def _hidden(self, closing: str, *, final: bool) -> str:
        end = self._pending.find(closing)
        if end >= 0:
            self._closing = None
            self._line_start = True
            return self._cut(end, skip=len(closing))
        # Keep as much as could be the first half of the closing tag.
        return self._cut(len(self._pending) if final else max(0, len(self._pending) - len(closing) + 1))

    def _visible(self, *, final: bool) -> str:
        if not self._line_start:
            newline = self._pending.find("\n")
            self._line_start = newline >= 0
            return self._cut(newline + 1 if newline >= 0 else len(self._pending))
        blank = len(self._pending) - len(self._pending.lstrip(" \t\r\n"))
        if blank:
            return self._cut(blank)
        for opening, closing in _PAIRS.items():
            if self._pending.startswith(opening):
                self._closing = closing
                return self._cut(0, skip=len(opening))
            if opening.startswith(self._pending) and not final:
                return ""
        self._line_start = False
        return self._cut(1)

    def _cut(self, length: int, *, skip: int = 0) -> str:
        piece, self._pending = self._pending[:length], self._pending[length + skip :]
        return piece
