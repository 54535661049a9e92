"""Which files are somebody's own, and which checker gets which of them, in which project."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from lsp_debugger import spawn
from lsp_debugger.checkers.checker import Checker
from lsp_debugger.checkers.files import own_files
from lsp_debugger.checkers.plan import Share, named, plan, root_of

PLAIN = Checker(
    name="plain",
    programs=("plain",),
    suffixes=frozenset({".py"}),
    commands=lambda _: (),
    read=lambda _, __: (),
    markers=("plain.toml",),
)
ODD_NAMES = [
    "a b.py",
    "it's.py",
    'say "hi".py',
    "line\nfeed.py",
    "größe 👍.py",
    "-rf.py",
    "$x`ls`.py",
    "tab\t.py",
]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = (tmp_path / "wörk space").resolve()
    root.mkdir()
    return root


def write(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("")


def git(root: Path, *args: str) -> None:
    program = shutil.which("git")
    assert program is not None
    done = spawn.run_blocking([program, *args], cwd=root, timeout_s=20)
    assert done.returncode == 0, done.stderr


def names(root: Path, *, folder: str = "") -> list[str]:
    return [path.relative_to(root).as_posix() for path in own_files(root / folder)]


@pytest.mark.parametrize("with_git", [False, True])
def test_names_of_any_kind_come_whole_and_sorted(root: Path, with_git: bool):
    write(root, *ODD_NAMES)
    undecodable = os.fsdecode(b"\xff\xfe.py")
    (root / undecodable).touch()
    if with_git:
        git(root, "init", "--quiet")
    assert sorted(names(root)) == sorted([*ODD_NAMES, undecodable])
    assert own_files(root) == sorted(own_files(root))


def test_what_git_ignores_is_not_ones_own(root: Path):
    write(root, "kept.py", "new.py", "made.py", "deep/out/x.py", "deep/own.py", "forced.py")
    (root / ".gitignore").write_text("made.py\nout/\nforced.py\n")
    git(root, "init", "--quiet")
    git(root, "add", "kept.py")
    git(root, "add", "--force", "forced.py")
    (root / "gone.py").touch()
    git(root, "add", "gone.py")
    (root / "gone.py").unlink()
    assert names(root) == [".gitignore", "deep/own.py", "forced.py", "kept.py", "new.py"]
    assert names(root, folder="deep") == ["deep/own.py"]


@pytest.mark.parametrize("folder", ["node_modules", "vendor", "third_party", "site-packages"])
def test_vendored_folders_are_left_out_even_when_tracked(root: Path, folder: str):
    write(root, "own.py", f"{folder}/a.py", f"lib/{folder}/b/c.py", f"{folder}.py")
    expected = sorted(["own.py", f"{folder}.py"])
    assert names(root) == expected
    git(root, "init", "--quiet")
    git(root, "add", ".")
    assert names(root) == expected


def test_a_walk_leaves_out_what_tools_make(root: Path):
    write(
        root,
        "own.py",
        ".venv/x.py",
        "venv/x.py",
        "build/x.py",
        "a/__pycache__/x.py",
        "target/x.py",
        "a/own.py",
    )
    assert names(root) == ["a/own.py", "own.py"]


@pytest.mark.parametrize("with_git", [False, True])
def test_links_are_left_out(root: Path, with_git: bool):
    outside = root.parent / "outside"
    write(outside, "secret.py")
    write(root, "own.py", "real/x.py")
    (root / "file.py").symlink_to(outside / "secret.py")
    (root / "inner.py").symlink_to(root / "own.py")
    (root / "folder").symlink_to(outside)
    (root / "circle").symlink_to(root)
    (root / "broken.py").symlink_to(root / "nothing")
    if with_git:
        git(root, "init", "--quiet")
        git(root, "add", ".")
    assert names(root) == ["own.py", "real/x.py"]


def shares(target: Path, root: Path, *checkers: Checker, only: set[str] | None = None) -> list[Share]:
    return plan(target, root, checkers or (PLAIN,), only)


def shown(found: list[Share], root: Path) -> list[tuple[str, str, list[str], bool]]:
    return [
        (
            share.checker.name,
            share.root.relative_to(root).as_posix(),
            [path.relative_to(share.root).as_posix() for path in share.files],
            share.whole,
        )
        for share in found
    ]


def test_nested_projects_have_shares_of_their_own(root: Path):
    write(root, "a.py", "one/plain.toml", "one/b.py", "one/deep/c.py", "one/two/plain.toml", "one/two/d.py")
    assert shown(shares(root, root), root) == [
        ("plain", ".", ["a.py"], True),
        ("plain", "one", ["b.py", "deep/c.py"], True),
        ("plain", "one/two", ["d.py"], True),
    ]


def test_a_part_of_a_project_is_not_the_whole(root: Path):
    write(root, "plain.toml", "a.py", "sub/b.py", "sub/own/plain.toml", "sub/own/c.py")
    assert shown(shares(root / "sub", root), root) == [
        ("plain", ".", ["sub/b.py"], False),
        ("plain", "sub/own", ["c.py"], True),
    ]


def test_a_single_file(root: Path):
    write(root, "sub/plain.toml", "sub/a.py", "sub/b.py", "sub/c.txt")
    assert shown(shares(root / "sub/a.py", root), root) == [("plain", "sub", ["a.py"], False)]
    assert shares(root / "sub/c.txt", root) == []


def test_a_single_file_is_taken_where_a_folder_would_be_passed_over(root: Path):
    write(root, "node_modules/lib/a.py")
    assert shares(root, root) == []
    found = shown(shares(root / "node_modules/lib/a.py", root), root)
    assert found == [("plain", ".", ["node_modules/lib/a.py"], False)]


def test_nothing_above_the_workspace_is_its_project(root: Path):
    write(root.parent, "plain.toml")
    write(root, "a.py")
    assert root_of(root / "a.py", PLAIN, root) == root
    assert root_of(root / "a.py", replace(PLAIN, needs_marker=True), root) is None
    assert shares(root, root, replace(PLAIN, needs_marker=True)) == []


def test_a_folder_called_like_a_marker_is_none(root: Path):
    write(root, "sub/a.py")
    (root / "sub" / "plain.toml").mkdir()
    assert root_of(root / "sub/a.py", PLAIN, root) == root


def test_only_asks_for_checkers_by_name_wanted_or_not(root: Path):
    write(root, "a.py")
    unwanted = replace(PLAIN, name="unwanted", is_wanted=lambda _: False)
    both = (PLAIN, unwanted)
    assert [share.checker.name for share in shares(root, root, *both)] == ["plain"]
    assert [share.checker.name for share in shares(root, root, *both, only={"unwanted"})] == ["unwanted"]
    assert shares(root, root, *both, only={"nobody"}) == []
    assert shares(root, root, *both, only=set()) == []


def test_suffixes_in_capitals_and_files_that_are_taken_without_one(root: Path):
    write(root, "A.PY", "script", "b.txt")
    taking = replace(PLAIN, takes=lambda path: path.name == "script")
    assert shown(shares(root, root, taking), root) == [("plain", ".", ["A.PY", "script"], True)]


def test_what_is_not_there_or_leads_out_has_no_share(root: Path):
    write(root.parent, "outside/a.py")
    (root / "way_out").symlink_to(root.parent / "outside")
    assert shares(root / "gone.py", root) == []
    assert shares(root / "way_out" / "a.py", root) == []
    assert shares(root / "way_out", root) == []


def test_checkers_by_name():
    other = replace(PLAIN, name="other")
    assert named((PLAIN, other)) == {"plain": PLAIN, "other": other}
