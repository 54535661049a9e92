"""Every place in a text that a stretch of lines may mean."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from lsp_debugger.core.patch import Rung
from lsp_debugger.verify.haystack import Haystack
from lsp_debugger.verify.lines import cleaned, indent_of, squeezed

# A line of the proposal → the line of the text, or None: a blank line that the text does not have.
Match = Sequence[int | None]

_ALIKE = 0.8  # mean likeness of the lines of a fuzzy place
_LINE_ALIKE = 0.5  # the least of them
_MARGIN = 0.1  # by which the best fuzzy place is ahead of the next
_LEAST_LINES = 3  # fewer say too little to be recognised by


@dataclass(frozen=True, slots=True)
class Found:
    matches: Sequence[Match]
    rung: Rung = Rung.EXACT
    reason: str = ""


def found_at(
    haystack: Haystack, wanted: Sequence[str], *, fuzzy: bool, changed: frozenset[int] = frozenset()
) -> Found:
    """Places on the first rung that has any. fuzzy: only the last rung, else all but that one.

    wanted: not blank throughout. changed: lines of it that are to go, or that an insertion stands between.
    Those are never matched fuzzily. Raises Refusal for too many places.
    """
    if fuzzy:
        return _fuzzy(haystack, wanted, changed)
    exact = haystack.exact(wanted)
    if exact:
        return Found([range(at, at + len(wanted)) for at in exact])
    for rung, key in ((Rung.WHITESPACE, _level_key), (Rung.INDENTATION, squeezed)):
        matches = _by_key(haystack, wanted, key)
        if matches:
            return Found(matches, rung)
    return Found(())


def _level_key(line: str) -> str:
    """Blanks do not count, but how far a line is indented does."""
    return f"{len(indent_of(line).expandtabs(4))}:{squeezed(line)}"


def _by_key(haystack: Haystack, wanted: Sequence[str], key: Callable[[str], str]) -> list[Match]:
    theirs, ours = _filled(wanted), haystack.keyed(key).at
    starts = haystack.alike([key(wanted[at]) for at in theirs], key)
    return [
        _with_blanks(
            haystack.texts, wanted, dict(zip(theirs, ours[start : start + len(theirs)], strict=True))
        )
        for start in starts
    ]


def _filled(lines: Sequence[str]) -> list[int]:
    return [at for at, line in enumerate(lines) if line.strip()]


def _with_blanks(texts: Sequence[str], wanted: Sequence[str], known: dict[int, int]) -> Match:
    """Blank lines go to the blank lines that stand beside the same line."""
    match: list[int | None] = []
    taken = set(known.values())
    for at in range(len(wanted)):
        here = known.get(at)
        if here is None and match and match[-1] is not None:
            after = match[-1] + 1
            if after < len(texts) and not texts[after].strip() and after not in taken:
                here = after
                taken.add(after)
        match.append(here)
    for at in reversed(range(len(wanted) - 1)):  # those that nothing stands before
        below = match[at + 1]
        if match[at] is None and below and not texts[below - 1].strip() and below - 1 not in taken:
            match[at] = below - 1
            taken.add(below - 1)
    return match


def _fuzzy(haystack: Haystack, wanted: Sequence[str], changed: frozenset[int]) -> Found:
    theirs = _filled(wanted)
    size = len(theirs)
    if size < _LEAST_LINES:
        return Found(
            (), reason="the lines to be changed are not in the file, and are too few to be recognised by"
        )
    their_keys, keyed = [_folded(wanted[at]) for at in theirs], haystack.keyed(_folded)
    firm = [place for place, at in enumerate(theirs) if at in changed]
    scored: list[tuple[float, int]] = []
    for start in _candidates(haystack, their_keys, firm):
        likeness = _mean_likeness(haystack, keyed.keys[start : start + size], their_keys)
        if likeness is not None:
            scored.append((likeness, start))
    scored.sort(reverse=True)
    if not scored or scored[0][0] < _ALIKE:
        return Found((), reason="the lines to be changed are not in the file")
    if len(scored) > 1 and scored[0][0] - scored[1][0] < _MARGIN:
        return Found((), reason="the lines to be changed are like several places, and equal to none")
    start = scored[0][1]
    known = dict(zip(theirs, keyed.at[start : start + size], strict=True))
    return Found((_with_blanks(haystack.texts, wanted, known),), Rung.FUZZY)


def _candidates(haystack: Haystack, wanted: Sequence[str], firm: Sequence[int]) -> Iterator[int]:
    """Where a stretch as long as `wanted` may begin whose firm lines are all there."""
    keyed = haystack.keyed(_folded)
    last = len(keyed.keys) - len(wanted)
    rarest = min(firm, key=lambda place: len(keyed.places.get(wanted[place], ())), default=0)
    places = [at - rarest for at in keyed.places.get(wanted[rarest], ())] if firm else range(last + 1)
    for start in places:
        haystack.spend(1 + len(firm))
        if 0 <= start <= last and all(keyed.keys[start + place] == wanted[place] for place in firm):
            yield start


def _mean_likeness(haystack: Haystack, window: Sequence[str], wanted: Sequence[str]) -> float | None:
    """None as soon as one line is too far from its own."""
    total = 0.0
    for one, other in zip(window, wanted, strict=True):
        likeness = 1.0 if one == other else haystack.likeness(one, other)
        if likeness < _LINE_ALIKE:
            return None
        total += likeness
    return total / len(wanted)


def _folded(line: str) -> str:
    return squeezed(cleaned(line)).replace('"', "'")
