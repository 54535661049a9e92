"""A whole text or definition, given anew, as changes of the lines that stand there."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from fractions import Fraction
from itertools import pairwise

from lsp_debugger.verify.drift import Indentation, columns_of
from lsp_debugger.verify.lines import Change, is_elision
from lsp_debugger.verify.refusal import ASK_FOR_BLOCKS, Refusal


def aligned(
    old: Sequence[str], new: Sequence[str], file_lines: Sequence[str], *, at: int, ended: bool
) -> list[Change]:
    """What makes `new` of `old`, which begins at line `at`. Equal lines keep the file's own letters.

    Where `new` leaves lines out, the lines right before and after the gap have to be known: what else
    would say whether a line between them is new or stands for another one? Raises Refusal.
    """
    indentation = Indentation(_agreeing(_pairs(old, new)), file_lines)
    moved = [line if is_elision(line) else indentation.of(line).rstrip() for line in new]
    full = _filled(old, moved)
    keys = [line.rstrip() for line in old]
    opcodes = [
        code for code in SequenceMatcher(None, keys, full, autojunk=False).get_opcodes() if code[0] != "equal"
    ]
    if not ended:
        _check_end(old, full, opcodes)
    return [Change(at + i1, at + i2, tuple(full[j1:j2])) for _, i1, i2, j1, j2 in opcodes]


def _pairs(old: Sequence[str], new: Sequence[str]) -> list[tuple[str, str]]:
    """(new line, old line) where both say the same, wherever they are indented."""
    ours, theirs = ([line.strip() for line in lines] for lines in (old, new))
    blocks = SequenceMatcher(None, ours, theirs, autojunk=False).get_matching_blocks()
    pairs = ((new[block.b + n], old[block.a + n]) for block in blocks for n in range(block.size))
    return [(theirs, ours) for theirs, ours in pairs if theirs.strip()]


def _agreeing(pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Those that tell how the answer is indented: moved as a whole, or in steps of another width.

    The others are lines that the answer itself puts elsewhere, into a new block for example. Raises
    Refusal where most of the lines are.
    """
    if not pairs:
        return []
    columns = [(columns_of(theirs), columns_of(ours)) for theirs, ours in pairs]
    left, place = columns[0]
    steps = {Fraction(1)} | {Fraction(ours - place, at - left) for at, ours in columns if at != left}
    agree = {step: [ours == place + (at - left) * step for at, ours in columns] for step in steps if step > 0}
    best = max(agree, key=lambda step: (sum(agree[step]), step == 1))
    if 2 * sum(agree[best]) <= len(pairs):
        raise Refusal("the indentation of the answer cannot be told", ASK_FOR_BLOCKS)
    return [pair for pair, agrees in zip(pairs, agree[best], strict=True) if agrees]


def _filled(old: Sequence[str], new: Sequence[str]) -> list[str]:
    """`new` with the lines that it leaves out."""
    keys = [line.rstrip() for line in old]
    if all(not is_elision(line) or line.rstrip() in keys for line in new):
        return list(new)
    gaps = [n for n, line in enumerate(new) if is_elision(line)]
    if any(other == one + 1 for one, other in pairwise(gaps)):
        raise Refusal("the answer leaves out lines twice in a row", ASK_FOR_BLOCKS)
    full: list[str] = []
    at = 0
    for gap in gaps:
        full += new[at:gap]
        before = _known(keys, new, gap - 1) if gap else -1
        after = _known(keys, new, gap + 1) if gap + 1 < len(new) else len(old)
        if before is None or after is None or after <= before:
            raise Refusal("it is not clear which lines the answer leaves out", ASK_FOR_BLOCKS)
        full += old[before + 1 : after]
        at = gap + 1
    return [*full, *new[at:]]


def _known(keys: Sequence[str], new: Sequence[str], at: int) -> int | None:
    line = new[at].rstrip()
    return keys.index(line) if line.strip() and keys.count(line) == 1 else None


def _check_end(
    old: Sequence[str], new: Sequence[str], opcodes: Sequence[tuple[str, int, int, int, int]]
) -> None:
    """Without a fence only the last lines can tell whether an answer was cut off."""
    if not opcodes or (opcodes[-1][2] < len(old) and opcodes[-1][4] < len(new)):
        return
    raise Refusal("the answer may have been cut off", ASK_FOR_BLOCKS)
