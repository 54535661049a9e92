"""What differs between two texts, line by line, in bounded time whoever wrote them."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

# Steps of `SequenceMatcher` at its worst, some 0.3 s of them in one call.
_MAX_STEPS = 10_000_000
_MAX_DEPTH = 20
_MAX_LIKE_CHARS = 40_000  # the product of two lengths


class Difference(NamedTuple):
    """Lines [first, last) of the old text became lines [start, end) of the new one; one side may be empty."""

    first: int
    last: int
    start: int
    end: int


def differences(old: Sequence[str], new: Sequence[str]) -> list[Difference]:
    """In order, with at least one equal line between two. The smallest there are for texts of some hundred
    lines, and in larger ones between lines that both have once; where those are missing, all from the first
    difference to the last is one.
    """
    steps_left, found = _MAX_STEPS, list[Difference]()
    waiting = [(Difference(0, len(old), 0, len(new)), 0)]
    while waiting:
        part, depth = waiting.pop()
        part = _trimmed(old, new, part)
        if part.first == part.last or part.start == part.end:
            found += [part] if part.first < part.last or part.start < part.end else []
            continue
        ours, theirs = old[part.first : part.last], new[part.start : part.end]
        steps = _steps(ours, theirs)
        if steps <= steps_left:
            steps_left -= steps
            found += _compared(ours, theirs, part)
        elif depth < _MAX_DEPTH and (anchors := _anchors(ours, theirs)):
            waiting += [(each, depth + 1) for each in _between(part, anchors)]
        else:
            found.append(part)
    return sorted(found)


def same(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int]]:
    """(line of the old text, line of the new one) for all that is in no difference."""
    at = begin = 0
    for first, last, start, end in [
        *differences(old, new),
        Difference(len(old), len(old), len(new), len(new)),
    ]:
        yield from zip(range(at, first), range(begin, start), strict=True)
        at, begin = last, end


def unified(old: Sequence[str], new: Sequence[str], around: int = 3) -> Iterator[str]:
    """The hunks of a unified diff, without its header. Lines come out as they are, behind their mark."""
    group = list[Difference]()
    for each in differences(old, new):
        if group and each.first - group[-1].last > 2 * around:
            yield from _hunk(old, new, group, around)
            group = []
        group.append(each)
    if group:
        yield from _hunk(old, new, group, around)


def likeness(one: str, other: str) -> float:
    """How much of two lines is the same, in [0, 1]: of very long ones just what they begin and end with."""
    if one == other:
        return 1.0
    if len(one) * len(other) <= _MAX_LIKE_CHARS:
        return SequenceMatcher(None, one, other, autojunk=False).ratio()
    part = _trimmed(one, other, Difference(0, len(one), 0, len(other)))
    return 1 - (part.last - part.first + part.end - part.start) / (len(one) + len(other))


def _trimmed(old: Sequence[str], new: Sequence[str], part: Difference) -> Difference:
    """Without what is equal at the beginning and at the end."""
    first, last, start, end = part
    while first < last and start < end and old[first] == new[start]:
        first, start = first + 1, start + 1
    while first < last and start < end and old[last - 1] == new[end - 1]:
        last, end = last - 1, end - 1
    return Difference(first, last, start, end)


def _steps(old: Sequence[str], new: Sequence[str]) -> int:
    """What comparing may cost: pairs of equal lines, looked at again for each stretch that is found."""
    ours, theirs = Counter(old), Counter(new)
    pairs = stretches = 0
    for line in ours.keys() & theirs.keys():
        pairs += ours[line] * theirs[line]
        stretches += min(ours[line], theirs[line])
    return len(old) + len(new) + pairs * stretches


def _compared(old: Sequence[str], new: Sequence[str], part: Difference) -> list[Difference]:
    return [
        Difference(part.first + first, part.first + last, part.start + start, part.start + end)
        for tag, first, last, start, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
        if tag != "equal"
    ]


def _anchors(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Lines that each text has once, as many of them as stand in the same order in both."""
    ours, theirs = Counter(old), Counter(new)
    places = {line: at for at, line in enumerate(new) if theirs[line] == 1}
    pairs = [(at, places[line]) for at, line in enumerate(old) if ours[line] == 1 and line in places]
    # The longest rising row, by the least end of the rows of each length.
    ends, rows = list[int](), list[tuple[tuple[int, int], int]]()
    last_of = list[int]()
    for pair in pairs:
        length = bisect_left(ends, pair[1])
        before = last_of[length - 1] if length else -1
        rows.append((pair, before))
        if length == len(ends):
            ends.append(pair[1])
            last_of.append(len(rows) - 1)
        else:
            ends[length], last_of[length] = pair[1], len(rows) - 1
    found, row = list[tuple[int, int]](), last_of[-1] if last_of else -1
    while row >= 0:
        pair, row = rows[row]
        found.append(pair)
    return found[::-1]


def _between(part: Difference, anchors: Sequence[tuple[int, int]]) -> Iterator[Difference]:
    first, start = part.first, part.start
    for at, other in anchors:
        if part.first + at > first or part.start + other > start:
            yield Difference(first, part.first + at, start, part.start + other)
        first, start = part.first + at + 1, part.start + other + 1
    yield Difference(first, part.last, start, part.end)


def _hunk(old: Sequence[str], new: Sequence[str], group: Sequence[Difference], around: int) -> Iterator[str]:
    before = min(around, group[0].first)
    after = min(around, len(old) - group[-1].last)
    at = group[0].first - before
    ours = _counted(at, group[-1].last + after)
    theirs = _counted(group[0].start - before, group[-1].end + after)
    yield f"@@ -{ours} +{theirs} @@\n"
    for first, last, start, end in group:
        yield from (f" {line}" for line in old[at:first])
        yield from (f"-{line}" for line in old[first:last])
        yield from (f"+{line}" for line in new[start:end])
        at = last
    yield from (f" {line}" for line in old[at : at + after])


def _counted(first: int, last: int) -> str:
    """As `diff` numbers lines: none are counted from the line before them."""
    count = last - first
    if count == 1:
        return f"{first + 1}"
    return f"{first + 1 if count else first},{count}"
