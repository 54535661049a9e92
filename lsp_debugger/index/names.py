"""What names tell: which paths are tests, what a test is about, which modules an import names."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

_TEST_FOLDERS = frozenset({"test", "tests", "testing", "__tests__", "spec", "specs", "e2e"})
_TEST_NAME = re.compile(r"^(?:test_(?P<after>.+)|(?P<before>.+?)(?:_test|_spec|\.test|\.spec|Test|Tests))$")
_TEST_PATH = re.compile(r"[\w./\\-]*\w\.(?:py|pyi|js|jsx|mjs|cjs|ts|tsx|mts|cts)\b")
_PYTHON_FROM = re.compile(r"from\s+(?P<module>\.*[\w.]*)\s+import\s+(?P<names>[^#;]+)")
_PYTHON_IMPORT = re.compile(r"import\s+(?P<modules>[\w.]+(?:\s+as\s+\w+)?(?:\s*,\s*[\w.]+(?:\s+as\s+\w+)?)*)")
_SCRIPT_MODULE = re.compile(r"""["']([^"'\n]+)["']""")
_ALIAS = re.compile(r"\s+as\s+\w+")


def is_test_path(path: str) -> bool:
    """True for tests and what only serves them, by file name and folders."""
    *folders, name = path.split("/")  # asked of every file: pathlib would take three times as long
    stem = name.rpartition(".")[0] or name
    return (
        stem == "conftest"
        or _TEST_NAME.match(stem) is not None
        or any(part.lower() in _TEST_FOLDERS for part in folders)
    )


def stem_under_test(path: str) -> str:
    """`tests/test_money.py` → money; empty when the name is no test's."""
    match = _TEST_NAME.match(PurePosixPath(path.replace("\\", "/")).stem)
    return (match["after"] or match["before"]) if match else ""


def paths_in(text: str) -> list[str]:
    """Paths of source files that a text names (`tests/test_x.py::test_y`), each once."""
    return list(dict.fromkeys(path.replace("\\", "/") for path in _TEST_PATH.findall(text)))


def modules_in(statement: str) -> list[str]:
    """The modules that an import statement may mean. `from a import b` may mean a and a.b.

    Python names keep their leading dots; script names are the quoted text.
    """
    names: list[str] = []
    rest = _PYTHON_FROM.sub("", statement)
    for match in _PYTHON_FROM.finditer(statement):
        module = match["module"]
        names.append(module)
        joiner = "" if module.endswith(".") else "."
        names.extend(f"{module}{joiner}{name}" for name in _imported(match["names"]))
    for match in _PYTHON_IMPORT.finditer(rest):
        names.extend(_imported(match["modules"]))
    if not names:
        names.extend(_SCRIPT_MODULE.findall(statement))
    return [name for name in names if name.strip(".")] or [name for name in names if name]


def _imported(names: str) -> list[str]:
    plain = _ALIAS.sub("", names.replace("(", " ").replace(")", " "))
    return [name for part in plain.split(",") if (name := part.strip()) and re.fullmatch(r"[\w.]+", name)]
