"""Python repositories that try to run something while they are checked. See tests/support/tripwires.py."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

import pytest
from tripwires import Hostile, Tree, hold

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(sys.platform == "win32", reason="the programs made here are shell scripts"),
]

APP = "import os\n\ncount: int = 'three'\n"
PLUGIN = "def plugin(version):\n    from mypy.plugin import Plugin\n    return Plugin\n"
SHIMS = (
    "python",
    "python3",
    "ruff",
    "mypy",
    "basedpyright",
    "pyright",
    "bandit",
    "node",
    "git",
    "shellcheck",
)
SHADOWS = (
    "json", "ast", "re", "typing", "tokenize", "sitecustomize", "usercustomize", "site", "conftest", "setup",
    "mypy", "bandit", "pathlib", "subprocess",
)  # fmt: skip


def mypy_plugin(name: str, text: str) -> Callable[[Tree], None]:
    def build(tree: Tree) -> None:
        tree.write("app.py", APP)
        tree.write("evil.py", tree.python("plugin") + PLUGIN)
        tree.write(name, text)

    return build


def mypy_interpreter(tree: Tree) -> None:
    tree.write("app.py", APP)
    tree.program("bin/py", "interpreter", f'exec "{sys.executable}" "$@"')
    tree.write("mypy.ini", f"[mypy]\npython_executable = {tree.root / 'bin/py'}\n")


def shims(folder: str) -> Callable[[Tree], None]:
    def build(tree: Tree) -> None:
        tree.write("app.py", APP)
        tree.write(f"{folder}/pyvenv.cfg", f"home = {os.path.dirname(sys.executable)}\n")  # noqa: PTH120
        for name in SHIMS:
            tree.program(f"{folder}/bin/{name}", name, "echo '[]'")

    return build


def interpreter_of_the_project(tree: Tree) -> None:
    tree.write("app.py", APP)
    tree.program(".venv/bin/python", "python", f'exec "{sys.executable}" "$@"')


def shadows(tree: Tree) -> None:
    tree.write("app.py", APP)
    for name in SHADOWS:
        tree.write(f"{name}.py", tree.python(name))
    tree.write("encodings/__init__.py", tree.python("encodings"))
    tree.write("encodings/utf_8.py", tree.python("encodings"))


def import_all(tree: Tree) -> None:
    """What the tools would do if they ran with the tree in `sys.path`."""
    tree.by_hand(sys.executable, "-c", f"import {', '.join(SHADOWS)}", env={"PYTHONPATH": str(tree.root)})
    for name in SHADOWS:
        tree.by_hand(sys.executable, str(tree.root / f"{name}.py"))
    tree.by_hand(sys.executable, "-S", str(tree.root / "encodings/__init__.py"))


def environment_with_code(tree: Tree) -> None:
    """`.pth` lines and sitecustomize of an environment that pyright and mypy are pointed at."""
    tree.write("app.py", APP)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    site = f"env/lib/{version}/site-packages"
    tree.write(f"{site}/evil.pth", "import sys; " + tree.python("pth"))
    tree.write(f"{site}/sitecustomize.py", tree.python("sitecustomize"))
    tree.write("env/pyvenv.cfg", f"home = {os.path.dirname(os.path.realpath(sys.executable))}\n")  # noqa: PTH120
    (tree.root / "env/bin").mkdir()
    (tree.root / "env/bin/python").symlink_to(os.path.realpath(sys.executable))
    tree.write("pyrightconfig.json", '{"venvPath": ".", "venv": "env", "pythonVersion": "3.11"}')


def pyright_interpreter(tree: Tree) -> None:
    """basedpyright's own settings, and those of editors, name interpreters."""
    tree.write("app.py", APP)
    tree.program("bin/python", "interpreter", f'exec "{sys.executable}" "$@"')
    tree.write("pyrightconfig.json", '{"pythonPath": "bin/python", "venvPath": "bin", "venv": "."}')
    tree.write(".vscode/settings.json", '{"python.defaultInterpreterPath": "bin/python"}')


def ruff_cache(tree: Tree) -> None:
    """What ruff extends, and where it caches, may be anywhere: the cache's folder would be written."""
    tree.write("app.py", APP)
    shared = tree.ours / "shared.toml"
    shared.write_text(f'cache-dir = "{tree.marks / "cache"}"\n')
    tree.write("pyproject.toml", f'[tool.ruff]\nextend = "{shared}"\n')


def bandit_config(tree: Tree) -> None:
    """`.bandit` and `[tool.bandit]` are data; a plugin is an entry point of what is installed."""
    tree.write("app.py", "import subprocess\nsubprocess.call('ls', shell=True)\n")
    tree.write(".bandit", "[bandit]\nexclude = /\nskips = B602,B404,B607\nplugins = evil\n")
    tree.write("evil.py", tree.python("plugin"))
    tree.write("evil.egg-info/entry_points.txt", "[bandit.plugins]\nevil = evil:check\n")
    tree.write("evil.egg-info/PKG-INFO", "Metadata-Version: 2.1\nName: evil\nVersion: 1\n")


def pylint_hook(tree: Tree) -> None:
    tree.write("app.py", APP)
    tree.write(".pylintrc", f"[MAIN]\ninit-hook={tree.python('hook')}")


def run_hook(tree: Tree) -> None:
    """pylint is not run by us at all: what its hook does is shown by doing what pylint does with it."""
    text = (tree.root / ".pylintrc").read_text()
    tree.by_hand(sys.executable, "-c", text.partition("init-hook=")[2])


def own_tools(tree: Tree) -> None:
    """Files that other tools run: nobody here does, whatever they are called."""
    tree.write("app.py", APP)
    for name in ("conftest.py", "setup.py", "noxfile.py", "tasks.py", "manage.py", "fabfile.py"):
        tree.write(name, tree.python(name))
    tree.write("setup.cfg", "[options]\nsetup_requires = evil\n")
    tree.write(
        "pyproject.toml", '[build-system]\nrequires = []\nbuild-backend = "setup"\nbackend-path = ["."]\n'
    )
    tree.write(".envrc", tree.shell("envrc"))
    tree.write(".env", f"PYTHONSTARTUP={tree.root}/setup.py\nLD_PRELOAD={tree.root}/x.so\n")


def run_them(tree: Tree) -> None:
    for path in sorted(tree.root.glob("*.py")):
        tree.by_hand(sys.executable, str(path))
    tree.by_hand("sh", str(tree.root / ".envrc"))


CASES = [
    Hostile(
        "mypy plugin in mypy.ini",
        mypy_plugin("mypy.ini", "[mypy]\nplugins = ./evil.py\n"),
        frozenset({"plugin"}),
        lambda tree: tree.by_hand("mypy", "--cache-dir", os.devnull, "app.py"),
        programs=("mypy",),
        finds=("F401",),
    ),
    Hostile(
        "mypy plugin in pyproject.toml",
        mypy_plugin("pyproject.toml", '[tool.mypy]\nplugins = ["./evil.py"]\n'),
        frozenset({"plugin"}),
        lambda tree: tree.by_hand("mypy", "--cache-dir", os.devnull, "app.py"),
        programs=("mypy",),
        finds=("F401",),
    ),
    Hostile(
        "mypy plugin in setup.cfg",
        mypy_plugin("setup.cfg", "[mypy]\nplugins = ./evil.py\n"),
        frozenset({"plugin"}),
        lambda tree: tree.by_hand("mypy", "--cache-dir", os.devnull, "app.py"),
        programs=("mypy",),
        finds=("F401",),
    ),
    Hostile(
        "mypy interpreter",
        mypy_interpreter,
        frozenset({"interpreter"}),
        lambda tree: tree.by_hand("mypy", "--cache-dir", os.devnull, "app.py"),
        programs=("mypy",),
        finds=("F401",),
    ),
    Hostile(
        ".venv of shims",
        shims(".venv"),
        frozenset({"ruff", "basedpyright"}),
        by_trust=("ruff", "pyright"),
        finds=("F401", "reportAssignmentType"),
    ),
    Hostile(
        "an interpreter in .venv",
        interpreter_of_the_project,
        frozenset({"python"}),
        by_trust=("pyright",),
        finds=("reportAssignmentType",),
    ),
    Hostile(
        "venv of shims in PATH",
        shims("venv"),
        frozenset(SHIMS),
        lambda tree: [tree.by_hand(str(tree.root / "venv/bin" / name)) for name in SHIMS],
        path=("venv/bin", "venv/../venv/bin"),
        finds=("F401", "reportAssignmentType"),
    ),
    Hostile(
        "modules that shadow what tools import",
        shadows,
        frozenset(SHADOWS) | {"encodings"},
        import_all,
        finds=("F401", "reportAssignmentType"),
    ),
    Hostile(
        "an environment whose .pth runs code",
        environment_with_code,
        frozenset({"pth", "sitecustomize"}),
        lambda tree: tree.by_hand(str(tree.root / "env/bin/python"), "-c", "pass"),
        finds=("reportAssignmentType",),
    ),
    Hostile(
        "an interpreter in pyright's configuration",
        pyright_interpreter,
        frozenset({"interpreter"}),
        lambda tree: tree.by_hand("basedpyright", "--pythonpath", str(tree.root / "bin/python"), "app.py"),
        programs=("basedpyright",),
        finds=("F401",),
    ),
    Hostile(
        "ruff caches elsewhere",
        ruff_cache,
        frozenset({"cache"}),
        lambda tree: tree.by_hand("ruff", "check", "app.py"),
        finds=("F401",),
    ),
    Hostile(
        "bandit plugin",
        bandit_config,
        frozenset({"plugin"}),
        lambda tree: tree.by_hand("bandit", "app.py", env={"PYTHONPATH": str(tree.root)}),
        programs=("bandit",),
    ),
    Hostile("pylint's init-hook", pylint_hook, frozenset({"hook"}), run_hook, finds=("F401",)),
    Hostile(
        "files that other tools run",
        own_tools,
        frozenset({"conftest.py", "setup.py", "noxfile.py", "envrc"}),
        run_them,
        finds=("F401",),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_nothing_of_the_repository_runs(
    case: Hostile, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    await hold(case, tree, monkeypatch)
