"""Which tests come near a change, read from files as an index names them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from lsp_debugger.verify.covering_tests import MAX_TESTS, Change, covering_tests, is_test_file

USES = """\
from shop.app import total

def test_sum():
    assert total([1]) == 1

def test_else(): ...
"""
CLASS = """\
import unittest
from shop import app

class TestTotal(unittest.TestCase):
    def test_it(self):
        def test_inner(): ...
        self.assertEqual(app.total([1]), 1)
    def helper(self): ...
"""
GO = """\
package shop

import "testing"

func TestTotal(t *testing.T) { total() }
func Testing() {}
func helper() {}
"""
RUST = """\
pub fn total() -> i32 { 1 }
#[cfg(test)]
mod tests {
    #[test]
    fn adds() { assert_eq!(super::total(), 1); }
    #[tokio::test]
    #[ignore]
    async fn waits() {}
    fn helper() {}
}
"""
SCRIPT = 'const { total } = require("../src/app");\ntest("it", () => total());\n'


def check(path: str, names: Sequence[str], files: Mapping[str, str], expected: Sequence[str]) -> None:
    """expected: `path::name`, nearest first."""
    found = covering_tests([Change(path, frozenset(names))], files)
    assert [f"{each.path}::{each.name}" if each.name else each.path for each in found] == expected


@pytest.mark.parametrize(
    ("path", "names", "files", "expected"),
    [
        pytest.param(
            "shop/app.py",
            ["total"],
            {"tests/test_app.py": USES},
            ["tests/test_app.py::test_sum", "tests/test_app.py::test_else"],
            id="who uses it comes first",
        ),
        pytest.param(
            "shop/app.py",
            ["total"],
            {"tests/test_app.py": CLASS},
            ["tests/test_app.py::TestTotal::test_it"],
            id="a method, and nothing inside of it",
        ),
        pytest.param(
            "shop/app.py",
            ["total"],
            {"test_b.py": "def test_total(): ...\n"},
            [],
            id="a name alone is a coincidence",
        ),
        pytest.param(
            "shop/app.py",
            [],
            {"test_b.py": "import shop.app\n\ndef test_b(): ...\n"},
            ["test_b.py::test_b"],
            id="something in the module, no function",
        ),
        pytest.param(
            "shop/app.py", ["total"], {"shop/use.py": USES, "conftest.py": USES}, [], id="no files of tests"
        ),
        pytest.param("shop/app.py", ["total"], {"test_b.py": USES + "def ("}, [], id="broken"),
        pytest.param("shop/app.py", ["total"], {"app_test.go": GO}, [], id="another language"),
        pytest.param("app.go", ["total"], {"app_test.go": GO}, ["app_test.go::TestTotal"], id="Go"),
        pytest.param(
            "cart/app.go",
            ["total"],
            {"app_test.go": GO.replace("total()", "")},
            [],
            id="another package of Go",
        ),
        pytest.param(
            "src/lib.rs",
            ["total"],
            {"src/lib.rs": RUST},
            ["src/lib.rs::adds", "src/lib.rs::waits"],
            id="Rust",
        ),
        pytest.param(
            "src/app.ts",
            ["total"],
            {"test/app.test.js": SCRIPT},
            ["test/app.test.js"],
            id="whole files of scripts",
        ),
    ],
)
def test_what_is_found(
    path: str, names: Sequence[str], files: Mapping[str, str], expected: Sequence[str]
) -> None:
    check(path, names, files, expected)


def test_there_is_an_end_to_them() -> None:
    text = "import app\n" + "".join(f"def test_{number}(): ...\n" for number in range(100))
    last = "import app\n\ndef test_last():\n    app.total()\n"
    found = covering_tests([Change("app.py", frozenset({"total"}))], {"test_a.py": text, "test_z.py": last})
    assert len(found) == MAX_TESTS
    assert found[0].name == "test_last"


def test_no_change_no_tests() -> None:
    assert covering_tests([], {"test_a.py": USES}) == []


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("tests/test_a.py", True), ("a_test.py", True), ("tests/conftest.py", False), ("a.py", False),
        ("a_test.go", True), ("a.go", False), ("src/a.rs", True), ("a.test.ts", True), ("a.spec.jsx", True),
        ("__tests__/a.js", True), ("test/a.js", False), ("a-test.mjs", True), ("README.md", False),
    ],
)  # fmt: skip
def test_where_tests_are_looked_for(path: str, *, expected: bool) -> None:
    assert is_test_file(path) is expected
