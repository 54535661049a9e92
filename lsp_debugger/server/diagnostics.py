"""What others have found, and where it is now.

Keyed by (document, publisher): what a publisher says replaces what it said before and nothing
else. Between two of its words the ranges move with the text. Look-ups are pure.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from lsprotocol import types

from lsp_debugger.core.ask import Place, Problem, Replacement, ToolFix
from lsp_debugger.core.text import Snapshot, Span
from lsp_debugger.server.convert import problem_from
from lsp_debugger.server.documents import key_of, moved_all
from lsp_debugger.server.params import plain

CONTEXT = "codeAction"  # the publisher of what arrives with a request
_PUBLISHER_PREFIX = "editor:"  # of `lspDebugger/foreignDiagnostics`, one for each source


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem of an open document.

    owner_edits: whoever found it sent an edit of its own along.
    diagnostic: as the client sent it, where it did so with this very request.
    """

    problem: Problem
    owner_edits: bool = False
    diagnostic: types.Diagnostic | None = None

    @property
    def span(self) -> Span:
        span = self.problem.span  # an empty one is false, and yet a place
        return span if span is not None else Span(0, 0)

    def as_stale(self) -> Finding:
        return replace(self, problem=replace(self.problem, stale=True))


class Diagnostics:
    """Bounded store; the document that was not heard of for longest goes first."""

    def __init__(self, max_documents: int = 256, max_per_document: int = 1000) -> None:
        self.max_per_document = max_per_document
        self._max_documents = max_documents
        self._found: OrderedDict[str, dict[str, list[Finding]]] = OrderedDict()
        self._asleep: dict[str, int] = {}  # hashes of closed documents' texts

    def __bool__(self) -> bool:
        """Whether anything was found anywhere."""
        return any(any(by_publisher.values()) for by_publisher in self._found.values())

    def publish(self, uri: str, publisher: str, findings: Iterable[Finding]) -> None:
        """Replace all that `publisher` has said about the document."""
        by_publisher = self._of(uri)
        by_publisher.pop(publisher, None)
        room = self.max_per_document - sum(map(len, by_publisher.values()))
        if kept := sorted(findings, key=lambda each: each.problem.severity)[: max(room, 0)]:
            by_publisher[publisher] = kept
        self._forget_surplus(uri)

    def publish_from_editor(self, uri: str, findings: Iterable[Finding], *, complete: bool) -> None:
        """Replace by source; `complete` clears the sources that are not in it any more."""
        by_source = dict[str, list[Finding]]()
        for each in findings:
            by_source.setdefault(_PUBLISHER_PREFIX + each.problem.source, []).append(each)
        if complete:
            for publisher in list(self._of(uri)):
                if publisher.startswith(_PUBLISHER_PREFIX):
                    by_source.setdefault(publisher, [])
        for publisher, found in by_source.items():
            self.publish(uri, publisher, found)
        self._forget_surplus(uri)

    def heard_with_request(self, snapshot: Snapshot, span: Span, findings: Sequence[Finding]) -> None:
        """Keep what came with a request about `span`, in place of what came for that span before."""
        before = self._of(snapshot.uri).get(CONTEXT, [])
        elsewhere = [each for each in before if not each.span.touches(span)]
        self.publish(snapshot.uri, CONTEXT, [*elsewhere, *findings])

    def edited(self, uri: str, edits: Sequence[Replacement]) -> None:
        """Move every range along; what an edit touches becomes stale.

        What only a request told us has no publisher who would replace it: touched, it is forgotten.
        """
        for publisher, found in self._found.get(key_of(uri), {}).items():
            moved_on = [_moved(each, edits) for each in found]
            if publisher == CONTEXT:
                moved_on = [
                    now
                    for was, now in zip(found, moved_on, strict=True)
                    if now.problem.stale == was.problem.stale
                ]
            found[:] = moved_on

    def closed(self, snapshot: Snapshot) -> None:
        """Keep what is known for when the document comes back: its publishers may not repeat it."""
        self.publish(snapshot.uri, CONTEXT, [])
        if key_of(snapshot.uri) in self._found:
            self._asleep[key_of(snapshot.uri)] = hash(snapshot.text)

    def opened(self, snapshot: Snapshot) -> None:
        """What was known of another text is of no use for this one."""
        if self._asleep.pop(key_of(snapshot.uri), hash(snapshot.text)) != hash(snapshot.text):
            self.forget(snapshot.uri)

    def forget(self, uri: str) -> None:
        self._found.pop(key_of(uri), None)
        self._asleep.pop(key_of(uri), None)

    def of(self, uri: str) -> list[Finding]:
        """Everything known about a document, twice-told things twice."""
        return [each for found in self._found.get(key_of(uri), {}).values() for each in found]

    def of_others(self, uri: str, publisher: str) -> list[Finding]:
        """Everything that anybody but `publisher` has said about a document."""
        by_publisher = self._found.get(key_of(uri), {})
        return [each for name, found in by_publisher.items() if name != publisher for each in found]

    def elsewhere(self, problem: Problem) -> list[Place]:
        """Other lines that the same rule was found at, in any document; those of its own file first."""
        if not problem.code:
            return []
        places = dict[tuple[str, int], Place]()
        for found in self._found.values():
            for each in (each.problem for findings in found.values() for each in findings):
                if (each.code, each.source.lower()) != (problem.code, problem.source.lower()):
                    continue
                if each.path is not None and (each.path, each.line) != (problem.path, problem.line):
                    places[each.path, each.line] = Place(each.path, each.line)
        return sorted(places.values(), key=lambda place: (place.path != problem.path, place.path, place.line))

    def alike(self, problem: Problem, snapshot: Snapshot) -> list[Problem]:
        """What else the same rule found in this document, by line; nothing that was edited since."""
        found = dict[Span, Problem]()
        for each in (located(finding, snapshot).problem for finding in self.of(snapshot.uri)):
            same_rule = (each.code, each.source.lower()) == (problem.code, problem.source.lower())
            if same_rule and each.code and not each.stale and each.span is not None:
                found.setdefault(each.span, each)
        return [found[span] for span in sorted(found) if span != problem.span]

    def with_fix(self, uri: str, finding: Finding) -> Finding:
        """The finding with the edit that its tool gave along, which does not travel through the editor."""
        wanted = _said(finding)
        for known in self.of(uri):
            if known.problem.fix is not None and _said(known) == wanted:
                return replace(finding, problem=replace(finding.problem, fix=known.problem.fix))
        return finding

    def on_lines(self, snapshot: Snapshot, span: Span) -> list[Finding]:
        """Problems with a part on the lines that `span` lies on, each once."""
        wanted = _lines(snapshot, span)
        near = [each for each in self.of(snapshot.uri) if _overlaps(wanted, _lines(snapshot, each.span))]
        return distinct(snapshot, near)

    def at(self, snapshot: Snapshot, offset: int) -> list[Finding]:
        """Problems whose range holds `offset`, each once."""
        here = Span(offset, offset)
        return distinct(snapshot, [each for each in self.of(snapshot.uri) if each.span.touches(here)])

    def _of(self, uri: str) -> dict[str, list[Finding]]:
        return self._found.setdefault(key_of(uri), {})

    def _forget_surplus(self, uri: str) -> None:
        if not self._of(uri):
            self.forget(uri)
            return
        self._found.move_to_end(key_of(uri))
        while len(self._found) > self._max_documents:
            self.forget(next(iter(self._found)))


def finding_of(
    diagnostic: types.Diagnostic,
    snapshot: Snapshot,
    encoding: str,
    edits_since: Sequence[Replacement] = (),
    *,
    now: Snapshot | None = None,
) -> Finding:
    """Read a diagnostic of the text `snapshot`, and move it to the text `now` by the edits in between."""
    finding = Finding(problem_from(diagnostic, snapshot, encoding), _owner_edits(diagnostic), diagnostic)
    if edits_since:
        finding = _moved(finding, edits_since)
    return located(finding, now or snapshot)


def located(finding: Finding, snapshot: Snapshot) -> Finding:
    """With the line that its range is on now."""
    line = snapshot.lines.line_of(finding.span.start) + 1
    if line == finding.problem.line:
        return finding
    return replace(finding, problem=replace(finding.problem, line=line))


def distinct(snapshot: Snapshot, findings: Iterable[Finding]) -> list[Finding]:
    """Each problem once: one line and one code make one problem, whoever says it (two type checkers do)."""
    kept = dict[tuple[int, str], Finding]()
    for each in findings:
        here = located(each, snapshot)
        key = (here.problem.line, here.problem.code or here.problem.message)
        if key not in kept or _says_more(here, kept[key]):
            kept[key] = here
    return list(kept.values())


def worst(findings: Iterable[Finding], offset: int) -> Finding | None:
    """The most severe, of those the narrowest, of those the nearest to `offset`."""
    return min(findings, key=lambda each: _badness(each, offset), default=None)


def _badness(finding: Finding, offset: int) -> tuple[int, int, int, int]:
    span = finding.span
    distance = max(span.start - offset, offset - span.end, 0)
    return finding.problem.severity, len(span), distance, span.start


def _says_more(one: Finding, other: Finding) -> bool:
    mine, theirs = one.problem, other.problem
    return (mine.stale, mine.severity, -len(mine.related)) < (
        theirs.stale,
        theirs.severity,
        -len(theirs.related),
    )


def _moved(finding: Finding, edits: Sequence[Replacement]) -> Finding:
    span, touched = moved_all(finding.span, edits)
    if span == finding.problem.span and not touched and finding.problem.fix is None:
        return finding
    stale = finding.problem.stale or touched
    fix = None if stale else _moved_fix(finding.problem.fix, edits)
    problem = replace(finding.problem, span=span, stale=stale, fix=fix)
    return replace(finding, problem=problem, diagnostic=None)


def _moved_fix(fix: ToolFix | None, edits: Sequence[Replacement]) -> ToolFix | None:
    """None as soon as something was typed where the fix would write."""
    if fix is None:
        return None
    replacements = list[Replacement]()
    for each in fix.replacements:
        span, touched = moved_all(each.span, edits)
        if touched:
            return None
        replacements.append(replace(each, span=span))
    return replace(fix, replacements=tuple(replacements))


def _said(finding: Finding) -> tuple[str, str, str, Span]:
    problem = finding.problem
    return problem.source, problem.code, problem.message, finding.span


def _lines(snapshot: Snapshot, span: Span) -> tuple[int, int]:
    # An end at the start of a line belongs to the line before: whole lines are sent like that.
    return snapshot.lines.line_of(span.start), snapshot.lines.line_of(max(span.start, span.end - 1))


def _overlaps(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]


def _owner_edits(diagnostic: types.Diagnostic) -> bool:
    data = plain(diagnostic.data)
    if not isinstance(data, dict):
        return False
    given = cast("Mapping[str, Any]", data)
    return any(bool(given.get(name)) for name in ("edits", "edit", "fix", "fixes"))
