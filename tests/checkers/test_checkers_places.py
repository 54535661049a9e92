"""Columns in code points, bytes and UTF-16 as offsets: against references that count in another way."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_debugger.checkers.checker import Job
from lsp_debugger.checkers.places import Columns, offset_at, problem_at, span_at
from lsp_debugger.core.ask import Severity
from lsp_debugger.core.text import Snapshot, Span
from lsp_debugger.tools import Tool

UNITS = list(Columns)
# What breaks counting: characters of each width, tabs, every line end and what only looks like one.
LETTERS = st.sampled_from(
    [*"ab_$ 9", "\t", "é", "名", "👍", "\u0301", "\f", "\v", "\x85", "\u2028", "\ud800", "\0"]
)
LINES = st.lists(LETTERS, max_size=12).map("".join)
TEXTS = st.lists(st.tuples(LINES, st.sampled_from(["\n", "\r\n", "\r"])), max_size=6).flatmap(
    lambda lines: LINES.map(lambda last: "".join(line + end for line, end in lines) + last)
)


def snapshot_of(text: str) -> Snapshot:
    return Snapshot("file:///a", text)


def width(text: str, columns: Columns) -> int:
    """Another way than the one under test: by encoding the whole."""
    if columns is Columns.UTF8:
        return len(text.encode("utf-8", "surrogatepass"))
    if columns is Columns.UTF16:
        return len(text.encode("utf-16-le", "surrogatepass")) // 2
    return len(text)


def lines_of(text: str) -> list[tuple[int, str]]:
    """Each line's start and text, split by the three line ends of LSP alone."""
    found, start = list[tuple[int, str]](), 0
    for part in re.split(r"(\r\n|\r|\n)", text):
        if part not in {"\r\n", "\r", "\n"}:
            found.append((start, part))
        start += len(part)
    return found


@given(TEXTS, st.sampled_from(UNITS))
def test_every_offset_comes_back(text: str, columns: Columns):
    snapshot = snapshot_of(text)
    lines = lines_of(text)
    assert len(snapshot.lines) == len(lines)
    for number, (start, line) in enumerate(lines, 1):
        for column in range(len(line) + 1):
            position = number, width(line[:column], columns) + 1
            assert offset_at(snapshot, position, columns) == start + column


@given(TEXTS, st.sampled_from(UNITS), st.integers(-3, 12), st.integers(-3, 60))
def test_places_are_clamped_to_their_line(text: str, columns: Columns, line: int, column: int):
    snapshot = snapshot_of(text)
    lines = lines_of(text)
    start, content = lines[min(max(line, 1), len(lines)) - 1]
    found = offset_at(snapshot, (line, column), columns)
    assert start <= found <= start + len(content)
    before = content[: found - start]
    wanted = max(column - 1, 0)
    # The first place that is not before the column: one inside of a character is behind that.
    assert found == start + len(content) or width(before, columns) >= wanted
    assert not before or width(before[:-1], columns) < wanted


@given(TEXTS, st.sampled_from(UNITS), st.integers(1, 6), st.integers(1, 20), st.integers(1, 20))
def test_later_columns_are_no_earlier_places(text: str, columns: Columns, line: int, one: int, other: int):
    snapshot = snapshot_of(text)
    first, last = (offset_at(snapshot, (line, column), columns) for column in sorted((one, other)))
    assert first <= last


POSITIONS = st.tuples(st.integers(-1, 8), st.integers(-1, 30))


@given(TEXTS, st.sampled_from(UNITS), POSITIONS, st.none() | POSITIONS)
def test_spans_lie_in_the_text(
    text: str, columns: Columns, start: tuple[int, int], end: tuple[int, int] | None
):
    snapshot = snapshot_of(text)
    span = span_at(snapshot, start, end, columns)
    assert 0 <= span.start <= span.end <= len(text)
    assert span.start == offset_at(snapshot, start, columns)
    last = offset_at(snapshot, end, columns) if end is not None else -1
    if last > span.start:
        assert span.end == last
    else:
        assert "\n" not in span.of(text)
        line = snapshot.lines.span_of(snapshot.lines.line_of(span.start))
        assert len(span) > 0 or span.start == line.end


@pytest.mark.parametrize(
    ("text", "start", "columns", "expected"),
    [
        ("\tx = 1", (1, 2), Columns.CODE_POINTS, "x"),
        ("\té = call()", (1, 6), Columns.UTF8, " "),
        ("\té = call()", (1, 7), Columns.UTF8, "call"),
        ('"👍" + name', (1, 8), Columns.CODE_POINTS, "ame"),
        ('"👍" + name', (1, 8), Columns.UTF16, "name"),
        ('"👍" + name', (1, 10), Columns.UTF8, "name"),
        ("👍x", (1, 2), Columns.UTF16, "x"),
        ("👍x", (1, 3), Columns.UTF8, "x"),
        ("a\r\nwert $x\r\n", (2, 6), Columns.CODE_POINTS, "$x"),
        ("a\fb\nc_d", (2, 1), Columns.CODE_POINTS, "c_d"),
        ("a\u2028b\nc", (2, 1), Columns.UTF16, "c"),
        ("ab\n", (1, 9), Columns.UTF8, ""),
        ("ab\n", (9, 1), Columns.UTF8, ""),
        ("", (1, 1), Columns.UTF16, ""),
        ("größe: 1", (1, 1), Columns.UTF8, "größe"),
        ("(x)", (1, 1), Columns.UTF8, "("),
    ],
)
def test_the_word_that_begins_there(text: str, start: tuple[int, int], columns: Columns, expected: str):
    assert span_at(snapshot_of(text), start, None, columns).of(text) == expected


def _job(tmp_path: Path, text: str | None) -> Job:
    snapshot = None if text is None else Snapshot("file:///a", text, path=str(tmp_path / "a"))
    return Job(Tool("t", Path("/t")), tmp_path, (), False, tmp_path, False, tmp_path, lambda _: snapshot)


def test_a_problem_has_its_line_where_it_has_no_span(tmp_path: Path):
    def problem(text: str | None, line: int):
        return problem_at(
            _job(tmp_path, text),
            "a",
            (line, 1),
            None,
            Columns.UTF8,
            message="m",
            source="t",
            severity=Severity.HINT,
        )

    assert problem("x\ny", 2).span == Span(2, 3)
    assert problem("x\ny", 3).span is None, "a place that the file does not have points at nothing else"
    assert problem(None, 3).line == 3
    assert problem(None, 0).line == 1
    assert problem("x", 1).path == str(tmp_path / "a")
