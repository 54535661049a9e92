"""The store of foreign findings: who said what, where it is now, and which is the worst."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lsprotocol import types

from lsp_debugger.core.ask import Problem, Replacement, Severity, ToolFix
from lsp_debugger.core.text import Snapshot, Span
from lsp_debugger.server.convert import range_from
from lsp_debugger.server.diagnostics import CONTEXT, Diagnostics, Finding, distinct, finding_of, worst

URI = "file:///w/a.py"
TEXT = "import os\nimport sys, json\n\ndef f(x):\n    return yy\n"
SNAPSHOT = Snapshot(URI, TEXT, 1, "/w/a.py", "python")


def found(
    word: str, code: str = "F401", source: str = "ruff", severity: Severity = Severity.WARNING
) -> Finding:
    start = TEXT.index(word)
    span = Span(start, start + len(word))
    line = SNAPSHOT.lines.line_of(start) + 1
    return Finding(
        Problem(
            f"about {word}", source=source, code=code, severity=severity, line=line, span=span, path="/w/a.py"
        )
    )


def words(findings: list[Finding], text: str = TEXT) -> list[str]:
    return [each.span.of(text) for each in findings]


def after(text: str, edit: Replacement) -> Snapshot:
    new = text[: edit.span.start] + edit.new_text + text[edit.span.end :]
    return Snapshot(URI, new, 2, "/w/a.py", "python")


def test_a_publisher_replaces_its_own_words_and_no_others() -> None:
    store = Diagnostics()
    store.publish(URI, "one", [found("os"), found("sys")])
    store.publish(URI, "two", [found("json")])
    store.publish(URI, "one", [found("yy", "F821")])
    assert words(store.of(URI)) == ["json", "yy"]
    store.publish(URI, "two", [])
    assert words(store.of(URI)) == ["yy"]


@pytest.mark.parametrize("place", [(1, 0), (1, 7), (4, 4), (4, 13), (5, 0)])
def test_a_finding_that_is_a_point_is_where_it_is(place: tuple[int, int]) -> None:
    """Linters that know a column alone, and editors that know no end, send an empty range."""
    point = types.Range(types.Position(*place), types.Position(*place))
    diagnostic = types.Diagnostic(point, "here", source="linter", severity=types.DiagnosticSeverity.Error)
    read = finding_of(diagnostic, SNAPSHOT, "utf-16")
    assert read.problem.line == place[0] + 1
    assert range_from(SNAPSHOT, read.span, "utf-16") == point
    store = Diagnostics()
    store.publish_from_editor(URI, [read], complete=True)
    for line in range(len(SNAPSHOT.lines)):
        assert bool(store.on_lines(SNAPSHOT, SNAPSHOT.lines.span_of(line))) is (line == place[0])
    assert store.at(SNAPSHOT, read.span.start) == [read]


def test_a_complete_notification_clears_the_sources_it_does_not_name() -> None:
    store = Diagnostics()
    store.publish_from_editor(URI, [found("os"), found("yy", "1", "pyright")], complete=True)
    store.publish(URI, "own", [found("json")])
    store.publish_from_editor(URI, [found("sys")], complete=False)
    assert sorted(words(store.of(URI))) == ["json", "sys", "yy"]
    store.publish_from_editor(URI, [found("sys")], complete=True)
    assert sorted(words(store.of(URI))) == ["json", "sys"]
    store.publish_from_editor(URI, [], complete=True)
    assert words(store.of(URI)) == ["json"]


def test_what_comes_with_a_request_decides_for_its_span_only() -> None:
    store = Diagnostics()
    os, y = found("os"), found("yy", "F821")
    store.heard_with_request(SNAPSHOT, os.span, [os])
    store.heard_with_request(SNAPSHOT, y.span, [y])
    assert words(store.of(URI)) == ["os", "yy"]
    store.heard_with_request(SNAPSHOT, os.span, [])
    assert words(store.of(URI)) == ["yy"]


def test_one_line_and_one_code_is_one_problem_whoever_says_it() -> None:
    store = Diagnostics()
    pyright = found("yy", "reportUndefinedVariable", "Pyright", Severity.ERROR)
    based = found("yy", "reportUndefinedVariable", "basedpyright", Severity.WARNING)
    store.publish_from_editor(URI, [based, pyright, found("yy", "F821")], complete=True)
    sources = [each.problem.source for each in store.on_lines(SNAPSHOT, pyright.span)]
    assert sources == ["Pyright", "ruff"]


def test_findings_without_a_code_are_told_apart_by_their_message() -> None:
    one, other = found("yy", ""), found("return", "")
    assert len(distinct(SNAPSHOT, [one, other, one])) == 2


def test_the_worst_is_the_most_severe_then_the_narrowest_then_the_nearest() -> None:
    wide = found("import sys, json", "W1", severity=Severity.ERROR)
    narrow, far = found("sys", "W2", severity=Severity.ERROR), found("jso", "W3", severity=Severity.ERROR)
    hint = found("j", "H", severity=Severity.HINT)
    at_end = narrow.span.start + 30
    assert worst([hint, wide], at_end) is wide
    assert worst([wide, narrow], at_end) is narrow
    assert worst([narrow, far], at_end) is far
    assert worst([], 0) is None


def test_a_range_that_ends_at_the_next_lines_start_is_not_on_it() -> None:
    store = Diagnostics()
    whole_line = replace(found("import os"), problem=replace(found("import os").problem, span=Span(0, 10)))
    store.publish(URI, "one", [whole_line])
    assert store.on_lines(SNAPSHOT, Span(0, 0)) != []
    assert store.on_lines(SNAPSHOT, Span(10, 10)) == []


def test_ranges_and_lines_move_with_the_text() -> None:
    store = Diagnostics()
    store.publish(URI, "one", [found("yy", "F821")])
    edit = Replacement(Span(0, 0), "# new\n# lines\n")
    now = after(TEXT, edit)
    store.edited(URI, [edit])
    [moved] = store.on_lines(now, Span(*2 * (now.text.index("return"),)))
    assert (moved.span.of(now.text), moved.problem.line, moved.problem.stale) == ("yy", 7, False)


def test_a_touched_finding_is_stale_until_its_publisher_speaks_again() -> None:
    store = Diagnostics()
    store.publish(URI, "one", [found("os"), found("sys")])
    store.edited(URI, [Replacement(Span(7, 9), "re")])
    assert [(each.problem.message, each.problem.stale) for each in store.of(URI)] == [
        ("about os", True),
        ("about sys", False),
    ]
    store.publish(URI, "one", [found("os")])
    assert [each.problem.stale for each in store.of(URI)] == [False]


def test_what_only_a_request_told_is_forgotten_when_touched() -> None:
    store = Diagnostics()
    store.heard_with_request(SNAPSHOT, Span(0, len(TEXT)), [found("os"), found("sys")])
    store.edited(URI, [Replacement(Span(7, 9), "re")])
    assert [each.problem.message for each in store.of(URI)] == ["about sys"]


@settings(deadline=None)
@given(st.integers(0, len(TEXT)), st.integers(0, len(TEXT)), st.text("xy\n é👍", max_size=5))
def test_after_any_edit_an_untouched_finding_covers_its_word(first: int, second: int, new: str) -> None:
    store = Diagnostics()
    store.publish(URI, "one", [found(word, code=word) for word in ("os", "sys", "json", "return yy")])
    edit = Replacement(Span(min(first, second), max(first, second)), new)
    now = after(TEXT, edit)
    store.edited(URI, [edit])
    for each in store.of(URI):
        assert each.problem.stale or each.span.of(now.text) == each.problem.code
        assert 0 <= each.span.start <= each.span.end <= len(now.text)


def test_the_store_is_bounded() -> None:
    store = Diagnostics(max_documents=2, max_per_document=3)
    store.publish("a", "one", [found("os")])
    store.publish("b", "one", [found("os")])
    store.publish("a", "two", [found("sys")])
    store.publish("c", "one", [found("os")])
    assert [len(store.of(uri)) for uri in "abc"] == [2, 0, 1]
    hints = [found("os", str(number), severity=Severity.HINT) for number in range(5)]
    store.publish("c", "one", [*hints, found("yy", "E", severity=Severity.ERROR)])
    assert [each.problem.code for each in store.of("c")] == ["E", "0", "1"]
    store.publish("c", "two", [found("sys")])
    assert len(store.of("c")) == 3


def test_empty_words_about_many_documents_keep_nothing() -> None:
    store = Diagnostics(max_documents=1)
    store.publish("a", "one", [found("os")])
    for number in range(5):
        store.publish_from_editor(f"file:///{number}", [], complete=True)
        store.heard_with_request(Snapshot(f"file:///{number}", ""), Span(0, 0), [])
    assert len(store.of("a")) == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_a_late_diagnostic_is_read_in_its_own_text_and_moved(encoding: str) -> None:
    old = Snapshot(URI, "s = '👍漢'; print(nme)\n", 1)
    start = old.text.index("nme")
    wire = types.Diagnostic(range_from(old, Span(start, start + 3), encoding), "undefined", code="F821")
    edits = [Replacement(Span(0, 0), "x = 1\n")]
    now = Snapshot(URI, "x = 1\n" + old.text, 2)
    read = finding_of(wire, old, encoding, edits, now=now)
    assert (read.span.of(now.text), read.problem.line, read.problem.stale) == ("nme", 2, False)


@pytest.mark.parametrize(
    ("source", "data", "expected"),
    [
        ("ruff", None, False),
        ("ruff", {"code": "F401", "edits": [{"newText": ""}]}, True),
        ("ruff", {"code": "F401", "edits": []}, False),
        ("eslint", {"fix": {"range": [0, 1]}}, True),
        ("x", [1, 2], False),
    ],
)
def test_owners_that_offer_their_own_edit_are_known(source: str, data: object, expected: bool) -> None:
    wire = types.Diagnostic(
        types.Range(types.Position(0, 7), types.Position(0, 9)), "m", source=source, data=data
    )
    assert finding_of(wire, SNAPSHOT, "utf-16").owner_edits is expected


def test_the_context_publisher_is_no_source_of_the_editors() -> None:
    store = Diagnostics()
    store.publish(URI, CONTEXT, [found("os")])
    store.publish_from_editor(URI, [], complete=True)
    assert words(store.of(URI)) == ["os"]


def with_fix(problem: Problem, start: int, end: int) -> Problem:
    return replace(problem, fix=ToolFix("Remove it", (Replacement(Span(start, end), ""),)))


def fixed(store: Diagnostics) -> tuple[Replacement, ...] | None:
    (finding,) = store.of(URI)
    return finding.problem.fix.replacements if finding.problem.fix else None


FIXABLE = Problem("unused", source="ruff", code="F401", path="/w/a.py", line=1, span=Span(7, 9))


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (Replacement(Span(20, 20), "x"), (Replacement(Span(0, 10), ""),)),
        (Replacement(Span(0, 0), "ab\n"), None),  # it touches where the fix would write
        (Replacement(Span(3, 4), "xyz"), None),
        (Replacement(Span(8, 9), ""), None),
    ],
)
def test_a_fix_moves_with_the_text_and_ends_where_somebody_types(
    edit: Replacement, expected: tuple[Replacement, ...] | None
):
    store = Diagnostics()
    store.publish(URI, "checker", [Finding(with_fix(FIXABLE, 0, 10))])
    store.edited(URI, [edit])
    assert fixed(store) == expected


def test_a_fix_that_is_moved_as_a_whole():
    store = Diagnostics()
    store.publish(URI, "checker", [Finding(with_fix(FIXABLE, 5, 10))])
    store.edited(URI, [Replacement(Span(1, 2), "four")])
    assert fixed(store) == (Replacement(Span(8, 13), ""),)


def test_a_finding_that_comes_back_from_the_editor_has_its_fix_again():
    store = Diagnostics()
    known = with_fix(FIXABLE, 0, 10)
    store.publish(URI, "checker", [Finding(known)])
    assert store.with_fix(URI, Finding(FIXABLE)).problem == known
    for other in (
        replace(FIXABLE, code="F811"),
        replace(FIXABLE, message="other"),
        replace(FIXABLE, span=Span(7, 10)),
    ):
        assert store.with_fix(URI, Finding(other)).problem.fix is None
    assert store.with_fix("file:///w/b.py", Finding(FIXABLE)).problem.fix is None


def test_other_places_of_a_rule():
    store = Diagnostics()
    here = Problem("m", source="Ruff", code="F401", path="/w/a.py", line=3, span=Span(1, 2))
    store.publish(URI, "ruff", [Finding(replace(here, line=line)) for line in (3, 9, 5)])
    store.publish("file:///w/b.py", "x", [Finding(replace(here, path="/w/b.py", line=1, source="ruff"))])
    store.publish("file:///w/c.py", "x", [Finding(replace(here, path="/w/c.py", code="F811"))])
    store.publish("file:///w/d.py", "x", [Finding(replace(here, path="/w/d.py", source="flake8"))])
    assert [str(place) for place in store.elsewhere(here)] == ["/w/a.py:5", "/w/a.py:9", "/w/b.py:1"]
    assert store.elsewhere(replace(here, code="")) == []
