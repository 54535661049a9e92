"""Lines of a log as their program wrote them: escapes undone, a logger's prefix told from the text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

# ECMA-48 control sequences and the operating-system commands that terminals put around links.
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_CLOCK = r"\d{1,2}:\d\d:\d\d(?:[.,]\d+)?"
_MOMENT = re.compile(
    rf"\d{{4}}[-/]\d\d[-/]\d\d[T ]{_CLOCK}(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?"
    rf"|{_MONTH} +\d{{1,2}} {_CLOCK}"
    rf"|{_CLOCK}"
    r"|\b\d+\.\d{3,}\b"
)
_RECORD = re.compile(
    rf"[\[(]?(?:{_MOMENT.pattern})"
    r"|\[?(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL)\b[\]: ]"
)


def split(text: str) -> list[str]:
    """The lines without terminal escapes, whatever line ends are in use."""
    if "\x1b" in text:
        text = _ANSI.sub("", text)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.split("\n")


def looks_like_record(line: str) -> bool:
    """True when a line starts as a log record does: it is no continuation of the line before."""
    return _RECORD.match(line) is not None


def quoted_blocks(line: str) -> Iterator[str]:
    """The strings of one line that hold line ends: what a JSON or logfmt logger made of a trace."""
    for match in _QUOTED.finditer(line):
        if "\\n" in match[0]:
            try:
                yield json.loads(match[0], strict=False)
            except ValueError:
                yield match[0][1:-1].replace("\\n", "\n").replace('\\"', '"').replace("\\\\", "\\")


def prefix_pattern(prefix: str) -> re.Pattern[str] | None:
    """What the next line of the same writer starts with: the same text at any other moment.

    None for no prefix. Numbers that are no time (a process id) have to be the same, because they
    tell interleaved writers apart.
    """
    if not prefix:
        return None
    parts, at = list[str](), 0
    for moment in _MOMENT.finditer(prefix):
        parts += [re.escape(prefix[at : moment.start()]), f"(?:{_MOMENT.pattern})"]
        at = moment.end()
    # A line end that was stripped of trailing blanks still belongs to its writer.
    tail = prefix[at:]
    parts += [re.escape(tail.rstrip()), "(?:" + re.escape(tail[len(tail.rstrip()) :]) + "|$)"]
    return re.compile("".join(parts))
