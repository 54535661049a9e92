"""Secrets replaced by placeholders: the value, on its lines, the same one for equal values.

    password = "hunter2!"   →   password = "<SECRET_1:assigned>"

For a model of somebody else (`cloud`), literals, comments, people and places go as well. No text gets a
secret back; literals come back by `policy/restore.py` and `policy/prose.py`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lsp_debugger.core.text import Span
from lsp_debugger.policy import placeholders
from lsp_debugger.policy.detect import Finding, KnownScanner, PatternScanner, Scanner, builtin, scan
from lsp_debugger.policy.literals.lexing import CODE, Family, family_of, pieces
from lsp_debugger.policy.patterns import Regex, encode
from lsp_debugger.policy.placeholders import Issued, Placeholders
from lsp_debugger.policy.trial import LINE_END, Trial, merged

if TYPE_CHECKING:
    from lsp_debugger.policy.literals.hidden import Hidden

MAX_ROUNDS = 4
_LONG_CHARS = 4_096
_MAX_REPEATED = 500
_MAX_REPEATED_CHARS = 200


@dataclass(frozen=True, slots=True)
class Edit:
    """[start, end) of the input became `put`: a placeholder, and the line ends that were in it.

    quote: how the literal around it is written (`Piece.quote`), where that is known.
    """

    start: int
    end: int
    put: str
    issued: Issued
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Redacted:
    """findings: in code points of the input, ascending, not overlapping.

    clean: a scan of the result finds nothing. When False, the text must not be used.
    """

    text: str
    findings: tuple[Finding, ...]
    placeholders: tuple[str, ...]
    clean: bool
    edits: tuple[Edit, ...] = ()

    def moved(self, span: Span) -> Span:
        """Where `span` of the input lies now; an end inside a redacted value goes to its outer edge."""
        return Span(self._moved(span.start, to_end=False), self._moved(span.end, to_end=True))

    def _moved(self, offset: int, *, to_end: bool) -> int:
        shift = 0
        for edit in self.edits:
            if edit.end <= offset:
                shift += len(edit.put) - (edit.end - edit.start)
            elif edit.start < offset:
                return edit.start + shift + (len(edit.put) if to_end else 0)
            else:
                break
        return offset + shift


class Redactor:
    """One for each request: equal values share a placeholder across all its texts.

    A value that was found once is known from then on: `password = "hunter2!"` gives `login("hunter2!")`
    away, in the same text and in every later one. known: exact values, secret because of where they stand.
    patterns: a policy's own, compiled. cloud: `mask` hides literals, too.
    """

    def __init__(
        self, known: KnownScanner | None = None, patterns: Sequence[Regex] = (), *, cloud: bool = False
    ) -> None:
        self._scanners: list[Scanner] = [scanner for scanner in (known, builtin()) if scanner is not None]
        self._has_patterns = bool(patterns)
        if patterns:
            self._scanners.append(PatternScanner(patterns))
        self._repeated: dict[str, str] = {}  # value → the label that it was found under
        self._repeats: KnownScanner | None = None
        self.placeholders = Placeholders()
        self.cloud = cloud
        self.counts: Counter[str] = Counter()

    @property
    def issued(self) -> tuple[str, ...]:
        """The placeholders of this request, in the order in which they were given out."""
        return self.placeholders.issued

    def reserve(self, texts: Iterable[str]) -> bool:
        """Leave out numbers that texts of the request already use, so that ours are ours alone.

        Returns whether there are any.
        """
        return self.placeholders.reserve(texts)

    def redact(self, text: str) -> Redacted:
        """Replace every secret. The result has the lines of the input; what is no secret is untouched."""
        found, clean = self._fixpoint(text, holds_names=self.reserve([text]))
        return self._replaced(text, [self._secret(text, finding) for finding in found], found, clean=clean)

    def mask(self, text: str, path: str | None = None, language_id: str = "") -> Redacted:
        """What the model of this request may see: as `redact`, and with `cloud` literals are hidden as well.

        path, language_id: in which language the text is written; it tells what is a literal.
        """
        if not self.cloud or not text:
            return self.redact(text)
        from lsp_debugger.policy.literals.hidden import hidden  # with all rules, which nothing needs before

        family = family_of(path, language_id)
        found, clean = self._fixpoint(text, holds_names=self.reserve([text]))
        secrets = [self._secret(text, finding) for finding in found]
        if secrets and (family in CODE or family in _BRACKETLESS):
            secrets = _parsable(text, family, secrets)
        edits, findings = list(secrets), list(found)
        for one in _apart(text, hidden(text, family), found):
            issued = self.placeholders.plain(one.kind, one.value, text[one.start : one.end], one.quote)
            bare = family in _BRACKETLESS and (not one.quote or family is Family.MARKUP)
            edits.append(
                Edit(one.start, one.end, issued.bare if bare else issued.placeholder, issued, one.quote)
            )
            findings.append(Finding(one.start, one.end, "literal", one.kind.lower()))
        edits.sort(key=lambda edit: edit.start)
        findings.sort(key=lambda finding: finding.start)
        masked = self._replaced(text, edits, findings, clean=clean)
        # What was hidden around a secret may have been what kept it from being seen.
        return masked if self.is_clean(masked.text) else _unusable(masked)

    def _secret(self, text: str, finding: Finding) -> Edit:
        value = text[finding.start : finding.end]
        issued = self.placeholders.secret(value, self._repeated.get(value, finding.label))
        put = issued.placeholder + "".join(LINE_END.findall(value))
        return Edit(finding.start, finding.end, put, issued)

    def _replaced(
        self, text: str, edits: Sequence[Edit], findings: Sequence[Finding], *, clean: bool
    ) -> Redacted:
        parts, done = list[str](), 0
        for edit in edits:
            parts += [text[done : edit.start], edit.put]
            done = edit.end
        parts.append(text[done:])
        self.counts.update(finding.label for finding in findings)
        names = dict.fromkeys(edit.issued.placeholder for edit in edits)
        return Redacted("".join(parts), tuple(findings), tuple(names), clean, tuple(edits))

    def is_clean(self, text: str) -> bool:
        """True when nothing would be redacted."""
        return not self._scan(text)

    def _learn(self, text: str, found: list[Finding]) -> bool:
        """Remember what was found; returns whether it also stands where no rule has seen it."""
        labels = {text[finding.start : finding.end]: finding.label for finding in reversed(found)}
        new = [value for value in labels if value not in self._repeated and _is_unmistakable(value)]
        if not new or len(self._repeated) > _MAX_REPEATED:
            return False
        self._repeated |= {value: labels[value] for value in new}
        self._repeats = KnownScanner(self._repeated)
        return sum(1 for _ in self._repeats.scan(encode(text))) > len(found)

    def _fixpoint(self, text: str, *, holds_names: bool) -> tuple[list[Finding], bool]:
        """Findings of the text and, round by round, of what is left of it; in input coordinates."""
        found = merged(self._scan(text, holds_names=holds_names))
        if found and self._learn(text, found):
            found = merged([*found, *self._scan(text, only_repeats=True)])
        for _ in range(MAX_ROUNDS):
            if not found:
                return found, True
            trial = Trial(text, found)
            residual = self._residual(trial)
            if not residual:
                return found, True
            found = merged([*found, *(trial.in_input(finding) for finding in residual)])
        return found, not self._scan(Trial(text, found).text)

    def _residual(self, trial: Trial) -> list[Finding]:
        """What a scan of the trial finds. Of a long one, only what stands around its placeholders is read:
        the rest is what it was. A policy's own patterns may reach any distance.
        """
        if len(trial.text) < _LONG_CHARS or self._has_patterns:
            return self._scan(trial.text)
        found = list[Finding]()
        for window in trial.windows():
            for one in self._scan(window.of(trial.text)):
                start, end = one.start + window.start, one.end + window.start
                found.append(Finding(start, end, one.rule, one.label))
        return found

    def _scan(self, text: str, *, only_repeats: bool = False, holds_names: bool = True) -> list[Finding]:
        """Findings that are more than a placeholder, in the order of the scanners: it decides labels.

        holds_names: False when it is known that nothing in the text is named like a placeholder.
        """
        repeats: list[Scanner] = [] if self._repeats is None else [self._repeats]
        scanners = repeats if only_repeats else [*self._scanners, *repeats]
        own = placeholders.spans(text) if holds_names else []
        # A placeholder's label is neither the name of a value nor a value.
        found = scan(placeholders.blanked(text, own) if own else text, scanners)
        return [finding for finding in found if not _lies_in(finding, own)]


def prepare() -> None:
    """Compile what redaction needs: some 0.1 s that a loop should spend in a thread, once."""
    placeholders.prepare()
    builtin().warm_up()


def redact_text(text: str, known: KnownScanner | None = None) -> str:
    """One text on its own, for what is stored or shown: index rows, cards, reports.

    Fails closed: where no clean result can be reached, nothing but the line ends is left.
    """
    redacted = Redactor(known).redact(text)
    return redacted.text if redacted.clean else unclear(text)


def unclear(text: str) -> str:
    """In place of a text that no clean result can be reached for: its line ends."""
    return "<SECRET_1:unclear>" + "".join(LINE_END.findall(text))


def _is_unmistakable(value: str) -> bool:
    """Nothing but the secret is written like this: no word, name, number or part of one."""
    from lsp_debugger.policy.rules import shapes  # imports all rules, which the scan before has done

    if not 8 <= len(value) <= _MAX_REPEATED_CHARS or not value.isprintable():
        return False
    letters = sum(map(str.isalpha, value))
    return 0 < letters < len(value) and not shapes.is_name(value) and not shapes.is_stand_in(value)


def _lies_in(finding: Finding, spans: list[tuple[int, int]]) -> bool:
    index = bisect_right(spans, finding.start, key=lambda span: span[0]) - 1
    return index >= 0 and finding.end <= spans[index][1]


# Where `<` would be markup or a redirection.
_BRACKETLESS = frozenset((Family.MARKUP, Family.SHELL))


def _parsable(text: str, family: Family, edits: Sequence[Edit]) -> list[Edit]:
    """Secrets outside of quotes in a form that is a name in the language."""
    inside = [] if family is Family.MARKUP else list(pieces(text, family))
    starts = [piece.start for piece in inside]
    out = list[Edit]()
    for edit in edits:
        index = bisect_right(starts, edit.start) - 1
        quoted = index >= 0 and edit.start <= inside[index].end
        put = edit.put if quoted else edit.put.replace(edit.issued.placeholder, edit.issued.bare)
        out.append(Edit(edit.start, edit.end, put, edit.issued))
    return out


def _apart(text: str, every: Sequence[Hidden], found: Sequence[Finding]) -> Iterable[Hidden]:
    """What is left of each beside the secrets in it."""
    ends = [finding.end for finding in found]
    for one in every:
        start = one.start
        for finding in found[
            bisect_right(ends, one.start) : bisect_left(found, one.end, key=lambda f: f.start)
        ]:
            if _says_something(text[start : finding.start]):
                yield one.part(text, start, finding.start)
            start = max(start, finding.end)
        if _says_something(text[start : one.end]):
            yield one.part(text, start, one.end)


def _says_something(text: str) -> bool:
    return any(map(str.isalnum, text))


def _unusable(masked: Redacted) -> Redacted:
    return Redacted(masked.text, masked.findings, masked.placeholders, clean=False, edits=masked.edits)
