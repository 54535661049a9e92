"""Which known names look like a misspelt one."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence

_MAX_NAME_CHARS = 60
_BITS = 61
_LETTERS = (1 << _BITS) - 1


def sketch_of(name: str) -> int:
    """How long a name is and a bit for each letter it has: a cheap test before the real comparison."""
    folded = _folded(name)
    mask = 0
    for letter in folded:
        mask |= 1 << (ord(letter) % _BITS)
    return len(folded) << _BITS | mask


def likeliest(name: str, groups: Sequence[Mapping[str, int]], limit: int) -> list[str]:
    """Names a few slips away from `name`, fewest first; earlier groups win ties.

    groups: name → `sketch_of(name)`.
    """
    allowed = _allowed_slips(name)
    sketch = sketch_of(name)
    length, letters = sketch >> _BITS, sketch & _LETTERS
    found: dict[str, tuple[int, int, str]] = {}
    for rank, group in enumerate(groups):
        for other, other_sketch in group.items():
            if abs((other_sketch >> _BITS) - length) > allowed:
                continue
            # A slip changes the set of letters by at most two.
            if (letters ^ (other_sketch & _LETTERS)).bit_count() > 2 * allowed:
                continue
            slips = _slips(name, other, allowed)
            if slips is not None and other != name and other not in found:
                found[other] = (slips, rank, other)
    return sorted(found, key=found.__getitem__)[:limit]


def sketches(names: Iterable[str]) -> dict[str, int]:
    return {name: sketch_of(name) for name in names if 1 < len(name) <= _MAX_NAME_CHARS}


@functools.cache
def python_builtins() -> Mapping[str, int]:
    import builtins

    return sketches(name for name in dir(builtins) if not name.startswith("_"))


def _folded(name: str) -> str:
    return name.lower().replace("_", "")


def _allowed_slips(name: str) -> int:
    length = len(_folded(name))
    return 0 if length < 3 else 1 if length < 5 else 2 if length < 9 else 3


def _slips(name: str, other: str, allowed: int) -> int | None:
    """Letters inserted, left out, changed or swapped with a neighbour; None above `allowed`.

    Case and underscores are free, so `userName` is no slip away from `user_name`.
    """
    first, second = _folded(name), _folded(other)
    before_last: list[int] = []
    last = list(range(len(second) + 1))
    for row, letter in enumerate(first, 1):
        current = [row]
        for column, other_letter in enumerate(second, 1):
            cost = min(
                last[column] + 1,
                current[column - 1] + 1,
                last[column - 1] + (letter != other_letter),
            )
            if row > 1 and column > 1 and letter == second[column - 2] and first[row - 2] == other_letter:
                cost = min(cost, before_last[column - 2] + 1)
            current.append(cost)
        if min(current) > allowed:
            return None
        before_last, last = last, current
    return last[-1] if last[-1] <= allowed else None
