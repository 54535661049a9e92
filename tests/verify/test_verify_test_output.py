"""What runners print, as they printed it: how many tests passed, and which failed."""

from __future__ import annotations

import pytest

from lsp_debugger.verify.test_output import failing, passed

PYTEST_MIXED = """\
.F.s                                                                     [100%]
=========================== short test summary info ============================
FAILED tests/test_a.py::test_b - assert 1 == 2
FAILED tests/test_a.py::TestC::test_d[x y] - ValueError: no
ERROR tests/test_e.py
2 failed, 2 passed, 1 skipped, 1 error in 0.12s
"""
CARGO = """\
running 2 tests
test tests::adds ... ok
test tests::subtracts ... FAILED

test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
"""
CARGO_OK = """\
test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
     Running tests/it.rs (target/debug/deps/it-d6c00e1614d165e9)
test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 3 filtered out; finished in 0.00s
"""
JEST = """\
PASS  ./a.test.js
Test Suites: 1 passed, 1 total
Tests:       3 passed, 3 total
"""
VITEST = """\
 Test Files  1 passed (1)
      Tests  3 passed (3)
"""
NODE_TAP = "TAP version 13\nok 1 - a\nnot ok 2 - b c\n1..2\n# tests 2\n# pass 1\n# fail 1\n"
NODE_SPEC = "✔ a (0.5ms)\n✖ b c (1.25ms)\nℹ tests 2\nℹ pass 1\nℹ fail 1\n"
GO_VERBOSE = (
    "=== RUN   TestA\n--- PASS: TestA (0.00s)\n    --- PASS: TestA/one (0.00s)\nPASS\nok  \tshop\t0.01s\n"
)
GO_FAIL = "--- FAIL: TestA (0.00s)\n    --- FAIL: TestA/one (0.00s)\nFAIL\nFAIL\tshop\t0.01s\n"
GO_NONE = "ok  \tshop\t0.01s [no tests to run]\n"
GO_SOME = f"{GO_NONE}ok  \tshop/cart\t0.01s\n"


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("3 passed in 0.12s\n", 3),
        ("==== 3 passed, 1 warning in 0.12s ====\n", 3),
        (PYTEST_MIXED, 2),
        ("1 skipped in 0.01s\n", 0),
        ("==== 2 deselected in 0.01s ====\n", 0),
        ("1 xfailed in 0.05s\n", 0),
        ("no tests ran in 0.01s\n", 0),
        (CARGO_OK, 3),
        (CARGO_OK.replace("2 passed", "0 passed").replace("1 passed", "0 passed"), 0),
        (JEST, 3),
        (VITEST, 3),
        ("  3 passing (4ms)\n", 3),
        (NODE_TAP, 1),
        (NODE_SPEC, 1),
        ("# pass 0\n", 0),
        (GO_VERBOSE, 1),
        (GO_NONE, 0),
        (GO_SOME, None),
        ("ok  \tshop\t0.01s\n", None),
        ("All is well\n", None),
        ("", None),
    ],
)
def test_how_many_passed(output: str, expected: int | None) -> None:
    assert passed(output) == expected


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (PYTEST_MIXED, {"tests/test_a.py::test_b", "tests/test_a.py::TestC::test_d[x y]", "tests/test_e.py"}),
        (CARGO, {"tests::subtracts"}),
        (NODE_TAP, {"b c"}),
        (NODE_SPEC, {"b c"}),
        (GO_FAIL, {"TestA", "TestA/one"}),
        (GO_VERBOSE, set[str]()),
        ("FAILED\n", set[str]()),
    ],
)
def test_which_failed(output: str, expected: set[str]) -> None:
    assert failing(output) == expected
