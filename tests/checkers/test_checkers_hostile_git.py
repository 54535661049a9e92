"""Git repositories that try to run something when their files are listed. See tests/support/tripwires.py.

What git itself is asked for is held in tests/doors/test_doors_git.py, command by command.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from tripwires import Hostile, Tree, hold

from lsp_debugger.checkers.files import own_files

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(sys.platform == "win32", reason="the programs made here are shell scripts"),
]

SCRIPT = "#!/bin/sh\necho $1\n"
HOOKS = ("pre-commit", "post-checkout", "post-index-change", "post-commit", "reference-transaction")


def repository(tree: Tree) -> None:
    tree.write("run.sh", SCRIPT)
    tree.write("notes.txt", "one\n")
    tree.commit()
    tree.write("notes.txt", "two\n")


def trap(tree: Tree, mark: str, then: str = "cat") -> str:
    """Beside the tree: what is in it would be one more file of it."""
    path = tree.ours / f"trap-{mark}"
    path.write_text(f"#!/bin/sh\n{tree.shell(mark)}{then}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def hooks(tree: Tree) -> None:
    repository(tree)
    for name in HOOKS:
        tree.program(f".git/hooks/{name}", name)
    os.utime(tree.root / "run.sh", (1, 1))  # so that git looks at it anew, and would write the index


def commit_by_hand(tree: Tree) -> None:
    tree.git("commit", "-q", "-a", "-m", "second")
    tree.git("checkout", "-q", "-b", "other")


def watcher(tree: Tree) -> None:
    repository(tree)
    tree.git("config", "core.fsmonitor", trap(tree, "fsmonitor", "exit 1"))


def included_watcher(tree: Tree) -> None:
    repository(tree)
    tree.write(".git/more", f"[core]\n\tfsmonitor = {trap(tree, 'fsmonitor', 'exit 1')}\n")
    tree.git("config", "include.path", "more")


def filters(tree: Tree) -> None:
    repository(tree)
    tree.write(".gitattributes", "*.txt filter=evil\n*.sh filter=other\n")
    tree.git("config", "filter.evil.clean", trap(tree, "clean"))
    tree.git("config", "filter.evil.smudge", trap(tree, "smudge"))
    tree.git("config", "filter.other.process", trap(tree, "process", "exit 1"))
    for name in ("run.sh", "notes.txt"):
        os.utime(tree.root / name, (1, 1))


def filter_by_hand(tree: Tree) -> None:
    tree.git("add", ".")
    (tree.root / "notes.txt").unlink()
    tree.git("checkout", "-f", "--", "notes.txt")


def drivers(tree: Tree) -> None:
    repository(tree)
    tree.write(".gitattributes", "*.txt diff=evil\n")
    tree.git("config", "diff.evil.textconv", trap(tree, "textconv", 'cat "$1"'))
    tree.git("config", "diff.external", trap(tree, "external", "exit 0"))


def diff_by_hand(tree: Tree) -> None:
    tree.git("diff")
    tree.git("diff", "--no-ext-diff")


def commands(tree: Tree) -> None:
    repository(tree)
    tree.git("config", "core.pager", trap(tree, "pager"))
    tree.git("config", "core.editor", trap(tree, "editor"))
    tree.git("config", "alias.list", f"!{trap(tree, 'alias')} </dev/null")
    tree.git("config", "alias.ls-files", f"!{trap(tree, 'alias')} </dev/null")


def commands_by_hand(tree: Tree) -> None:
    tree.by_hand(sys.executable, "-c", "import pty; pty.spawn(['git', 'log'])")  # paging needs a terminal
    tree.git("list")
    tree.git("commit", "-a")


def remote(tree: Tree) -> None:
    """A partial clone that would fetch what is missing, over a program of its own."""
    repository(tree)
    tree.git("config", "core.sshCommand", trap(tree, "ssh", "exit 1"))
    tree.git("config", "remote.origin.url", "ssh://nowhere.invalid/x")
    tree.git("config", "extensions.partialClone", "origin")
    tree.git("config", "remote.origin.promisor", "true")
    blob = tree.git("rev-parse", "HEAD:notes.txt").strip()
    (tree.root / ".git/objects" / blob[:2] / blob[2:]).unlink()


def submodule(tree: Tree) -> None:
    repository(tree)
    inner = replace(tree, root=tree.root / "inner")
    inner.root.mkdir()
    repository(inner)
    tree.git("add", "inner")
    inner.git("config", "core.fsmonitor", trap(tree, "inner", "exit 1"))


def git_file(tree: Tree) -> None:
    """`.git` is a file that leads to settings elsewhere in the tree."""
    repository(tree)
    watcher(tree)
    (tree.root / ".git").rename(tree.root / "assets")
    tree.write(".git", "gitdir: assets\n")


def bare_inside(tree: Tree) -> None:
    """A folder that git itself takes for a repository, without a .git that anybody would see."""
    tree.write("run.sh", SCRIPT)
    tree.git("init", "-q", "--bare", "docs")
    tree.git("-C", "docs", "config", "core.bare", "false")
    tree.git("-C", "docs", "config", "core.worktree", "..")
    tree.git("-C", "docs", "config", "core.fsmonitor", trap(tree, "fsmonitor", "exit 1"))


def status(tree: Tree) -> None:
    tree.git("status")


CASES = [
    Hostile("hooks", hooks, frozenset(HOOKS), commit_by_hand),
    Hostile("a watcher", watcher, frozenset({"fsmonitor"}), status),
    Hostile("a watcher that is included", included_watcher, frozenset({"fsmonitor"}), status),
    Hostile("filters", filters, frozenset({"clean", "smudge", "process"}), filter_by_hand),
    Hostile("diff drivers", drivers, frozenset({"textconv", "external"}), diff_by_hand),
    Hostile("pager, editor, aliases", commands, frozenset({"pager", "editor", "alias"}), commands_by_hand),
    Hostile("a remote's program", remote, frozenset({"ssh"}), lambda tree: tree.git("fetch")),
    Hostile("a submodule's settings", submodule, frozenset({"inner"}), status),
    Hostile("a .git that is a file", git_file, frozenset({"fsmonitor"}), status),
    Hostile(
        "a bare repository in a folder", bare_inside, frozenset({"fsmonitor"}),
        lambda tree: tree.git("-C", "docs", "status"), target="docs",
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_nothing_of_the_repository_runs(
    case: Hostile, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    await hold(case, tree, monkeypatch)


def in_the_index(tree: Tree, name: str) -> None:
    """An entry that no `git add` would make; archives bring the index that their author wrote."""
    blob = tree.git("hash-object", "-w", "run.sh").strip()
    stand_in = name.replace("..", "__").replace("/", "_") if ".." in name or name.startswith("/") else name
    tree.git("update-index", "--add", "--cacheinfo", f"100644,{blob},{stand_in}")
    if stand_in != name:
        index = tree.root / ".git/index"
        data = bytearray(index.read_bytes().replace(stand_in.encode(), name.encode()))
        import hashlib

        data[-20:] = hashlib.sha1(data[:-20]).digest()
        index.write_bytes(bytes(data))


@pytest.mark.parametrize("kind", ["a folder that is a link", "..", "absolute"])
def test_an_index_does_not_lead_out_of_the_folder(kind: str, tree: Tree) -> None:
    outside = tree.ours / "outside"
    outside.mkdir()
    (outside / "private.sh").write_text(SCRIPT)
    repository(tree)
    if kind == "a folder that is a link":
        in_the_index(tree, "lib/private.sh")
        (tree.root / "lib").symlink_to(outside)
    else:
        in_the_index(
            tree, f"../{tree.ours.name}/outside/private.sh" if kind == ".." else str(outside / "private.sh")
        )
    assert "private.sh" in tree.git("ls-files"), "git believes its index"
    assert [path.name for path in own_files(tree.root)] == ["notes.txt", "run.sh"]


def test_git_itself_is_not_taken_from_the_workspace(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even for a folder below it that is a repository of its own."""
    inner = replace(tree, root=tree.root / "inner")
    inner.root.mkdir()
    repository(inner)
    tree.program("bin/git", "git")
    monkeypatch.setenv("PATH", f"{tree.root / 'bin'}{os.pathsep}{os.environ['PATH']}")
    assert [path.name for path in own_files(inner.root, tree.root)] == ["notes.txt", "run.sh"]
    assert tree.fired() == set()
    inner.git("ls-files")
    assert tree.fired() == {"git"}
    assert Path(inner.root).is_dir()
