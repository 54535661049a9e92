"""Thinking never reaches the answer, and the answer never loses a character to it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_debugger.models.reasoning import ReasoningFilter


def check(text: str, cuts: list[int]) -> tuple[str, str]:
    stream = ReasoningFilter()
    shown = thought = ""
    for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True):
        visible, hidden = stream.feed(text[start:end])
        shown, thought = shown + visible, thought + hidden
    visible, hidden = stream.close()
    return shown + visible, thought + hidden


@pytest.mark.parametrize(
    ("text", "shown", "thought"),
    [
        ("plain", "plain", ""),
        ("", "", ""),
        ("<think>why</think>because", "because", "why"),
        ("\n <think>why</think>\n\nbecause", "\n \n\nbecause", "why"),
        ("[THINK]a[/THINK]b<think>c", "b<think>c", "a"),
        ("<thinking>a</think></thinking>b", "b", "a</think>"),
        ("<think>never closed", "", "never closed"),
        ("<think>half</thi", "", "half</thi"),
        ("a <think> in a line stays", "a <think> in a line stays", ""),
        ("first\n<think>again</think>then", "first\nthen", "again"),
        ("<thin", "<thin", ""),
        ("<b>bold</b>", "<b>bold</b>", ""),
        ("a<b\n<c", "a<b\n<c", ""),
        ("<think></think><think>x</think>y", "y", "x"),
    ],
)
def test_text_is_split_the_same_wherever_it_is_cut(text: str, shown: str, thought: str) -> None:
    assert check(text, []) == (shown, thought)
    assert check(text, list(range(1, len(text)))) == (shown, thought)
    for cut in range(1, len(text)):
        assert check(text, [cut]) == (shown, thought)


_PIECES = st.lists(
    st.sampled_from(
        ["<think>", "</think>", "[THINK]", "[/THINK]", "\n", " ", "<", "</", "think>", "word", "```"]
    ),
    max_size=12,
)


@given(pieces=_PIECES, data=st.data())
def test_cuts_never_matter(pieces: list[str], data: st.DataObject) -> None:
    text = "".join(pieces)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    assert check(text, cuts) == check(text, [])
