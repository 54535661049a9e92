"""A text with its secrets out, to look for what is left of them."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable

from lsp_debugger.core.text import Span
from lsp_debugger.policy.detect import Finding

LINE_END = re.compile(r"\r\n|\n|\r")
_WINDOW_LINES = 12


class Trial:
    """A text with numberless placeholders in it, to look for what is left."""

    def __init__(self, text: str, found: list[Finding]) -> None:
        parts, done, length = list[str](), 0, 0
        self._edits = list[tuple[int, int, int, int]]()  # start and end here, start and end in the input
        for finding in found:
            kept = text[done : finding.start]
            put = f"<SECRET_0:{finding.label}>" + "".join(LINE_END.findall(text[finding.start : finding.end]))
            parts += [kept, put]
            length += len(kept)
            self._edits.append((length, length + len(put), finding.start, finding.end))
            length += len(put)
            done = finding.end
        self.text = "".join([*parts, text[done:]])

    def windows(self) -> list[Span]:
        """The placeholders with the lines around them: no pattern of ours reaches farther, and what a
        match of the first look had covered lies in them.
        """
        found = list[Span]()
        for start, end, _, _ in self._edits:
            window = Span(self._lines_off(start, back=True), self._lines_off(end, back=False))
            if found and window.start <= found[-1].end:
                found[-1] = Span(found[-1].start, max(found[-1].end, window.end))
            else:
                found.append(window)
        return found

    def _lines_off(self, at: int, *, back: bool) -> int:
        for _ in range(_WINDOW_LINES):
            at = self.text.rfind("\n", 0, max(at - 1, 0)) + 1 if back else self.text.find("\n", at) + 1
            if at <= 0:
                return 0 if back else len(self.text)
        return at

    def in_input(self, finding: Finding) -> Finding:
        start, end = self._offset(finding.start, to_end=False), self._offset(finding.end, to_end=True)
        return Finding(start, end, finding.rule, finding.label)

    def _offset(self, offset: int, *, to_end: bool) -> int:
        index = bisect_right(self._edits, offset - to_end, key=lambda edit: edit[0]) - 1
        if index < 0:
            return offset
        _, here_end, start, end = self._edits[index]
        if offset - to_end < here_end:
            return end if to_end else start
        return end + offset - here_end


def merged(findings: Iterable[Finding]) -> list[Finding]:
    """Overlapping and touching ones as one, ascending; the label is that of the first given."""
    ranked = sorted(enumerate(findings), key=lambda item: item[1].start)
    out = list[tuple[int, Finding]]()
    for rank, finding in ranked:
        if out and finding.start < out[-1][1].end:
            best, last = out[-1]
            name = last if best <= rank else finding
            out[-1] = (
                min(best, rank),
                Finding(last.start, max(last.end, finding.end), name.rule, name.label),
            )
        else:
            out.append((rank, finding))
    return [finding for _, finding in out]
