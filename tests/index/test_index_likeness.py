"""Which paths are like that of a test."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lsp_debugger.index.likeness import Likeness, words_of

PATHS = ("shop/money.py", "shop/basket.py", "shop/web/money_view.py", "tests/test_money.py")
ANY_PATHS = st.sets(
    st.lists(st.sampled_from(["shop", "money", "test_money", "web", "util"]), min_size=1, max_size=3).map(
        lambda parts: "/".join(parts) + ".py"
    )
)


def test_the_module_under_test_is_likest():
    likeness = Likeness(lambda: (1, PATHS))
    of = {path: likeness.of(path, ["tests/test_money.py"]) for path in PATHS[:3]}
    assert of == {"shop/money.py": 1.0, "shop/basket.py": 0.0, "shop/web/money_view.py": 1.0}
    assert likeness.of("shop/money.py", []) == 0.0


def test_rare_words_count_more_and_the_likest_test_decides():
    likeness = Likeness(lambda: (1, PATHS))
    money = likeness.of("x/money.py", ["tests/shop/test_money.py"])
    shop = likeness.of("shop/x.py", ["tests/shop/test_money.py"])
    assert 0 < shop < money < 1
    assert likeness.of("x/money.py", ["tests/shop/test_money.py", "money_test.py"]) == 1.0


def test_what_every_path_of_a_test_has_says_nothing():
    assert words_of("src/tests/unit/test_moneyBag.py") == {"money", "bag"}


@given(st.lists(ANY_PATHS, min_size=1, max_size=4), ANY_PATHS)
def test_it_follows_the_paths_there_are(states: list[set[str]], tests: set[str]):
    current: list[tuple[int, set[str]]] = [(0, set())]
    followed = Likeness(lambda: current[-1])
    for number, paths in enumerate(states, 1):
        current.append((number, paths))
        fresh = Likeness(lambda paths=paths: (1, paths))
        for path in paths:
            value = followed.of(path, tests)
            assert value == fresh.of(path, tests)
            assert 0 <= value <= 1 + 1e-9
