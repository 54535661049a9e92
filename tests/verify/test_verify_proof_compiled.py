"""What Go, Rust and C tell of the patched file: proven where it is in what ran, and nowhere else."""

from __future__ import annotations

import os
import subprocess  # noqa: TID251 - fills a cache as a checker does
from collections.abc import Mapping, Sequence
from pathlib import Path

import patched_tests
import pytest

from lsp_debugger.verify.verdict import Result, RungResult

pytestmark = [pytest.mark.thorough, pytest.mark.timeout(400)]

GO = """\
package cart

func Total(prices []int) int {
	sum := 1
	for _, p := range prices {
		sum += p
	}
	return sum
}
"""
GO_FIXED, GO_WRONG = GO.replace(":= 1", ":= 0"), GO.replace(":= 1", ":= 2")
GO_INSIDE = """\
package cart

import "testing"

func TestTotal(t *testing.T) {
	if Total([]int{1, 2}) != 3 {
		t.Fatal("wrong")
	}
}
"""
GO_OUTSIDE = """\
package shop

import (
	"testing"

	"example.com/shop/cart"
)

func TestShop(t *testing.T) {
	if cart.Total([]int{1, 2}) != 3 {
		t.Fatal("wrong")
	}
}
"""
GO_NOTHING = 'package shop\n\nimport "testing"\n\nfunc TestNothing(t *testing.T) {}\n'
GO_NEAR_TEST = GO_NOTHING.replace("shop", "near")
GO_FILES = {
    "go.mod": "module example.com/shop\n\ngo 1.21\n", "shop.go": "package shop\n", "cart/cart.go": GO,
    "cart/cart_test.go": GO_INSIDE, "shop_test.go": GO_OUTSIDE, "near/near.go": "package near\n",
    "near/near_test.go": GO_NEAR_TEST,
    "cart/never.go": "//go:build never\n\npackage cart\n",
}  # fmt: skip


@pytest.fixture(scope="module")
def go_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As `go vet` leaves one: with Go's own packages in it, so that they are compiled once for all tests."""
    go, folder = patched_tests.program("go"), tmp_path_factory.mktemp("go")
    (folder / "go.mod").write_text("module a\n\ngo 1.21\n")
    (folder / "a_test.go").write_text(GO_NOTHING)
    cache = folder / "build"
    subprocess.run(
        [go, "test", "./..."],
        cwd=folder,
        check=True,
        env={"GOCACHE": str(cache), "PATH": os.defpath, "HOME": str(folder)},
    )
    return cache


async def check_go(tmp_path: Path, path: str, new: str, words: Sequence[str], go_cache: Path) -> RungResult:
    root = patched_tests.workspace(tmp_path, GO_FILES)
    return await patched_tests.run_tests(
        root, {path: new}, (patched_tests.program("go"), *words), {"GOCACHE": go_cache}
    )


@pytest.mark.parametrize(
    ("path", "new", "words", "expected"),
    [
        pytest.param("cart/cart.go", GO_FIXED, ("test", "./cart"), "the tests pass", id="its own tests"),
        pytest.param("cart/cart.go", GO_FIXED, ("test", "-v", "./..."), "3 tests pass", id="all of them"),
        pytest.param(
            "cart/cart.go", GO_FIXED, ("test", "."), "the tests pass", id="tests of another package"
        ),
        pytest.param("cart/cart.go", GO_WRONG, ("test", "./..."), "", id="a wrong one"),
        pytest.param(
            "near/near.go", "package near // changed\n", ("test", "./cart"), "", id="a tree without the fix"
        ),
        pytest.param(
            "near/near_test.go",
            GO_NEAR_TEST.replace("{}", "{ _ = t }"),
            ("test", "./near"),
            "the tests pass",
            id="a fix of a test",
        ),
    ],
)
async def test_what_a_program_of_go_is_linked_from_is_proven(
    tmp_path: Path, path: str, new: str, words: Sequence[str], expected: str, go_cache: Path
) -> None:
    said = await check_go(tmp_path, path, new, words, go_cache)
    assert said.result is (Result.PASSED if expected else Result.FAILED), said
    assert not expected or said.said == expected


@pytest.mark.parametrize(
    ("path", "new", "words"),
    [
        pytest.param("cart/cart.go", GO_FIXED, ("test", "./near"), id="tests that do not come near it"),
        pytest.param("cart/cart.go", GO_FIXED, ("test", "-run", "none", "./cart"), id="no test of that name"),
        pytest.param(
            "cart/cart.go", GO_FIXED, ("test", "-c", "-o", "/tmp/cart.test", "./cart"), id="compiled, not run"
        ),
        pytest.param("cart/cart.go", GO_FIXED, ("vet", "./cart"), id="only looked at"),
        pytest.param("cart/cart.go", GO_FIXED, ("version",), id="something else"),
        pytest.param(
            "cart/never.go",
            "//go:build never\n\npackage cart // changed\n",
            ("test", "./near"),
            id="not built",
        ),
    ],
)
async def test_and_nothing_else_of_go_is(
    tmp_path: Path, path: str, new: str, words: Sequence[str], go_cache: Path
) -> None:
    said = await check_go(tmp_path, path, new, words, go_cache)
    assert said.result is Result.NOT_CHECKED, said


RUST = "pub mod cart;\npub fn total(prices: &[i32]) -> i32 { prices.iter().sum::<i32>() + 1 }\n"
RUST_FIXED, RUST_WRONG = RUST.replace(" + 1", ""), RUST.replace(" + 1", " + 2")
RUST_TEST = "#[test]\nfn adds() { assert_eq!(shop::total(&[1, 2]), 3); }\n"
CART = """\
pub fn empty() -> bool { true }
#[cfg(test)]
mod tests { #[test] fn is_empty() { assert!(super::empty()); } }
"""
CARGO_TOML = '[package]\nname = "{name}"\nversion = "0.1.0"\nedition = "2021"\n'
RUST_FILES = {
    "Cargo.toml": '[workspace]\nmembers = ["shop", "near", "front"]\nresolver = "2"\n',
    "shop/Cargo.toml": CARGO_TOML.format(name="shop"), "shop/src/lib.rs": RUST, "shop/src/cart.rs": CART,
    "shop/src/nowhere.rs": "fn lost() {}\n", "shop/tests/it.rs": RUST_TEST,
    "near/Cargo.toml": CARGO_TOML.format(name="near"), "near/src/lib.rs": "#[test]\nfn nothing() {}\n",
    "front/Cargo.toml": CARGO_TOML.format(name="front") + '[dependencies]\nshop = { path = "../shop" }\n',
    "front/src/lib.rs": "pub fn shown() -> i32 { shop::total(&[1, 2]) }\n",
    "front/tests/it.rs": "#[test]\nfn shows() { assert_eq!(front::shown(), 3); }\n",
}  # fmt: skip


async def check_rust(
    tmp_path: Path, patch: Mapping[str, str], words: Sequence[str], monkeypatch: pytest.MonkeyPatch
) -> RungResult:
    for name, value in patched_tests.RUST_HOMES.items():
        monkeypatch.setenv(name, value)
    root = patched_tests.workspace(tmp_path, RUST_FILES)
    return await patched_tests.run_tests(root, patch, (patched_tests.program("cargo"), *words))


@pytest.mark.parametrize(
    ("patch", "words", "expected"),
    [
        pytest.param(
            {"shop/src/lib.rs": RUST_FIXED},
            ("test", "--test", "it", "-p", "shop"),
            "1 test passes",
            id="a test of the crate",
        ),
        pytest.param(
            {"shop/src/lib.rs": RUST_FIXED},
            ("test", "-p", "front"),
            "1 test passes",
            id="through another crate",
        ),
        pytest.param(
            {"shop/src/cart.rs": CART.replace("true", "!false")},
            ("test", "-p", "shop", "--lib"),
            "1 test passes",
            id="a module",
        ),
        pytest.param({"shop/src/lib.rs": RUST_WRONG}, ("test", "-p", "shop"), "", id="a wrong one"),
        pytest.param({"near/src/lib.rs": "// changed\n"}, ("test",), "", id="a tree without the fix"),
    ],
)
async def test_what_a_program_of_cargo_is_made_from_is_proven(
    tmp_path: Path,
    patch: Mapping[str, str],
    words: Sequence[str],
    expected: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = await check_rust(tmp_path, patch, words, monkeypatch)
    assert said.result is (Result.PASSED if expected else Result.FAILED), said
    assert not expected or said.said == expected


@pytest.mark.parametrize(
    ("patch", "words"),
    [
        pytest.param({"shop/src/lib.rs": RUST_FIXED}, ("test", "-p", "near"), id="tests of another crate"),
        pytest.param(
            {"shop/src/lib.rs": RUST_FIXED}, ("test", "-p", "shop", "none_of_them"), id="no test of that name"
        ),
        pytest.param({"shop/src/lib.rs": RUST_FIXED}, ("build",), id="compiled, not run"),
        pytest.param(
            {"shop/src/nowhere.rs": "fn found() {}\n"}, ("test", "-p", "near"), id="a file of no crate"
        ),
        pytest.param({"shop/src/lib.rs": RUST_FIXED}, ("--version",), id="something else"),
    ],
)
async def test_and_nothing_else_of_rust_is(
    tmp_path: Path, patch: Mapping[str, str], words: Sequence[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    said = await check_rust(tmp_path, patch, words, monkeypatch)
    assert said.result is Result.NOT_CHECKED, said


C = "int total(int a, int b) { return a + b + 1; }\n"
C_FILES = {
    "total.c": C,
    "test.c": "int total(int, int);\nint main(void) { return total(1, 2) == 3 ? 0 : 1; }\n",
    "Makefile": (
        "test: tests\n\t./tests\n"
        "tests: total.o test.o\n\tcc -o tests total.o test.o\n"
        "%.o: %.c\n\tcc -c -o $@ $<\n"
    ),
}  # fmt: skip


async def test_programs_of_c_refute_and_cannot_prove(tmp_path: Path) -> None:
    root, make = patched_tests.workspace(tmp_path, C_FILES), patched_tests.program("make")
    patched_tests.program("cc")
    fixed = await patched_tests.run_tests(root, {"total.c": C.replace(" + 1", "")}, (make, "-s", "test"))
    assert (fixed.result, fixed.said) == (
        Result.NOT_CHECKED,
        "the tests pass, but were not seen to run the patched file",
    )
    wrong = await patched_tests.run_tests(root, {"total.c": C.replace(" + 1", " + 2")}, (make, "-s", "test"))
    assert wrong.result is Result.FAILED
