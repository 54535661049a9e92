"""Literals come back in a model's words, however they are cut; nothing else does."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from policy_samples import AWS_KEY

from lsp_debugger.policy.prose import Prose
from lsp_debugger.policy.redact import Redactor

FILE = f'x = "Cannot reach Acme"\n# a note for Bob\nKEY = "{AWS_KEY}"\ny = "Cannot reach Acmo"\n'


def prose() -> Prose:
    redactor = Redactor(cloud=True)
    assert redactor.mask(FILE, "a.py").clean
    return Prose(redactor.placeholders)


def check(said: str, shown: str) -> None:
    words = prose()
    assert words.feed(said) + words.close() == shown


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("It says <STR_1>.", "It says Cannot reach Acme."),
        (
            "<str_1> and `<STR_1>` and &lt;STR_1&gt;",
            "Cannot reach Acme and `Cannot reach Acme` and Cannot reach Acme",
        ),
        ("STR_1, not <STR_2:one letter from STR_1>", "Cannot reach Acme, not Cannot reach Acmo"),
        (
            "<STR_9> is invented, SUBSTR_1 is no placeholder",
            "<STR_9> is invented, SUBSTR_1 is no placeholder",
        ),
        ("<SECRET_1:aws_key> and SECRET_1_aws_key", "<SECRET_1:aws_key> and SECRET_1_aws_key"),
        ("<COMMENT_1> stays", "<COMMENT_1> stays"),
        ("a < b and <", "a < b and <"),
        ("", ""),
    ],
)
def test_which_come_back(said: str, shown: str) -> None:
    check(said, shown)


SAID = (
    "If <STR_1> or <str_2:one letter from STR_1> x<y, STR_1 &lt;STR_2&gt; <SECRET_1:aws_key> <STR_7> S ST STR"
)


@given(st.lists(st.integers(0, len(SAID)), max_size=30))
def test_however_they_are_cut(cuts: list[int]) -> None:
    whole = prose()
    expected = whole.feed(SAID) + whole.close()
    words = prose()
    places = [0, *sorted(cuts), len(SAID)]
    shown = [words.feed(SAID[start:end]) for start, end in pairwise(places)]
    assert "".join([*shown, words.close()]) == expected
    assert AWS_KEY not in expected


def test_words_are_not_held_back_for_nothing() -> None:
    words = prose()
    assert words.feed("All good, ") == "All good, "
    assert words.feed("see <ST") == "see "
    assert words.feed("R_1> there") == "Cannot reach Acme there"
