"""The command that runs the tests of a patch: the index names files, their text says which tests."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsp_debugger.context.workspace import Workspace
from lsp_debugger.core.ports import Query, Retriever
from lsp_debugger.tools import Tool, find_tool
from lsp_debugger.wiring.test_writing import interpreter

if TYPE_CHECKING:
    from lsp_debugger.verify.covering_tests import Change, CoveringTest
    from lsp_debugger.verify.trees import Texts

_HITS = 60
_MAX_NAMES = 5  # that are looked for one by one
_MAX_FILES = 60
_RUNNERS = (
    ("vitest", "vitest/vitest.mjs", ("run",)),
    ("jest", "jest/bin/jest.js", ("--colors=false",)),
    ("mocha", "mocha/bin/mocha.js", ()),
)
_NO_INDEX = "tests not looked for: the index is not ready"

Found = tuple[Sequence[str] | None, str]


class CoveringTests:
    """Finds a command for a patch; implements `Allowed.tests_of`.

    index: of the folder, None for none; asked when it is needed. wait_s: for an index that is being made.
    """

    def __init__(
        self,
        root: Path,
        workspace: Workspace,
        index: Callable[[Path], Awaitable[Retriever | None]],
        wait_s: float = 0.0,
    ) -> None:
        self._root = root
        self._workspace = workspace
        self._index = index
        self._wait_s = wait_s

    async def command(self, after: Texts, before: Texts) -> Found:
        """A command and an empty text, or None and why there is none. Texts by absolute path."""
        from lsp_debugger.verify.covering_tests import covering_tests

        changes = await asyncio.to_thread(_changes, self._root, after, before)
        retriever = await self._index(self._root)
        if retriever is None:
            return None, _NO_INDEX
        paths = await self._paths(retriever, changes)
        if retriever.version == "none":
            return None, _NO_INDEX
        tests = await asyncio.to_thread(lambda: covering_tests(changes, self._texts(paths, after)))
        if not tests:
            return None, "no test of it is in the index"
        return await asyncio.to_thread(command_of, self._root, tests)

    async def _paths(self, retriever: Retriever, changes: Sequence[Change]) -> list[str]:
        """Of files that may hold tests of the changes, below the root."""
        from lsp_debugger.verify.covering_tests import is_test_file

        await retriever.current(self._wait_s)
        queries = list[Query]()
        for change in changes:
            words = " ".join(f"test_{each} {each}" for each in sorted(change.modules))
            queries.append(Query(f"test tests {words} import", change.path, ()))
            for name in sorted(change.names)[:_MAX_NAMES]:
                queries.append(Query(f"test tests test_{name} {name}", change.path, (name,)))
        found = {change.path: None for change in changes if is_test_file(change.path)}
        for query in queries:
            for hit in await retriever.search(query, _HITS):
                path = hit.fragment.path
                if path and is_test_file(path):
                    found[path] = None
        return list(found)[:_MAX_FILES]

    def _texts(self, paths: Sequence[str], after: Texts) -> dict[str, str]:
        """As the patched tree has them."""
        texts = dict[str, str]()
        for path in paths:
            place = self._root / path
            if place in after:
                text = after[place]
            else:
                kept = self._workspace.read(str(place))
                text = kept.text if kept is not None else None
            if text is not None:
                texts[path] = text
        return texts


def _changes(root: Path, after: Texts, before: Texts) -> list[Change]:
    """Blocks for as long as parsing takes."""
    from lsp_debugger.features.side_effects import changed_definitions
    from lsp_debugger.verify.covering_tests import Change
    from lsp_debugger.verify.proof import is_test

    def below(texts: Texts) -> dict[str, str | None]:
        return {path.relative_to(root).as_posix(): text for path, text in texts.items()}

    now, was = below(after), {path: text for path, text in below(before).items() if text is not None}
    names = dict[str, set[str]]()
    for each in changed_definitions(was, now):
        names.setdefault(each.path, set()).update(each.qualname.split("."))
    changes = [Change(path, frozenset(names.get(path, ()))) for path in now]
    # Tests that come with a change are run for what they test, if there is anything else.
    return [each for each in changes if not is_test(Path(each.path))] or changes


def command_of(root: Path, tests: Sequence[CoveringTest]) -> Found:
    """Runs these tests of one language: its program absolute. Looks at the disk; starts nothing."""
    suffix = Path(tests[0].path).suffix
    if suffix == ".py":
        nodes = [f"{test.path}::{test.name}" for test in tests]
        return (str(interpreter(root)), "-m", "pytest", "-q", "--no-header", *nodes), ""
    if suffix == ".go":
        return _go(root, tests)
    if suffix == ".rs":
        return _rust(root, tests)
    return _script(root, tests)


def _go(root: Path, tests: Sequence[CoveringTest]) -> Found:
    go, (folder, inside) = find_tool("go"), _within(root, tests, "go.mod")
    if go is None or folder is None:
        return None, _missing("go", "go.mod", go)
    packages = dict.fromkeys(f"./{Path(each.path).parent.as_posix()}" for each in inside)
    names = "|".join(dict.fromkeys(each.name for each in inside))
    return _in(root, folder, (str(go.path), "test", "-v", "-run", f"^({names})$", *packages)), ""


def _rust(root: Path, tests: Sequence[CoveringTest]) -> Found:
    cargo, (folder, inside) = find_tool("cargo"), _within(root, tests, "Cargo.toml")
    if cargo is None or folder is None:
        return None, _missing("cargo", "Cargo.toml", cargo)
    names = dict.fromkeys(each.name for each in inside)
    return _in(root, folder, (str(cargo.path), "test", "--offline", "--tests", "--", *names)), ""


def _script(root: Path, tests: Sequence[CoveringTest]) -> Found:
    node, (folder, inside) = find_tool("node"), _within(root, tests, "package.json")
    if node is None or folder is None:
        return None, _missing("node", "package.json", node)
    package, files = _package(folder), list(dict.fromkeys(each.path for each in inside))
    for name, program, words in _RUNNERS:
        place = folder / "node_modules" / program
        if place.is_file() and (name in package["scripts"] or name in package["dependencies"]):
            return _in(root, folder, (str(node.path), str(place), *words, *files)), ""
    if "--test" in package["scripts"]:
        return _in(root, folder, (str(node.path), "--test", *files)), ""
    return None, "tests not run: package.json names no test runner that is installed"


def _missing(program: str, marker: str, tool: Tool | None) -> str:
    why = f"there is no {program} here" if tool is None else f"there is no {marker} above them"
    return f"tests not run: {why}"


def _package(folder: Path) -> Mapping[str, str]:
    """What package.json says of tests and of what it needs, each as one text."""
    try:
        given: Any = json.loads((folder / "package.json").read_bytes())
        needs = {**given.get("dependencies", {}), **given.get("devDependencies", {})}
        return {"scripts": str(given.get("scripts", {}).get("test", "")), "dependencies": " ".join(needs)}
    except (OSError, ValueError, AttributeError, TypeError):
        return {"scripts": "", "dependencies": ""}


def _within(
    root: Path, tests: Sequence[CoveringTest], marker: str
) -> tuple[Path | None, Sequence[CoveringTest]]:
    """The project of the nearest test, and the tests that are in it, by paths below it."""
    from lsp_debugger.verify.covering_tests import CoveringTest

    above = [root / parent for parent in Path(tests[0].path).parents]
    folder = next((each for each in above if (each / marker).is_file()), None)
    if folder is None:
        return None, ()
    places = [(root / each.path, each) for each in tests]
    return folder, [
        CoveringTest(place.relative_to(folder).as_posix(), each.name, each.nearness)
        for place, each in places
        if place.is_relative_to(folder)
    ]


def _in(root: Path, folder: Path, command: Sequence[str]) -> Sequence[str]:
    """Commands are started in the workspace's root; tools of a project below look around in theirs."""
    if folder == root:
        return command
    return ("/bin/sh", "-c", 'cd "$1" && shift && exec "$@"', "sh", str(folder), *command)
