"""A file's lines as something to look in: each key is worked out once, and comparing has an end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from lsp_debugger.core import diff
from lsp_debugger.verify.drift import Manner
from lsp_debugger.verify.refusal import ASK_FOR_MORE, Refusal

MAX_MATCHES = 1_000
# Comparisons of two lines by their keys, for all changes of one file: well below a second of them.
_MAX_STEPS = 5_000_000
_STEPS_A_LIKENESS = 200


class Keyed(NamedTuple):
    """The lines that are not blank. at: where each is in the file. keys: what each is compared by.

    places: by key, which of those lines have it.
    """

    at: Sequence[int]
    keys: Sequence[str]
    places: Mapping[str, Sequence[int]]


class Haystack:
    """For one file and one patch of it. Methods raise Refusal for what would take too long."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        self._steps_left = _MAX_STEPS
        self._keyed: dict[Callable[[str], str], Keyed] = {}

    @cached_property
    def text(self) -> str:
        return "\n".join(self.texts)

    @cached_property
    def manner(self) -> Manner:
        return Manner.of(self.texts)

    @cached_property
    def _places(self) -> Mapping[str, Sequence[int]]:
        return _by_key(self.texts)

    def keyed(self, key: Callable[[str], str]) -> Keyed:
        if key not in self._keyed:
            at = [number for number, line in enumerate(self.texts) if line.strip()]
            keys = [key(self.texts[number]) for number in at]
            self._keyed[key] = Keyed(at, keys, _by_key(keys))
        return self._keyed[key]

    def exact(self, wanted: Sequence[str]) -> list[int]:
        """The lines where `wanted` begins."""
        return self._starts(self.texts, self._places, wanted)

    def alike(self, wanted: Sequence[str], key: Callable[[str], str]) -> list[int]:
        """Likewise by their keys, as numbers of lines that are not blank."""
        keyed = self.keyed(key)
        return self._starts(keyed.keys, keyed.places, wanted)

    def likeness(self, one: str, other: str) -> float:
        """As `core.diff` has it."""
        self.spend(_STEPS_A_LIKENESS + min(len(one) * len(other), 40_000) // 20)
        return diff.likeness(one, other)

    def spend(self, steps: int) -> None:
        """Raises Refusal when there are no more."""
        self._steps_left -= steps
        if self._steps_left < 0:
            raise Refusal("the answer is too far from this large file to be put in place", ASK_FOR_MORE)

    def _starts(
        self, keys: Sequence[str], places: Mapping[str, Sequence[int]], wanted: Sequence[str]
    ) -> list[int]:
        wanted, size, found = list(wanted), len(wanted), list[int]()
        self.spend(size)
        rarest = min(range(size), key=lambda at: len(places.get(wanted[at], ())))
        for place in places.get(wanted[rarest], ()):
            start = place - rarest
            self.spend(1)
            if start < 0 or start + size > len(keys):
                continue
            if keys[start] != wanted[0] or keys[start + size - 1] != wanted[-1]:
                continue
            self.spend(size)
            if list(keys[start : start + size]) == wanted:
                found.append(start)
                self.spend(size)  # for what is made of it
            if len(found) > MAX_MATCHES:
                reason = f"the lines to be changed stand in more than {MAX_MATCHES} places"
                raise Refusal(reason, ASK_FOR_MORE)
        return found


def _by_key(keys: Sequence[str]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for at, key in enumerate(keys):
        places.setdefault(key, []).append(at)
    return places
