"""A whole text or definition, given anew, as changes of the lines that stand there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from lsp_debugger.core.diff import Difference, differences, same
from lsp_debugger.verify.drift import Indentation, Manner, columns_of
from lsp_debugger.verify.lines import Change, is_elision
from lsp_debugger.verify.refusal import ASK_FOR_BLOCKS, Refusal

_MAX_LEVELS = 300  # of indentation, more than code has


def aligned(old: Sequence[str], new: Sequence[str], manner: Manner, *, at: int, ended: bool) -> list[Change]:
    """What makes `new` of `old`, which begins at line `at`. Equal lines keep the file's own letters.

    Where `new` leaves lines out, the lines right before and after the gap have to be known: what else
    would say whether a line between them is new or stands for another one? Raises Refusal.
    """
    indentation = Indentation(_agreeing(_pairs(old, new)), manner)
    moved = [line if is_elision(line) else indentation.of(line).rstrip() for line in new]
    full = _filled(old, moved)
    found = differences([line.rstrip() for line in old], full)
    if not ended:
        _check_end(old, full, found)
    return [Change(at + first, at + last, tuple(full[start:end])) for first, last, start, end in found]


def _pairs(old: Sequence[str], new: Sequence[str]) -> list[tuple[str, str]]:
    """(new line, old line) where both say the same, wherever they are indented."""
    ours, theirs = ([line.strip() for line in lines] for lines in (old, new))
    return [(new[to], old[at]) for at, to in same(ours, theirs) if new[to].strip()]


def _agreeing(pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Those that tell how the answer is indented: moved as a whole, or in steps of another width.

    The others are lines that the answer itself puts elsewhere, into a new block for example. Raises
    Refusal where most of the lines are.
    """
    if not pairs:
        return []
    columns = [(columns_of(theirs), columns_of(ours)) for theirs, ours in pairs]
    (left, place), counts = columns[0], Counter(columns)
    if len(counts) > _MAX_LEVELS:
        raise Refusal("the indentation of the answer cannot be told", ASK_FOR_BLOCKS)
    steps = {Fraction(1)} | {Fraction(ours - place, at - left) for at, ours in counts if at != left}
    agree = {
        step: {(at, ours) for at, ours in counts if ours == place + (at - left) * step}
        for step in steps
        if step > 0
    }
    votes = {step: sum(counts[each] for each in those) for step, those in agree.items()}
    best = max(votes, key=lambda step: (votes[step], step == 1))
    if 2 * votes[best] <= len(pairs):
        raise Refusal("the indentation of the answer cannot be told", ASK_FOR_BLOCKS)
    return [pair for pair, where in zip(pairs, columns, strict=True) if where in agree[best]]


def _filled(old: Sequence[str], new: Sequence[str]) -> list[str]:
    """`new` with the lines that it leaves out."""
    keys = [line.rstrip() for line in old]
    places = {line: at for at, line in enumerate(keys)}
    if all(not is_elision(line) or line.rstrip() in places for line in new):
        return list(new)
    once = {line: places[line] for line, count in Counter(keys).items() if count == 1 and line}
    gaps = [n for n, line in enumerate(new) if is_elision(line)]
    if any(other == one + 1 for one, other in pairwise(gaps)):
        raise Refusal("the answer leaves out lines twice in a row", ASK_FOR_BLOCKS)
    full: list[str] = []
    at = 0
    for gap in gaps:
        full += new[at:gap]
        before = once.get(new[gap - 1].rstrip()) if gap else -1
        after = once.get(new[gap + 1].rstrip()) if gap + 1 < len(new) else len(old)
        if before is None or after is None or after <= before:
            raise Refusal("it is not clear which lines the answer leaves out", ASK_FOR_BLOCKS)
        full += old[before + 1 : after]
        at = gap + 1
    return [*full, *new[at:]]


def _check_end(old: Sequence[str], new: Sequence[str], found: Sequence[Difference]) -> None:
    """Without a fence only the last lines can tell whether an answer was cut off."""
    if not found or (found[-1].last < len(old) and found[-1].end < len(new)):
        return
    raise Refusal("the answer may have been cut off", ASK_FOR_BLOCKS)
