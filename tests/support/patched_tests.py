"""A patch whose tests are run, without any checker: what the last rung of the ladder says."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from lsp_debugger.core.patch import Applied
from lsp_debugger.tools import find_tool
from lsp_debugger.verify.ladder import Allowed, Ladder
from lsp_debugger.verify.overlay import isolation
from lsp_debugger.verify.rungs import Found
from lsp_debugger.verify.tests_rung import TESTS
from lsp_debugger.verify.verdict import RungResult

# The tests have a home of their own; the compilers do not lie in it.
RUST_HOMES = {
    "RUSTUP_HOME": os.environ.get("RUSTUP_HOME", str(Path.home() / ".rustup")),
    "CARGO_HOME": os.environ.get("CARGO_HOME", str(Path.home() / ".cargo")),
}

_NO_CACHES: Mapping[str, Path] = {}


def workspace(folder: Path, files: Mapping[str, str]) -> Path:
    """A new workspace in which commands can be isolated, or the test is skipped."""
    root = folder / "work"
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    if reason := isolation(root):
        pytest.skip(f"no isolation: {reason}; it takes Linux with user namespaces")
    return root


def program(name: str) -> str:
    """Its absolute path, or the test is skipped."""
    tool = find_tool(name)
    if tool is None:
        pytest.skip(f"there is no {name} here")
    return str(tool.path)


async def run_tests(
    root: Path, patch: Mapping[str, str], command: Sequence[str], caches: Mapping[str, Path] = _NO_CACHES
) -> RungResult:
    """patch: texts by path below the root. The files of the workspace have to be as they were."""
    before = tree_of(root)
    old = {path: text for path, text in before.items() if path in patch}
    ladder = Ladder(root, _nothing, Allowed(test=command, caches=caches))
    verdict = await ladder.verdict(Applied(dict(patch)), old, None)
    assert tree_of(root) == before, "the user's tree is as it was"
    assert verdict.rungs[-1].name == TESTS, verdict
    return verdict.rungs[-1]


def tree_of(root: Path) -> dict[str, str]:
    """Files by path below the root; links and what is no text stay out."""
    found = dict[str, str]()
    for folder, names, files in os.walk(root):
        names[:] = [name for name in names if not Path(folder, name).is_symlink()]
        for file in files:
            path = Path(folder, file)
            if path.is_file() and not path.is_symlink():
                found[path.relative_to(root).as_posix()] = path.read_bytes().decode("utf-8", "replace")
    return found


async def _nothing(*_: object) -> Found:
    """No checker, whose findings would end the climb."""
    return Found()
