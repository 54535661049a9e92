"""The rungs that run code in the patched tree: the user's check, and tests that have to meet the patch."""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable, Sequence

from lsp_debugger.spawn import Completed
from lsp_debugger.verify import proof
from lsp_debugger.verify.isolated import Isolated
from lsp_debugger.verify.trees import Texts, Tree, located
from lsp_debugger.verify.verdict import Result, RungResult

CHECK = "check passes"
TESTS = "tests pass"

# Runs a command in a tree, so that what it loads of the patched files is told.
Runs = Callable[[Tree, Sequence[str], float, Texts], Awaitable[Isolated]]

_PASSED = re.compile(r"\b(\d+) pass(?:ed|ing)\b")


async def tests_rung(
    tree: Tree,
    command: Sequence[str],
    timeout_s: float,
    patched: Texts,
    run: Runs,
) -> RungResult:
    """Run `command`, an absolute program first, in the patched tree. Never raises for what it does.

    patched: what the patch itself changes, of all the texts of the tree.
    """
    began = time.perf_counter()
    done = await run(tree, command, timeout_s, patched)
    result, words = _tested(done, {located(tree, path): text for path, text in patched.items()})
    return RungResult(TESTS, result, words, time.perf_counter() - began)


def _tested(run: Isolated, patched: Texts) -> tuple[Result, str]:
    if run.failed:
        return Result.FAILED, f"the tests did not end: {run.failed}"
    if run.done is None:
        return Result.NOT_CHECKED, f"tests not run: {run.why_not}"
    if run.done.truncated:
        return Result.FAILED, "the tests did not end: they print without an end"
    if run.done.returncode != 0:
        return Result.FAILED, f"the tests fail ({_last_line(run.done)})"
    if not proof.is_proven(patched, run.left.values()):
        return Result.NOT_CHECKED, "the tests pass, but were not seen to run the patched file"
    return Result.PASSED, _passed(run.done.stdout)


async def check_rung(
    patched_tree: Tree, plain: Tree, command: Sequence[str], timeout_s: float, run: Runs
) -> RungResult:
    """Run a checker of the user's own, which ends with 0 when it is content. plain: without the patch."""
    began = time.perf_counter()

    def said(result: Result, words: str) -> RungResult:
        return RungResult(CHECK, result, words, time.perf_counter() - began)

    after = await run(patched_tree, command, timeout_s, {})
    if after.done is None:
        why = after.why_not or f"it did not end: {after.failed}"
        return said(Result.NOT_CHECKED, f"the check was not run: {why}")
    if after.done.returncode == 0:
        return said(Result.PASSED, "the check passes")
    before = await run(plain, command, timeout_s, {})
    if before.done is not None and before.done.returncode != 0:
        words = f"the check fails without the patch too ({_last_line(after.done)})"
        return said(Result.NOT_CHECKED, words)
    return said(Result.FAILED, f"the check fails ({_last_line(after.done)})")


def _passed(output: bytes) -> str:
    """`3 tests pass`, where the runner counts them."""
    found = _PASSED.findall(output.decode("utf-8", "replace"))
    if not found:
        return "the tests pass"
    return "1 test passes" if found[-1] == "1" else f"{found[-1]} tests pass"


def _last_line(done: Completed) -> str:
    said = done.stdout.strip() or done.stderr.strip()
    lines = said.decode("utf-8", "replace").splitlines()
    return " ".join(lines[-1].strip("= ").split())[:80] if lines else "no word why"
