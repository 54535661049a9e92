"""Patches that make a tool quiet, each flagged; and honest fixes, none of them flagged."""

from __future__ import annotations

import pytest
from silencing_patches import HONEST, SILENCING

from lsp_debugger.verify.silencing import silences


@pytest.mark.parametrize(("path", "before", "after"), SILENCING)
def test_what_silences_is_flagged(path: str, before: str, after: str | None) -> None:
    assert silences({path: before}, {path: after})


@pytest.mark.parametrize(("path", "before", "after"), HONEST)
def test_an_honest_fix_is_not(path: str, before: str, after: str) -> None:
    assert silences({path: before}, {path: after}) == ()


def test_settings_that_are_the_problem_may_be_fixed() -> None:
    before, after = {"ruff.toml": "selct = ['ALL']\n"}, {"ruff.toml": "select = ['ALL']\n"}
    assert silences(before, after) == ("settings of a checker",)
    assert silences(before, after, "ruff.toml") == ()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"except:{chr(10) * 5000}x", id="an except without an end"),
        pytest.param(f"catch (e) {{ {'//' * 5000}x", id="comments in comments"),
        pytest.param(f"catch (e) {{ {'/**/' * 5000}x", id="one comment after the other"),
        pytest.param("\n" * 50_000, id="blank lines"),
        pytest.param("#[cfg_attr(" * 5000, id="attributes that stay open"),
    ],
)
def test_no_text_makes_the_search_endless(text: str) -> None:
    """Under a backtracking engine each of the first four takes longer than anybody waits."""
    for path in ("a.py", "a.ts", "a.rs", "a.go", "a.sh", "a.c", "tests/test_a.py"):
        silences({path: ""}, {path: text})
