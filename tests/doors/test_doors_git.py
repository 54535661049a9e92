"""git in a hostile repository. Each trap is shown to fire under plain git before ours is held to it."""

from __future__ import annotations

import os
import subprocess  # noqa: TID251  the control runs git as anybody would
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from lsp_debugger.core.errors import SpawnRefused, ToolFailed
from lsp_debugger.spawn import git, git_blocking

PLAIN = {
    "PATH": os.environ["PATH"],
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "a",
    "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@example.org",
}


@dataclass
class Repo:
    top: Path
    tripwire: Path

    def plain(self, *args: str, stdin: str = "", check: bool = True) -> str:
        done = subprocess.run(
            ["git", *args], cwd=self.top, env=PLAIN, input=stdin, capture_output=True, text=True, check=check
        )
        return done.stdout.strip()

    def set(self, key: str, value: str) -> None:
        self.plain("config", key, value)

    def trap(self, name: str = "trap", then: str = "cat") -> str:
        """A program that leaves a mark when it runs, and behaves so that git goes on."""
        path = self.top.parent / name
        path.write_text(f"#!/bin/sh\ntouch '{self.tripwire}'\n{then}\n", encoding="utf-8")
        path.chmod(0o755)
        return str(path)

    def write(self, name: str, text: str) -> None:
        (self.top / name).write_text(text, encoding="utf-8")

    def fired(self) -> bool:
        fired = self.tripwire.exists()
        self.tripwire.unlink(missing_ok=True)
        return fired


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    top = tmp_path / "a repo"
    top.mkdir()
    repo = Repo(top, tmp_path / "tripwire")
    repo.plain("init", "-q", "-b", "main")
    repo.write("a.txt", "one\n")
    repo.plain("add", ".")
    repo.plain("commit", "-q", "-m", "first")
    repo.write("a.txt", "two\n")
    return repo


def fsmonitor(repo: Repo) -> None:
    repo.set("core.fsmonitor", repo.trap(then="exit 1"))


def hook(repo: Repo) -> None:
    repo.trap("post-index-change")
    repo.set("core.hooksPath", str(repo.top.parent))
    repo.plain("add", "a.txt")
    repo.fired()
    os.utime(repo.top / "a.txt", (1, 1))  # so that status refreshes the index


def external_diff(repo: Repo) -> None:
    repo.set("diff.external", repo.trap(then="exit 0"))


def driver_command(repo: Repo) -> None:
    repo.write(".gitattributes", "*.txt diff=evil\n")
    repo.set("diff.evil.command", repo.trap(then="exit 0"))


def textconv(repo: Repo) -> None:
    repo.write(".gitattributes", "*.txt diff=evil\n")
    repo.set("diff.evil.textconv", repo.trap(then='cat "$1"'))


def clean_filter(repo: Repo) -> None:
    repo.write(".gitattributes", "*.txt filter=evil.x\n")
    repo.set("filter.evil.x.clean", repo.trap())
    repo.set("filter.evil.x.required", "true")


def process_filter(repo: Repo) -> None:
    repo.write(".gitattributes", "*.txt filter=evil\n")
    repo.set("filter.evil.process", repo.trap(then="exit 1"))


def included_filter(repo: Repo) -> None:
    """Configured in another file, with the attribute where no work tree shows it."""
    (repo.top / ".git" / "info").mkdir(exist_ok=True)
    repo.write(".git/info/attributes", "*.txt filter=evil\n")
    repo.write(".git/more", f'[Filter "evil"]\n\tCLEAN = {repo.trap()}\n')
    repo.set("include.path", "more")


def signature(repo: Repo) -> None:
    tree, parent = repo.plain("rev-parse", "HEAD^{tree}"), repo.plain("rev-parse", "HEAD")
    commit = (
        f"tree {tree}\nparent {parent}\n"
        "author a <a@example.org> 1 +0000\ncommitter a <a@example.org> 1 +0000\n"
        "gpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----\n\nsigned\n"
    )
    repo.plain("update-ref", "HEAD", repo.plain("hash-object", "-t", "commit", "-w", "--stdin", stdin=commit))
    repo.set("log.showSignature", "true")
    repo.set("gpg.program", repo.trap(then="exit 1"))


def lazy_fetch(repo: Repo) -> None:
    blob = repo.plain("rev-parse", "HEAD:a.txt")
    (repo.top / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    repo.set("extensions.partialClone", "origin")
    repo.set("remote.origin.promisor", "true")
    repo.set("remote.origin.url", str(repo.top.parent))
    repo.set("remote.origin.uploadpack", repo.trap(then="exit 1"))


def lazy_fetch_over_ssh(repo: Repo) -> None:
    lazy_fetch(repo)
    repo.set("remote.origin.url", "ssh://nowhere.invalid/x")
    repo.set("core.sshCommand", repo.trap(then="exit 1"))


def submodule(repo: Repo) -> None:
    """Its configuration is its own: what we switch off outside is still on in there."""
    inner = Repo(repo.top / "inner", repo.tripwire)
    inner.top.mkdir()
    inner.plain("init", "-q")
    inner.write("b.txt", "one\n")
    inner.write(".gitattributes", "*.txt filter=inner\n")
    inner.plain("add", ".")
    inner.plain("commit", "-q", "-m", "inner")
    repo.write(".gitmodules", '[submodule "inner"]\n\tpath = inner\n\turl = ./inner\n\tignore = none\n')
    repo.plain("add", ".gitmodules", "inner")
    repo.plain("commit", "-q", "-m", "with inner")
    inner.write("b.txt", "two\n")
    inner.set("filter.inner.clean", repo.trap())


TRAPS: list[tuple[Callable[[Repo], None], tuple[str, ...]]] = [
    (fsmonitor, ("status", "--porcelain")),
    (fsmonitor, ("diff",)),
    (fsmonitor, ("ls-files", "--modified")),
    (hook, ("status", "--porcelain")),
    (external_diff, ("diff",)),
    (external_diff, ("show", "--ext-diff", "HEAD")),
    (driver_command, ("diff",)),
    (textconv, ("diff",)),
    (textconv, ("log", "-p")),
    (textconv, ("show", "HEAD")),
    (textconv, ("blame", "a.txt")),
    (clean_filter, ("diff",)),
    (clean_filter, ("status", "--porcelain")),
    (clean_filter, ("blame", "a.txt")),
    (process_filter, ("diff",)),
    (included_filter, ("diff",)),
    (signature, ("log", "-1")),
    (signature, ("show", "-1")),
    (lazy_fetch, ("show", "HEAD")),
    (lazy_fetch, ("cat-file", "-p", "HEAD:a.txt")),
    (lazy_fetch_over_ssh, ("show", "HEAD")),
    (submodule, ("status", "--porcelain")),
    (submodule, ("diff",)),
]


@pytest.mark.parametrize(
    ("arm", "args"), TRAPS, ids=[f"{arm.__name__}: {' '.join(args)}" for arm, args in TRAPS]
)
async def test_nothing_that_a_repository_configures_is_run(
    repo: Repo, arm: Callable[[Repo], None], args: tuple[str, ...]
) -> None:
    arm(repo)
    repo.plain(*args, check=False)
    assert repo.fired(), "the trap is not one: plain git does not run it"
    if arm is hook:  # plain git has refreshed the index, and with it disarmed the trap
        hook(repo)

    await git([each for each in args if each != "--ext-diff"], cwd=repo.top, timeout_s=60)

    assert not repo.fired()


async def test_what_is_asked_for_still_comes(repo: Repo) -> None:
    (repo.top / "sub").mkdir()

    diff = await git(["diff", "-U0"], cwd=repo.top / "sub", timeout_s=60)
    head = git_blocking(["rev-parse", "HEAD"], cwd=repo.top, timeout_s=60)

    assert diff.returncode == 0
    assert b"a/a.txt" in diff.stdout
    assert diff.stdout.endswith(b"-one\n+two\n")
    assert head.stdout.decode().strip() == repo.plain("rev-parse", "HEAD")


async def test_a_filtered_file_is_shown_as_it_is(repo: Repo) -> None:
    """With the filter off, the work tree's own text is compared: that is what the user sees."""
    clean_filter(repo)

    diff = await git(["diff", "-U0", "--", "a.txt"], cwd=repo.top, timeout_s=60)

    assert diff.stdout.endswith(b"-one\n+two\n")


async def test_a_linked_work_tree_works(repo: Repo, tmp_path: Path) -> None:
    repo.plain("worktree", "add", "-q", str(tmp_path / "linked"))
    (tmp_path / "linked" / "a.txt").write_text("three\n", encoding="utf-8")

    diff = await git(["diff", "-U0"], cwd=tmp_path / "linked", timeout_s=60)

    assert diff.stdout.endswith(b"-one\n+three\n")


async def test_the_configuration_cannot_point_at_other_files(repo: Repo, tmp_path: Path) -> None:
    secret = tmp_path / "elsewhere"
    secret.mkdir()
    (secret / "a.txt").write_text("SECRET\n", encoding="utf-8")
    repo.set("core.worktree", str(secret))
    assert "SECRET" in repo.plain("diff")

    diff = await git(["diff"], cwd=repo.top, timeout_s=60)

    assert b"SECRET" not in diff.stdout
    assert b"+two" in diff.stdout


async def test_outside_a_work_tree_nothing_runs(tmp_path: Path) -> None:
    """A bare repository left in a directory is none either."""
    bare = Repo(tmp_path / "bare", tmp_path / "tripwire")
    bare.top.mkdir()
    bare.plain("init", "-q", "--bare")
    bare.set("core.fsmonitor", bare.trap())

    done = await git(["status"], cwd=bare.top, timeout_s=60)

    assert (done.returncode, done.stderr) == (128, b"not inside a work tree")
    assert not bare.fired()


async def test_a_driver_whose_name_would_break_out_is_refused(repo: Repo) -> None:
    repo.write(".gitattributes", "*.txt filter=a=b\n")
    repo.write(".git/more", f'[filter "a=b"]\n\tclean = {repo.trap()}\n')
    repo.set("include.path", "more")
    repo.plain("diff")
    assert repo.fired()

    with pytest.raises(SpawnRefused, match="unusable name"):
        await git(["diff"], cwd=repo.top, timeout_s=60)
    assert not repo.fired()


async def test_a_configuration_that_cannot_be_read_is_a_failure(repo: Repo) -> None:
    repo.write(".git/config", "[filter\n")

    with pytest.raises(ToolFailed, match="cannot read"):
        await git(["diff"], cwd=repo.top, timeout_s=60)


@pytest.mark.parametrize(
    "args",
    [
        [],
        ["fetch"],
        ["commit", "-m", "x"],
        ["config", "core.pager", "evil"],
        ["-c", "core.fsmonitor=evil", "status"],
        ["diff", "--ext-diff"],
        ["diff", "--textconv"],
        ["diff", "--output=/tmp/x"],
        ["cat-file", "--filters", "HEAD:a.txt"],
        ["log", "--format=%G?"],
        ["log", "--show-signature"],
        ["diff", "--ignore-submodules=none"],
    ],
)
async def test_only_reading_commands_and_options_are_run(repo: Repo, args: list[str]) -> None:
    with pytest.raises(SpawnRefused):
        await git(args, cwd=repo.top, timeout_s=60)


async def test_a_file_may_have_the_name_of_an_option(repo: Repo) -> None:
    repo.write("--output=x", "text\n")

    listed = await git(["ls-files", "--others", "--", "--output=x"], cwd=repo.top, timeout_s=60)

    assert listed.stdout == b"--output=x\n"


async def test_a_file_may_have_the_name_of_a_pathspec(repo: Repo) -> None:
    """`:(top)` would otherwise ask for every file there is, the one with the passwords too."""
    repo.write(":(top)", "text\n")
    repo.write("other.txt", "text\n")

    listed = await git(["ls-files", "--others", "--", ":(top)"], cwd=repo.top, timeout_s=60)

    assert listed.stdout == b":(top)\n"


async def test_a_git_from_the_workspace_is_not_used(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    (repo.top / "bin").mkdir()
    (repo.top / "bin" / "git").symlink_to(repo.trap("git"))
    monkeypatch.setenv("PATH", f"{repo.top / 'bin'}{os.pathsep}{os.environ['PATH']}")

    done = await git(["rev-parse", "--is-inside-work-tree"], cwd=repo.top, timeout_s=60)

    assert done.stdout == b"true\n"
    assert not repo.fired()
