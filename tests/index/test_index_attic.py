"""Contents that were there before are not parsed again: across branches, and across worktrees."""

from __future__ import annotations

import subprocess  # noqa: TID251 - git makes the repositories
from pathlib import Path

import pytest

from lsp_debugger.index import attic as attic_module
from lsp_debugger.index.attic import Attic
from lsp_debugger.index.files import Reader
from lsp_debugger.index.repository import Repository
from lsp_debugger.index.store import Store
from lsp_debugger.index.sync import Sync
from lsp_debugger.index.walk import Walker

FILES = 12


def git(*arguments: str, cwd: Path) -> None:
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@b.example", *arguments]
    subprocess.run(command, cwd=cwd, check=True, capture_output=True)


class Tree:
    """A work tree of a repository with its index, as a worker keeps it. parsed: texts that were cut up."""

    def __init__(self, root: Path, state: Path, fingerprint: str = "one") -> None:
        self.root = root
        self.directory = state / "workspaces" / root.name / "index"
        self.store = Store.open(self.directory, fingerprint, writable=True)
        self.parsed: list[str] = []
        attic = Attic(self.directory, fingerprint, Repository(root).identity)
        reader = Reader(root, self._redact)
        self.sync = Sync(self.store, Walker(root, lambda _: False), reader, lambda _: None, attic=attic)

    def _redact(self, text: str) -> str:
        self.parsed.append(text)
        return text

    def scan(self) -> list[str]:
        """What had to be parsed."""
        self.parsed.clear()
        self.sync.scan()
        return list(self.parsed)

    def indexed(self, word: str) -> set[str]:
        return {hit.path for hit in self.store.match([word], 1000)}


def write_all(root: Path, word: str) -> set[str]:
    for number in range(FILES):
        (root / f"m{number}.py").write_text(f"def {word}{number}(): return '{word}'\n")
    return {f"m{number}.py" for number in range(FILES)}


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """On branch main; branch other has other contents and one more file."""
    root = tmp_path / "repo"
    root.mkdir()
    git("init", "-q", "-b", "main", cwd=root)
    write_all(root, "mainly")
    git("add", ".", cwd=root)
    git("commit", "-qm", "one", cwd=root)
    git("checkout", "-qb", "other", cwd=root)
    write_all(root, "otherwise")
    (root / "more.py").write_text("def otherwise(): pass\n")
    git("add", ".", cwd=root)
    git("commit", "-qm", "two", cwd=root)
    git("checkout", "-q", "main", cwd=root)
    return Tree(root, tmp_path / "state")


def test_a_branch_that_comes_back_is_not_parsed_again(tree: Tree):
    every = {f"m{number}.py" for number in range(FILES)}
    assert len(tree.scan()) == FILES
    git("checkout", "-q", "other", cwd=tree.root)
    assert len(tree.scan()) == FILES + 1
    git("checkout", "-q", "main", cwd=tree.root)
    assert tree.scan() == []
    assert tree.indexed("mainly") == every
    assert tree.indexed("otherwise") == set()
    git("checkout", "-q", "other", cwd=tree.root)
    assert tree.scan() == []
    assert tree.indexed("otherwise") == every | {"more.py"}
    assert tree.scan() == []
    assert {tree.sync.mark_of(path) for path in every} == {tree.store.marks()[path] for path in every}


def test_rows_that_come_back_are_those_of_a_fresh_build(tree: Tree, tmp_path: Path):
    tree.scan()
    git("checkout", "-q", "other", cwd=tree.root)
    tree.scan()
    git("checkout", "-q", "main", cwd=tree.root)
    tree.scan()
    fresh = Tree(tree.root, tmp_path / "elsewhere")
    fresh.scan()
    columns = ["id", "text", "tokens", "defines", "runs", "file_hash", "size_bytes"]

    def rows(each: Tree) -> list[dict[str, object]]:
        found = each.store.rows_of(each.sync.paths).select(columns).to_pylist()
        return sorted(found, key=lambda row: row["id"])

    assert rows(tree) == rows(fresh)


def test_a_new_worktree_takes_the_rows_of_the_first(tree: Tree, tmp_path: Path):
    tree.scan()
    git("worktree", "add", "-q", str(tmp_path / "second"), "main", "--force", cwd=tree.root)
    (tmp_path / "second" / "only_here.py").write_text("def only(): pass\n")
    second = Tree(tmp_path / "second", tmp_path / "state")
    assert second.scan() == ["def only(): pass\n"]
    assert second.indexed("mainly") == {f"m{number}.py" for number in range(FILES)}
    other_fingerprint = Tree(tmp_path / "second", tmp_path / "state2", "two")
    assert len(other_fingerprint.scan()) == FILES + 1


def test_single_saves_are_not_kept(tree: Tree):
    tree.scan()
    for number in range(5):
        (tree.root / "m1.py").write_text(f"def saved_{number}(): pass\n")
        assert tree.sync.refresh(["m1.py"]) is False
    assert not (tree.directory / "seen.lance").exists()


def test_too_many_old_rows_are_forgotten(tree: Tree, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(attic_module, "_MIN_ROWS", 1)
    tree.scan()
    for number in range(4):
        write_all(tree.root, f"edition{number}")
        assert len(tree.scan()) == FILES
    kept = Store.open(tree.directory, "one", writable=False)
    assert kept.count_rows() == FILES
    write_all(tree.root, "edition2")  # the one before the last is still there
    assert tree.scan() == []
    write_all(tree.root, "edition0")
    assert len(tree.scan()) == FILES


def test_an_attic_that_is_broken_costs_only_time(tree: Tree):
    tree.scan()
    git("checkout", "-q", "other", cwd=tree.root)
    tree.scan()
    for file in (tree.directory / "seen.lance").rglob("*.lance"):
        file.write_bytes(b"rubbish")
    git("checkout", "-q", "main", cwd=tree.root)
    tree.scan()
    assert tree.indexed("mainly") == {f"m{number}.py" for number in range(FILES)}
    tree.sync.optimize()


def test_head_moves_and_worktrees_belong_together(tree: Tree, tmp_path: Path):
    repository = Repository(tree.root)
    assert not repository.head_moved()
    git("checkout", "-q", "other", cwd=tree.root)
    assert repository.head_moved()
    assert not repository.head_moved()
    git("worktree", "add", "-q", str(tmp_path / "second"), "main", cwd=tree.root)
    inner = tmp_path / "second" / "pkg"
    inner.mkdir()
    second = Repository(inner)
    assert second.identity == repository.identity != ""
    git("commit", "-q", "--allow-empty", "-m", "x", cwd=inner)
    assert second.head_moved()
    assert not repository.head_moved()


def test_no_repository_and_odd_ones(tmp_path: Path):
    plain = Repository(tmp_path)
    assert plain.identity == ""
    assert not plain.head_moved()
    (tmp_path / ".git").write_bytes(b"gitdir: \xff\0nowhere")
    odd = Repository(tmp_path)
    assert not odd.head_moved()
