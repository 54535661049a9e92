"""Hover text: never more than twelve lines, and readable where Markdown is not rendered."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scripted_editor import CARD, answered

from lsp_debugger.core.ask import Problem
from lsp_debugger.core.markdown import code, escaped, link
from lsp_debugger.core.text import Span
from lsp_debugger.server.answers import Explanation
from lsp_debugger.server.hovers import hover_text, plain_text

PROBLEM = Problem("m", code="F401", span=Span(0, 1))


def explanation(markdown: str) -> Explanation:
    return Explanation(answered(PROBLEM, markdown, "0123456789ab"), Span(0, 1))


@settings(deadline=None)
@given(st.text("a\n`~# ", max_size=60))
def test_never_more_than_twelve_lines(markdown: str) -> None:
    assert len(hover_text(CARD, explanation(markdown), 2).splitlines()) <= 12


def test_a_code_block_is_not_cut_open() -> None:
    text = hover_text(CARD, explanation("Because.\n```python\nimport os\n```\nEnd."), 1)
    assert "Because. …" in text
    assert "```" not in text


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("**bold** and [a.py:3](file:///w/a.py#L3)", "bold and a.py:3"),
        ("## Title\n> quoted", "Title\nquoted"),
        (escaped("a*b <c> [d](e) f_g #h"), "a*b <c> [d](e) f_g #h"),
        (link("a [b] c", "https://x.org/y"), "a [b] c"),
        (code("x"), "`x`"),
    ],
)
def test_plain_text(markdown: str, expected: str) -> None:
    assert plain_text(markdown) == expected
