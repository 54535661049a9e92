"""How unlike a word a text is spelled: what tells `kqxzlmpfrtyw` from `authenticate` without a dictionary.

Costs are rounded logarithms of how often one letter follows another in the words of which identifiers of
a large body of published code are made. A generator's letters cost 5 on average, people's 3.
"""

from __future__ import annotations

import re
from itertools import pairwise

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
# A row for the letter before (the start of a word first), a column for the one after (its end last).
_ROWS = (
    "443444554664445364344556769",
    "643476584963439493425676584",
    "354536763582563694463878573",
    "365636734934672694535789693",
    "466526683885774795465788791",
    "464355686984537573347664782",
    "465533692994873784544979693",
    "476627544985645794464788771",
    "276627873975663794545989692",
    "454455498874423595338596955",
    "355627664646873486463677662",
    "476527573884756675356759682",
    "376526782973773698455789493",
    "247627883975463397464999693",
    "474335374866754697335589792",
    "654476586754424493444546884",
    "376636754973773483545879493",
    "666577676965657584571667783",
    "375526593966553695445679592",
    "584737743966675477434879591",
    "375626842985674693455868582",
    "444545594993426493337797985",
    "266616773897674796667878773",
    "275536742885743883468676892",
    "464534853875576396537775572",
    "565656785985445396447667561",
    "376517763976684678566865543",
)
_COST = {
    before + after: int(cost)
    for before, row in zip("^" + _LETTERS, _ROWS, strict=True)
    for after, cost in zip(_LETTERS + "$", row, strict=True)
}
PIECE = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")


def strangeness(text: str) -> float:
    """0 to 9. Identifiers lie below 4 and generated text above 4.4, the more surely the longer it is.

    Pieces shorter than people write them (`a3X9b`) count, too.
    """
    pieces = PIECE.findall(text)
    cost = pairs = 0
    for piece in pieces:
        if piece.isdigit():
            continue
        word = f"^{piece.lower()}$"
        cost += sum(_COST[word[at : at + 2]] for at in range(len(word) - 1))
        pairs += len(word) - 1
    if not pairs:
        return 0.0
    piece_chars = sum(map(len, pieces)) / len(pieces)
    return cost / pairs + max(0.0, 4 - piece_chars) / 2


def is_run(text: str) -> bool:
    """An alphabet or a part of one, `0123456789abcdef`: most characters follow the one before."""
    steps = sum(ord(after) - ord(before) == 1 for before, after in pairwise(text))
    return steps * 2 > len(text)
