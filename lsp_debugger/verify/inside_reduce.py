"""Makes a failing test smaller for as long as it fails alike.

It runs inside of the isolation, under the project's Python. Nothing of this package is there: only the
standard library, the project's pytest, and what is sent along.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import importlib.metadata
import json
import os
import select
import signal
import sys
import time
from pathlib import Path
from typing import Any

import pysource_minimize

_SLOWER = 5.0  # than the first run: a candidate that takes this much longer is another failure
_LEAST_S = 3.0
_RENAMED = "unique_name_"  # what the library calls things that had another name


class Watch:
    """A plugin of pytest that tells of the first failure, its type and its innermost place in the project.

    It leaves at once: what plugins do at a session's end (one imports its whole library) takes longer than
    most tests.
    """

    def __init__(self, root: str, test_file: str, writing: int) -> None:
        self.root, self.test_file, self.writing = root, test_file, writing

    def pytest_runtest_makereport(self, call: Any) -> None:
        if call.when == "call" and call.excinfo is not None:
            kind = call.excinfo.type
            place = self._place(call.excinfo.traceback)
            os.write(self.writing, json.dumps([f"{kind.__module__}.{kind.__qualname__}", *place]).encode())
            os._exit(0)

    def pytest_sessionfinish(self, session: Any) -> None:
        if not session.testscollected:
            os.write(self.writing, b"[]")
        os._exit(0)

    def _place(self, traceback: Any) -> list[Any]:
        own = [each for each in traceback if self._is_own(str(each.path))]
        if not own:
            return []
        path, statement = os.path.relpath(str(own[-1].path), self.root), str(own[-1].statement)
        if path == self.test_file:
            return [path, 0, plain(statement)]  # its lines move while it becomes smaller
        return [path, own[-1].lineno + 1, own[-1].frame.code.name]

    def _is_own(self, path: str) -> bool:
        inside = Path(os.path.relpath(path, self.root)).parts
        return inside[0] != ".." and not {"site-packages", "dist-packages", ".venv", "venv"} & set(inside)


def plain(statement: str) -> str:
    try:
        return ast.unparse(ast.parse(statement.strip()))
    except (SyntaxError, ValueError):
        return statement.strip()


class Reducer:
    """target: the test as pytest names it. end_s: when to stop, on the monotonic clock."""

    def __init__(self, test_file: str, target: str, end_s: float) -> None:
        self.test_file, self.target, self.end_s = test_file, target, end_s
        self.runs, self.limit_s, self.wanted = 0, 600.0, None
        self.best = ""
        self.known: dict[str, bool] = {}

    def begin(self, source: str) -> str:
        """Why it cannot be reduced; empty when it can."""
        began = time.monotonic()
        self.wanted = self.failure(source)
        self.limit_s = max((time.monotonic() - began) * _SLOWER, _LEAST_S)
        if not self.wanted:
            return "the test passes" if self.wanted is None else "pytest found no such test"
        if self.failure(source) != self.wanted:
            return "the test does not fail in the same way each time"
        self.best = source
        return ""

    def still_fails(self, source: str) -> bool:
        """Raises StopMinimization when the time is up; `best` is what was found until then."""
        if _RENAMED in source:
            return False  # another name is no smaller test, and says less
        if source not in self.known:
            if time.monotonic() > self.end_s:
                raise pysource_minimize.StopMinimization
            self.known[source] = self.failure(source) == self.wanted
        if self.known[source]:
            self.best = source
        return self.known[source]

    def failure(self, source: str) -> list[Any] | None:
        """How this text of the test file fails, in a process of its own; None if it does not, or is too slow.

        Empty where there is no such test in it.
        """
        self.runs += 1
        Path(self.test_file).write_text(source, "utf-8")
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            self._run(writing)
        os.close(writing)
        said = _read_all(reading, self.limit_s)
        os.close(reading)
        with contextlib.suppress(OSError):
            os.killpg(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return json.loads(said) if said else None

    def _run(self, writing: int) -> None:
        try:
            os.setpgid(0, 0)
            nowhere = os.open(os.devnull, os.O_RDWR)
            for number in (0, 1, 2):
                os.dup2(nowhere, number)
            import pytest

            arguments = ["-q", "-x", "-p", "no:cacheprovider", f"{self.test_file}::{self.target}"]
            pytest.main(arguments, plugins=[Watch(str(Path.cwd()), self.test_file, writing)])
        finally:
            os._exit(1)


def _read_all(reading: int, within_s: float) -> bytes:
    said, end_s = b"", time.monotonic() + within_s
    while select.select([reading], [], [], max(end_s - time.monotonic(), 0))[0]:
        part = os.read(reading, 65536)
        if not part:
            return said
        said += part
    return b""


def alone(source: str, target: str) -> str:
    """The file without its other tests."""
    tree, wanted = ast.parse(source), target.partition("::")[0]
    tree.body = [each for each in tree.body if not _is_other_test(each, wanted)]
    return ast.unparse(tree)


def _is_other_test(node: ast.stmt, wanted: str) -> bool:
    named = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
    return named and node.name != wanted and node.name.lower().startswith("test")


def _load_plugins() -> None:
    """What pytest would load for every run: once, before the forks. What is wrong with one shows there."""
    importlib.import_module("pytest")

    for distribution in importlib.metadata.distributions():
        for each in distribution.entry_points:
            if each.group == "pytest11":
                with contextlib.suppress(Exception):
                    each.load()


def main(test_file: str, target: str, limit_s: float) -> dict[str, Any]:
    _load_plugins()
    source = Path(test_file).read_text("utf-8")
    began = time.monotonic()
    reducer = Reducer(test_file, target, began + limit_s)
    why = reducer.begin(source)
    if not why:
        # Not even written anew may it fail alike: then what there is of it stays.
        with contextlib.suppress(pysource_minimize.CouldNotMinimize, pysource_minimize.StopMinimization):
            if reducer.still_fails(alone(source, target)):
                source = reducer.best
            pysource_minimize.minimize(source, reducer.still_fails, retries=0)
    now = time.monotonic()
    return {
        "why_not": why,
        "source": reducer.best,
        "failure": reducer.wanted,
        "runs": reducer.runs,
        "took_s": now - began,
        "is_complete": now < reducer.end_s,
    }


if __name__ == "__main__":
    found = main(sys.argv[1], sys.argv[2], float(sys.argv[3]))
    Path(os.environ["LSPD_PROOF"], "reduced.json").write_text(json.dumps(found), "utf-8")
