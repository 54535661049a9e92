"""Every place in a text that a stretch of lines may mean."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from lsp_debugger.core.patch import Rung
from lsp_debugger.verify.lines import cleaned, indent_of, squeezed

# A line of the proposal → the line of the text, or None: a blank line that the text does not have.
Match = Sequence[int | None]

_ALIKE = 0.8  # mean likeness of the lines of a fuzzy place
_LINE_ALIKE = 0.5  # the least of them
_MARGIN = 0.1  # by which the best fuzzy place is ahead of the next
_LEAST_LINES = 3  # fewer say too little to be recognised by
_MAX_COMPARISONS = 200_000


@dataclass(frozen=True, slots=True)
class Found:
    matches: Sequence[Match]
    rung: Rung = Rung.EXACT
    reason: str = ""


def found_at(
    texts: Sequence[str], wanted: Sequence[str], *, fuzzy: bool, changed: frozenset[int] = frozenset()
) -> Found:
    """Places on the first rung that has any. fuzzy: only the last rung, else all but that one.

    changed: lines of `wanted` that are to go, or that an insertion stands between. Those are never
    matched fuzzily.
    """
    if fuzzy:
        return _fuzzy(texts, wanted, changed)
    exact = _exact(texts, wanted)
    if exact:
        return Found(exact)
    for rung, key in ((Rung.WHITESPACE, _level_key), (Rung.INDENTATION, squeezed)):
        matches = _by_key(texts, wanted, key)
        if matches:
            return Found(matches, rung)
    return Found(())


def _exact(texts: Sequence[str], wanted: Sequence[str]) -> list[Match]:
    size = len(wanted)
    return [
        range(at, at + size)
        for at in range(len(texts) - size + 1)
        if texts[at] == wanted[0] and list(texts[at : at + size]) == list(wanted)
    ]


def _level_key(line: str) -> str:
    """Blanks do not count, but how far a line is indented does."""
    return f"{len(indent_of(line).expandtabs(4))}:{squeezed(line)}"


def _by_key(texts: Sequence[str], wanted: Sequence[str], key: Callable[[str], str]) -> list[Match]:
    ours = [at for at, line in enumerate(texts) if line.strip()]
    theirs = [at for at, line in enumerate(wanted) if line.strip()]
    our_keys = [key(texts[at]) for at in ours]
    their_keys = [key(wanted[at]) for at in theirs]
    size = len(theirs)
    return [
        _with_blanks(texts, wanted, dict(zip(theirs, ours[at : at + size], strict=True)))
        for at in range(len(ours) - size + 1)
        if our_keys[at] == their_keys[0] and our_keys[at : at + size] == their_keys
    ]


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
        match.append(here)
    for at in reversed(range(len(wanted) - 1)):  # those that nothing stands before
        below = match[at + 1]
        if match[at] is None and below and not texts[below - 1].strip() and below - 1 not in match:
            match[at] = below - 1
    return match


def _fuzzy(texts: Sequence[str], wanted: Sequence[str], changed: frozenset[int]) -> Found:
    theirs = [at for at, line in enumerate(wanted) if line.strip()]
    ours = [at for at, line in enumerate(texts) if line.strip()]
    size = len(theirs)
    if size < _LEAST_LINES:
        return Found(
            (), reason="the lines to be changed are not in the file, and are too few to be recognised by"
        )
    if len(ours) * size > _MAX_COMPARISONS:
        return Found((), reason="the lines to be changed are not in the file as they are given")
    their_keys = [_folded(wanted[at]) for at in theirs]
    our_keys = [_folded(texts[at]) for at in ours]
    firm = [place for place, at in enumerate(theirs) if at in changed]
    scored: list[tuple[float, int]] = []
    for start in range(len(ours) - size + 1):
        window = our_keys[start : start + size]
        if all(window[place] == their_keys[place] for place in firm):
            scores = [_likeness(*pair) for pair in zip(window, their_keys, strict=True)]
            if min(scores) >= _LINE_ALIKE:
                scored.append((sum(scores) / size, start))
    scored.sort(reverse=True)
    if not scored or scored[0][0] < _ALIKE:
        return Found((), reason="the lines to be changed are not in the file")
    if len(scored) > 1 and scored[0][0] - scored[1][0] < _MARGIN:
        return Found((), reason="the lines to be changed are like several places, and equal to none")
    start = scored[0][1]
    known = dict(zip(theirs, ours[start : start + size], strict=True))
    return Found((_with_blanks(texts, wanted, known),), Rung.FUZZY)


def _folded(line: str) -> str:
    return squeezed(cleaned(line)).replace('"', "'")


def _likeness(one: str, other: str) -> float:
    return 1.0 if one == other else SequenceMatcher(None, one, other, autojunk=False).ratio()
