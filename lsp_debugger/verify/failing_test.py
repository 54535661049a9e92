"""A test that a model wrote: put into the project's file, run as things are, and with the fix at hand."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from lsp_debugger.core.patch import Applied, EditKind, FileEdit, Patch, PatchRefused
from lsp_debugger.verify.completion import read
from lsp_debugger.verify.overlay import Overlay
from lsp_debugger.verify.places_of_tests import TestPlace
from lsp_debugger.verify.pytest_runs import Failure, TestsRan, run_pytest
from lsp_debugger.verify.verdict import APPLIES, Result, RungResult, Verdict

FAILS_NOW = "fails now"
PASSES_WITH_FIX = "passes with the fix"
RUN_TIMEOUT_S = 60.0
_FENCE = re.compile(
    r"^[ \t]*(`{3,}|~{3,})[ \t]*([\w+-]*)[^\n]*\n(.*?)^[ \t]*\1[ \t]*$", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Expected:
    """Why the test has to fail.

    path: below the root, of the innermost frame in the project; lines: first and last, 1-based, that count as
    the same place. exception: the last part of the type's name; empty where the problem does not tell.
    assertion: the statement that fails, where it is a test's own: the same one may stand in another test.
    """

    path: str
    lines: tuple[int, int]
    exception: str = ""
    assertion: str = ""

    @property
    def words(self) -> str:
        return f"{self.exception or 'an exception'} at {self.path}:{self.lines[0]}"

    def is_met_by(self, failure: Failure) -> bool:
        """Same type, same place. A test that only expects something else fails at its own assertion."""
        inner = failure.innermost
        same_type = not self.exception or failure.exception.rpartition(".")[2] == self.exception
        if inner is None or not same_type or failure.when != "call":
            return False
        if self.assertion and plain(inner.statement) == plain(self.assertion):
            return True
        return inner.path == self.path and self.lines[0] <= inner.line <= self.lines[1]


@dataclass(slots=True)
class TestWriting:
    """The steps of a `Fixing` that makes a test instead of a fix.

    text: of the file that the test goes into, empty where it is new. fix: texts by path of the fix at hand.
    """

    root: Path
    python: Path
    place: TestPlace
    name: str
    text: str
    expected: Expected
    fix: Mapping[str, str | None]
    buffers: Callable[[], Mapping[Path, str]]

    __test__ = False  # for pytest, which collects by name

    def read(self, completion: str, cut_off: bool) -> Patch | PatchRefused:
        """The test as a change of its file. Only the code of the answer counts, not a path that it names."""
        code = _code_in(completion, self.place.path, cut_off=cut_off)
        if isinstance(code, PatchRefused):
            return code
        try:
            module = ast.parse(code)
        except (SyntaxError, ValueError, RecursionError):
            return PatchRefused("the test would not parse")
        names = {
            node.name for node in module.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        }
        if self.name not in names:
            return PatchRefused(f"there is no function {self.name} in the answer")
        whole = joined(self.text, code) if self.text else code.strip("\n") + "\n"
        return Patch((FileEdit(self.place.path, EditKind.CREATE, new_text=whole),))

    def put(self, patch: Patch) -> tuple[Applied, Mapping[str, str]]:
        [edit] = patch.edits
        return Applied({edit.path: edit.new_text}), ({edit.path: self.text} if self.text else {})

    async def verdict(self, applied: Applied) -> Verdict:
        """It fails now for the reason of the problem, and passes with the fix that is at hand."""
        rungs = [RungResult(APPLIES, Result.PASSED, APPLIES), await self._fails_now(applied)]
        if self.fix and rungs[-1].result is Result.PASSED:
            rungs.append(await self._passes_with_fix(applied))
        return Verdict(tuple(rungs))

    async def _fails_now(self, applied: Applied) -> RungResult:
        ran = await self._ran(applied.new_texts)
        if ran.why_not:
            # Unlike a fix, a test that was not run is worth nothing.
            return RungResult(FAILS_NOW, Result.FAILED, f"the test was not run: {ran.why_not}")
        if not ran.failures:
            return RungResult(
                FAILS_NOW, Result.FAILED, f"the test passes; it has to fail with {self.expected.words}"
            )
        other = next((each for each in ran.failures if not self.expected.is_met_by(each)), None)
        if other is not None:
            said = f"the test fails with {other.words}, not with {self.expected.words}"
            return RungResult(FAILS_NOW, Result.FAILED, said)
        return RungResult(FAILS_NOW, Result.PASSED, f"fails now with {ran.failures[0].words}")

    async def _passes_with_fix(self, applied: Applied) -> RungResult:
        ran = await self._ran({**self.fix, **applied.new_texts})
        if ran.why_not:
            return RungResult(PASSES_WITH_FIX, Result.NOT_CHECKED, f"not run with the fix: {ran.why_not}")
        if ran.failures:
            said = f"the test fails with the fix too: {ran.failures[0].words}"
            return RungResult(PASSES_WITH_FIX, Result.FAILED, said)
        return RungResult(PASSES_WITH_FIX, Result.PASSED, "passes with the fix")

    async def _ran(self, texts: Mapping[str, str | None]) -> TestsRan:
        buffers: dict[Path, str | None] = {**self.buffers()}
        with Overlay(
            self.root, buffers | {self.root / path: text for path, text in texts.items()}
        ) as overlay:
            return await run_pytest(overlay, self.python, [f"{self.place.path}::{self.name}"], RUN_TIMEOUT_S)


def plain(statement: str) -> str:
    """A statement without the way it is written."""
    try:
        return ast.unparse(ast.parse(statement.strip()))
    except (SyntaxError, ValueError, RecursionError):
        return " ".join(statement.split())


def joined(text: str, code: str) -> str:
    """The test file with the new imports after its own, and the new functions at its end."""
    old, new = ast.parse(text), ast.parse(code)
    lines, given = text.splitlines(keepends=True), code.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    known = {ast.unparse(node) for node in old.body if isinstance(node, ast.Import | ast.ImportFrom)}
    imports = [node for node in new.body if isinstance(node, ast.Import | ast.ImportFrom)]
    fresh = [ast.unparse(node) + "\n" for node in imports if ast.unparse(node) not in known]
    fresh = [each for each in fresh if not each.startswith("from __future__")]
    at = max((node.end_lineno or 0 for node in old.body if _is_head(node)), default=0)
    rest = [
        "".join(given[_first_line(node) - 1 : node.end_lineno]).rstrip("\n") + "\n"
        for node in new.body
        if not isinstance(node, ast.Import | ast.ImportFrom)
    ]
    return "".join([*lines[:at], *fresh, *lines[at:]]).rstrip("\n") + "\n\n\n" + "\n\n".join(rest)


def _is_head(node: ast.stmt) -> bool:
    """Imports, and the docstring that stands before them."""
    is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return isinstance(node, ast.Import | ast.ImportFrom) or is_text


def _first_line(node: ast.stmt) -> int:
    decorators = getattr(node, "decorator_list", [])
    return min([node.lineno, *(each.lineno for each in decorators)])


def _code_in(completion: str, path: str, *, cut_off: bool) -> str | PatchRefused:
    fences = [
        found[3]
        for found in _FENCE.finditer(completion)
        if found[2].lower() in {"", "py", "python", "python3"}
    ]
    fences = [each for each in fences if "def test" in each and "<<<<<<<" not in each]
    if len(fences) == 1:
        return fences[0]
    if len(fences) > 1:
        return PatchRefused("there are several tests in the answer")
    if cut_off:
        return PatchRefused("the answer was cut off")
    if "<<<<<<<" not in completion and "def test" in completion:
        return completion
    patch = read(completion, path, cut_off=cut_off)
    if isinstance(patch, PatchRefused):
        return patch
    parts = [edit.new_text or "".join(hunk.replace for hunk in edit.hunks) for edit in patch.edits]
    return parts[0] if len(parts) == 1 else PatchRefused("there are several files in the answer")
