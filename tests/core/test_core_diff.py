"""Differences make the new text of the old one, are small where they can be, and found in bounded steps."""

from __future__ import annotations

import difflib
import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsp_debugger.core import diff
from lsp_debugger.core.diff import Difference, differences, likeness, same, unified

LINES = st.lists(st.sampled_from(["a", "b", "c", "}", ""]), max_size=30)


def rewritten(old: list[str], new: list[str], found: list[Difference]) -> list[str]:
    """What the differences make of the old lines."""
    made, at = list[str](), 0
    for each in found:
        made += [*old[at : each.first], *new[each.start : each.end]]
        at = each.last
    return [*made, *old[at:]]


@settings(max_examples=300)
@given(LINES, LINES, st.sampled_from([0, 30, 10_000_000]))
def test_differences_make_one_text_of_the_other(old: list[str], new: list[str], steps: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(diff, "_MAX_STEPS", steps)
        found = differences(old, new)
        pairs = list(same(old, new))
    assert rewritten(old, new, found) == new
    assert all(old[at] == new[to] for at, to in pairs)
    assert len(pairs) == len(old) - sum(each.last - each.first for each in found)
    assert all(each.first < each.last or each.start < each.end for each in found)
    assert all(one.last < other.first and one.end < other.start for one, other in pairwise(found))


def test_two_far_changes_stay_two_among_many_repeated_lines() -> None:
    old = [line for n in range(20_000) for line in (f"f({n})", "}", "", "}")]
    new = list(old)
    new[8], new[60_000:60_000] = "changed", ["new", "more"]
    assert differences(old, new) == [(8, 9, 8, 9), (60_000, 60_000, 60_000, 60_002)]


def test_where_nothing_is_unmistakable_it_is_one_change() -> None:
    chance = random.Random(1)
    old = [chance.choice("ab") for _ in range(5_000)]
    new = [chance.choice("ab") for _ in range(5_000)]
    [found] = differences(["x", *old, "x"], ["x", *new, "x"])
    assert found.first >= 1
    assert found.last <= 5_001


@given(LINES, LINES, st.integers(0, 3))
def test_a_unified_diff_is_what_difflib_writes(old: list[str], new: list[str], around: int) -> None:
    old, new = ([f"{line}\n" for line in lines] for lines in (old, new))
    codes = opcodes(old, new)
    with pytest.MonkeyPatch.context() as patch:
        # The same differences, so that what is compared is how they are written.
        patch.setattr(difflib.SequenceMatcher, "get_opcodes", lambda _: codes)
        expected = list(difflib.unified_diff(old, new, n=around))[2:]
    assert list(unified(old, new, around)) == expected


def opcodes(old: list[str], new: list[str]) -> list[tuple[str, int, int, int, int]]:
    found, at, begin = list[tuple[str, int, int, int, int]](), 0, 0
    for first, last, start, end in [
        *differences(old, new),
        Difference(len(old), len(old), len(new), len(new)),
    ]:
        if first > at:
            found.append(("equal", at, first, begin, start))
        tag = "insert" if first == last else "delete" if start == end else "replace"
        found += [(tag, first, last, start, end)] if first < last or start < end else []
        at, begin = last, end
    return found


def test_likeness() -> None:
    assert likeness("return a + b", "return a + b") == 1
    assert likeness("return a + b", "return a - b") > 0.8
    assert likeness("return a + b", "import os") < 0.5
    long = "x" * 100_000
    assert 0.99 < likeness(f"{long}a{long}", f"{long}b{long}") < 1
    assert likeness(f"a{long}b", f"c{long}d") == 0, "only what two long lines begin and end with is compared"
