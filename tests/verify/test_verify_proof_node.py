"""What Node tells of the patched file, whichever module system or process loads it, and of nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import patched_tests
import pytest
from unproven_node import (
    CALLS,
    CASES,
    ESM,
    FIXED,
    IMPORTS,
    IN_CONTEXT,
    IN_PROCESS,
    IN_WORKER,
    OLD,
    WRONG,
    file_with,
)
from unproven_python import Unproven

from lsp_debugger.verify.verdict import Result, RungResult

pytestmark = pytest.mark.thorough


async def check(
    tmp_path: Path, files: Mapping[str, str], patch: Mapping[str, str], words: Sequence[str] = ("--test",)
) -> RungResult:
    root = patched_tests.workspace(tmp_path, {"total.js": OLD, "total.mjs": "", **files})
    return await patched_tests.run_tests(root, patch, (patched_tests.program("node"), *words))


@pytest.mark.parametrize(
    ("expression", "patch"),
    [
        pytest.param(CALLS, {"total.js": FIXED}, id="require"),
        pytest.param(IMPORTS, {"total.mjs": ESM}, id="import"),
        pytest.param(IN_CONTEXT, {"total.js": FIXED}, id="a context of its own"),
        pytest.param(IN_WORKER, {"total.js": FIXED}, id="a worker thread"),
        pytest.param(IN_PROCESS.replace("ENV", "process.env"), {"total.js": FIXED}, id="another process"),
    ],
)
async def test_what_node_loads_is_proven(tmp_path: Path, expression: str, patch: Mapping[str, str]) -> None:
    said = await check(tmp_path, file_with(expression), patch)
    assert (said.result, said.said) == (Result.PASSED, "1 test passes")


# A loader that compiles, as test runners do: it hands Node another text under the file's name.
COMPILED = """\
(() => {
  const Module = require("module"), fs = require("fs");
  Module._extensions[".js"] = (module, file) => {
    const text = fs.readFileSync(file, "utf8"), was = file.endsWith("/total.js") ? OLD_OR_NEW : text;
    const said = { version: 3, sources: [file], sourcesContent: [was], mappings: "" };
    const map = Buffer.from(JSON.stringify(said));
    module._compile(MADE, file);
  };
  return require("./total.js").total([1, 2]);
})()"""
MAPPED = '"/* made */ " + was + "//# sourceMappingURL=data:application/json;base64," + map.toString("base64")'


def compiled(made: str, old_or_new: str = "text") -> str:
    return COMPILED.replace("MADE", made).replace("OLD_OR_NEW", old_or_new)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        pytest.param(compiled(MAPPED), Result.PASSED, id="with the file in its source map"),
        pytest.param(compiled("was"), Result.PASSED, id="as it is"),
        pytest.param(compiled('"/* made */ " + was'), Result.NOT_CHECKED, id="without a source map"),
        pytest.param(
            compiled(MAPPED, json.dumps(FIXED.replace("each, 0", "each, 0 + 0"))),
            Result.NOT_CHECKED,
            id="out of a cache, with another file in its source map",
        ),
        pytest.param(
            compiled("was", json.dumps(FIXED.replace("each, 0", "each, 0 + 0"))),
            Result.NOT_CHECKED,
            id="out of a cache",
        ),
        pytest.param(
            IN_CONTEXT.replace('fs.readFileSync(file, "utf8")', json.dumps(FIXED.replace("0);", "0 );"))),
            Result.NOT_CHECKED,
            id="another text under its name",
        ),
    ],
)
async def test_the_text_that_was_parsed_is_what_counts(
    tmp_path: Path, expression: str, expected: Result
) -> None:
    said = await check(tmp_path, file_with(expression), {"total.js": FIXED})
    assert said.result is expected, said


async def test_blanks_in_the_place_of_types_are_the_same_text(tmp_path: Path) -> None:
    """As Node itself takes types away."""
    typed = FIXED.replace("(prices)", "(prices /* : number[] */)")
    made = 'was.replace("/* : number[] */", "                ")'
    said = await check(tmp_path, file_with(compiled(made)), {"total.js": typed})
    assert said.result is Result.PASSED, said


async def test_a_wrong_one_is_refuted_and_so_is_the_tree_without(tmp_path: Path) -> None:
    assert (await check(tmp_path, file_with(CALLS), {"total.js": WRONG})).result is Result.FAILED
    assert (await check(tmp_path, file_with(CALLS), {"total.mjs": ESM})).result is Result.FAILED


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
async def test_and_nothing_else_is(tmp_path: Path, case: Unproven) -> None:
    root = patched_tests.workspace(tmp_path, case.files)
    node, *words = case.command
    said = await patched_tests.run_tests(root, case.patch, (patched_tests.program(node), *words))
    assert said.result is Result.NOT_CHECKED, said
