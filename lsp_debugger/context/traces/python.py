"""Python traces in any text: who wrote which line is told from what the lines start with."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lsp_debugger.context.traces.drafts import Draft
from lsp_debugger.context.traces.lines import prefix_pattern, quoted_blocks, split
from lsp_debugger.context.traces.pytest_report import PytestReport, opens_report
from lsp_debugger.context.traces.trace import Trace
from lsp_debugger.context.traces.tracebacks import GROUP_HEADER, HEADER, Tracebacks

_WRITERS_MAX = 16  # at once; the oldest gives way
_INTERESTING = re.compile(r'Traceback \(most|  File "|[=_]{3} [^=_]')
_ESCAPED = re.compile(r'Traceback \(most recent call last\):\\n|\\n  File \\"')
_GROUP_INDENT = "  + "


def parse(text: str) -> list[Trace]:
    """Return the Python traces of `text` in the order of their ends.

    Takes time linear in the text. A trace without its first lines is read from its frames; one
    without its last has no exception type. Never raises.
    """
    reader = _Reader()
    for line in split(text):
        reader.feed(line)
    return [draft.trace() for draft in reader.finish()]


@dataclass(slots=True)
class _Writer:
    """One program or process whose lines start alike."""

    pattern: re.Pattern[str] | None
    machine: Tracebacks | PytestReport

    def content(self, line: str) -> str | None:
        if self.pattern is None:
            return line
        match = self.pattern.match(line)
        return None if match is None else line[match.end() :]


class _Reader:
    def __init__(self) -> None:
        self._results: list[Draft] = []
        self._writers: list[_Writer] = []

    def feed(self, line: str) -> None:
        if not self._writers and not _INTERESTING.search(line) and "\\n" not in line:
            return
        if "\\n" in line and _ESCAPED.search(line):
            self._feed_escaped(line)
        elif not self._feed_writers(line):
            self._open_writer(line)
        if any(writer.machine.is_over for writer in self._writers):
            self._writers = [writer for writer in self._writers if not writer.machine.is_over]

    def finish(self) -> list[Draft]:
        for writer in self._writers:
            writer.machine.close()
        return self._results

    def _feed_escaped(self, line: str) -> None:
        for block in quoted_blocks(line):
            if HEADER in block or '  File "' in block:
                inner = _Reader()
                for part in split(block):
                    inner.feed(part)
                self._results += inner.finish()

    def _feed_writers(self, line: str) -> bool:
        for writer in self._writers:
            content = writer.content(line)
            if content is None:
                continue
            if content.find(HEADER) > 0 and not content.startswith(GROUP_HEADER) and not _in_group(content):
                continue  # somebody else's header
            if writer.machine.feed(content):
                return True
        return False

    def _open_writer(self, line: str) -> None:
        at = line.find(HEADER)
        if at >= 0:
            if line.endswith(_GROUP_INDENT + GROUP_HEADER):
                at = line.index(_GROUP_INDENT + GROUP_HEADER)
            self._start(line, at, Tracebacks(self._results))
        elif (at := line.find('  File "')) >= 0:
            self._start(line, at, Tracebacks(self._results))
        else:
            banner = re.search(r"(?:^|(?<=[\s|:\]]))(?:={3,}|_{3,}) \S", line)
            if banner is not None and opens_report(line[banner.start() :]):
                self._start(line, banner.start(), PytestReport(self._results))

    def _start(self, line: str, at: int, machine: Tracebacks | PytestReport) -> None:
        if not machine.feed(line[at:]):
            return
        writer = _Writer(prefix_pattern(line[:at]), machine)
        # The longest prefix is asked first; a traceback before the report that it stands in.
        self._writers.append(writer)
        self._writers.sort(key=_rank)
        if len(self._writers) > _WRITERS_MAX:
            self._writers.pop(0).machine.close()


def _rank(writer: _Writer) -> tuple[int, bool]:
    size = len(writer.pattern.pattern) if writer.pattern is not None else 0
    return -size, isinstance(writer.machine, PytestReport)


def _in_group(content: str) -> bool:
    return content.lstrip(" ").startswith(("|", "+"))
