"""Runs of Python's tests that pass though the patched file was not what ran, in every way known."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Unproven:
    """files, patch: texts by path. command: its program absolute, or by name."""

    id: str
    files: Mapping[str, str]
    patch: Mapping[str, str]
    command: Sequence[str]


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


def _python(files: Mapping[str, str], command: Sequence[str], *, id: str) -> Unproven:  # noqa: A002 - as pytest has it
    return Unproven(id, {"app.py": OLD, "test_app.py": TEST, **files}, {"app.py": FIXED}, command)


CASES = [
    _python({"test_app.py": "def test_nothing(): ...\n"}, PYTEST, id="imports nothing"),
    _python({"other/app.py": FIXED}, (*PATH_OF_OTHER, *WITHOUT_PATH), id="PYTHONPATH"),
    _python(
        {"other/app.py": FIXED, "conftest.py": INSERTS_OTHER}, WITHOUT_PATH, id="conftest inserts a path"
    ),
    _python(
        {"other/app.py": OLD, "conftest.py": LOADS_APP + INSERTS_OTHER, "test_app.py": USES_APP},
        WITHOUT_PATH,
        id="both, and it is the old one that is tested",
    ),
    _python(
        {"conftest.py": "import sys, types\nsys.modules['app'] = types.SimpleNamespace(total=sum)\n"},
        PYTEST,
        id="replaced by something else",
    ),
    _python(
        {"test_app.py": "def test():\n    scope = {}\n    exec(open('app.py').read(), scope)\n"},
        PYTEST,
        id="its text is run, nobody knows from where",
    ),
    _python(
        {"test_app.py": RUNS.format(argv="[sys.executable, '-I', '-c', 'print(3)']", more="")},
        PYTEST,
        id="another process that runs something else",
    ),
    _python(
        {"other/app.py": FIXED, "conftest.py": INSERTS_OTHER, "test_app.py": TEST + PARSES_APP},
        WITHOUT_PATH,
        id="only parsed",
    ),
    _python({"test_app.py": SKIPPED}, PYTEST, id="skipped"),
    _python({}, (*PYTEST, "-k", "nothing_of_it"), id="deselected"),
    _python({"test_app.py": "import app\n"}, PYTEST, id="no test"),
    _python({}, ("/bin/true",), id="no test runner"),
    _python({}, ("/bin/sh", "-c", "no-such-runner"), id="no such runner"),
    _python({}, ("/bin/sh", "-c", "exec ./app.py"), id="cannot be started"),
    _python({}, (sys.executable, "-I", "-c", IMPORTS_APP), id="a Python without hooks"),
]
