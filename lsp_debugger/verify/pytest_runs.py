"""One isolated run of pytest in the patched tree, and what failed in it, told by pytest itself."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from lsp_debugger.verify.isolated import run_isolated
from lsp_debugger.verify.overlay import Overlay

_NAME = "lspd_failures"
_NOT_OURS = frozenset({"site-packages", "dist-packages", "node_modules", ".venv", "venv", ".tox", ".nox"})
# A plugin of the run itself: output would have to be parsed, and changes with every option of the project's.
_PLUGIN = """\
import json, os

_seen = {"failures": [], "passed": []}

def _frames(info):
    found = []
    for entry in info.traceback:
        code = entry.frame.code
        found.append([str(code.path), entry.lineno + 1, code.name, str(entry.statement).strip()])
    return found

def _keep(node, when, info):
    kind = info.type
    name = kind.__qualname__ if kind.__module__ == "builtins" else kind.__module__ + "." + kind.__qualname__
    try:
        message = str(info.value)[:2000]
    except Exception:
        message = ""
    _seen["failures"].append([node, when, name, message, _frames(info)])

def pytest_runtest_makereport(item, call):
    info = call.excinfo
    if info is None:
        if call.when == "call":
            _seen["passed"].append(item.nodeid)
    elif not info.errisinstance(__import__("pytest").skip.Exception):
        _keep(item.nodeid, call.when, info)

def pytest_exception_interact(node, call, report):
    if getattr(report, "when", None) is None:  # a module that cannot be collected
        _keep(node.nodeid, "collect", call.excinfo)

def pytest_unconfigure(config):
    with open(os.path.join(os.environ["LSPD_PROOF"], "failures-%d.json" % os.getpid()), "w") as file:
        json.dump(_seen, file)
"""


@dataclass(frozen=True, slots=True)
class TestFrame:
    """path: below the workspace, with `/`. statement: the source of what was running."""

    path: str
    line: int
    function: str
    statement: str

    __test__ = False  # for pytest, which collects by name


@dataclass(frozen=True, slots=True)
class Failure:
    """when: collect | setup | call | teardown. frames: in the workspace's own files, outermost first."""

    node_id: str
    when: str
    exception: str
    message: str
    frames: tuple[TestFrame, ...]

    @property
    def innermost(self) -> TestFrame | None:
        return self.frames[-1] if self.frames else None

    @property
    def words(self) -> str:
        """`ZeroDivisionError at app.py:7`."""
        where = f" at {self.innermost.path}:{self.innermost.line}" if self.innermost else ""
        return f"{self.exception.rpartition('.')[2]}{where}"


@dataclass(frozen=True, slots=True)
class TestsRan:
    """why_not: why nothing is known, empty where something is. passed: node ids."""

    failures: tuple[Failure, ...] = ()
    passed: tuple[str, ...] = ()
    why_not: str = ""

    __test__ = False


async def run_pytest(
    overlay: Overlay,
    python: Path,
    targets: Sequence[str],
    timeout_s: float,
    modules: Mapping[str, str] | None = None,
) -> TestsRan:
    """python: absolute, with pytest. targets: node ids or files below the workspace. Never raises."""
    command = [
        str(python),
        "-m",
        "pytest",
        "-q",
        "-p",
        _NAME,
        "-p",
        "no:cacheprovider",
        "--no-header",
        *targets,
    ]
    run = await run_isolated(overlay, command, timeout_s, {f"{_NAME}.py": _PLUGIN, **(modules or {})}, {})
    if run.done is None:
        return TestsRan(why_not=f"the test did not end: {run.failed}" if run.failed else run.why_not)
    ran = read_failures(overlay.root, run.left)
    if ran.failures or ran.passed:
        return ran
    if b"No module named pytest" in run.done.stderr + run.done.stdout:
        return TestsRan(why_not=f"{python.parent.parent.name} has no pytest")
    return TestsRan(why_not="pytest found no such test")


def read_failures(root: Path, left: Mapping[str, bytes]) -> TestsRan:
    """What the plugin wrote, of every process that ran tests: out of a hostile place, so anything."""
    failures, passed = list[Failure](), list[str]()
    for name, content in sorted(left.items()):
        if not name.startswith("failures-"):
            continue
        try:
            given = json.loads(content)
            failures += [_failure(root, each) for each in given["failures"]]
            passed += [str(each) for each in given["passed"]]
        except (ValueError, TypeError, KeyError, IndexError, OverflowError, RecursionError):
            return TestsRan(why_not="what pytest reported cannot be read")
    return TestsRan(tuple(failures), tuple(passed))


def _failure(root: Path, given: Sequence[Any]) -> Failure:
    node_id, when, exception, message, frames = given
    return Failure(str(node_id), str(when), str(exception), str(message), tuple(_own_frames(root, frames)))


def _own_frames(root: Path, frames: Iterable[Sequence[Any]]) -> Iterable[TestFrame]:
    for path, line, function, statement in frames:
        place = Path(str(path))
        if not place.is_relative_to(root):
            continue
        name = place.relative_to(root)
        if not _NOT_OURS & set(name.parts):
            yield TestFrame(PurePosixPath(name).as_posix(), int(line), str(function), str(statement))
