"""Placeholders: who gets which name, and which ones look alike."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lsp_debugger.policy.placeholders import Placeholders, spans

WORDS = st.lists(st.text("ab", min_size=4, max_size=7), max_size=12, unique=True)


def one_letter_apart(one: str, other: str) -> bool:
    """By trying every change: the slow way round."""
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) == len(longer):
        return sum(a != b for a, b in zip(one, other, strict=True)) == 1
    return any(longer[:at] + longer[at + 1 :] == shorter for at in range(len(longer)))


@given(WORDS)
def test_a_hint_names_an_earlier_text_that_differs_by_one_letter(words: list[str]) -> None:
    issued = Placeholders()
    names = dict[str, str]()
    for word in words:
        placeholder = issued.plain("STR", word, word, '"').placeholder
        near = {name for other, name in names.items() if one_letter_apart(word, other)}
        _, _, hint = placeholder.strip("<>").partition(":one letter from ")
        assert (hint in near) if near else not hint, (words, placeholder)
        names[word] = placeholder.strip("<>").partition(":")[0]


@given(st.lists(st.tuples(st.sampled_from(["STR", "COMMENT", "HOST"]), st.text(max_size=5)), max_size=30))
def test_equal_values_share_a_name_and_others_do_not(values: list[tuple[str, str]]) -> None:
    issued = Placeholders()
    placeholders = [issued.plain(kind, value, value, '"').placeholder for kind, value in values]
    for value, placeholder in zip(values, placeholders, strict=True):
        twins = {other for each, other in zip(values, placeholders, strict=True) if each == value}
        assert twins == {placeholder}
        assert spans(placeholder) == [(0, len(placeholder))]
    assert len(set(placeholders)) == len(set(values))


@given(st.sets(st.integers(1, 6)))
def test_what_the_text_uses_already_is_nobody_of_ours(taken: set[int]) -> None:
    issued = Placeholders()
    issued.reserve([f"see STR_{number} and str_{number}" for number in taken])
    given_out = {issued.plain("STR", str(at), str(at), '"').bare for at in range(5)}
    assert given_out.isdisjoint(f"STR_{number}" for number in taken)
