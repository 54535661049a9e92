"""Ask git about a repository that may be hostile: nothing that its files configure is ever run.

A clone's `.git/config` and `.gitattributes` can name programs for nearly everything git does. Here
only a few reading commands are possible, and each with every such program switched off.
"""

from __future__ import annotations

import functools
import os
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

from lsp_debugger.core.errors import SpawnRefused, ToolFailed
from lsp_debugger.spawn.environment import private_directory, search_path
from lsp_debugger.spawn.run import Completed, run, run_blocking

_DIFF = ("--no-ext-diff", "--no-textconv", "--no-color")
# The reading commands that there is use for, with what each needs to stay one. A submodule has a
# configuration of its own, which ours does not reach: it is not entered.
_COMMANDS: dict[str, tuple[str, ...]] = {
    "blame": ("--no-textconv",),
    "cat-file": (),
    "diff": (*_DIFF, "--ignore-submodules=all"),
    "for-each-ref": (),
    "log": (*_DIFF, "--no-show-signature", "--ignore-submodules=all"),
    "ls-files": (),
    "merge-base": (),
    "rev-list": (),
    "rev-parse": (),
    "show": (*_DIFF, "--no-show-signature", "--ignore-submodules=all"),
    "status": ("--ignore-submodules=all",),
    "symbolic-ref": (),
}
# Options that would switch a program on again, or write a file.
_REFUSED_OPTIONS = (
    "--ext-diff", "--textconv", "--filters", "--show-signature", "--output", "--recurse-submodules",
    "--ignore-submodules", "--submodule",
)  # fmt: skip
_FIXED = (
    ("core.fsmonitor", "false"),
    ("core.hooksPath", os.devnull),
    ("core.pager", "cat"),
    ("core.quotePath", "false"),
    ("core.askPass", ""),
    ("core.sshCommand", "false"),
    ("credential.helper", ""),
    ("diff.external", ""),
    ("diff.mnemonicPrefix", "false"),
    ("diff.noprefix", "false"),
    ("diff.submodule", "short"),
    ("log.showSignature", "false"),
    ("protocol.allow", "never"),
    ("safe.bareRepository", "explicit"),
    ("submodule.recurse", "false"),
    ("color.ui", "false"),
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
)
_ENVIRONMENT = {
    "GIT_ALLOW_PROTOCOL": "",  # set and empty: no transport at all, whatever is configured
    "GIT_ASKPASS": "",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_LITERAL_PATHSPECS": "1",  # a file may be called `:(top)`, which asks for all the others
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_PAGER": "cat",
    "GIT_PROTOCOL_FROM_USER": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
_LIST_PROGRAMS = ("config", "-z", "--name-only", "--get-regexp", r"^(filter|diff|gpg)\.")
_NO_REPOSITORY = Completed(128, b"", b"not inside a work tree")


async def git(
    args: Sequence[str], *, cwd: str | Path, timeout_s: float, untrusted_roots: Iterable[str | Path] = ()
) -> Completed:
    """Run a reading git command such as ("diff", "--stat") in the work tree around `cwd`.

    Outside of a work tree the return code is 128 and nothing was started. Paths go after a `--`.
    Raises SpawnRefused for a command or option that is not on the list, ToolFailed without git.
    """
    _check(args)
    import asyncio  # as in `run`

    top = await asyncio.to_thread(_work_tree, cwd)
    if top is None:
        return _NO_REPOSITORY
    call = await asyncio.to_thread(_Call, top, cwd, tuple(untrusted_roots))

    async def done(args: Sequence[str]) -> Completed:
        return await run(
            call.argv(args), cwd=cwd, timeout_s=timeout_s, env=_ENVIRONMENT, untrusted_roots=call.roots
        )

    call.switch_off(await done(_LIST_PROGRAMS))
    return await done(args)


def git_blocking(
    args: Sequence[str], *, cwd: str | Path, timeout_s: float, untrusted_roots: Iterable[str | Path] = ()
) -> Completed:
    """`git` for code without a loop."""
    _check(args)
    top = _work_tree(cwd)
    if top is None:
        return _NO_REPOSITORY
    call = _Call(top, cwd, tuple(untrusted_roots))

    def done(args: Sequence[str]) -> Completed:
        return run_blocking(
            call.argv(args), cwd=cwd, timeout_s=timeout_s, env=_ENVIRONMENT, untrusted_roots=call.roots
        )

    call.switch_off(done(_LIST_PROGRAMS))
    return done(args)


class _Call:
    """The command line for one repository: the fixed settings, and those against its own programs."""

    def __init__(self, top: Path, cwd: str | Path, untrusted_roots: tuple[str | Path, ...]) -> None:
        self.roots = (top, cwd, *untrusted_roots)
        self._program = _find_git(self.roots)
        # Named by us, because core.worktree could make git read files from anywhere.
        self._top = top
        self._settings = [*_FIXED, *(("safe.directory", each) for each in _safe_directories(self._program))]

    def argv(self, args: Sequence[str]) -> list[str]:
        settings = [word for key, value in self._settings for word in ("-c", f"{key}={value}")]
        start = [self._program, "--no-pager", f"--work-tree={self._top}", *settings]
        return [*start, args[0], *_COMMANDS.get(args[0], ()), *args[1:]]

    def switch_off(self, listed: Completed) -> None:
        """Empty every program that the repository's configuration names. Fails closed."""
        if listed.returncode not in (0, 1) or listed.truncated:  # 1: nothing of the kind is set
            raise ToolFailed("git cannot read this repository's configuration", hint="run `git status` there")
        for key in listed.stdout.decode("utf-8", "surrogateescape").split("\0"):
            # `-c` ends a key at the first `=`: such a name could smuggle its program past us.
            if "=" in key or "\n" in key:
                raise SpawnRefused(
                    "this repository configures a driver with an unusable name",
                    hint="look at the filter and diff sections of its .git/config",
                )
            section, _, rest = key.partition(".")
            name = rest.rpartition(".")[2].lower()
            if section == "filter" and name in {"clean", "smudge", "process"}:
                self._settings.append((key, ""))
            elif section == "filter" and name == "required":
                self._settings.append((key, "false"))
            elif name in {"command", "textconv", "program", "defaultkeycommand"}:
                self._settings.append((key, ""))


def _check(args: Sequence[str]) -> None:
    if not args or args[0] not in _COMMANDS:
        raise SpawnRefused("only git's reading commands are run", hint="see spawn/git.py for the list")
    options = args[1 : args.index("--")] if "--" in args else args[1:]
    for option in options:
        if option.startswith(_REFUSED_OPTIONS) or "%G" in option:  # %G...: checks a signature with gpg
            raise SpawnRefused("this git option may run a program", hint="see spawn/git.py for the list")


def _work_tree(cwd: str | Path) -> Path | None:
    """The nearest directory with a `.git`.

    Git's own search would also take a bare repository that somebody put into the tree.
    """
    here = Path(cwd).resolve()
    for directory in (here, *here.parents):
        if (directory / ".git").exists():
            return directory
    return None


def _find_git(untrusted_roots: tuple[str | Path, ...]) -> str:
    program = shutil.which("git", path=search_path(untrusted_roots))
    if program is None:
        raise ToolFailed("git is not installed", hint="install git; answers go without history until then")
    return program


@functools.cache
def _safe_directories(program: str) -> tuple[str, ...]:
    """What the user and the administrator declared safe.

    Git's own check of a repository's owner stays on, and their files are not read otherwise.
    """
    with private_directory() as nowhere:
        listed = run_blocking(
            [program, "config", "-z", "--get-all", "safe.directory"],
            cwd=nowhere,
            timeout_s=5,
            env={"GIT_CEILING_DIRECTORIES": str(nowhere.parent)},
        )
    values = listed.stdout.decode("utf-8", "surrogateescape").split("\0")
    return tuple(value for value in values if value)
