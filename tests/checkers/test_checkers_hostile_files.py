"""Names that read as options, and files that are none or that lead out of the repository."""

from __future__ import annotations

import asyncio
import os
import socket  # noqa: TID251 - a repository has no socket, but a folder may
import stat
import subprocess  # noqa: TID251 - its exception
import sys
from collections.abc import Iterator

import pytest
from tripwires import Tree, difference, listing

from lsp_debugger.checkers import CHECKERS
from lsp_debugger.checkers.plan import plan
from lsp_debugger.core.ask import Problem

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(sys.platform == "win32", reason="names and files that Windows does not have"),
]

NO_HANG_S = 30
PYTHON = "import os\n\ncount: int = 'three'\n"
SCRIPT = "#!/bin/sh\necho $1\n"
SECRET = "hunter2_of_another_place"
ROOTS = (
    "-rf",
    "--config=x.py",
    "@arguments",
    "a 'b' \"c\"",
    "line\nbreak",
    "[a-z]*{b,c}!",
    "$(touch x);&|",
    "näme 😀",
)
NAMES = (
    "--output-file=written.py", "--fix.py", "-c.py", "--config=written.py", "@arguments.py", "--.py", "-.py",
    "--plugins.py", "two words.py", "a\nb.py", "it's \"x\".py", "star*.py", "[ab].py", "{a,b}.py", "~.py",
    "$HOME.py", "!not.py", "#hash.py", "a:b.py", "back\\slash.py", "😀.py", "-rf", "a,b.py",
)  # fmt: skip


@pytest.mark.parametrize("name", ROOTS)
async def test_a_folder_of_any_name_is_a_folder(name: str, tree: Tree) -> None:
    root = tree.root / name
    root.mkdir()
    tree.root = root
    tree.write("app.py", PYTHON)
    before = listing(root)
    checked = await tree.checked(trusted=False, only={"ruff", "shellcheck", "bandit"})
    told = await tree.told(checked, trusted=False)
    assert "F401" in told
    assert str(root / "app.py") in told
    assert difference(before, listing(root)) == []
    assert [each.reason for each in checked if each.broken] == []


@pytest.fixture
def oddly_named(tree: Tree) -> Tree:
    for name in NAMES:
        tree.write(name, PYTHON)
        if name.endswith(".py"):
            tree.write(name.removesuffix(".py") + ".sh", SCRIPT)
            tree.write(name.removesuffix(".py") + ".c", "int main(void) { return missing; }\n")
    tree.write("arguments", f"--fix\n--output-file={tree.root}/written.py\n")
    return tree


async def test_files_of_any_name_are_files(oddly_named: Tree) -> None:
    """All at once, then each by itself, which puts it on a command line."""
    tree = oddly_named
    before = listing(tree.root)
    checked = await tree.checked(trusted=False)
    assert [each.reason for each in checked if each.broken] == []
    assert found_in(checked, "F401") == {name for name in NAMES if name.endswith(".py")}
    for name in NAMES:
        if name.endswith(".py"):
            alone = await tree.checked(trusted=False, target=name, only={"ruff"})
            assert found_in(alone, "F401") == {name}
    assert difference(before, listing(tree.root)) == []


async def test_files_of_any_name_on_one_command_line(oddly_named: Tree) -> None:
    """A folder inside of a project: its files are named one by one, for every checker."""
    tree = oddly_named
    inner = tree.root / "inner"
    inner.mkdir()
    for path in [path for path in tree.root.iterdir() if path.is_file()]:
        path.rename(inner / path.name)
    tree.write("pyproject.toml", "[project]\nname = 'x'\nversion = '0'\n")
    before = listing(tree.root)
    checked = await tree.checked(trusted=False, target="inner")
    assert [each.reason for each in checked if each.broken] == []
    assert found_in(checked, "F401") == {f"inner/{name}" for name in NAMES if name.endswith(".py")}
    assert difference(before, listing(tree.root)) == []


def test_such_names_are_options_to_the_careless(tree: Tree) -> None:
    tree.write("--output-file=written.py", PYTHON)
    tree.by_hand("sh", "-c", "ruff check --no-cache *")
    assert (tree.root / "written.py").exists()


def found_in(checked: object, code: str) -> set[str]:
    assert isinstance(checked, list)
    problems: Iterator[Problem] = (problem for each in checked for problem in each.problems)
    return {os.path.relpath(str(each.path)).split("clone/", 1)[1] for each in problems if each.code == code}


async def test_a_root_that_is_a_link(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs in it are in it, whichever of its names PATH has."""
    tree.write("app.py", PYTHON)
    tree.program("bin/ruff", "ruff", "echo '[]'")
    link = tree.root.parent / "link"
    link.symlink_to(tree.root)
    monkeypatch.setenv("PATH", os.pathsep.join([f"{tree.root}/bin", f"{link}/bin", os.environ["PATH"]]))
    tree.root = link
    checked = await tree.checked(trusted=False)
    assert "F401" in await tree.told(checked, trusted=False)
    assert [each.reason for each in checked if each.broken] == []
    assert tree.fired() == set()
    tree.by_hand("sh", "-c", "ruff check .")
    assert tree.fired() == set(), "our own environment stands first in a control"
    tree.by_hand(str(link / "bin/ruff"))
    assert tree.fired() == {"ruff"}


@pytest.mark.parametrize("is_repository", [True, False])
async def test_what_a_link_leads_to_is_not_shown(is_repository: bool, tree: Tree) -> None:
    outside = tree.ours / "outside"
    outside.mkdir()
    texts = {
        "private.py": f"import os\n\n{SECRET}: int = 'x'\nprint({SECRET}x)\n",
        "private.sh": f"#!/bin/sh\necho ${SECRET}\n{SECRET}=1\n",
        "private.c": f"int main(void) {{ return {SECRET}; }}\n",
        "private.ts": f"const x: number = {SECRET};\n",
        "private.js": f"{SECRET}();\n",
        "private.go": f"package main\n\nfunc main() {{ {SECRET}() }}\n",
    }
    tree.write("app.py", PYTHON)
    tree.write("tsconfig.json", '{"compilerOptions": {"noEmit": true, "types": []}}')
    tree.write("go.mod", "module example.org/x\n\ngo 1.20\n")
    for name, text in texts.items():
        (outside / name).write_text(text)
        (tree.root / name.replace("private", "link")).symlink_to(outside / name)
    (tree.root / "folder").symlink_to(outside)
    if is_repository:
        tree.commit()
    for trusted in (False, True):
        checked = await tree.checked(trusted=trusted)
        told = await tree.told(checked, trusted=trusted)
        assert "F401" in told
        assert SECRET not in told
        assert SECRET not in "".join(each.reason for each in checked)
    assert plan(tree.root / "link.py", tree.root, CHECKERS) == [], (
        "not when it is asked for by its name either"
    )
    assert plan(tree.root / "folder", tree.root, CHECKERS) == []
    assert SECRET in tree.by_hand("ruff", "check", "--no-cache", "link.py"), "what it would say"


CONFIGURATIONS = (
    "pyproject.toml", "setup.cfg", "mypy.ini", "ruff.toml", "pyrightconfig.json", ".bandit", ".shellcheckrc",
    "package.json", "tsconfig.json", "eslint.config.js", "Cargo.toml", "go.mod", "compile_commands.json",
    ".clang-tidy", ".gitignore", ".gitattributes",
)  # fmt: skip
SOURCES = (
    "pipe.py",
    "pipe.sh",
    "pipe.c",
    "pipe.ts",
    "pipe.js",
    "pipe.go",
    "pipe.rs",
    "pipe.h",
    "__init__.py",
)


def with_socket(tree: Tree) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.relpath(tree.root / "socket.py"))  # the whole path may be too long for one


@pytest.fixture
def pipes(tree: Tree, request: pytest.FixtureRequest) -> Tree:
    tree.write("app.py", PYTHON)
    tree.write("run.sh", SCRIPT)
    for name in request.param:
        os.mkfifo(tree.root / name)
    os.mkfifo(tree.root / "HEAD")
    with_socket(tree)
    if os.geteuid() == 0:
        for name, minor in (("zero.py", 5), ("random.sh", 8)):
            os.mknod(tree.root / name, stat.S_IFCHR | 0o600, os.makedev(1, minor))
    (tree.root / "endless.py").symlink_to("/dev/zero")
    (tree.root / "loop.py").symlink_to("loop.py")
    return tree


@pytest.mark.parametrize("pipes", [SOURCES, CONFIGURATIONS], ids=["sources", "configurations"], indirect=True)
@pytest.mark.parametrize("is_repository", [True, False])
async def test_nothing_is_waited_for(pipes: Tree, is_repository: bool) -> None:
    if is_repository:
        pipes.by_hand("git", "init", "-q")
    before = listing(pipes.root)
    async with asyncio.timeout(NO_HANG_S):
        checked = await pipes.checked(trusted=False)
        told = await pipes.told(checked, trusted=False)
    assert told == ""
    assert "is a pipe or a device" in next(each.reason for each in checked if each.checker == "ruff")
    assert difference(before, listing(pipes.root)) == []


def test_ruff_would_not_end(tree: Tree) -> None:
    os.mkfifo(tree.root / "pyproject.toml")
    with pytest.raises(subprocess.TimeoutExpired):
        tree.by_hand("ruff", "check", "--no-cache", ".", timeout_s=1)


async def test_a_null_device_and_a_socket_are_no_trouble(tree: Tree) -> None:
    tree.write("app.py", PYTHON)
    (tree.root / ".npmrc").symlink_to(os.devnull)
    with_socket(tree)
    checked = await tree.checked(trusted=False)
    assert [each.reason for each in checked if each.broken] == []
    assert "F401" in await tree.told(checked, trusted=False)
