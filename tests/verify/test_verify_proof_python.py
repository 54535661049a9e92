"""Tests that pass though Python never ran the patched file, in every way known: none of them passes the rung.

And beside them those that did, in ways that are easily missed.
"""

from __future__ import annotations

import py_compile
import sys
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import patched_tests
import pytest

from lsp_debugger.verify.verdict import Result, RungResult

Mode = py_compile.PycInvalidationMode
pytestmark = pytest.mark.thorough

OLD = "def total(prices):\n    return sum(prices) + 1\n"
FIXED = "def total(prices):\n    return sum(prices)\n"
WRONG = "def total(prices):\n    return sum(prices) + 2\n"
TEST = "from app import total\n\n\ndef test_total():\n    assert total([1, 2]) == 3\n"
PYTEST = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")
# Neither the working directory nor the test's own folder is on the path.
WITHOUT_PATH = (
    sys.executable,
    "-P",
    "-m",
    "pytest",
    "-q",
    "-p",
    "no:cacheprovider",
    "--import-mode=importlib",
)
PATH_OF_OTHER = ("/bin/sh", "-c", 'PYTHONPATH="$PYTHONPATH:$PWD/other" exec "$@"', "sh")


async def check(
    tmp_path: Path, files: Mapping[str, str], new: str, command: Sequence[str] = PYTEST
) -> RungResult:
    root = patched_tests.workspace(tmp_path, {"app.py": OLD, "test_app.py": TEST, **files})
    return await patched_tests.run_tests(root, {"app.py": new}, command)


async def test_the_patch_is_what_ran(tmp_path: Path) -> None:
    said = await check(tmp_path, {}, FIXED)
    assert (said.result, said.said) == (Result.PASSED, "1 test passes")


async def test_a_wrong_one_is_refuted_and_so_is_the_tree_without(tmp_path: Path) -> None:
    assert (await check(tmp_path, {}, WRONG)).result is Result.FAILED
    root = patched_tests.workspace(tmp_path, {"app.py": OLD, "other.py": ""})
    assert (await patched_tests.run_tests(root, {"other.py": "x = 1\n"}, PYTEST)).result is Result.FAILED


CODE_OF_APP = (
    "import importlib.util, sys\nspec = importlib.util.spec_from_file_location('patched', 'app.py')\n"
)
LOADS_APP = CODE_OF_APP + "spec.loader.exec_module(importlib.util.module_from_spec(spec))\n"
PARSES_APP = "import ast\nast.parse(open('app.py').read(), 'app.py')\n"
IMPORTS_APP = "import sys\nsys.path.insert(0, '.')\nimport app"
USES_APP = "import app\n\n\ndef test_it():\n    app.total([1])\n"
INSERTS_OTHER = "import sys\nsys.path.insert(0, 'other')\n"
RUNS = """\
import subprocess, sys


def test_it():
    done = subprocess.run({argv}, capture_output=True, text=True{more})
    assert (done.stdout, done.stderr) == ("3\\n", "")
"""
PRINTS = """\
def total(prices):
    return sum(prices)


if __name__ == "__main__":
    print(total([1, 2]))
"""
SKIPPED = "import pytest, app\n\n@pytest.mark.skip\ndef test_it(): ...\n"


@pytest.mark.parametrize(
    ("files", "command"),
    [
        pytest.param({"test_app.py": "def test_nothing(): ...\n"}, PYTEST, id="imports nothing"),
        pytest.param({"other/app.py": FIXED}, (*PATH_OF_OTHER, *WITHOUT_PATH), id="PYTHONPATH"),
        pytest.param(
            {"other/app.py": FIXED, "conftest.py": INSERTS_OTHER}, WITHOUT_PATH, id="conftest inserts a path"
        ),
        pytest.param(
            {"other/app.py": OLD, "conftest.py": LOADS_APP + INSERTS_OTHER, "test_app.py": USES_APP},
            WITHOUT_PATH,
            id="both, and it is the old one that is tested",
        ),
        pytest.param(
            {"conftest.py": "import sys, types\nsys.modules['app'] = types.SimpleNamespace(total=sum)\n"},
            PYTEST,
            id="replaced by something else",
        ),
        pytest.param(
            {"test_app.py": "def test():\n    scope = {}\n    exec(open('app.py').read(), scope)\n"},
            PYTEST,
            id="its text is run, nobody knows from where",
        ),
        pytest.param(
            {"test_app.py": RUNS.format(argv="[sys.executable, '-I', '-c', 'print(3)']", more="")},
            PYTEST,
            id="another process that runs something else",
        ),
        pytest.param(
            {"other/app.py": FIXED, "conftest.py": INSERTS_OTHER, "test_app.py": TEST + PARSES_APP},
            WITHOUT_PATH,
            id="only parsed",
        ),
        pytest.param({"test_app.py": SKIPPED}, PYTEST, id="skipped"),
        pytest.param({}, (*PYTEST, "-k", "nothing_of_it"), id="deselected"),
        pytest.param({"test_app.py": "import app\n"}, PYTEST, id="no test"),
        pytest.param({}, ("/bin/true",), id="no test runner"),
        pytest.param({}, ("/bin/sh", "-c", "no-such-runner"), id="no such runner"),
        pytest.param({}, ("/bin/sh", "-c", "exec ./app.py"), id="cannot be started"),
        pytest.param({}, (sys.executable, "-I", "-c", IMPORTS_APP), id="a Python without hooks"),
    ],
)
async def test_passing_without_it_is_no_proof(
    tmp_path: Path, files: Mapping[str, str], command: Sequence[str]
) -> None:
    said = await check(tmp_path, files, FIXED, command)
    assert said.result is Result.NOT_CHECKED, said


@pytest.mark.parametrize(
    ("files", "new", "expected"),
    [
        pytest.param(
            {"test_app.py": RUNS.format(argv="[sys.executable, 'app.py']", more="")},
            PRINTS,
            Result.PASSED,
            id="a script",
        ),
        pytest.param(
            {"test_app.py": RUNS.format(argv="[sys.executable, '-m', 'app']", more="")},
            PRINTS,
            Result.PASSED,
            id="a module",
        ),
        pytest.param(
            {"test_app.py": RUNS.format(argv="[sys.executable, '-I', 'app.py']", more="")},
            PRINTS,
            Result.NOT_CHECKED,
            id="isolated mode",
        ),
        pytest.param(
            {"test_app.py": RUNS.format(argv="[sys.executable, 'app.py']", more=", env={}")},
            PRINTS,
            Result.NOT_CHECKED,
            id="an empty environment",
        ),
        pytest.param(
            {"test_app.py": RUNS.format(argv="[sys.executable, 'other.py']", more=""), "other.py": PRINTS},
            PRINTS,
            Result.NOT_CHECKED,
            id="another script",
        ),
    ],
)
async def test_code_in_a_process_of_its_own(
    tmp_path: Path, files: Mapping[str, str], new: str, expected: Result
) -> None:
    assert (await check(tmp_path, files, new)).result is expected


@pytest.mark.parametrize(
    "mode", [py_compile.PycInvalidationMode.UNCHECKED_HASH, py_compile.PycInvalidationMode.TIMESTAMP]
)
@pytest.mark.parametrize(
    ("cached", "new", "expected"), [(OLD, FIXED, Result.PASSED), (FIXED, WRONG, Result.FAILED)]
)
async def test_what_python_has_kept_of_the_file_is_not_believed(
    tmp_path: Path, mode: Mode, cached: str, new: str, expected: Result
) -> None:
    """A cache without a check, and one whose time and size happen to fit."""
    root = patched_tests.workspace(tmp_path, {"app.py": cached, "test_app.py": TEST})
    py_compile.compile(str(root / "app.py"), doraise=True, invalidation_mode=mode)
    (root / "app.py").write_text(OLD)
    said = await patched_tests.run_tests(root, {"app.py": new}, PYTEST)
    assert said.result is expected, said


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("is_compiled", [False, True])
async def test_an_old_copy_in_an_archive_is_no_proof(tmp_path: Path, is_compiled: bool, ends: str) -> None:
    """It is the one that is tested; the patched file is loaded along, and not asked for anything."""
    old = OLD.replace("\n", ends)
    root = patched_tests.workspace(
        tmp_path, {"app.py": old, "conftest.py": LOADS_APP + "sys.path.insert(0, 'old.zip')\n"}
    )
    (root / "test_app.py").write_text(
        "from app import total\n\n\ndef test_it():\n    assert total([1]) == 2\n"
    )
    with zipfile.ZipFile(root / "old.zip", "w") as archive:
        name = "app.py"
        if is_compiled:
            name = "app.pyc"
            py_compile.compile(str(root / "app.py"), str(tmp_path / name), dfile="app.py")
        else:
            (tmp_path / name).write_text(old, newline="")
        archive.write(tmp_path / name, name)
    said = await patched_tests.run_tests(root, {"app.py": FIXED}, WITHOUT_PATH)
    assert said.result is Result.NOT_CHECKED, said


async def test_a_fix_of_the_test_itself_counts_where_nothing_else_is_patched(tmp_path: Path) -> None:
    root = patched_tests.workspace(tmp_path, {"app.py": FIXED, "test_app.py": TEST.replace("3", "4")})
    assert (await patched_tests.run_tests(root, {"test_app.py": TEST}, PYTEST)).result is Result.PASSED
