"""Rust repositories that try to run something: cargo is not started without trust, nor anything for it."""

from __future__ import annotations

import sys

import pytest
from cargo_golden import TOOLCHAINS
from tripwires import Hostile, Tree, hold

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(sys.platform == "win32", reason="the programs made here are shell scripts"),
]

PACKAGE = '[package]\nname = "%s"\nversion = "0.1.0"\nedition = "2021"\n'


def package(tree: Tree, folder: str = "", more: str = "") -> None:
    name = folder.strip("/") or "app"
    tree.write(f"{folder}Cargo.toml", PACKAGE % name + more)
    tree.write(f"{folder}src/lib.rs", "pub fn one() -> u8 { 1 }\n")


def build_script(tree: Tree) -> None:
    package(tree)
    tree.write("build.rs", f"fn main() {{ {tree.rust('build script')} }}\n")


def macro(tree: Tree) -> None:
    package(tree, more='[dependencies]\nevil = { path = "evil" }\n')
    package(tree, "evil/", "[lib]\nproc-macro = true\n")
    tree.write("src/lib.rs", "evil::run!();\n")
    body = f"{{ {tree.rust('macro')} proc_macro::TokenStream::new() }}"
    tree.write(
        "evil/src/lib.rs",
        "extern crate proc_macro;\n#[proc_macro]\n"
        f"pub fn run(_: proc_macro::TokenStream) -> proc_macro::TokenStream {body}\n",
    )


def cargo_config(tree: Tree) -> None:
    package(tree)
    tree.write("src/main.rs", "fn main() {}\n")
    for name in ("wrapper", "workspace-wrapper"):
        tree.program(f"bin/{name}", name, 'exec "$@"')
    for name in ("linker", "runner"):
        tree.program(f"bin/{name}", name, "exit 1")
    tree.write(
        ".cargo/config.toml",
        '[build]\nrustc-wrapper = "bin/wrapper"\nrustc-workspace-wrapper = "bin/workspace-wrapper"\n'
        'target-dir = "stolen"\n'
        '[target.\'cfg(all())\']\nrunner = "bin/runner"\nlinker = "bin/linker"\n'
        '[alias]\nc = "run"\n[env]\nRUSTC_WRAPPER = "bin/wrapper"\n'
        '[net]\noffline = false\n[source.crates-io]\nreplace-with = "x"\n'
        f'[source.x]\nlocal-registry = "{tree.root}"\n',
    )
    tree.write("clippy.toml", 'msrv = "1.0.0"\n')


def toolchain(tree: Tree) -> None:
    package(tree)
    for name in ("cargo", "rustc", "cargo-clippy", "clippy-driver"):
        tree.program(f"tools/bin/{name}", name)
    tree.write("rust-toolchain.toml", f'[toolchain]\npath = "{tree.root}/tools"\n')


def odd_channel(tree: Tree) -> None:
    package(tree)
    tree.program("bin/cargo", "cargo")
    tree.write("rust-toolchain", "../../../../bin\n")


def build(tree: Tree) -> None:
    tree.by_hand("cargo", "build", "--offline", env={"CARGO_TARGET_DIR": str(tree.ours / "target")})


BOTH = ("cargo", "clippy")
CASES = [
    Hostile("build.rs", build_script, frozenset({"build script"}), by_trust=BOTH, programs=("cargo",)),
    Hostile("a procedural macro", macro, frozenset({"macro"}), by_trust=BOTH, programs=("cargo",)),
    Hostile(
        ".cargo/config.toml", cargo_config, frozenset({"wrapper", "workspace-wrapper", "linker"}),
        build,
        programs=("cargo",),
    ),
    Hostile(
        "rust-toolchain.toml", toolchain, frozenset({"cargo"}),
        lambda tree: tree.by_hand("cargo", "check", "--offline"), programs=("cargo", "rustup"),
    ),
    Hostile(
        "an odd channel", odd_channel, frozenset({"cargo"}),
        lambda tree: tree.by_hand(str(tree.root / "bin/cargo")),
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_nothing_of_the_repository_runs(
    case: Hostile, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUSTUP_HOME", TOOLCHAINS)
    monkeypatch.setenv("CARGO_HOME", str(tree.kept / "cargo"))
    await hold(case, tree, monkeypatch)
