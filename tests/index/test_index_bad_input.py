"""Whatever lies in a workspace: nothing is lost beside it, and what stays out is counted by reason."""

from __future__ import annotations

import os
import subprocess  # noqa: TID251 - git makes the repositories
import tempfile
import time
from pathlib import Path

import pytest

from lsp_debugger.index.files import Reader
from lsp_debugger.index.store import Store
from lsp_debugger.index.sync import Sync
from lsp_debugger.index.walk import Walker


class Workspace:
    def __init__(self, base: Path) -> None:
        self.root = base / "root"
        self.root.mkdir()
        self.store = Store.open(base / "index", "one", writable=True)
        walker = Walker(self.root, lambda _: False)
        self.sync = Sync(self.store, walker, Reader(self.root, lambda text: text), lambda _: None)

    def write(self, path: str, content: str | bytes = "def needle(): pass\n") -> Path:
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content if isinstance(content, bytes) else content.encode())
        return place

    def scan(self) -> dict[str, int]:
        """Why files stayed out, counted."""
        self.sync.scan()
        return dict(self.sync.skipped)

    def found(self) -> set[str]:
        return {hit.path for hit in self.store.match(["needle"], 200_000)}


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


def git(*arguments: str, cwd: Path) -> None:
    options = ["-c", "user.name=a", "-c", "user.email=a@b.example", "-c", "protocol.file.allow=always"]
    subprocess.run(["git", *options, *arguments], cwd=cwd, check=True, capture_output=True)


def test_a_line_of_a_gigabyte_is_not_read(workspace: Workspace):
    workspace.write("good.py")
    with workspace.write("huge.py", b"x = '").open("ab") as file:
        file.truncate(2**30)
    began_s = time.monotonic()
    assert workspace.scan() == {"too large": 1}
    assert time.monotonic() - began_s < 5
    assert workspace.found() == {"good.py"}


def test_bytes_that_are_no_text(workspace: Workspace):
    workspace.write("good.py")
    workspace.write("nul.py", b"def needle(): pass\n\0")
    workspace.write("latin.py", b"def needle(): return 'caf\xe9'\n")
    workspace.write("half.py", "def needle(): return '漢'\n".encode()[:-4])
    workspace.write("bom.py", b"\xef\xbb\xbfdef needle(): pass\n")
    workspace.write("utf16.py", "def needle(): pass\n".encode("utf-16"))
    workspace.write("empty.py", "")
    assert workspace.scan() == {"binary": 2, "empty": 1}
    assert workspace.found() == {"good.py", "latin.py", "half.py", "bom.py"}


def test_loops_pipes_and_links(workspace: Workspace, tmp_path: Path):
    workspace.write("pkg/good.py")
    (tmp_path / "outside.py").write_text("def needle(): pass\n")
    (workspace.root / "pkg" / "loop").symlink_to(workspace.root)
    (workspace.root / "itself").symlink_to("itself")
    (workspace.root / "outside.py").symlink_to(tmp_path / "outside.py")
    os.mkfifo(workspace.root / "pipe.py")
    assert workspace.scan() == {"link": 3, "special": 1}
    assert workspace.found() == {"pkg/good.py"}


@pytest.mark.parametrize(
    "name",
    [
        "it's.py",
        'say "x".py',
        "new\nline.py",
        "漢字 😀.py",
        "a';--.py",
        "per%cent.py",
        " .py",
        "-rf.py",
        "a\\b.py",
    ],
)
def test_odd_names_come_go_and_come_again(workspace: Workspace, name: str):
    place = workspace.write(f"odd {name}/{name}")
    workspace.scan()
    assert workspace.found() == {f"odd {name}/{name}"}
    place.write_text("def other_name(): pass\n")
    workspace.sync.refresh([f"odd {name}/{name}"])
    assert workspace.found() == set()
    place.write_text("def needle(): return 2\n")
    workspace.sync.refresh([f"odd {name}/{name}"])
    assert workspace.found() == {f"odd {name}/{name}"}
    place.unlink()
    place.parent.rmdir()
    workspace.sync.refresh([f"odd {name}"])  # all that some clients tell of a folder that went away
    assert workspace.store.count_rows() == 0


@pytest.mark.skipif(os.name != "posix", reason="names of bytes are POSIX")
def test_names_that_are_no_utf8(workspace: Workspace):
    workspace.write("good.py")
    os.close(os.open(os.fsencode(workspace.root) + b"/bad\xff.py", os.O_CREAT | os.O_WRONLY))
    assert workspace.scan() == {"name is not UTF-8": 1}
    assert workspace.found() == {"good.py"}


def test_nested_repositories_submodules_and_worktrees(workspace: Workspace, tmp_path: Path):
    library = tmp_path / "library"
    library.mkdir()
    git("init", "-q", "-b", "main", cwd=library)
    (library / "sub.py").write_text("def needle(): pass\n")
    git("add", ".", cwd=library)
    git("commit", "-qm", "x", cwd=library)
    git("init", "-q", "-b", "main", cwd=workspace.root)
    git("submodule", "add", "-q", str(library), "module", cwd=workspace.root)
    git("clone", "-q", str(library), "nested", cwd=workspace.root)
    git("clone", "-q", "--bare", str(library), str(tmp_path / "bare.git"), cwd=tmp_path)
    git("worktree", "add", "-q", str(workspace.root / "tree"), "main", cwd=tmp_path / "bare.git")
    workspace.write("good.py")
    skipped = workspace.scan()
    assert skipped.pop("version control") == 4  # ours, two files and a folder called .git
    assert skipped == {}
    assert workspace.found() == {"good.py", "module/sub.py", "nested/sub.py", "tree/sub.py"}


def test_a_clock_that_goes_back(workspace: Workspace):
    place = workspace.write("a.py")
    future = time.time() + 10_000
    os.utime(place, (future, future))
    workspace.scan()
    assert workspace.found() == {"a.py"}
    place.write_text("def renamed(): pass\n")
    os.utime(place, (future - 50_000, future - 50_000))  # newer, and dated long before
    workspace.scan()
    assert workspace.found() == set()
    place.write_text("def needle(): pass\n")
    os.utime(place, (0, 0))
    workspace.scan()
    assert workspace.found() == {"a.py"}


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="drops root's rights for a moment")
def test_what_may_not_be_read_is_counted():
    with tempfile.TemporaryDirectory() as folder:  # not below pytest's own, which is closed to others
        root = Path(folder)
        root.chmod(0o755)
        (root / "closed").mkdir()
        for path in ("good.py", "secret.py", "closed/inner.py"):
            (root / path).write_text("def needle(): pass\n")
            (root / path).chmod(0o644)
        (root / "secret.py").chmod(0)
        (root / "closed").chmod(0)
        walker = Walker(root, lambda _: False)
        reader = Reader(root, lambda text: text)
        os.seteuid(65534)
        try:
            outcomes = {file.path: reader.read(file.path).reason for file in walker.walk()}
        finally:
            os.seteuid(0)
    assert outcomes == {"good.py": "", "secret.py": "unreadable"}
    assert walker.skipped["unreadable"] == 1


def test_files_that_vanish_while_they_are_read(workspace: Workspace, monkeypatch: pytest.MonkeyPatch):
    for number in range(30):
        workspace.write(f"m{number}.py")
    reader, read = workspace.sync._reader, Reader.read

    def vanishing(self: Reader, path: str, known: object = ()) -> object:
        if path in {"m3.py", "m17.py"}:
            (workspace.root / path).unlink()
        return read(self, path, known)  # type: ignore[arg-type]

    monkeypatch.setattr(Reader, "read", vanishing)
    assert workspace.sync._reader is reader
    assert workspace.scan() == {"unreadable": 2}
    assert len(workspace.found()) == 28
    monkeypatch.undo()
    assert workspace.scan() == {}


@pytest.mark.thorough
@pytest.mark.timeout(600)
def test_a_folder_of_a_hundred_thousand_entries(workspace: Workspace):
    folder = workspace.root / "many"
    folder.mkdir()
    for number in range(100_000):
        (folder / f"n{number}.dat").touch()
    workspace.write("many/good.py")
    began_s = time.monotonic()
    assert workspace.scan() == {"binary": 100_000}
    assert time.monotonic() - began_s < 30
    assert workspace.found() == {"many/good.py"}
