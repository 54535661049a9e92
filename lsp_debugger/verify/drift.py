"""New lines, written in a model's whitespace, given that of the file around them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

from lsp_debugger.core.diff import differences, same
from lsp_debugger.verify.lines import indent_of
from lsp_debugger.verify.refusal import ASK_FOR_MORE, Refusal

_TAB_COLUMNS = 4
_MAX_STEP = 6  # columns; what is further right than a step of code is aligned with something
_TOKEN = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Manner:
    """How a file is indented. unit: the smallest step to the right, 0 without one. has_tabs: on some line;
    by_tabs: on most of those that are indented.
    """

    unit: int
    has_tabs: bool
    by_tabs: bool

    @classmethod
    def of(cls, lines: Sequence[str]) -> Self:
        """Reads all of them: once for a file."""
        tabbed = sum(line.startswith("\t") for line in lines)
        indented = sum(line[:1] in {" ", "\t"} for line in lines)
        columns = [_columns(indent_of(line)) for line in lines if line.strip()]
        unit = min((after - before for before, after in pairwise(columns) if after > before), default=0)
        return cls(unit, tabbed > 0, tabbed * 2 > indented)


class Indentation:
    """What the model's indentation stands for, learnt from lines that both sides have.

    pairs: (the model's line, the file's line), neither blank.
    """

    def __init__(self, pairs: Sequence[tuple[str, str]], manner: Manner) -> None:
        votes: dict[str, Counter[str]] = {}
        for theirs, ours in pairs:
            votes.setdefault(indent_of(theirs), Counter())[indent_of(ours)] += 1
        self._known = {theirs: count.most_common(1)[0][0] for theirs, count in votes.items()}
        self.consistent = all(len(count) == 1 for count in votes.values())
        self._columns = sorted((_columns(theirs), _columns(ours)) for theirs, ours in self._known.items())
        self._drifts = any(theirs != ours for theirs, ours in self._known.items())
        self._manner = manner

    def of(self, line: str) -> str:
        """`line` indented as the file would. Raises Refusal when nothing tells how far that is."""
        if not line.strip():
            return ""
        theirs = indent_of(line)
        if theirs in self._known:
            return self._known[theirs] + line[len(theirs) :]
        if not self._drifts:
            return line
        return self._rendered(self._extrapolated(_columns(theirs))) + line[len(theirs) :]

    def _extrapolated(self, column: int) -> int:
        distinct = dict(self._columns)
        near = sorted(distinct, key=lambda known: abs(known - column))[:2]
        known, place = near[0], distinct[near[0]]
        if len(near) == 2:
            steps = [(distinct[near[1]] - place, near[1] - known)]
        else:  # one level alone: moved as a whole, or in steps of another width
            if column - known > _MAX_STEP:
                raise Refusal("the indentation of a new line cannot be told", ASK_FOR_MORE)
            steps = [(1, 1), (place, known)] if known and place != known else [(1, 1)]
        exact = {
            place + (column - known) * rise // run for rise, run in steps if not (column - known) * rise % run
        }
        targets = [at for at in exact if at >= 0 and at % (self._manner.unit or 1) == 0]
        if len(targets) != 1:
            raise Refusal("the indentation of a new line cannot be told", ASK_FOR_MORE)
        return targets[0]

    def _rendered(self, columns: int) -> str:
        if not self._manner.by_tabs:
            return " " * columns
        return "\t" * (columns // _TAB_COLUMNS) + " " * (columns % _TAB_COLUMNS)


def spaced_like(model_old: str, file_old: str, model_new: str) -> str:
    """`model_new` with the blanks of `file_old` wherever the model left `model_old`'s as they were.

    All without indentation. A model that writes `f( a )` for `f(a)` does not mean to change that.
    """
    if model_old == file_old:
        return model_new
    old, new, ours = (list(_TOKEN.finditer(line)) for line in (model_old, model_new, file_old))
    if [token[0] for token in old] != [token[0] for token in ours]:
        return model_new
    origin = _origins([token[0] for token in old], [token[0] for token in new])
    pieces = [new[0][0]] if new else []
    for at, (left, right) in enumerate(pairwise(new)):
        gap = model_new[left.end() : right.start()]
        one, other = origin.get(at, -2), origin.get(at + 1, -2)
        if one >= 0 and other == one + 1 and _gap(old, one, model_old) == gap:
            gap = _gap(ours, one, file_old)
        pieces += [gap, right[0]]
    return "".join(pieces)


def _gap(tokens: Sequence[re.Match[str]], at: int, text: str) -> str:
    """What stands between a token and the next one."""
    return text[tokens[at].end() : tokens[at + 1].start()]


def _origins(old: Sequence[str], new: Sequence[str]) -> dict[int, int]:
    """Which old token a new one is, or stands in the place of."""
    found = {ours: theirs for theirs, ours in same(old, new)}
    for each in differences(old, new):
        if each.last - each.first == each.end - each.start:
            found.update(zip(range(each.start, each.end), range(each.first, each.last), strict=True))
    return found


def columns_of(line: str) -> int:
    """How far a line is indented."""
    return _columns(indent_of(line))


def _columns(indent: str) -> int:
    return len(indent.expandtabs(_TAB_COLUMNS))
