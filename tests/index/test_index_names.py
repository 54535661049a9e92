"""What paths and import statements tell."""

from __future__ import annotations

import pytest

from lsp_debugger.index.names import is_test_path, modules_in, paths_in, stem_under_test


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("tests/test_money.py", True),
        ("shop/money_test.py", True),
        ("src/money.test.ts", True),
        ("src/money.spec.tsx", True),
        ("src/__tests__/money.js", True),
        ("conftest.py", True),
        ("src/MoneyTest.java", True),
        ("shop/money.py", False),
        ("shop/contest.py", False),
        ("shop/testing_tools.py", False),
        ("latest/money.py", False),
    ],
)
def test_test_paths(path: str, expected: bool):
    assert is_test_path(path) is expected


@pytest.mark.parametrize(
    ("path", "stem"),
    [
        ("tests/test_money.py", "money"),
        ("money_test.go", "money"),
        ("a/b.test.ts", "b"),
        ("a\\test_b.py", "b"),
        ("a/b.py", ""),
        ("tests/helpers.py", ""),
    ],
)
def test_the_stem_of_what_a_test_is_about(path: str, stem: str):
    assert stem_under_test(path) == stem


def test_paths_in_a_text():
    text = "FAILED tests/test_x.py::test_y - a\\b.ts:3 see notes.md and https://h/x.py"
    assert paths_in(text) == ["tests/test_x.py", "a/b.ts", "//h/x.py"]


@pytest.mark.parametrize(
    ("statement", "modules"),
    [
        ("import a", ["a"]),
        ("import a.b as c, d", ["a.b", "d"]),
        ("from a.b import c", ["a.b", "a.b.c"]),
        ("from a import (\n    b as x,\n    c,\n)", ["a", "a.b", "a.c"]),
        ("from . import x, y", [".x", ".y"]),
        ("from ..a import b", ["..a", "..a.b"]),
        ("from a import *", ["a"]),
        ("import {a} from './b/c'", ["./b/c"]),
        ('import "side-effect"', ["side-effect"]),
        ('import * as x from "y"; ', ["y"]),
        ("import", []),
    ],
)
def test_modules_of_an_import(statement: str, modules: list[str]):
    assert modules_in(statement) == modules
