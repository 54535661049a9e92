"""cargo check and clippy as checkers: what is started, what is read, and that the tree stays as it is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cargo_golden import TOOLCHAINS

from lsp_debugger.checkers import Checked, Job, cargo
from lsp_debugger.checkers.plan import plan
from lsp_debugger.checkers.run import Runner
from lsp_debugger.checkers.rust_mirror import mirrored, original
from lsp_debugger.checkers.rust_project import cargo_root, has_clippy
from lsp_debugger.context.workspace import Workspace
from lsp_debugger.core.ask import Problem, Severity
from lsp_debugger.core.errors import ToolFailed
from lsp_debugger.spawn import Completed
from lsp_debugger.syntax.symbols import SymbolMap
from lsp_debugger.tools import Tool

PACKAGE = '[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n'
LOCK = 'version = 4\n\n[[package]]\nname = "app"\nversion = "0.1.0"\n'
MOVED = 'pub fn run() -> String {\n    let ä = "😀é".to_string(); let b = ä; drop(b); ä\n}\n'


@pytest.fixture(autouse=True)
def toolchains(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUSTUP_HOME", TOOLCHAINS)


def written(root: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(text.encode())
    return root


def listing(root: Path) -> dict[str, bytes]:
    return {str(each): each.read_bytes() for each in sorted(root.rglob("*")) if each.is_file()}


def runner(root: Path, *, trusted: bool = True) -> Runner:
    def cache(name: str) -> Path:
        place = Path.home() / "cache" / root.name / name
        place.mkdir(parents=True, exist_ok=True)
        return place

    read = Workspace([root], SymbolMap()).on_disk
    return Runner(root, trusted, cache, read, (cargo.CARGO, cargo.CLIPPY))


async def checked(root: Path, target: Path | None = None, only: str = "cargo") -> Checked:
    before = listing(root)
    done = await runner(root).check(target or root, {only})
    assert listing(root) == before
    assert len(done) == 1
    return done[0]


def job(root: Path, program: str = "cargo", *, whole: bool = True) -> Job:
    read = Workspace([root], SymbolMap()).on_disk
    files = tuple(sorted(root.rglob("*.rs")))
    cache = root.parent / "cache"
    return Job(Tool(program, Path("/usr/bin") / program), root, files, whole, root, True, cache, read)


def read(root: Path, stdout: str, returncode: int = 101, stderr: str = "") -> list[Problem]:
    done = Completed(returncode, stdout.encode(), stderr.encode())
    return list(cargo.CARGO.read(job(root), [done]))


def span(file: str, line: int, start: int, end: int, **rest: Any) -> dict[str, Any]:
    found = {
        "file_name": file,
        "line_start": line,
        "line_end": line,
        "column_start": start,
        "column_end": end,
    }
    return {**found, "is_primary": True, "label": None, "expansion": None, **rest}


def said(*spans: dict[str, Any], message: str = "odd", code: str | None = "E0001", **rest: Any) -> str:
    found = {
        "message": message,
        "code": code and {"code": code},
        "level": "error",
        "spans": spans,
        "children": [],
    }
    line = {"reason": "compiler-message", "message": {**found, **rest}, "target": {"name": "app"}}
    return json.dumps(line) + "\n"


ENDED = '{"reason":"build-finished","success":false}\n'


@pytest.mark.parametrize("lock", [True, False])
@pytest.mark.parametrize("only", ["cargo", "clippy"])
async def test_real_project(tmp_path: Path, only: str, lock: bool):
    files = {"Cargo.toml": PACKAGE, "src/lib.rs": MOVED, **({"Cargo.lock": LOCK} if lock else {})}
    root = written(tmp_path / "app", files)
    done = await checked(root, only=only)
    assert not done.reason
    found = [problem for problem in done.problems if problem.code == "E0382"]
    assert len(found) == 1, "both targets tell it, once is enough"
    problem = found[0]
    assert problem.path == str(root / "src/lib.rs")
    assert problem.span is not None
    assert problem.span.of(MOVED) == "ä"
    assert problem.span.start == MOVED.rindex("ä")
    assert all(place.path == problem.path for place in problem.related)
    again = await checked(root, root / "src/lib.rs", only)
    assert found[0] in again.problems


async def test_crlf(tmp_path: Path):
    text = MOVED.replace("\n", "\r\n")
    root = written(tmp_path / "app", {"Cargo.toml": PACKAGE, "Cargo.lock": LOCK, "src/lib.rs": text})
    problem = next(each for each in (await checked(root)).problems if each.code == "E0382")
    assert problem.span is not None
    assert problem.span.start == text.rindex("ä")


async def test_member_of_a_workspace(tmp_path: Path):
    root = written(
        tmp_path / "shop",
        {
            "Cargo.toml": '[workspace]\nmembers = ["crates/*"]\nresolver = "2"\n',
            "crates/cart/Cargo.toml": PACKAGE.replace("app", "cart")
            + '[dependencies]\nitem = {path = "../item"}\n',
            "crates/cart/src/lib.rs": "pub fn run() -> u32 {\n    item::price() + missing\n}\n",
            "crates/item/Cargo.toml": PACKAGE.replace("app", "item"),
            "crates/item/src/lib.rs": "pub fn price() -> u32 {\n    let unused = 1;\n    2\n}\n",
        },
    )
    shares = plan(root, root, (cargo.CARGO,), {"cargo"})
    assert [share.root for share in shares] == [root]
    whole = await checked(root)
    places = {(Path(str(each.path)).relative_to(root).as_posix(), each.code) for each in whole.problems}
    assert places == {("crates/cart/src/lib.rs", "E0425"), ("crates/item/src/lib.rs", "unused_variables")}
    one = await checked(root, root / "crates/cart/src/lib.rs")
    assert [each.code for each in one.problems] == ["E0425"]
    # The workspace stays what it is where only a member was opened.
    member = root / "crates/cart"
    alone = await checked(member)
    assert [each.path for each in alone.problems] == [str(member / "src/lib.rs")]


async def test_warnings_of_what_is_not_the_users(tmp_path: Path):
    root = written(
        tmp_path / "work" / "app",
        {
            "Cargo.toml": PACKAGE + '[dependencies]\nouter = {path = "../outer"}\n',
            "src/lib.rs": "pub fn run() -> u32 {\n    outer::price()\n}\n",
            "../outer/Cargo.toml": PACKAGE.replace("app", "outer"),
            "../outer/src/lib.rs": "pub fn price() -> u32 {\n    let unused = 1;\n    2\n}\n",
        },
    )
    done = await checked(root)
    assert not done.reason
    assert done.problems == ()
    written(root, {"../outer/src/lib.rs": "pub fn price() -> u32 {\n    missing\n}\n"})
    done = await checked(root)
    assert done.broken
    assert "`outer` does not compile: cannot find value `missing`" in done.reason


async def test_build_script_writes_into_our_folder(tmp_path: Path):
    place = 'format!("{}/x.rs", std::env::var("OUT_DIR").unwrap())'
    script = f'fn main() {{\n    std::fs::write({place}, "pub const N: u32 = 1;").unwrap();\n}}\n'
    included = 'include!(concat!(env!("OUT_DIR"), "/x.rs"));\n'
    root = written(
        tmp_path / "app",
        {
            "Cargo.toml": PACKAGE,
            ".cargo/config.toml": '[build]\ntarget-dir = "here"\nbuild-dir = "there"\n',
            "build.rs": script,
            "src/lib.rs": f"{included}pub fn run() -> u32 {{\n    N + missing\n}}\n",
        },
    )
    done = await checked(root)
    assert [each.code for each in done.problems] == ["E0425"]


async def test_without_trust(tmp_path: Path):
    root = written(tmp_path / "app", {"Cargo.toml": PACKAGE, "src/lib.rs": MOVED})
    for done in await runner(root, trusted=False).check(root, {"cargo", "clippy"}):
        assert done.reason.startswith("not run: ")
        assert "build scripts" in done.reason
    assert not (Path.home() / "cache").exists()


@pytest.mark.parametrize(
    ("files", "reason", "hint"),
    [
        ({"Cargo.toml": "[package"}, "unclosed table, expected `]` (Cargo.toml:1:9)", "terminal"),
        ({"Cargo.toml": PACKAGE + '[dependencies]\nserde = "1"\n'}, "serde", "cargo fetch"),
        ({"Cargo.toml": PACKAGE.replace("0.1.0", "0.2.0"), "Cargo.lock": LOCK}, "lock", "Cargo.lock"),
        ({"Cargo.toml": PACKAGE, "rust-toolchain.toml": '[toolchain]\nchannel = "1.2.3"\n'}, "1.2.3", ""),
        ({"Cargo.toml": PACKAGE, "build.rs": "fn main() { panic!() }\n"}, "build", "terminal"),
    ],
)
async def test_failure_is_one_line(tmp_path: Path, files: dict[str, str], reason: str, hint: str):
    root = written(tmp_path / "app", {"src/lib.rs": "pub fn run() {}\n", **files})
    done = await checked(root)
    assert done.broken
    assert reason in done.reason
    assert "\n" not in done.reason
    assert hint in done.hint


def test_one_of_the_two_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    root = written(tmp_path / "app", {"Cargo.toml": PACKAGE, "src/lib.rs": MOVED})
    assert [share.checker.name for share in plan(root, root, (cargo.CARGO, cargo.CLIPPY))] == ["clippy"]
    assert has_clippy(root)
    (root / "rust-toolchain").write_text("9.9.9\n")
    assert not has_clippy(root)
    assert [share.checker.name for share in plan(root, root, (cargo.CARGO, cargo.CLIPPY))] == ["cargo"]
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not has_clippy(root)


def test_command(tmp_path: Path):
    root = written(tmp_path / "app", {"Cargo.toml": PACKAGE, "Cargo.lock": LOCK, "src/lib.rs": ""})
    (argv,) = cargo.CLIPPY.commands(job(root, "cargo-clippy"))
    assert argv[1] == "clippy"
    assert {"--offline", "--locked", "--keep-going", "--workspace"} <= set(argv)
    (argv,) = cargo.CARGO.commands(job(root, whole=False))
    assert argv[1] == "check"
    assert "--workspace" not in argv
    assert argv[-1] == str(root / "Cargo.toml")
    environment = cargo.CARGO.environment(job(root))
    assert environment["RUSTUP_HOME"] == TOOLCHAINS
    assert environment["CARGO_TARGET_DIR"].startswith(str(tmp_path / "cache"))
    assert environment["RUSTC_WRAPPER"] == ""


def test_root_of_a_package(tmp_path: Path):
    root = written(
        tmp_path,
        {
            "Cargo.toml": '[workspace]\nexclude = ["apart"]\n',
            "apart/Cargo.toml": PACKAGE,
            "inside/Cargo.toml": PACKAGE,
            "named/Cargo.toml": PACKAGE + 'workspace = "../apart"\n',
            "broken/Cargo.toml": "[[[",
        },
    )
    assert cargo_root(root / "inside") == root
    assert cargo_root(root / "apart") == root / "apart"
    assert cargo_root(root / "named") == root / "apart"
    assert cargo_root(root / "broken") == root


def test_mirror(tmp_path: Path):
    outside = '[dependencies]\nother = { path = "../other" }\ninner = { path = "inner" }\n'
    root = written(
        tmp_path / "app", {"Cargo.toml": PACKAGE + outside, "src/lib.rs": "a", "inner/Cargo.toml": PACKAGE}
    )
    place = mirrored(root, tmp_path / "mirror")
    assert (place / "src").is_symlink()
    assert (place / "inner").is_dir()
    assert not (place / "inner").is_symlink()
    text = (place / "Cargo.toml").read_text()
    assert f'path = "{tmp_path / "other"}"' in text
    assert 'path = "inner"' in text
    (place / "Cargo.lock").write_text("kept")
    changed_ns = (place / "Cargo.toml").stat().st_mtime_ns
    (root / "src").rename(root / "source")
    mirrored(root, place)
    assert sorted(each.name for each in place.iterdir()) == ["Cargo.lock", "Cargo.toml", "inner", "source"]
    assert (place / "Cargo.toml").stat().st_mtime_ns == changed_ns
    assert original(str(place / "source/lib.rs"), root, place) == str(root / "source/lib.rs")
    assert original("/elsewhere", root, place) == "/elsewhere"


@pytest.mark.parametrize(
    "stdout",
    [
        "",
        "no json",
        "{",
        '{"reason":',
        "[]",
        '{"reason": "compiler-artifact"}',
        said(span("src/lib.rs", 1, 1, 2)),
    ],
)
def test_unfinished_output_is_a_failure(tmp_path: Path, stdout: str):
    root = written(tmp_path / "app", {"Cargo.toml": PACKAGE, "src/lib.rs": "fn"})
    with pytest.raises(ToolFailed):
        read(root, stdout)


@pytest.mark.parametrize(
    "line",
    [
        '{"reason": "compiler-message"}',
        '{"reason": "compiler-message", "message": 3}',
        '{"reason": "compiler-message", "message": {"spans": [{}]}}',
        '{"reason": "compiler-message", "message": {"spans": [], "level": "error"}}',
    ],
)
def test_odd_messages_are_no_crash(tmp_path: Path, line: str):
    root = written(tmp_path / "app", {"Cargo.toml": PACKAGE})
    with pytest.raises(ToolFailed):
        read(root, line + "\n" + ENDED)


def test_places_past_the_end(tmp_path: Path):
    root = written(tmp_path / "app", {"Cargo.toml": PACKAGE, "src/lib.rs": "fn a() {}\n"})
    one, other = read(root, said(span("src/lib.rs", 900, 1, 2)) + said(span("src/lib.rs", 1, 70, 80)) + ENDED)
    assert (one.line, one.span) == (900, None)
    assert other.span is not None
    assert other.span.end <= 10


def test_files_that_are_not_there_have_no_problems(tmp_path: Path):
    root = written(tmp_path / "app", {"Cargo.toml": PACKAGE, "src/lib.rs": "fn a() {}\n"})
    gone = said(span("src/gone.rs", 1, 1, 2))
    here = said(span(str(root / "src/lib.rs"), 1, 1, 3))
    assert [each.path for each in read(root, gone + here + ENDED)] == [str(root / "src/lib.rs")]


def test_macros_lead_to_the_users_code(tmp_path: Path):
    root = written(tmp_path / "app", {"Cargo.toml": PACKAGE, "src/lib.rs": "one!();\ntwo!();\n"})
    use = span("src/lib.rs", 2, 1, 7)
    inner = span(
        "/rustc/x/library/std/src/macros.rs", 9, 1, 2, expansion={"span": use, "macro_decl_name": "two!"}
    )
    (problem,) = read(root, said(inner) + ENDED)
    assert problem.line == 2
    own = span("src/lib.rs", 1, 1, 3, expansion={"span": use, "macro_decl_name": "two!"})
    (problem,) = read(root, said(own) + ENDED)
    assert problem.line == 1
    assert [(place.line, place.note) for place in problem.related] == [(2, "in this use of `two!`")]


def test_only_what_a_machine_may_apply(tmp_path: Path):
    root = written(tmp_path / "app", {"Cargo.toml": PACKAGE, "src/lib.rs": "let a;\n"})

    def fix(how: str, words: str) -> Problem:
        offered = span("src/lib.rs", 1, 5, 5, suggested_replacement="mut ", suggestion_applicability=how)
        child = {"message": words, "level": "help", "spans": [offered], "children": []}
        (problem,) = read(root, said(span("src/lib.rs", 1, 5, 6), children=[child]) + ENDED)
        return problem

    found = fix("MachineApplicable", "add it").fix
    assert found is not None
    assert found.title == "Add it: `mut`"
    assert (found.replacements[0].span.start, found.replacements[0].span.end) == (4, 4)
    assert fix("MaybeIncorrect", "add it").fix is None
    assert fix("MachineApplicable", "if this is intentional, prefix it").fix is None


def test_sources_severities_and_tags(tmp_path: Path):
    root = written(tmp_path / "app", {"Cargo.toml": PACKAGE, "src/lib.rs": "fn a() {}\n"})
    place = span("src/lib.rs", 1, 1, 3)
    lines = said(place, code="clippy::style", level="warning") + said(
        place, code="dead_code", level="warning"
    )
    one, other = read(root, lines + ENDED.replace("false", "true"), returncode=0)
    assert (one.source, one.code, one.severity) == ("clippy", "clippy::style", Severity.WARNING)
    assert (other.source, other.tags) == ("rustc", ("unnecessary",))


def test_untrusted_and_needless_programs_are_named():
    for checker in (cargo.CARGO, cargo.CLIPPY):
        assert checker.needs_trust
        assert checker.needs_marker
        assert replace(checker).install
