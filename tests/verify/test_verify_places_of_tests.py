"""Where a new test goes: as the project's own tests say."""

from __future__ import annotations

from pathlib import Path

import pytest

from lsp_debugger.verify.places_of_tests import TestPlace, find_test_place, place_of

FLAT = ["src/shop/cart.py", "src/shop/till.py", "tests/test_cart.py"]
MIRRORED = ["shop/api/cart.py", "shop/api/till.py", "tests/api/test_cart.py"]
FULLY_MIRRORED = ["shop/api/cart.py", "shop/api/till.py", "tests/shop/api/test_cart.py"]
BESIDE = ["shop/cart.py", "shop/test_cart.py", "shop/till.py"]
INSIDE = ["shop/cart.py", "shop/tests/test_cart.py", "shop/till.py"]
SUFFIXED = ["shop/cart.py", "tests/cart_test.py", "shop/till.py"]


@pytest.mark.parametrize(
    ("source", "files", "path"),
    [
        ("src/shop/till.py", FLAT, "tests/test_till.py"),
        ("shop/api/till.py", MIRRORED, "tests/api/test_till.py"),
        ("shop/api/till.py", FULLY_MIRRORED, "tests/shop/api/test_till.py"),
        ("shop/till.py", BESIDE, "shop/test_till.py"),
        ("shop/till.py", INSIDE, "shop/tests/test_till.py"),
        ("shop/till.py", SUFFIXED, "tests/till_test.py"),
        ("shop/till.py", ["shop/till.py"], "tests/test_till.py"),
        ("till.py", ["till.py", "cart.py", "test_cart.py"], "test_till.py"),
    ],
)
def test_a_new_file_is_where_its_neighbours_are(source: str, files: list[str], path: str) -> None:
    place = place_of(source, files)
    assert (place.path, place.exists) == (path, False)
    tests = [each for each in files if "test" in each]
    assert place.example == (tests[0] if tests else "")


@pytest.mark.parametrize(
    ("source", "tests", "path"),
    [
        ("src/shop/till.py", ["tests/test_till.py"], "tests/test_till.py"),
        ("shop/till.py", ["tests/test_shop_till.py", "tests/test_cart.py"], "tests/test_shop_till.py"),
        ("shop/a/till.py", ["tests/b/test_till.py", "tests/a/test_till.py"], "tests/a/test_till.py"),
        ("shop/till.py", ["tests/till_test.py"], "tests/till_test.py"),
        ("tests/test_till.py", ["tests/test_till.py"], "tests/test_till.py"),
    ],
)
def test_a_file_that_tests_the_module_already_is_added_to(source: str, tests: list[str], path: str) -> None:
    assert place_of(source, [source, *tests]) == TestPlace(path, exists=True, example=path)


def test_what_is_hidden_or_vendored_says_nothing(tmp_path: Path) -> None:
    for name in (
        ".venv/lib/test_a.py",
        "node_modules/x/test_b.py",
        "build/test_c.py",
        "pkg/a.py",
        "pkg/a_test.py",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    assert find_test_place(tmp_path, "pkg/a.py") == TestPlace(
        "pkg/a_test.py", exists=True, example="pkg/a_test.py"
    )
