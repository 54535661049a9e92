"""pytest's failures in its own styles: long, short, line and auto."""

from __future__ import annotations

import re

from lsp_debugger.context.traces.drafts import FRAME, LINKS, Draft, exception_of
from lsp_debugger.context.traces.trace import Frame

_BANNER = re.compile(r"=+ (?P<title>\S.*\S) =+$|_+ (?P<test>\S.*\S) _+$|-+ (?P<capture>Captured .+) -+$")
_RULES = ("==", "__", "--")
_BANNER_CHARS_MAX = 400
_OPENS = re.compile(r"(?:FAILURES|ERRORS)$")
_LOCATION = re.compile(
    r"(?P<path>(?:[A-Za-z]:)?[^:\s][^:]*):(?P<line>\d{1,9}):"
    r"(?: in (?P<function>\S.*)| (?P<raised>[^\W\d][\w.]*(?:: .*)?)| ?)$"
)
_ERROR_LINE = re.compile(r"E {2,}(?P<body>\S.*)$")


def opens_report(line: str) -> bool:
    """True for `=== FAILURES ===` and `____ test_name ____`."""
    match = _banner(line)
    return match is not None and (match["test"] is not None or _OPENS.match(match["title"] or "") is not None)


def _banner(line: str) -> re.Match[str] | None:
    return _BANNER.match(line.rstrip()) if line[:2] in _RULES and len(line) <= _BANNER_CHARS_MAX else None


class PytestReport:
    """Reads the failures between `FAILURES` and the summary. A traceback within is not its business."""

    def __init__(self, results: list[Draft]) -> None:
        self._results = results
        self._draft = Draft()
        self._cause: Draft | None = None
        self._captured = False
        self.is_over = False

    def feed(self, line: str) -> bool:
        """Read one line. False: it is no part of a failure's own text."""
        if self.is_over:
            return False
        if match := _banner(line):
            self._feed_banner(match)
            return True
        return not self._captured and self._feed_failure(line)

    def close(self) -> None:
        self._finish()
        self.is_over = True

    def _feed_failure(self, line: str) -> bool:
        if line.rstrip() in LINKS:
            self._finish()
            self._cause = self._results.pop() if self._results else None
        elif match := _ERROR_LINE.match(line):
            self._feed_error(match["body"])
        elif match := _LOCATION.match(line):
            self._feed_location(match)
        else:
            if line.startswith("    ") and self._draft.message is None:
                self._draft.add_source(line.strip())
            return False
        return True

    def _feed_banner(self, match: re.Match[str]) -> None:
        title, test = match["title"], match["test"]
        self._captured = match["capture"] is not None
        if title is not None and not _OPENS.match(title):
            self.close()
        elif test is not None:
            self._finish()

    def _feed_error(self, body: str) -> None:
        draft = self._draft
        raised = exception_of(body)
        if frame := FRAME.match(body):
            draft.add(Frame(frame["path"], int(frame["line"]), None, frame["function"]))
        elif draft.message is None:
            draft.exception_type, draft.message = raised or (None, body.rstrip())
        elif draft.exception_type is None and raised is not None and draft.frame_count():
            draft.exception_type, draft.message = raised  # a SyntaxError shows its line first
        else:
            draft.add_note(body.rstrip())

    def _feed_location(self, match: re.Match[str]) -> None:
        self._draft.add(Frame(match["path"], int(match["line"]), None, match["function"]))
        if match["raised"]:
            # The end of a failure. Its type stands here when the error line is a bare `assert …`.
            if self._draft.exception_type is None:
                self._draft.exception_type = match["raised"].partition(":")[0]
            self._finish()

    def _finish(self) -> None:
        draft, self._draft = self._draft, Draft()
        if draft.frame_count() and (draft.exception_type or draft.message is not None):
            draft.cause = self._cause
            self._results.append(draft)
        self._cause = None
