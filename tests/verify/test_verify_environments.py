"""Tests that pass or fail by what is around a patched file: what is installed, and what no repository holds.

The trees are real ones: a package that pip has installed to be edited, an environment in the workspace, files
that version control does not know.
"""

from __future__ import annotations

import subprocess  # noqa: TID251 - pip and venv, as a user has them
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path

import patched_tests
import pytest

from lsp_debugger.verify.verdict import Result

pytestmark = pytest.mark.thorough

OLD = "def total(prices):\n    return sum(prices) + 1\n"
FIXED = "def total(prices):\n    return sum(prices)\n"
WRONG = "def total(prices):\n    return sum(prices) + 2\n"
TEST = "from shop.app import total\n\n\ndef test_total():\n    assert total([1, 2]) == 3\n"
SETUP = "from setuptools import find_packages, setup\n\nsetup(name='shop', version='1', {})\n"
FLAT, SRC = "packages=['shop']", "packages=find_packages('src'), package_dir={'': 'src'}"
TEST_WORDS = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "tests")
# Nothing but what is installed leads to the package: neither the folder nor the test's own is on the path.
AWAY = ("-P", *TEST_WORDS, "--import-mode=importlib")


def installed(tmp_path: Path, setup: str, package: str, more: Mapping[str, str] | None = None) -> Path:
    """A workspace with an environment in which its own package is installed to be edited."""
    files = {
        "setup.py": SETUP.format(setup),
        f"{package}/__init__.py": "",
        f"{package}/app.py": OLD,
        "tests/test_app.py": TEST,
        **(more or {}),
    }
    root = patched_tests.workspace(tmp_path, files)
    run(root, sys.executable, "-m", "venv", "--without-pip", ".venv")
    [packages] = (root / ".venv").glob("lib/python3*/site-packages")
    (packages / "ours.pth").write_text(sysconfig.get_path("purelib") + "\n")  # pytest, pip and setuptools
    install(root, python(root))
    return root


def install(package: Path, interpreter: str) -> None:
    """To be edited: by pip, which needs `wheel` beside an older setuptools, or by setuptools itself."""
    pip = ("-m", "pip", "install", "--no-index", "--no-deps", "--no-build-isolation", "-e", ".")
    for words in (pip, ("setup.py", "develop", "--no-deps")):
        done = run(package, interpreter, *words)
        if done.returncode == 0:
            return
    pytest.skip(f"no editable install here: {done.stderr.strip().splitlines()[-1]}")


def run(root: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(argv, cwd=root, capture_output=True, text=True, timeout=120, check=False)


def python(root: Path) -> str:
    return str(root / ".venv" / "bin" / "python")


@pytest.mark.parametrize(
    ("setup", "package"), [(FLAT, "shop"), (SRC, "src/shop")], ids=["flat", "src layout"]
)
@pytest.mark.parametrize(("new", "expected"), [(FIXED, Result.PASSED), (WRONG, Result.FAILED)])
async def test_an_editable_install_runs_the_patch(
    tmp_path: Path, setup: str, package: str, new: str, expected: Result
) -> None:
    root = installed(tmp_path, setup, package)
    patch = {f"{package}/app.py": new}
    said = await patched_tests.run_tests(root, patch, (python(root), *AWAY))
    assert said.result is expected, said


async def test_an_editable_install_of_another_tree_proves_nothing(tmp_path: Path) -> None:
    """It leads to a worktree beside this one, in which the test passes already."""
    beside = tmp_path / "beside"
    for name, text in {"setup.py": SETUP.format(FLAT), "shop/__init__.py": "", "shop/app.py": FIXED}.items():
        (beside / name).parent.mkdir(parents=True, exist_ok=True)
        (beside / name).write_text(text)
    root = installed(tmp_path, FLAT, "shop")
    install(beside, python(root))
    said = await patched_tests.run_tests(root, {"shop/app.py": FIXED}, (python(root), *AWAY))
    # What lies beside the workspace is not there where the patch is run.
    assert said.result is not Result.PASSED, said


async def test_a_src_layout_without_an_install_is_found_by_its_configuration(tmp_path: Path) -> None:
    files = {
        "src/shop/__init__.py": "",
        "src/shop/app.py": OLD,
        "tests/test_app.py": TEST,
        "pyproject.toml": '[tool.pytest.ini_options]\npythonpath = ["src"]\n',
    }
    root = patched_tests.workspace(tmp_path, files)
    for new, expected in ((FIXED, Result.PASSED), (WRONG, Result.FAILED)):
        said = await patched_tests.run_tests(root, {"src/shop/app.py": new}, (sys.executable, *TEST_WORDS))
        assert said.result is expected, said


async def test_an_environment_file_that_nobody_tracks_is_there(tmp_path: Path) -> None:
    reads = (
        "import pathlib\n\n\ndef total(prices):\n"
        "    text = (pathlib.Path(__file__).parent / '.env').read_text()\n"
        "    return sum(prices) {} int(dict(line.split('=') for line in text.split())['TAX'])\n"
    )
    test = "from app import total\n\n\ndef test_total():\n    assert total([1, 2]) == 10\n"
    files = {
        "app.py": reads.format("-"),
        "tests/test_app.py": test,
        ".env": "TAX=7\n",
        ".gitignore": ".env\n",
    }
    root = patched_tests.workspace(tmp_path, files)
    (root / "conftest.py").touch()
    assert run(root, "git", "init", "--quiet").returncode == 0
    said = await patched_tests.run_tests(root, {"app.py": reads.format("+")}, (sys.executable, *TEST_WORDS))
    assert said.result is Result.PASSED, said


async def test_packages_of_node_are_there(tmp_path: Path) -> None:
    adds = "const add = require('adding').add;\nexports.total = (prices) => prices.reduce(add, {});\n"
    files = {
        "total.js": adds.format(1),
        "total.test.js": "const test = require('node:test'), assert = require('node:assert');\n"
        "test('total', () => assert.equal(require('./total.js').total([1, 2]), 3));\n",
        "package.json": '{"dependencies": {"adding": "1.0.0"}}',
        ".gitignore": "node_modules\n",
        "node_modules/adding/package.json": '{"name": "adding", "version": "1.0.0", "main": "index.js"}',
        "node_modules/adding/index.js": "exports.add = (sum, each) => sum + each;\n",
    }
    root = patched_tests.workspace(tmp_path, files)
    command = (patched_tests.program("node"), "--test")
    for first, expected in ((0, Result.PASSED), (2, Result.FAILED)):
        said = await patched_tests.run_tests(root, {"total.js": adds.format(first)}, command)
        assert said.result is expected, said
