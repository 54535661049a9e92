"""Fixes: placed where they belong, ranked as their tests say, silencing flagged, checked in bearable time.
And never an edit of another text, code that nobody allowed to run, or a test passed without the patch.

    python benchmarks/patch.py [forms] [ranking] [silencing] [overhead] [typing] [tripwires] [proof]

Without a name all seven, one after the other, some minutes. Exit code 1: a goal was missed.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

import patch_checks
import patch_forms
import patch_safety
from patch_changes import history, programs

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "support"))
from silencing_patches import HONEST, SILENCING

from lsp_debugger.verify.silencing import silences

_PLACED = 0.99
_OVERHEAD_P95_MS = 400
_TRIPWIRES = 25


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


def typing() -> bool:
    """A user types in the document while a fix for it is checked, asked about, and on its way."""
    found = asyncio.run(patch_safety.typing())
    print(
        f"\nfixes taken while somebody types: {found.scenes}, with {found.keys} edits of the user meanwhile; "
        f"applied {found.applied}, to another text than the checked one {found.stale}"
    )
    return found.applied > 0 and not found.stale


def tripwires() -> bool:
    """Patches that would have their code run, judged without trust, then run isolated."""
    found = asyncio.run(patch_safety.tripwires())
    print(
        f"\ntripwires in {found.repositories} repositories; controls that fire if allowed {found.controls}, "
        f"that need a tool which is not here {found.unknown}; fired without being allowed {found.fired}"
    )
    known = found.controls + found.unknown == found.repositories and found.controls >= _TRIPWIRES
    return known and not found.fired


def proof() -> bool:
    """Test runs that pass on a tree in which the patch is not in force."""
    found = asyncio.run(patch_safety.proof())
    print(
        f"\nruns that pass without the patch in force {found.runs}, counted as passed {found.wrong}; "
        f"runs with it {found.controls}, counted as passed {found.proven}"
    )
    return not found.wrong and found.proven == found.controls


_PARTS: dict[str, Callable[[], bool]] = {
    "forms": forms,
    "ranking": ranking,
    "silencing": silencing,
    "overhead": overhead,
    "typing": typing,
    "tripwires": tripwires,
    "proof": proof,
}


def main() -> int:
    names = sys.argv[1:] or list(_PARTS)
    if unknown := set(names) - _PARTS.keys():
        sys.exit(f"no part {', '.join(sorted(unknown))}; there are {', '.join(_PARTS)}")
    reached = [_PARTS[name]() for name in names]
    return 0 if all(reached) else 1


if __name__ == "__main__":
    sys.exit(main())
