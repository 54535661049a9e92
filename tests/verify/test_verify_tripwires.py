"""Patches that try to have their code run: each is judged without trust and without a test command, then run
in isolation, and leaves its mark nowhere. Its control then does what the payload waits for, so that each mark
is known to appear.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from patch_tripwires import CASES, Case, spring

pytestmark = pytest.mark.thorough


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.path}-{CASES.index(case)}")
async def test_nothing_of_a_patch_runs(case: Case, tmp_path: Path) -> None:
    fired = await spring(case, tmp_path)
    assert not fired.judged, "ran without trust and consent"
    assert not fired.isolated, "left its isolation"
    if fired.control is None:
        pytest.skip(f"nothing ran; the control needs {case.control[0]}")
    assert fired.control, "the payload is a dud"
