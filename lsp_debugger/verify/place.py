"""Where a hunk belongs in a text: surest reading first, and refused as soon as there are two.

Line numbers of a proposal are not looked at, since models make them up. What decides between equal
places is the line that holds the problem, and nothing else does.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise, product

from lsp_debugger.core.diff import differences, same
from lsp_debugger.core.patch import Hunk, Rung
from lsp_debugger.verify.anchors import Found, Match, found_at
from lsp_debugger.verify.drift import Indentation, Manner, columns_of, spaced_like
from lsp_debugger.verify.haystack import Haystack
from lsp_debugger.verify.lines import Change, Lines, Placement, cleaned, indent_of, is_elision, split
from lsp_debugger.verify.refusal import ASK_FOR_MORE, Refusal

_MAX_COMBINATIONS = 400
_MAX_PARTNERS = 2_500  # pairs of lines, to find out which became which
_CLEARLY_ALIKE = 0.6  # two lines, one of which was made from the other

Scopes = Sequence[tuple[int, int]]  # lines [first, last) of the definitions in a text


@dataclass(frozen=True, slots=True)
class _Option:
    """A place that a hunk may mean. [first, last): the lines that it was recognised by."""

    first: int
    last: int
    place: Callable[[], Placement]


def place_hunks(
    lines: Lines, hunks: Sequence[Hunk], line: int | None = None, scopes: Callable[[], Scopes] = tuple
) -> list[Placement]:
    """One placement a hunk, in order. line: of the problem, 0-based. Raises Refusal.

    scopes: asked only where several places are equal.
    """
    haystack, asked = Haystack(lines.texts), Counter(hunks)
    waiting: dict[Hunk, list[_Option]] = {}
    placed: list[Placement] = []
    for hunk in hunks:
        if hunk not in waiting:
            options = _options(haystack, hunk)
            is_each_one = len(options) == asked[hunk]
            waiting[hunk] = options if is_each_one else [_the_one(options, line, scopes)]
        if not waiting[hunk]:
            raise Refusal("one change is given twice, and fits once")
        placed.append(waiting[hunk].pop(0).place())
    return placed


def _options(haystack: Haystack, hunk: Hunk) -> list[_Option]:
    """Every place that is as good as the best one. Raises Refusal when there is none."""
    search, replace = split(hunk.search), split(hunk.replace)
    if not any(line.strip() for line in search):
        return [_placed(_without_anchor(haystack, replace))]
    reason = Refusal("the lines to be changed are not in the file", ASK_FOR_MORE)
    readings = {(tuple(search), tuple(replace)): None}
    readings[tuple(split(cleaned(hunk.search))), tuple(split(cleaned(hunk.replace)))] = None
    for one, other in readings:
        if not any(line.strip() for line in one):
            continue
        found = found_at(haystack, one, fuzzy=False)
        if found.matches:
            return _of_matches(haystack, one, other, found)
        if any(map(is_elision, one)):
            return list(map(_placed, _elided(haystack, one, other)))
        part = _part_of_line(haystack, one, other)
        if part is not None:
            return [_placed(part)]
    for one, other in readings:
        changed = frozenset(_changed(one, other))
        found = found_at(haystack, one, fuzzy=True, changed=changed)
        if found.matches:
            return _of_matches(haystack, one, other, found)
        reason = Refusal(found.reason, ASK_FOR_MORE) if found.reason else reason
    raise reason


def _of_matches(
    haystack: Haystack, search: Sequence[str], replace: Sequence[str], found: Found
) -> list[_Option]:
    # What changes nothing does so everywhere.
    matches = found.matches[:1] if search == replace else found.matches
    return [
        _Option(*_ends(match), partial(_placement, haystack, search, replace, match, found.rung))
        for match in matches
    ]


def _placed(placement: Placement) -> _Option:
    return _Option(placement.first, placement.last, lambda: placement)


def _ends(match: Match) -> tuple[int, int]:
    first = next(at for at in match if at is not None)
    return first, next(at for at in reversed(match) if at is not None) + 1


def _the_one(options: Sequence[_Option], line: int | None, scopes: Callable[[], Scopes]) -> _Option:
    if len(options) == 1:
        return options[0]
    spans = scopes()
    # What begins with a definition's head and leaves lines out stays inside of that definition.
    within = [each for each in options if any(each.first == a and each.last <= b for a, b in spans)]
    if len(within) == 1:
        return within[0]
    if line is not None:
        around = [scope for scope in spans if scope[0] <= line < scope[1]]
        first, last = max(around, default=(0, 0))
        near = [each for each in options if each.first <= line < each.last]
        inside = [each for each in options if first <= each.first and each.last <= last]
        for chosen in (near, inside):
            if len(chosen) == 1:
                return chosen[0]
    raise Refusal(f"the lines to be changed stand in {len(options)} places", ASK_FOR_MORE)


def _placement(
    haystack: Haystack, search: Sequence[str], replace: Sequence[str], match: Match, rung: Rung
) -> Placement:
    """Line by line: what the hunk leaves alone keeps the file's own letters."""
    if not any(map(is_elision, search)) and any(map(is_elision, replace)):
        raise Refusal("the new lines leave out some that the old lines have", "ask for all of them")
    new = list(replace)
    if rung is not Rung.EXACT:
        new = _in_the_files_manner(haystack, search, replace, match)
    elif _is_foreign(haystack.manner, search, replace):
        raise Refusal("the new lines are indented in another way than the file", ASK_FOR_MORE)
    keys = [line.rstrip() for line in search], [line.rstrip() for line in replace]
    if rung is Rung.EXACT:
        keys = list(search), list(replace)
    changes = tuple(
        Change(*_range(match, first, last), tuple(new[start:end]))
        for first, last, start, end in differences(*keys)
    )
    return Placement(changes, *_ends(match), rung)


def _is_foreign(manner: Manner, search: Sequence[str], replace: Sequence[str]) -> bool:
    """Whether new lines have steps that the file has not, and no old line tells what they stand for."""
    if not manner.unit or any(map(indent_of, search)):
        return False
    return any(
        columns_of(indent) % manner.unit or ("\t" in indent and not manner.has_tabs)
        for indent in map(indent_of, replace)
    )


def _range(match: Match, first: int, last: int) -> tuple[int, int]:
    known = [at for at in match[first:last] if at is not None]
    if known:
        return known[0], known[-1] + 1
    before = next((at for number in range(first - 1, -1, -1) if (at := match[number]) is not None), None)
    if before is not None:
        return before + 1, before + 1
    after = next(at for number in range(last, len(match)) if (at := match[number]) is not None)
    return after, after


def _in_the_files_manner(
    haystack: Haystack, search: Sequence[str], replace: Sequence[str], match: Match
) -> list[str]:
    pairs = [
        (theirs, haystack.texts[at])
        for theirs, at in zip(search, match, strict=True)
        if at is not None and theirs.strip()
    ]
    indentation = Indentation(pairs, haystack.manner)
    partner = _partners(haystack, search, replace)
    changed = {j for j in range(len(replace)) if j not in partner or replace[j] != search[partner[j]]}
    new: list[str] = []
    for at, line in enumerate(replace):
        old = partner.get(at)
        target = match[old] if old is not None else None
        if old is None or target is None or not line.strip():
            if at in changed and line.strip() and not indentation.consistent:
                raise Refusal("the indentation of a new line cannot be told", ASK_FOR_MORE)
            new.append(indentation.of(line).rstrip())
            continue
        ours = haystack.texts[target]
        spaced = spaced_like(search[old].strip(), ours.strip(), line.strip())
        same_depth = indent_of(line) == indent_of(search[old])
        if not same_depth and not indentation.consistent:
            raise Refusal("the indentation of a new line cannot be told", ASK_FOR_MORE)
        indent = indent_of(ours) if same_depth else indent_of(indentation.of(line))
        new.append(indent + spaced)
    return new


def _partners(haystack: Haystack, search: Sequence[str], replace: Sequence[str]) -> dict[int, int]:
    """Which old line each new one was made from, where that is clear."""
    old, new = [line.rstrip() for line in search], [line.rstrip() for line in replace]
    found = {theirs: ours for ours, theirs in same(old, new)}
    for first, last, begin, end in differences(old, new):
        start = first
        if (last - first) * (end - begin) > _MAX_PARTNERS:
            continue
        for j in range(begin, end):
            alike = [(haystack.likeness(old[i].strip(), new[j].strip()), -i) for i in range(start, last)]
            best, negative = max(alike, default=(0.0, 0))
            if best >= _CLEARLY_ALIKE:
                found[j], start = -negative, 1 - negative
    return found


def _changed(search: Sequence[str], replace: Sequence[str]) -> set[int]:
    """Old lines that go; of an insertion, those on both sides of it. They have to be right."""
    found: set[int] = set()
    old, new = [line.rstrip() for line in search], [line.rstrip() for line in replace]
    for first, last, _, _ in differences(old, new):
        around = range(max(first - 1, 0), min(first + 1, len(old)))
        found.update(around if first == last else range(first, last))
    return found


def _elided(haystack: Haystack, search: Sequence[str], replace: Sequence[str]) -> list[Placement]:
    """Both sides leave out the same stretches: each piece between two is a small hunk of its own."""
    pieces, news = _pieces(search), _pieces(replace)
    if len(pieces) != len(news):
        raise Refusal("old and new lines leave out different stretches", "ask for all lines")
    pairs = [pair for pair in zip(pieces, news, strict=True) if any(pair)]
    if any(not any(line.strip() for line in piece) for piece, _ in pairs):
        raise Refusal("new lines stand beside a stretch that was left out", ASK_FOR_MORE)
    found: list[Found] = [found_at(haystack, piece, fuzzy=False) for piece, _ in pairs]
    if any(not each.matches for each in found):
        raise Refusal("the lines to be changed are not in the file", ASK_FOR_MORE)
    if math.prod(len(each.matches) for each in found) > _MAX_COMBINATIONS:
        raise Refusal("the lines to be changed stand in many places", ASK_FOR_MORE)
    options = [_of_matches(haystack, *pair, each) for pair, each in zip(pairs, found, strict=True)]
    placed: list[Placement] = []
    for chosen in product(*options):
        haystack.spend(len(chosen))
        if all(one.last <= other.first for one, other in pairwise(chosen)):
            changes = tuple(change for each in chosen for change in each.place().changes)
            placed.append(Placement(changes, chosen[0].first, chosen[-1].last, Rung.ELIDED))
    if not placed:
        raise Refusal("the lines to be changed are not in the file in this order", ASK_FOR_MORE)
    # A piece that nothing is changed in does not make two places of one.
    return list({each.changes: each for each in placed}.values())


def _pieces(lines: Sequence[str]) -> list[tuple[str, ...]]:
    pieces: list[list[str]] = [[]]
    for line in lines:
        if is_elision(line):
            pieces.append([])
        else:
            pieces[-1].append(line)
    return [tuple(piece) for piece in pieces]


def _part_of_line(haystack: Haystack, search: Sequence[str], replace: Sequence[str]) -> Placement | None:
    """A piece out of a line, or from the middle of one to the middle of another, that occurs once."""
    text, wanted = haystack.text, "\n".join(search)
    at = text.find(wanted)
    if at < 0 or len(wanted.strip()) < 4:
        return None
    end = at + len(wanted)
    whole_words = not (_joins(text, at, wanted[0]) or _joins(text, end + 1, wanted[-1]))
    if text.find(wanted, at + 1) >= 0 or not whole_words:
        return None
    start = text.rfind("\n", 0, at) + 1
    stop = text.find("\n", end)
    stop = len(text) if stop < 0 else stop
    first, last = text.count("\n", 0, start), text.count("\n", 0, end) + 1
    new = text[start:at] + "\n".join(replace) + text[end:stop]
    return Placement((Change(first, last, tuple(new.split("\n"))),), first, last, Rung.EXACT)


def _joins(text: str, after: int, edge: str) -> bool:
    """True when the word that `edge` is part of goes on at the other side of a cut."""
    return _is_word(edge) and 0 < after <= len(text) and _is_word(text[after - 1])


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _without_anchor(haystack: Haystack, replace: Sequence[str]) -> Placement:
    if any(line.strip() for line in haystack.texts):
        raise Refusal("lines are added without saying where", ASK_FOR_MORE)
    count = len(haystack.texts)
    return Placement((Change(0, count, tuple(replace)),), 0, count, Rung.EXACT)
