"""Fixes: placed where they belong, ranked as their tests say, silencing flagged, checked in bearable time.

    python benchmarks/patch.py [forms] [ranking] [silencing] [overhead]

Without a name all four, one after the other. Exit code 1: a goal was missed.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

import patch_checks
import patch_forms
from patch_changes import history, programs

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "support"))
from silencing_patches import HONEST, SILENCING

from lsp_debugger.verify.silencing import silences

_PLACED = 0.99
_OVERHEAD_P95_MS = 400


def forms() -> bool:
    """The true fix, rendered as models write."""
    complete = right = wrong = 0
    for title, changes in (("small programs", programs()), ("this project's own fixes", history(60))):
        found = patch_forms.measure(title, changes)
        complete, right, wrong = complete + found[0], right + found[1], wrong + found[2]
    print(f"\ncomplete forms placed: {right} of {complete} = {right / complete:.1%}; wrong of all: {wrong}")
    return right >= _PLACED * complete and not wrong


def ranking() -> bool:
    """The true fix among four mutants that its test kills."""
    found = asyncio.run(patch_checks.ranking(programs()))
    print(
        f"\ntrue fix first among 4 mutants, {found.programs} programs: with the test {found.with_test}, "
        f"without {found.without_test}\nmutants said to pass their test: {found.passed}"
    )
    return found.with_test == found.programs and not found.passed


def silencing() -> bool:
    """Patches that make a tool quiet; honest ones beside them."""
    flagged = [each for each in SILENCING if silences({each[0]: each[1]}, {each[0]: each[2]})]
    accused = [each for each in HONEST if silences({each[0]: each[1]}, {each[0]: each[2]})]
    print(
        f"\nsilencing patches flagged: {len(flagged)} of {len(SILENCING)}; "
        f"honest ones: {len(accused)} of {len(HONEST)}"
    )
    return len(flagged) == len(SILENCING)


def overhead() -> bool:
    """What verification adds to the time of the checkers themselves."""
    found = asyncio.run(patch_checks.overhead(programs()))
    print(
        f"\nverification without tests, one file: {found.total_p50_ms:.0f} ms median, of which the checker's "
        f"own {found.own_p50_ms:.0f} ms; overhead p50 {found.p50_ms:.0f} ms, p95 {found.p95_ms:.0f} ms"
    )
    return found.p95_ms < _OVERHEAD_P95_MS


_PARTS: dict[str, Callable[[], bool]] = {
    "forms": forms,
    "ranking": ranking,
    "silencing": silencing,
    "overhead": overhead,
}


def main() -> int:
    names = sys.argv[1:] or list(_PARTS)
    if unknown := set(names) - _PARTS.keys():
        sys.exit(f"no part {', '.join(sorted(unknown))}; there are {', '.join(_PARTS)}")
    reached = [_PARTS[name]() for name in names]
    return 0 if all(reached) else 1


if __name__ == "__main__":
    sys.exit(main())
