"""Where a hunk belongs in a text: surest reading first, and refused as soon as there are two.

Line numbers of a proposal are not looked at, since models make them up. What decides between equal
places is the line that holds the problem, and nothing else does.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import pairwise, product

from lsp_debugger.core.patch import Hunk, Rung
from lsp_debugger.verify.anchors import Found, Match, found_at
from lsp_debugger.verify.drift import Indentation, columns_of, spaced_like, unit_of
from lsp_debugger.verify.lines import Change, Lines, Placement, cleaned, indent_of, is_elision, split
from lsp_debugger.verify.refusal import ASK_FOR_MORE, Refusal

_MAX_COMBINATIONS = 400
_CLEARLY_ALIKE = 0.6  # two lines, one of which was made from the other

Scopes = Sequence[tuple[int, int]]  # lines [first, last) of the definitions in a text


def place_hunks(
    lines: Lines, hunks: Sequence[Hunk], line: int | None = None, scopes: Scopes = ()
) -> list[Placement]:
    """One placement a hunk, in order. line: of the problem, 0-based. Raises Refusal."""
    waiting: dict[Hunk, list[Placement]] = {}
    placed: list[Placement] = []
    for hunk in hunks:
        if hunk not in waiting:
            options = options_of(lines, hunk)
            asked = hunks.count(hunk)
            waiting[hunk] = options if len(options) == asked else [_the_one(options, line, scopes)]
        if not waiting[hunk]:
            raise Refusal("one change is given twice, and fits once")
        placed.append(waiting[hunk].pop(0))
    return placed


def options_of(lines: Lines, hunk: Hunk) -> list[Placement]:
    """Every place that is as good as the best one. Raises Refusal when there is none."""
    search, replace = split(hunk.search), split(hunk.replace)
    if not any(line.strip() for line in search):
        return [_without_anchor(lines, replace)]
    reason = Refusal("the lines to be changed are not in the file", ASK_FOR_MORE)
    readings = {(tuple(search), tuple(replace)): None}
    readings[tuple(split(cleaned(hunk.search))), tuple(split(cleaned(hunk.replace)))] = None
    for one, other in readings:
        found = found_at(lines.texts, one, fuzzy=False)
        if found.matches:
            return [_placement(lines, one, other, match, found.rung) for match in found.matches]
        if any(map(is_elision, one)):
            return _elided(lines, one, other)
        part = _part_of_line(lines, one, other)
        if part is not None:
            return [part]
    for one, other in readings:
        changed = frozenset(_changed(one, other))
        found = found_at(lines.texts, one, fuzzy=True, changed=changed)
        if found.matches:
            return [_placement(lines, one, other, match, Rung.FUZZY) for match in found.matches]
        reason = Refusal(found.reason, ASK_FOR_MORE) if found.reason else reason
    raise reason


def _the_one(options: Sequence[Placement], line: int | None, scopes: Scopes) -> Placement:
    options = list({option.changes: option for option in options}.values())
    # What begins with a definition's head and leaves lines out stays inside of that definition.
    within = [each for each in options if any(each.first == a and each.last <= b for a, b in scopes)]
    if len(options) > 1 and len(within) == 1:
        return within[0]
    if len(options) == 1:
        return options[0]
    if line is not None:
        around = [scope for scope in scopes if scope[0] <= line < scope[1]]
        first, last = max(around, default=(0, 0))
        near = [each for each in options if each.first <= line < each.last]
        inside = [each for each in options if first <= each.first and each.last <= last]
        for chosen in (near, inside):
            if len(chosen) == 1:
                return chosen[0]
    raise Refusal(f"the lines to be changed stand in {len(options)} places", ASK_FOR_MORE)


def _placement(
    lines: Lines, search: Sequence[str], replace: Sequence[str], match: Match, rung: Rung
) -> Placement:
    """Line by line: what the hunk leaves alone keeps the file's own letters."""
    if not any(map(is_elision, search)) and any(map(is_elision, replace)):
        raise Refusal("the new lines leave out some that the old lines have", "ask for all of them")
    new = list(replace)
    if rung is not Rung.EXACT:
        new = _in_the_files_manner(lines, search, replace, match)
    elif _is_foreign(lines.texts, search, replace):
        raise Refusal("the new lines are indented in another way than the file", ASK_FOR_MORE)
    changes: list[Change] = []
    keys = [line.rstrip() for line in search], [line.rstrip() for line in replace]
    if rung is Rung.EXACT:
        keys = list(search), list(replace)
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, *keys, autojunk=False).get_opcodes():
        if tag != "equal":
            first, last = _range(match, i1, i2)
            changes.append(Change(first, last, tuple(new[j1:j2])))
    known = [at for at in match if at is not None]
    return Placement(tuple(changes), known[0], known[-1] + 1, rung)


def _is_foreign(file_lines: Sequence[str], search: Sequence[str], replace: Sequence[str]) -> bool:
    """Whether new lines have steps that the file has not, and no old line tells what they stand for."""
    if any(map(indent_of, search)):
        return False
    unit, indents = unit_of(file_lines), [indent for line in replace if (indent := indent_of(line))]
    tabs = any(line.startswith("\t") for line in file_lines)
    return bool(unit) and any(columns_of(each) % unit or ("\t" in each and not tabs) for each in indents)


def _range(match: Match, first: int, last: int) -> tuple[int, int]:
    known = [at for at in match[first:last] if at is not None]
    if known:
        return known[0], known[-1] + 1
    before = [at for at in match[:first] if at is not None]
    after = [at for at in match[last:] if at is not None]
    at = before[-1] + 1 if before else after[0]
    return at, at


def _in_the_files_manner(
    lines: Lines, search: Sequence[str], replace: Sequence[str], match: Match
) -> list[str]:
    pairs = [
        (theirs, lines.texts[at])
        for theirs, at in zip(search, match, strict=True)
        if at is not None and theirs.strip()
    ]
    indentation = Indentation(pairs, lines.texts)
    partner = _partners(search, replace)
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
        ours = lines.texts[target]
        spaced = spaced_like(search[old].strip(), ours.strip(), line.strip())
        same_depth = indent_of(line) == indent_of(search[old])
        if not same_depth and not indentation.consistent:
            raise Refusal("the indentation of a new line cannot be told", ASK_FOR_MORE)
        indent = indent_of(ours) if same_depth else indent_of(indentation.of(line))
        new.append(indent + spaced)
    return new


def _partners(search: Sequence[str], replace: Sequence[str]) -> dict[int, int]:
    """Which old line each new one was made from, where that is clear."""
    found: dict[int, int] = {}
    old, new = [line.rstrip() for line in search], [line.rstrip() for line in replace]
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found.update(zip(range(j1, j2), range(i1, i2), strict=True))
        elif tag == "replace":
            start = i1
            for j in range(j1, j2):
                alike = [
                    (SequenceMatcher(None, old[i].strip(), new[j].strip()).ratio(), -i)
                    for i in range(start, i2)
                ]
                best, negative = max(alike, default=(0.0, 0))
                if best >= _CLEARLY_ALIKE:
                    found[j], start = -negative, 1 - negative
    return found


def _changed(search: Sequence[str], replace: Sequence[str]) -> set[int]:
    """Old lines that go; of an insertion, those on both sides of it. They have to be right."""
    found: set[int] = set()
    old, new = [line.rstrip() for line in search], [line.rstrip() for line in replace]
    for tag, i1, i2, _, _ in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "insert":
            found.update(at for at in (i1 - 1, i1) if 0 <= at < len(old))
        elif tag != "equal":
            found.update(range(i1, i2))
    return found


def _elided(lines: Lines, search: Sequence[str], replace: Sequence[str]) -> list[Placement]:
    """Both sides leave out the same stretches: each piece between two is a small hunk of its own."""
    pieces, news = _pieces(search), _pieces(replace)
    if len(pieces) != len(news):
        raise Refusal("old and new lines leave out different stretches", "ask for all lines")
    pairs = [pair for pair in zip(pieces, news, strict=True) if any(pair)]
    if any(not any(line.strip() for line in piece) for piece, _ in pairs):
        raise Refusal("new lines stand beside a stretch that was left out", ASK_FOR_MORE)
    found: list[Found] = [found_at(lines.texts, piece, fuzzy=False) for piece, _ in pairs]
    if any(not each.matches for each in found):
        raise Refusal("the lines to be changed are not in the file", ASK_FOR_MORE)
    count = 1
    for each in found:
        count *= len(each.matches)
    if count > _MAX_COMBINATIONS:
        raise Refusal("the lines to be changed stand in many places", ASK_FOR_MORE)
    options: list[Placement] = []
    for chosen in product(*(each.matches for each in found)):
        placed = [
            _placement(lines, piece, new, match, each.rung)
            for (piece, new), match, each in zip(pairs, chosen, found, strict=True)
        ]
        if all(one.last <= other.first for one, other in pairwise(placed)):
            changes = tuple(change for each in placed for change in each.changes)
            options.append(Placement(changes, placed[0].first, placed[-1].last, Rung.ELIDED))
    if not options:
        raise Refusal("the lines to be changed are not in the file in this order", ASK_FOR_MORE)
    return options


def _pieces(lines: Sequence[str]) -> list[tuple[str, ...]]:
    pieces: list[list[str]] = [[]]
    for line in lines:
        if is_elision(line):
            pieces.append([])
        else:
            pieces[-1].append(line)
    return [tuple(piece) for piece in pieces]


def _part_of_line(lines: Lines, search: Sequence[str], replace: Sequence[str]) -> Placement | None:
    """A piece out of a line, or from the middle of one to the middle of another, that occurs once."""
    text, wanted = "\n".join(lines.texts), "\n".join(search)
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


def _without_anchor(lines: Lines, replace: Sequence[str]) -> Placement:
    if any(line.strip() for line in lines.texts):
        raise Refusal("lines are added without saying where", ASK_FOR_MORE)
    return Placement((Change(0, len(lines.texts), tuple(replace)),), 0, len(lines.texts), Rung.EXACT)
