"""What must never happen with a patch: a stale edit, code of it run, a test passed that it was not part of.

The material is the tests' own: the same cases, all of them in one run, and typing of which there is more.
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "support"))
import patched_tests
import unproven_node
import unproven_python
from patch_tripwires import CASES, spring
from typing_user import EDITORS, PLACES, Key, typed_while_fixed

from lsp_debugger.tools import find_tool
from lsp_debugger.verify.verdict import Result

_SCENES = 400
_MAX_KEYS = 6


@dataclass(frozen=True)
class Typed:
    """Fixes that were taken while somebody typed. stale: edits that met another text than the checked one."""

    scenes: int
    keys: int
    applied: int
    stale: int


@dataclass(frozen=True)
class Sprung:
    """controls: payloads that fired when they were allowed to. unknown: whose control needs a tool that is
    not here.
    """

    repositories: int
    controls: int
    unknown: int
    fired: int


@dataclass(frozen=True)
class Proven:
    """wrong: passed by a test run that the patch was no part of. controls: runs with it, and those proven."""

    runs: int
    wrong: int
    controls: int
    proven: int


async def typing() -> Typed:
    chance, keys_typed, applied, stale = random.Random(7), 0, 0, 0
    for number in range(_SCENES):
        keys: list[Key] = [
            (chance.randint(0, 12), chance.choice(PLACES), chance.choice(["#\n", "y"]))
            for _ in range(chance.randint(0, _MAX_KEYS))
        ]
        editor, late, turns = EDITORS[number % len(EDITORS)], chance.randint(0, 4), chance.randint(0, 6)
        with tempfile.TemporaryDirectory() as folder:
            checking, typist = await typed_while_fixed(
                Path(folder), editor, keys, late, turns, is_sure=chance.random() < 0.5
            )
        keys_typed += len(keys)
        applied += len(typist.applied)
        stale += sum(each not in checking.checked_texts for each in typist.applied)
    return Typed(_SCENES, keys_typed, applied, stale)


async def tripwires() -> Sprung:
    controls = unknown = fired = 0
    for case in CASES:
        with tempfile.TemporaryDirectory() as folder:
            found = await spring(case, Path(folder))
        if found.isolated is None:
            sys.exit("no isolation here")
        fired += found.judged or found.isolated
        controls += bool(found.control)
        unknown += found.control is None
        if found.control is False:
            print(f"{case.path}: its payload is a dud")
    return Sprung(len(CASES), controls, unknown, fired)


async def proof() -> Proven:
    runs = wrong = proven = 0
    for case in [*unproven_python.CASES, *unproven_node.CASES]:
        command = _command(case.command)
        if command is None:
            continue
        runs += 1
        if await _result(case.files, case.patch, command) is Result.PASSED:
            wrong += 1
            print(f"passed without the patch: {case.id}")
    python, node = unproven_python, unproven_node
    fine = [
        ({"app.py": python.OLD, "test_app.py": python.TEST}, {"app.py": python.FIXED}, python.PYTEST),
        *(
            ({"total.js": node.OLD, "total.mjs": "", **node.file_with(calls)}, patch, ("node", "--test"))
            for calls, patch in (
                (node.CALLS, {"total.js": node.FIXED}),
                (node.IMPORTS, {"total.mjs": node.ESM}),
                (node.IN_WORKER, {"total.js": node.FIXED}),
            )
        ),
    ]
    controls = [(files, patch, found) for files, patch, words in fine if (found := _command(words))]
    for files, patch, command in controls:
        proven += await _result(files, patch, command) is Result.PASSED
    return Proven(runs, wrong, len(controls), proven)


async def _result(files: Mapping[str, str], patch: Mapping[str, str], command: Sequence[str]) -> Result:
    with tempfile.TemporaryDirectory() as folder:
        root = await asyncio.to_thread(patched_tests.workspace, Path(folder), files)
        return (await patched_tests.run_tests(root, patch, command)).result


def _command(words: Sequence[str]) -> list[str] | None:
    """None where its program is not here."""
    if words[0].startswith("/"):
        return list(words)
    tool = find_tool(words[0])
    return [str(tool.path), *words[1:]] if tool is not None else None
