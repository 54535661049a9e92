"""Which words of a query count, and what it says about tests."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_debugger.core.ports import Query
from lsp_debugger.index.question import MAX_TOKENS, question_of

TRACEBACK = """Traceback (most recent call last):
  File "/x/site-packages/_pytest/runner.py", line 3, in runtest_harness
    item.harness_call()
    ^^^^^^^^^^^^^^^^^^^
  File "/usr/lib/python3.11/unittest/case.py", line 623, in run
  File "shop/money.py", line 5, in convert
    return amount * RATE
TypeError: no rate
    at Object.asyncJestTest (/w/node_modules/jest-jasmine2/build/jasmineAsyncInstall.js:106:37)
"""


def test_frames_of_test_runners_and_packages_are_no_words():
    tokens = set(question_of(Query(TRACEBACK)).tokens)
    assert {"amount", "rate", "typeerror", "convert", "money"} <= tokens
    assert tokens.isdisjoint({"harness", "runtest", "unittest", "623", "jasmine2", "jest"})


def test_what_every_test_says_does_not_count_but_a_text_of_nothing_else_does():
    tokens = question_of(Query("def test_total(self):\n    self.assertEqual(total([1]), 1)")).tokens
    assert set(tokens) == {"test", "total", "testtotal", "1"}
    assert set(question_of(Query("mock patch")).tokens) == {"mock", "patch"}
    assert "mock" in question_of(Query("rate", identifiers=("mock",))).tokens


@given(st.lists(st.sampled_from(["rate", "amount", "userName", "x1"]), max_size=60))
def test_a_word_counts_by_the_logarithm_of_how_often_it_occurs(words: list[str]):
    counts = Counter(question_of(Query(" ".join(words))).tokens)
    for token, name in (("rate", "rate"), ("amount", "amount"), ("username", "userName")):
        often = words.count(name)
        assert counts[token] == (0 if often == 0 else 1 if often == 1 else counts[token])
        assert counts[token] <= often
        assert counts[token] <= 6


def test_a_long_text_has_a_bounded_number_of_tokens():
    text = " ".join(f"word{chr(97 + n % 26)}{chr(97 + n // 26 % 26)}" for n in range(2000))
    assert len(set(question_of(Query(text)).tokens)) <= MAX_TOKENS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tests/test_x.py::TestA::test_read_file", {"read", "file", "read_file", "readFile", "_read_file"}),
        ("test/x_test.py::ATest.test_load", {"load", "Load", "__load__"}),
        ("def test_load(self):", {"load"}),
        ('File "tests/test_x.py", line 3, in test_load', {"load"}),
        ("func TestLoadAll(t *testing.T) {", {"LoadAll", "loadAll", "load_all", "all"}),
    ],
)
def test_names_within_the_names_of_tests(text: str, expected: set[str]):
    assert expected <= question_of(Query(text)).within_test_names


def test_classes_and_modules_are_no_names_of_tests():
    assert not question_of(Query("import tests.test_money.tools, TestMoney::x")).within_test_names


def test_tests_and_imports_of_a_text():
    query = Query(
        "tests/test_x.py::test_y\nfrom shop.money import convert\nconvert(1)",
        path="shop/basket.py",
        frames=(("tests/test_z.py", 3), ("shop/money.py", 1)),
    )
    question = question_of(query)
    assert question.test_paths == ("tests/test_x.py", "tests/test_z.py")
    assert question.files == ("shop/basket.py", "tests/test_x.py")
    assert question.written_imports == ("shop.money", "shop.money.convert")
