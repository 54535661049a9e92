"""Tests that pass though Python never ran the patched file, in every way known: none of them passes the rung.

And beside them those that did, in ways that are easily missed.
"""

from __future__ import annotations

import py_compile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import patched_tests
import pytest
from unproven_python import (
    CASES,
    FIXED,
    LOADS_APP,
    OLD,
    PRINTS,
    PYTEST,
    RUNS,
    TEST,
    WITHOUT_PATH,
    WRONG,
    Unproven,
)

from lsp_debugger.verify.verdict import Result, RungResult

Mode = py_compile.PycInvalidationMode
pytestmark = pytest.mark.thorough


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


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
async def test_passing_without_it_is_no_proof(tmp_path: Path, case: Unproven) -> None:
    root = patched_tests.workspace(tmp_path, case.files)
    said = await patched_tests.run_tests(root, case.patch, case.command)
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
