"""What somebody works on: what was written since git wrote the tree, and what is open. Real repositories."""

from __future__ import annotations

import os
import subprocess  # noqa: TID251 - git makes the repositories
from pathlib import Path

import pytest

from lsp_debugger.core.ports import Query
from lsp_debugger.index import attention as attention_module
from lsp_debugger.index.attention import Attention
from lsp_debugger.index.chunk import chunk_file
from lsp_debugger.index.library import Library
from lsp_debugger.index.overlay import Overlay
from lsp_debugger.index.repository import Repository
from lsp_debugger.index.rows import FileChunks, Mark
from lsp_debugger.index.search import search
from lsp_debugger.index.store import Store

FILES = {f"m{number}.py": f"def needle_{number}():\n    return common\n" for number in range(8)}


class Work:
    """A work tree; times of files are counted from git's last line in its log."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name, text in FILES.items():
            (root / name).write_text(text)
        self.git("init", "-q", "-b", "main")
        self.git("add", ".")
        self.commit()
        self.git("checkout", "-q", "-b", "work")
        log = (root / ".git/logs/HEAD").read_text("utf-8")
        self.written_s = int(log.rpartition("\tcheckout:")[0].split()[-2])
        self.marks: dict[str, Mark] = {}
        for name in FILES:
            self.wrote(name, -10)
        self.attention = Attention(Repository(root), lambda: dict(self.marks), self.marks.get)
        self.attention.begin()

    def git(self, *arguments: str) -> None:
        command = ["git", "-c", "user.name=a b", "-c", "user.email=a@b.example", *arguments]
        subprocess.run(command, cwd=self.root, check=True, capture_output=True)

    def commit(self) -> None:
        self.git("commit", "-q", "--allow-empty", "-m", "more\tof it")

    def wrote(self, name: str, after_s: float) -> None:
        time_ns = int((self.written_s + after_s) * 1e9)
        os.utime(self.root / name, ns=(time_ns, time_ns))
        self.marks[name] = Mark(name, size_bytes=1, mtime_ns=time_ns)


@pytest.fixture
def work(tmp_path: Path) -> Work:
    return Work(tmp_path)


def test_what_was_written_since_the_checkout_is_recent(work: Work):
    work.wrote("m1.py", 60)
    assert (work.attention.of("m1.py"), work.attention.of("m2.py"), work.attention.of("gone.py")) == (
        "recent",
        "",
        "",
    )


def test_a_commit_leaves_it_recent_and_a_checkout_does_not(work: Work):
    work.wrote("m1.py", 1.999)
    work.wrote("m2.py", 3)
    for _ in range(3):
        work.commit()
    work.attention.begin()
    assert [work.attention.of(name) for name in ("m1.py", "m2.py")] == ["", "recent"]
    log = work.root / ".git/logs/HEAD"
    seconds = work.written_s + 100
    entry = f"{'0' * 40} {'1' * 40} a b <a@b.example> {seconds} +0100\tcheckout: moving from work to main\n"
    with log.open("a") as file:
        file.write(entry)
    work.attention.begin()
    assert work.attention.of("m2.py") == ""


def test_a_tree_that_was_written_as_a_whole_says_nothing(work: Work, monkeypatch: pytest.MonkeyPatch):
    for name in FILES:
        work.wrote(name, 60)
    monkeypatch.setattr(attention_module, "_LOOK_S", 0.0)
    work.attention.begin()
    assert {work.attention.of(name) for name in FILES} == {""}
    for name in list(FILES)[3:]:
        work.wrote(name, -60)
    work.attention.begin()
    assert work.attention.of("m0.py") == "recent"


@pytest.mark.parametrize(
    "log", [None, b"", b"rubbish", b"\xff\0\t\n" * 100, b"a b <c> soon +0\tcheckout: x\n"]
)
def test_no_log_or_an_odd_one_says_nothing(work: Work, log: bytes | None):
    place = work.root / ".git/logs/HEAD"
    place.unlink()
    if log is not None:
        place.write_bytes(log)
    work.wrote("m1.py", 60)
    work.attention.begin()
    assert work.attention.of("m1.py") == ""


def test_a_pipe_in_place_of_the_log_holds_nobody_up(work: Work):
    (work.root / ".git/logs/HEAD").unlink()
    os.mkfifo(work.root / ".git/logs/HEAD")
    work.attention.begin()
    assert work.attention.of("m1.py") == ""


def test_a_log_of_commits_alone_counts_from_the_oldest_that_is_read(work: Work):
    entry = f"{'0' * 40} {'1' * 40} a b <a@b.example> {{}} +0100\tcommit: more\n"
    seconds = range(work.written_s, work.written_s + 1_000)
    (work.root / ".git/logs/HEAD").write_text("".join(entry.format(each) for each in seconds))
    work.attention.begin()
    work.wrote("m1.py", 1_500)
    assert [work.attention.of(name) for name in ("m1.py", "m2.py")] == ["recent", ""]


def test_open_and_recent_files_stand_before_their_equals(
    work: Work, tmp_path_factory: pytest.TempPathFactory
):
    store = Store.open(tmp_path_factory.mktemp("index"), "one", writable=True)
    store.replace(
        [
            FileChunks(name, Mark(name, 1, 1), tuple(chunk_file(name, text, name)))
            for name, text in FILES.items()
        ]
    )
    overlay = Overlay()
    library = Library(store, overlay, lambda: (1, list(FILES)), attention=work.attention.of)
    work.attention.opened("m5.py")
    work.attention.opened("m6.py")
    work.attention.closed("m6.py")
    work.wrote("m3.py", 60)
    overlay.put("m7.py", "newer", list(chunk_file("m7.py", FILES["m7.py"], "newer")))
    hits = search(Query("common"), 8, library)
    order = {str(hit.fragment.path): hit.why for hit in hits}
    assert list(order)[2:] == ["m5.py", "m0.py", "m1.py", "m2.py", "m4.py", "m6.py"]
    assert {name: order[name][1:] for name in list(order)[:4]} == {
        "m3.py": ("changed lately",),
        "m7.py": ("edited",),
        "m5.py": ("open",),
        "m0.py": (),
    }
