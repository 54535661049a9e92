"""Fitting fragments to a number of tokens."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lsp_debugger.context.budget import fit
from lsp_debugger.core.material import Fragment, FragmentKind
from lsp_debugger.core.model import estimate_tokens

FRAGMENTS = st.lists(
    st.builds(Fragment, st.sampled_from(FragmentKind), st.text("ab\n", max_size=400)), max_size=12
)


def kinds(*named: tuple[FragmentKind, int], budget: int) -> list[FragmentKind]:
    kept, _ = fit([Fragment(kind, "x" * (3 * tokens)) for kind, tokens in named], budget)
    return [fragment.kind for fragment in kept]


def test_the_least_telling_goes_first_and_order_stays() -> None:
    named = [(FragmentKind.RELATED, 50), (FragmentKind.SCOPE, 50), (FragmentKind.PROBLEM, 50)]
    assert kinds(*named, budget=300) == [FragmentKind.RELATED, FragmentKind.SCOPE, FragmentKind.PROBLEM]
    assert kinds(*named, budget=160) == [FragmentKind.SCOPE, FragmentKind.PROBLEM]


def test_a_small_one_gets_in_after_a_large_one_that_does_not() -> None:
    named = [(FragmentKind.SCOPE, 900), (FragmentKind.RELATED, 10), (FragmentKind.PROBLEM, 10)]
    assert kinds(*named, budget=200) == [FragmentKind.RELATED, FragmentKind.PROBLEM]


@given(FRAGMENTS, st.integers(0, 2000))
def test_what_is_kept_fits_and_nothing_is_counted_wrong(fragments: list[Fragment], budget: int) -> None:
    kept, dropped = fit(fragments, budget)
    assert len(kept) + dropped == len(fragments)
    optional = [each for each in kept if each.kind is not FragmentKind.PROBLEM]
    assert sum(estimate_tokens(each.text) for each in optional) <= max(0, budget)
    assert [each for each in fragments if each.kind is FragmentKind.PROBLEM] == [
        each for each in kept if each.kind is FragmentKind.PROBLEM
    ]
