"""Which files the index takes. The real git is the judge of `.gitignore`."""

from __future__ import annotations

import os
import shutil
import subprocess  # noqa: TID251 - git is asked what it would ignore
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_debugger.core.errors import IndexUnavailable
from lsp_debugger.index.ignore import IgnoreRules, is_ignored
from lsp_debugger.index.kinds import reason_by_content
from lsp_debugger.index.walk import Found, Skipped, Walker


def make(root: Path, files: dict[str, str | bytes]) -> None:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def walker(root: Path, never_index: Callable[[str], bool] = lambda _: False, **rest: object) -> Walker:
    return Walker(root, never_index, **rest)  # type: ignore[arg-type]


def found(root: Path, **rest: object) -> list[str]:
    return [file.path for file in walker(root, **rest).walk()]  # type: ignore[arg-type]


PATHS = [
    *(
        "a.py",
        "b.log",
        "c/a.py",
        "c/d/b.log",
        "c/d/e/a.py",
        "build/x.py",
        "c/build/x.py",
        "foo",
        "c/foo",
        "c/foobar",
    ),
    *(
        "[x].py",
        "x.py",
        "c/#hash",
        "#hash",
        "!bang",
        "sp ace.py",
        "trail ",
        "a\\b.py",
        "ü/漢字表.py",
        "d/.hidden",
        ".hidden",
    ),
    *("abcabc.txt", "doc/frotz/a", "doc/frotz2", "a/doc/frotz/b", "x/y/z/deep.py", "dash-.py", "star*.py"),
]
PATTERNS = (
    r"""
*.log|/a.py|a.py|build/|/build/|build|c/|c/*|c/**|**/foo|foo|foo*|c/foo|/c/d/|**/d/**|c/**/a.py|**|*
*.py\n!a.py|*.py\n!c/a.py|c/\n!c/a.py|[abc].py|[!a].py|[^a].py|[a-c].py|[x].py|\[x\].py|?.py|??.py|\#hash
#hash|\!bang|!bang|sp ace.py|sp\ ace.py|trail|trail\ |trail \ |ü/
漢字表.py|*.p[y]|*.p[!x]|.hidden|.*|d/.hidden
*b*b*.txt|*a*c*|doc/frotz|doc/frotz/|/doc|x/**/deep.py|x/**/z/*|**/z/deep.py|x/*/deep.py|dash[-].py|[]-].py
*[*]*|[z-a].py|[|[]|a[|//a.py|/|c//foo|c/foo/|!c/foo\nfoo|foo\n!foo\nfoo|*.log   |c/d/e/\n!c/d/e/a.py
a\\b.py|*/foo|*/*/|**/|/**|/*/a.py|[[:digit:]a].py|[[:alpha:]].py|star\*.py|abc*c.txt|a.py/|a.py//|**/|!|\
""".strip()
    .replace("\n", "|")
    .split("|")
)


@pytest.fixture(scope="module")
def judged_by_git(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], set[str]]:
    git = shutil.which("git")
    if git is None:
        pytest.skip("git is not installed")
    root = tmp_path_factory.mktemp("repo")
    make(root, dict.fromkeys(PATHS, ""))
    environment = {"PATH": os.environ["PATH"], "HOME": str(root), "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run([git, "init", "-q"], cwd=root, check=True, env=environment)

    def judge(patterns: str) -> set[str]:
        (root / ".gitignore").write_bytes(patterns.encode())
        done = subprocess.run(
            [git, "check-ignore", "--no-index", "-z", "--stdin"],
            input="\0".join(PATHS).encode(),
            cwd=root,
            env=environment,
            capture_output=True,
            check=False,
        )
        assert done.returncode in (0, 1), done.stderr
        return {path.decode() for path in done.stdout.split(b"\0") if path}

    return judge


def ignored(patterns: str) -> set[str]:
    layers = [("", IgnoreRules(patterns.split("\n")))]

    def judge(path: str) -> bool:
        folders = [path[:end] for end in range(len(path)) if path[end] == "/"]
        return any(is_ignored(folder, layers, is_folder=True) for folder in folders) or is_ignored(
            path, layers, is_folder=False
        )

    return {path for path in PATHS if judge(path)}


@pytest.mark.parametrize("pattern", PATTERNS)
def test_git_agrees(pattern: str, judged_by_git: Callable[[str], set[str]]):
    patterns = pattern.replace("\\n", "\n")
    assert ignored(patterns) == judged_by_git(patterns)


@given(st.text(alphabet="a*?[]!/\\-b.#^:", max_size=60), st.text(alphabet="ab/.-", min_size=1, max_size=60))
def test_any_pattern_gives_a_verdict(pattern: str, path: str):
    assert IgnoreRules([pattern]).verdict(path, is_folder=False) in (True, False, None)


@pytest.mark.parametrize("pattern", ["*a" * 200, "**/a/" * 90, "?*" * 200, "[a]*" * 100, "a**" * 150])
def test_hostile_patterns_do_not_stall(pattern: str):
    rules = IgnoreRules([pattern])
    for path in ("a" * 250, "/".join(["a"] * 120), "a" * 249 + "b"):
        assert rules.verdict(path, is_folder=False) in (True, False, None)


def test_nested_rules_and_ignore_files(tmp_path: Path):
    make(
        tmp_path,
        {
            ".gitignore": "*.txt\nout/\n",
            "a.txt": "",
            "out/a.py": "",
            "sub/.gitignore": "!keep.txt\n/only.py\n",
            "sub/keep.txt": "",
            "sub/only.py": "",
            "sub/deep/only.py": "",
            "sub/.ignore": "skipped.py\n",
            "sub/skipped.py": "",
        },
    )
    assert found(tmp_path) == [
        ".gitignore",
        "sub/.gitignore",
        "sub/.ignore",
        "sub/keep.txt",
        "sub/deep/only.py",
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="a pipe as a file is POSIX's")
def test_a_pipe_in_place_of_an_ignore_file_says_nothing(tmp_path: Path):
    make(tmp_path, {"a.py": "x"})
    os.mkfifo(tmp_path / ".gitignore")
    assert found(tmp_path) == ["a.py"]


def test_what_is_no_source_stays_out_and_is_counted(tmp_path: Path):
    make(
        tmp_path,
        {
            "a.py": "x = 1",
            'it\'s "odd"\n漢 ;.py': "x",
            ".git/config": "",
            "node_modules/p/index.js": "",
            "env/pyvenv.cfg": "",
            "env/lib/x.py": "",
            "cache/CACHEDIR.TAG": "",
            "cache/x.py": "",
            "a_pb2.py": "",
            "lib.min.js": "",
            "pic.PNG": "",
            "big.py": "#" * 1_000_001,
            "data.json": "1" * 70_000,
            "small.json": "{}",
            "t.csv": "",
            "secret.pem": "",
            "state/chunks.lance/x.py": "",
        },
    )
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "link.py").symlink_to(tmp_path / "a.py")
    os.mkfifo(tmp_path / "pipe.py")
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/bad\xff.py")).write_text("")
    seen = walker(tmp_path, lambda path: path.endswith(".pem"), excluded=[tmp_path / "state"])
    assert [file.path for file in seen.walk()] == ["a.py", 'it\'s "odd"\n漢 ;.py', "small.json"]
    assert seen.skipped == {
        "version control": 1,
        "vendored": 3,
        "generated": 1,
        "minified": 1,
        "binary": 1,
        "too large": 1,
        "data": 2,
        "never_index": 1,
        "ours or too deep": 1,
        "link": 2,
        "special": 1,
        "name is not UTF-8": 1,
    }


def test_looking_at_one_file_says_what_the_walk_says(tmp_path: Path):
    make(
        tmp_path,
        {
            ".gitignore": "out/\n*.txt\n",
            "out/a.py": "",
            "sub/a.txt": "",
            "sub/a.py": "",
            "sub/.gitignore": "!a.txt\n",
            "venv/x/y.py": "",
            "env/pyvenv.cfg": "",
            "env/lib/x.py": "",
        },
    )
    seen = walker(tmp_path)
    walked = {file.path: file for file in seen.walk()}
    for place in tmp_path.rglob("*"):
        path = place.relative_to(tmp_path).as_posix()
        if place.is_file():
            looked = seen.look(path)
            assert looked == walked.get(path) if isinstance(looked, Found) else path not in walked, path
    for path in ("missing.py", "sub", "sub/a.py/x.py", "sub/missing/x.py", "nul\0.py"):
        assert isinstance(seen.look(path), Skipped)


def test_a_root_that_is_gone_is_no_empty_workspace(tmp_path: Path):
    with pytest.raises(IndexUnavailable):
        found(tmp_path / "gone")


def test_the_walk_stops_when_asked(tmp_path: Path):
    make(tmp_path, {f"d{number}/a.py": "" for number in range(10)})
    seen = walker(tmp_path)
    answers = iter([False, False, False])
    assert len(list(seen.walk(stop=lambda: next(answers, True)))) == 2


def test_an_unreadable_folder_is_counted(tmp_path: Path):
    make(tmp_path, {"a.py": "", "locked/b.py": ""})
    (tmp_path / "locked").chmod(0)
    try:
        if os.access(tmp_path / "locked", os.R_OK):
            pytest.skip("this user reads everything")
        seen = walker(tmp_path)
        assert [file.path for file in seen.walk()] == ["a.py"]
        assert seen.skipped == {"unreadable": 1}
    finally:
        (tmp_path / "locked").chmod(0o700)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"x = 1\n", ""),
        (b"a\0b", "binary"),
        ("x".encode("utf-16"), "binary"),
        (b"// Code generated by protoc. DO NOT EDIT.\n", "generated"),
        (b"# @generated by pip\n", "generated"),
        (b"/*\n * @generated\n */\n", "generated"),
        (b"# This file is auto-generated by x, do not edit.\n", "generated"),
        (b'"""Tests for @generated files."""\n', ""),
        (b"x = '@generated'\n", ""),
        (b"a=1;" * 5000, "minified"),
        (b"a = 1\n" * 5000, ""),
        (b"", ""),
    ],
)
def test_reasons_by_content(data: bytes, reason: str):
    assert reason_by_content("a.py", data) == reason
